"""Core dumps that came on a console: attached to the report, and their decoded text beside them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from msgspec.structs import replace

from tpf.files import write_atomically
from tpf.panics import coredump
from tpf.panics.suspect import Suspect
from tpf.process import Processes
from tpf.result import Artifact, Failure
from tpf.telling import CaseRecorder


@dataclass(frozen=True, slots=True, kw_only=True)
class DumpDesk:
    """Attaches the dumps that came, and what is in them."""

    record: CaseRecorder
    report: Path
    processes: Processes

    async def take(self, suspects: Iterable[Suspect]) -> list[str]:
        """What there is to say of each dump that nobody has been told of."""
        told = []
        for suspect in suspects:
            while suspect.core_dumps:
                path = suspect.core_dumps.pop(0)
                self._attach(path)
                told.append(await self._decoded(path, suspect))
        return told

    async def _decoded(self, path: str, suspect: Suspect) -> str:
        """Attach a dump's text; what there is to say of it. Trouble is said, never raised."""
        decoded = str(PurePosixPath(path).with_suffix(".txt"))
        try:
            text = await coredump.decode(self.report / path, suspect.firmware, suspect.target, self.processes)
            write_atomically(self.report / decoded, text, durable=False, parents=True)
        except Exception as error:  # noqa: BLE001  a dump that can't be decoded is no reason for another verdict
            return f"core dump: {path}; it is not decoded: {' '.join(str(error).split())}"
        self._attach(decoded)
        return f"core dump: {decoded}"

    def _attach(self, path: str) -> None:
        self.record.artifact(Artifact(name=PurePosixPath(path).name, path=path, media_type="text/plain"))


def with_dumps(failure: Failure, told: list[str]) -> Failure:
    """A failure with what there is to say of core dumps, right below its headline."""
    if not told:
        return failure
    headline, _, rest = failure.message.partition("\n")
    return replace(failure, message="\n".join(filter(None, (headline, *told, rest))))
