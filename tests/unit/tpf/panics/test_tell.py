"""Words and places for a panic whose addresses are decoded."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from tpf.machines.base import BuildFacts
from tpf.panics.model import Backtrace, CodeLine, Decoded, Frame, Panic, PanicKind
from tpf.panics.places import SourceTree
from tpf.panics.tell import Told

PANIC = Panic(
    kind=PanicKind.EXCEPTION,
    line="Guru Meditation Error: Core  0 panic'ed (LoadProhibited)",
    reason="LoadProhibited",
)


@pytest.fixture
def tree(tmp_path: Path) -> SourceTree:
    for name in ("app/main/main.c", "app/managed_components/x/x.c", "app/build/gen.c", "esp-idf/components/a.c"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    build = BuildFacts(folder=tmp_path / "app/build", project=tmp_path / "app")
    return SourceTree.of(tmp_path, tmp_path, build)


def told(tree: SourceTree, panic: Panic, *frames: Frame) -> Told:
    return Told(panic, Decoded(backtraces=(Backtrace(core=0, frames=frames),)), tree)


def frame(function: str, file: str, line: int = 5, **more: bool) -> Frame:
    return Frame(address=0x42000000 + line, function=function, file=file, line=line, **more)


@pytest.mark.parametrize(
    "file, own",
    [
        ("/elsewhere/ci/app/main/main.c", "app/main/main.c"),  # built on another machine
        ("/home/me/app/main/../main/main.c", "app/main/main.c"),
        ("C:\\work\\app\\main\\main.c", "app/main/main.c"),
        ("./main/main.c", "app/main/main.c"),
        ("/elsewhere/main.c", ""),
        ("/IDF/components/main/main.c", ""),
        ("/opt/esp-idf/components/a.c", ""),
        ("/x/managed_components/x/x.c", ""),
        ("/x/build/gen.c", ""),
        ("\0", ""),
        ("", ""),
        ("/" + "a" * 5000 + "/main.c", ""),
    ],
)
def test_own_code(tree: SourceTree, file: str, own: str) -> None:
    path = tree.own(file)
    assert (tree.shown(path) if path else "") == own


def test_the_first_own_frame_behind_the_machinery(tree: SourceTree) -> None:
    frames = (
        frame("panic_abort", "/opt/esp-idf/components/esp_system/panic.c"),
        frame("abort", "/x/main/main.c", 1),
        frame("xQueueSend", "/opt/esp-idf/components/freertos/queue.c"),
        frame("inner", "/x/main/main.c", 7, inlined=True),
        frame("outer", "/x/main/main.c", 9),
        frame("main_task", "/opt/esp-idf/components/freertos/app_startup.c"),
    )
    it = told(tree, PANIC, *frames)
    assert it.headline() == (
        "Guru Meditation Error: Core 0 panic'ed (LoadProhibited) in inner at app/main/main.c:7 (task main)"
    )
    assert [str(place.source) for place in it.code()] == ["app/main/main.c:7"]
    assert it.details().splitlines()[3:6] == [
        "  #2  0x42000005 xQueueSend at esp-idf/components/freertos/queue.c:5",
        "  #3  0x42000007 inner at app/main/main.c:7 (inlined)",
        "  #4  0x42000009 outer at app/main/main.c:9",
    ]


def test_firmware_that_was_built_elsewhere_has_its_place_in_the_headline(tree: SourceTree) -> None:
    found = told(tree, PANIC, frame("abort", "/x/libc/abort.c"), frame("blink", "/x/lamp/main/blink.c", 12))
    assert found.headline().endswith("(LoadProhibited) in blink at /x/lamp/main/blink.c:12")
    assert found.code() == ()


def test_an_assertion_names_its_place_itself(tree: SourceTree) -> None:
    place = CodeLine(file="main.c", line=29, function="app_main", expression="0")
    line = "assert failed: app_main main.c:29 (0)"
    panic = Panic(kind=PanicKind.ASSERT, line=line, reason="0", places=(place,))
    it = told(tree, panic, frame("app_main", "/x/main/main.c", 29))
    assert it.headline() == line
    assert [str(place.source) for place in it.code()] == ["app/main/main.c:29"]
    undecoded = Told(panic, Decoded(), tree)
    assert [str(place.source) for place in undecoded.code()] == ["app/main/main.c:29"]  # found in the project's main/


def test_functions_of_the_rom_and_unknown_ones(tree: SourceTree) -> None:
    it = told(tree, PANIC, Frame(address=0x4000C46C, function="memset", rom=True), Frame(address=0x1))
    assert it.details().splitlines() == [
        "backtrace:",
        "  #0  0x4000c46c memset in ROM",
        "  #1  0x00000001 ??",
    ]
    assert not it.adds


def test_a_watchdog_tells_its_tasks(tree: SourceTree) -> None:
    panic = Panic(
        kind=PanicKind.TASK_WATCHDOG,
        line="Task watchdog got triggered",
        reason="Task watchdog got triggered",
        tasks=("IDLE0",),
        running=((0, "main"),),
    )
    assert Told(panic, Decoded(), tree).headline() == (
        "Task watchdog got triggered (not fed by IDLE0; main ran on CPU 0)"
    )


def test_two_cores_and_a_damaged_stack(tree: SourceTree) -> None:
    one = Backtrace(core=1, frames=(Frame(address=1),), corrupted=True)
    decoded = Decoded(backtraces=(one, replace(one, core=0, corrupted=False)), note="the backtrace is not decoded: x")
    assert Told(PANIC, decoded, tree).details().splitlines() == [
        "backtrace of core 1:",
        "  #0  0x00000001 ??",
        "        (it breaks off here: the stack is corrupted)",
        "backtrace of core 0:",
        "  #0  0x00000001 ??",
        "the backtrace is not decoded: x",
    ]
