"""junit.xml: golden files, the schema, another program's reading of it, and hostile texts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from junitparser import JUnitXml
from lxml import etree
from msgspec.structs import replace

from testarena_ci.reports.junit import render
from tests.support import runs
from tests.support.builders import Run, attempt, case, failure, run, scenario
from tests.support.golden import Golden
from tpf.result import Failure, FailureKind, Verdict

KINDS: dict[str, Callable[[], Run]] = {
    "passed": runs.passed,
    "mixed": runs.mixed,
    "set-up-failed": runs.set_up_failed,
    "interrupted": runs.interrupted,
    "killed": runs.killed,
    "empty": runs.empty,
    "hostile": runs.hostile,
    "large": lambda: runs.large(3, 20, 5, bad_every=10),
}
every_kind = pytest.mark.parametrize("make", KINDS.values(), ids=KINDS.keys())


def parsed(made: Run) -> etree._Element:
    return etree.fromstring(render(made.report))


def numbers(element: etree._Element) -> tuple[int, int, int, int]:
    tests, failures, errors, skipped = (
        int(element.get(name, "0")) for name in ("tests", "failures", "errors", "skipped")
    )
    return tests, failures, errors, skipped


def read_back(made: Run) -> tuple[int, int, int, int]:
    """The counts that another program finds, after it has counted for itself."""
    reader = cast("Any", JUnitXml)  # it declares types for half of itself
    report = reader.fromstring(render(made.report))
    written = (report.tests, report.failures, report.errors)
    report.update_statistics()
    assert (report.tests, report.failures, report.errors) == written
    return report.tests, report.failures, report.errors, report.skipped


def counted(element: etree._Element) -> tuple[int, int, int, int]:
    """What a program finds that believes only the cases."""
    ends = [element.findall(f".//testcase/{end}") for end in ("failure", "error", "skipped")]
    return len(element.findall(".//testcase")), len(ends[0]), len(ends[1]), len(ends[2])


@pytest.mark.parametrize("kind", ["passed", "mixed", "set-up-failed", "interrupted", "killed", "empty"])
def test_golden(kind: str, golden: Golden) -> None:
    golden.check(f"reports/junit/{kind}.xml", render(KINDS[kind]().report).decode())


@every_kind
def test_it_is_valid(make: Callable[[], Run], checkout: Path) -> None:
    schema = etree.XMLSchema(etree.parse(checkout / "tests/data/junit/common.xsd"))
    schema.assertValid(etree.ElementTree(parsed(make())))


@every_kind
def test_counts_are_those_of_the_cases(make: Callable[[], Run]) -> None:
    root = parsed(make())
    assert numbers(root)[:3] == counted(root)[:3]
    for suite in root:
        assert numbers(suite) == counted(suite)


@every_kind
def test_another_program_reads_the_same_counts(make: Callable[[], Run]) -> None:
    assert read_back(make()) == counted(parsed(make()))


@every_kind
def test_every_case_is_in_it(make: Callable[[], Run]) -> None:
    result = make().result
    root = parsed(make())
    own = sum(scenario.failure is not None for scenario in result.scenarios) + len(
        root.findall("testsuite[@name='(run)']")
    )
    assert len(root.findall(".//testcase")) == len(result.cases) + own


@every_kind
def test_a_bad_run_never_looks_good(make: Callable[[], Run]) -> None:
    result = make().result
    _, failures, errors, _ = counted(parsed(make()))
    assert bool(failures or errors) == (result.verdict.bad or not result.finished)


def test_hostile_texts_are_texts() -> None:
    root = parsed(runs.hostile())
    assert {element.tag for element in root.iter()} == {
        "testsuites", "testsuite", "testcase", "properties", "property", "failure", "skipped", "system-out",
    }  # fmt: skip
    names = [element.get("name", "") for element in root.iter("testcase")]
    assert names == ["</script><img src=x onerror=alert(1)>\\u202e\"'&|`#1 @root ::error::x"] * 3
    assert b"\x1b" not in render(runs.hostile().report)
    assert b"\x00" not in render(runs.hostile().report)


@settings(max_examples=60)
@given(text=st.text(min_size=1), kind=st.sampled_from(FailureKind))
def test_any_text_makes_a_file_that_reads_back(text: str, kind: FailureKind) -> None:
    bad = Failure(kind=kind, message=text)
    made = run(
        scenario(text, "s", case(text, 1, attempt(failure=bad), tags=(text,)), doc=text, parameters=((text, text),))
    )
    tests, failures, errors, _ = read_back(Run(result=made))
    assert (tests, failures + errors) == (1, 1)


def long_run(lines: int, cases: int = 1) -> Run:
    bad = failure(FailureKind.TIMEOUT, "too late")
    many = [case(f"case {n}", n + 1, attempt(failure=bad, log=(1, lines))) for n in range(cases)]
    log = "".join(f"{n:10.3f}  this is line {n + 1} of the log\n" for n in range(lines))
    return Run(result=run(scenario("s", "s", *many)), logs={"logs/s/console.log": log})


def test_long_output_keeps_its_head_and_its_tail() -> None:
    text = parsed(long_run(20_000)).findtext(".//failure") or ""
    lines = text.split("\n")
    left_out = next(line for line in lines if "left out" in line)
    kept = sum("this is line" in line for line in lines)
    assert left_out == f"[... {20_000 - kept} lines left out ...]"
    assert "this is line 1 of" in text
    assert "this is line 20000 of" in text
    assert 60_000 < len(text) < 66_000


def test_many_failures_share_the_room() -> None:
    assert len(render(long_run(5_000, cases=1_000).report)) < 24 << 20


def test_short_output_is_whole() -> None:
    text = parsed(long_run(50)).findtext(".//failure") or ""
    assert text.count("this is line") == 50
    assert "left out" not in text


def test_a_log_that_is_gone_leaves_the_message() -> None:
    made = replace(runs.mixed(), logs={})
    assert "too late" not in (parsed(made).findtext(".//failure") or "")
    assert 'expected "free: "' in (parsed(made).findtext(".//failure") or "")


def test_a_failure_without_a_reason_is_still_a_failure() -> None:
    silent = replace(attempt(), verdict=Verdict.FAILED)
    root = parsed(Run(result=run(scenario("s", "s", case("x", 1, silent)))))
    assert counted(root) == (1, 1, 0, 0)


def test_a_dot_in_a_slug_makes_no_package() -> None:
    names = {element.get("classname") for element in parsed(runs.hostile()).iter("testcase")}
    assert names == {"evil_scenario"}
