"""A panic as data: what its text on the console tells, and what its addresses stand for in the source."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class PanicKind(StrEnum):
    """What went wrong, in one word."""

    EXCEPTION = "exception"  # Guru Meditation Error: a fault of the processor
    ABORT = "abort"
    ASSERT = "assert"
    STACK_SMASHING = "stack-smashing"
    STACK_OVERFLOW = "stack-overflow"
    HEAP_CORRUPTION = "heap-corruption"
    INTERRUPT_WATCHDOG = "interrupt-watchdog"
    TASK_WATCHDOG = "task-watchdog"
    BROWNOUT = "brownout"
    SANITIZER = "sanitizer"  # of a host build
    DOUBLE_EXCEPTION = "double-exception"
    BOOT_LOOP = "boot-loop"  # resets, and no word of why


class CodeLine(Struct, frozen=True, kw_only=True):
    """A place in the source that the text itself names (an assertion's, ESP_ERROR_CHECK's)."""

    file: str
    line: int
    function: str = ""
    expression: str = ""


class CoreState(Struct, frozen=True, kw_only=True):
    """What is told of one core: its registers, and a backtrace (Xtensa) or the stack's memory (RISC-V)."""

    core: int | None = None
    registers: dict[str, int] = {}
    backtrace: tuple[tuple[int, int], ...] = ()  # program counter and stack pointer; of callers, within the call
    corrupted: bool = False  # the backtrace broke off: the stack is damaged
    stack: dict[int, int] = {}  # words by their addresses

    @property
    def pc(self) -> int | None:
        """The program counter, by the name that either architecture has for it."""
        found = self.registers.get("PC", self.registers.get("MEPC"))
        return self.backtrace[0][0] if found is None and self.backtrace else found


class Panic(Struct, frozen=True, kw_only=True):
    """What the text of a panic tells."""

    kind: PanicKind
    line: str  # the one that tells of it, without what surrounds it
    reason: str  # `LoadProhibited`, `0 && "asked to"`, ...
    core: int | None = None
    task: str = ""
    tasks: tuple[str, ...] = ()  # of a task watchdog: who did not feed it
    running: tuple[tuple[int, str], ...] = ()  # of a task watchdog: core and the task that runs on it
    places: tuple[CodeLine, ...] = ()
    pc: int | None = None
    cores: tuple[CoreState, ...] = ()  # the one that panicked first
    sha256: str = ""  # the beginning of the ELF's hash, in lower case; "" when none is told
    rebooting: bool = False  # its text is whole


class Frame(Struct, frozen=True, kw_only=True):
    """A function that was running, or waiting for the one before it to return."""

    address: int
    function: str = ""  # "" when it isn't known
    file: str = ""
    line: int = 0
    inlined: bool = False  # into the frame after it
    rom: bool = False  # in the chip's ROM


class Backtrace(Struct, frozen=True, kw_only=True):
    """The frames of one core, the innermost first."""

    core: int | None = None
    frames: tuple[Frame, ...] = ()
    corrupted: bool = False


class Decoded(Struct, frozen=True, kw_only=True):
    """What became of a panic's addresses: decoded, or as they are and a line that says why."""

    backtraces: tuple[Backtrace, ...] = ()
    note: str = ""
