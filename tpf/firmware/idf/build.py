"""Builds an ESP-IDF project with idf.py, in a build folder of its own."""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from tpf.context import RunContext
from tpf.errors import BuildError
from tpf.firmware.base import Built
from tpf.firmware.causes import Folders
from tpf.firmware.idf.activate import Environment, activate
from tpf.firmware.idf.facts import Outputs, is_configured, read_outputs
from tpf.firmware.idf.find import Idf, find_idf
from tpf.firmware.idf.folder import (
    Stamp,
    build_folder,
    digest_of,
    make_folder,
    read_stamp,
    renew,
    renewal,
    write_stamp,
)
from tpf.firmware.idf.sizes import sizes_of
from tpf.firmware.running import CutOff, Program, alone_in, run_program, tell
from tpf.firmware.slots import Slots
from tpf.process import Request
from tpf.result import FirmwareSize, Source
from tpf.scenario.model import FirmwareSpec

_HOST: Final = "linux"
_DEFAULTS: Final = "sdkconfig.defaults"
_OWN: Final = "sdkconfig"


@dataclass(frozen=True, slots=True, kw_only=True)
class IdfBuild:
    """An ESP-IDF project to be built for a target with a config; equal ones are one build."""

    project: Path  # absolute
    target: str
    config: tuple[str, ...]  # names in the project's folder; none for ESP-IDF's own choice
    folder: Path  # the build folder
    source: Source = field(compare=False)
    slots: Slots = field(compare=False, repr=False)

    @property
    def name(self) -> str:
        """``console-esp32c3-1a2b3c4d``"""
        return self.folder.name

    @property
    def shown(self) -> str:
        return shlex.join(self.argv)

    @property
    def defaults(self) -> tuple[Path, ...]:
        return tuple(self.project / name for name in self.config) or own_defaults(self.project, self.target)

    @property
    def argv(self) -> tuple[str, ...]:
        return argv(self.folder, self.target, self.defaults)

    async def run(self, context: RunContext, log: Path) -> Built:
        """Build what is not up to date. Raises BuildError with the cause, EnvironmentLacks without ESP-IDF."""
        idf = find_idf(context.processes.environment, self.target)
        make_folder(self.folder)
        activated = await activate(idf, context.processes, self.folder.parent.parent)
        waiting = f"waits for another build of {self.project}"
        async with (
            alone_in(self.project, lambda: tell((waiting,), self.name, context)),
            self.slots.one(lambda: tell(("waits for the other builds",), self.name, context)),
        ):
            return await self._build(idf, activated, context, log)

    async def _build(self, idf: Idf, activated: Environment, context: RunContext, log: Path) -> Built:
        stamp = self._prepare(idf)
        before = self._outputs(activated)
        said = await self._run(activated, stamp, context, log)
        outputs = read_outputs(self.folder, self.project, activated)
        if outputs.facts.target != self.target:
            raise BuildError(
                f"{self.folder}: was built for {outputs.facts.target}, not for {self.target}: "
                f"does {self.project}/CMakeLists.txt set IDF_TARGET?"
            )
        sizes = await self._sizes(outputs, said, stamp, context)
        return Built(facts=outputs.facts, elf=outputs.elf, reused=before == outputs.state, sizes=sizes)

    def _outputs(self, activated: Environment) -> tuple[tuple[str, int, int], ...] | None:
        """What an earlier build has left; None when something is missing or broken."""
        try:
            return read_outputs(self.folder, self.project, activated).state
        except (BuildError, OSError):
            return None

    def _prepare(self, idf: Idf) -> Stamp:
        """Throw away what an earlier build has left that is of no use, and say that one is under way."""
        old = read_stamp(self.folder)
        files = (*self.defaults, *(path.with_name(f"{path.name}.{self.target}") for path in self.defaults))
        stamp = Stamp(
            idf=f"{os.path.realpath(idf.path)} {idf.version}",
            project=str(self.project),
            target=self.target,
            config=digest_of(files),
            of_sizes=old.of_sizes if old else "",
            sizes=old.sizes if old else (),
        )
        empty = not any(self.folder.iterdir())
        renew(self.folder, renewal(old, stamp, empty=empty, configured=is_configured(self.folder)))
        make_folder(self.folder)
        shutil.rmtree(self.folder / "log", ignore_errors=True)  # idf.py leaves two files there each time
        write_stamp(self.folder, stamp)
        return stamp

    async def _run(self, activated: Environment, stamp: Stamp, context: RunContext, log: Path) -> str:
        environment = (*activated, *for_build(dict(activated), context.processes.environment))
        program = Program(
            name=self.name,
            request=Request(argv=self.argv, cwd=self.project, environment=environment),
            shown=self.shown,
            folders=Folders(build=self.folder, project=self.project, checkout=context.checkout),
        )
        try:
            said = await run_program(program, context, log)
        except CutOff:
            raise
        except BuildError:
            write_stamp(self.folder, replace(stamp, ended=True))
            raise
        write_stamp(self.folder, replace(stamp, ended=True))
        return said

    async def _sizes(self, outputs: Outputs, said: str, stamp: Stamp, context: RunContext) -> tuple[FirmwareSize, ...]:
        """Those of the same outputs are known from the last time."""
        state = repr(outputs.state)
        if stamp.of_sizes == state:
            return stamp.sizes
        sizes = await sizes_of(outputs, said, context.processes)
        write_stamp(self.folder, replace(stamp, ended=True, of_sizes=state, sizes=sizes))
        return sizes


