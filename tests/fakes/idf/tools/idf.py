#!/usr/bin/env python
"""A stand-in for ESP-IDF's idf.py: the contract of `idf.py [--preview] -B DIR -DNAME=VALUE... build` and `--version`.

What it keeps of the real one (5.3):
- it runs in an activated environment alone (IDF_PATH, a toolchain on PATH), and refuses options that it doesn't know;
- it runs CMake only when there is no CMakeCache.txt, when a -D value is another one, or when sdkconfig is not there;
  a sdkconfig that is there is kept, whatever the defaults say; each file of defaults has NAME.TARGET beside it;
- a build folder of another target or project is refused; a configuration that fails removes CMakeCache.txt;
- it writes the same files, and none anew whose sources haven't changed; nothing in the project's folder;
- it ends with 2 when something fails, and prints the same texts.

What the project's folder steers, for tests:
  main/broken.txt             the compiler's output in each build, which then fails; @PROJECT@ and @BUILD@ are filled in
  main/broken-configure.txt   the same of CMake
  main/hold                   the build stops half-way, and waits for its end; main/hold-configure the same for CMake
  prebuilt/NAME.elf           the program that comes out; prebuilt/NAME.bin its binary
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import signal
import struct
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

PREFIXES = {
    "esp32": "xtensa-esp32-elf-",
    "esp32s2": "xtensa-esp32s2-elf-",
    "esp32s3": "xtensa-esp32s3-elf-",
    "esp32c3": "riscv32-esp-elf-",
    "esp32c6": "riscv32-esp-elf-",
    "esp32h2": "riscv32-esp-elf-",
    "linux": "",
}
BOOTLOADER = {"esp32": "0x1000", "esp32s2": "0x1000"}
CHIPS = {"esp32": 0, "esp32s2": 2, "esp32c3": 5, "esp32s3": 9, "esp32c6": 13, "esp32h2": 16}
SOURCES = ("CMakeLists.txt", "main", "components", "prebuilt")
APP_PARTITION = 0x100000


@dataclass(frozen=True)
class Wish:
    """What the command line asks for."""

    project: Path
    build: Path
    entries: dict[str, str]
    preview: bool

    @property
    def target(self) -> str:
        return self.entries.get("IDF_TARGET") or os.environ.get("IDF_TARGET") or "esp32"

    @property
    def name(self) -> str:
        found = re.search(r"^\s*project\(\s*([\w.-]+)", (self.project / "CMakeLists.txt").read_text(), re.MULTILINE)
        return found[1] if found else fail("CMake Error: no project() in CMakeLists.txt")

    @property
    def sdkconfig(self) -> Path:
        return Path(self.entries.get("SDKCONFIG") or self.project / "sdkconfig")


def fail(message: str) -> NoReturn:
    sys.stderr.write(f"{message}\n")
    sys.exit(2)


def wish_of(words: list[str]) -> Wish:
    project, build, preview, actions = Path.cwd(), "", False, []
    entries: dict[str, str] = {}
    rest = iter(words)
    for word in rest:
        if word == "--preview":
            preview = True
        elif word in ("-B", "--build-dir"):
            build = next(rest, "")
        elif word in ("-C", "--project-dir"):
            project = Path(next(rest, ""))
        elif word.startswith("-D"):
            name, _, value = (word[2:] or next(rest, "")).partition("=")
            entries[name] = value
        elif word.startswith("-"):
            fail(f"Usage: idf.py [OPTIONS] COMMAND1 [ARGS]... [COMMAND2 [ARGS]...]...\n\nError: No such option: {word}")
        else:
            actions.append(word)
    if actions != ["build"]:
        fail(f'idf.py: command "{" ".join(actions)}" is not known to the stand-in')
    return Wish(
        project=project.resolve(), build=Path(build or project / "build").resolve(), entries=entries, preview=preview
    )


def check(wish: Wish) -> None:
    if not os.environ.get("IDF_PATH") or shutil.which("fake-esp-elf-gcc") is None:
        fail("The environment is not that of an activated ESP-IDF: no IDF_PATH, or no toolchain on PATH")
    if not (wish.project / "CMakeLists.txt").is_file():
        fail(f"CMakeLists.txt not found in project directory {wish.project}")
    if wish.target not in PREFIXES:
        fail(f"CMake Error: Toolchain file toolchain-{wish.target}.cmake not found")
    if wish.target == "linux" and not wish.preview:
        fail(
            "linux is still in preview. You have to append '--preview' option after idf.py to use any preview feature."
        )
    cached = cache(wish)
    said = os.environ.get("IDF_TARGET")
    if said and said != wish.target:
        fail(f"Target settings are not consistent: '{said}' in the environment, '{wish.target}' in CMakeCache.txt.")
    if cached.get("IDF_TARGET", wish.target) != wish.target:
        fail(f"CMake Error: IDF_TARGET '{wish.target}' doesn't match '{cached['IDF_TARGET']}' of CMakeCache.txt")
    home = cached.get("CMAKE_HOME_DIRECTORY", str(wish.project))
    if home != str(wish.project):
        fail(f"Build directory '{wish.build}' configured for project '{home}' not '{wish.project}'.")


def cache(wish: Wish) -> dict[str, str]:
    path = wish.build / "CMakeCache.txt"
    return dict(re.findall(r"^(\w+):\w+=(.*)$", path.read_text(), re.MULTILINE)) if path.exists() else {}


def must_configure(wish: Wish) -> bool:
    cached = cache(wish)
    return not wish.sdkconfig.exists() or any(cached.get(name) != value for name, value in wish.entries.items())


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def said_by(wish: Wish, name: str) -> str:
    path = wish.project / "main" / name
    text = path.read_text() if path.exists() else ""
    return text.replace("@PROJECT@", str(wish.project)).replace("@BUILD@", str(wish.build))


def hold(wish: Wish, name: str) -> None:
    if (wish.project / "main" / name).exists():
        say("held")
        signal.pause()


def configure(wish: Wish) -> None:
    say(f"Running cmake in directory {wish.build}")
    text = said_by(wish, "broken-configure.txt")
    if text:
        say(text)
        (wish.build / "CMakeCache.txt").unlink(missing_ok=True)
        fail(f"cmake failed with exit code 1, output of the command is in the {wish.build}/log/idf_py_stderr_output_1")
    config = settings(wish)
    known = {"CMAKE_HOME_DIRECTORY": str(wish.project), "IDF_TARGET": wish.target} | wish.entries
    put(wish, "CMakeCache.txt", "".join(f"{name}:UNINITIALIZED={value}\n" for name, value in known.items()))
    hold(wish, "hold-configure")
    put(wish, "config/sdkconfig.json", json.dumps(config, indent=4))
    put(wish, "project_description.json", json.dumps(description(wish), indent=4))
    if wish.target != "linux":
        put(wish, "flasher_args.json", json.dumps(flasher_args(wish, config), indent=4))
        places = "".join(f"{offset} {name}\n" for offset, name in flash_files(wish).items())
        put(
            wish,
            "flash_args",
            f"--flash_mode dio --flash_freq 80m --flash_size {config['ESPTOOLPY_FLASHSIZE']}\n{places}",
        )
    put(wish, "build.ninja", "# made by the stand-in\n")
    say(f"-- Configuring done\n-- Generating done\n-- Build files have been written to: {wish.build}")


def settings(wish: Wish) -> dict[str, bool | int | str]:
    """Those of a sdkconfig that is there, else of the defaults, which make one."""
    files = [wish.sdkconfig] if wish.sdkconfig.exists() else defaults(wish)
    config: dict[str, bool | int | str] = {
        "IDF_TARGET": wish.target,
        "ESPTOOLPY_FLASHSIZE": "2MB",
        "ESP_REV_MIN_FULL": 300 if wish.target == "esp32" else 3,
        "FREERTOS_HZ": 100,
    }
    for file in files:
        found = re.findall(r"^CONFIG_(\w+)=(?:\"(.*)\"|(\w+))$", file.read_text(), re.MULTILINE)
        config |= {name: quoted or value(plain) for name, quoted, plain in found}
    for size in ("2MB", "4MB", "8MB", "16MB"):
        if config.get(f"ESPTOOLPY_FLASHSIZE_{size}") is True:
            config["ESPTOOLPY_FLASHSIZE"] = size
    config["IDF_TARGET"] = wish.target
    if not wish.sdkconfig.exists():
        wish.sdkconfig.write_text("".join(f"CONFIG_{name}={written(one)}\n" for name, one in config.items()))
    return config


def defaults(wish: Wish) -> list[Path]:
    said = wish.entries.get("SDKCONFIG_DEFAULTS", "sdkconfig.defaults").split(";")
    files = [wish.project / name for name in said]
    missing = [file for file in files if "SDKCONFIG_DEFAULTS" in wish.entries and not file.exists()]
    if missing:
        fail(f"CMake Error at tools/cmake/project.cmake:552 (message):\n  '{missing[0]}' does not exist.")
    both = [one for file in files for one in (file, file.with_name(f"{file.name}.{wish.target}"))]
    return [file for file in both if file.exists()]


def value(text: str) -> bool | int | str:
    return text == "y" if text in ("y", "n") else int(text, 0) if re.fullmatch(r"\d+|0x[0-9a-fA-F]+", text) else text


def written(value_: bool | int | str) -> str:
    return ("y" if value_ else "n") if isinstance(value_, bool) else json.dumps(value_)


def flash_files(wish: Wish) -> dict[str, str]:
    return {
        BOOTLOADER.get(wish.target, "0x0"): "bootloader/bootloader.bin",
        "0x8000": "partition_table/partition-table.bin",
        "0x10000": f"{wish.name}.bin",
    }


def flasher_args(wish: Wish, config: dict[str, bool | int | str]) -> dict[str, object]:
    size = config["ESPTOOLPY_FLASHSIZE"]
    return {
        "write_flash_args": ["--flash_mode", "dio", "--flash_size", size, "--flash_freq", "80m"],
        "flash_settings": {"flash_mode": "dio", "flash_size": size, "flash_freq": "80m"},
        "flash_files": flash_files(wish),
        "app": {"offset": "0x10000", "file": f"{wish.name}.bin", "encrypted": "false"},
        "extra_esptool_args": {"after": "hard_reset", "before": "default_reset", "stub": True, "chip": wish.target},
    }


def description(wish: Wish) -> dict[str, object]:
    return {
        "version": "1.2",
        "project_name": wish.name,
        "project_version": "1",
        "project_path": str(wish.project),
        "idf_path": os.environ["IDF_PATH"],
        "build_dir": str(wish.build),
        "config_file": str(wish.sdkconfig),
        "config_defaults": wish.entries.get("SDKCONFIG_DEFAULTS", ""),
        "app_elf": f"{wish.name}.elf",
        "app_bin": f"{wish.name}.bin",
        "build_type": "flash_app",
        "target": wish.target,
        "monitor_toolprefix": PREFIXES[wish.target],
    }


def put(wish: Wish, name: str, data: str | bytes) -> None:
    path = wish.build / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.encode() if isinstance(data, str) else data)


def compile_all(wish: Wish) -> None:
    say(f"Running ninja in directory {wish.build}")
    digest = digest_of(wish)
    log = wish.build / ".ninja_log"
    if not log.exists() or log.read_text() != digest:
        text = said_by(wish, "broken.txt")
        if text:
            say(text)
            say("ninja: build stopped: subcommand failed.")
            fail(f"ninja failed with exit code 1, output of the command is in the {wish.build}/log/stdout_1")
        log.unlink(missing_ok=True)
        say("[1/9] Building C object esp-idf/main/CMakeFiles/__idf_main.dir/main.c.obj")
        put(wish, f"{wish.name}.elf", b"\x7fELF half of it")
        hold(wish, "hold")
        write_outputs(wish, digest)
        log.write_text(digest)
    say_size(wish)


def say_size(wish: Wish) -> None:
    if wish.target == "linux":
        return
    size = (wish.build / f"{wish.name}.bin").stat().st_size
    free = APP_PARTITION - size
    partition = (
        f"Smallest app partition is {APP_PARTITION:#x} bytes. {free:#x} bytes ({free * 100 // APP_PARTITION}%) free."
    )
    say(f"{wish.name}.bin binary size {size:#x} bytes. {partition}")


def write_outputs(wish: Wish, digest: str) -> None:
    prebuilt = wish.project / "prebuilt"
    elf, app = prebuilt / f"{wish.name}.elf", prebuilt / f"{wish.name}.bin"
    put(wish, f"{wish.name}.elf", elf.read_bytes() if elf.exists() else program(wish, digest))
    (wish.build / f"{wish.name}.elf").chmod(0o755)
    used = int(digest[:4], 16)
    put(
        wish,
        f"{wish.name}.map",
        f"memory DIRAM {60000 + used}\nmemory Flash Code {90000 + used}\nmemory Flash Data 0\n",
    )
    if wish.target != "linux":
        put(wish, "bootloader/bootloader.bin", head(wish) + bytes(20000))
        put(wish, "partition_table/partition-table.bin", partition_table())
        put(wish, f"{wish.name}.bin", app.read_bytes() if app.exists() else head(wish) + digest.encode() * 1000)


def head(wish: Wish) -> bytes:
    """Of an image: its bytes 12 and 13 say for which chip it is."""
    return b"\xe9\x03\x02\x0f" + bytes(8) + struct.pack("<H", CHIPS.get(wish.target, 0)) + bytes(10)


def program(wish: Wish, digest: str) -> bytes:
    """A program for this host, where there is a compiler and it is to run here; else an ELF's first bytes."""
    return (
        f"#!/bin/sh\necho hello from {wish.name}\n".encode() if wish.target == "linux" else b"\x7fELF" + digest.encode()
    )


