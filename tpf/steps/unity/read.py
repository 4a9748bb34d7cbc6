"""Reads a Unity run that the firmware makes by itself."""

from __future__ import annotations

from typing import NoReturn

from tpf.console.failures import before
from tpf.console.quoting import quote, seconds
from tpf.device_time import limited
from tpf.errors import DeviceFailure, StepError
from tpf.result import Failure, FailureKind
from tpf.steps.base import StepContext
from tpf.steps.unity.judge import Judgement, counted, of_result
from tpf.steps.unity.lines import Began, Crash, Happening, Restart, Result, Summary, Word
from tpf.steps.unity.menu import Choice
from tpf.steps.unity.reader import Reader
from tpf.steps.unity.tell import tell


class Run:
    """One run, from its first test to its summary."""

    def __init__(self, context: StepContext, each: float) -> None:
        self._context = context
        self._reader = Reader(context.console)
        self._each = each
        self._results: list[Result] = []
        self._running = ""  # the test that has begun and has no result yet
        self._since = 0.0

    @property
    def doing(self) -> str:
        """What it waits for, for messages."""
        return f"at {quote(self._running)}" if self._running else f"after {len(self._results)} results"

    async def run(self, _: Choice) -> None:
        """Read until the summary; there is nothing to choose.

        Raises DeviceFailure when it doesn't come, StepError when it can't be true.
        """
        self._begin()
        summary = None
        while summary is None:
            summary = self._took_note(await self._next())
        seen = counted(self._results)
        if summary != seen:
            raise StepError(f"Unity's summary and the results don't agree: it says {summary}; seen were {seen}")
        if not self._results:
            raise DeviceFailure(FailureKind.MISMATCH, f"the Unity run has no test: {summary}")

    async def _next(self) -> Happening:
        try:
            async with limited(self._context.console.time, self._each):
                return await self._reader.next(self._running)
        except TimeoutError:
            self._lost(FailureKind.TIMEOUT, f"nothing was heard of it for {seconds(self._each)}")

    def _took_note(self, told: Happening) -> Summary | None:
        """Take the next happening; the summary ends the run."""
        match told:
            case Began(name=name):
                self._running = name
                self._begin()
            case Result() as result:
                self._results.append(result)
                self._tell(result.name, of_result(result), result.seconds)
            case Summary() as summary:
                return summary
            case Crash(text=text):
                self._lost(FailureKind.PANIC, text)
            case Restart(banner=banner) if self._results or self._running:
                self._lost(FailureKind.MISMATCH, f"the chip restarted: {banner}")
            case Word.PROMPT if not self._results:
                wanted = 'the firmware has Unity\'s menu: <unity mode="menu"/> drives it'
                raise DeviceFailure(FailureKind.MISMATCH, wanted)
            case _:
                pass
        return None

    def _begin(self) -> None:
        self._reader.begin()
        self._since = self._context.console.time.now()

    def _tell(self, name: str, judgement: Judgement, took: float | None = None) -> None:
        elapsed = self._context.console.time.now() - self._since
        tell(self._context, name, judgement, elapsed if took is None else took, self._reader.span)
        self._running = ""
        self._begin()

    def _lost(self, kind: FailureKind, why: str) -> NoReturn:
        """The run can't come to its end; what it had is kept."""
        running = self._running
        if running:
            self._tell(running, Judgement(failure=Failure(kind=kind, message=f"{why}{self._reader.story()}")))
        count = len(self._results)
        had = f"{count} tests had results" if count > 1 else f"{'one' if count else 'no'} test had a result"
        at = f", {quote(running)} was running" if running else ""
        head, _, rest = why.partition("\n")
        details = f"\n{rest}" if rest else before(self._context.console.recent)
        raise DeviceFailure(kind, f"the Unity run never came to its summary: {head}; {had}{at}{details}")
