"""A program that starts all sorts of children by `tpf`, to be killed: ``python -m tests.fakes.victim FOLDER ELF``.

It ends all of them and starts anew, for ever, so that a kill hits it in the middle of anything.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from tests.support.machines import Ear, request
from tpf.machines import KINDS
from tpf.process import Patience, Processes, Request, run_once

DEAF = "trap '' TERM HUP INT"
FAMILY = f"""
{DEAF}
sleep 600 &
setsid sleep 600 &
setsid sh -c "{DEAF}; sleep 600 & setsid sleep 600 & wait" &
(setsid sh -c "{DEAF}; sleep 600 & wait" & exit) &
echo ready
wait
"""


async def device(processes: Processes, folder: Path, elf: Path) -> None:
    ear = Ear()
    asked = request(processes, target="riscv32-virt", elf=elf, folder=folder, checkout=folder.parent)
    async with KINDS["qemu"].boot(asked, ear):
        await ear.until(b"demo> ")


async def simulator(processes: Processes, folder: Path) -> None:
    ear = Ear()
    asked = request(processes, kind="command", command=("sh", "-c", FAMILY), folder=folder, checkout=folder.parent)
    async with KINDS["command"].boot(asked, ear):
        await ear.until(b"ready")


async def host_command(processes: Processes) -> None:
    await run_once(processes, Request(argv=("sh", "-c", FAMILY), patience=Patience(terminate=0.05)), timeout=0.1)


async def main(folder: Path, elf: Path) -> None:
    async with Processes(os.environ) as processes:
        while True:
            async with asyncio.TaskGroup() as group:
                group.create_task(device(processes, folder / "one", elf))
                group.create_task(device(processes, folder / "two", elf))
                group.create_task(simulator(processes, folder / "three"))
                group.create_task(host_command(processes))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2])))
