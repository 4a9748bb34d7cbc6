"""Records and journals of made-up runs, for tests of the history."""

from __future__ import annotations

from pathlib import Path

from testarena_ci.history.records import CaseRecord, Point, RunRecord, SuiteRecord
from tpf import events as ev
from tpf.journal import FILE_NAME, JournalWriter
from tpf.result import Counts, Failure, FailureKind, FirmwareSize, Metric, Source, Verdict

HERE = Source(file="console.xml", line=3, column=3)


def case(name: str = "ping", verdict: str = "passed", **more: object) -> CaseRecord:
    known: dict[str, object] = {"kind": "timeout" if verdict == "failed" else "", "seconds": 0.5, "attempts": 1}
    return CaseRecord(scenario="console", target="esp32c3", case=name, verdict=verdict, **(known | more))  # type: ignore[arg-type]


def run(
    number: int, *cases: CaseRecord, commit: str = "c1", points: tuple[Point, ...] = (), finished: bool = True
) -> RunRecord:
    """Run `number` of a project; runs begin an hour apart."""
    verdicts = [Verdict(one.verdict) for one in cases]
    return RunRecord(
        run_id=f"run-{number:04}",
        started=f"2026-01-{1 + number // 24:02}T{number % 24:02}:00:00+00:00",
        commit=commit,
        branch="main",
        verdict="failed" if Verdict.FAILED in verdicts else "passed",
        seconds=float(1 + number),
        finished=finished,
        headline="",
        counts=Counts.of(verdicts, sum(one.flaky for one in cases)),
        properties=(("commit", commit),),
        suites=(SuiteRecord(scenario="console", target="esp32c3", verdict="passed", seconds=2.0),),
        cases=cases,
        points=points,
    )


def write_journal(
    folder: Path, run_id: str, *, cases: int = 3, failing: tuple[int, ...] = (), cut: bool = False, hour: int = 3
) -> Path:
    """A report folder's journal: one scenario, a metric a case, a build with a size. Cut off, its end is missing."""
    folder.mkdir(parents=True)
    planned = tuple(ev.PlannedCase(name=f"case {number}", source=HERE) for number in range(cases))
    scenario = ev.PlannedScenario(name="console", slug="console", source=HERE, target="esp32c3", cases=planned)
    sizes = (FirmwareSize(name="image", used=150_000, total=1_048_576),)
    with JournalWriter(folder / FILE_NAME) as journal:
        journal(
            ev.RunStarted(
                t=0.0,
                run_id=run_id,
                started=f"2026-01-02T{hour:02}:04:05+00:00",
                version="1",
                jobs=1,
                scenarios=(scenario,),
                properties=(("commit", "abc"), ("branch", "main")),
            )
        )
        journal(ev.BuildStarted(t=0.0, name="app", command="idf.py build", log="build.log"))
        journal(ev.BuildFinished(t=0.1, name="app", sizes=sizes))
        journal(ev.ScenarioStarted(t=0.1, scenario="console", worker=0))
        for number in range(cases):
            failure = Failure(kind=FailureKind.TIMEOUT, message="no pong") if number in failing else None
            journal(ev.CaseStarted(t=0.2 + number, scenario="console", case=number, attempt=1))
            journal(ev.Measured(t=0.3 + number, scenario="console", case=number, metric=Metric(name="boot", value=1.5)))
            if cut and number == cases - 1:
                return folder
            journal(ev.CaseFinished(t=0.4 + number, scenario="console", failure=failure))
        journal(ev.ScenarioFinished(t=1.0 + cases, scenario="console"))
        journal(ev.RunFinished(t=1.0 + cases))
    return folder
