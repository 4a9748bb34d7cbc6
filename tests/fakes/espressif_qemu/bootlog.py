"""What ROM, bootloader and ESP-IDF's start-up code say before `app_main()` is called."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tests.fakes.espressif_qemu.arguments import Wishes
from tests.fakes.espressif_qemu.boards import MB, Board
from tests.fakes.espressif_qemu.flash import Partition
from tests.fakes.espressif_qemu.program import Program

_USES = {(1, 1): "RF data", (1, 2): "WiFi data", (0, 0): "factory app"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """What start-up code finds."""

    wishes: Wishes
    revision: tuple[int, int]
    flash_size: int
    partitions: tuple[Partition, ...]

    @property
    def board(self) -> Board:
        return self.wishes.board

    @property
    def written(self) -> str:
        """The revision, as the log has it."""
        return f"v{self.revision[0]}.{self.revision[1]}"


def rom(board: Board, reason: str) -> Iterator[str]:
    """Up to the bootloader."""
    for line in board.rom:
        yield line.format(reset=board.resets[reason])


def bootloader(chip: Chip, program: Program) -> Iterator[str]:
    """The second stage, up to the application."""
    yield from chip.board.entry
    name = chip.board.machine
    texts = (
        f"boot: ESP-IDF {program.idf} 2nd stage bootloader",
        "boot: compile time Jan  1 2026 12:00:00",
        f"boot: chip revision: {chip.written}",
        f"boot.{name}: SPI Speed      : {'40' if name == 'esp32' else '80'}MHz",
        f"boot.{name}: SPI Mode       : DIO",
        f"boot.{name}: SPI Flash Size : {chip.flash_size // MB}MB",
        "boot: Enabling RNG early entropy source...",
        "boot: Partition Table:",
        "boot: ## Label            Usage          Type ST Offset   Length",
        *(_row(number, one) for number, one in enumerate(chip.partitions)),
        "boot: End of partition table",
    )
    yield from logged(program, texts)


def refusal(chip: Chip, chip_id: int, program: Program) -> list[str]:
    """Why the bootloader does not start the application; nothing when it does."""
    major, minor = divmod(program.least_revision, 100)
    if chip_id != chip.board.chip_id:
        why = f"boot_comm: mismatch chip ID, expected {chip.board.chip_id}, found {chip_id}"
    elif chip.revision < (major, minor):
        why = f"boot_comm: Image requires chip rev >= v{major}.{minor}, but chip is {chip.written}"
    else:
        return []
    end = ("boot: Factory app partition is not bootable", "boot: No bootable app partitions in the partition table")
    return list(logged(program, (why, *end), "E", at=120))


def application(chip: Chip, program: Program, place: int) -> Iterator[str]:
    """Start-up code, up to app_main()."""
    texts = (
        f"esp_image: segment 0: paddr={place + 0x20:08x} vaddr=3f400020 size=01000h (  4096) map",
        f"boot: Loaded app from partition at offset {place:#x}",
        "boot: Disabling RNG early entropy source...",
        f"cpu_start: {'Uni' if chip.board.machine == 'esp32c3' else 'Multi'}core app",
        *_psram(chip, program),
        "cpu_start: Pro cpu start user code",
        "cpu_start: cpu freq: 160000000 Hz",
        "app_init: Application information:",
        f"app_init: Project name:     {program.name}",
        f"app_init: App version:      {program.version}",
        f"app_init: ELF file SHA256:  {program.elf_sha256[:9]}...",
        f"app_init: ESP-IDF:          {program.idf}",
        f"efuse_init: Min chip rev:     v{program.least_revision // 100}.{program.least_revision % 100}",
        f"efuse_init: Chip rev:         {chip.written}",
        "heap_init: Initializing. RAM available for dynamic allocation:",
        "spi_flash: detected chip: gd",
        "spi_flash: flash io: dio",
        f"fake: {_board_facts(chip)}",
        "main_task: Started on CPU0",
        "main_task: Calling app_main()",
    )
    yield from logged(program, texts, at=130)


def lacks_psram(chip: Chip, program: Program) -> list[str]:
    """What start-up says before it aborts, when there is no external RAM of the kind that it was built for."""
    if not program.psram or (chip.wishes.memory and chip.wishes.octal == (program.psram == "octal")):
        return []
    texts = (
        f"{program.psram}_psram: PSRAM chip is not connected, or wrong PSRAM line mode",
        "cpu_start: Failed to init external RAM!",
    )
    return list(logged(program, texts, "E", at=180))


def logged(program: Program, texts: tuple[str, ...], level: str = "I", *, at: int = 30) -> Iterator[str]:
    """As ESP-IDF's log has them; `at` is the first one's time in milliseconds."""
    colour, end = {"I": "\x1b[0;32m", "E": "\x1b[0;31m"}[level] if program.colours else "", "\x1b[0m"
    for number, text in enumerate(texts):
        yield f"{colour}{level} ({at + 4 * number}) {text}{end if program.colours else ''}"


def _psram(chip: Chip, program: Program) -> tuple[str, ...]:
    if not program.psram:
        return ()
    return (f"esp_psram: Found {chip.wishes.memory // MB}MB PSRAM device",)


def _board_facts(chip: Chip) -> str:
    """What the real one does not tell: how the emulator was called."""
    wishes = chip.wishes
    lines = "octal" if wishes.octal else "quad"
    ram = f"{wishes.memory // MB}MB, {lines}" if wishes.memory else "none"
    return f"watchdogs {'on' if wishes.watchdogs else 'off'}; psram {ram}; flash {chip.flash_size // MB}MB"


def _row(number: int, one: Partition) -> str:
    use = _USES.get((one.type, one.subtype), "Unknown data")
    return (
        f"boot: {number:2} {one.label:<16} {use:<14} {one.type:02x} {one.subtype:02x} {one.offset:08x} {one.size:08x}"
    )
