"""What a run that can't begin tells runner and forge: nobody shall wait for a status that never comes."""

from __future__ import annotations

from collections.abc import Callable

from testarena_ci.context import CIContext, ForgeKind
from testarena_ci.forges.base import State
from testarena_ci.reports.markdown import block
from testarena_ci.runner_commands import Annotation, annotation_lines, append_summary, write_outputs
from testarena_ci.settings import SettingsErrors
from testarena_ci.statuses import StatusWishes, post_alone
from tpf.errors import ScenarioErrors, TestArenaError


def tell_refused(error: TestArenaError, wishes: StatusWishes | None, ci: CIContext, say: Callable[[str], None]) -> None:
    """Annotations where the problems are, the outcome, a summary and a commit status. Trouble is said, never raised.

    Without `wishes` there is no status: the settings, which give it its name, are what is wrong.
    """
    if not ci.ci:
        return
    if ci.kind is ForgeKind.GITHUB:  # elsewhere the error itself, which is printed anyway, says the same
        for line in annotation_lines(problems_at_their_places(error), ci.kind, ci.folder):
            say(line)
    summary = f"## ⚠️ Nothing ran\n\n{block(str(error))}\n"
    for trouble in (
        write_outputs(ci.files.output, {"outcome": "error"}),
        append_summary(ci.files.summary, summary),
    ):
        if trouble:
            say(trouble)
    if wishes is not None:
        post_alone(wishes, ci, State.ERROR, description(error), say)


def problems_at_their_places(error: TestArenaError) -> tuple[Annotation, ...]:
    """One for each problem of scenario files or settings, at its place; one for any other error."""
    if isinstance(error, ScenarioErrors | SettingsErrors):
        return tuple(
            Annotation(
                title="TestArena", message=problem.message, source=problem.source if problem.source.file else None
            )
            for problem in error.problems
        )
    return (Annotation(title="TestArena", message=str(error)),)


def description(error: TestArenaError) -> str:
    """``nothing ran: 3 problems in scenarios, the first: boot.xml:12:5: unknown step <sned>``"""
    if not isinstance(error, ScenarioErrors):
        return f"nothing ran: {error}"
    more = len(error.problems) - 1
    number = f"{len(error.problems)} problems in scenarios, the first: " if more else ""
    return f"nothing ran: {number}{error.problems[0]}"
