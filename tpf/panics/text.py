r"""From the lines of a console around a panic to what they tell. Texts of ESP-IDF 4.4 to 6.1.

    Guru Meditation Error: Core  0 panic'ed (LoadProhibited). Exception was unhandled.

    Core  0 register dump:
    PC      : 0x400d3f39  PS      : 0x00060330  A0      : 0x800d3f52  A1      : 0x3ffb1e20

    Backtrace: 0x400d3f36:0x3ffb1e20 0x400d3f4f:0x3ffb1e40 |<-CORRUPTED

    ELF file SHA256: 63c1edd7e

RISC-V prints `MEPC    : 0x...`, and instead of a backtrace the stack: `Stack memory:`, `3fc93a80: 0x00000030 0x...`.

Lines may be torn, and others may stand between them: each is taken for what it is by itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from tpf.console.text import without_colours
from tpf.panics.cores import Cores
from tpf.panics.model import CodeLine, Panic, PanicKind

_MOST_LINES: Final = 600
_LONGEST_LINE: Final = 4096  # characters that are looked at

_GURU: Final = re.compile(
    r"Guru Meditation Error: Core\s{0,4}(\d{0,2})\s{0,4}panic'ed \(([^\r\n]{1,160}?)\)(?=[.\s]|\Z)"
)
_ABORT: Final = re.compile(r"abort\(\) was called at PC (0x[0-9a-fA-F]{1,8})(?: on core (\d))?")
_ASSERT: Final = re.compile(r"assert failed: (?:(\S.{0,200}?) )?([^\s:]{1,300}):(\d{1,7}) \((.{0,400})\)")
_OLD_ASSERT: Final = re.compile(
    r'assertion "(.{0,400}?)" failed: file "([^"]{1,300})", line (\d{1,7})(?:, function: (\S{1,200}))?'
)
_SMASHED: Final = re.compile(r"Stack smashing protect failure")
_OVERFLOW: Final = re.compile(r"A stack overflow in task (.{1,64}?) has been detected")
_HEAP: Final = re.compile(r"CORRUPT HEAP: (.{0,200})")
_BROWNOUT: Final = re.compile(r"Brownout detector was triggered")
_TASK_WDT: Final = re.compile(r"Task watchdog got triggered")
_HOST_ASSERT: Final = re.compile(r"([^\s:]{1,300}):(\d{1,7}): (.{1,200}?): Assertion [`'](.{0,400})' failed")
_SANITIZER: Final = re.compile(
    r"SUMMARY: \w{1,40}Sanitizer: (\S{1,80}) ([^\s:]{1,300}):(\d{1,7})(?::\d{1,7})?(?: in (\S{1,200}))?"
)
_BANNER: Final = re.compile(r"rst:0x[0-9a-fA-F]{1,2} \((\w{1,40})\)")

_DEBUG_REASON: Final = re.compile(r"Debug exception reason: (.{1,160})")
_CANARY: Final = re.compile(r"Stack canary watchpoint triggered \((.{1,64}?)\s?\)")
_DETECTED: Final = re.compile(r'Detected in task "(.{1,64}?)" at 0x')
_NOT_FED: Final = re.compile(r"task_wdt:\s+- (.{1,64}?) \(CPU \d[\d/]{0,8}\)|^\s{0,4}- (.{1,64}?) \(CPU \d[\d/]{0,8}\)")
_RUNNING: Final = re.compile(r"\bCPU (\d): (.{1,64}?)\s*$")
_ERROR_CHECK: Final = re.compile(r"ESP_ERROR_CHECK failed: esp_err_t (0x[0-9a-fA-F]{1,8}) \((.{1,80}?)\)")
_CHECK_FILE: Final = re.compile(r'^file: "([^"]{1,300})" line (\d{1,7})')
_CHECK_FUNCTION: Final = re.compile(r"^func: (\S.{0,200}?)\s*$")
_CHECK_EXPRESSION: Final = re.compile(r"^expression: (.{1,400}?)\s*$")
_SHA: Final = re.compile(r"ELF file SHA256: {1,4}([0-9a-fA-F]{8,64})\b")
_REBOOTING: Final = re.compile(r"Rebooting\.\.\.|CPU halted\.")


def parse(lines: Sequence[str], at: int = 0) -> Panic | None:
    """What the first panic among these lines, from `at` on, tells; None when none of them tells of one."""
    plain = [without_colours(line[:_LONGEST_LINE]).rstrip() for line in lines[:_MOST_LINES]]
    for number in range(at, len(plain)):
        told = _told(plain[number])
        if told is not None:
            return _read(told, plain[:number], plain[number + 1 :])
    return _boot_loop(plain[at:])


def _told(line: str) -> Panic | None:
    """What a line by itself tells of a panic; the first pattern that fits says what sort it is."""
    if (found := _GURU.search(line)) is not None:
        return _guru(found)
    if (found := _ABORT.search(line)) is not None:
        pc = int(found[1], 16)
        return Panic(kind=PanicKind.ABORT, line=found[0], reason="abort()", pc=pc, core=_number(found[2]))
    if (found := _ASSERT.search(line) or _OLD_ASSERT.search(line) or _HOST_ASSERT.search(line)) is not None:
        return _assertion(found)
    return _plain(line)


def _plain(line: str) -> Panic | None:
    if (found := _SANITIZER.search(line)) is not None:
        place = CodeLine(file=found[2], line=int(found[3]), function=found[4] or "")
        return Panic(kind=PanicKind.SANITIZER, line=found[0], reason=found[1], places=(place,))
    if (found := _OVERFLOW.search(line)) is not None:
        return Panic(kind=PanicKind.STACK_OVERFLOW, line=found[0], reason="stack overflow", task=found[1])
    if (found := _HEAP.search(line)) is not None:
        return Panic(kind=PanicKind.HEAP_CORRUPTION, line=found[0], reason=found[1].strip())
    for pattern, kind in (
        (_SMASHED, PanicKind.STACK_SMASHING),
        (_BROWNOUT, PanicKind.BROWNOUT),
        (_TASK_WDT, PanicKind.TASK_WATCHDOG),
    ):
        if (found := pattern.search(line)) is not None:
            return Panic(kind=kind, line=found[0], reason=found[0])
    return None


_GURU_KINDS: Final = (
    ("Interrupt wdt timeout", PanicKind.INTERRUPT_WATCHDOG),
    ("Double exception", PanicKind.DOUBLE_EXCEPTION),
    ("Stack protection fault", PanicKind.STACK_OVERFLOW),
)


def _guru(found: re.Match[str]) -> Panic:
    kind = next((kind for text, kind in _GURU_KINDS if text in found[2]), PanicKind.EXCEPTION)
    return Panic(kind=kind, line=found[0], reason=found[2], core=_number(found[1]))


def _assertion(found: re.Match[str]) -> Panic:
    if found.re is _ASSERT:
        function, file, line, expression = found.groups()
    elif found.re is _HOST_ASSERT:
        file, line, function, expression = found.groups()
    else:
        expression, file, line, function = found.groups()
    place = CodeLine(file=file, line=int(line), function=function or "", expression=expression)
    return Panic(kind=PanicKind.ASSERT, line=found[0], reason=expression, places=(place,))


def _read(told: Panic, before: Sequence[str], after: Sequence[str]) -> Panic:
    """The rest of the text; what an ESP_ERROR_CHECK said stands before its abort."""
    body = _to_its_end(after)
    cores = Cores(told.core)
    for line in body:
        cores.take(line)
    states = cores.finished()
    panic = Panic(
        kind=told.kind,
        line=told.line,
        reason=told.reason,
        core=told.core if told.core is not None else (states[0].core if states else None),
        task=told.task,
        places=told.places,
        pc=told.pc if told.pc is not None else (states[0].pc if states else None),
        cores=states,
        sha256=_sha256(body),
        rebooting=any(_REBOOTING.search(line) for line in body),
    )
    return _more(panic, before, body)


def _to_its_end(after: Sequence[str]) -> list[str]:
    """The lines until the device starts over."""
    ends = (number for number, line in enumerate(after) if _REBOOTING.search(line) or _BANNER.search(line))
    return list(after[: next(ends, len(after) - 1) + 1])


def _more(panic: Panic, before: Sequence[str], body: Sequence[str]) -> Panic:
    """What only some sorts of panic tell."""
    match panic.kind:
        case PanicKind.TASK_WATCHDOG:
            return _watchdog(panic, body)
        case PanicKind.HEAP_CORRUPTION:
            places = next((told.places for line in body if (told := _told(line)) and told.places), ())
            return _with(panic, places=places)
        case PanicKind.ABORT:
            return _error_check(panic, before[-12:])
        case PanicKind.EXCEPTION | PanicKind.STACK_OVERFLOW:
            return _overflow(panic, body)
        case _:
            return panic


def _watchdog(panic: Panic, body: Sequence[str]) -> Panic:
    tasks = [found[1] or found[2] for line in body if (found := _NOT_FED.search(line))]
    running = [(int(found[1]), found[2]) for line in body if (found := _RUNNING.search(line))]
    named = tuple(dict.fromkeys(tasks))[:32]
    return _with(panic, tasks=named, running=tuple(dict.fromkeys(running))[:8])


def _error_check(panic: Panic, before: Sequence[str]) -> Panic:
    check = next((found for line in before if (found := _ERROR_CHECK.search(line))), None)
    if check is None:
        return panic
    file = next((found for line in before if (found := _CHECK_FILE.search(line))), None)
    function = next((found[1] for line in before if (found := _CHECK_FUNCTION.search(line))), "")
    expression = next((found[1] for line in before if (found := _CHECK_EXPRESSION.search(line))), "")
    place = file and CodeLine(file=file[1], line=int(file[2]), function=function, expression=expression)
    reason = f"ESP_ERROR_CHECK failed: {check[2]} ({check[1]})" + (f", {expression}" if expression else "")
    return _with(panic, reason=reason, places=(place,) if place else ())


def _overflow(panic: Panic, body: Sequence[str]) -> Panic:
    """Stacks that overflowed are told in the lines below the headline."""
    detected = next((found[1] for line in body if (found := _DETECTED.search(line))), panic.task)
    debug = next((found[1].strip() for line in body if (found := _DEBUG_REASON.search(line))), "")
    if not debug:
        return _with(panic, task=detected)
    canary = _CANARY.search(debug)
    kind = PanicKind.STACK_OVERFLOW if canary else panic.kind
    return _with(panic, kind=kind, task=canary[1] if canary else detected, reason=debug)


def _with(panic: Panic, **changes: object) -> Panic:
    known: dict[str, object] = {name: getattr(panic, name) for name in panic.__struct_fields__}
    return Panic(**{**known, **changes})  # type: ignore[arg-type]  # msgspec's own replace is typed no better


def _boot_loop(lines: Sequence[str]) -> Panic | None:
    banners = [found for line in lines if (found := _BANNER.search(line))]
    if not banners:
        return None
    return Panic(kind=PanicKind.BOOT_LOOP, line=banners[-1][0], reason=banners[-1][1])


def _sha256(lines: Sequence[str]) -> str:
    """As printed; none when it is all zeros, which is what images that weren't made by esptool have."""
    found = next((found[1].lower() for line in lines if (found := _SHA.search(line))), "")
    return found if found.strip("0") else ""


def _number(text: str | None) -> int | None:
    return int(text) if text else None
