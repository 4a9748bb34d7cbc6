"""Writes the pages that are made from the code (`python -m tools.docs`); `--check` tells which are out of date."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from tools.docs import commands, journal, layout, results, settings
from tools.docs.blocks import filled
from tpf.language import own_vocabulary
from tpf.scenario.reference import reference
from tpf.scenario.xsd import schema

ROOT: Final = Path(__file__).resolve().parent.parent.parent

# Each page gets what stands there now: those that people write hold blocks that are made.
PAGES: Final[Mapping[str, Callable[[str], str]]] = {
    "tpf/scenario/testarena.xsd": lambda _: schema(own_vocabulary()),
    "docs/reference/scenario.md": lambda _: reference(own_vocabulary()),
    "docs/reference/cli.md": lambda _: commands.page(),
    "docs/reference/settings.md": lambda _: settings.page(ROOT / "action.yml"),
    "docs/reference/reports.md": lambda text: filled(
        text, {"files": layout.table_of_files, "events": journal.tables, "results": results.tables}
    ),
}


def out_of_date(root: Path = ROOT) -> list[str]:
    """The pages that are not what the code says."""
    return [page for page, make in PAGES.items() if (old := _read(root / page)) != make(old)]


def write(root: Path = ROOT) -> None:
    """Write all pages anew."""
    for page, make in PAGES.items():
        path = root / page
        text = make(_read(path))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())


def _read(path: Path) -> str:
    return path.read_bytes().decode() if path.is_file() else ""


def main(arguments: list[str]) -> int:
    """Exit status 1 when `--check` finds a page out of date."""
    if "--check" not in arguments:
        write()
        return 0
    stale = out_of_date()
    for page in stale:
        print(f"{page} is out of date: make docs")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
