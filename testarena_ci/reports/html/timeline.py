"""What ran when, and beside what: a lane for each worker, and the builds above them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter
from typing import Final

from msgspec import Struct

from testarena_ci.reports.text import count, duration, one_line
from tpf.result import BuildResult, RunResult, ScenarioResult, Verdict, verdict_of, worst

_SLOTS: Final = 200  # bars closer than this part of the run become one: 10 000 of them draw like 300
_LANES: Final = 40
_BUILD_LANES: Final = 6
_NAMED: Final = 12.0  # percent: a narrower bar has room only for a short name
_LETTER: Final = 0.7  # percent that a letter takes on a desktop
_TICKS: Final = 6
_STEPS: Final = (
    *(unit * 10**power for power in (-3, -2, -1, 0) for unit in (1, 2, 5)),
    *(10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 86400),
)


class _Span(Struct, frozen=True, kw_only=True):
    start: float
    end: float
    verdict: Verdict
    name: str
    anchor: str


class Bar(Struct, frozen=True, kw_only=True):
    """One scenario or build, or several that are too short to be told apart; `x` and `width` in percent."""

    x: float
    width: float
    verdict: Verdict
    name: str  # written into the bar; "" where there is no room
    label: str
    anchor: str


class Lane(Struct, frozen=True, kw_only=True):
    name: str
    bars: tuple[Bar, ...]


class Timeline(Struct, frozen=True, kw_only=True):
    """Lanes from top to bottom; `ticks` are places in percent with the time there."""

    lanes: tuple[Lane, ...]
    lanes_left: int
    ticks: tuple[tuple[float, str], ...]


def timeline(result: RunResult) -> Timeline | None:
    """None for a run with nothing beside or behind another."""
    started = [scenario for scenario in result.scenarios if scenario.start is not None]
    spans = {"build": [_of_build(build) for build in result.builds]}
    for scenario in sorted(started, key=attrgetter("worker")):
        spans.setdefault(f"worker {scenario.worker + 1}", []).append(_of_scenario(scenario))
    if sum(map(len, spans.values())) < 2:
        return None
    total = max(result.seconds, *(span.end for lane in spans.values() for span in lane), 1e-3)
    lanes = [
        Lane(name="builds" if name == "build" else name, bars=tuple(_bars(row, total)))
        for name, lane in spans.items()
        for row in (_beside(lane)[:_BUILD_LANES] if name == "build" else (lane,))
    ]
    return Timeline(lanes=tuple(lanes[:_LANES]), lanes_left=max(len(lanes) - _LANES, 0), ticks=tuple(_ticks(total)))


def _of_scenario(scenario: ScenarioResult) -> _Span:
    start = scenario.start or 0.0
    name = one_line(scenario.name, 80)
    return _Span(start=start, end=start + scenario.seconds, verdict=scenario.verdict, name=name, anchor=scenario.slug)


def _of_build(build: BuildResult) -> _Span:
    end = build.start + build.seconds
    verdict = verdict_of(build.failure)
    return _Span(start=build.start, end=end, verdict=verdict, name=one_line(build.name, 80), anchor="/builds")


def _beside(spans: Iterable[_Span]) -> list[list[_Span]]:
    """As few rows as there are spans at the same moment."""
    rows: list[list[_Span]] = []
    for span in sorted(spans, key=attrgetter("start")):
        row = next((row for row in rows if row[-1].end <= span.start), None)
        if row is None:
            rows.append([span])
        else:
            row.append(span)
    return rows


def _bars(spans: Iterable[_Span], total: float) -> Iterator[Bar]:
    together: list[_Span] = []
    for span in sorted(spans, key=attrgetter("start")):
        if together and span.end - together[0].start > total / _SLOTS:
            yield _bar(together, total)
            together = []
        together.append(span)
    if together:
        yield _bar(together, total)


def _bar(spans: Sequence[_Span], total: float) -> Bar:
    start, end = spans[0].start, max(span.end for span in spans)
    verdict = worst(span.verdict for span in spans)
    gravest = next((span for span in spans if span.verdict is verdict), spans[0])
    x = min(100 * start / total, 99.7)
    width = min(max(100 * (end - start) / total, 0.3), 100 - x)
    return Bar(
        x=round(x, 3),
        width=round(width, 3),
        verdict=verdict,
        name=gravest.name if len(spans) == 1 and width >= min(_NAMED, _LETTER * len(gravest.name) + 1.5) else "",
        label=_label(spans, gravest) + f", from {duration(start)} on, took {duration(end - start)}",
        anchor=gravest.anchor,
    )


def _label(spans: Sequence[_Span], gravest: _Span) -> str:
    if len(spans) == 1:
        return f"{gravest.name}: {gravest.verdict}"
    bad = sum(span.verdict.bad for span in spans)
    told = f", {bad} not passed, first {gravest.name}" if bad else f", first {gravest.name}"
    return count(len(spans), "short one") + told


def _ticks(total: float) -> Iterator[tuple[float, str]]:
    step = next((step for step in _STEPS if total / step <= _TICKS), _STEPS[-1])
    for number in range(int(total / step) + 1):
        if (at := 100 * number * step / total) <= 96:
            yield round(at, 3), _moment(number * step)


def _moment(seconds: float) -> str:
    """``0``, ``0.5 s``, ``1:30``, ``2:00:00``"""
    if seconds < 60:
        return f"{seconds:g} s" if seconds else "0"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
