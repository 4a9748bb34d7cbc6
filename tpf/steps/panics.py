"""What the steps share that take a panic for what it is and go on."""

from __future__ import annotations

from tpf.console import Console
from tpf.console.story import Story


async def settled(console: Console, panic: Story) -> Story:
    """A panic that a step has taken, with its whole text; the restart that follows is no sign of a reboot loop."""
    await console.watch.settle(panic)
    console.watch.deferred.told(panic)
    console.watch.resets.pardon_after(panic.hit.number)
    return panic
