"""What we say to the runner on stdout and in its files, and what keeps others from saying anything to it.

    ::group::console answers
    ::error file=boot.xml,line=12,title=console answers / ping::no "pong" within 1 s
    ::endgroup::

https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

import posixpath
import re
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from testarena_ci.context import ForgeKind
from tpf.result import Failure, RunResult, Source

END_GROUP: Final = "::endgroup::"
MOST_ANNOTATIONS: Final = 10  # of a type and step; GitHub drops the others without a word
MOST_CODE_PLACES: Final = 3  # of a failure
LONGEST_ANNOTATION: Final = 4000  # characters
SUMMARY_LIMIT: Final = 1024 * 1024  # bytes a step; over it GitHub drops all of it
SUMMARY_CUT: Final = "\n\n_Cut here: a step summary holds 1 MiB. The report has the rest._\n"

_HARMLESS: Final = re.compile(r"[\t\x20-\x7e]*")
_SEQUENCES: Final = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor
    r"|(?:\x1b[\]P_^X]|[\x9d\x90\x9f\x9e\x98])[^\x07\x1b\x9c\r\n]*(?:\x07|\x1b\\|\x9c)"  # OSC, DCS, APC, PM, SOS
    r"|\x1b[ -/]*[0-~]"
)
_LINE_ENDS: Final = re.compile(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f]")
_SURROGATES: Final = re.compile(r"[\ud800-\udfff]")

# GitHub's runner compares texts by culture (ActionCommand.cs: StartsWith, IndexOf), which skips soft hyphens, joiners
# and the like; so whatever isn't printable ASCII counts as nothing here.
_NOTHING: Final = r"[^\x20-\x7e]*"
_COMMAND: Final = re.compile(rf"\A([^\x21-\x7e]*):({_NOTHING}):")
_OLD_COMMAND: Final = re.compile(rf"#({_NOTHING})#(?={_NOTHING}(?:[0-9A-Za-z_]{_NOTHING})*\[)")

_DATA: Final = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_PROPERTY: Final = _DATA | {":": "%3A", ",": "%2C"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """A message that a forge shows at a place of a file."""

    message: str
    title: str = ""
    source: Source | None = None
    level: str = "error"  # or "warning", "notice"
    of_code: bool = False  # a place in the firmware's source


def neutralise(text: str) -> str:
    """Text from outside, with no line that acts as a command on any runner; legible as before.

    GitHub's runner takes ``::command::`` after blanks and ``##[command]`` anywhere in a line; runners of Gitea before
    3.1 and of Forgejo take both at the start, ``set-env`` and ``add-path`` included. Escape sequences and control
    characters go, a lone CR is a line end, and a blank is put into what would begin a command.
    """
    if _HARMLESS.fullmatch(text) and "::" not in text and "##" not in text:
        return text
    bare = _SURROGATES.sub("\N{REPLACEMENT CHARACTER}", _SEQUENCES.sub("", text))
    return "\n".join(_harmless_line(line) for line in _LINE_ENDS.split(bare))


def _harmless_line(line: str) -> str:
    return _COMMAND.sub(r"\1:\2 :", _OLD_COMMAND.sub(r"#\1 #", _CONTROLS.sub("", line)))


def command(name: str, data: str = "", properties: Mapping[str, str] | None = None) -> str:
    """``::name key=value,key=value::data``, escaped so that all of it stays one line and one command."""
    given = ",".join(f"{key}={_escaped(value, _PROPERTY)}" for key, value in (properties or {}).items() if value)
    return f"::{name}{' ' if given else ''}{given}::{_escaped(data, _DATA)}"


def group(title: str) -> str:
    """Opens a fold of the log; END_GROUP closes it. Groups can't nest."""
    return command("group", " ".join(neutralise(title).split()))


def masks(values: Iterable[str]) -> tuple[str, ...]:
    """Has the runner blacken these values in its log; a value of several lines is masked line by line."""
    lines = {line.strip() for value in values for line in value.splitlines()}
    return tuple(command("add-mask", line) for line in sorted(lines) if line)


def build_annotations(run: RunResult) -> tuple[Annotation, ...]:
    """For builds that failed, where nothing but builds was wanted."""
    failed = [(build.name, build.failure) for build in run.builds if build.failure is not None]
    own = () if run.failure is None else (Annotation(title="TestArena", message=run.failure.message),)
    found = (one for name, failure in failed for one in _annotations(name, failure, failure.source or Source(file="")))
    return (*own, *_once(tuple(found)))


def failure_annotations(run: RunResult) -> tuple[Annotation, ...]:
    """For the run's failure, for those of scenarios (one that they share counts once) and of cases that ran."""
    own = () if run.failure is None else (Annotation(title="TestArena", message=run.failure.message),)
    failed = [(scenario, scenario.failure) for scenario in run.scenarios if scenario.failure is not None]
    first = {failure.message: (scenario, failure) for scenario, failure in reversed(failed)}
    scenarios = [
        annotation
        for scenario, failure in reversed(first.values())
        for annotation in _annotations(scenario.name, failure, scenario.source)
    ]
    cases = [
        annotation
        for scenario in run.scenarios
        for case in scenario.cases
        if case.attempts and case.failure is not None and not case.quarantined
        for annotation in _annotations(f"{scenario.name} / {case.name}", case.failure, case.source)
    ]
    return (*own, *_once((*scenarios, *cases)))


