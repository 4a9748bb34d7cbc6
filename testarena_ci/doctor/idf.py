"""ESP-IDF as a build would find it: where, which version, for which targets, and whether its idf.py starts."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from testarena_ci.doctor.asking import Asker, first_line
from testarena_ci.doctor.checks import Check, lacking, there
from tpf.errors import EnvironmentLacks
from tpf.firmware.idf.activate import activate
from tpf.firmware.idf.find import PROGRAM, Idf
from tpf.machines.python_tools import Variables
from tpf.process import Processes

Finder = Callable[[Mapping[str, str], str], Idf]

_NAME: Final = "ESP-IDF"
_IMAGE: Final = "espressif/idf:release-v5.5"
_PREFIX: Final = "toolchain-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What is known of ESP-IDF on this host."""

    idf: Idf | None = None
    activated: Variables = ()
    problem: str = ""  # why there is none, or why it can't be activated

    @property
    def tools(self) -> str:
        """Its idf_tools.py, as one would type it."""
        return f"{self.idf.path if self.idf is not None else '$IDF_PATH'}/tools/idf_tools.py"


async def look(target: str, processes: Processes, finder: Finder) -> Found:
    """Find it, and activate it as a build would. Nothing is kept of what its tools said."""
    try:
        idf = finder(processes.environment, target)
    except EnvironmentLacks as error:
        return Found(problem=str(error))
    try:
        with tempfile.TemporaryDirectory(prefix="testarena-doctor-") as folder:
            return Found(idf=idf, activated=await activate(idf, processes, Path(folder)))
    except EnvironmentLacks as error:
        return Found(idf=idf, problem=str(error))


async def checks(target: str, found: Found, asker: Asker) -> tuple[Check, ...]:
    """ESP-IDF itself, and whether it can be used for the target."""
    if found.idf is None:
        detail, _, _ = found.problem.partition("; ")
        return (lacking(_NAME, detail, *_ways(target)),)
    version = f"v{found.idf.version}" if found.idf.version else "of unknown version"
    return _itself(target, found.idf, version), await _program(target, found, found.idf, asker)


def install(target: str, found: Found) -> str:
    """The command that gets what ESP-IDF needs for a target: compiler, debugger, Python environment."""
    return (
        f"{found.idf.path}/install.sh {target}"
        if found.idf is not None
        else f"comes with ESP-IDF's install.sh {target}"
    )


def _ways(target: str) -> tuple[str, ...]:
    clone = "git clone -b release/v5.5 --recursive https://github.com/espressif/esp-idf ~/esp/esp-idf"
    return (
        f"{clone} && ~/esp/esp-idf/install.sh {target}",
        f"or run in a container that has it, with testarena-ci in it: {_IMAGE}",
        "or, where it is somewhere else already: export IDF_PATH=/its/folder",
    )


def _itself(target: str, idf: Idf, version: str) -> Check:
    where = f"{version} in {idf.path} (found by {idf.found})"
    known = sorted(path.stem.removeprefix(_PREFIX) for path in (idf.path / "tools" / "cmake").glob(f"{_PREFIX}*.cmake"))
    targets = [name for name in known if "-" not in name]  # others are for other compilers: toolchain-clang-esp32
    if not targets or target in targets:
        return there(_NAME, where)
    return lacking(_NAME, f"{where} can't build for {target}; it can for {', '.join(targets)}", "get a newer ESP-IDF")


async def _program(target: str, found: Found, idf: Idf, asker: Asker) -> Check:
    """Whether idf.py starts: it looks at its Python environment by itself."""
    if found.problem:
        return lacking("idf.py", _reason(found.problem), install(target, found))
    python = dict(found.activated).get("IDF_PYTHON_ENV_PATH", "")
    program = str(Path(python) / "bin" / "python") if python else "python3"
    try:
        outcome = await asker.ask(program, str(idf.path / PROGRAM), "--version")
    except EnvironmentLacks as error:
        detail = f"its Python environment is not there: {str(error).partition(';')[0]}"
        return lacking("idf.py", detail, install(target, found))
    said = outcome.output.decode("utf-8", "replace").strip().splitlines()
    if outcome.ok:  # it warns of this and that before
        version = next((line.strip() for line in said if line.startswith(_NAME)), first_line(outcome))
        return there("idf.py", f"{version}, with {program}")
    why = next((line for line in said if line.startswith("ERROR: ")), said[-1] if said else "")
    return lacking("idf.py", f"{outcome}: {why}", install(target, found))


def _reason(problem: str) -> str:
    """Without the place, which stands in the line above, and without the way out, which stands below."""
    return problem.partition("can't be activated: ")[2].rpartition("; ")[0] or problem
