"""The emulator's command line, one golden file a board and wish."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.golden import Golden
from tests.support.machines import request
from tpf.machines.qemu.argv import qemu_argv
from tpf.machines.qemu.boards import BOARDS, MB
from tpf.machines.qemu.plan import plan_for
from tpf.scenario.model import Forward

WEB = Forward(name="web", guest=80)
MQTT = Forward(name="mqtt", guest=1883)
WISHES: dict[str, dict[str, Any]] = {
    **{target: {"target": target} for target in BOARDS},
    "esp32-psram": {"target": "esp32", "psram": 2 * MB},
    "esp32-efuse": {"target": "esp32", "efuse": "fuses/efuse.bin"},
    "esp32-watchdogs": {"target": "esp32", "watchdogs": True},
    "esp32s3-quad-psram": {"target": "esp32s3", "psram": 2 * MB},
    "esp32s3-octal-psram": {"target": "esp32s3", "psram": 8 * MB},
    "esp32c3-forwards": {"target": "esp32c3", "forwards": (WEB, MQTT)},
    "esp32c3-virtual-clock": {"target": "esp32c3", "clock": "virtual"},
    "esp32c3-virtual-clock-shift": {"target": "esp32c3", "clock": "virtual", "shift": 7},
    "esp32c3-args": {"target": "esp32c3", "args": ("-d", "guest_errors", "-icount", "shift=auto")},
    "esp32c3-comma": {"target": "esp32c3", "folder": Path("/run/a,b")},
    "riscv32-virt-forwards": {"target": "riscv32-virt", "forwards": (WEB,)},
    "riscv32-virt-cpu-memory": {"target": "riscv32-virt", "cpu": "rv32", "memory": 64 * MB},
    "any-board": {"emulator": "qemu-system-arm", "board": "mps2-an385", "forwards": (WEB,)},
    "any-board-bios": {"emulator": "./qemu", "board": "stm32", "load": "bios", "memory": 3 * 1024},
    "other-board-of-a-target": {"target": "esp32c3", "board": "esp32c6", "emulator": "/opt/qemu/bin/qemu"},
}


@pytest.mark.parametrize("name", WISHES)
def test_command_line(golden: Golden, name: str) -> None:
    plan = plan_for(request(image=Path("/build/firmware"), **WISHES[name]))
    argv = qemu_argv(plan, qmp=7)
    golden.check(f"argv/{name}.txt", lines(argv))


def lines(argv: tuple[str, ...]) -> str:
    """An option with its value a line, as one reads it."""
    text = ""
    for word in argv:
        text += ("\n" if word.startswith("-") and text else " " if text else "") + word
    return f"{text}\n"
