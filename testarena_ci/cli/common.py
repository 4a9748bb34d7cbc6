"""What the commands share: options made from the settings' declarations, and the surroundings they are called in."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from testarena_ci.context import CIContext, environment, in_folder, inputs, read_context
from testarena_ci.settings import FILE_NAME, Setting, Settings, convert, declared, pair, resolve

F = TypeVar("F", bound=Callable[..., Any])

_METAVARS = {"lines": "TEXT", "words": "TAG", "pairs": "NAME=VALUE"}


def config_option(function: F) -> F:
    """--config."""
    return click.option(
        "--config",
        type=click.Path(path_type=Path, dir_okay=False),
        help=f"Settings file to read. [default: {FILE_NAME} in this folder, if there]",
    )(function)


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

    def parsed(_: click.Context, __: click.Parameter, value: Any) -> Any:
        if value is None or value == ():
            return None
        if setting.shape == "pairs":
            return tuple(pair(text, flag) for text in value)
        return tuple(value) if setting.shape != "one" else convert(setting, value, flag)

    return click.option(
        flag,
        setting.field,
        multiple=setting.shape != "one",
        metavar=_METAVARS.get(setting.shape, setting.type.name.upper()),
        callback=parsed,
        help=setting.doc.replace(", one a line", "; may be given several times") + default,
    )


def settings_from(paths: tuple[str, ...], config: Path | None, flags: dict[str, Any]) -> Settings:
    """The settings of a command: file < the action's inputs < flags."""
    path = config or Path(FILE_NAME)
    file: dict[str, Any] = {}
    if config is not None or path.is_file():
        from testarena_ci.settings_file import read_file  # lazy: 15 ms for the YAML library, if there is a file

        file = read_file(path)
    return resolve(file, inputs(environment()), {**flags, "scenarios": paths})


def ci_context() -> CIContext:
    """What the CI runner says of this run; its warnings are said once."""
    return in_folder(read_context(environment()), Path.cwd())


def say(line: str) -> None:
    """A line for people, seen at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
