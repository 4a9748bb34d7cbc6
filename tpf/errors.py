"""Every failure that TestArena expects, each with the exit code that it ends a run with.

    TestArenaError
    ├── UsageError              2  wrong command line, settings or scenario; nothing ran
    │   ├── ScenarioErrors         all problems of all scenario files at once
    │   └── SettingsError
    ├── EnvironmentLacks        3  this machine can't: no emulator, no toolchain; says how to get it
    ├── MachineError            4  the emulator, the board or the host process broke: not the firmware's fault
    ├── BuildError              4  the firmware could not be built
    ├── StepError               4  a step could not do its work, and the firmware is not to blame
    └── DeviceFailure              the firmware did wrong: becomes a `failed` verdict, never leaves the engine

A message names the place (``file:line:column``), the value, the choices and the next action.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tpf.result import CodePlace, FailureKind, Source


class TestArenaError(Exception):
    """Base of every expected failure; `str(error)` is fit for the user as it is."""

    __test__: ClassVar[bool] = False  # pytest would collect the name
    exit_code: ClassVar[int] = 1


class UsageError(TestArenaError):
    """The command line, the settings or a scenario file is wrong; nothing ran."""

    exit_code = 2


class SettingsError(UsageError):
    """A setting of `testarena.yml`, of the action's inputs or of a flag is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing wrong at one place of a scenario file."""

    source: Source
    message: str

    def __str__(self) -> str:
        return f"{self.source}: {self.message}"


class ScenarioErrors(UsageError):
    """All problems of all scenario files, in the order of file, line and column."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: problem.source))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class EnvironmentLacks(TestArenaError):
    """This machine can't do it: a program or library is missing. The message says how to get it."""

    exit_code = 3


class MachineError(TestArenaError):
    """The machine (emulator, board, host process) broke; not the firmware's fault."""

    exit_code = 4


class BuildError(TestArenaError):
    """The firmware could not be built; the message holds the compiler's first error, `code` where all are."""

    exit_code = 4

    def __init__(self, message: str, *, code: tuple[CodePlace, ...] = ()) -> None:
        super().__init__(message)
        self.code = code


class DeviceFailure(TestArenaError):
    """The firmware did wrong; the engine makes a `failed` verdict of it."""

    def __init__(self, kind: FailureKind, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class StepError(TestArenaError):
    """A step could not do its work for a reason that is not the firmware's; becomes an `error` verdict."""

    exit_code = 4
