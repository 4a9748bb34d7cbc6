"""Supplies scenarios with firmware: ready-made files as they are, built ones built once for all that share them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import TracebackType
from typing import Self

from msgspec.structs import replace

from tpf import events as ev
from tpf.context import RunContext
from tpf.errors import BuildError, MachineError
from tpf.firmware.build import BuildRequest, build, build_request
from tpf.machines.base import Firmware
from tpf.outcomes import Failed, failure_of
from tpf.result import Failure
from tpf.scenario.model import FirmwareSpec


class FirmwareSupply:
    """Use as a context manager: builds that are under way end with it."""

    def __init__(self, context: RunContext) -> None:
        self._context = context
        self._builds: dict[BuildRequest, asyncio.Task[Failure | None]] = {}

    async def get(self, spec: FirmwareSpec | None, folder: Path) -> Firmware:
        """The firmware of a device, built if need be; its paths start from `folder`.

        Raises Failed (the build did), BuildError, MachineError.
        """
        if spec is None:
            return Firmware()
        request = build_request(spec, folder)
        if request is not None:
            await self._built(request)
        return Firmware(image=_file(spec, spec.image, folder), elf=_file(spec, spec.elf, folder))

    async def _built(self, request: BuildRequest) -> None:
        if request not in self._builds:
            self._builds[request] = asyncio.create_task(self._build(request), name=request.name)
        failure = await asyncio.shield(self._builds[request])
        if failure is not None:
            raise Failed(replace(failure, source=request.source))

    async def _build(self, request: BuildRequest) -> Failure | None:
        context = self._context
        log = f"logs/{request.name}.log"
        context.sink(ev.BuildStarted(t=context.clock(), name=request.name, command=request.shown, log=log))
        failure: Failure | None = None
        try:
            await build(request, context, context.report / log)
        except BaseException as error:
            failure = failure_of(error, request.source, context.report)
            if not isinstance(error, Exception):
                raise
        finally:
            context.sink(ev.BuildFinished(t=context.clock(), name=request.name, failure=failure))
        return failure

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._builds.values():
            task.cancel()
        await asyncio.gather(*self._builds.values(), return_exceptions=True)


def _file(spec: FirmwareSpec, written: str, folder: Path) -> Path | None:
    if not written:
        return None
    path = folder / written
    if not path.is_file():
        made = "the build command ended well but did not make it" if spec.command else "no such file"
        error = BuildError if spec.command else MachineError
        raise error(f"{spec.source}: firmware {path}: {made}")
    return path
