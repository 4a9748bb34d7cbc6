"""The step itself: finds the files, and tells of their tests as parts of its case."""

from __future__ import annotations

import asyncio
import mimetypes
import os
import shutil
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final

from tpf.console.quoting import quote, shorten
from tpf.errors import StepError
from tpf.result import Artifact, Failure, FailureKind, Part, Source
from tpf.scenario.declare import Element, attribute
from tpf.scenario.types import printable
from tpf.steps.base import StepContext
from tpf.steps.junit.report import LARGEST, End, FoundTest, Report, read
from tpf.steps.places import LEFT_FILES, left_files, numbered

_KINDS: Final = {End.FAILED: FailureKind.MISMATCH, End.ERROR: FailureKind.STEP}
_LONGEST_NAME: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Junit:
    """Takes in another tool's JUnit file: each of its tests becomes a test case of its own, `case / test`.

    A test that failed fails the case. A test that the file calls an error is one here, too. A file without any test, or
    one that can't be read to its end, is an error. Let tools write to `${artifacts}`, which is empty when a run begins:
    a file that lies about in the checkout may be an old one.
    """

    element: ClassVar[Element] = Element(
        name="junit", device="none", example='<junit file="${artifacts}/unit-tests.xml"/>'
    )
    file: str = attribute(LEFT_FILES, doc="the file, or several: `${artifacts}/*.xml`")

    def summary(self) -> str:
        return f"junit {shorten(self.file)}"

    async def run(self, context: StepContext) -> None:
        problems = []
        for path in left_files(self.file, context, "the tool before this step has not written it"):
            report = await asyncio.to_thread(_read, path)
            shown = _shown(path, context)
            self._tell(report, shown, context)
            _keep(path, context)
            if report.problem or not report.tests:
                problems.append(f"{shown}: {report.problem or 'there is no test in it'}")
        if problems:
            raise StepError("\n".join(problems))

    def _tell(self, report: Report, shown: str, context: StepContext) -> None:
        for test in report.tests:
            context.record.part(part_of(test, context.checkout))
        ends = Counter(test.end for test in report.tests)
        counts = ", ".join(f"{ends[end]} {end.name.lower()}" for end in End if ends[end])
        context.record.output(f"{shown}: {len(report.tests)} tests{f': {counts}' if counts else ''}")


def part_of(test: FoundTest, checkout: Path) -> Part:
    """A test as a part of our case."""
    name = ".".join(filter(None, (test.group, test.name))) or "(no name)"
    source = _source(test, checkout)
    failure = None
    if test.end in _KINDS:
        failure = Failure(kind=_KINDS[test.end], message=_message(test), source=source)
    return Part(
        name=shorten(_line(name), _LONGEST_NAME),
        seconds=test.seconds,
        failure=failure,
        skip=_line(test.message or test.details) or "skipped" if test.end is End.SKIPPED else "",
        source=source,
    )


def _message(test: FoundTest) -> str:
    """One line that says it, then the details."""
    head, _, rest = test.message.strip().partition("\n")
    if not head:
        head, _, rest = test.details.partition("\n")
        details = rest
    else:
        details = "\n".join(filter(None, (rest, test.details)))
    output = f"output:\n{test.output}" if test.output else ""
    return "\n".join(filter(None, (_line(head) or f"the test ended as {test.end.name.lower()}", details, output)))


def _line(text: str) -> str:
    return printable(" ".join(text.split()))


def _source(test: FoundTest, checkout: Path) -> Source | None:
    """Where the test stands, from the checkout's top where it is in there."""
    if not test.file or not test.file.isprintable():
        return None
    path = Path(test.file)
    inside = path.is_relative_to(checkout) and ".." not in path.parts
    return Source(file=str(path.relative_to(checkout)) if inside else test.file, line=test.line)


def _read(path: Path) -> Report:
    try:
        with path.open("rb") as file:
            return read(file.read(LARGEST + 1))
    except OSError as error:
        return Report(tests=(), problem=f"it can't be read: {error.strerror}")


def _shown(path: Path, context: StepContext) -> str:
    for folder in (context.artifacts, context.checkout):
        real = Path(os.path.realpath(folder))
        if path.is_relative_to(real):
            return str(path.relative_to(real))
    return path.name


def _keep(path: Path, context: StepContext) -> None:
    """See to it that the report has the file, too; what lies in the artifacts is there already."""
    if path.is_relative_to(os.path.realpath(context.artifacts)):
        return
    context.artifacts.mkdir(parents=True, exist_ok=True)
    copy = next(free for free in numbered(context.artifacts / path.name) if not free.exists())
    try:
        shutil.copyfile(path, copy)
    except OSError as error:
        raise StepError(f"{quote(path.name)} can't be copied into the report: {error.strerror}") from error
    context.record.artifact(
        Artifact(
            name=copy.name,
            path=copy.relative_to(context.report).as_posix(),
            media_type=mimetypes.guess_type(copy.name)[0] or "application/octet-stream",
        )
    )
