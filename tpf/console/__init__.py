r"""The console of a device under test: its bytes become lines for the log, and text that steps wait for.

console = Console(on_lines=log.write, guards=(*DEFAULT_GUARDS, fail_on("app_main: out of memory")))
console.booted()                                  # before each boot; the machine then feeds it
async with console.watch.guarded():               # a panic within cancels the body and raises DeviceFailure
    await machine.send(b"ping\r\n")
    try:
        (found,) = await console.expect(Wanted(text="pong"), within=1)
    except TimeoutError:
        (found,) = console.overdue(Wanted(text="pong"), within=1)
"""

from tpf.console.console import Console
from tpf.console.guards import ALL_GUARDS, DEFAULT_GUARDS, HOST_GUARDS, GuardPattern, Hit, fail_on
from tpf.console.lines import Lines
from tpf.console.matching import Found, Wanted

__all__ = [
    "ALL_GUARDS",
    "DEFAULT_GUARDS",
    "HOST_GUARDS",
    "Console",
    "Found",
    "GuardPattern",
    "Hit",
    "Lines",
    "Wanted",
    "fail_on",
]
