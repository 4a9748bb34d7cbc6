"""Small rooms: how long a file or function may be, and how many methods a class may have."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tools.check_rooms.tree import Finding, Module, SourceFile

MOST_LINES = 400
MOST_LINES_OF_TESTS = 600
MOST_LINES_OF_A_FUNCTION = 40
MOST_METHODS = 12
EXCUSE = "rooms"  # `def long_table():  # rooms: one row a register, splitting it hides the order`


def long_file(source: SourceFile) -> Iterator[Finding]:
    """A file has at most 400 lines, one of tests at most 600."""
    most = MOST_LINES_OF_TESTS if source.folder == "tests" else MOST_LINES
    if len(source.lines) > most:
        message = f"{len(source.lines)} lines, at most {most}: split the file by what its parts are for"
        yield Finding(path=source.path, line=most + 1, message=message)


def long_functions(module: Module) -> Iterator[Finding]:
    """A function has at most 40 lines, docstring included."""
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        lines = (node.end_lineno or node.lineno) - node.lineno + 1
        if lines > MOST_LINES_OF_A_FUNCTION and not module.marked(node.lineno, EXCUSE):
            message = f"{node.name}() has {lines} lines, at most {MOST_LINES_OF_A_FUNCTION}: give its parts names"
            yield Finding(path=module.path, line=node.lineno, message=message)


def large_classes(module: Module) -> Iterator[Finding]:
    """A class has at most 12 methods, properties included."""
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.ClassDef):
            continue
        methods = sum(isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) for child in node.body)
        if methods > MOST_METHODS and not module.marked(node.lineno, EXCUSE):
            message = f"{node.name} has {methods} methods, at most {MOST_METHODS}: it is more than one thing"
            yield Finding(path=module.path, line=node.lineno, message=message)
