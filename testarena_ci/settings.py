"""What a run is asked to do: `testarena.yml` < the action's inputs (TESTARENA_*) < flags, made into one frozen record.

Each field of `Settings` declares one setting: the key in the file, the action's input, the environment variable,
the flag and the line in the reference all come from it. `settings_file` reads the file.
"""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final, Literal, TypeVar

from tpf.errors import Problem, SettingsError
from tpf.result import Source
from tpf.scenario.types import DURATION, FLAG, LINE, NAME, TEXT, Type, choice, integer

T = TypeVar("T")

FILE_NAME: Final = "testarena.yml"
QUARANTINE: Final = "quarantine.yml"  # beside it
_NOWHERE: Final = Source(file="")
_OF_OTHERS: Final = {
    "home",
    "python",
    "run_mark",
}  # variables of the action's entrypoint, and of runs for their children
Shape = Literal["one", "lines", "words", "pairs", "file", "files"]
_KEY: Final = "setting"


class SettingsErrors(SettingsError):
    """All that is wrong with the settings; a problem that has no place in a file has a source without one."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        super().__init__("\n".join(map(_told, problems)))


def _told(problem: Problem) -> str:
    return str(problem) if problem.source.file else problem.message


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a setting is given."""

    what: str  # `jobs`, `--jobs`, `input jobs (TESTARENA_JOBS)`
    source: Source = _NOWHERE


class Findings:
    """Gathers what is wrong with the settings, so that all of it is told at once."""

    def __init__(self, problems: Sequence[Problem] = ()) -> None:
        self.problems = list(problems)

    def tell(self, place: Place, message: str) -> None:
        self.problems.append(Problem(source=place.source, message=f"{place.what}: {message}"))

    def tried(self, place: Place, convert: Callable[[], T]) -> T | None:
        """What a function makes of what stands there; None, and a problem more, when it raises ValueError."""
        try:
            return convert()
        except ValueError as error:
            self.tell(place, str(error))
            return None

    def converted(self, setting: Setting, text: str, place: Place) -> Any:
        """One typed value; None, and a problem more, when it is none."""
        return self.tried(place, lambda: setting.type.convert(text))

    def end(self) -> None:
        """Raises SettingsErrors when there are problems."""
        if self.problems:
            raise SettingsErrors(tuple(self.problems))


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One setting, as people see it."""

    name: str  # in testarena.yml and as the action's input; the flag is `--name`
    field: str
    type: Type[Any]
    doc: str
    shape: Shape
    shown_default: str
    flag: bool  # offered as a flag on the command line
    input: bool  # offered as an input of the action; else only the file can say it
    metavar: str  # what stands for the value in --help

    @property
    def variable(self) -> str:
        """The environment variable that the action passes it in."""
        return "TESTARENA_" + self.name.upper().replace("-", "_")


def _setting(
    type_: Type[Any],
    doc: str,
    default: Any,
    *,
    shape: Shape = "one",
    shown: str = "",
    metavar: str = "",
) -> Any:
    of_project = shape in ("file", "files")  # the project's own word, not that of whoever starts a run
    metadata = {"type": type_, "doc": doc, "shape": shape, "shown": shown, "metavar": metavar}
    metadata |= {"flag": type_ is FLAG or bool(metavar), "input": not of_project}
    return dataclasses.field(default=default, metadata={_KEY: metadata})


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedFile:
    """A file that the settings file names, relative to its own folder."""

    path: Path
    place: str  # where it is named: `testarena.yml:3:10`


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings of a run, typed."""

    scenarios: tuple[str, ...] = _setting(
        TEXT,
        "Scenario files, or folders that are searched for them, one a line.",
        ("scenarios",),
        shape="lines",
        shown="scenarios",
    )
    target: str = _setting(
        LINE, "Run the scenarios on this target instead of their own, for example esp32c3.", "", metavar="TARGET"
    )
    filter: tuple[str, ...] = _setting(
        TEXT,
        "Run only what matches: part of `scenario` or `scenario/case`, or a pattern with `*` and `?`, one a line.",
        (),
        shape="lines",
        metavar="PATTERN",
    )
    tag: tuple[str, ...] = _setting(
        TEXT,
        "Run only scenarios and cases with one of these tags; `!tag` leaves those with the tag out.",
        (),
        shape="words",
        metavar="TAG",
    )
    jobs: int = _setting(
        integer(0, 512),
        "How many scenarios run side by side; 0 takes one more than there are processor cores.",
        0,
        shown="0",
        metavar="N",
    )
    timeout: float = _setting(
        DURATION, "The longest that the whole run may take.", 1800.0, shown="30min", metavar="DURATION"
    )
    retries: int = _setting(
        integer(0, 10),
        "How often a case that doesn't say so itself is tried again from a fresh boot when it isn't passed.",
        0,
        shown="0",
        metavar="N",
    )
    retry_panics: bool = _setting(
        FLAG, "Try a case that doesn't say so itself again after a panic or a reboot loop, too.", False, shown="false"
    )
    report_dir: str = _setting(
        LINE,
        "The folder that reports, logs and the journal are written to.",
        "testarena-report",
        shown="testarena-report",
        metavar="DIR",
    )
    junit: str = _setting(
        choice("common", "jenkins", "rich"),
        "The dialect of junit.xml: what all readers take, what Jenkins' xUnit plug-in holds valid, "
        "or with steps, attachments and attempts.",
        "common",
        shown="common",
        metavar="DIALECT",
    )
    history: str = _setting(
        LINE,
        "A database that each run is kept in at its end, for example .testarena/history.db; without it none is kept.",
        "",
        metavar="FILE",
    )
    set: tuple[tuple[str, str], ...] = _setting(
        TEXT, "Values for `${name}` in scenarios, `name=value`, one a line.", (), shape="pairs", metavar="NAME=VALUE"
    )
    status: bool = _setting(FLAG, "Post commit statuses to the forge.", True, shown="true")
    status_context: str = _setting(
        LINE, "The name under which the commit status stands.", "testarena", shown="testarena", metavar="NAME"
    )
    status_per_scenario: bool = _setting(
        FLAG, "Post a commit status for each scenario besides the one for the run.", False, shown="false"
    )
    steps: tuple[NamedFile, ...] = _setting(
        TEXT, "Python files with step kinds of the project's own, relative to the settings file.", (), shape="files"
    )
    quarantine: NamedFile | None = _setting(  # noqa: RUF009  it makes a field
        TEXT,
        "The file that says whose failures don't fail the run, relative to the settings file.",
        None,
        shape="file",
        shown=f"{QUARANTINE}, if there",
    )
    of_project: tuple[str, ...] = ("scenarios",)  # no setting: the scenarios that the file names, whatever is run


