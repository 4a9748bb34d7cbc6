"""junit.xml in the dialect that CI servers have in common: Ant's elements in Ant's order, plus file and line of cases.

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

from testarena_ci.reports.base import ReportInput
from testarena_ci.reports.junit_text import Consoles, attempts_text, code_text, failure_text
from testarena_ci.reports.text import legal_xml, moment, number, visible
from tpf.result import CaseResult, Failure, FailureKind, Metric, RunResult, ScenarioResult, Verdict, verdict_of

_CONSOLE_TOTAL = 16 << 20  # characters of console in one file, shared out between the cases that need it
_CONSOLE_CASE = (2 << 10, 64 << 10)  # at least, at most

_OWN_CASES = {
    FailureKind.BUILD: "(build)",
    FailureKind.MACHINE: "(machine)",
    FailureKind.ENVIRONMENT: "(environment)",
    FailureKind.INTERRUPTED: "(run)",
}


def render(report: ReportInput) -> bytes:
    """The file, UTF-8 with its XML declaration."""
    result = report.result
    limit = _console_limit(result)
    root = ET.Element("testsuites", {"name": "testarena"})
    root.extend(_run_suite(result))
    root.extend(
        _suite(result, scenario, order, Consoles(report.read_log, scenario.logs, limit))
        for order, scenario in enumerate(result.scenarios, len(root))
    )
    for count in ("tests", "failures", "errors"):
        root.set(count, str(sum(int(suite.get(count, "0")) for suite in root)))
    root.set("time", _time(result.seconds))
    ET.indent(root)
    text: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return text + b"\n"


def _console_limit(result: RunResult) -> int:
    needy = sum(case.verdict.bad or case.flaky for case in result.cases)
    least, most = _CONSOLE_CASE
    return max(least, min(most, _CONSOLE_TOTAL // max(needy, 1)))


def _run_suite(result: RunResult) -> Iterable[ET.Element]:
    """A suite for what went wrong with the run itself, so that no consumer takes an interrupted run for a good one."""
    failure = result.failure
    if failure is None and result.verdict.bad and not result.cases:
        failure = Failure(kind=FailureKind.NOT_RUN, message="no case ran")
    if failure is None and not result.finished:
        failure = Failure(kind=FailureKind.INTERRUPTED, message="the run did not finish")
    if failure is None or any(scenario.failure for scenario in result.scenarios if not result.cases):
        return
    suite = TestSuite("(run)", [_own_case("testarena", "(run)", failure)], hostname=_host(result), id="0")
    suite.timestamp = _timestamp(result, 0.0)
    yield _set_right(suite, seconds=0.0, cases=((0.0, {}),))


def _suite(result: RunResult, scenario: ScenarioResult, order: int, consoles: Consoles) -> ET.Element:
    classname = _name(scenario.slug.replace(".", "_"))  # consumers take what stands before a dot for a package
    cases = [_case(case, classname, consoles) for case in scenario.cases]
    extras = [(case.seconds, _case_properties(case)) for case in scenario.cases]
    if scenario.failure:
        name = _OWN_CASES.get(scenario.failure.kind, "(scenario)")
        cases.insert(0, _own_case(classname, name, scenario.failure, consoles))
        extras.insert(0, (0.0, {}))
    suite = TestSuite(
        _name(scenario.name),
        cases,
        hostname=_host(result),
        id=str(order),
        package=classname,
        timestamp=_timestamp(result, scenario.start or 0.0),
        properties=_suite_properties(scenario),
        file=legal_xml(scenario.source.file),
    )
    return _set_right(suite, seconds=scenario.seconds, cases=extras)


def _case(case: CaseResult, classname: str, consoles: Consoles) -> TestCase:
    made = TestCase(
        _name(case.name),
        classname,
        file=legal_xml(case.source.file),
        line=case.source.line or None,
        stdout=attempts_text(case, consoles) or None,
    )
    if case.verdict is Verdict.SKIPPED:
        made.add_skipped_info(_name(case.skip_reason, "skipped"))
    elif case.expected_failure is not None:  # what other tools do with such: neither red, nor as good as green
        made.add_skipped_info(_name(f"expected failure, {case.ticket}: {case.expected_failure.headline}"))
    elif case.verdict.bad:
        _add(made, case.failure or _unexplained(case.verdict), failure_text(case, consoles), case.verdict)
    return made


def _own_case(classname: str, name: str, failure: Failure, consoles: Consoles | None = None) -> TestCase:
    source = failure.source
    made = TestCase(name, classname, file=source and legal_xml(source.file), line=source and source.line)
    text = failure.message + code_text(failure) + (consoles.last_lines() if consoles else "")
    _add(made, failure, legal_xml(text), verdict_of(failure))
    return made


def _unexplained(verdict: Verdict) -> Failure:
    kind = FailureKind.INTERNAL if verdict is Verdict.ERROR else FailureKind.MISMATCH
    return Failure(kind=kind, message=f"{verdict}, without a reason")


def _add(case: TestCase, failure: Failure, text: str, verdict: Verdict) -> None:
    message = _name(failure.headline, failure.kind, limit=2000)
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
        **{f"parameter.{name}": value for name, value in scenario.parameters},
        **{f"metric.{metric.name}": _measured(metric) for metric in scenario.metrics},
    }
    return {_name(name, "parameter"): legal_xml(value) for name, value in named.items() if value}


def _case_properties(case: CaseResult) -> dict[str, str]:
    named = {
        "tags": " ".join(case.tags),
        "requirements": " ".join(case.requirements),
        **{f"metric.{metric.name}": _measured(metric) for metric in case.metrics},
        "attempts": str(len(case.attempts)) if len(case.attempts) > 1 else "",
        "flaky": "true" if case.flaky else "",
        "ticket": case.ticket,
    }
    return {_name(name): legal_xml(value) for name, value in named.items() if value}


def _measured(metric: Metric) -> str:
    return f"{number(metric.value)} {metric.unit}".rstrip()


def _set_right(suite: TestSuite, *, seconds: float, cases: Iterable[tuple[float, dict[str, str]]]) -> ET.Element:
    """The library's tree with times to three decimals, properties of the cases, and nothing that schemas refuse."""
    element: ET.Element = suite.build_xml_doc()
    element.attrib.pop("disabled")
    element.set("time", _time(seconds))
    for case, (taken, properties) in zip(element.iter("testcase"), cases, strict=True):
        case.set("time", _time(taken))
        if properties:
            holder = ET.Element("properties")
            for name, value in properties.items():
                ET.SubElement(holder, "property", {"name": name, "value": value})
            case.insert(0, holder)
    return element


def _name(text: str, fallback: str = "(no name)", limit: int = 500) -> str:
    """A text on one line, legal in XML and never empty: consumers show and group by it."""
    line = " ".join(visible(legal_xml(text)).split())
    return (line if len(line) <= limit else line[: limit - 1] + "…") or fallback


def _time(seconds: float) -> str:
    return f"{max(seconds, 0.0):.3f}"


def _timestamp(result: RunResult, offset: float) -> str | None:
    """Without a time zone, as Ant's schema has it; in UTC."""
    time = moment(result.started, offset)
    return time.strftime("%Y-%m-%dT%H:%M:%S") if time else None


def _host(result: RunResult) -> str:
    properties = dict(result.properties)
    return _name(properties.get("host") or properties.get("runner") or "", "localhost")
