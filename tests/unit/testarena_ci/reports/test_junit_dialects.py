"""junit.xml in each dialect: its schema, and the same counts in each, as other programs read them."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from junit2htmlreport.parser import Junit
from junitparser import JUnitXml
from lxml import etree
from msgspec.structs import replace

from testarena_ci.reports.junit import render
from testarena_ci.reports.junit_dialects import DIALECTS
from testarena_ci.settings import declared
from tests.support import runs
from tests.support.builders import Run, attempt, case, failure, run, scenario, skipped, step
from tests.support.golden import Golden
from tpf.result import Artifact, FailureKind, Metric, Quarantine, RunResult, Verdict, verdict_of

Numbers = tuple[int, int, int, int]  # tests, failures, errors, skipped

RUNS: dict[str, Callable[[], Run]] = {
    "passed": runs.passed,
    "mixed": runs.mixed,
    "set-up-failed": runs.set_up_failed,
    "interrupted": runs.interrupted,
    "killed": runs.killed,
    "empty": runs.empty,
    "hostile": runs.hostile,
}
every_dialect = pytest.mark.parametrize("dialect", DIALECTS)
every_run = pytest.mark.parametrize("make", RUNS.values(), ids=RUNS)


def written(made: Run, dialect: str) -> bytes:
    report = render(replace(made.report, junit=dialect))
    assert isinstance(report, bytes)
    return report


def schema(checkout: Path, dialect: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(checkout / f"tests/data/junit/{dialect}.xsd"))


def counted(xml: bytes) -> Numbers:
    """What a program finds that believes only the cases."""
    cases = etree.fromstring(xml).findall(".//testcase")
    ends = [sum(case.find(end) is not None for case in cases) for end in ("failure", "error", "skipped")]
    return len(cases), ends[0], ends[1], ends[2]


def by_junitparser(xml: bytes) -> Numbers:
    reader = cast("Any", JUnitXml)  # it declares types for half of itself
    report = reader.fromstring(xml)
    told = (report.tests, report.failures, report.errors)
    report.update_statistics()
    assert (report.tests, report.failures, report.errors) == told
    return report.tests, report.failures, report.errors, report.skipped


def by_junit2html(xml: bytes) -> Numbers:
    """It takes errors for failures that say so."""
    suites = Junit(xmlstring=xml.decode()).suites
    cases = [one for suite in suites for one in suite.all()]
    outcomes = [str(one.outcome()) for one in cases]
    errors = len(etree.fromstring(xml).findall(".//testcase/error"))
    return len(cases), outcomes.count("failed") - errors, errors, outcomes.count("skipped")


def by_results(result: RunResult) -> Numbers:
    """What the file has to say, from the results alone: a scenario's own trouble is a case."""
    verdicts = [Verdict.SKIPPED if one.expected_failure or one.quarantined else one.verdict for one in result.cases]
    verdicts += [verdict_of(one.failure) for one in result.scenarios if one.failure]
    return (
        len(verdicts),
        verdicts.count(Verdict.FAILED),
        verdicts.count(Verdict.ERROR),
        verdicts.count(Verdict.SKIPPED),
    )


def retried() -> Run:
    """Cases that were tried more than once, with files, metrics, known faults and a quarantine."""
    late = failure(FailureKind.TIMEOUT, "too late\nthe details", 12)
    dead = failure(FailureKind.MACHINE, "QEMU ended with 1")
    flaky = case(
        "flaky",
        10,
        attempt(number=1, failure=late, log=(1, 2)),
        attempt(number=2, failure=dead),
        attempt(step('send "x"', 11), step('expect "y"', 12, depth=1), number=3),
        tags=("slow",),
        metrics=(Metric(name="boot", value=1.5, unit="s"),),
        artifacts=(Artifact(name="screen", path="artifacts/s/screen.png", media_type="image/png"),),
    )
    broken = case("broken", 20, attempt(number=1, failure=dead), attempt(number=2, failure=late, log=(1, 2)))
    held = case("held", 30, attempt(failure=late), quarantine=Quarantine(reason="r", ticket="T-1", until="2026-12-01"))
    made = run(scenario("s", "s", flaky, broken, held, skipped("left out", 40, "not here")))
    return Run(result=made, logs={"logs/s/console.log": "     0.001  one\n     0.002  two\n"})


def test_the_setting_knows_the_dialects() -> None:
    (setting,) = (one for one in declared() if one.name == "junit")
    assert setting.type.choices == tuple(DIALECTS)


@pytest.mark.parametrize("dialect", ["jenkins", "rich"])
def test_golden(dialect: str, golden: Golden) -> None:
    golden.check(f"reports/junit/{dialect}.xml", written(retried(), dialect).decode())


@every_dialect
@every_run
def test_it_is_valid(make: Callable[[], Run], dialect: str, checkout: Path) -> None:
    for made in (make(), retried()):
        schema(checkout, dialect).assertValid(etree.ElementTree(etree.fromstring(written(made, dialect))))


def test_the_schemas_tell_the_dialects_apart(checkout: Path) -> None:
    files = {name: etree.ElementTree(etree.fromstring(written(retried(), name))) for name in DIALECTS}
    valid = {(of, name) for of in DIALECTS for name in DIALECTS if schema(checkout, of).validate(files[name])}
    assert valid == {("common", "common"), ("rich", "common"), ("jenkins", "jenkins"), ("rich", "rich"),
                     ("common", "jenkins"), ("rich", "jenkins")}  # fmt: skip


