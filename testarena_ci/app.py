"""Composition: the one place that wires settings, scenarios, engine, live views, reports and statuses together."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import os
import sys
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from testarena_ci import again
from testarena_ci.context import CIContext, child_environment, environment
from testarena_ci.ending import tell_runner
from testarena_ci.forges.links import run_link, source_link
from testarena_ci.live.plain import PlainView
from testarena_ci.live.queue_files import REFRESH, STATUS_NAME, QueueLog, QueueStatus, end_status
from testarena_ci.loading import checkout_of, language, load_judged
from testarena_ci.planning import Picks, make_plan
from testarena_ci.refusal import tell_refused
from testarena_ci.report_folder import is_held, mark_ended, open_report_folder
from testarena_ci.reports.write import warm_up, write_reports
from testarena_ci.rounds import another
from testarena_ci.runner_commands import neutralise
from testarena_ci.settings import Settings
from testarena_ci.statuses import NoStatuses, RunStatuses, StatusWishes, open_statuses
from testarena_ci.stop_signals import StopSignals, held_signals
from tpf import events as ev
from tpf.context import Kinds
from tpf.engine import RunControl, RunOptions, run_plan
from tpf.errors import TestArenaError, UsageError
from tpf.fold import fold
from tpf.journal import FILE_NAME as JOURNAL
from tpf.journal import JournalWriter, read
from tpf.result import RunResult, Verdict
from tpf.scenario.model import Scenario
from tpf.schedule import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a command is called in: the folder, the CI runner, and where its words go."""

    cwd: Path
    ci: CIContext
    say: Callable[[str], None]  # a line for people
    terminal: bool  # stdout is a terminal that people look at
    today: dt.date  # quarantines end by it


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    """A run that has begun: all is read and checked, and the report folder is held."""

    settings: Settings
    surroundings: Surroundings
    picks: Picks
    kinds: Kinds
    scenarios: tuple[Scenario, ...]
    report: Path
    folder: ExitStack  # holds the report folder

    def plan(self, number: int) -> Plan:
        """What a round is to run."""
        return make_plan(self.settings, self.picks.in_round(number), self.scenarios)


def run(settings: Settings, surroundings: Surroundings, picks: Picks | None = None) -> RunResult:
    """Run the scenarios live, leave all reports, bring the final states to the forge. Raises UsageError and others.

    With `--until-fail`, result and reports are those of the last round.
    """
    for warning in surroundings.ci.warnings:
        surroundings.say(neutralise(f"note: {warning}"))
    with _begun(settings, surroundings, picks or Picks()) as job:
        statuses = open_statuses(StatusWishes.of(settings), surroundings.ci, job.report, surroundings.say)
        try:
            with held_signals() as signals:
                result = _rounds(job, statuses, signals)
                write_reports(job.report, result, junit=settings.junit)
                statuses.finish(result)
                tell_runner(result, job.report, surroundings.ci, surroundings.say)
                keep_in_history(settings, surroundings, result)
        finally:
            statuses.close()
        mark_ended(job.report)
    return result


@contextlib.contextmanager
def _begun(settings: Settings, surroundings: Surroundings, picks: Picks) -> Iterator[_Job]:
    """What is to run, with the report folder held. A run that can't begin tells runner and forge why."""
    report = surroundings.cwd / settings.report_dir
    with ExitStack() as folder:
        try:
            known = language(settings, surroundings.cwd)
            job = _Job(
                settings=settings,
                surroundings=surroundings,
                picks=picks,
                kinds=known.kinds,
                scenarios=load_judged(settings, known, surroundings.cwd, surroundings.today),
                report=report,
                folder=folder,
            )
            job.plan(1)
            folder.enter_context(open_report_folder(report))
        except TestArenaError as error:
            tell_refused(error, StatusWishes.of(settings), surroundings.ci, surroundings.say)
            raise
        yield job


def _rounds(job: _Job, statuses: RunStatuses | NoStatuses, signals: StopSignals) -> RunResult:
    """The result of the only round; with `--until-fail`, of the first that isn't passed, or of the last there is."""
    began = time.monotonic()
    ends: list[float] = []
    most = job.picks.repeat if job.picks.repeat > 1 else None
    while True:
        limit = job.settings.timeout - (ends[-1] if ends else 0.0)
        _run_live(job, job.plan(len(ends) + 1), _round(job, len(ends) + 1, limit), statuses, signals)
        result = fold(read(job.report / JOURNAL))
        ends.append(time.monotonic() - began)
        over = not job.picks.until_fail or result.verdict is not Verdict.PASSED
        if over or not another(ends, limit=job.settings.timeout, most=most):
            return result
        keep_in_history(job.settings, job.surroundings, result)
        job.surroundings.say(f"-- round {len(ends) + 1}: all before it passed, in {ends[-1]:.1f} s")
        job.folder.close()
        job.folder.enter_context(open_report_folder(job.report))


