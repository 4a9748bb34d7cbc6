"""Event sequences for tests of journal, fold and progress: a small run told from begin to end."""

from __future__ import annotations

from tpf import events as ev
from tpf.result import Failure, FailureKind, LogSpan, Metric, Source

FILE = "console.xml"


def at(line: int) -> Source:
    return Source(file=FILE, line=line, column=3)


def planned(*names: str, skip: str = "") -> ev.PlannedScenario:
    """A scenario `console` with these cases; with `skip` the last is skipped."""
    cases = [ev.PlannedCase(name=name, source=at(10 + number)) for number, name in enumerate(names)]
    if skip:
        cases[-1] = ev.PlannedCase(name=names[-1], source=cases[-1].source, skip=skip)
    return ev.PlannedScenario(name="console", slug="console", source=at(1), target="esp32c3", cases=tuple(cases))


def started(*scenarios: ev.PlannedScenario) -> ev.RunStarted:
    return ev.RunStarted(
        t=0.0,
        run_id="20260102-030405-abcdef",
        started="2026-01-02T03:04:05+00:00",
        version="1.0.0",
        jobs=1,
        scenarios=scenarios,
    )


def attempt(case: int, number: int, begin: float, failure: Failure | None = None) -> list[ev.Event]:
    """One attempt with one step, half a second long."""
    span = (LogSpan(device="", first=1, last=2),)
    return [
        ev.CaseStarted(t=begin, scenario="console", case=case, attempt=number),
        ev.StepStarted(
            t=begin + 0.1,
            scenario="console",
            case=case,
            phase="case",
            kind="expect",
            summary='expect "pong"',
            source=at(20),
        ),
        ev.StepFinished(t=begin + 0.4, scenario="console", failure=failure, log=span),
        ev.CaseFinished(t=begin + 0.5, scenario="console", failure=failure, log=span),
    ]


TIMEOUT = Failure(kind=FailureKind.TIMEOUT, message='expected "pong" within 1s\ndetails', source=at(20))


def whole_run() -> list[ev.Event]:
    """Two cases, the first flaky, the second skipped; a build, a boot, a metric and a note."""
    return [
        started(planned("ping", "sensor", skip="no board")),
        ev.ScenarioStarted(t=0.1, scenario="console", worker=1),
        ev.BuildStarted(t=0.1, name="build-1", command="make", log="logs/build-1.log"),
        ev.BuildFinished(t=0.6, name="build-1"),
        ev.Booted(
            t=0.7,
            scenario="console",
            device="",
            boot=1,
            machine="qemu esp32c3",
            command=("qemu", "-M", "esp32c3"),
            log="logs/console/console.log",
            pid=7,
        ),
        *attempt(0, 1, 1.0, TIMEOUT),
        *attempt(0, 2, 2.0),
        ev.Measured(t=2.6, scenario="console", case=0, metric=Metric(name="heap", value=3.5, unit="B")),
        ev.Noted(t=2.6, scenario="console", case=0, text="author's words"),
        ev.ScenarioFinished(t=2.7, scenario="console"),
        ev.RunFinished(t=2.8),
    ]
