"""Step `run`: a command on the host."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final

from tpf.console.quoting import quote, seconds, shorten
from tpf.errors import DeviceFailure, StepError
from tpf.process import Request
from tpf.result import FailureKind
from tpf.scenario.declare import Element, attribute, content
from tpf.scenario.model import Step
from tpf.scenario.types import DURATION, FLAG, NAME, PATH, TEXT, Type, integer
from tpf.scenario.variables import fill, names_in
from tpf.steps.artifacts import files_in, record_new
from tpf.steps.base import StepContext
from tpf.steps.command import Result, run_command
from tpf.steps.wanted import block

_SHELL: Final = "/bin/sh"


def _command(text: str) -> str:
    try:
        words = shlex.split(text, comments=False)
    except ValueError as error:
        raise ValueError(f"{quote(block(text))} can't be split into words: {str(error).lower()}") from None
    if not words:
        raise ValueError("there is no command in it")
    return block(text)


COMMAND: Final = Type(
    name="command",
    doc="a command, split into words as a shell would; a `${name}` in a word stays one word, whatever its value is",
    convert=_command,
    keeps_names=True,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """A variable of the command's environment."""

    element: ClassVar[Element] = Element(name="env", unique="name", example='<env name="MODE">fast</env>')
    name: str = attribute(NAME, doc="its name")
    value: str = content(TEXT, default="", doc="its value")


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Runs a command on the host, in the scenario's folder, and waits for its end. What it has started ends with it.

    No shell is involved unless asked for. Its output goes to the log; files that it leaves under `${artifacts}` go into
    the report. Another exit status than the wanted one fails the case.
    """

    element: ClassVar[Element] = Element(
        name="run",
        device="none",
        children=(Environment,),
        example='<run timeout="30s" save="answer">python3 tools/ask.py ${web}</run>',
    )
    command: str = content(COMMAND, doc="the command and its arguments")
    timeout: float = attribute(DURATION, default=60.0, shown="60s", doc="how long it may take")
    exit: int = attribute(integer(0, 255), default=0, doc="the exit status that it must end with")
    save: str = attribute(
        NAME,
        default="",
        creates_names=True,
        doc="a name for what it writes to its standard output, without the blanks around",
    )
    cwd: str = attribute(PATH, default="", doc="the folder to run it in")
    shell: bool = attribute(
        FLAG, default=False, doc="`true`: a shell runs it, in which `${name}` is a variable: put it in double quotes"
    )
    children: tuple[Step, ...] = ()

    def summary(self) -> str:
        return f"run {shorten(' '.join(self.command.split()))}"

    async def run(self, context: StepContext) -> None:
        context.artifacts.mkdir(parents=True, exist_ok=True)
        left_before = files_in(context.artifacts)
        environment = [(one.name, one.value) for one in map(context.bind, self.children)]
        argv, variables = self._words(context.values)
        request = Request(argv=argv, cwd=self._folder(context), environment=(*environment, *variables))
        result = await run_command(context.processes, request, timeout=self.timeout, on_line=context.record.output)
        record_new(context, left_before)
        self._judge(result)
        if self.save:
            context.values[self.save] = result.stdout.strip()

    def _words(self, values: Mapping[str, str]) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
        """The arguments with names filled in, and variables for a shell, which gets the values by these alone."""
        if not self.shell:
            return tuple(fill(word, values) for word in shlex.split(self.command)), ()
        variables = {name: f"testarena_{number}" for number, name in enumerate(dict.fromkeys(names_in(self.command)))}
        script = fill(self.command, {name: f"${{{variable}}}" for name, variable in variables.items()})
        return (_SHELL, "-c", script), tuple((variable, values[name]) for name, variable in variables.items())

    def _folder(self, context: StepContext) -> Path:
        folder = (context.folder / self.cwd).resolve()
        if not folder.is_relative_to(context.checkout.resolve()):
            raise StepError(f"attribute cwd: {quote(self.cwd)} leaves the checkout, {context.checkout}")
        if not folder.is_dir():
            raise StepError(f"attribute cwd: {quote(self.cwd)} is no folder")
        return folder

    def _judge(self, result: Result) -> None:
        command = quote(" ".join(self.command.split()))
        if result.outcome.timed_out:
            message = f"command {command} was stopped: it took longer than {seconds(self.timeout)}"
            raise DeviceFailure(FailureKind.TIMEOUT, f"{message}\n{result.story}")
        if result.outcome.code != self.exit:
            code = result.outcome.code
            ending = f"was {result.outcome}" if code is None else f"ended with exit status {code}"
            said = f"; it said last: {quote(last)}" if (last := result.last_words) else ""
            message = f"command {command} {ending}; expected exit status {self.exit}{said}"
            raise DeviceFailure(FailureKind.MISMATCH, f"{message}\n{result.story}")
