"""A device under test that is only a console: what it is sent is recorded, and answered at once by a table."""

from __future__ import annotations

from collections.abc import Mapping

from tpf.console import DEFAULT_GUARDS, Console, GuardPattern, Lines
from tpf.machines.base import Exit


class FakeDevice:
    """Satisfies `tpf.machines.base.Machine`; it has a reset button, and a log of the lines it has said."""

    pid = None
    command = ("fake",)

    def __init__(
        self,
        answers: Mapping[bytes, bytes] | None = None,
        *,
        guards: tuple[GuardPattern, ...] = DEFAULT_GUARDS,
        silence: float | None = None,
    ) -> None:
        self.sent: list[bytes] = []
        self.resets = 0
        self.batches: list[Lines] = []
        self.console = Console(on_lines=self.batches.append, guards=guards, silence_limit=silence)
        self.console.booted()
        self._answers = dict(answers or {})

    @property
    def lines(self) -> list[str]:
        """What it has said, line by line."""
        return [text for batch in self.batches for text in batch.texts]

    def say(self, text: str) -> None:
        self.console.feed(text.encode())

    def end(self, detail: str = "exit status 3") -> None:
        self.console.ended(Exit(code=3, detail=detail))

    async def send(self, data: bytes) -> None:
        self.sent.append(data)
        if data in self._answers:
            self.console.feed(self._answers[data])

    async def reset(self) -> None:
        self.resets += 1
        self.say("ROM\r\nrst:0x1 (POWERON)\r\n")
