"""Fakes, not patches: at most five tests in a hundred may patch something."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from tools.check_rooms.tree import Finding, Module

MOST_PATCHES_PER_HUNDRED_TESTS = 5
PATCHERS = frozenset({"monkeypatch", "mocker"})  # fixtures
MOCKS = frozenset({"mock", "unittest.mock"})  # modules


def patches(modules: Iterable[Module]) -> Iterator[Finding]:
    """One finding when the test suite as a whole patches too much; uses and tests are counted by their functions."""
    tests, uses = 0, list[Finding]()
    for module in modules:
        if module.source.folder != "tests":
            continue
        for node in ast.walk(module.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                tests += node.name.startswith("test_")
                uses.extend(_use(module, node) for argument in node.args.args if argument.arg in PATCHERS)
            elif isinstance(node, ast.ImportFrom) and node.module in MOCKS:
                uses.append(_use(module, node))
            elif isinstance(node, ast.Import) and any(alias.name in MOCKS for alias in node.names):
                uses.append(_use(module, node))
    if len(uses) * 100 > tests * MOST_PATCHES_PER_HUNDRED_TESTS:
        yield from uses


def _use(module: Module, node: ast.stmt) -> Finding:
    message = f"patches are over {MOST_PATCHES_PER_HUNDRED_TESTS} per 100 tests: hand the code a fake instead"
    return Finding(path=module.path, line=node.lineno, message=message)
