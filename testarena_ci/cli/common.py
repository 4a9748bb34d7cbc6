"""What the commands share: options made from the settings' declarations, and the surroundings they are called in."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import click

from testarena_ci.context import CIContext, environment, in_folder, inputs, read_context
from testarena_ci.settings import FILE_NAME, QUARANTINE, NamedFile, Setting, Settings, declared, resolve, strangers
from tpf.errors import Problem

F = TypeVar("F", bound=Callable[..., Any])


def config_option(function: F) -> F:
    """--config."""
    return click.option(
        "--config",
        type=click.Path(path_type=Path, dir_okay=False),
        help=f"Settings file to read. [default: {FILE_NAME} in this folder, if there]",
    )(function)


def format_option(doc: str, *more: str) -> Callable[[F], F]:
    """--format: for people, or as JSON for programs; and `more`."""
    return click.option(
        "--format",
        "format_",
        type=click.Choice(["text", "json", *more]),
        default="text",
        show_default=True,
        help=doc,
    )


def setting_options(*names: str) -> Callable[[F], F]:
    """The flags of these settings (by the names they have in testarena.yml), and --config."""
    known = {setting.name: setting for setting in declared()}

    def decorate(function: F) -> F:
        for name in reversed(names):
            function = _option(known[name])(function)
        return config_option(function)

    return decorate


def _option(setting: Setting) -> Callable[[F], F]:
    default = f" [default: {setting.shown_default}]" if setting.shown_default else ""
    flag = f"--{setting.name}"
    if setting.type.name == "flag":
        return click.option(f"{flag}/--no-{setting.name}", setting.field, default=None, help=setting.doc + default)

    return click.option(
        flag,
        setting.field,
        multiple=setting.shape != "one",
        metavar=setting.metavar,
        help=setting.doc.replace(", one a line", "; may be given several times") + default,
    )


def settings_from(paths: tuple[str, ...], config: Path | None, flags: dict[str, Any]) -> Settings:
    """The settings of a command: file < the action's inputs < flags. Raises SettingsError with all that is wrong."""
    path = config or Path(FILE_NAME)
    file: dict[str, Any] = {}
    problems: tuple[Problem, ...] = ()
    if config is not None or path.is_file():
        from testarena_ci.settings_file import look_into  # lazy: 15 ms for the YAML library, if there is a file

        file, problems = look_into(path)
    given = inputs(environment())
    for note in strangers(given):
        click.echo(f"note: {note}", err=True)
    settings = resolve(file, given, {**flags, "scenarios": paths}, problems)
    return replace(settings, quarantine=settings.quarantine or _quarantine_beside(path))


def _quarantine_beside(settings: Path) -> NamedFile | None:
    path = settings.absolute().parent / QUARANTINE
    return NamedFile(path=path, place="") if path.is_file() else None


def today() -> dt.date:
    """The day that quarantines end by; in UTC, so that all runners agree."""
    return dt.datetime.now(dt.UTC).date()


def ci_context() -> CIContext:
    """What the CI runner says of this run; its warnings are said once."""
    return in_folder(read_context(environment()), Path.cwd())


def say(line: str) -> None:
    """A line for people, seen at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
