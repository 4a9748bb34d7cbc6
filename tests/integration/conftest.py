"""What the tests on real emulators share: the demo firmware, built once."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

TOOLCHAINS = {"riscv32-virt": "riscv64-unknown-elf-gcc", "xtensa-lx60": "xtensa-lx106-elf-gcc"}


@pytest.fixture(scope="session")
def builds(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Builds the demo firmware for a target: ``builds("riscv32-virt")`` is its ELF file."""
    build = tmp_path_factory.mktemp("firmware")

    def elf(target: str) -> Path:
        if shutil.which(TOOLCHAINS[target]) is None:
            pytest.skip(f"{TOOLCHAINS[target]} is not installed")
        make = ["make", "-C", str(checkout / "examples/firmware/console"), f"TARGET={target}", f"BUILD={build}"]
        made = subprocess.run(make, capture_output=True, text=True, timeout=100, check=False)
        assert made.returncode == 0, made.stderr
        return build / target / "console.elf"

    return elf
