"""Activates an ESP-IDF as its export.sh would, without a shell: by what its idf_tools.py tells.

$ python tools/idf_tools.py export --format key-value
ESP_ROM_ELF_DIR=/opt/esp/tools/esp-rom-elfs/20240305/
IDF_PYTHON_ENV_PATH=/opt/esp/python_env/idf5.3_py3.12_env
ESP_IDF_VERSION=5.3
PATH=/opt/esp/tools/xtensa-esp-elf/esp-13.2.0_20240530/xtensa-esp-elf/bin:...:/opt/esp/idf/tools:$PATH
IDF_DEACTIVATE_FILE_PATH=/tmp/tmpab12cd34idf_42
"""

from __future__ import annotations

import hashlib
import json
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tpf.errors import EnvironmentLacks
from tpf.firmware.idf.find import TOOLS, Idf
from tpf.firmware.idf.folder import write
from tpf.process import Outcome, Processes, Request, run_once

_LIMIT: Final = 60.0  # seconds
_LINE: Final = re.compile(r"^(?P<name>[A-Za-z_][A-Za-z0-9_]*)=(?P<value>.*)$", re.MULTILINE)
_PASSED_ON: Final = (
    "PATH",
    "IDF_PATH",
    "IDF_PYTHON_ENV_PATH",
    "IDF_TOOLS_PATH",
    "ESP_IDF_VERSION",
    "ESP_ROM_ELF_DIR",
    "OPENOCD_SCRIPTS",
)
_NOT_OURS: Final = ("IDF_DEACTIVATE_FILE_PATH",)  # names a temporary file of a shell's

Environment = tuple[tuple[str, str], ...]


async def activate(idf: Idf, processes: Processes, cache: Path) -> Environment:
    """What has to be set, on top of the run's environment, so that idf.py and its tools run.

    What idf_tools.py said is kept in the folder `cache`, and asked again when ESP-IDF, its tools or PATH are others.
    Raises EnvironmentLacks when it can't be activated.
    """
    environment = processes.environment
    if idf.activated:
        return tuple((name, environment[name]) for name in _PASSED_ON if environment.get(name))
    file = cache / f"activated-{_key(idf, environment)}.json"
    exported = _cached(file)
    if exported is None:
        exported = await _export(idf, processes)
        write(file, json.dumps(exported, indent=1))
    return tuple(merged(idf, exported, environment).items())


def merged(idf: Idf, exported: Mapping[str, str], environment: Mapping[str, str]) -> dict[str, str]:
    """What was exported, with $PATH filled in, and what idf_tools.py leaves out because it stands there already."""
    made = {name: environment[name] for name in _PASSED_ON if environment.get(name)}
    made |= {name: value for name, value in exported.items() if name not in (*_NOT_OURS, "PATH")}
    made["IDF_PATH"] = str(idf.path)
    if idf.tools is not None:
        made["IDF_TOOLS_PATH"] = str(idf.tools)
    if idf.python is not None:
        made.setdefault("IDF_PYTHON_ENV_PATH", str(idf.python.parent.parent))
    folders = _path(exported.get("PATH", "$PATH"), environment.get("PATH", ""))
    wanted = [f"{made['IDF_PYTHON_ENV_PATH']}/bin"] if "IDF_PYTHON_ENV_PATH" in made else []
    wanted.append(str(idf.path / "tools"))
    first = [folder for folder in wanted if folder not in folders]
    made["PATH"] = ":".join([*first, *folders])
    if "VIRTUAL_ENV" in environment and "IDF_PYTHON_ENV_PATH" in made:
        made["VIRTUAL_ENV"] = made["IDF_PYTHON_ENV_PATH"]  # else that of whoever started us, which idf.py complains of
    return made


def _path(exported: str, own: str) -> list[str]:
    return [folder for folder in exported.replace("$PATH", own).split(":") if folder]


def parsed(text: str) -> dict[str, str]:
    """The variables among the lines that idf_tools.py said."""
    return {found["name"]: found["value"] for found in _LINE.finditer(text)}


async def _export(idf: Idf, processes: Processes) -> dict[str, str]:
    python = str(idf.python) if idf.python is not None else "python3"
    argv = (python, str(idf.path / TOOLS), "export", "--format", "key-value")
    with tempfile.TemporaryDirectory(prefix="testarena-idf-") as folder:  # it leaves a file there
        environment = [("IDF_PATH", str(idf.path)), ("TMPDIR", folder)]
        if idf.tools is not None:
            environment.append(("IDF_TOOLS_PATH", str(idf.tools)))
        if idf.python is not None:
            environment.append(("IDF_PYTHON_ENV_PATH", str(idf.python.parent.parent)))
        request = Request(argv=argv, cwd=idf.path, environment=tuple(environment))
        outcome = await run_once(processes, request, timeout=_LIMIT)
    if not outcome.ok:
        raise EnvironmentLacks(_why(idf, outcome))
    return parsed(outcome.output.decode("utf-8", "surrogateescape"))


def _why(idf: Idf, outcome: Outcome) -> str:
    text = outcome.output.decode("utf-8", "backslashreplace")
    said = [line.strip() for line in text.splitlines() if line.strip() and not _LINE.match(line)]
    errors = [line for line in said if "ERROR" in line]
    more = f" (and {len(errors) - 1} more like it)" if len(errors) > 1 else ""
    reason = f"{errors[0]}{more}" if errors else " ".join(said[-3:]) or str(outcome)
    return (
        f"ESP-IDF in {idf.path} (found by {idf.found}) can't be activated: {reason}; "
        f"`{idf.path}/install.sh` installs its tools"
    )


def _key(idf: Idf, environment: Mapping[str, str]) -> str:
    known = ("PATH", "HOME", "IDF_TOOLS_PATH", "IDF_PYTHON_ENV_PATH", "ESP_IDF_VERSION", "ESP_ROM_ELF_DIR")
    files = (idf.path / TOOLS, idf.path / "tools" / "tools.json", idf.path / "tools" / "cmake" / "version.cmake")
    what = (
        [str(idf.path), str(idf.python), str(idf.tools)],
        [environment.get(name, "") for name in known],
        [_stamp(file) for file in files],
    )
    return hashlib.sha256(json.dumps(what).encode()).hexdigest()[:16]


def _stamp(file: Path) -> tuple[int, int]:
    try:
        status = file.stat()
    except OSError:
        return 0, 0
    return status.st_mtime_ns, status.st_size


def _cached(file: Path) -> dict[str, str] | None:
    """What was said last time; None when folders that it names are gone."""
    try:
        found = json.loads(file.read_bytes())
        exported = {str(name): str(value) for name, value in found.items()}
    except (OSError, ValueError, AttributeError):
        return None
    folders = [folder for folder in _path(exported.get("PATH", ""), "") if folder.startswith("/")]
    return exported if folders and all(Path(folder).is_dir() for folder in folders) else None
