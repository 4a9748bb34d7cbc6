"""What a run is asked to do: `testarena.yml` < the action's inputs (TESTARENA_*) < flags, made into one frozen record.

Each field of `Settings` declares one setting: the key in the file, the action's input, the environment variable,
the flag and the line in the reference all come from it. `settings_file` reads the file.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from tpf.errors import SettingsError
from tpf.scenario.types import DURATION, FLAG, LINE, NAME, TEXT, Type, integer

FILE_NAME: Final = "testarena.yml"
Shape = Literal["one", "lines", "words", "pairs", "files"]
_KEY: Final = "setting"


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

    @property
    def variable(self) -> str:
        """The environment variable that the action passes it in."""
        return "TESTARENA_" + self.name.upper().replace("-", "_")


def _setting(
    type_: Type[Any], doc: str, default: Any, *, shape: Shape = "one", shown: str = "", flag: bool = True
) -> Any:
    of_project = shape == "files"  # code is named by the project alone, not by whoever starts a run
    metadata = {"type": type_, "doc": doc, "shape": shape, "shown": shown}
    metadata |= {"flag": flag and not of_project, "input": not of_project}
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
        flag=False,
    )
    target: str = _setting(LINE, "Run the scenarios on this target instead of their own, for example esp32c3.", "")
    filter: tuple[str, ...] = _setting(
        TEXT,
        "Run only what matches: part of `scenario` or `scenario/case`, or a pattern with `*` and `?`, one a line.",
        (),
        shape="lines",
    )
    tag: tuple[str, ...] = _setting(
        TEXT,
        "Run only scenarios and cases with one of these tags; `!tag` leaves those with the tag out.",
        (),
        shape="words",
    )
    jobs: int = _setting(
        integer(0, 512),
        "How many scenarios run side by side; 0 takes one more than there are processor cores.",
        0,
        shown="0",
    )
    timeout: float = _setting(DURATION, "The longest that the whole run may take.", 1800.0, shown="30min")
    retries: int = _setting(
        integer(0, 10),
        "How often a case that doesn't say so itself is tried again from a fresh boot when it isn't passed.",
        0,
        shown="0",
    )
    report_dir: str = _setting(
        LINE,
        "The folder that reports, logs and the journal are written to.",
        "testarena-report",
        shown="testarena-report",
    )
    set: tuple[tuple[str, str], ...] = _setting(
        TEXT, "Values for `${name}` in scenarios, `name=value`, one a line.", (), shape="pairs"
    )
    status: bool = _setting(FLAG, "Post commit statuses to the forge.", True, shown="true")
    status_context: str = _setting(
        LINE, "The name under which the commit status stands.", "testarena", shown="testarena"
    )
    status_per_scenario: bool = _setting(
        FLAG, "Post a commit status for each scenario besides the one for the run.", False, shown="false"
    )
    steps: tuple[NamedFile, ...] = _setting(
        TEXT, "Python files with step kinds of the project's own, relative to the settings file.", (), shape="files"
    )


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
        )
        for field in dataclasses.fields(Settings)
    )


def resolve(file: Mapping[str, Any], inputs: Mapping[str, str], flags: Mapping[str, Any]) -> Settings:
    """One record of three sources; flags win over inputs, inputs over the file.

    `inputs` come by field name, as `context.inputs` gives them: empty ones and the token are not among them.
    """
    values = dict(file)
    for setting in declared():
        given = inputs.get(setting.field, "")
        if given and setting.input:
            values[setting.field] = from_text(setting, given, f"input {setting.name} ({setting.variable})")
    values.update({name: value for name, value in flags.items() if value not in (None, (), "")})
    return Settings(**values)


def from_text(setting: Setting, text: str, place: str) -> Any:
    """The value of a setting that was written as one text: lines, words and pairs are split."""
    match setting.shape:
        case "one":
            return convert(setting, text.strip(), place)
        case "words":
            return tuple(text.split())
        case "lines":
            return tuple(line.strip() for line in text.splitlines() if line.strip())
        case "pairs":
            return tuple(pair(line.strip(), place) for line in text.splitlines() if line.strip())
        case "files":
            raise SettingsError(f"{place}: needs a list")


def convert(setting: Setting, text: str, place: str) -> Any:
    """One typed value. Raises SettingsError that says where the value was given."""
    try:
        return setting.type.convert(text)
    except ValueError as error:
        raise SettingsError(f"{place}: {error}") from error


def pair(text: str, place: str) -> tuple[str, str]:
    """`name=value` as a pair. Raises SettingsError."""
    name, sign, value = text.partition("=")
    if not sign:
        raise SettingsError(f"{place}: {text!r} is not of the form name=value")
    try:
        return NAME.convert(name.strip()), value
    except ValueError as error:
        raise SettingsError(f"{place}: {error}") from error
