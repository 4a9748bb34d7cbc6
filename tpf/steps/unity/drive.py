"""Drives Unity's menu: asks for each wanted test by its number, over crashes and restarts of the chip."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tpf.console.quoting import quote
from tpf.device_time import limited
from tpf.errors import DeviceFailure, StepError, TestArenaError
from tpf.machines.base import CanReset, HasPower
from tpf.result import Failure, FailureKind
from tpf.steps.base import StepContext
from tpf.steps.send import Send
from tpf.steps.unity.entry import menu_came_back, open_menu
from tpf.steps.unity.judge import Attempt, Judgement, judge
from tpf.steps.unity.lines import Crash, Restart, Result, Stage, Summary, Took, Word
from tpf.steps.unity.menu import Choice, Entry, chosen, why_left_out
from tpf.steps.unity.reader import Reader
from tpf.steps.unity.tell import tell

_READY: Final = 1.0  # seconds after a summary in which the firmware says that it waits for the next test


class Drive:
    """One run of tests by the menu."""

    def __init__(self, context: StepContext, each: float) -> None:
        self._context = context
        self._reader = Reader(context.console)
        self._each = each
        self._says_ready = True  # older menus don't
        self.doing = "waiting for its menu"  # for messages
        self._is_lost = False  # the last test left the chip where only a reset helps

    async def run(self, choice: Choice) -> None:
        """Run the wanted tests, each told of as a part; also those that can't run any more when something fails."""
        entries = await open_menu(self._context, self._reader)
        try:
            waiting = list(chosen(entries, choice))
        except ValueError as error:
            raise DeviceFailure(FailureKind.MISMATCH, str(error)) from error
        try:
            while waiting:
                await self._test(waiting[0], choice)
                waiting.pop(0)
        except BaseException as error:
            self._tell_not_run(waiting, error)
            raise

    async def _test(self, entry: Entry, choice: Choice) -> None:
        self.doing = f"at {quote(entry.name)}"
        left_out = why_left_out(entry, choice)
        self._reader.begin()
        time = self._context.console.time
        started = time.now()
        took = 0.0
        judgement = Judgement(skip=left_out)
        for stage in range(1, 1 + max(len(entry.stages), 1)) if not left_out else ():
            if self._is_lost:
                await self._restart()
            attempt = await self._attempt(entry, stage)
            took += attempt.took or 0.0
            judgement = judge(entry, attempt, last=stage >= len(entry.stages), story=self._reader.story())
            if not judgement.good:
                break
        elapsed = time.now() - started
        seconds = took or (0.0 if left_out else elapsed)
        tell(
            self._context, entry.name, judgement, seconds, self._reader.span, "".join(f"[{tag}]" for tag in entry.tags)
        )

    async def _attempt(self, entry: Entry, stage: int) -> Attempt:
        """Ask for a test, or one stage of it, and read until it is over."""
        attempt = Attempt(results=[])
        limit = _limit(entry, self._each)
        try:
            async with limited(self._context.console.time, limit):
                await self._send(entry.number)
                while not attempt.over:
                    await self._happening(attempt, entry, stage)
                await self._until_ready(attempt)
        except TimeoutError:
            attempt.overdue = limit
        except DeviceFailure as error:
            attempt.ended = Failure(kind=error.kind, message=str(error))
        self._is_lost = attempt.lost
        return attempt

    async def _happening(self, attempt: Attempt, entry: Entry, stage: int) -> None:
        match await self._reader.next(entry.name):
            case Result() as result:
                attempt.results.append(result)
            case Summary() as summary:
                attempt.summary = summary
            case Took(seconds=seconds):
                attempt.took = seconds
            case Stage(number=number) if number == len(entry.stages):
                await self._send(stage)
            case Crash(text=text):
                attempt.crashed(text)
            case Restart(banner=banner):
                attempt.banner = attempt.banner or banner
            case Word.PROMPT:
                attempt.back = True
            case _:
                pass

    async def _until_ready(self, attempt: Attempt) -> None:
        """After the summary: wait until the menu asks for the next test; a test may restart the chip at its end."""
        if attempt.summary is None or attempt.back or not self._says_ready:
            return
        try:
            async with limited(self._context.console.time, _READY):
                while not (attempt.back or attempt.loops):
                    match await self._reader.next():
                        case Word.READY:
                            return
                        case Crash(text=text):
                            attempt.crashed(text)
                        case Restart(banner=banner):
                            attempt.banner = attempt.banner or banner
                        case Word.PROMPT:
                            attempt.back = True
                        case _:
                            pass
        except TimeoutError:
            self._says_ready = attempt.lost

    async def _restart(self) -> None:
        """Bring a device back that hangs in a test, or has ended by it. Raises DeviceFailure when it stays away."""
        console, machine = self._context.console, self._context.machine
        if console.ending is not None and isinstance(machine, HasPower):
            console.resetting("-- power on")
            await machine.power_on()
        elif isinstance(machine, CanReset):
            console.resetting("-- reset")
            await machine.reset()
        else:
            raise StepError("the last test never ended, and this machine has no reset button")
        await menu_came_back(self._context, self._reader)

    async def _send(self, number: int) -> None:
        await Send(text=str(number)).run(self._context)

    def _tell_not_run(self, entries: Sequence[Entry], error: BaseException) -> None:
        """Tests that were wanted and can't run any more are errors that say so."""
        why = str(error).split("\n", 1)[0] if isinstance(error, TestArenaError) else "the step was ended"
        last = self._context.console.recent.last
        for entry in entries:
            failure = Failure(kind=FailureKind.NOT_RUN, message=f"never ran to its end: {why}")
            tell(self._context, entry.name, Judgement(failure=failure), 0.0, (last + 1, last))


def _limit(entry: Entry, each: float) -> float:
    """The time of a test: its own `[timeout=5]`, else that of the step."""
    own = entry.value("timeout")
    return float(own) if own.isdecimal() else each
