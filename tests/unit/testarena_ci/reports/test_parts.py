"""Tests that a step told of are test cases in every report, and every report counts the same."""

from __future__ import annotations

import json

from lxml import etree
from msgspec.structs import replace

from testarena_ci.reports import html, junit, results_json, summary
from tests.support.builders import Run, attempt, case, failure, run, scenario
from tpf.result import FailureKind

BAD = failure(FailureKind.MISMATCH, "expected 1, was 2", 70)
UNIT = (
    case("unit", 10, attempt(failure=BAD)),
    replace(case("unit / adds", 60), part_of="unit"),
    replace(case("unit / divides", 70, attempt(failure=BAD)), part_of="unit"),
)


def made() -> Run:
    return Run(result=run(scenario("maths", "maths", *UNIT)))


def test_junit_has_a_testcase_for_each() -> None:
    root = etree.fromstring(junit.render(made().report))
    assert (root.get("tests"), root.get("failures")) == ("3", "2")
    names = [(one.get("name"), one.get("line")) for one in root.iter("testcase")]
    assert names == [("unit", "10"), ("unit / adds", "60"), ("unit / divides", "70")]


def test_results_json_says_whose_part_it_is() -> None:
    document = json.loads(results_json.render(made().report))
    assert document["run"]["counts"]["total"] == 3
    found = {one["id"]: one["part_of"] for one in document["scenarios"][0]["cases"]}
    assert found == {"maths/unit": "", "maths/unit-adds": "unit", "maths/unit-divides": "unit"}


def test_the_page_and_the_summary_name_them() -> None:
    page = html.render(made().report)
    assert "unit / divides" in page
    assert "maths/unit-divides" in page
    assert "unit / divides" in summary.render(made().report)
