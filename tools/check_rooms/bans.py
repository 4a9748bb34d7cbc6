"""Which room alone may do what: start programs, read the environment, speak HTTP; and what nobody may do."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from tools.check_rooms.tree import PRODUCT, Finding, Module


@dataclass(frozen=True, slots=True, kw_only=True)
class Ban:
    """Names that only some rooms may use. `rooms` and `holds_in` are beginnings of paths; `names` are dotted."""

    names: tuple[str, ...]
    rooms: tuple[str, ...]
    advice: str
    holds_in: tuple[str, ...] = tuple(f"{package}/" for package in PRODUCT)

    def holds(self, path: str) -> bool:
        return path.startswith(self.holds_in) and not path.startswith(self.rooms)

    def covers(self, name: str) -> bool:
        return any(name == banned or name.startswith(f"{banned}.") for banned in self.names)


_OS_STARTERS = (
    "system",
    "popen",
    "fork",
    "forkpty",
    "posix_spawn",
    "posix_spawnp",
    "execv",
    "execve",
    "execvp",
    "execvpe",
)
BANS = (
    Ban(
        names=(
            "subprocess",
            "multiprocessing",
            "pty",
            "concurrent.futures.ProcessPoolExecutor",
            "asyncio.subprocess",
            "asyncio.create_subprocess_exec",
            "asyncio.create_subprocess_shell",
            *(f"os.{name}" for name in _OS_STARTERS),
        ),
        rooms=("tpf/process.py",),
        advice="only tpf/process.py starts programs, so that none is ever left behind",
    ),
    Ban(
        names=("os.environ", "os.environb", "os.getenv", "os.getenvb", "os.putenv", "os.unsetenv"),
        rooms=("testarena_ci/context.py",),
        advice="only testarena_ci/context.py reads the environment; take what you need as an argument",
    ),
    Ban(
        names=("requests", "urllib3", "urllib.request", "http.client", "aiohttp", "github", "gitea"),
        rooms=("testarena_ci/forges/",),
        advice="only testarena_ci/forges/ speaks HTTP to a forge",
    ),
    Ban(
        names=("httpx",),
        rooms=("tpf/steps/http/",),
        advice="only tpf/steps/http/ speaks HTTP to a device under test",
    ),
    Ban(
        names=("time.sleep",),
        rooms=(),
        holds_in=("",),
        advice="wait for the thing itself (an event, a line, an exit), with a deadline",
    ),
)


def banned_names(module: Module) -> Iterator[Finding]:
    """The first use of each banned name."""
    for ban in BANS:
        if not ban.holds(module.path):
            continue
        for line, name in sorted(used_names(module.tree)):
            if ban.covers(name):
                yield Finding(path=module.path, line=line, message=f"{name}: {ban.advice}")
                break


def used_names(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Each imported or used name with its line, written out: ``run`` of ``from subprocess import run`` in full."""
    aliases: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            for local, full in _bound_by(node):
                aliases[local] = full
                yield node.lineno, full
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            first, _, rest = _dotted(node).partition(".")
            if first in aliases:
                yield node.lineno, f"{aliases[first]}.{rest}"


def _bound_by(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, str]]:
    """The local names that an import makes, with their full names; `import a.b` makes `a`, and uses `a.b`."""
    if isinstance(node, ast.ImportFrom):
        for alias in node.names:
            yield alias.asname or alias.name, f"{node.module}.{alias.name}"
        return
    for alias in node.names:
        yield alias.asname or alias.name, alias.name
        if alias.asname is None:
            top = alias.name.partition(".")[0]
            yield top, top


def _dotted(node: ast.expr) -> str:
    """``a.b.c`` of an attribute chain; empty when its start is no plain name."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        base = _dotted(node.value)
        return f"{base}.{node.attr}" if base else ""
    return ""
