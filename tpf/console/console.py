"""One device's console: takes bytes, hands out lines, lets steps wait for text."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Protocol

from tpf.console.guards import DEFAULT_GUARDS, GuardPattern, Watch
from tpf.console.lines import Lines
from tpf.console.matching import Found, Wanted
from tpf.errors import DeviceFailure


class Ending(Protocol):
    """How a device ended (`tpf.machines.base.Exit`)."""

    @property
    def detail(self) -> str: ...


class Console:
    """Not thread-safe: fed and awaited on one event loop. One for the whole life of a device in a scenario, all its boots."""

    watch: Watch
    silence_limit: float | None  # seconds; while a wait is on and nothing came for that long: DeviceFailure SILENCE
    last_line: int  # number of the last complete line, 0 before the first

    def __init__(
        self,
        *,
        name: str = "",
        on_lines: Callable[[Lines], None],
        guards: Sequence[GuardPattern] = DEFAULT_GUARDS,
        silence_limit: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`on_lines` is called from within `feed` with each batch of complete lines."""

    # ---- the machine's side (tpf.machines.base.Receiver)

    def feed(self, data: bytes) -> None:
        """Take what the device said, in pieces of any size."""
        raise NotImplementedError

    def ended(self, exit_: Ending) -> None:
        """The device ended by itself: the open line is ended, waits that are still unmet fail with EXIT."""
        raise NotImplementedError

    # ---- the engine's side

    def booted(self) -> None:
        """A new boot begins: ends an open line, what came before doesn't count for waits, forbids are cleared, guards re-armed."""
        raise NotImplementedError

    def flush(self) -> None:
        """End the open line as if a line end had come, so that it gets to the log. For the end of a machine's life."""
        raise NotImplementedError

    def clear_forbidden(self) -> None:
        """A case ends: what it forbade is allowed again."""
        raise NotImplementedError

    # ---- the steps' side

    async def expect(self, *wanted: Wanted) -> tuple[Found, ...]:
        """Wait until all have come, in any order; the cursor moves behind the furthest. The deadline is the caller's.

        Text that came since the last match counts. Raises DeviceFailure (EXIT, SILENCE).
        """
        raise NotImplementedError

    async def expect_any(self, *wanted: Wanted) -> Found:
        """Wait until the first of several has come (`found.wanted is` it); the cursor moves behind it."""
        raise NotImplementedError

    def forbid(self, wanted: Wanted) -> None:
        """From the cursor on this must not come: when it does, `watch` trips with FORBIDDEN_OUTPUT."""
        raise NotImplementedError

    def resetting(self) -> None:
        """Called right before a wanted reset: no sign of a reboot loop; what came before doesn't count for waits."""
        raise NotImplementedError

    def tail(self, count: int = 40) -> list[str]:
        """The last lines, without colours, the open one among them."""
        raise NotImplementedError

    def unmet(self, wanted: Sequence[Wanted], within: str) -> DeviceFailure:
        """The TIMEOUT failure for a wait that ran out of time: what was wanted, what came instead, the nearest line."""
        raise NotImplementedError
