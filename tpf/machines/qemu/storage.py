"""Fills partitions of a private flash image with what the scenario wants in them before the boot."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final

from tpf.errors import EnvironmentLacks, UsageError
from tpf.machines.python_tools import last_words
from tpf.machines.qemu.contents import Material, Recipe, format_of, recipe_for
from tpf.machines.qemu.partitions import LENGTH, SEARCHED, Partition, find_table, partitions
from tpf.process import Processes, Request, run_once
from tpf.scenario.model import Storage

_LIMIT: Final = 60.0  # seconds that a tool may take
_ERASED: Final = b"\xff"


async def fill(flash: Path, wanted: tuple[Storage, ...], table: int | None, material: Material) -> None:
    """Write all of it. `table` is where the partition table lies, None to look for it.

    Raises UsageError that names the scenario's place, and EnvironmentLacks without the tool that is needed.
    """
    if not wanted:
        return
    known = _table_of(flash, table, wanted[0])
    for storage in wanted:
        partition = _named(storage, known)
        _check_room(storage, partition, flash.stat().st_size)
        data = await _data(storage, partition, material)
        if len(data) > partition.size:
            size = f"{len(data)} bytes are more than the {partition.size} bytes of the partition {partition.label!r}"
            raise UsageError(f"{storage.source}: <storage>: {storage.file}: {size}")
        await asyncio.to_thread(_write, flash, partition, data)


def _table_of(flash: Path, table: int | None, storage: Storage) -> tuple[Partition, ...]:
    try:
        with flash.open("rb") as file:
            if table is None:
                return find_table(file.read(SEARCHED.stop + LENGTH))
            file.seek(table)
            return partitions(file.read(LENGTH))
    except ValueError as error:
        where = "from 0x8000 on" if table is None else f"at {table:#x} (CONFIG_PARTITION_TABLE_OFFSET)"
        how = "give <firmware> a whole flash image, or the build folder"
        raise UsageError(f"{storage.source}: <storage>: the flash image: {error} {where}; {how}") from None


def _named(storage: Storage, known: tuple[Partition, ...]) -> Partition:
    for partition in known:
        if partition.label == storage.partition:
            return partition
    there = ", ".join(map(str, known))
    raise UsageError(
        f"{storage.source}: <storage>: there is no partition {storage.partition!r} in the flash; there are: {there}"
    )


def _check_room(storage: Storage, partition: Partition, flash: int) -> None:
    """Before anything is made of that size: a damaged table may tell of gigabytes."""
    end = partition.offset + partition.size
    if end > flash:
        where = f"the partition {partition} ends at {end:#x}, and the flash at {flash:#x}"
        how = "mend the partition table, or give the board a larger flash (<machine flash=...>)"
        raise UsageError(f"{storage.source}: <storage>: {where}; {how}")


async def _data(storage: Storage, partition: Partition, material: Material) -> bytes:
    path = material.checkout / storage.file
    try:
        recipe = recipe_for(format_of(storage, partition, path), path, partition.size, material)
        return path.read_bytes() if recipe is None else await _made(recipe, material.processes)
    except ValueError as error:
        raise UsageError(f"{storage.source}: <storage>: {error}") from None
    except EnvironmentLacks as error:
        raise EnvironmentLacks(f"{storage.source}: <storage>: {error}") from error
    except OSError as error:
        raise UsageError(f"{storage.source}: <storage>: {storage.file}: {error.strerror}") from error


async def _made(recipe: Recipe, processes: Processes) -> bytes:
    """Run the tool. Raises ValueError with what it said when it fails."""
    request = Request(argv=recipe.argv, cwd=recipe.cwd, environment=recipe.environment)
    outcome = await run_once(processes, request, timeout=_LIMIT)
    if not outcome.ok or not recipe.output.is_file():
        raise ValueError(f"{recipe.name} can't make the partition: {outcome}: {last_words(outcome)}")
    return recipe.output.read_bytes()


def _write(flash: Path, partition: Partition, data: bytes) -> None:
    with flash.open("r+b") as file:
        file.seek(partition.offset)
        file.write(data + _ERASED * (partition.size - len(data)))
