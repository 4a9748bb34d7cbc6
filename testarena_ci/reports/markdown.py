"""Texts from outside as Markdown that only shows them: no HTML, no links, no mentions, no references, no new rows."""

from __future__ import annotations

import re
from collections.abc import Iterable

from testarena_ci.reports.text import one_line

_SPECIAL = re.compile(r"([\\`*_\[\]#|~$])")  # what acts within a line; no text of ours begins with one from outside
# Forges look for these in the finished text, where no backslash helps: a word joiner after the first character does
_TRIGGERS = re.compile(r"[@#](?=\w)|:(?=//|[\w+-]+:)|(?<=\bwww)(?=\.)|(?<=\bGH)(?=-\d)", re.IGNORECASE)
_JOINER = "\u2060"
_LINE = 300  # characters of a line in a block


def plain_text(text: str) -> str:
    """One line of running text."""
    harmless = _TRIGGERS.sub(lambda match: match[0] + _JOINER, one_line(text, 1000))
    escaped = _SPECIAL.sub(r"\\\1", harmless.replace("&", "&amp;"))
    return escaped.replace("<", "&lt;").replace(">", "&gt;")


def code(text: str, limit: int = 200) -> str:
    """A code span: forges look for no mentions and no links in it."""
    line = one_line(text, limit) or " "
    fence = _fence(line, 1)
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def block(text: str, lines: int = 40) -> str:
    """A code block of at most `lines` lines; of a longer text its end, where the news is."""
    kept = text.split("\n")
    if len(kept) > lines:
        kept = [f"[... {len(kept) - lines} lines left out ...]", *kept[-lines:]]
    kept = [line if len(line) <= _LINE else f"{line[:_LINE]}…" for line in kept]
    fence = _fence("\n".join(kept), 3)
    return "\n".join([f"{fence}text", *kept, fence])


def details(title: str, inner: str) -> str:
    """A part that opens on a click; `title` is ours. The blank lines make the inside Markdown again."""
    return f"<details><summary>{title}</summary>\n\n{inner}\n\n</details>"


def table_row(cells: Iterable[str]) -> str:
    """A row of a table whose cells are Markdown already."""
    return f"| {' | '.join(cells)} |\n"


def _fence(text: str, least: int) -> str:
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    return "`" * max(least, longest + 1)
