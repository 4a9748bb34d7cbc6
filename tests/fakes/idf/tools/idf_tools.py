#!/usr/bin/env python
"""A stand-in for ESP-IDF's idf_tools.py: `export` alone, as ESP-IDF 5.3 has it; other arguments are refused.

What it keeps of the real one: variables that are set already are left out; PATH ends with a literal $PATH; without the
tools (in IDF_TOOLS_PATH, else ~/.espressif) it says so on stderr and exits with 1; it leaves a temporary file behind.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

VERSION = "5.3"


def main() -> int:
    parser = argparse.ArgumentParser(prog="idf_tools.py")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("export").add_argument("--format", choices=("shell", "key-value"), default="shell")
    arguments = parser.parse_args()
    idf = Path(os.environ.get("IDF_PATH") or Path(__file__).resolve().parent.parent)
    tools = Path(os.environ.get("IDF_TOOLS_PATH") or Path.home() / ".espressif")
    toolchain = tools / "tools" / "fake-toolchain" / "1.0" / "bin"
    if not toolchain.is_dir():
        said = "ERROR: tool fake-toolchain has no installed versions. Please run"
        sys.stderr.write(f"{said} '{sys.executable} {idf}/tools/idf_tools.py install' to install it.\n")
        return 1
    line = "{}={}" if arguments.format == "key-value" else 'export {}="{}"'
    separator = "\n" if arguments.format == "key-value" else ";"
    sys.stdout.write(separator.join(line.format(*pair) for pair in exported(idf, tools, toolchain).items()) + "\n")
    return 0


def exported(idf: Path, tools: Path, toolchain: Path) -> dict[str, str]:
    python = os.environ.get("IDF_PYTHON_ENV_PATH") or str(
        tools / "python_env" / f"idf{VERSION}_py{sys.version_info[0]}.{sys.version_info[1]}_env"
    )
    if not Path(python).is_dir():
        sys.exit(f"ERROR: {python} doesn't exist! Please run the install script or 'idf_tools.py install-python-env'")
    wanted = {
        "ESP_ROM_ELF_DIR": f"{tools}/tools/esp-rom-elfs/20240305/",
        "IDF_PYTHON_ENV_PATH": python,
        "ESP_IDF_VERSION": VERSION,
    }
    found = {name: value for name, value in wanted.items() if os.environ.get(name) != value}
    present = os.environ.get("PATH", "").split(":")
    folders = [folder for folder in (str(toolchain), f"{python}/bin", f"{idf}/tools") if folder not in present]
    if folders:
        found["PATH"] = ":".join([*folders, "$PATH"])
    with tempfile.NamedTemporaryFile(suffix=f"idf_{os.getppid()}", delete=False) as file:
        found["IDF_DEACTIVATE_FILE_PATH"] = file.name
    return found


if __name__ == "__main__":
    sys.exit(main())
