"""A panic in words: the failure's headline, its backtrace as lines, and the places in the project's own code."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Final

from tpf.console.quoting import shorten
from tpf.panics.model import Backtrace, CodeLine, Decoded, Frame, Panic
from tpf.panics.places import SourceTree
from tpf.result import CodePlace, Source

_MOST_FRAMES: Final = 40  # that a message lists
_LONGEST: Final = 300  # characters of a headline
_WIDTH: Final = 200  # of a name or a path

# What stands between the fault and the panic's text: the search for the project's own code begins behind it.
_MACHINERY: Final = frozenset(
    {
        *("abort", "panic_abort", "esp_system_abort", "__assert_func", "__assert", "__stack_chk_fail"),
        *("_esp_error_check_failed", "_esp_error_check_failed_without_abort", "xTaskIncrementTickOtherCores"),
        *("vApplicationStackOverflowHook", "esp_vApplicationStackOverflowHook", "task_wdt_isr"),
        *("task_wdt_timeout_handling", "task_wdt_timeout_abort", "__cxa_throw", "__cxa_rethrow", "__cxa_pure_virtual"),
        *("__cxxabiv1::__terminate(void (*)())", "std::terminate()", "_Unwind_RaiseException"),
        *("multi_heap_assert", "verify_fill_pattern", "verify_allocated_region"),
    }
)
_TASKS: Final = {  # functions that only one task has at its bottom
    "main_task": "main",
    "prvIdleTask": "IDLE",
    "prvTimerTask": "Tmr Svc",
    "ipc_task": "ipc",
    "timer_task": "esp_timer",
}


class Told:
    """One panic, what its addresses stand for, and where the sources are."""

    def __init__(self, panic: Panic, decoded: Decoded, tree: SourceTree) -> None:
        self.panic = panic
        self._decoded = decoded
        self._tree = tree
        frames = decoded.backtraces[0].frames if decoded.backtraces else ()  # of the core that panicked
        own = (frame for frame in _from_the_fault_on(frames) if tree.own(frame.file) is not None)
        self.frame = next(own, None)  # the innermost in the project's own code
        self._nearest = self.frame or next(_from_the_fault_on(frames), None)  # firmware that was built elsewhere

    # ---- the project's own code

    def code(self) -> tuple[CodePlace, ...]:
        """What the text names itself first (an assertion's line), then the frame."""
        sources = [*map(self._place_of, self.panic.places), self._source_of(self.frame)]
        message = self.headline()
        return tuple(CodePlace(source=source, message=message) for source in dict.fromkeys(filter(None, sources)))

    def _place_of(self, place: CodeLine) -> Source | None:
        """ESP-IDF's assertions name a file without its folder: a frame in a file of that name knows it."""
        frames = (frame for trace in self._decoded.backtraces for frame in trace.frames)
        known = (frame.file for frame in frames if PurePosixPath(frame.file).name == place.file)
        for file in (next(known, ""), f"main/{place.file}", place.file):
            path = self._tree.own(file)
            if path is not None:
                return Source(file=self._tree.shown(path), line=place.line)
        return None

    def _source_of(self, frame: Frame | None) -> Source | None:
        path = self._tree.own(frame.file) if frame is not None else None
        return Source(file=self._tree.shown(path), line=frame.line) if frame is not None and path is not None else None

    # ---- words

    def headline(self) -> str:
        """``Guru Meditation Error: Core 0 panic'ed (Store access fault) in crash at main/crash.c:31 (task main)``."""
        line = " ".join(self.panic.line.split()).rstrip(".")
        more = self.panic.reason if _says_more(self.panic) else ""
        words = (f"{line}: {more}" if more else line, _watchdog(self.panic), self._where(), self._task())
        return shorten(" ".join(filter(None, words)), _LONGEST)

    @property
    def adds(self) -> bool:
        """Whether the headline says more than the console's line."""
        return bool(_says_more(self.panic) or _watchdog(self.panic) or self._where() or self._task())

    def _where(self) -> str:
        frame = self._nearest
        if frame is None:
            return ""
        source = self._source_of(frame) or Source(file=shorten(_outside(frame.file), _WIDTH), line=frame.line)
        named = {(PurePosixPath(place.file).name, place.line) for place in self.panic.places}
        if (PurePosixPath(source.file).name, source.line) in named:
            return ""
        return f"in {_name(frame)} at {source}"

    def _task(self) -> str:
        if self.panic.task and self.panic.task not in self.panic.line:
            return f"(task {self.panic.task})"
        frames = self._decoded.backtraces[0].frames if self._decoded.backtraces else ()
        task = next((_TASKS[frame.function] for frame in reversed(frames) if frame.function in _TASKS), "")
        return f"(task {task})" if task and not (self.panic.task or self.panic.running) else ""

    def details(self) -> str:
        """The backtraces, core by core, a frame a line, and what is to be known about them."""
        blocks = [self._block(trace) for trace in self._decoded.backtraces if trace.frames]
        return "\n".join(filter(None, (*blocks, self._decoded.note)))

    def _block(self, trace: Backtrace) -> str:
        of_core = f" of core {trace.core}" if trace.core is not None and len(self._decoded.backtraces) > 1 else ""
        shown = [self._line(number, frame) for number, frame in enumerate(trace.frames[:_MOST_FRAMES])]
        if len(trace.frames) > _MOST_FRAMES:
            shown.append(f"        … {len(trace.frames) - _MOST_FRAMES} frames more")
        if trace.corrupted:
            shown.append("        (it breaks off here: the stack is corrupted)")
        return "\n".join((f"backtrace{of_core}:", *shown))

    def _line(self, number: int, frame: Frame) -> str:
        path = self._tree.own(frame.file)
        file = self._tree.shown(path) if path is not None else _outside(frame.file)
        at = f" at {shorten(file, _WIDTH)}:{frame.line}" if file and frame.line else ""
        rom = " in ROM" if frame.rom else ""
        inlined = " (inlined)" if frame.inlined else ""
        return f"  #{number:<2} {frame.address:#010x} {_name(frame)}{at}{rom}{inlined}".rstrip()


def _from_the_fault_on(frames: tuple[Frame, ...]) -> Iterator[Frame]:
    """The frames that have a line, without those between the fault and the panic's text."""
    behind = max((number for number, frame in enumerate(frames) if frame.function in _MACHINERY), default=-1)
    return (frame for frame in frames[behind + 1 :] if frame.line)


def _says_more(panic: Panic) -> bool:
    """Whether there is more to the reason than the headline has: a debug exception's, an ESP_ERROR_CHECK's."""
    return panic.reason not in panic.line and panic.reason not in ("abort()", "stack overflow")


def _watchdog(panic: Panic) -> str:
    tasks = ", ".join(panic.tasks)
    running = ", ".join(f"{task} ran on CPU {core}" for core, task in panic.running)
    words = "; ".join(filter(None, (f"not fed by {tasks}" if tasks else "", running)))
    return f"({words})" if words else ""


def _name(frame: Frame) -> str:
    return shorten(frame.function, _WIDTH) or ("" if frame.rom else "??")


def _outside(file: str) -> str:
    """Other people's files, from the folder on that tells whose they are."""
    parts = PurePosixPath(file).parts
    for folder in ("esp-idf", "managed_components"):
        if folder in parts:
            return "/".join(parts[parts.index(folder) :])
    return file
