"""For tests with ESP-IDF: the stand-in, installed as the real one is, and a project to build."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

FAKE = Path(__file__).parent.parent / "fakes" / "idf"
SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin"
CMAKE = """\
cmake_minimum_required(VERSION 3.16)
include($ENV{IDF_PATH}/tools/cmake/project.cmake)
project(hello)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class FakeIdf:
    """A stand-in ESP-IDF in a folder, with its tools beside it."""

    path: Path
    tools: Path

    @property
    def environment(self) -> dict[str, str]:
        """As on a runner where nothing is activated."""
        return {
            "PATH": f"{os.environ['PATH']}:{SYSTEM_PATH}",
            "HOME": str(self.tools.parent),
            "IDF_PATH": str(self.path),
            "IDF_TOOLS_PATH": str(self.tools),
        }


def fake_idf(folder: Path) -> FakeIdf:
    """Install the stand-in."""
    idf = FakeIdf(path=folder / "esp-idf", tools=folder / "espressif")
    shutil.copytree(FAKE, idf.path, ignore=shutil.ignore_patterns("__pycache__", "__init__.py"))
    program(idf.tools / "tools" / "fake-toolchain" / "1.0" / "bin" / "fake-esp-elf-gcc", "exit 1")
    environment = idf.tools / "python_env" / f"idf5.3_py{sys.version_info[0]}.{sys.version_info[1]}_env"
    program(environment / "bin" / "python", f'PYTHONPATH="{idf.path}/tools/python" exec "{sys.executable}" "$@"')
    return idf


def program(path: Path, text: str) -> None:
    """Write a shell script."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def project(folder: Path, **files: str) -> Path:
    """Write an ESP-IDF project; `main_broken_txt` is the file `main/broken.txt`, `sdkconfig_ci` is `sdkconfig.ci`."""
    (folder / "main").mkdir(parents=True, exist_ok=True)
    (folder / "CMakeLists.txt").write_text(CMAKE)
    (folder / "main" / "main.c").write_text("int x;\nvoid app_main(void)\n{\n    x = y;\n}\n")
    (folder / "main" / "CMakeLists.txt").write_text('idf_component_register(SRCS "main.c")\n')
    for name, text in files.items():
        (folder / name).write_text(text)
    return folder


def without_cache(folder: Path) -> dict[str, tuple[bytes, int]]:
    """What is in a folder, with times: the same as long as nobody wrote there."""
    files = (file for file in folder.rglob("*") if file.is_file())
    return {str(file): (file.read_bytes(), file.stat().st_mtime_ns) for file in files}
