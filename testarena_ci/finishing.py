"""The `if: always()` step: ends what a run that was killed left open, and sends what it could not post."""

from __future__ import annotations

from pathlib import Path

from testarena_ci.app import Surroundings, keep_in_history, report_again, run_key
from testarena_ci.ending import result_words, tell_runner
from testarena_ci.report_folder import has_ended, is_held
from testarena_ci.settings import Settings
from testarena_ci.statuses import StatusWishes, send_left_over
from tpf.errors import TestArenaError
from tpf.fold import fold
from tpf.journal import FILE_NAME as JOURNAL
from tpf.journal import read
from tpf.result import RunResult


def finish(settings: Settings, surroundings: Surroundings) -> None:
    """Reports from the journal and the final commit status, when the run didn't get to them. A bad journal is said."""
    folder = surroundings.cwd / settings.report_dir
    if not (folder / JOURNAL).is_file():
        surroundings.say(f"nothing to finish: no run has written into {folder}")
        return
    if is_held(folder):
        surroundings.say(f"nothing to finish yet: a run is still writing into {folder}")
        return
    try:
        result = fold(read(folder / JOURNAL))
    except (TestArenaError, ValueError) as error:
        surroundings.say(f"the run can't be finished: {error}")
        return
    if not _of_this_run(result, surroundings):
        surroundings.say(f"nothing to finish: the report in {folder} is of another workflow run")
        return
    cut_off = None if has_ended(folder) else result
    if cut_off is not None:
        _report(cut_off, folder, settings, surroundings)
        keep_in_history(settings, surroundings, cut_off)
    send_left_over(StatusWishes.of(settings), surroundings.ci, folder, cut_off, surroundings.say)


def _report(result: RunResult, folder: Path, settings: Settings, surroundings: Surroundings) -> None:
    """Reports and last words of a run that was killed. Trouble is said, for the forge must hear of the run anyway."""
    try:
        report_again(folder, settings.junit)
    except TestArenaError as error:
        surroundings.say(str(error))
    for line in result_words(result, folder):
        surroundings.say(line)
    tell_runner(result, folder, surroundings.ci, surroundings.say)


def _of_this_run(result: RunResult, surroundings: Surroundings) -> bool:
    """A runner of one's own keeps its workspace: an old report must not speak for a run that never began."""
    known = dict(result.properties).get("run", "")
    return not known or known == run_key(surroundings.ci)
