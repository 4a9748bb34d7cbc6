"""Composition: the one place that wires settings, scenarios, engine, live views, reports and statuses together."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from testarena_ci.context import CIContext, child_environment, environment
from testarena_ci.ending import tell_runner
from testarena_ci.live.plain import PlainView
from testarena_ci.live.queue_files import REFRESH, QueueLog, QueueStatus, end_status
from testarena_ci.refusal import tell_refused
from testarena_ci.report_folder import mark_ended, open_report_folder
from testarena_ci.reports.write import warm_up, write_reports
from testarena_ci.runner_commands import neutralise
from testarena_ci.settings import Settings
from testarena_ci.statuses import NoStatuses, RunStatuses, StatusWishes, open_statuses
from tpf import events as ev
from tpf.context import Kinds
from tpf.engine import RunControl, RunOptions, run_plan
from tpf.errors import TestArenaError, UsageError
from tpf.fold import fold
from tpf.journal import FILE_NAME as JOURNAL
from tpf.journal import JournalWriter, read
from tpf.language import LoadOptions, default_vocabulary, load_scenarios
from tpf.machines import kinds as machine_kinds
from tpf.result import RunResult
from tpf.scenario.model import Scenario
from tpf.schedule import Plan, Selection, plan
from tpf.steps import kinds as step_kinds


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a command is called in: the folder, the CI runner, and where its words go."""

    cwd: Path
    ci: CIContext
    say: Callable[[str], None]  # a line for people
    terminal: bool  # stdout is a terminal that people look at


def load(settings: Settings, surroundings: Surroundings) -> tuple[Scenario, ...]:
    """All scenarios that the settings name. Raises ScenarioErrors with every problem of every file."""
    options = LoadOptions(
        checkout=checkout_of(surroundings.cwd),
        cwd=surroundings.cwd,
        values=dict(settings.set),
        target=settings.target,
        retries=settings.retries,
    )
    paths = [surroundings.cwd / path for path in settings.scenarios]
    return load_scenarios(paths, default_vocabulary(), options)


def checkout_of(folder: Path) -> Path:
    """The folder that paths of scenarios can't leave: the nearest one above with a .git, else the folder itself."""
    for candidate in (folder, *folder.parents):
        if (candidate / ".git").exists():
            return candidate
    return folder


def make_plan(settings: Settings, scenarios: Sequence[Scenario]) -> Plan:
    """What of the scenarios is to run. Raises UsageError when nothing is left: a run without a case is no pass."""
    made = plan(scenarios, Selection(filters=settings.filter, tags=settings.tag))
    if not made.runs:
        wanted = ", ".join(
            [*(f"--filter {text!r}" for text in settings.filter), *(f"--tag {tag!r}" for tag in settings.tag)]
        )
        known = ", ".join(repr(scenario.name) for scenario in scenarios[:10])
        raise UsageError(f"no case matches {wanted}; the scenarios are {known}; see them all with `testarena list`")
    return made


def run(settings: Settings, surroundings: Surroundings) -> RunResult:
    """Run the scenarios live, leave all reports, bring the final states to the forge. Raises UsageError and others."""
    for warning in surroundings.ci.warnings:
        surroundings.say(neutralise(f"note: {warning}"))
    report = surroundings.cwd / settings.report_dir
    with _begun(settings, surroundings, report) as made:
        statuses = open_statuses(StatusWishes.of(settings), surroundings.ci, report, surroundings.say)
        try:
            _run_live(made, settings, surroundings, report, statuses)
            result = fold(read(report / JOURNAL))
            write_reports(report, result)
            statuses.finish(result)
            tell_runner(result, report, surroundings.ci, surroundings.say)
        finally:
            statuses.close()
        mark_ended(report)
    return result


