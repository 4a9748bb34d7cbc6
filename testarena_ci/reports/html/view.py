"""What the page shows without its script, decided here and only laid out by the templates."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import islice

from msgspec import Struct

from testarena_ci.reports.anchors import case_anchors
from testarena_ci.reports.base import ReportInput
from testarena_ci.reports.findings import findings
from testarena_ci.reports.html.cards import Card, Evidence, Short, card, flaky_card, short
from testarena_ci.reports.html.links import Sources, file_link, web_link
from testarena_ci.reports.html.requirements import Requirement, requirements
from testarena_ci.reports.html.timeline import Timeline, timeline
from testarena_ci.reports.sizes import size_words
from testarena_ci.reports.text import count, duration, grouped, moment, number, one_line, plain
from testarena_ci.reports.words import state_of, verdict_line
from tpf.result import CaseResult, Metric, RunResult, RunState, ScenarioResult, Verdict, verdict_of

_IN_FULL = 25  # findings with console and steps; nobody reads more of them one by one
_UNFOLDED = 5  # of them (and of the flaky ones), so that the list of cases is not pages away
_SHORT = 1000  # further ones with a line each
_FLAKY = 10
_IMAGES = 3
_SCENARIOS, _METRICS, _REQUIREMENTS = 300, 300, 300

_STATE_WORDS = {
    RunState.PASSED: "Passed",
    RunState.FAILED: "Failed",
    RunState.ERROR: "Error",
    RunState.ABORTED: "Aborted",
}


class Part(Struct, frozen=True, kw_only=True):
    """A part of the bar that shows how the cases ended; `x` and `width` in percent."""

    verdict: str
    label: str
    number: int
    many: str
    x: float
    width: float


class Known(Struct, frozen=True, kw_only=True):
    """A property of the run; `link` where its value is a web address, or is told by one."""

    name: str
    value: str
    link: str = ""


class ScenarioRow(Struct, frozen=True, kw_only=True):
    verdict: Verdict
    name: str
    anchor: str
    target: str
    place: str
    cases: str
    seconds: str


class Gauge(Struct, frozen=True, kw_only=True):
    """Where a value stands on a scale with room beyond its limits; percent of the scale."""

    allowed_from: float
    allowed_to: float
    value: float


class MetricRow(Struct, frozen=True, kw_only=True):
    name: str
    value: str
    limits: str
    bad: bool
    gauge: Gauge | None
    case: str
    anchor: str


class BuildRow(Struct, frozen=True, kw_only=True):
    verdict: Verdict
    name: str
    command: str
    note: str
    sizes: str
    seconds: str
    log: str


class Page(Struct, frozen=True, kw_only=True):
    """All that the templates lay out."""

    state: RunState
    state_word: str
    title: str
    headline: str
    facts: tuple[Known, ...]
    parts: tuple[Part, ...]
    flaky_count: int
    findings_count: int
    cards: tuple[Card, ...]
    shorts: tuple[Short, ...]
    findings_left: int
    flaky: tuple[Card, ...]
    scenarios: tuple[ScenarioRow, ...]
    scenarios_left: int
    timeline: Timeline | None
    requirements: tuple[Requirement, ...]
    requirements_left: int
    metrics: tuple[MetricRow, ...]
    metrics_left: int
    builds: tuple[BuildRow, ...]
    environment: tuple[Known, ...]
    generator: str


def page(report: ReportInput) -> Page:
    """The page of a run."""
    result = report.result
    found = findings(result)
    known = dict(result.properties)
    sources = Sources(base=web_link(known.get("source_url", "")), folder=known.get("folder", ""))
    evidence = Evidence(lines=report.lines_reader(), result=result, sources=sources)
    required = requirements(result)
    metrics = tuple(_metrics(result))
    counts = result.counts
    state = state_of(result)
    return Page(
        state=state,
        state_word=_STATE_WORDS.get(state, state.title()),
        title=f"{verdict_line(result)} – {_subject(result)}",
        headline=verdict_line(result),
        facts=_facts(result),
        parts=_parts(result),
        flaky_count=counts.flaky,
        findings_count=len(found),
        cards=tuple(card(evidence, finding, folded=at >= _UNFOLDED) for at, finding in enumerate(found[:_IN_FULL])),
        shorts=tuple(short(finding) for finding in found[_IN_FULL : _IN_FULL + _SHORT]),
        findings_left=max(len(found) - _IN_FULL - _SHORT, 0),
        flaky=tuple(
            flaky_card(evidence, *where, folded=at >= _UNFOLDED)
            for at, where in enumerate(islice(_flaky(result), _FLAKY))
        ),
        scenarios=tuple(_scenario_row(scenario) for scenario in result.scenarios[:_SCENARIOS]),
        scenarios_left=max(len(result.scenarios) - _SCENARIOS, 0),
        timeline=timeline(result),
        requirements=required[:_REQUIREMENTS],
        requirements_left=max(len(required) - _REQUIREMENTS, 0),
        metrics=metrics[:_METRICS],
        metrics_left=max(len(metrics) - _METRICS, 0),
        builds=tuple(_builds(result)),
        environment=tuple(_environment(result)),
        generator=report.generator,
    )


def _subject(result: RunResult) -> str:
    properties = dict(result.properties)
    named = (properties.get("repository", ""), properties.get("branch", ""), properties.get("commit", "")[:10])
    return " ".join(one_line(name, 100) for name in named if name) or "TestArena"


def _facts(result: RunResult) -> tuple[Known, ...]:
    """What one asks first, in the order that one asks; the environment table has all of it."""
    properties = dict(result.properties)
    started = moment(result.started)
    facts = (
        ("Repository", properties.get("repository", ""), properties.get("repository_url", "")),
        ("Branch", properties.get("branch", ""), ""),
        ("Commit", properties.get("commit", "")[:10], properties.get("commit_url", "")),
        ("By", properties.get("author") or properties.get("actor", ""), ""),
        ("Workflow", properties.get("workflow", ""), properties.get("run_url", "")),
        ("Host", properties.get("runner") or properties.get("host", ""), ""),
        ("Started", started.strftime("%Y-%m-%d %H:%M:%S UTC") if started else "", ""),
        ("Took", duration(result.seconds), ""),
        ("Firmware", _firmware(result), ""),
    )
    known = ((name, value, link) for name, value, link in facts if value)
    return tuple(Known(name=name, value=one_line(value, 120), link=web_link(link)) for name, value, link in known)


def _firmware(result: RunResult) -> str:
    """The sizes of the images; the builds' table has all sizes."""
    images = [(build.name, size) for build in result.builds for size in build.sizes if size.name == "image"]
    if len(images) == 1:
        return size_words([images[0][1]])
    more = f", and {len(images) - _IMAGES} more" if len(images) > _IMAGES else ""
    return ", ".join(f"{name}: {size_words([size])}" for name, size in images[:_IMAGES]) + more


