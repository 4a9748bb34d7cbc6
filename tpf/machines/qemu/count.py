"""What time it is on a device whose ticks are counted anew at each restart of its board."""

from __future__ import annotations

from tpf.machines.qemu.ticks import AFTER


class Count:
    """Microseconds since the emulator's start; at rest, those of the last tick."""

    def __init__(self, tick: int) -> None:
        self.now = 0
        self._tick = tick
        self._ahead = 0  # what we count, less what QEMU's clock says

    def heard(self, time: int | None) -> None:
        """A tick, and QEMU's time at it."""
        if time is not None:
            self.now = max(self.now, time + self._ahead)

    def restart(self, time: int | None) -> None:
        """The ticks begin anew at this time of QEMU's: our count goes on from a tick.

        When exactly the board stops for a restart that the guest has asked for depends on the host. What we count is
        the same each time. No time: it was not told, because the machine stood still right behind a tick.
        """
        if time is None:
            time = self.now - self._ahead + AFTER
        ticks = -(-(time + self._ahead - AFTER) // self._tick)
        self.now = max(self.now, ticks * self._tick)
        self._ahead = self.now - time
