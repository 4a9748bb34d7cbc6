"""What the tests on real emulators share: the demo firmware, built once."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import INHERITED

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


@pytest.fixture(scope="module")
def workshop(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The examples as after a clone: nothing is built."""
    for compiler in TOOLCHAINS.values():
        if shutil.which(compiler) is None:
            pytest.skip(f"{compiler} is not installed")
    folder = tmp_path_factory.mktemp("workshop") / "examples"
    shutil.copytree(checkout / "examples", folder, ignore=shutil.ignore_patterns("build"))
    return folder


@pytest.fixture(scope="module")
def surroundings() -> dict[str, str]:
    return {name: os.environ[name] for name in INHERITED if name in os.environ}