def partition_table() -> bytes:
    """nvs, phy_init and factory, as of partitions_singleapp.csv, with the MD5 that follows them."""
    entries = (
        (1, 2, 0x9000, 0x6000, b"nvs"),
        (1, 1, 0xF000, 0x1000, b"phy_init"),
        (0, 0, 0x10000, APP_PARTITION, b"factory"),
    )
    table = b"".join(struct.pack("<2sBBLL16sL", b"\xaa\x50", *entry, 0) for entry in entries)
    table += b"\xeb\xeb" + b"\xff" * 14 + hashlib.md5(table, usedforsecurity=False).digest()
    return table.ljust(0xC00, b"\xff")


def digest_of(wish: Wish) -> str:
    digest = hashlib.sha256((wish.sdkconfig.read_text() + wish.target).encode())
    for name in SOURCES:
        path = wish.project / name
        for file in [path] if path.is_file() else sorted(path.rglob("*")):
            if file.is_file() and not file.name.startswith(("hold", "broken-configure")):
                digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()


def main() -> int:
    if sys.argv[1:] == ["--version"]:
        say("ESP-IDF v5.3.2")
        return 0
    wish = wish_of(sys.argv[1:])
    say("Executing action: all (aliases: build)")
    check(wish)
    wish.build.mkdir(parents=True, exist_ok=True)
    if must_configure(wish):
        configure(wish)
    if not (wish.build / "build.ninja").exists():
        fail("ninja: error: loading 'build.ninja': No such file or directory")
    compile_all(wish)
    say("\nProject build complete. To flash, run:\n idf.py flash")
    return 0


if __name__ == "__main__":
    sys.exit(main())
