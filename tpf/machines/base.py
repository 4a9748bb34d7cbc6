"""What a machine is to the engine: something that boots firmware and has a console.

A machine *kind* turns a scenario's wishes into a `Launch` with a pure function, and a launch into a running `Machine`.
What only some machines can do (reset, power, a screen, virtual time) are small protocols of their own; a step asks
`isinstance(machine, CanReset)`.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from msgspec import Struct

from tpf.errors import StepError, TestArenaError
from tpf.machines.cables import LinkEnd
from tpf.process import Processes
from tpf.scenario.model import MachineSpec


class FlashFile(Struct, frozen=True, kw_only=True):
    """A file that belongs into the flash."""

    offset: int  # bytes from the flash's start
    path: Path


class BuildFacts(Struct, frozen=True, kw_only=True):
    """What the build folder of an ESP-IDF project tells of what came out."""

    folder: Path
    project: Path  # the folder of the sources: what lies in it is the project's own code
    target: str = ""
    tool_prefix: str = ""  # of the toolchain: `riscv32-esp-elf-`
    config: dict[str, bool | int | str] = {}  # of the sdkconfig; names without CONFIG_
    files: tuple[FlashFile, ...] = ()
    flash_size: int | None = None  # bytes
    environment: tuple[tuple[str, str], ...] = ()  # of the activated ESP-IDF (PATH, ...): for toolchain and esptool


class Firmware(Struct, frozen=True, kw_only=True):
    """What there is to run: ready-made files, after any build."""

    image: Path | None = None  # flash image, or whatever the machine boots
    elf: Path | None = None  # with symbols, for addresses to lines
    build: BuildFacts | None = None


def _to_nobody(text: str) -> None:
    """For who boots a device without a log."""


class BootRequest(Struct, frozen=True, kw_only=True):
    """Everything that a machine kind may need to boot one device once."""

    spec: MachineSpec
    target: str
    firmware: Firmware
    folder: Path  # private to this boot of this device, for copies of images; made by the kind that needs it
    checkout: Path  # the folder that relative paths of the machine spec start from (the scenario file's)
    links: tuple[LinkEnd, ...] = ()  # to other devices
    processes: Processes  # starts what the machine needs, and ends it with us
    environment: tuple[tuple[str, str], ...] = ()  # for host programs, on top of the run's
    say: Callable[[str], None] = _to_nobody  # takes a line of ours about the boot, for the device's log


class Exit(Struct, frozen=True, kw_only=True):
    """How the device ended, when it did so by itself."""

    code: int | None  # exit status; negative for a signal; None when it can't be known
    detail: str  # what people should read: "exit status 3", "killed by SIGSEGV", the emulator's last words
    fault: TestArenaError | None = None  # set when the machine and not the firmware is to blame: raise this instead


class Receiver(Protocol):
    """Takes what the device says, as it comes."""

    def feed(self, data: bytes) -> None: ...
    def ended(self, exit_: Exit) -> None:
        """The device has ended by itself: no more output will come."""


@runtime_checkable
class Machine(Protocol):
    """A running device under test."""

    @property
    def pid(self) -> int | None: ...
    @property
    def command(self) -> tuple[str, ...]: ...
    async def send(self, data: bytes) -> None:
        """Write to the console's input. Raises MachineError when the device is gone."""


@runtime_checkable
class CanReset(Protocol):
    async def reset(self) -> None:
        """Press the reset button: memory that survives a reset does so here."""


@runtime_checkable
class HasPorts(Protocol):
    async def forwarded(self) -> dict[str, str]:
        """`host:port` on loopback for each <forward name=...>, once the machine is up."""


@runtime_checkable
class HasScreen(Protocol):
    async def screenshot(self, path: Path) -> None:
        """Write what the display shows into a file, as PNG. Raises MachineError, also when there is no display."""


@runtime_checkable
class HasPower(Protocol):
    async def power_off(self, *, cut: bool) -> None:
        """Take its power, in order or with `cut` between two instructions. The receiver hears of no end.

        Does no harm to one that is off, or has ended by itself.
        """

    async def power_on(self) -> None:
        """Boot one that is off, or has ended: flash holds what it held, memory doesn't; ports may be others."""


@runtime_checkable
class HasClock(Protocol):
    """A machine whose own time stands still, but when it is told to go on."""

    @property
    def device_time(self) -> float:
        """Seconds that its time has gone on since it was booted."""

    async def run_for(self, seconds: float, enough: Callable[[], bool]) -> None:
        """Let its time go on for so long, or until `enough` says so, which is asked at each tick of its clock.

        Output is passed on at ticks alone, so that it is known when it came. Returns early when the device has ended.
        Raises MachineError when time can't be made to go on.
        """


@runtime_checkable
class TypesInOwnTime(Protocol):
    """A machine whose own time goes on while it is being sent something: its UART takes a little at each tick."""

    def at_ticks(self, told: Callable[[], object]) -> None:
        """Have this called at each such tick."""


@runtime_checkable
class HasPreflight(Protocol):
    """A machine kind that looks, before anybody waits for something, whether it is going to work."""

    async def preflight(self, request: BootRequest) -> tuple[str, ...]:
        """What probably won't work, each with the way out, for people to read.

        Asked before the firmware is built (there is none in the request then), and again with it. Raises what `check`
        raises for what surely won't.
        """


@runtime_checkable
class HasImages(Protocol):
    @property
    def to_keep(self) -> tuple[Path, ...]:
        """Files that go into the report when a case has failed on this machine; read once it is switched off."""


def switched_off() -> StepError:
    """What whoever needs the device is told while it has no power."""
    return StepError("the device is switched off: <power-on/> comes first")


async def ports_of(machine: Machine) -> dict[str, str]:
    """`${name}` and `${name.port}` of each forward."""
    addresses = await machine.forwarded() if isinstance(machine, HasPorts) else {}
    return {**addresses, **{f"{name}.port": address.rpartition(":")[2] for name, address in addresses.items()}}


class MachineKind(Protocol):
    """A module under machines/ (or of an extension) that satisfies this; listed in `machines.KINDS`."""

    name: str
    Options: type[Any]  # the declared class of the attributes that this kind adds to <machine>
    targets: tuple[str, ...]  # the only targets it takes; empty when it takes any, and none
    # It may have besides: `guards`, patterns that end a case of its devices like those for all; `uses(request)`, the
    # names of what only one scenario on this host may use at a time.

    def describe(self, request: BootRequest) -> str:
        """What it runs on, as one would say it: ``qemu esp32c3``. Pure."""

    def check(self, request: BootRequest) -> None:
        """Raise EnvironmentLacks or UsageError when this request can't be booted on this host."""

    def boot(self, request: BootRequest, receiver: Receiver) -> AbstractAsyncContextManager[Machine]:
        """Start the device; leaving the context ends it and everything it started, however it went."""
