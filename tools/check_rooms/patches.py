"""Fakes, not patches: at most five tests in a hundred may patch something."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from tools.check_rooms.bans import used_names
from tools.check_rooms.tree import Finding, Module

MOST_PATCHES_PER_HUNDRED_TESTS = 5
FIXTURES = frozenset({"monkeypatch", "mocker"})
MOCKS = ("unittest.mock", "mock")


def patches(modules: Iterable[Module]) -> Iterator[Finding]:
    """One finding a patch when the test suite as a whole patches too much."""
    tests, uses = 0, list[Finding]()
    for module in modules:
        if module.source.folder == "tests":
            tests += sum(function.name.startswith("test_") for function in _functions(module))
            uses.extend(_uses(module))
    if len(uses) * 100 > tests * MOST_PATCHES_PER_HUNDRED_TESTS:
        yield from uses


def _functions(module: Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(module.tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def _uses(module: Module) -> Iterator[Finding]:
    """Functions that take a patching fixture, and lines that use a mocking library."""
    lines = {node.lineno for node in _functions(module) for each in node.args.args if each.arg in FIXTURES}
    lines |= {line for line, name in used_names(module.tree) if f"{name}.".startswith(tuple(f"{m}." for m in MOCKS))}
    message = f"patches are over {MOST_PATCHES_PER_HUNDRED_TESTS} per 100 tests: hand the code a fake instead"
    return (Finding(path=module.path, line=line, message=message) for line in sorted(lines))
