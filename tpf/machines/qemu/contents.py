"""What a partition is to hold, and which tool makes that of a file or folder: as ESP-IDF's build would call it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tpf.errors import EnvironmentLacks
from tpf.machines.python_tools import Python, Variables, any_python, idf_python, own_python
from tpf.machines.qemu.configured import Config
from tpf.machines.qemu.partitions import Partition
from tpf.process import Processes
from tpf.scenario.model import Storage

_FILE_SYSTEMS: Final = ("spiffs", "fat", "fat-raw", "littlefs")
_SECTORS: Final = {"FATFS_SECTOR_512": 512, "FATFS_SECTOR_1024": 1024, "FATFS_SECTOR_2048": 2048}
_INSTALL: Final = "pip install 'testarena-ci[esp]'"


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What there is to make partitions with."""

    checkout: Path  # where the scenario's paths start from
    folder: Path  # for what is made
    processes: Processes
    config: Config
    environment: Variables = ()  # of the activated ESP-IDF


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """A program that makes the contents of a partition."""

    name: str
    argv: tuple[str, ...]
    cwd: Path
    output: Path
    environment: Variables = ()


def format_of(storage: Storage, partition: Partition, path: Path) -> str:
    """What the partition is to be. Raises ValueError when that can't be told, or the file is of no use for it."""
    folder = path.is_dir()
    said = storage.format or _told(partition, path, folder)
    if said == "nvs" and (folder or path.suffix.lower() != ".csv"):
        raise ValueError(
            f'{storage.file}: an NVS partition is made of a .csv file; format="raw" writes a file as it is'
        )
    if folder != (said in _FILE_SYSTEMS):
        of = "a folder" if said in _FILE_SYSTEMS else "a file"
        raise ValueError(f"{storage.file}: what is written as {said} has to be {of}")
    return said


def _told(partition: Partition, path: Path, folder: bool) -> str:
    if folder:
        if partition.holds not in _FILE_SYSTEMS:
            types = 'say which it is to be: format="spiffs", "fat" or "littlefs"'
            raise ValueError(f"the type of the partition {partition.label!r} is that of no file system; {types}")
        return partition.holds
    return "nvs" if partition.holds == "nvs" and path.suffix.lower() == ".csv" else "raw"


def recipe_for(format_: str, path: Path, size: int, material: Material) -> Recipe | None:
    """How to make it; None for a file that is written as it is. Raises EnvironmentLacks without the tool."""
    output = material.folder / f"storage-{path.name}.bin"
    makers = {"nvs": _nvs, "spiffs": _spiffs, "fat": _fat, "fat-raw": _fat_raw, "littlefs": _littlefs}
    make = makers.get(format_)
    return make(path.absolute(), size, output.absolute(), material) if make is not None else None


def _nvs(path: Path, size: int, output: Path, material: Material) -> Recipe:
    module = "esp_idf_nvs_partition_gen"
    lacks = f"an NVS partition is made by esp-idf-nvs-partition-gen, which is not there: {_INSTALL}"
    python = any_python(own_python(module), idf_python(material.environment), lacks=lacks)
    argv = (python.program, "-m", module, "generate", str(path), str(output), f"{size:#x}")
    # its paths start where it runs
    return Recipe(name=module, argv=argv, cwd=path.parent, output=output, environment=python.environment)


def _spiffs(path: Path, size: int, output: Path, material: Material) -> Recipe:
    config = material.config
    options = (
        f"--page-size={_number(config, 'SPIFFS_PAGE_SIZE', 256)}",
        f"--obj-name-len={_number(config, 'SPIFFS_OBJ_NAME_LEN', 32)}",
        f"--meta-len={_number(config, 'SPIFFS_META_LENGTH', 4)}",
        "--use-magic" if config.get("SPIFFS_USE_MAGIC", True) else "--no-magic",
        "--use-magic-len" if config.get("SPIFFS_USE_MAGIC_LENGTH", True) else "--no-magic-len",
    )
    return _of_idf("spiffs/spiffsgen.py", (f"{size:#x}", str(path), str(output), *options), output, material)


def _fat(path: Path, size: int, output: Path, material: Material) -> Recipe:
    return _fat_by("fatfs/wl_fatfsgen.py", path, size, output, material)


def _fat_raw(path: Path, size: int, output: Path, material: Material) -> Recipe:
    return _fat_by("fatfs/fatfsgen.py", path, size, output, material)


def _fat_by(script: str, path: Path, size: int, output: Path, material: Material) -> Recipe:
    config = material.config
    long_names = any(config.get(name) for name in ("FATFS_LFN_HEAP", "FATFS_LFN_STACK"))
    sector = next((sector for name, sector in _SECTORS.items() if config.get(name)), 4096)
    arguments = (
        str(path),
        *(("--long_name_support",) if long_names else ()),
        "--use_default_datetime",
        *("--partition_size", f"{size:#x}", "--output_file", str(output), "--sector_size", str(sector)),
    )
    return _of_idf(script, arguments, output, material)


def _littlefs(path: Path, size: int, output: Path, material: Material) -> Recipe:
    lacks = "a LittleFS partition is made by littlefs-python, which is not there: pip install littlefs-python"
    python = any_python(own_python("littlefs"), lacks=lacks)
    names = _number(material.config, "LITTLEFS_OBJ_NAME_LEN", 64)
    options = ("--fs-size", str(size), "--block-size", "4096", "--name-max", str(names))
    argv = (python.program, "-m", "littlefs", "create", str(path), str(output), *options)
    return Recipe(name="littlefs-python", argv=argv, cwd=path.parent, output=output)


def _of_idf(script: str, arguments: tuple[str, ...], output: Path, material: Material) -> Recipe:
    """A tool that is part of ESP-IDF."""
    variables: Mapping[str, str] = {**material.processes.environment, **dict(material.environment)}
    tool = Path(variables.get("IDF_PATH") or "/nowhere", "components", script)
    if not tool.is_file():
        where = f"there is no {tool}" if variables.get("IDF_PATH") else "IDF_PATH is not set"
        raise EnvironmentLacks(f"{tool.name} of ESP-IDF is needed for it, and {where}: source ESP-IDF's export.sh")
    python = any_python(idf_python(tuple(variables.items())), Python(program="python3"), lacks="")
    argv = (python.program, str(tool), *arguments)
    return Recipe(name=tool.name, argv=argv, cwd=output.parent, output=output, environment=material.environment)


def _number(config: Config, name: str, default: int) -> int:
    value = config.get(name, default)
    return value if isinstance(value, int) else default
