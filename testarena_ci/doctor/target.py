"""What a real run of one target needs, and what of it is there: to build, to boot, to tell why it failed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from testarena_ci.doctor import emulator, idf, surroundings
from testarena_ci.doctor.asking import EXTRA, Asker, Own, Package, Wanted, first_line
from testarena_ci.doctor.checks import Check, Examination, Section, State, lacking, there
from testarena_ci.doctor.chips import Chip, Kind
from testarena_ci.doctor.idf import Finder, Found
from testarena_ci.doctor.surroundings import Surroundings
from tpf.errors import EnvironmentLacks
from tpf.firmware.idf.find import find_idf
from tpf.machines.python_tools import own_python
from tpf.machines.qemu.boards import NOT_EMULATED
from tpf.panics.elf import RISCV, XTENSA
from tpf.panics.toolchain import addr2lines, gdbs
from tpf.process import Processes
from tpf.processes.programs import advice

_BUILD_TOOLS: Final = (
    Wanted(names=("cmake",), use="configuring the build", needed=True),
    Wanted(names=("ninja", "ninja-build"), use="running the build", needed=True),
    Wanted(names=("ccache",), use="faster builds from nothing", way="on Debian and Ubuntu: apt install ccache"),
    Wanted(names=("git",), use="the version in the firmware, commit and branch in reports"),
)
_CORES: Final = Package(name="esp-coredump", module="esp_coredump", use="decoding core dumps on the console")
_SETPRIV: Final = Wanted(
    names=("setpriv",),
    use="ending emulators at once with a killed run",
    way="on Debian and Ubuntu: apt install util-linux",
)
_GENERIC: Final = ("addr2line", "gdb")  # those of the host know its own processor only
_COMPILERS: Final = {RISCV: "riscv64-unknown-elf-gcc", XTENSA: "xtensa-lx106-elf-gcc"}  # of distributions
_BSD: Final = ("gcc", "-fsyntax-only", "-include", "bsd/string.h", "-x", "c", "/dev/null")


async def examine(
    chip: Chip,
    environment: Mapping[str, str],
    host: Surroundings,
    finder: Finder = find_idf,
    own: Own = own_python,
) -> Examination:
    """Look for all that a run of the target needs, as the run itself would."""
    async with Processes(environment) as processes:
        if chip.kind is Kind.BOARD:
            sections = await _other_board(chip, Asker(processes, own=own))
        else:
            found = await idf.look(chip.name, processes, finder)
            sections = await _esp_idf(chip, found, Asker(processes, found.activated, own), host)
    return Examination(target=chip.name, sections=(*sections, surroundings.machine(host)))


async def _other_board(chip: Chip, asker: Asker) -> tuple[Section, ...]:
    return await _boot(chip, Found(), asker), await _failures(chip, Found(), asker)


async def _esp_idf(chip: Chip, found: Found, asker: Asker, host: Surroundings) -> tuple[Section, ...]:
    build = await _build(chip, found, asker)
    if chip.kind is Kind.LINUX:
        return build, await _run(asker)
    boards = surroundings.boards(host, needed=chip.board is None)
    return build, await _boot(chip, found, asker), await _failures(chip, found, asker), boards


async def _build(chip: Chip, found: Found, asker: Asker) -> Section:
    compiler = Wanted(names=chip.compilers, use="compiling", needed=True, way=_compiler_way(chip, found))
    way = idf.install(chip.name, found)
    sizes = Package(name="esp-idf-size", module="esp_idf_size", use="sizes of the firmware in reports", way=way)
    checks = (
        *await idf.checks(chip.name, found, asker),
        await asker.look_for(compiler),
        *((await _libbsd(asker),) if chip.kind is Kind.LINUX else ()),
        *await asker.look_for_all(_BUILD_TOOLS),
        *(() if chip.kind is Kind.LINUX else (await asker.look_for_package(sizes),)),
    )
    return Section(
        name="build", title='to build it with ESP-IDF (<firmware project="...">)', verb="be built", checks=checks
    )


def _compiler_way(chip: Chip, found: Found) -> str:
    return "" if chip.kind is Kind.LINUX else idf.install(chip.name, found)


async def _libbsd(asker: Asker) -> Check:
    """ESP-IDF's host build includes <bsd/string.h>."""
    way = "on Debian and Ubuntu: apt install libbsd-dev"
    try:
        outcome = await asker.ask(*_BSD)
    except EnvironmentLacks:
        return lacking("libbsd", "can't be looked for without gcc", way)
    if outcome.ok:
        return there("libbsd", "bsd/string.h")
    return lacking("libbsd", "bsd/string.h was not found: ESP-IDF's host build includes it", way)


