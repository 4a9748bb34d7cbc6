"""``python -m tools.check_rooms [CHECKOUT]``: prints each finding, exits 1 when there is one."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from tools.check_rooms import bans, imports, patches, sizes
from tools.check_rooms.tree import PRODUCT, Finding, SourceFile, module_of, source_files

PER_MODULE = (sizes.long_functions, sizes.large_classes, imports.lazy_imports, bans.banned_names)


def findings(sources: list[SourceFile]) -> Iterator[Finding]:
    """Everything that is wrong with these files."""
    for source in sources:
        yield from sizes.long_file(source)
    modules = []
    for source in sources:
        if source.path.endswith(".py"):
            try:
                modules.append(module_of(source))
            except SyntaxError as error:
                yield Finding(path=source.path, line=error.lineno or 1, message=f"not Python: {error.msg}")
    for module in modules:
        for check in PER_MODULE:
            yield from check(module)
    yield from imports.cycles(modules)
    yield from patches.patches(modules)


def summary(sources: list[SourceFile]) -> str:
    """How large the product is and what its largest file is."""
    product = [source for source in sources if source.folder in PRODUCT]
    longest = max(product, key=lambda source: len(source.lines))
    lines = sum(len(source.lines) for source in product)
    return f"rooms: {len(product)} files, {lines} lines, longest {longest.path} ({len(longest.lines)})"


def main(root: Path) -> int:
    sources = list(source_files(root))
    found = sorted(set(findings(sources)))
    for finding in found:
        print(finding)
    print(summary(sources) if not found else f"rooms: {len(found)} findings; the rules stand in CONTRIBUTING.md")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else ".")))
