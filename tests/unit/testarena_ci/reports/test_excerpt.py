"""The lines of a console that explain a failure."""

from __future__ import annotations

from msgspec.structs import replace

from testarena_ci.reports.console import ConsoleLines, ConsoleText
from testarena_ci.reports.excerpt import Excerpt, details_beyond, excerpt, last_lines
from tests.support.builders import attempt, failure, span, step
from tpf.result import FailureKind, Verdict

LATE = failure(FailureKind.TIMEOUT, "did not come")


def log(lines: int, **texts: str) -> ConsoleLines:
    made = [texts.get(f"l{number}", f"line {number}") for number in range(1, lines + 1)]
    return ConsoleText(head="".join(f"{n:10.3f}  {text}\n" for n, text in enumerate(made)).encode()).lines()


def shown(found: Excerpt | None) -> tuple[int, int, int]:
    assert found is not None
    return found.lines[0].number, found.culprit, found.lines[-1].number


def failed(message: str, *, step_log: tuple[int, int], attempt_log: tuple[int, int]) -> tuple[int, int, int]:
    why = failure(FailureKind.PANIC, message)
    wrong = step("expect", 3, log=step_log, verdict=Verdict.FAILED, failure=why)
    return shown(excerpt(attempt(wrong, failure=why, log=attempt_log), why, {"": log(100, l50="abort() was called")}))


def test_it_ends_where_the_failing_step_stopped_looking() -> None:
    assert failed("did not come", step_log=(30, 60), attempt_log=(1, 60)) == (48, 0, 60)


def test_it_is_around_the_line_that_the_message_quotes() -> None:
    assert failed("panic: abort() was called", step_log=(30, 90), attempt_log=(1, 90)) == (38, 50, 62)


def test_it_does_not_show_what_came_before_the_attempt() -> None:
    assert failed("did not come", step_log=(42, 44), attempt_log=(40, 44)) == (40, 0, 44)


def test_a_step_that_saw_nothing_shows_the_end_of_the_attempt() -> None:
    assert failed("did not come", step_log=(61, 60), attempt_log=(1, 60)) == (48, 0, 60)


def test_it_is_of_the_device_that_the_step_looked_at() -> None:
    wrong = step("expect", 3, verdict=Verdict.FAILED, failure=LATE)
    two = attempt(failure=LATE)
    both = (span(1, 3, "server"), span(1, 5, "client"))
    looked = replace(wrong, log=(span(4, 5, "client"),))
    found = excerpt(replace(two, steps=(looked,), log=both), LATE, {"server": log(3), "client": log(5)})
    assert found is not None
    assert (found.device, found.marked) == ("client", span(4, 5, "client"))


def test_without_lines_there_is_none() -> None:
    assert excerpt(attempt(failure=LATE), LATE, {"": log(3)}) is None
    assert excerpt(attempt(failure=LATE, log=(1, 3)), LATE, {}) is None
    assert excerpt(attempt(failure=LATE, log=(1, 3)), LATE, {"": ConsoleLines()}) is None


def test_the_end_of_a_log_explains_a_failure_outside_of_any_case() -> None:
    assert shown(last_lines("", log(100), LATE)) == (77, 0, 100)
    assert shown(
        last_lines("", log(100, l40="E: no such file"), failure(FailureKind.BUILD, "build: E: no such file"))
    ) == (
        28,
        40,
        52,
    )
    assert last_lines("", ConsoleLines(), LATE) is None


QUOTING = """did not come
backtrace:
  main.c:3
console since the last match:
      8 | line 8
      9 |
        … 12 lines left out
     22 | line: 22
output:
      1 | of a host command
the end"""


def test_details_do_not_repeat_the_console() -> None:
    why = failure(FailureKind.TIMEOUT, QUOTING)
    beyond = "backtrace:\n  main.c:3\noutput:\n      1 | of a host command\nthe end"
    assert details_beyond(why, with_console=True) == beyond
    assert details_beyond(why, with_console=False) == QUOTING.partition("\n")[2]
    assert details_beyond(LATE, with_console=True) == ""
