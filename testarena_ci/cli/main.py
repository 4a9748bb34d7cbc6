"""`testarena`: the commands, and the one place where a failure becomes words and an exit code."""

from __future__ import annotations

import gc
import os
import sys
import tempfile
import traceback
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, NoReturn

import click

import tpf
from testarena_ci.cli.bisect import bisect
from testarena_ci.cli.build import build
from testarena_ci.cli.compare import compare
from testarena_ci.cli.doctor import doctor
from testarena_ci.cli.finish import finish
from testarena_ci.cli.history import history
from testarena_ci.cli.list_ import list_
from testarena_ci.cli.new import new
from testarena_ci.cli.record import record
from testarena_ci.cli.report import report
from testarena_ci.cli.run import run
from testarena_ci.cli.schema import schema
from testarena_ci.cli.streams import drain, make_lasting
from testarena_ci.cli.validate import validate
from testarena_ci.cli.view import view
from testarena_ci.context import environment, wants_colours
from testarena_ci.settings import SettingsErrors
from tpf.errors import ScenarioErrors, TestArenaError

EXIT_INTERNAL: Final = 4
EXIT_INTERRUPTED: Final = 130

_EPILOG: Final = """\b
Exit codes: 0 all passed; 1 something failed; 2 usage, settings or scenario errors;
3 this machine lacks something; 4 the machine or the build broke; 130 interrupted."""


@click.group(
    name="testarena", epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(tpf.__version__, prog_name="testarena")
def testarena() -> None:
    """Test firmware in CI: build it, boot it in an emulator, run XML scenarios on it, report.

    \b
    First steps:
      testarena new                    a first scenario for the project in this folder
      testarena doctor                 what this machine has and lacks
      testarena validate scenarios/    every mistake in the scenarios, at once
      testarena run scenarios/         run them and write testarena-report/
    """


for command in (
    new,
    record,
    run,
    build,
    validate,
    list_,
    schema,
    report,
    view,
    compare,
    bisect,
    finish,
    history,
    doctor,
):
    testarena.add_command(command)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and end the process. No failure shows a traceback."""
    gc.set_threshold(_GARBAGE)
    make_lasting()
    code = _exit_code(arguments)
    with suppress(KeyboardInterrupt):  # by somebody who won't read what is left
        drain()
    os._exit(code)  # not sys.exit, by which Python would take all objects to pieces first, for 30 ms


_GARBAGE: Final = 50_000  # objects made between two looks for cycles: nearly all of what is loaded and read lives on


def _exit_code(arguments: Sequence[str] | None) -> int:
    try:
        return int(testarena.main(args=arguments, standalone_mode=False) or 0)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except TestArenaError as error:
        _complain(*_expected(error))
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        _complain("testarena: interrupted")
        return EXIT_INTERRUPTED
    except Exception as error:  # noqa: BLE001  the last net: a fault of ours must not show a traceback
        return _unexpected(error)


def _complain(*lines: str) -> None:
    drain()  # first what was said before
    for line in lines:
        click.echo(line, err=True)


def _expected(error: TestArenaError) -> Iterator[str]:
    """The words for a failure that is not ours; problems of scenarios keep the form that editors understand."""
    if isinstance(error, ScenarioErrors | SettingsErrors):
        from testarena_ci.cli import problems  # lazy: --help must not pay for it

        yield from problems.lines(error.problems, colours=wants_colours(environment(), terminal=sys.stderr.isatty()))
        yield f"testarena: nothing ran: {problems.counted(error)}"
        return
    from testarena_ci.runner_commands import neutralise  # lazy: as above

    yield neutralise(f"testarena: {error}")  # names of files and elements come from outside


def _unexpected(error: Exception) -> int:
    from tpf.outcomes import lack_behind  # lazy: --help must not pay for it

    lack = lack_behind(error, Path.cwd())
    _complain(f"testarena: {lack or _internal(error)}")
    return EXIT_INTERNAL if lack is None else lack.exit_code


def _internal(error: Exception) -> str:
    """One line for a fault of our own; the traceback goes to a file, for the bug report."""
    text = "".join(traceback.format_exception(error))
    said = f"internal error: {type(error).__name__}: {error}; this is a bug of ours, please report it"
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="testarena-bug-", suffix=".log", delete=False, encoding="utf-8", errors="backslashreplace"
        ) as file:
            file.write(text)
    except OSError:  # no room, or no folder for it
        return said
    return f"{said} with {file.name}"
