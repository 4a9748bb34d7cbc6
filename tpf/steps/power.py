"""What the steps that switch a device off and on share."""

from __future__ import annotations

from tpf.errors import StepError
from tpf.machines.base import Exit, HasPower, switched_off
from tpf.steps.base import StepContext

_OFF = "switched off"


def power_of(context: StepContext) -> HasPower:
    """The device's switch. Raises StepError when there is none."""
    if not isinstance(context.machine, HasPower):
        why = getattr(context.machine, "no_power", "this machine has no power switch")
        raise StepError(f'{why}; boot="case" starts each case from a fresh boot')
    return context.machine


def need_power(context: StepContext) -> None:
    """Raise StepError when the device is switched off."""
    ending = context.console.ending
    if ending is not None and ending.detail == _OFF:
        raise switched_off()


async def switch_off(context: StepContext, mark: str, *, cut: bool) -> None:
    """Take the device's power; whoever waits for it then is told so."""
    await power_of(context).power_off(cut=cut)
    context.console.ended(Exit(code=None, detail=_OFF, fault=switched_off()), mark)