def idf_build(spec: FirmwareSpec, folder: Path, target: str, checkout: Path, slots: Slots) -> IdfBuild:
    """The build of a project that a scenario in `folder` names, for a device with this target."""
    project = Path(os.path.realpath(folder / spec.project))
    wanted = spec.target or target
    return IdfBuild(
        project=project,
        target=wanted,
        config=spec.config,
        folder=build_folder(Path(os.path.realpath(checkout)), project, wanted, spec.config),
        source=spec.source,
        slots=slots,
    )


def argv(folder: Path, target: str, defaults: tuple[Path, ...]) -> tuple[str, ...]:
    """The command line of idf.py. Without files of defaults it takes its own choice."""
    preview = ("--preview",) if target == _HOST else ()
    settings = (f"-DSDKCONFIG_DEFAULTS={';'.join(map(str, defaults))}",) if defaults else ()
    return (
        "idf.py",
        *preview,
        "-B",
        str(folder),
        f"-DIDF_TARGET={target}",
        f"-DSDKCONFIG={folder / _OWN}",
        *settings,
        "build",
    )


def own_defaults(project: Path, target: str) -> tuple[Path, ...]:
    """What `idf.py build` in the project's folder would take: its defaults, which its sdkconfig overrides."""
    sdkconfig = project / _OWN
    try:
        text = sdkconfig.read_text(encoding="utf-8", errors="replace")
    except OSError:
        text = ""
    own = (sdkconfig,) if f'CONFIG_IDF_TARGET="{target}"' in text.splitlines() else ()
    defaults = (project / _DEFAULTS,) if (project / _DEFAULTS).is_file() else ()
    return (*defaults, *own)


def for_build(activated: Mapping[str, str], environment: Mapping[str, str]) -> Environment:
    """What builds need besides: their output at once, compiler results of earlier ones, and no other target."""
    made = {"PYTHONUNBUFFERED": "1"}
    if "IDF_CCACHE_ENABLE" not in environment and shutil.which("ccache", path=activated.get("PATH", "")):
        made["IDF_CCACHE_ENABLE"] = "1"
    made |= {name: "" for name in ("IDF_TARGET", "SDKCONFIG") if environment.get(name)}
    return tuple(made.items())
