"""The way to Unity's menu: waits for its prompt, has it listed, and reads the list."""

from __future__ import annotations

from typing import Final

from tpf.console import Console, Wanted
from tpf.console.failures import before
from tpf.console.quoting import seconds
from tpf.device_time import limited
from tpf.errors import DeviceFailure, StepError
from tpf.result import FailureKind
from tpf.steps.base import StepContext
from tpf.steps.send import Send
from tpf.steps.unity.lines import Crash, Word
from tpf.steps.unity.menu import Entry, parse_menu
from tpf.steps.unity.reader import Reader

RESTART: Final = 30.0  # seconds from a restart to the prompt
_FIRST: Final = 5.0  # seconds for the first prompt: it may have come long before, so the list is asked for all the same
_LIST: Final = 10.0  # seconds for the list
_TRIES: Final = 3  # times that it is asked for
_NEAR: Final = 4  # last lines in which the prompt may stand
_BEGIN: Final = Wanted(text="Here's the test menu, pick your combo:")
_END: Final = Wanted(text=Word.MENU_END.value)


async def open_menu(context: StepContext, reader: Reader) -> tuple[Entry, ...]:
    """The tests that the menu has. Raises DeviceFailure when there is no menu, StepError when it can't be read."""
    if not _is_at_menu(context.console):
        await _prompt_came(reader, _FIRST)
    problem = ""
    for _ in range(_TRIES):
        try:
            entries = parse_menu(await _list(context))
        except ValueError as error:
            problem = str(error)
            continue
        if not entries:
            raise DeviceFailure(FailureKind.MISMATCH, "Unity's menu lists no test")
        return entries
    raise StepError(f"Unity's menu can't be read: {problem}{before(context.console.recent)}")


async def menu_came_back(context: StepContext, reader: Reader) -> None:
    """After a restart: wait until the firmware waits at the menu's prompt. Raises DeviceFailure when it doesn't."""
    if not await _prompt_came(reader, RESTART):
        wanted = f'"{Word.PROMPT.value}" did not come within {seconds(RESTART)}'
        message = f"Unity's menu did not come back after a restart: {wanted}{before(context.console.recent)}"
        raise DeviceFailure(FailureKind.TIMEOUT, message)


async def _prompt_came(reader: Reader, limit: float) -> bool:
    try:
        async with limited(reader.time, limit):
            while (told := await reader.next()) is not Word.PROMPT:
                if isinstance(told, Crash):
                    raise DeviceFailure(FailureKind.PANIC, f"before Unity's menu came: {told.text}")
    except TimeoutError:
        return False
    return True


def _is_at_menu(console: Console) -> bool:
    """Whether an earlier step has waited for the prompt, or used the menu."""
    return any(word.value in line for line in console.recent.tail(_NEAR) for word in Word)


async def _list(context: StepContext) -> list[str]:
    """The lines of the menu's list."""
    console = context.console
    for _ in range(_TRIES):
        await Send().run(context)
        try:
            async with limited(console.time, _LIST):
                (begin,) = await console.expect(_BEGIN)
                with console.sightings.of(_END, since=begin.end):  # which keeps the list
                    (end,) = await console.expect(_END)
                    return console.window.text(begin.end, end.end).split("\n")
        except TimeoutError:
            continue
    wanted = f'"{_BEGIN.text}" did not come within {seconds(_TRIES * _LIST)}'
    hint = 'a firmware that runs its tests by itself is read with <unity mode="read"/>'
    message = f"Unity's menu is not there: {wanted}, though ENTER was sent; {hint}{before(console.recent)}"
    raise DeviceFailure(FailureKind.TIMEOUT, message)
