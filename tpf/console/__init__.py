"""The console of a device under test: its bytes become lines for the log, and text that steps wait for.

    console = Console(name="", on_lines=log.write_lines, guards=(*DEFAULT_GUARDS, fail_on("app_main: out of memory")))
    console.booted()                                  # before each boot; the machine then feeds it
    found, = await console.expect(Wanted(text="pong"))
    async with console.watch.guarded():               # a panic meanwhile cancels the body and raises DeviceFailure
        await step.run(context)
"""

from tpf.console.console import Console
from tpf.console.guards import DEFAULT_GUARDS, GuardPattern, Trip, fail_on
from tpf.console.lines import Lines
from tpf.console.matching import Found, Wanted

__all__ = ["DEFAULT_GUARDS", "Console", "Found", "GuardPattern", "Lines", "Trip", "Wanted", "fail_on"]
