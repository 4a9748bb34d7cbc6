"""A target and its overrides become a board, and what can't be had is said with the scenario's place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.machines import request
from tpf.errors import UsageError
from tpf.machines.qemu.boards import BOARDS, LOADS, MB, Board
from tpf.machines.qemu.options import Options
from tpf.machines.qemu.plan import board_for, plan_for

IMAGE = Path("/build/flash.bin")


@pytest.mark.parametrize("target", BOARDS)
def test_a_target_without_wishes_is_its_record(target: str) -> None:
    assert board_for(target, Options()) == BOARDS[target]


@pytest.mark.parametrize("board", BOARDS.values(), ids=BOARDS)
def test_records_hold_together(board: Board) -> None:
    assert board.load in LOADS
    assert bool(board.flash_sizes) == (board.load == "flash")
    assert not (board.nic and board.net_device)
    assert board.psram or board.octal_psram_from is None


def test_every_wish_overrides_the_record() -> None:
    wishes = Options(emulator="e", board="b", cpu="c", memory=5 * MB, load="bios")
    board = board_for("esp32", wishes)
    assert (board.emulator, board.machine, board.cpu, board.memory, board.load) == ("e", "b", "c", 5 * MB, "bios")


@pytest.mark.parametrize(
    "wishes, message",
    [
        ({}, "the scenario says no target: give it one (esp32, esp32s3, esp32c3, riscv32-virt, xtensa-lx60), or say"),
        ({"target": "esp33"}, "the target 'esp33' is not known: it is none of esp32, "),
        ({"target": "esp33", "board": "x"}, 'or say <machine emulator="qemu-system-..." board="..."/>'),
        ({"target": "esp32"}, "the board esp32 needs a flash image: <firmware image=...>"),
        ({"target": "esp32", "elf": Path("a.elf")}, "the board esp32 needs a flash image"),
        ({"target": "riscv32-virt"}, "the board virt needs firmware: <firmware image=...>"),
        ({"target": "riscv32-virt", "psram": 1}, "psram: the board virt has no external RAM"),
        ({"target": "riscv32-virt", "efuse": "e"}, "<efuse>: the board virt has no eFuses"),
        ({"target": "riscv32-virt", "watchdogs": True}, "watchdogs: the board virt has no watchdogs to switch"),
        ({"target": "riscv32-virt", "flash": MB}, "flash: the board virt has no flash to load from"),
        ({"target": "esp32c3", "psram": MB}, "psram: the board esp32c3 has no external RAM"),
        (
            {"target": "esp32", "psram": MB, "memory": MB},
            "psram and memory: the memory of the board esp32 is its PSRAM",
        ),
        (
            {"target": "esp32", "flash": 3 * MB},
            "flash: the board esp32 has flash of 2MB, 4MB, 8MB, 16MB, not of 3145728",
        ),
        ({"target": "esp32", "shift": 3}, "shift: only the virtual clock has it"),
        ({"target": "esp32", "tick": 0.001}, "tick: only the virtual clock has it"),
        ({"target": "esp32", "clock": "virtual", "tick": 1.0}, "tick: 1s is none of 0.1ms to 500ms"),
    ],
)
def test_what_can_not_be_had(wishes: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as raised:
        plan_for(request(**wishes))
    assert str(raised.value).startswith("boot.xml:4:3: <machine>: ")
    assert message in str(raised.value)


def test_a_kernel_is_loaded_where_it_lies() -> None:
    plan = plan_for(request(target="riscv32-virt", elf=Path("/build/app.elf")))
    assert plan.image == Path("/build/app.elf")
    assert plan.flash is None


def test_flash_and_efuse_are_copied() -> None:
    plan = plan_for(request(target="esp32", image=IMAGE, efuse="e.bin"))
    assert plan.flash is not None
    assert plan.efuse is not None
    assert (plan.flash.source, plan.flash.copy, plan.image) == (IMAGE, Path("/run/boot-1/flash.bin"), plan.flash.copy)
    assert plan.efuse.exactly == 124
    assert (plan.efuse.source, plan.efuse.copy) == (Path("/scenarios/e.bin"), Path("/run/boot-1/efuse.bin"))


@pytest.mark.parametrize("flash, sizes", [(None, (2 * MB, 4 * MB, 8 * MB, 16 * MB)), (8 * MB, (8 * MB,))])
def test_the_flash_has_the_wanted_size_or_any_that_the_board_can_have(
    flash: int | None, sizes: tuple[int, ...]
) -> None:
    plan = plan_for(request(target="esp32", image=IMAGE, flash=flash))
    assert plan.flash is not None
    assert plan.flash.sizes == sizes


def test_a_board_of_which_nothing_is_known_takes_any_flash() -> None:
    plan = plan_for(request(emulator="q", board="b", load="flash", image=IMAGE))
    assert plan.flash is not None
    assert plan.flash.sizes == ()
