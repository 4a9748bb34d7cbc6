"""docs/reference/cli.md: each command with its arguments and options, from the commands themselves."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator

import click

from testarena_ci.cli.main import testarena
from tools.docs.markdown import code, table

_HEAD = """\
<!-- Made from the commands themselves: don't edit it, run `make docs`. -->

# Command line

`testarena COMMAND --help` says the same. Settings that no flag gives come from the environment (`TESTARENA_JOBS=2`) and
from `testarena.yml`: see [settings](settings.md), which has the exit codes as well.

"""


def page() -> str:
    """The page."""
    names = testarena.list_commands(click.Context(testarena))
    contents = "".join(f"- [`testarena {name}`](#testarena-{name}): {_first_sentence(name)}\n" for name in names)
    return _HEAD + contents + "".join(_sections(testarena.commands[name]) for name in names)


def _first_sentence(name: str) -> str:
    return inspect.cleandoc(testarena.commands[name].help or "").split("\n\n")[0].replace("\n", " ")


def _sections(command: click.Command, of: str = "testarena") -> str:
    """A command, and those within it."""
    own = _section(command, of)
    if not isinstance(command, click.Group):
        return own
    return own + "".join(_sections(command.commands[name], f"{of} {command.name}") for name in command.commands)


def _section(command: click.Command, of: str) -> str:
    context = click.Context(command, info_name=f"{of} {command.name}")
    usage = " ".join(command.collect_usage_pieces(context))
    rows = [row for parameter in command.get_params(context) for row in _rows(parameter, context)]
    paragraphs = "\n\n".join(_paragraphs(command.help or ""))
    heading = f"\n## `{of} {command.name}`\n\n```\n{context.command_path} {usage}\n```\n\n{paragraphs}\n"
    return heading + "\n" + table(("option", "meaning"), rows)


def _paragraphs(text: str) -> Iterator[str]:
    r"""Those of a help text; one that begins with \b is kept line by line, its title apart."""
    for paragraph in inspect.cleandoc(text).split("\n\n"):
        if not paragraph.startswith("\b"):
            yield " ".join(paragraph.split())
            continue
        title, *lines = paragraph.removeprefix("\b").strip("\n").split("\n")
        yield title
        yield "```\n" + inspect.cleandoc("\n".join(lines)) + "\n```"


def _rows(parameter: click.Parameter, context: click.Context) -> Iterator[tuple[str, str]]:
    if not isinstance(parameter, click.Option):
        return
    record = parameter.get_help_record(context)
    if record is not None:
        names, meaning = record
        yield code(names), re.sub(r"\[default: (.*?)\]$", _default, meaning)


def _default(match: re.Match[str]) -> str:
    """A value as code, words as they are."""
    return f"Default: {match[1] if ' ' in match[1] else code(match[1])}."
