"""`testarena build`: builds what scenarios need, without running them, and says what came of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any, Final

from testarena_ci.context import CIContext, child_environment, environment
from testarena_ci.ending import EXIT_ENVIRONMENT, EXIT_ERROR, EXIT_INTERRUPTED, EXIT_PASSED, code_lines
from testarena_ci.live.plain import PlainView
from testarena_ci.loading import checkout_of, language, load
from testarena_ci.planning import Picks, make_plan
from testarena_ci.reports.results_json import build_document
from testarena_ci.reports.status import short_duration
from testarena_ci.runner_commands import annotation_lines, build_annotations, neutralise
from testarena_ci.settings import Settings
from testarena_ci.stop_signals import StopSignals, held_signals
from tpf import events as ev
from tpf.engine import RunControl, RunOptions, run_plan
from tpf.files import OURS
from tpf.firmware.idf.folder import make_folder
from tpf.fold import fold
from tpf.prebuild import build_all
from tpf.result import Failure, FailureKind, RunResult

_QUIET: Final = (ev.RunStarted, ev.RunFinished)  # no scenario runs: they have nothing to say


def build(settings: Settings, cwd: Path, say: Callable[[str], None]) -> RunResult:
    """Build the firmware of the scenarios that the settings select; lines go to `say` as they come.

    The result has builds alone. Raises UsageError and others before anything is built.
    """
    known = language(settings, cwd)
    plan = make_plan(settings, Picks(), load(settings, known, cwd))
    checkout = checkout_of(cwd)
    folder = checkout / OURS
    make_folder(folder)
    view = PlainView(say, groups=False)
    events: list[ev.Event] = []

    def sink(event: ev.Event) -> None:
        events.append(event)
        if isinstance(event, ev.BuildStarted):
            (folder / event.log).unlink(missing_ok=True)  # that of the last time
        if not isinstance(event, _QUIET):
            view(event)

    options = RunOptions(
        report=folder,
        checkout=checkout,
        environment=child_environment(environment()),
        timeout=settings.timeout,
        values=settings.set,
    )
    control = RunControl()
    with held_signals() as signals:
        asyncio.run(_until_stopped(run_plan(plan, known.kinds, sink, options, control, build_all), control, signals))
    return fold(event for event in events if not isinstance(event, ev.Output))


async def _until_stopped(running: Coroutine[Any, Any, None], control: RunControl, signals: StopSignals) -> None:
    loop = asyncio.get_running_loop()
    with signals.lead_to(lambda reason: loop.call_soon_threadsafe(control.stop, reason)):
        await running


def failures(result: RunResult) -> tuple[Failure, ...]:
    """All that went wrong."""
    found = [build.failure for build in result.builds]
    return tuple(failure for failure in (result.failure, *found) if failure is not None)


def exit_code(result: RunResult) -> int:
    wrong = failures(result)
    if result.interrupted:
        return EXIT_INTERRUPTED
    if not wrong:
        return EXIT_PASSED
    return EXIT_ENVIRONMENT if all(one.kind is FailureKind.ENVIRONMENT for one in wrong) else EXIT_ERROR


def runner_lines(result: RunResult, ci: CIContext) -> tuple[str, ...]:
    """What a runner shows at the lines that builds failed at."""
    return annotation_lines(build_annotations(result), ci.kind, ci.folder) if ci.ci else ()


def words(result: RunResult) -> Iterator[str]:
    """What a person wants to know at the end."""
    for failure in failures(result):
        place = f"{failure.source}: " if failure.source else ""
        yield neutralise(f"{place}{failure.headline}")
        yield from (neutralise(f"    {line}") for line in code_lines(failure))
    number, bad = len(result.builds), sum(build.failure is not None for build in result.builds)
    if not number:
        yield "nothing to build: no <firmware> of these scenarios has a project or a command"
        return
    same = sum(build.reused for build in result.builds)
    of = f"{bad} of " if number > 1 else ""
    said = f"{of}{_builds(number)} failed" if bad else f"{_builds(number)}{f', {same} unchanged' if same else ''}"
    yield f"{'ERROR' if failures(result) else 'BUILT'}: {said} in {short_duration(result.seconds)}"


def _builds(number: int) -> str:
    return "1 build" if number == 1 else f"{number} builds"


def as_json(result: RunResult) -> str:
    """As results.json has builds; the paths of logs are relative to `.testarena` in the checkout."""
    return json.dumps({"builds": [build_document(build) for build in result.builds]}, indent=1)
