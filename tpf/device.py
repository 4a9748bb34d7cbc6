"""A device under test over all its boots in a scenario: its console, the console's log file, the machine of now.

The log has one line a console line, `%10.3f` seconds since the device's first boot, two blanks, the text; marks of
ours begin with `-- `:

         0.012  ESP-ROM:esp32c3-api1-20210207
         1.500  -- boot 2

Of a device on virtual time, each line has the device's own time, too, ` @%10.3f` behind the host's:

         0.012 @     0.010  ESP-ROM:esp32c3-api1-20210207
"""

from __future__ import annotations

import asyncio
import os
import shutil
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tpf import events as ev
from tpf.console import DEFAULT_GUARDS, Console, GuardPattern, Lines, fail_on
from tpf.files import write_atomically
from tpf.machines.base import BootRequest, HasClock, HasImages, Machine, MachineKind, ports_of, switched_off
from tpf.machines.keeping import pack
from tpf.machines.virtual_time import VirtualTime
from tpf.result import Artifact
from tpf.scenario.model import Device, Scenario
from tpf.telling import Clock

LARGEST_LOG: Final = 256 << 20  # bytes of a console: one that says so much is read by nobody, and fills the disk
MOST_DUMPS: Final = 8  # core dumps of a device that are kept: one that crashes for ever writes many


class ConsoleLog:
    """Writes console lines to their file as they come, up to `largest` bytes and a line that says so."""

    def __init__(self, path: Path, clock: Clock, largest: int = LARGEST_LOG) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
        self._clock = clock
        self._largest = largest
        self._room = largest
        self._origin: float | None = None

    def write(self, texts: list[str], device_time: float | None) -> None:
        """Write lines that came together: one system call for all of them."""
        if self._room <= 0:
            return
        now = self._clock()
        self._origin = now if self._origin is None else self._origin
        own = "" if device_time is None else f" @{device_time:10.3f}"
        stamp = f"{now - self._origin:10.3f}{own}  "
        data = (stamp + f"\n{stamp}".join(texts) + "\n").encode("utf-8", "backslashreplace")
        self._room -= len(data)
        if self._room <= 0:
            data += f"{stamp}-- the log ends here: what came after {self._largest >> 20} MiB is not kept\n".encode()
        while data:
            data = data[os.write(self._fd, data) :]

    def close(self) -> None:
        os.close(self._fd)


@dataclass(frozen=True, slots=True, kw_only=True)
class DevicePlace:
    """Where a device leaves what it says and needs."""

    scenario: str  # slug
    report: Path  # the report folder
    log: str  # of the console, relative to the report folder
    work: Path  # private files of its boots


class DeviceRun:
    """One device of a scenario that is being run. `close` ends it; it may boot many times before."""

    def __init__(
        self, device: Device, kind: MachineKind, scenario: Scenario, place: DevicePlace, sink: ev.Sink, clock: Clock
    ) -> None:
        self.name = device.name
        self._kind = kind
        self._place = place
        self._sink = sink
        self._clock = clock
        self._log = ConsoleLog(place.report / place.log, clock)
        self._boots = 0
        self._stack = AsyncExitStack()
        self._machine: Machine | None = None
        self._failed: tuple[int | None, ...] = ()  # the cases that failed on this boot; None for none of them
        self._dumps = 0
        self.core_dumps: list[str] = []  # paths, relative to the report folder, that nobody has been told of yet
        self._own_time: VirtualTime | None = None  # of a device that has such
        own: tuple[GuardPattern, ...] = getattr(kind, "guards", ())
        self.console = Console(
            name=device.name,
            on_lines=self._lines,
            guards=(
                *(guard for guard in (*DEFAULT_GUARDS, *own) if guard.name not in scenario.allow),
                *(fail_on(guard.pattern) for guard in scenario.fail_on),
            ),
            silence_limit=scenario.silence,
            clock=clock,
            keep_dump=self._keep_dump,
        )

    @property
    def machine(self) -> Machine:
        if self._machine is None:
            raise switched_off()
        return self._machine

    @property
    def last_line(self) -> int:
        """Number of the last line in the log file."""
        return self.console.recent.last

    @property
    def next_line(self) -> int:
        return self.last_line + 1

    async def boot(self, request: BootRequest) -> dict[str, str]:
        """Start a fresh machine; what ran before is ended. Returns the loopback addresses of its forwards."""
        await self.shut_down()
        self._boots += 1
        self.console.booted(mark=f"-- boot {self._boots}" if self._boots > 1 else "")
        self._machine = await self._stack.enter_async_context(self._kind.boot(request, self.console))
        if isinstance(self._machine, HasClock):
            elapsed = self._own_time.now() if self._own_time is not None else 0.0
            self._own_time = VirtualTime(self._machine, elapsed)
            self.console.keep_time(self._own_time)
        self._sink(
            ev.Booted(
                t=self._clock(),
                scenario=self._place.scenario,
                device=self.name,
                boot=self._boots,
                machine=self._kind.describe(request),
                command=self._machine.command,
                log=self._place.log,
                pid=self._machine.pid,
            )
        )
        return await ports_of(self._machine) if request.spec.forwards else {}

    def boot_folder(self) -> Path:
        """The path of a private folder for the next boot; not made yet: most machines need none."""
        return self._place.work / f"boot-{self._boots + 1}"

    async def shut_down(self) -> None:
        """End the machine, if one is running; its private files go with it."""
        machine = self._machine
        self._machine = None
        stack, self._stack = self._stack, AsyncExitStack()
        await stack.aclose()
        self.console.flush()
        folder = self._place.work / f"boot-{self._boots}"
        if machine is not None and folder.is_dir():
            if self._failed and isinstance(machine, HasImages):
                await asyncio.to_thread(self._keep, machine.to_keep)
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
        self._failed = ()

    def failed(self, case: int | None) -> None:
        """A case failed on this boot, or (None) what belongs to no case."""
        self._failed += (case,)

    def _keep(self, images: tuple[Path, ...]) -> None:
        """Put images into the report, as artifacts of the first case that failed."""
        place = self._place
        for image in images:
            prefix = f"{self.name}-" if self.name else ""
            packed = pack(image, place.report / "artifacts" / place.scenario, prefix, self._boots)
            path = packed.relative_to(place.report).as_posix()
            artifact = Artifact(name=packed.name, path=path, media_type="application/gzip")
            self._sink(ev.Attached(t=self._clock(), scenario=place.scenario, case=self._failed[0], artifact=artifact))

    async def close(self) -> None:
        try:
            await self.shut_down()
        finally:
            self._log.close()

    def _keep_dump(self, text: str) -> str:
        self._dumps += 1
        if self._dumps > MOST_DUMPS:
            return "not kept, as there are many"
        prefix = f"{self.name}-" if self.name else ""
        path = f"artifacts/{self._place.scenario}/{prefix}core-dump-{self._dumps}.b64"
        write_atomically(self._place.report / path, text.encode(), durable=False, parents=True)
        self.core_dumps.append(path)
        return path

    def _lines(self, lines: Lines) -> None:
        self._log.write(lines.texts, self._own_time.now() if self._own_time is not None else None)
        self._sink(
            ev.Output(t=self._clock(), scenario=self._place.scenario, origin=self.name, lines=tuple(lines.texts))
        )
