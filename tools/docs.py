"""Writes the pages that are made from the code (`python -m tools.docs`); `--check` tells which are out of date."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from tpf.language import default_vocabulary
from tpf.scenario.reference import reference
from tpf.scenario.xsd import schema

ROOT: Final = Path(__file__).resolve().parent.parent

PAGES: Final[Mapping[str, Callable[[], str]]] = {
    "tpf/scenario/testarena.xsd": lambda: schema(default_vocabulary()),
    "docs/reference/scenario.md": lambda: reference(default_vocabulary()),
}


def out_of_date(root: Path = ROOT) -> list[str]:
    """The pages that are not what the code says."""
    return [page for page, make in PAGES.items() if not _is_same(root / page, make())]


def write(root: Path = ROOT) -> None:
    """Write all pages anew."""
    for page, make in PAGES.items():
        path = root / page
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(make().encode())


def _is_same(path: Path, text: str) -> bool:
    return path.is_file() and path.read_bytes() == text.encode()


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