def _environment(result: RunResult) -> Iterator[Known]:
    """All that is known; an address stands behind what it is the address of."""
    known = dict(result.properties)
    for name, value in (*result.properties, ("run id", result.run_id)):
        if name != "source_url" and name.removesuffix("_url") not in known.keys() - {name}:
            yield _known(name, value, known.get(f"{name}_url", ""))


def _known(name: str, value: str, link: str) -> Known:
    return Known(name=plain(name).replace("_", " "), value=plain(value), link=web_link(link) or web_link(value))


def _parts(result: RunResult) -> tuple[Part, ...]:
    counts = result.counts
    numbers = (
        ("failed", "failed", counts.failed),
        ("error", "errors" if counts.error != 1 else "error", counts.error),
        ("passed", "passed", counts.passed),
        ("quarantined", "quarantined", counts.quarantined),
        ("skipped", "skipped", counts.skipped),
    )
    parts: list[Part] = []
    x = 0.0
    for verdict, label, many in numbers:
        if label == "quarantined" and not many:
            continue
        width = 100 * many / max(counts.total, 1)
        parts.append(
            Part(verdict=verdict, label=label, number=many, many=grouped(many), x=round(x, 3), width=round(width, 3))
        )
        x += width
    return tuple(parts)


def _flaky(result: RunResult) -> Iterator[tuple[ScenarioResult, CaseResult, str]]:
    for scenario in result.scenarios:
        for case, anchor in zip(scenario.cases, case_anchors(scenario), strict=True):
            if case.flaky:
                yield scenario, case, anchor


