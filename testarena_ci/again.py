"""The line that runs something once more: all that failed, or one case of a report.

testarena run scenarios/console.xml --case 'console answers/ping answers pong' --set baud=9600

Reports are kept and screens are shared: a value that may be a secret is not repeated, only its name.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator
from typing import Final

from tpf.result import CaseResult, RunResult, ScenarioResult

FLAGS: Final = "flags"  # the property of a run that holds what each line needs, quoted for a shell
UNSAID: Final = "values_not_shown"  # ... and the names of the values that are not repeated
_SECRET: Final = re.compile(r"(?i)token|pass|pwd|psk|secret|key|credential|auth|(?<![a-z])pin(?![a-z])")  # in names
_LONGEST: Final = 60  # characters of a value that is repeated
_REPETITION: Final = re.compile(r" \[\d+/\d+\]\Z")  # what `--repeat` adds to a scenario's name


def sayable(pairs: Iterable[tuple[str, str]]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Values of --set as words of a command line, and the names of those that are not repeated."""
    words: list[str] = []
    hidden: list[str] = []
    for name, value in pairs:
        if _SECRET.search(name) or len(value) > _LONGEST or not f"{name}{value}".isprintable():
            hidden.append(name.strip())
        else:
            words += ["--set", f"{name}={value}"]
    return tuple(words), tuple(hidden)


def properties(target: str, values: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """What a run keeps of its own flags, for `case_again`; empty ones are left out."""
    words, hidden = sayable(values)
    flags = shlex.join([*(("--target", target) if target else ()), *words])
    yield from ((name, text) for name, text in ((FLAGS, flags), (UNSAID, ", ".join(hidden))) if text)


def case_again(run: RunResult, scenario: ScenarioResult, case: CaseResult | None) -> str:
    """The command that runs one case alone, or a whole scenario; "" for names that no command line can hold."""
    suite = _REPETITION.sub("", scenario.name)
    name = suite if case is None else f"{suite}/{case.part_of or case.name}"
    file = scenario.source.file
    if not f"{file}{name}".isprintable():
        return ""
    line = shlex.join(["testarena", "run", f"./{file}" if file.startswith("-") else file, "--case", name])
    return " ".join(filter(None, (line, dict(run.properties).get(FLAGS, ""))))
