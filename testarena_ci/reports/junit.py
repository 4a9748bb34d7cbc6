"""junit.xml: what CI servers have in common, Ant's elements in Ant's order, and what the wanted dialect adds.

<testsuites name="testarena" tests="2" failures="1" errors="0" time="5.310">
  <testsuite name="console answers" tests="2" failures="1" errors="0" skipped="0" time="5.310" file="console.xml" ...>
    <properties><property name="target" value="esp32c3"/></properties>
    <testcase name="ping answers pong" classname="console-answers" time="0.102" file="console.xml" line="18"/>
    <testcase name="enough heap is left" classname="console-answers" time="5.001" file="console.xml" line="23">
      <failure type="timeout" message="expected ...">...details, place and console...</failure>
    </testcase>
  </testsuite>
</testsuites>

The junit-xml library makes the tree; what it leaves out (times of zero, properties of a case) or adds
(`disabled`, which strict schemas refuse) is set right on the tree. Counts are those of the finished tree.
"""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree import ElementTree as ET

from junit_xml import TestCase, TestSuite

from testarena_ci.reports.base import ReportInput, no_logs
from testarena_ci.reports.junit_dialects import DIALECTS, Dialect, complete, measured, without_place
from testarena_ci.reports.junit_text import Consoles, code_text, failure_text, headline, name
from testarena_ci.reports.text import legal_xml, moment
from testarena_ci.reports.trouble import RUN, trouble_name, trouble_of_run
from tpf.result import CaseResult, Failure, FailureKind, RunResult, ScenarioResult, Verdict, verdict_of

_CONSOLE_TOTAL = 16 << 20  # characters of console in one file, shared out between the cases that need it
_CONSOLE_CASE = (2 << 10, 64 << 10)  # at least, at most


def render(report: ReportInput) -> bytes:
    """The file, UTF-8 with its XML declaration."""
    result, dialect = report.result, DIALECTS[report.junit]
    limit = _console_limit(result)
    root = ET.Element("testsuites", {"name": "testarena"})
    root.extend(_run_suite(result, dialect))
    root.extend(
        _suite(result, scenario, order, dialect, Consoles(report.read_log, scenario.logs, limit))
        for order, scenario in enumerate(result.scenarios, len(root))
    )
    for count in ("tests", "failures", "errors"):
        root.set(count, str(sum(int(suite.get(count, "0")) for suite in root)))
    root.set("time", _time(result.seconds))
    ET.indent(root)
    return b"<?xml version='1.0' encoding='utf-8'?>\n" + ET.tostring(root, encoding="unicode").encode() + b"\n"


def _console_limit(result: RunResult) -> int:
    needy = sum(case.verdict.bad or case.flaky for case in result.cases)
    least, most = _CONSOLE_CASE
    return max(least, min(most, _CONSOLE_TOTAL // max(needy, 1)))


def _run_suite(result: RunResult, dialect: Dialect) -> Iterable[ET.Element]:
    """A suite for what went wrong with the run itself, so that no consumer takes an interrupted run for a good one."""
    failure = trouble_of_run(result)
    if failure is None:
        return
    suite = TestSuite(RUN, [_own_case("testarena", RUN, failure)], hostname=_host(result), id="0")
    suite.timestamp = _timestamp(result, 0.0)
    yield _set_right(suite, 0.0, (None,), dialect, Consoles(no_logs, (), 0))


def _suite(result: RunResult, scenario: ScenarioResult, order: int, dialect: Dialect, consoles: Consoles) -> ET.Element:
    classname = name(scenario.slug.replace(".", "_"))  # consumers take what stands before a dot for a package
    made = [_case(case, classname, consoles) for case in scenario.cases]
    cases: list[CaseResult | None] = [*scenario.cases]
    if scenario.failure:
        made.insert(0, _own_case(classname, trouble_name(scenario.failure), scenario.failure, consoles))
        cases.insert(0, None)
    suite = TestSuite(
        name(scenario.name),
        made,
        hostname=_host(result),
        id=str(order),
        package=classname,
        timestamp=_timestamp(result, scenario.start or 0.0),
        properties=_suite_properties(scenario),
        file=legal_xml(scenario.source.file),
    )
    return _set_right(suite, scenario.seconds, cases, dialect, consoles)


def _case(case: CaseResult, classname: str, consoles: Consoles) -> TestCase:
    made = TestCase(
        name(case.name),
        classname,
        file=legal_xml(case.source.file),
        line=case.source.line or None,
    )
    if case.verdict is Verdict.SKIPPED:
        made.add_skipped_info(name(case.skip_reason, "skipped"))
    elif case.expected_failure is not None:  # what other tools do with such: neither red, nor as good as green
        made.add_skipped_info(name(f"expected failure, {case.ticket}: {case.expected_failure.headline}"))
    elif case.quarantine and case.quarantined:
        told = case.failure.headline if case.failure else case.verdict
        made.add_skipped_info(name(f"{case.quarantine.label}: {told}"), failure_text(case, consoles))
    elif case.verdict.bad:
        _add(made, case.failure or _unexplained(case.verdict), failure_text(case, consoles), case.verdict)
    return made


def _own_case(classname: str, case_name: str, failure: Failure, consoles: Consoles | None = None) -> TestCase:
    source = failure.source
    made = TestCase(case_name, classname, file=source and legal_xml(source.file), line=source and source.line)
    text = failure.message + code_text(failure) + (consoles.last_lines() if consoles else "")
    _add(made, failure, legal_xml(text), verdict_of(failure))
    return made


def _unexplained(verdict: Verdict) -> Failure:
    kind = FailureKind.INTERNAL if verdict is Verdict.ERROR else FailureKind.MISMATCH
    return Failure(kind=kind, message=f"{verdict}, without a reason")


def _add(case: TestCase, failure: Failure, text: str, verdict: Verdict) -> None:
    message = headline(failure.headline, failure.kind)
    if verdict is Verdict.FAILED:
        case.add_failure_info(message, text, failure.kind)
    else:
        case.add_error_info(message, text, failure.kind)


def _suite_properties(scenario: ScenarioResult) -> dict[str, str]:
    named = {
        "target": scenario.target,
        "machine": scenario.machine,
        "tags": " ".join(scenario.tags),
        "requirements": " ".join(scenario.requirements),
        **{f"parameter.{key}": value for key, value in scenario.parameters},
        **{f"metric.{metric.name}": measured(metric) for metric in scenario.metrics},
    }
    return {name(key, "parameter"): legal_xml(value) for key, value in named.items() if value}


def _set_right(
    suite: TestSuite, seconds: float, cases: Iterable[CaseResult | None], dialect: Dialect, consoles: Consoles
) -> ET.Element:
    """The library's tree with times to three decimals, without what schemas refuse; a case that is none is ours."""
    element: ET.Element = suite.build_xml_doc()
    element.attrib.pop("disabled")
    element.set("time", _time(seconds))
    for made, case in zip(element.iter("testcase"), cases, strict=True):
        made.set("time", _time(case.seconds if case else 0.0))
        if not dialect.places:
            without_place(made)
        if case:
            complete(made, case, dialect, consoles)
    return element


def _time(seconds: float) -> str:
    return f"{max(seconds, 0.0):.3f}"


def _timestamp(result: RunResult, offset: float) -> str | None:
    """Without a time zone, as Ant's schema has it; in UTC."""
    time = moment(result.started, offset)
    return time.strftime("%Y-%m-%dT%H:%M:%S") if time else None


def _host(result: RunResult) -> str:
    properties = dict(result.properties)
    return name(properties.get("host") or properties.get("runner") or "", "localhost")
