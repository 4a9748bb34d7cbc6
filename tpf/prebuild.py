"""Builds the firmware of a plan, and runs nothing: the work of `testarena build`."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tpf.context import RunContext
from tpf.firmware.supply import FirmwareSupply
from tpf.outcomes import Failed
from tpf.scenario.model import FirmwareSpec
from tpf.schedule import Plan
from tpf.scope import Scope


async def build_all(plan: Plan, context: RunContext, _: int, __: Scope) -> None:
    """Every build that scenarios of the plan need, each once; those that fail don't keep others from being built.

    What becomes of a build is told by events. Raises the first of other errors: a build that did not make its file.
    """
    async with FirmwareSupply(context) as supply:
        wanted = (
            _build(supply, device.firmware, run.scenario.folder, device.target or run.scenario.target)
            for run in plan.runs
            for device in run.scenario.devices
            if device.firmware is not None
        )
        found = await asyncio.gather(*wanted, return_exceptions=True)
    for error in found:
        if isinstance(error, BaseException) and not isinstance(error, Failed):
            raise error


async def _build(supply: FirmwareSupply, spec: FirmwareSpec, folder: Path, target: str) -> None:
    """A project's flash image is none of a build's business; what a command was to make must be there."""
    if spec.project:
        await supply.built(spec, folder, target)
    elif spec.command:
        await supply.get(spec, folder, target)
