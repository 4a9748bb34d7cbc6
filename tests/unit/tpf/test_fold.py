"""What events amount to: whole runs, killed ones, and everything between."""

from __future__ import annotations

import pytest

from tests.support.events import TIMEOUT, at, attempt, planned, started, whole_run
from tpf import events as ev
from tpf.fold import fold
from tpf.progress import Progress
from tpf.result import Failure, FailureKind, Part, RunState, Verdict


def test_a_whole_run() -> None:
    result = fold(whole_run())
    (scenario,) = result.scenarios
    ping, sensor = scenario.cases
    assert (result.finished, result.verdict, result.seconds) == (True, Verdict.PASSED, 2.8)
    assert (ping.verdict, ping.flaky, len(ping.attempts)) == (Verdict.PASSED, True, 2)
    assert ping.attempts[0].failure == TIMEOUT
    assert ping.attempts[0].steps[0].summary == 'expect "pong"'
    assert [metric.name for metric in ping.metrics] == ["heap"]
    assert ping.notes == ("author's words",)
    assert (sensor.verdict, sensor.skip_reason) == (Verdict.SKIPPED, "no board")
    assert (scenario.worker, scenario.machine, scenario.command[0]) == (1, "qemu esp32c3", "qemu")
    assert result.builds[0].seconds == pytest.approx(0.5)


@pytest.mark.parametrize("length", range(1, len(whole_run())))
def test_a_killed_run_is_an_error_and_loses_no_case(length: int) -> None:
    result = fold(whole_run()[:length])
    assert not result.finished
    assert result.verdict is Verdict.ERROR
    assert result.interrupted
    assert [case.name for case in result.cases] == ["ping", "sensor"]
    assert result.counts.total == 2


def test_a_case_that_was_cut_off_says_at_which_step() -> None:
    result = fold([started(planned("ping", "pong")), *attempt(0, 1, 1.0)[:2]])
    ping, pong = result.cases
    assert ping.failure is not None
    assert ping.failure.headline == 'the run ended while this case was running, at the step expect "pong"'
    assert pong.failure is not None
    assert pong.failure.kind is FailureKind.NOT_RUN


def test_setup_steps_belong_to_the_scenario() -> None:
    step = ev.StepStarted(t=0.2, scenario="console", case=None, phase="setup", kind="expect", summary="s", source=at(5))
    events = [started(planned("ping")), step, ev.StepFinished(t=0.3, scenario="console"), *attempt(0, 1, 1.0)]
    result = fold(events)
    assert [step.phase for step in result.scenarios[0].steps] == ["setup"]
    assert len(result.cases[0].attempts[0].steps) == 1


def test_a_run_in_which_nothing_ran_is_an_error() -> None:
    result = fold([started(planned("sensor", skip="no board")), ev.RunFinished(t=1.0)])
    assert result.verdict is Verdict.ERROR


def test_events_without_a_start_are_no_run() -> None:
    with pytest.raises(ValueError, match="no start"):
        fold([ev.RunFinished(t=1.0)])


BAD = Failure(kind=FailureKind.NOT_RUN, message="never ran")


@pytest.mark.parametrize(
    "event,message",
    [
        (ev.ScenarioStarted(t=1, scenario="wifi", worker=0), "no scenario 'wifi'"),
        (ev.StepFinished(t=1, scenario="console"), "a step of the scenario 'console' ends"),
        (ev.CaseStarted(t=1, scenario="console", case=1, attempt=1), "no case 1 in the scenario 'console': it has 1"),
        (ev.CaseNotRun(t=1, scenario="console", case=-1, failure=BAD), "no case -1"),
        (ev.Noted(t=1, scenario="console", case=7, text=""), "no case 7"),
        (ev.PartFinished(t=1, scenario="console", case=7, part=Part(name="a")), "no case 7"),
        (ev.BuildFinished(t=1, name="make"), "the build 'make' ends, and never began"),
    ],
)
def test_events_that_fit_no_run_are_refused(event: ev.Event, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        fold([started(planned("ping")), event])


def states(events: list[ev.Event]) -> Progress:
    progress = Progress()
    for event in events:
        progress.apply(event)
    return progress


def test_progress_counts_as_the_fold_does() -> None:
    progress = states(whole_run())
    assert progress.counts == fold(whole_run()).counts
    assert progress.state is RunState.PASSED


def test_progress_names_the_current_case_and_step() -> None:
    progress = states([started(planned("ping")), *attempt(0, 1, 1.0)[:2]])
    scenario = progress.scenarios["console"]
    assert (scenario.current_case, scenario.step) == ("ping", 'expect "pong"')


@pytest.mark.parametrize(
    "kind,state",
    [
        (FailureKind.INTERRUPTED, RunState.ABORTED),
        (FailureKind.LIMIT, RunState.FAILED),
        (FailureKind.INTERNAL, RunState.ERROR),
    ],
)
def test_progress_tells_how_the_run_itself_ended(kind: FailureKind, state: RunState) -> None:
    failure = Failure(kind=kind, message="why")
    events = [*whole_run()[:-1], ev.RunFinished(t=3.0, failure=failure)]
    assert states(events).state is state