async def _boot(chip: Chip, found: Found, asker: Asker) -> Section:
    if chip.board is None:
        return Section(
            name="boot", title="to boot it", verb="be booted", checks=(_no_emulator(chip), await _esptool(asker))
        )
    checks = await emulator.checks(chip.board, found, asker)
    esptool = (await _esptool(asker),) if chip.kind is Kind.ESP else ()
    setpriv = await asker.look_for(_SETPRIV)
    return Section(
        name="boot", title="to boot it in QEMU", verb="be booted in QEMU", checks=(*checks, *esptool, setpriv)
    )


def _no_emulator(chip: Chip) -> Check:
    """The ways out are those that a run of it tells."""
    nearest = NOT_EMULATED[chip.name]
    ways = (
        'run it on a real board: <machine kind="serial">; see below',
        'test what doesn\'t need the chip on this host: <machine kind="linux">, testarena doctor --target linux',
        f"build for {nearest}, the nearest chip that QEMU has: testarena doctor --target {nearest}",
    )
    return Check(name="emulator", state=State.NOTE, detail=f"no emulator has the {chip.name}", ways=ways)


async def _esptool(asker: Asker) -> Check:
    name = "esptool"
    python = asker.python_of("esptool")
    if python is None:
        return lacking(name, "not found; for merging flash images and writing them into boards", EXTRA)
    outcome = await asker.ask(python.program, "-m", "esptool", "version")
    whose = "ESP-IDF's" if python.environment else "testarena's"
    if outcome.ok:
        return there(name, f"{first_line(outcome)}, {whose}")
    return lacking(name, f"{whose} does not start: {outcome}: {first_line(outcome)}", EXTRA)


async def _run(asker: Asker) -> Section:
    addr2line = Wanted(
        names=("addr2line",),
        use="functions and lines in what sanitizers report",
        way="on Debian and Ubuntu: apt install binutils",
    )
    checks = (await asker.look_for(addr2line), await asker.look_for(_SETPRIV))
    return Section(name="run", title="to run it", verb="be run", checks=checks)


async def _failures(chip: Chip, found: Found, asker: Asker) -> Section:
    """Programs that tell where a panic came from. Without them its addresses stay numbers."""
    ours = f"{idf.install(chip.name, found)}; or " if chip.kind is Kind.ESP else ""
    lines = tuple(dict.fromkeys(command[0] for command in addr2lines(chip.machine, "") if command[0] not in _GENERIC))
    debuggers = tuple(name for name in gdbs(chip.machine, "") if name not in _GENERIC)
    wanted = [
        Wanted(names=lines, use="functions and lines in backtraces", way=f"{ours}{advice(_COMPILERS[chip.machine])}")
    ]
    if chip.machine == RISCV:
        wanted.append(Wanted(names=debuggers, use="backtraces of panics", way=f"{ours}{advice('gdb-multiarch')}"))
    packages = (await asker.look_for_package(_CORES),) if chip.kind is Kind.ESP else ()
    checks = (*await asker.look_for_all(wanted), *packages)
    return Section(name="failures", title="to tell where a panic came from (optional)", checks=checks)