def _round(job: _Job, number: int, limit: float) -> RunOptions:
    picks = job.picks.in_round(number)
    return RunOptions(
        report=job.report,
        checkout=checkout_of(job.surroundings.cwd),
        cwd=job.surroundings.cwd,
        environment=child_environment(environment()),
        jobs=job.settings.jobs or default_jobs(),
        timeout=limit,
        values=job.settings.set,
        properties=(
            *properties_of(job.surroundings.ci),
            *picks.properties(number),
            *again.properties(job.settings.target, job.settings.set),
        ),
    )


def _run_live(
    job: _Job, made: Plan, options: RunOptions, statuses: RunStatuses | NoStatuses, signals: StopSignals
) -> None:
    report = options.report
    with ExitStack() as stack:
        journal = stack.enter_context(JournalWriter(report / JOURNAL))
        log = stack.enter_context(contextlib.closing(QueueLog(report)))
        status = QueueStatus(report)
        control = RunControl()
        view = stack.enter_context(_view(job.surroundings))
        sink = _to_all(journal, log, status, view, statuses)
        running = run_plan(made, job.kinds, sink, options, control)
        asyncio.run(_run_until_stopped(running, control, status, signals))


def _to_all(*sinks: ev.Sink) -> ev.Sink:
    """One sink of many. All get every event, also when the disk is full for one of them; its error is raised then."""

    def sink(event: ev.Event) -> None:
        errors = []
        for take in sinks:
            try:
                take(event)
            except OSError as error:
                errors.append(error)
        if errors:
            raise errors[0]

    return sink


async def _run_until_stopped(
    running: Coroutine[Any, Any, None], control: RunControl, status: QueueStatus, signals: StopSignals
) -> None:
    """Run to the end, which a signal brings about in order."""
    loop = asyncio.get_running_loop()
    heartbeat = loop.create_task(_heartbeat(status))
    threading.Thread(target=warm_up, name="report-warm-up", daemon=True).start()
    try:
        with signals.lead_to(lambda reason: loop.call_soon_threadsafe(control.stop, reason)):
            await running
    finally:
        heartbeat.cancel()


async def _heartbeat(status: QueueStatus) -> None:
    while True:
        await asyncio.sleep(REFRESH)
        with contextlib.suppress(OSError):  # no room: the next event says so
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


def keep_in_history(settings: Settings, surroundings: Surroundings, result: RunResult) -> None:
    """Keep a run in the history that the settings name, if they do. Trouble is said, never raised."""
    if settings.history:
        from testarena_ci.history.feeding import feed  # lazy: few runs pay for the database

        feed(surroundings.cwd / settings.history, result, surroundings.say)


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
        ("repository_url", ci.repo_url),
        ("commit", ci.sha),
        ("commit_url", f"{ci.repo_url}/commit/{ci.sha}" if ci.repo_url and ci.sha else ""),
        ("source_url", source_link(ci)),
        ("folder", ci.folder),
        ("branch", ci.branch),
        ("base", ci.base),
        ("event", ci.event),
        ("workflow", ci.run.workflow),
        ("job", ci.run.job),
        ("run_url", run_link(ci)),
        ("actor", ci.run.actor),
        ("host", os.uname().nodename),
        ("python", sys.version.split()[0]),
    )
    return tuple((name, value) for name, value in known if value)


def report_again(folder: Path, junit: str = "common") -> RunResult:
    """Make all reports of a report folder again from its journal. Raises JournalError, UsageError."""
    if is_held(folder):
        raise UsageError(f"{folder}: a run is still writing here; wait for its end, or watch {folder / STATUS_NAME}")
    try:
        events = tuple(read(folder / JOURNAL))
        result = fold(events)
    except (ValueError, KeyError, IndexError) as error:
        raise UsageError(f"{folder / JOURNAL}: is not the journal of a run: {error}") from error
    end_status(folder, events)
    write_reports(folder, result, junit=junit)
    return result
