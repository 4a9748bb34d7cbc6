"""The engine: cases in order, retries from fresh boots, lost devices, limits, interruptions; told as events."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pytest

from tests.fakes.machine import FakeKind
from tpf import events as ev
from tpf.console import Wanted
from tpf.context import Kinds
from tpf.engine import RunControl, RunOptions, run_plan
from tpf.errors import DeviceFailure
from tpf.fold import fold
from tpf.result import FailureKind, RunResult, Source, Verdict
from tpf.scenario.declare import Element, content
from tpf.scenario.model import Case, Device, Guard, MachineSpec, Scenario, Step
from tpf.scenario.types import TEXT
from tpf.schedule import plan
from tpf.selection import Selection
from tpf.steps.base import StepContext


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """Sends a line."""

    element: ClassVar[Element] = Element(name="say")
    text: str = content(TEXT, doc="the line")

    def summary(self) -> str:
        return f"say {self.text!r}"

    async def run(self, context: StepContext) -> None:
        await context.machine.send(self.text.encode())


@dataclass(frozen=True, slots=True, kw_only=True)
class Hear:
    """Waits for a text, for a tenth of a second."""

    element: ClassVar[Element] = Element(name="hear")
    text: str = content(TEXT, doc="the text")

    def summary(self) -> str:
        return f"hear {self.text!r}"

    async def run(self, context: StepContext) -> None:
        try:
            async with asyncio.timeout(0.1):
                await context.console.expect(Wanted(text=self.text))
        except TimeoutError:
            raise DeviceFailure(FailureKind.TIMEOUT, f"did not hear {self.text!r}") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hang:
    """Never ends."""

    element: ClassVar[Element] = Element(name="hang")

    def summary(self) -> str:
        return "hang"

    async def run(self, context: StepContext) -> None:
        context.record.note("hanging")
        await asyncio.Event().wait()


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """Has a fault of ours."""

    element: ClassVar[Element] = Element(name="break")

    def summary(self) -> str:
        return "break"

    async def run(self, context: StepContext) -> None:
        raise ZeroDivisionError("a bug")


STEPS: dict[str, Any] = {"say": Say, "hear": Hear, "hang": Hang, "break": Break}
HERE = Source(file="test.xml", line=1)
GURU = "Guru Meditation Error: Core  0 panic'ed (LoadProhibited). Exception was unhandled.\nRebooting..."


def steps(*texts: str) -> tuple[Step, ...]:
    """``"say ping"`` is a step of the kind say with the text ping."""
    words = (text.partition(" ") for text in texts)
    return tuple(
        Step(kind=kind, source=Source(file="test.xml", line=number), text=text)
        for number, (kind, _, text) in enumerate(words, 10)
    )


def case(name: str, *texts: str, **rest: Any) -> Case:
    return Case(name=name, source=HERE, steps=steps(*texts), **rest)


def scenario(*cases: Case, **rest: Any) -> Scenario:
    device = Device(machine=MachineSpec(kind="fake", source=HERE))
    return Scenario(
        **{"name": "s", "source": HERE, "folder": Path(), "target": "", "devices": (device,), "cases": cases, **rest}
    )


@dataclass(frozen=True)
class Ran:
    result: RunResult
    events: list[ev.Event]


def run(
    tmp_path: Path,
    kind: FakeKind,
    *scenarios: Scenario,
    on_event: Callable[[ev.Event, RunControl], None] = lambda event, control: None,
    **options: Any,
) -> Ran:
    """Run scenarios on a fake; the result is folded from the events."""
    events: list[ev.Event] = []
    control = RunControl()

    def sink(event: ev.Event) -> None:
        events.append(event)
        on_event(event, control)

    made = plan(scenarios, Selection())
    settings = RunOptions(report=tmp_path, checkout=tmp_path, environment={"PATH": "/usr/bin:/bin"}, **options)
    asyncio.run(run_plan(made, Kinds(steps=STEPS, machines={"fake": kind}), sink, settings, control))
    assert kind.running == 0
    assert not (tmp_path / ".work").exists()
    return Ran(fold(events), events)


def verdicts(ran: Ran) -> list[str]:
    return [str(found.verdict) for found in ran.result.cases]


def kinds_of(ran: Ran) -> list[FailureKind | None]:
    return [found.failure.kind if found.failure else None for found in ran.result.cases]


ANSWERS: dict[str, Callable[[int], str]] = {
    "ping": lambda boot: "pong",
    "boot": lambda boot: f"boot {boot}",
    "crash": lambda boot: GURU,
    "second": lambda boot: "good" if boot > 1 else "bad",
    "bye": lambda boot: "bye",
}


def test_cases_run_in_order_on_one_boot(tmp_path: Path) -> None:
    kind = FakeKind(ANSWERS)
    two = scenario(
        case("a", "say ping", "hear pong"),
        case("b", "say boot", "hear boot 1"),
        setup=steps("hear ready"),
        teardown=steps("say bye"),
    )
    ran = run(tmp_path, kind, two)
    assert (ran.result.verdict, verdicts(ran), kind.boots) == (Verdict.PASSED, ["passed", "passed"], 1)
    assert kind.sent == ["ping", "boot", "bye"]
    assert [step.phase for step in ran.result.scenarios[0].steps] == ["setup", "teardown"]
    assert (tmp_path / "logs/s/console.log").read_text().splitlines()[1].endswith("  pong")


def test_a_failing_case_names_its_step_and_the_next_goes_on(tmp_path: Path) -> None:
    ran = run(tmp_path, FakeKind(ANSWERS), scenario(case("a", "hear nothing"), case("b", "say ping", "hear pong")))
    assert verdicts(ran) == ["failed", "passed"]
    failure = ran.result.cases[0].failure
    assert failure is not None
    assert (failure.kind, failure.headline) == (FailureKind.TIMEOUT, "did not hear 'nothing'")
    assert failure.source == Source(file="test.xml", line=10)
    assert ran.result.verdict is Verdict.FAILED


def test_a_retry_is_a_fresh_boot_with_its_setup_and_makes_the_case_flaky(tmp_path: Path) -> None:
    kind = FakeKind(ANSWERS)
    ran = run(
        tmp_path, kind, scenario(case("a", "say second", "hear good", retries=2), setup=steps("hear ready", "say boot"))
    )
    assert (verdicts(ran), kind.boots) == (["passed"], 2)
    assert ran.result.cases[0].flaky
    assert kind.sent == ["boot", "second", "boot", "second"]
    assert [attempt.verdict for attempt in ran.result.cases[0].attempts] == [Verdict.FAILED, Verdict.PASSED]


def test_each_case_may_have_its_own_boot(tmp_path: Path) -> None:
    kind = FakeKind(ANSWERS)
    ran = run(
        tmp_path,
        kind,
        scenario(
            case("a", "say boot", "hear boot 1"),
            case("b", "say boot", "hear boot 2"),
            boot="case",
            teardown=steps("say bye"),
        ),
    )
    assert verdicts(ran) == ["passed", "passed"]
    assert kind.sent == ["boot", "bye", "boot", "bye"]


def test_each_case_gets_its_own_boot_after_a_failure_too(tmp_path: Path) -> None:
    kind = FakeKind(ANSWERS)
    cases = (case("a", "hear never"), case("b", "say boot", "hear boot 2"))
    ran = run(tmp_path, kind, scenario(*cases, boot="case", teardown=steps("say bye")))
    assert verdicts(ran) == ["failed", "passed"]
    assert kind.sent == ["bye", "boot", "bye"]


def test_devices_that_never_come_up_again_end_the_scenario(tmp_path: Path) -> None:
    kind = FakeKind(ANSWERS, greeting=lambda boot: "ready" if boot == 1 else "stuck")
    cases = (case("a", "say crash", "hang"), case("b"), case("c"))
    ran = run(tmp_path, kind, scenario(*cases, setup=steps("hear ready")))
    assert kinds_of(ran) == [FailureKind.PANIC, FailureKind.TIMEOUT, FailureKind.NOT_RUN]
    assert kind.boots == 2


def test_a_panic_ends_the_case_at_once_and_the_next_starts_from_a_fresh_boot(tmp_path: Path) -> None:
    kind = FakeKind(ANSWERS)
    ran = run(
        tmp_path, kind, scenario(case("a", "say crash", "hang"), case("b", "say boot", "hear boot 2")), timeout=60
    )
    assert verdicts(ran) == ["failed", "passed"]
    assert kinds_of(ran)[0] is FailureKind.PANIC
    failure = ran.result.cases[0].failure
    assert failure is not None
    assert "LoadProhibited" in failure.headline
    assert "Rebooting..." in failure.message
    assert failure.source is not None
    assert failure.source.line == 11


def test_a_scenarios_own_pattern_fails_it(tmp_path: Path) -> None:
    guard = Guard(pattern="p.ng", source=HERE)
    ran = run(tmp_path, FakeKind(ANSWERS), scenario(case("a", "say ping", "hang"), fail_on=(guard,)))
    assert kinds_of(ran) == [FailureKind.FORBIDDEN_OUTPUT]


def test_a_device_that_ended_is_booted_again_for_the_next_case(tmp_path: Path) -> None:
    kind = FakeKind(ANSWERS)
    ran = run(tmp_path, kind, scenario(case("a", "say die", "hear more"), case("b", "say boot", "hear boot 2")))
    assert verdicts(ran) == ["failed", "passed"]
    assert kinds_of(ran)[0] is FailureKind.EXIT


def test_a_failing_setup_is_the_scenarios_failure_and_no_case_is_missing(tmp_path: Path) -> None:
    ran = run(tmp_path, FakeKind(ANSWERS), scenario(case("a"), case("b", skip="later"), setup=steps("hear never said")))
    failure = ran.result.scenarios[0].failure
    assert failure is not None
    assert failure.headline == "setup: did not hear 'never said'"
    assert verdicts(ran) == ["error", "skipped"]
    assert kinds_of(ran) == [FailureKind.NOT_RUN, None]


def test_a_setup_that_fails_once_is_retried_when_the_scenario_says_so(tmp_path: Path) -> None:
    kind = FakeKind(ANSWERS, greeting=lambda boot: "ready" if boot == 2 else "stuck")
    ran = run(tmp_path, kind, scenario(case("a", "say ping", "hear pong"), setup=steps("hear ready"), retries=1))
    assert (verdicts(ran), kind.boots) == (["passed"], 2)


def test_a_case_over_its_limit_says_so(tmp_path: Path) -> None:
    ran = run(tmp_path, FakeKind(ANSWERS), scenario(case("a", "hang", timeout=0.05), case("b", "say ping")))
    failure = ran.result.cases[0].failure
    assert failure is not None
    assert (failure.kind, failure.headline) == (
        FailureKind.LIMIT,
        "the case 'a' took longer than its limit of 0.05s, at the step hang",
    )
    assert verdicts(ran) == ["failed", "passed"]


def test_a_scenario_over_its_limit_ends_with_its_teardown(tmp_path: Path) -> None:
    kind = FakeKind(ANSWERS)
    ran = run(tmp_path, kind, scenario(case("a", "hang"), case("b"), timeout=0.1, teardown=steps("say bye")))
    assert kinds_of(ran) == [FailureKind.LIMIT, FailureKind.NOT_RUN]
    assert kind.sent == ["bye"]
    assert ran.result.scenarios[0].failure is not None


def test_a_case_that_failed_keeps_its_reason_when_the_teardown_takes_too_long(tmp_path: Path) -> None:
    case_a = case("a", "hear never")
    ran = run(tmp_path, FakeKind(ANSWERS), scenario(case_a, timeout=1.0, boot="case", teardown=steps("hang")))
    assert kinds_of(ran) == [FailureKind.TIMEOUT]
    assert ran.result.scenarios[0].failure is not None
    assert ran.result.scenarios[0].failure.kind is FailureKind.LIMIT


def test_a_run_over_its_limit_ends_everything(tmp_path: Path) -> None:
    ran = run(tmp_path, FakeKind(ANSWERS), scenario(case("a", "hang")), scenario(case("b"), name="t"), timeout=0.1)
    assert ran.result.failure is not None
    assert ran.result.failure.kind is FailureKind.LIMIT
    assert verdicts(ran) == ["failed", "error"]


def stop_when_hanging(event: ev.Event, control: RunControl) -> None:
    if isinstance(event, ev.Noted):
        control.stop("SIGINT received")


def test_an_interruption_ends_the_run_in_order(tmp_path: Path) -> None:
    kind = FakeKind(ANSWERS)
    first = scenario(case("a", "say ping"), case("b", "hang"), case("c"), teardown=steps("say bye"))
    ran = run(tmp_path, kind, first, scenario(case("d"), name="t"), on_event=stop_when_hanging)
    assert verdicts(ran) == ["passed", "error", "error", "error"]
    assert kinds_of(ran)[1:] == [FailureKind.INTERRUPTED, FailureKind.NOT_RUN, FailureKind.NOT_RUN]
    failure = ran.result.cases[1].failure
    assert failure is not None
    assert failure.headline == "interrupted: SIGINT received"
    assert ran.result.interrupted
    assert kind.sent == ["ping", "bye"]


def test_a_bug_of_ours_is_an_error_without_a_traceback(tmp_path: Path) -> None:
    ran = run(tmp_path, FakeKind(ANSWERS), scenario(case("a", "break")))
    failure = ran.result.cases[0].failure
    assert failure is not None
    assert failure.kind is FailureKind.INTERNAL
    assert "Traceback" not in failure.message
    assert "ZeroDivisionError" in (tmp_path / "internal-errors.log").read_text()


def test_a_machine_that_cannot_be_had_is_told_before_anything_is_booted(tmp_path: Path) -> None:
    kind = FakeKind(ANSWERS, missing="program not found: qemu; apt install qemu")
    ran = run(tmp_path, kind, scenario(case("a")))
    failure = ran.result.scenarios[0].failure
    assert failure is not None
    assert failure.kind is FailureKind.ENVIRONMENT
    assert (kind.boots, kinds_of(ran)) == (0, [FailureKind.NOT_RUN])


def test_a_broken_machine_is_an_error(tmp_path: Path) -> None:
    ran = run(tmp_path, FakeKind(ANSWERS), scenario(case("a", "say unheard of")))
    assert kinds_of(ran) == [FailureKind.MACHINE]
    assert ran.result.verdict is Verdict.ERROR


@pytest.mark.parametrize("jobs", [1, 3])
def test_scenarios_run_side_by_side_up_to_the_number_of_jobs(tmp_path: Path, jobs: int) -> None:
    kind = FakeKind(ANSWERS)
    many = [scenario(case("a", "hear never"), name=f"s{number}") for number in range(5)]
    ran = run(tmp_path, kind, *many, jobs=jobs)
    assert kind.most_running == jobs
    assert {result.worker for result in ran.result.scenarios} == set(range(jobs))


def test_the_log_span_of_a_step_leads_to_its_lines(tmp_path: Path) -> None:
    ran = run(tmp_path, FakeKind(ANSWERS), scenario(case("a", "hear ready", "say ping", "hear pong")))
    (attempt,) = ran.result.cases[0].attempts
    assert [(span.first, span.last) for span in attempt.log] == [(1, 2)]