@contextlib.contextmanager
def _begun(settings: Settings, surroundings: Surroundings, report: Path) -> Iterator[Plan]:
    """What is to run, with the report folder held. A run that can't begin tells runner and forge why."""
    with ExitStack() as stack:
        try:
            made = make_plan(settings, load(settings, surroundings))
            stack.enter_context(open_report_folder(report))
        except TestArenaError as error:
            tell_refused(error, StatusWishes.of(settings), surroundings.ci, surroundings.say)
            raise
        yield made


def _run_live(
    made: Plan, settings: Settings, surroundings: Surroundings, report: Path, statuses: RunStatuses | NoStatuses
) -> None:
    options = RunOptions(
        report=report,
        checkout=checkout_of(surroundings.cwd),
        environment=child_environment(environment()),
        jobs=settings.jobs or default_jobs(),
        timeout=settings.timeout,
        values=settings.set,
        properties=properties_of(surroundings.ci),
    )
    with ExitStack() as stack:
        journal = stack.enter_context(JournalWriter(report / JOURNAL))
        log = stack.enter_context(contextlib.closing(QueueLog(report)))
        status = QueueStatus(report)
        view = stack.enter_context(_view(surroundings))
        sinks: tuple[ev.Sink, ...] = (journal, log, status, view, statuses)

        def sink(event: ev.Event) -> None:
            for take in sinks:
                take(event)

        asyncio.run(_run_until_stopped(made, sink, options, status))


async def _run_until_stopped(made: Plan, sink: ev.Sink, options: RunOptions, status: QueueStatus) -> None:
    """Run the plan; SIGINT and SIGTERM end it in order."""
    control = RunControl()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, control.stop, f"{number.name} received")
    heartbeat = loop.create_task(_heartbeat(status))
    threading.Thread(target=warm_up, name="report-warm-up", daemon=True).start()
    try:
        await run_plan(made, Kinds(steps=step_kinds(), machines=machine_kinds()), sink, options, control)
    finally:
        heartbeat.cancel()


async def _heartbeat(status: QueueStatus) -> None:
    while True:
        await asyncio.sleep(REFRESH)
        status.refresh()


@contextlib.contextmanager
def _view(surroundings: Surroundings) -> Iterator[ev.Sink]:
    """The live view that fits: a drawing for people at a terminal, plain lines for everything else."""
    if not surroundings.terminal or surroundings.ci.ci:
        yield PlainView(surroundings.say, groups=surroundings.ci.ci)
        return
    from rich.console import Console  # lazy: rich costs 50 ms, and CI never draws

    from testarena_ci.live.terminal import TerminalView  # lazy: as above

    with TerminalView(Console(file=sys.stdout)) as view:
        yield view


def default_jobs() -> int:
    """One scenario a core and one more: there is always one that waits for its device."""
    return len(os.sched_getaffinity(0)) + 1 if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1) + 1


def run_key(ci: CIContext) -> str:
    """Which attempt at which workflow run this is; empty outside of CI."""
    return f"{ci.run.id}.{ci.run.attempt}" if ci.run.id else ""


def properties_of(ci: CIContext) -> tuple[tuple[str, str], ...]:
    """What the reports say of a run's surroundings; empty entries are left out."""
    known = (
        ("run", run_key(ci)),
        ("repository", ci.repository),
        ("commit", ci.sha),
        ("branch", ci.branch),
        ("base", ci.base),
        ("event", ci.event),
        ("workflow", ci.run.workflow),
        ("job", ci.run.job),
        ("actor", ci.run.actor),
        ("host", os.uname().nodename),
        ("python", sys.version.split()[0]),
    )
    return tuple((name, value) for name, value in known if value)


def report_again(folder: Path) -> RunResult:
    """Make all reports of a report folder again from its journal. Raises JournalError, UsageError."""
    try:
        events = tuple(read(folder / JOURNAL))
        result = fold(events)
    except (ValueError, KeyError, IndexError) as error:
        raise UsageError(f"{folder / JOURNAL}: is not the journal of a run: {error}") from error
    end_status(folder, events)
    write_reports(folder, result)
    return result
