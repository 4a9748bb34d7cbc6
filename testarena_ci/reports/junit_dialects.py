"""The dialects of junit.xml: where a case's place, properties, steps, files and earlier attempts stand.

common   properties of a case, its file and line; earlier attempts are text in <system-out>
jenkins  what the strict schema of Jenkins' xUnit plug-in (junit-10) has: a case has no properties and no place
rich     <property name="step[passed]" value="..."/>, [[ATTACHMENT|artifacts/boot.png]] in <system-out>, and an element
         of Maven Surefire's for each earlier attempt: <flakyFailure>, <flakyError>, <rerunFailure>, <rerunError>
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from xml.etree import ElementTree as ET

from testarena_ci.reports.junit_text import Consoles, attempt_text, attempts_text, headline, name
from testarena_ci.reports.text import duration, legal_xml, number
from tpf.result import Attempt, CaseResult, Metric, Verdict

Properties = tuple[tuple[str, str], ...]

_STEPS = 200  # of a case; a stress test may have a million
_FILES = 100  # of a case
_STEP_WORDS = {Verdict.FAILED: "failure"}  # as readers of `step[...]` know them; the others are ours


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """What a dialect has besides what all have."""

    places: bool = True  # file and line of a case
    properties: bool = True  # of a case; else they are lines of its output
    rich: bool = False  # steps, files, an element for each earlier attempt; else the latter are text


DIALECTS: Mapping[str, Dialect] = MappingProxyType(
    {
        "common": Dialect(),
        "jenkins": Dialect(places=False, properties=False),
        "rich": Dialect(rich=True),
    }
)


def complete(element: ET.Element, case: CaseResult, dialect: Dialect, consoles: Consoles) -> None:
    """Add to a `testcase` that has its outcome what the dialect has of the rest."""
    properties = _properties(case)
    if dialect.rich:
        properties += tuple(_steps(case))
        element.extend(_earlier(case, consoles))
        output = "".join(f"[[ATTACHMENT|{path}]]\n" for path in _files(case, consoles))
    else:
        output = attempts_text(case, consoles)
    if dialect.properties:
        with_properties(element, properties)
    else:
        output = "".join(f"{key}: {value}\n" for key, value in properties) + output
    if output:
        ET.SubElement(element, "system-out").text = legal_xml(output)


def with_properties(element: ET.Element, properties: Properties) -> None:
    """Put the properties of a case first; an empty list of them is none."""
    if not properties:
        return
    holder = ET.Element("properties")
    for key, value in properties:
        ET.SubElement(holder, "property", {"name": key, "value": value})
    element.insert(0, holder)


def without_place(element: ET.Element) -> None:
    """Take file and line away."""
    for attribute in ("file", "line"):
        element.attrib.pop(attribute, None)


def _properties(case: CaseResult) -> Properties:
    if not (case.tags or case.requirements or case.metrics or case.ticket or case.quarantine or len(case.attempts) > 1):
        return ()
    named = {
        "tags": " ".join(case.tags),
        "requirements": " ".join(case.requirements),
        **{f"metric.{metric.name}": measured(metric) for metric in case.metrics},
        "attempts": str(len(case.attempts)) if len(case.attempts) > 1 else "",
        "flaky": "true" if case.flaky else "",
        "ticket": case.ticket,
        "quarantine": case.quarantine.label if case.quarantine else "",
    }
    return tuple((name(key), legal_xml(value)) for key, value in named.items() if value)


def measured(metric: Metric) -> str:
    """Value and unit."""
    return f"{number(metric.value)} {metric.unit}".rstrip()


def _steps(case: CaseResult) -> Iterator[tuple[str, str]]:
    """The steps of the last attempt, its first ones when there are many."""
    steps = case.attempts[-1].steps if case.attempts else ()
    for step in steps[:_STEPS]:
        word = _STEP_WORDS.get(step.verdict, str(step.verdict))
        yield f"step[{word}]", f"{'  ' * min(step.depth, 20)}{name(step.summary, 'step')} ({duration(step.seconds)})"
    if len(steps) > _STEPS:
        yield "steps left out", str(len(steps) - _STEPS)


def _earlier(case: CaseResult, consoles: Consoles) -> Iterator[ET.Element]:
    """An element for each attempt before the last that was not passed, by how the case ended."""
    prefix = "flaky" if case.flaky else "rerun"
    for attempt in case.attempts[:-1]:
        if attempt.verdict.bad:
            yield _attempt(prefix, attempt, consoles)


def _attempt(prefix: str, attempt: Attempt, consoles: Consoles) -> ET.Element:
    kind = attempt.failure.kind if attempt.failure else attempt.verdict
    message = headline(attempt.failure.headline) if attempt.failure else f"attempt {attempt.number}"
    tag = f"{prefix}{'Failure' if attempt.verdict is Verdict.FAILED else 'Error'}"
    element = ET.Element(tag, {"message": message, "type": str(kind)})
    ET.SubElement(element, "stackTrace").text = attempt_text(attempt, consoles)
    return element


def _files(case: CaseResult, consoles: Consoles) -> Iterable[str]:
    """Files of the report folder that belong to the case; the consoles, too, when somebody will want them."""
    logs = [log.path for log in consoles.logs] if case.verdict.bad or case.flaky else []
    paths = (name(path, "") for path in [*(artifact.path for artifact in case.artifacts[:_FILES]), *logs])
    return [path for path in paths if path and "]]" not in path]  # there is no way to write that