def _annotations(title: str, failure: Failure, own: Source) -> tuple[Annotation, ...]:
    """At the scenario's line with all that there is to say, then at the firmware's lines."""
    first = Annotation(title=title, message=failure.message, source=failure.source or own)
    places = failure.code[:MOST_CODE_PLACES]
    return (first, *(Annotation(title=title, message=one.message, source=one.source, of_code=True) for one in places))


def _once(annotations: Iterable[Annotation]) -> Iterator[Annotation]:
    """Each place of the firmware's source once for the same message: an error of the compiler fails many scenarios."""
    told = set()
    for annotation in annotations:
        key = (annotation.source, annotation.message)
        if not annotation.of_code or key not in told:
            yield annotation
        told.add(key)


def annotation_lines(annotations: tuple[Annotation, ...], kind: ForgeKind, folder: str = "") -> tuple[str, ...]:
    """What to print: on GitHub ten commands at most, the tenth telling of the rest, which follow as plain lines.

    Gitea and Forgejo have no annotations: there, and on a terminal, all are plain lines of the log. `folder` is where
    in the checkout the files were named.
    """
    if kind is not ForgeKind.GITHUB:
        return tuple(_plain(annotation) for annotation in annotations)
    if len(annotations) <= MOST_ANNOTATIONS:
        return tuple(_annotate(annotation, folder) for annotation in annotations)
    shown = annotations[: MOST_ANNOTATIONS - 1]
    rest = Annotation(title="TestArena", message=f"and {len(annotations) - len(shown)} more: the report has them all")
    commands = (_annotate(annotation, folder) for annotation in (*shown, rest))
    return (*commands, *map(_plain, annotations[len(shown) :]))


def _annotate(annotation: Annotation, folder: str) -> str:
    source = annotation.source or Source(file="")
    properties = {
        "file": posixpath.normpath(posixpath.join(folder, source.file)) if source.file else "",
        "line": str(source.line or ""),
        "col": str(source.column or ""),
        "title": " ".join(neutralise(annotation.title).split())[:255],
    }
    return command(annotation.level, neutralise(annotation.message)[:LONGEST_ANNOTATION], properties)


def _plain(annotation: Annotation) -> str:
    """``error: boot.xml:12:5: console answers / ping: no "pong" within 1 s``"""
    first = annotation.message.split("\n", 1)[0]
    parts = (annotation.level, str(annotation.source or ""), annotation.title, first)
    return " ".join(neutralise(": ".join(filter(None, parts))).split("\n"))


def write_outputs(
    path: Path | None,
    values: Mapping[str, str],
    delimiter: Callable[[], str] = lambda: f"end-{secrets.token_hex(16)}",
) -> str:
    """Add outputs of the step to the runner's file; returns what went wrong, as one line, or an empty text.

    The delimiter is random, so that no value can end itself and set an output of its own.
    """
    return _append(path, "".join(_output(name, value, delimiter) for name, value in values.items()))


def _output(name: str, value: str, delimiter: Callable[[], str]) -> str:
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_-]*", name):
        raise ValueError(f"{name!r} is no name for an output")
    end = delimiter()
    while end in value:
        end = delimiter()
    return f"{name}<<{end}\n{value}\n{end}\n"


def append_summary(path: Path | None, text: str) -> str:
    """Add to the step summary what it has room for; returns what went wrong, as one line, or an empty text."""
    try:
        used = path.stat().st_size if path else 0
    except OSError:
        used = 0
    return _append(path, fitted_summary(text, SUMMARY_LIMIT - used))


def fitted_summary(text: str, room: int) -> str:
    """The text if it has room (in bytes); else its beginning, cut between lines, with what it left open closed."""
    data = text.encode("utf-8", "replace")
    if len(data) <= room:
        return text
    reserve = len(SUMMARY_CUT.encode()) + 200  # for what must be closed
    head = data[: max(0, room - reserve)].decode("utf-8", "ignore").rpartition("\n")[0]
    fence = "\n```" if len(re.findall(r"^```", head, re.MULTILINE)) % 2 else ""
    details = "\n</details>" * min(10, max(0, head.count("<details") - head.count("</details>")))
    cut = f"{head}{fence}{details}{SUMMARY_CUT}"
    return cut if len(cut.encode()) <= room else ""


def _append(path: Path | None, text: str) -> str:
    if path is None or not text:
        return ""
    try:
        with path.open("ab") as file:
            file.write(text.encode("utf-8", "replace"))
    except OSError as error:
        return f"{path}: {error.strerror or error}"
    return ""


def _escaped(text: str, table: Mapping[str, str]) -> str:
    return "".join(table.get(char, char) for char in text)
