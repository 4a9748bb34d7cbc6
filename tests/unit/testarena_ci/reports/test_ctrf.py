"""ctrf.json: the format's published schema, and counts that agree with the results."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from testarena_ci.reports.ctrf import render
from tests.support import runs
from tests.support.builders import Run, attempt, case, failure, run, scenario
from tests.support.golden import Golden
from tpf.result import Artifact, FailureKind, Quarantine

KINDS = [runs.passed, runs.mixed, runs.set_up_failed, runs.interrupted, runs.killed, runs.empty, runs.hostile]


def made_of(made: Run) -> Any:
    return json.loads(render(made.report))


@pytest.fixture(scope="module")
def schema(checkout: Path) -> Draft7Validator:
    """The format's own, as its npm package has it."""
    text = (checkout / "tests/data/ctrf/ctrf-schema-0.0.json").read_text(encoding="utf-8")
    return Draft7Validator(json.loads(text), format_checker=Draft7Validator.FORMAT_CHECKER)


@pytest.mark.parametrize("make", KINDS)
def test_it_is_valid(make: Callable[[], Run], schema: Draft7Validator) -> None:
    schema.validate(made_of(make()))


def test_the_schema_refuses_what_is_wrong(schema: Draft7Validator) -> None:
    made = made_of(runs.mixed())
    made["results"]["tests"][0]["status"] = "error"
    assert list(schema.iter_errors(made))


def test_golden(golden: Golden) -> None:
    golden.check("reports/ctrf/mixed.json", json.dumps(made_of(runs.mixed()), indent=1, ensure_ascii=False) + "\n")


@pytest.mark.parametrize("make", KINDS)
def test_counts_are_those_of_the_tests_and_of_the_results(make: Callable[[], Run]) -> None:
    result, made = make().result, made_of(make())["results"]
    by = Counter(one["status"] for one in made["tests"])
    summary, counts = made["summary"], result.counts
    assert {name: summary[name] for name in ("passed", "failed", "skipped", "pending", "other")} == {
        name: by[name] for name in ("passed", "failed", "skipped", "pending", "other")
    }
    trouble = sum(one["name"].startswith("(") for one in made["tests"])
    assert summary["tests"] == len(made["tests"]) == counts.total + trouble
    assert summary["passed"] == counts.passed
    assert summary["failed"] == counts.failed + counts.error + trouble
    assert summary["skipped"] == counts.skipped
    assert summary["flaky"] == counts.flaky
    assert bool(summary["failed"]) == (result.verdict.bad or not result.finished)


def test_a_flaky_case_has_its_attempts() -> None:
    late = failure(FailureKind.TIMEOUT, "too late\nthe details", 12)
    picture = Artifact(name="screen", path="artifacts/s/screen.png", media_type="image/png")
    flaky = case("flaky", 10, attempt(failure=late), attempt(number=2), artifacts=(picture,))
    (test,) = made_of(Run(result=run(scenario("s", "s", flaky))))["results"]["tests"]
    assert (test["status"], test["flaky"], test["retries"]) == ("passed", True, 1)
    assert test["retryAttempts"] == [
        {
            "attempt": 1,
            "status": "failed",
            "duration": 105,
            "message": "too late",
            "trace": "too late\nthe details\nat scenarios/console.xml:12:5",
        }
    ]
    assert [file["path"] for file in test["attachments"]] == ["artifacts/s/screen.png", "logs/s/console.log"]


def test_a_quarantined_failure_is_neither_red_nor_green() -> None:
    held = Quarantine(reason="r", ticket="T-1", until="2026-12-01")
    bad = case("held", 1, attempt(failure=failure(FailureKind.TIMEOUT, "too late")), quarantine=held)
    (test,) = made_of(Run(result=run(scenario("s", "s", bad))))["results"]["tests"]
    assert (test["status"], test["rawStatus"]) == ("other", "quarantined")
    assert test["message"] == "quarantined until 2026-12-01, T-1: too late"


def test_an_error_is_failed_and_says_so() -> None:
    dead = case("dead", 1, attempt(failure=failure(FailureKind.MACHINE, "QEMU ended")))
    (test,) = made_of(Run(result=run(scenario("s", "s", dead))))["results"]["tests"]
    assert (test["status"], test["rawStatus"]) == ("failed", "error")


def test_ids_are_stable_and_unique() -> None:
    ids = [one["id"] for one in made_of(runs.passed())["results"]["tests"]]
    assert ids == [one["id"] for one in made_of(runs.passed())["results"]["tests"]]
    assert len(set(ids)) == len(ids)


@settings(max_examples=60, deadline=None)
@given(text=st.text(st.characters(), min_size=1), kind=st.sampled_from(FailureKind))
def test_any_text_makes_a_valid_file(schema: Draft7Validator, text: str, kind: FailureKind) -> None:
    """Half characters, too: a file name that is no UTF-8 has them."""
    bad = case(text, 1, attempt(failure=failure(kind, text)), tags=(text,), requirements=(text,))
    schema.validate(made_of(Run(result=run(scenario(text, "s", bad, parameters=((text, text),))))))