@every_dialect
@every_run
def test_all_readers_find_the_same_counts(make: Callable[[], Run], dialect: str) -> None:
    for made in (make(), retried()):
        xml = written(made, dialect)
        assert by_junitparser(xml) == by_junit2html(xml) == counted(xml)
        assert counted(xml) == counted(written(made, "common"))


def test_attempts_are_elements_in_the_rich_dialect() -> None:
    flaky, broken, *_ = etree.fromstring(written(retried(), "rich")).findall(".//testcase")
    assert [child.tag for child in flaky] == ["properties", "flakyFailure", "flakyError", "system-out"]
    assert [child.tag for child in broken] == ["properties", "failure", "rerunError", "system-out"]
    assert "the details" in (flaky.findtext("flakyFailure/stackTrace") or "")
    assert "0.002  two" in (flaky.findtext("flakyFailure/stackTrace") or "")
    assert "[[ATTACHMENT|artifacts/s/screen.png]]\n" in (flaky.findtext("system-out") or "")
    assert "[[ATTACHMENT|logs/s/console.log]]\n" in (broken.findtext("system-out") or "")


def test_steps_are_properties_in_the_rich_dialect() -> None:
    flaky = etree.fromstring(written(retried(), "rich")).find(".//testcase")
    assert flaky is not None
    steps = [one.get("value") for one in flaky.iter("property") if one.get("name") == "step[passed]"]
    assert steps == ['send "x" (12 ms)', '  expect "y" (12 ms)']


def test_many_steps_are_counted() -> None:
    many = case("many", 1, attempt(*[step('send "x"', 2)] * 1_000))
    xml = written(Run(result=run(scenario("s", "s", many))), "rich")
    assert xml.count(b"step[passed]") == 200
    assert b'<property name="steps left out" value="800" />' in xml


def test_what_jenkins_has_no_place_for_is_output() -> None:
    flaky = etree.fromstring(written(retried(), "jenkins")).find(".//testcase")
    assert flaky is not None
    assert set(flaky.attrib) == {"name", "classname", "time"}
    output = flaky.findtext("system-out") or ""
    assert output.startswith("tags: slow\nmetric.boot: 1.5 s\nattempts: 3\nflaky: true\nattempt 1 of 3: failed\n")


_CASES = st.builds(
    lambda text, verdicts, skip: (
        skipped(text, 1, text)
        if skip
        else case(
            text,
            1,
            *(
                attempt(number=number, failure=failure(kind, text) if kind else None)
                for number, kind in enumerate(verdicts, 1)
            ),
            tags=(text,),
            artifacts=(Artifact(name=text, path=text),),
            quarantine=Quarantine(reason=text, ticket=text, until="2026-12-01") if len(verdicts) > 2 else None,
        )
    ),
    text=st.text(min_size=1),
    verdicts=st.lists(st.sampled_from([None, *FailureKind]), min_size=1, max_size=3),
    skip=st.booleans(),
)


@settings(max_examples=80, deadline=None)
@given(cases=st.lists(_CASES, min_size=1, max_size=4), own=st.sampled_from([None, *FailureKind]))
def test_counts_agree_with_the_results_whatever_the_run(checkout: Path, cases: list[Any], own: Any) -> None:
    made = Run(result=run(scenario("s", "s", *cases, failure=failure(own, "own") if own else None)))
    for dialect in DIALECTS:
        xml = written(made, dialect)
        schema(checkout, dialect).assertValid(etree.ElementTree(etree.fromstring(xml)))
        assert by_junitparser(xml) == by_junit2html(xml) == counted(xml) == by_results(made.result)


_HUNDRED_MEGABYTES = """
import re, sys
from pathlib import Path
from testarena_ci.reports.write import write_reports
from tests.support.builders import attempt, case, failure, run, scenario
from tpf.result import FailureKind

folder, dialect = Path(sys.argv[1]), sys.argv[2]
bad = failure(FailureKind.PANIC, "panic\\n" + "x" * 2_000_000)
made = run(scenario("s", "s", case("loud", 1, attempt(failure=bad, log=(1, 3_000_000)), attempt(log=(1, 9)))))
write_reports(folder, made, ["junit", "ctrf", "summary", "comment"], junit=dialect)
print(int(re.search(r"VmHWM:\\s*(\\d+)", Path("/proc/self/status").read_text())[1]) // 1024)  # not the parent's
"""


@every_dialect
def test_a_hundred_megabytes_of_dirt_fit_into_little_memory(dialect: str, tmp_path: Path, checkout: Path) -> None:
    log = tmp_path / "logs/s/console.log"
    log.parent.mkdir(parents=True)
    line = b"     0.001  \x1b[31m\xff\xfe\x00\x08 ]]> <b> \xed\xa0\x80 of the console\n"
    with log.open("wb") as file:
        for _ in range(100):
            file.write(line * (1_000_000 // len(line)))
    told = subprocess.run(
        [sys.executable, "-c", _HUNDRED_MEGABYTES, str(tmp_path), dialect],
        cwd=checkout, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert int(told.stdout) < 300
    xml = (tmp_path / "junit.xml").read_bytes()
    schema(checkout, dialect).assertValid(etree.ElementTree(etree.fromstring(xml)))
    assert by_junitparser(xml) == (1, 0, 0, 0)
    assert len(xml) < 1 << 20
    assert not re.search(rb"[\x00-\x08\x1b]", xml)
