"""Pictures of a real emulator's display."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from PIL import Image

from tests.support.machines import DEADLINE, Ear, request
from tpf.errors import MachineError
from tpf.machines import KINDS
from tpf.machines.base import HasScreen
from tpf.process import Processes
from tpf.steps.screenshot.pictures import compare


def on_board(
    elf: Path,
    folder: Path,
    environment: dict[str, str],
    args: tuple[str, ...],
    work: Callable[[HasScreen], Awaitable[None]],
) -> None:
    async def main() -> None:
        async with asyncio.timeout(DEADLINE), Processes(environment) as processes:
            asked = request(processes, target="riscv32-virt", elf=elf, folder=folder, checkout=folder, args=args)
            async with KINDS["qemu"].boot(asked, Ear()) as machine:
                assert isinstance(machine, HasScreen)
                await work(machine)

    asyncio.run(main())


def test_the_display_of_a_board(builds: Callable[[str], Path], tmp_path: Path, environment: dict[str, str]) -> None:
    async def work(machine: HasScreen) -> None:
        one, other = tmp_path / "one.png", tmp_path / "a, b [c].png"
        await machine.screenshot(one)
        await machine.screenshot(other)
        with Image.open(one) as picture:
            assert picture.format == "PNG"
            assert len(picture.convert("RGB").getcolors() or ()) > 1  # QEMU says that the guest draws nothing
        assert compare(one, other, ()).share == 0

    on_board(builds("riscv32-virt"), tmp_path, environment, ("-device", "virtio-gpu-device"), work)


def test_a_board_without_display(builds: Callable[[str], Path], tmp_path: Path, environment: dict[str, str]) -> None:
    async def work(machine: HasScreen) -> None:
        with pytest.raises(
            MachineError, match=r"no console .*; the board has no display: give it one, as with <machine"
        ):
            await machine.screenshot(tmp_path / "one.png")

    on_board(builds("riscv32-virt"), tmp_path, environment, (), work)


def test_a_file_that_can_not_be_written(
    builds: Callable[[str], Path], tmp_path: Path, environment: dict[str, str]
) -> None:
    async def work(machine: HasScreen) -> None:
        with pytest.raises(MachineError, match="QEMU did not do screendump: failed to open file"):
            await machine.screenshot(tmp_path / "nowhere" / "one.png")

    on_board(builds("riscv32-virt"), tmp_path, environment, ("-device", "virtio-gpu-device"), work)
