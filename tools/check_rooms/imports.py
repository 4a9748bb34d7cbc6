"""Who imports whom: no cycle of any sort, and no import inside a function without a reason."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter

from tools.check_rooms.tree import Finding, Module

EXCUSE = "lazy"  # `import jinja2  # lazy: 40 ms that only the HTML report needs`


def lazy_imports(module: Module) -> Iterator[Finding]:
    """An import inside a function says why it stands there."""
    if not module.is_product:
        return
    for function in ast.walk(module.tree):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        for node in ast.walk(function):
            if isinstance(node, ast.Import | ast.ImportFrom) and not module.marked(node.lineno, EXCUSE):
                message = f"import inside {function.name}(): move it to the top, or end the line with '# lazy: reason'"
                yield Finding(path=module.path, line=node.lineno, message=message)


def imported(module: Module, known: frozenset[str]) -> frozenset[str]:
    """The known modules that a module imports: at the top, inside functions, under TYPE_CHECKING, or by a text."""
    targets: set[str] = set()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            targets.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            names = (f"{node.module}.{alias.name}" for alias in node.names)
            targets.update(name if name in known else node.module for name in names)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            targets.add(node.value)  # import_module("tpf.steps.send")
    return frozenset(targets & known - {module.name})


def cycles(modules: Iterable[Module]) -> Iterator[Finding]:
    """The first import cycle there is, if any; lazy and TYPE_CHECKING imports count as imports."""
    by_name = {module.name: module for module in modules}
    known = frozenset(by_name)
    graph: Mapping[str, frozenset[str]] = {name: imported(module, known) for name, module in by_name.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        ring = [str(name) for name in error.args[1]]
        message = f"import cycle: {' <- '.join(ring)}: move what both need into a room below them"
        yield Finding(path=by_name[ring[0]].path, line=1, message=message)
