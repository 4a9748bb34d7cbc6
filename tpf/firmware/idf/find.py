"""Where ESP-IDF is: the activated one, that of IDF_PATH, or one in a usual folder."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from tpf.errors import EnvironmentLacks

TOOLS: Final = Path("tools") / "idf_tools.py"
PROGRAM: Final = Path("tools") / "idf.py"
USUAL: Final = ("/opt/esp/idf", "~/esp/esp-idf", "~/esp/*/esp-idf", "~/.espressif/*/esp-idf")
_MARKS: Final = ("IDF_PYTHON_ENV_PATH", "ESP_IDF_VERSION")  # what an activation leaves in the environment
_INSTALLED: Final = "tools/eim_idf.json"  # in ~/.espressif: what Espressif's installation manager has installed
_VERSION: Final = re.compile(r"^\s*set\s*\(\s*IDF_VERSION_(MAJOR|MINOR|PATCH)\s+(\d+)", re.MULTILINE)


class Idf(Struct, frozen=True, kw_only=True):
    """An ESP-IDF on this host."""

    path: Path
    found: str  # by what: "IDF_PATH", ...
    activated: bool = False  # the environment is that of its export.sh
    python: Path | None = None  # the interpreter of its virtual environment, where that is known
    tools: Path | None = None  # IDF_TOOLS_PATH, where that is known

    @property
    def version(self) -> str:
        """``5.3.2``; "" when its files don't tell."""
        numbers = dict(_VERSION.findall(_text(self.path / "tools" / "cmake" / "version.cmake")))
        return ".".join(numbers[part] for part in ("MAJOR", "MINOR", "PATCH") if part in numbers)


def find_idf(environment: Mapping[str, str], target: str, usual: tuple[str, ...] = USUAL) -> Idf:
    """The ESP-IDF to build with. Raises EnvironmentLacks with all places that were looked at."""
    active = _active(environment)
    if active is not None:
        return active
    said = environment.get("IDF_PATH", "")
    if said:
        path = Path(said)
        if not (path / PROGRAM).is_file():
            raise EnvironmentLacks(f"IDF_PATH is {said}, which is no ESP-IDF (no {PROGRAM} in it): correct or unset it")
        return _known(path, "IDF_PATH", environment)
    home = environment.get("HOME", "")
    for pattern in usual:
        for path in _folders(pattern, home):
            if (path / PROGRAM).is_file():
                return _known(path, pattern, environment)
    raise EnvironmentLacks(nowhere(target, usual))


def nowhere(target: str, usual: tuple[str, ...] = USUAL) -> str:
    """What to say when there is none."""
    places = ", ".join(("idf.py on PATH", "IDF_PATH", *usual))
    return (
        f"no ESP-IDF was found to build for {target}: looked at {places}; set IDF_PATH to it, run in one of "
        f"Espressif's images (espressif/idf), or see `testarena doctor --target {target}`"
    )


def _active(environment: Mapping[str, str]) -> Idf | None:
    """The one whose export.sh was sourced. With idf.py on PATH alone, the rest of it may be missing."""
    program = shutil.which("idf.py", path=environment.get("PATH", ""))
    if program is None:
        return None
    said = environment.get("IDF_PATH", "")
    path = Path(said) if said else Path(program).resolve().parent.parent
    if not any(environment.get(mark) for mark in _MARKS) and (path / TOOLS).is_file():
        return None if said else _known(path, "idf.py on PATH", environment)
    return Idf(path=path, found="idf.py on PATH", activated=True)


def _folders(pattern: str, home: str) -> Iterator[Path]:
    """The folders that a pattern stands for, of several the newest version first."""
    if pattern.startswith("~/"):
        if not home:
            return
        pattern = f"{home}{pattern[1:]}"
    folder, star, rest = pattern.partition("/*/")
    if not star:
        yield Path(pattern)
        return
    yield from sorted(Path(folder).glob(f"*/{rest}"), key=_by_version, reverse=True)


def _by_version(path: Path) -> list[tuple[bool, int, str]]:
    words = re.findall(r"\d+|\D+", path.parent.name)
    return [(word.isdigit(), int(word) if word.isdigit() else 0, word) for word in words]


def _known(path: Path, found: str, environment: Mapping[str, str]) -> Idf:
    """What the files beside an ESP-IDF tell of its tools and its interpreter."""
    home = environment.get("HOME", "")
    installed = _installed(path, Path(home) / ".espressif" / _INSTALLED) if home else {}
    tools = environment.get("IDF_TOOLS_PATH") or installed.get("idfToolsPath") or _tools_beside(path)
    said = environment.get("IDF_PYTHON_ENV_PATH", "")
    python = Path(said) / "bin" / "python" if said else Path(installed.get("python") or "/nowhere")
    idf = Idf(path=path, found=found, tools=Path(tools) if tools else None)
    if not python.is_file():
        return Idf(path=path, found=found, tools=idf.tools, python=_newest_python(idf, home))
    return Idf(path=path, found=found, tools=idf.tools, python=python)


def _tools_beside(path: Path) -> str:
    """Espressif's images have the tools beside it, and say so by IDF_TOOLS_PATH, which a step may have lost."""
    return str(path.parent) if (path.parent / "python_env").is_dir() else ""


def _newest_python(idf: Idf, home: str) -> Path | None:
    """The virtual environment that its install.sh made: idf_tools.py looks for that of its own interpreter only."""
    tools = idf.tools or (Path(home) / ".espressif" if home else None)
    if tools is None or not idf.version:
        return None
    short = ".".join(idf.version.split(".")[:2])
    found = (tools / "python_env").glob(f"idf{short}_py*_env/bin/python")
    return max(found, key=lambda path: _by_version(path.parent), default=None)


def _installed(path: Path, file: Path) -> dict[str, str]:
    """What the installation manager knows of this ESP-IDF."""
    try:
        entries: list[dict[str, Any]] = json.loads(_text(file) or "{}").get("idfInstalled", [])
        return next(entry for entry in entries if Path(entry["path"]) == path)
    except (ValueError, KeyError, TypeError, AttributeError, StopIteration):
        return {}


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
