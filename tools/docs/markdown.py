"""Pieces of Markdown that the made pages share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; what would end a cell or a row is made harmless."""
    lines = [_row(head), _row(["---"] * len(head)), *(_row(row) for row in rows)]
    return "\n".join(lines) + "\n"


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(" ".join(cell.replace("|", r"\|").split()) for cell in cells) + " |"


def code(text: str) -> str:
    """Text as code; "" when there is none."""
    return f"`{text}`" if text else ""


def prose(doc: str) -> str:
    """A docstring as paragraphs: rst's double backquotes become Markdown's single ones."""
    paragraphs = re.split(r"\n\s*\n", doc.strip())
    return "\n\n".join(" ".join(paragraph.replace("``", "`").split()) for paragraph in paragraphs)
