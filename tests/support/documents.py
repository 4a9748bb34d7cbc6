"""The fenced blocks of a Markdown page, with the directives that tell a test what to do with them.

    <!-- test: run -->
    ```console
    $ testarena validate
    1 scenario with 1 case: no problems found
    ```

A directive belongs to the block that follows it; readers of the page don't see it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

_BLOCK = re.compile(
    r"(?P<tests>(?:^<!-- test: .+? -->\n)*)^(?P<indent> *)```(?P<language>\w*)\n(?P<text>.*?)^(?P=indent)```$",
    re.MULTILINE | re.DOTALL,
)
_TEST = re.compile(r"<!-- test: (.+?) -->\n")
_TIMES = re.compile(r"\b\d+(?:\.\d+)? ?(?:ms|s)\b")
_NUMBER = re.compile(r'"\d+"')  # what a device said: sizes differ from compiler to compiler
_RUN = re.compile(r"\b\d{8}-\d{6}-[0-9a-f]{6}\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One fenced block."""

    page: Path
    line: int
    language: str
    text: str
    tests: tuple[str, ...]  # its directives

    def __str__(self) -> str:
        return f"{self.page.name}:{self.line}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One command of a console block, and what it prints; a line `...` stands for any lines."""

    line: str
    output: str


def blocks(page: Path) -> list[Block]:
    """The blocks of a page, in order."""
    text = page.read_text()
    return [_block(page, text, match) for match in _BLOCK.finditer(text)]


def _block(page: Path, text: str, match: re.Match[str]) -> Block:
    indent = match["indent"]
    lines = [line.removeprefix(indent) for line in match["text"].splitlines()]
    return Block(
        page=page,
        line=text.count("\n", 0, match.start("language")) + 1,
        language=match["language"],
        text="\n".join(lines) + "\n",
        tests=tuple(_TEST.findall(match["tests"])),
    )


def commands(block: Block) -> list[Command]:
    """The commands of a console block: lines that begin with `$ `; a backslash at the end continues one."""
    found: list[Command] = []
    for piece in re.split(r"^\$ ", block.text.replace("\\\n", ""), flags=re.MULTILINE)[1:]:
        line, _, output = piece.partition("\n")
        found.append(Command(line=line, output=output))
    return found


def alike(shown: str, real: str) -> bool:
    """Whether a page shows what was printed: times and numbers of runs may differ, `...` is anything."""
    pattern = "".join(map(_line_pattern, _steady(shown).splitlines()))
    return re.fullmatch(pattern, _steady(real)) is not None


def _line_pattern(line: str) -> str:
    return r"(?:.*\n)*?" if line == "..." else re.escape(line).replace(r"\.\.\.", ".*") + r"\n"


def _steady(text: str) -> str:
    text = _NUMBER.sub('"NUMBER"', _RUN.sub("RUN", _TIMES.sub("TIME", text)))
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n"
