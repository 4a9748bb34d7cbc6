"""Pictures of a display as files of the report."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from tpf.console.quoting import quote
from tpf.errors import StepError
from tpf.machines.base import HasScreen
from tpf.result import Artifact
from tpf.steps.base import StepContext
from tpf.steps.places import numbered


class Shots:
    """One picture, taken as often as need be; what there was of the same name before stays."""

    def __init__(self, machine: HasScreen, name: str, context: StepContext) -> None:
        self._machine = machine
        self._context = context
        folder = Path(os.path.realpath(context.artifacts))
        wanted = Path(os.path.realpath(folder / name.strip()))
        if not wanted.is_relative_to(folder):
            raise StepError(f"{quote(name)} leaves the folder of the artifacts")
        self.path = next(path for path in numbered(wanted) if not path.exists())

    async def take(self) -> None:
        """The display as it is now; a whole picture or none. Raises MachineError."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        part = self.path.with_suffix(".part")
        try:
            await self._machine.screenshot(part)
            part.replace(self.path)
        except OSError as error:
            raise StepError(f"{self.path.name} can't be written: {error.strerror}") from error
        finally:
            part.unlink(missing_ok=True)

    @property
    def shown(self) -> str:
        return self._shown(self.path)

    def keep(self, path: Path) -> None:
        """Tell the report of a picture."""
        name = path.relative_to(os.path.realpath(self._context.artifacts)).as_posix()
        self._context.record.artifact(Artifact(name=name, path=self._shown(path), media_type="image/png"))

    def keep_difference(self, wanted: Path, save: Callable[[Path], None] | None) -> Iterator[str]:
        """Put what was wanted, and where it differs, beside the picture; says where they are."""
        yield f"the picture: {self.shown}"
        expected = self.path.with_name(f"{self.path.stem}.expected{wanted.suffix}")
        shutil.copyfile(wanted, expected)
        self.keep(expected)
        yield f"expected: {self._shown(expected)}"
        if save is not None:
            difference = self.path.with_name(f"{self.path.stem}.difference.png")
            save(difference)
            self.keep(difference)
            yield f"where they differ: {self._shown(difference)}"

    def _shown(self, path: Path) -> str:
        return path.relative_to(os.path.realpath(self._context.report)).as_posix()
