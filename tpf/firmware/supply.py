"""Supplies scenarios with firmware: ready-made files as they are, built ones built once for all that share them."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from msgspec.structs import replace

from tpf import events as ev
from tpf.context import RunContext
from tpf.errors import BuildError, MachineError
from tpf.files import OURS
from tpf.firmware.base import Built, Job
from tpf.firmware.build import command_build
from tpf.firmware.idf.build import idf_build
from tpf.firmware.images import FlashImages, parts_of_build
from tpf.firmware.ready import ready_made
from tpf.firmware.running import alone_in
from tpf.firmware.slots import slots_of_host
from tpf.machines.base import BuildFacts, Firmware, FlashFile
from tpf.outcomes import Failed, failure_of
from tpf.result import Failure
from tpf.scenario.model import FirmwareSpec


class FirmwareSupply:
    """Use as a context manager: builds that are under way end with it."""

    def __init__(self, context: RunContext) -> None:
        self._context = context
        self._builds: dict[Job, asyncio.Task[Built | Failure]] = {}
        self._slots = slots_of_host()
        self._images = FlashImages(context.processes, cache=context.checkout / OURS / "images")

    async def get(self, spec: FirmwareSpec | None, folder: Path, target: str = "") -> Firmware:
        """The firmware of a device, built for its target if need be; its paths start from `folder`.

        Raises Failed (the build did), BuildError, MachineError.
        """
        if spec is None:
            return Firmware()
        built = await self.built(spec, folder, target)
        elf = built.elf or _file(spec, spec.elf, folder)
        given = built.facts is None
        firmware = self._given(spec, folder, target) if given else Firmware(elf=elf, build=built.facts)
        if firmware.build is None:
            return Firmware(image=_file(spec, spec.image, folder), elf=elf)
        image = await self._image(firmware.build, spec)
        return Firmware(image=image, elf=elf or firmware.elf, build=firmware.build)

    def _given(self, spec: FirmwareSpec, folder: Path, target: str) -> Firmware:
        """What is said about firmware that is more than one file: its build folder, or the parts of its flash image."""
        if spec.parts:
            files = tuple(FlashFile(offset=part.offset, path=folder / part.file) for part in spec.parts)
            return Firmware(build=BuildFacts(folder=folder, project=folder, target=target, files=files))
        image = folder / spec.image if spec.image else None
        return ready_made(image, self._context.checkout) if image is not None and image.is_dir() else Firmware()

    async def built(self, spec: FirmwareSpec, folder: Path, target: str) -> Built:
        """What a build made, if there is one to be run. Raises Failed when it did."""
        job = self.job(spec, folder, target)
        if job is None:
            return Built()
        if job not in self._builds:
            self._builds[job] = asyncio.create_task(self._build(job), name=job.name)
        built = await asyncio.shield(self._builds[job])
        if isinstance(built, Failure):
            raise Failed(replace(built, source=spec.source))
        return built

    async def _image(self, build: BuildFacts, spec: FirmwareSpec) -> Path | None:
        """One file of all that belongs into the flash; None of a program that runs on the host."""
        if not build.files:
            return None
        async with AsyncExitStack() as stack:
            if spec.project:  # no other run builds it anew while its files are read
                await stack.enter_async_context(alone_in(build.project))
            return await self._images.flash_image(parts_of_build(build, spec.source))

    def job(self, spec: FirmwareSpec, folder: Path, target: str) -> Job | None:
        """What there is to build; None for ready-made files."""
        if spec.project:
            return idf_build(spec, folder, target, self._context.checkout, self._slots)
        return command_build(spec, folder) if spec.command else None

    async def _build(self, job: Job) -> Built | Failure:
        context = self._context
        log = f"logs/{job.name}.log"
        context.sink(ev.BuildStarted(t=context.clock(), name=job.name, command=job.shown, log=log))
        failure: Failure | None = None
        built = Built()
        try:
            built = await job.run(context, context.report / log)
        except BaseException as error:
            failure = failure_of(error, job.source, context.report)
            if not isinstance(error, Exception):
                raise
        finally:
            context.sink(
                ev.BuildFinished(
                    t=context.clock(), name=job.name, failure=failure, reused=built.reused, sizes=built.sizes
                )
            )
        return failure or built

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
