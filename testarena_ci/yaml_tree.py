"""A YAML file that people wrote, as a tree of nodes with their places; or why it is none."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import yaml

from tpf.errors import Problem
from tpf.result import Source

LARGEST: Final = 1 << 16  # bytes; for so much the YAML library can need most of a second


class Unreadable(Exception):
    """The file is no tree; the message says why, `line` and `column` where that is known."""

    def __init__(self, message: str, line: int = 0, column: int = 0) -> None:
        super().__init__(message)
        self.line, self.column = line, column

    def problem(self, shown: str) -> Problem:
        """As a problem of the file that people call `shown`."""
        return Problem(source=Source(file=shown, line=self.line, column=self.column), message=str(self))


def tree_of(path: Path) -> yaml.Node | None:
    """The root of the tree; None for an empty file. Raises Unreadable, and FileNotFoundError."""
    try:
        return yaml.compose(_text(path), Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        raise Unreadable(f"not valid YAML: {error.problem}", line, column) from error
    except FileNotFoundError:
        raise
    except UnicodeDecodeError as error:
        raise Unreadable("is not UTF-8 text: save it as UTF-8") from error
    except OSError as error:
        raise Unreadable(f"can't read it: {error.strerror}") from error
    except (yaml.YAMLError, RecursionError, ValueError, OverflowError) as error:  # the last two: of "\UFFFFFFFF"
        raise Unreadable(f"not valid YAML: {' '.join(str(error).split())}") from error


def place_of(shown: str, node: yaml.Node) -> Source:
    """Where a node begins, in the file that people call `shown`."""
    return Source(file=shown, line=node.start_mark.line + 1, column=node.start_mark.column + 1)


def _text(path: Path) -> str:
    with path.open("rb") as file:
        data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise yaml.YAMLError(f"the file is larger than {LARGEST >> 10} KiB, the most that is read")
    return data.decode()