def declared() -> tuple[Setting, ...]:
    """Every setting, in the order of the reference."""
    return tuple(
        Setting(
            name=field.name.replace("_", "-"),
            field=field.name,
            type=(said := field.metadata[_KEY])["type"],
            doc=said["doc"],
            shape=said["shape"],
            shown_default=said["shown"],
            flag=said["flag"],
            input=said["input"],
            metavar=said["metavar"],
        )
        for field in dataclasses.fields(Settings)
        if _KEY in field.metadata
    )


def resolve(
    file: Mapping[str, Any],
    inputs: Mapping[str, str],
    flags: Mapping[str, Any],
    problems: Sequence[Problem] = (),
) -> Settings:
    """One record of three sources; flags win over inputs, inputs over the file.

    `inputs` come by field name, as `context.inputs` gives them: empty ones and the token are not among them. `flags`
    come by field name, too, as they were written. `problems` are those of the file.
    Raises SettingsErrors with all there are.
    """
    findings = Findings(problems)
    values = dict(file)
    if "scenarios" in values:
        values["of_project"] = values["scenarios"]
    for setting in declared():
        given = inputs.get(setting.field, "")
        if given and setting.input:
            place = Place(what=f"input {setting.name} ({setting.variable})")
            values |= _found(setting, from_text(setting, given, place, findings))
        flag = flags.get(setting.field)
        if flag not in (None, ()):
            values |= _found(setting, _from_flag(setting, flag, findings))
    findings.end()
    return Settings(**values)


def _found(setting: Setting, value: Any) -> dict[str, Any]:
    return {} if value is None else {setting.field: value}


def _from_flag(setting: Setting, given: Any, findings: Findings) -> Any:
    place = Place(what=f"--{setting.name}")
    if setting.shape == "pairs":
        return pairs(given, place, findings)
    return findings.converted(setting, given, place) if isinstance(given, str) else given


def from_text(setting: Setting, text: str, place: Place, findings: Findings) -> Any:
    """The value of a setting that was written as one text: lines, words and pairs are split. None when it is wrong."""
    match setting.shape:
        case "one":
            return findings.converted(setting, text.strip(), place)
        case "words":
            return tuple(text.split())
        case "lines":
            return _lines(text)
        case "pairs":
            return pairs(_lines(text), place, findings)
        case "file" | "files":
            findings.tell(place, "needs a list")
            return None


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def pairs(texts: Iterable[str], place: Place, findings: Findings) -> tuple[tuple[str, str], ...]:
    """Each `name=value` as a pair, without those that are none."""
    found = (findings.tried(place, partial(pair, text)) for text in texts)
    return tuple(one for one in found if one is not None)


def pair(text: str) -> tuple[str, str]:
    """`name=value` as a pair. Raises ValueError."""
    name, sign, value = text.partition("=")
    if not sign:
        raise ValueError(f"{text!r} is not of the form name=value")
    return NAME.convert(name.strip()), value


def strangers(inputs: Mapping[str, str]) -> Iterator[str]:
    """Notes on variables that look like settings and are none; `inputs` as `context.inputs` gives them."""
    known = {setting.field: setting for setting in declared()}
    settable = {setting.field: setting.variable for setting in known.values() if setting.input}
    settable |= {"token": "TESTARENA_TOKEN"}
    for name in sorted(inputs.keys() - _OF_OTHERS):
        variable = f"TESTARENA_{name.upper()}"
        if name not in known:
            near = difflib.get_close_matches(name[:80], settable, n=1)
            hint = f"did you mean {settable[near[0]]}?" if near else f"known are {', '.join(settable.values())}"
            yield f"{variable} is no setting and not used; {hint}"
        elif not known[name].input:
            yield f"{variable} is not used: only {FILE_NAME} can say {known[name].name}"


def nearest(name: str, known: Sequence[str]) -> str:
    """``did you mean 'jobs'?``, or all that are known."""
    near = difflib.get_close_matches(name[:80], known, n=1)
    return f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}"
