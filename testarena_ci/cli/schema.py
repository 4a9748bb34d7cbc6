"""`testarena schema`: the language's XML schema, for editors."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from testarena_ci.cli.common import config_option, say, settings_from
from tpf.errors import UsageError


@click.command(short_help="Print the XML schema of scenarios, for editors.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write it into FILE. [default: the standard output]",
)
@config_option
def schema(output: Path | None, config: Path | None) -> int:
    """Print the XML schema (XSD) of scenarios: editors complete, explain and check with it.

    It has the step kinds of installed packages, and of the files that `steps` in testarena.yml names, too: make it anew
    when these change. The how-to guide says how to point an editor to it.

    \b
    Examples:
      testarena schema -o scenarios/testarena.xsd
      xmllint --noout --schema scenarios/testarena.xsd scenarios/*.xml
    """
    from testarena_ci import loading  # lazy: --help must not pay for the reader of scenarios
    from tpf.scenario.xsd import schema as schema_of  # lazy: as above

    known = loading.language(settings_from((), config, {}), Path.cwd())
    text = schema_of(known.vocabulary)
    if output is None:
        sys.stdout.write(text)
        return 0
    _write(output, text)
    say(f"wrote {output}")
    return 0


def _write(path: Path, text: str) -> None:
    from tpf.files import write_atomically  # lazy: --help must not pay for it

    try:
        write_atomically(path, text.encode())
    except (IsADirectoryError, FileNotFoundError, NotADirectoryError, PermissionError) as error:
        raise UsageError(
            f"{path}: can't be written: {error.strerror}; name a file in a folder that is there"
        ) from error
