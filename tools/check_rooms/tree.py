"""Reads the checkout's source files into data that the checks look at."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PRODUCT = ("tpf", "testarena_ci")
FOLDERS = (*PRODUCT, "entrypoint", "runner-image", "tools", "bench", "examples", "tests")
SOURCES = frozenset({".py", ".sh", ".c", ".h", ".j2", ".html", ".css", ".js"})
NOT_OURS = frozenset({"__pycache__", "node_modules", "build", "data", "golden", ".testarena", "testarena-report"})


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Finding:
    """One broken rule at one place; printed as editors and forges understand it."""

    path: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """A source file of any language; `path` is relative to the checkout, with forward slashes."""

    path: str
    lines: tuple[str, ...]

    @property
    def folder(self) -> str:
        """The top folder it stands in: ``tpf``, ``tests``, ..."""
        return self.path.partition("/")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """A Python file with its syntax tree; `name` is what one would import."""

    source: SourceFile
    name: str
    tree: ast.Module

    @property
    def path(self) -> str:
        return self.source.path

    @property
    def is_product(self) -> bool:
        return self.source.folder in PRODUCT

    def marked(self, line: int, word: str) -> bool:
        """Whether the line carries ``# word: reason``, with a reason."""
        _, found, reason = self.source.lines[line - 1].partition(f"# {word}:")
        return bool(found and reason.strip())


def source_files(root: Path) -> Iterator[SourceFile]:
    """All files that the rules hold for, in the order of their paths."""
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            relative = path.relative_to(root)
            if path.suffix in SOURCES and NOT_OURS.isdisjoint(relative.parts) and path.is_file():
                yield SourceFile(path=relative.as_posix(), lines=tuple(path.read_text(encoding="utf-8").splitlines()))


def module_of(source: SourceFile) -> Module:
    """Parse a Python file. Raises SyntaxError as Python does."""
    name = source.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    return Module(source=source, name=name, tree=ast.parse("\n".join(source.lines), filename=source.path))