def _scenario_row(scenario: ScenarioResult) -> ScenarioRow:
    bad = sum(case.effect.bad for case in scenario.cases)
    return ScenarioRow(
        verdict=scenario.verdict,
        name=plain(scenario.name),
        anchor=scenario.slug,
        target=plain(scenario.target),
        place=plain(str(scenario.source)),
        cases=count(len(scenario.cases), "case") + (f", {bad} not passed" if bad else ""),
        seconds=duration(scenario.seconds),
    )


def _metrics(result: RunResult) -> Iterator[MetricRow]:
    """All metrics, those beyond their limits first."""
    rows = [row for scenario in result.scenarios for row in _metrics_of(scenario)]
    yield from sorted(rows, key=lambda row: not row.bad)


def _metrics_of(scenario: ScenarioResult) -> Iterator[MetricRow]:
    """Those of its setup and teardown, then those of its cases."""
    for metric in scenario.metrics:
        yield _metric_row(metric, scenario.name, scenario.slug)
    for case, anchor in zip(scenario.cases, case_anchors(scenario), strict=True):
        for metric in case.metrics:
            yield _metric_row(metric, case.name, anchor)


def _metric_row(metric: Metric, name: str, anchor: str) -> MetricRow:
    unit = f" {plain(metric.unit)}" if metric.unit else ""
    limits = [
        f"≥ {number(metric.minimum)}{unit}" if metric.minimum is not None else "",
        f"≤ {number(metric.maximum)}{unit}" if metric.maximum is not None else "",
    ]
    return MetricRow(
        name=plain(metric.name),
        value=f"{number(metric.value)}{unit}",
        limits=", ".join(limit for limit in limits if limit),
        bad=not _within(metric),
        gauge=_gauge(metric),
        case=plain(name),
        anchor=anchor,
    )


def _within(metric: Metric) -> bool:
    """False also for a value that is no number."""
    low = metric.minimum is None or metric.value >= metric.minimum
    high = metric.maximum is None or metric.value <= metric.maximum
    return low and high and metric.value == metric.value


def _gauge(metric: Metric) -> Gauge | None:
    low, high = metric.minimum, metric.maximum
    if not all(map(math.isfinite, (metric.value, low or 0.0, high or 0.0))):
        return None
    if low is not None and high is not None:
        room = (high - low) / 4
        start, end = low - room, high + room
    else:
        limit = low if low is not None else high if high is not None else 0.0
        start, end = limit - abs(limit), limit + abs(limit) * (1.0 if low is not None else 0.25)
    if end <= start:
        return None

    def percent(value: float) -> float:
        return round(min(max(100 * (value - start) / (end - start), 0.0), 100.0), 2)

    return Gauge(
        allowed_from=percent(start if low is None else low),
        allowed_to=percent(end if high is None else high),
        value=percent(metric.value),
    )


def _builds(result: RunResult) -> Iterator[BuildRow]:
    for build in result.builds:
        failure = plain(build.failure.headline) if build.failure else ""
        yield BuildRow(
            verdict=verdict_of(build.failure),
            name=plain(build.name),
            command=plain(build.command),
            note=failure or ("nothing had changed" if build.reused else ""),
            sizes=plain(size_words(build.sizes)),
            seconds=duration(build.seconds),
            log=file_link(build.log),
        )
