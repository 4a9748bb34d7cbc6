"""What the steps share that take a panic for what it is and go on."""

from __future__ import annotations

import re
from typing import Final

from tpf.console import ALL_GUARDS, Console
from tpf.console.story import Story
from tpf.result import FailureKind

PANIC: Final = re.compile("|".join(guard.pattern for guard in ALL_GUARDS if guard.kind is FailureKind.PANIC))


async def settled(console: Console, panic: Story) -> Story:
    """A panic that a step has taken, with its whole text; the restart that follows is no sign of a reboot loop.

    The cursor moves behind the last words of the text that tell of a panic, so that nobody takes them for another one.
    """
    await console.watch.settle(panic)
    console.watch.deferred.told(panic)
    console.watch.resets.pardon_after(panic.hit.number)
    for number, line in reversed(tuple(enumerate(panic.body, panic.hit.number))):
        found = PANIC.search(line)
        if found is not None:
            console.cursor.move(console.window.offset_of(number) + len(line[: found.end()].encode()))
            break
    return panic
