"""Golden files: texts under tests/golden that a pure function must make again, byte for byte."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "golden"
RENEW = "if it is right: make golden, then look at the difference and commit it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Golden:
    """The `golden` fixture: ``golden.check("reports/junit/passed.xml", text)``."""

    renew: bool
    folder: Path = FOLDER

    def check(self, name: str, actual: str) -> None:
        """Compare with tests/golden/NAME, or write it when pytest runs with --renew-golden."""
        path = self.folder / name
        if self.renew:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(actual.encode())
            return
        if not path.is_file():
            raise AssertionError(f"tests/golden/{name} does not exist; {RENEW}")
        expected = path.read_bytes().decode()
        if actual != expected:
            raise AssertionError(f"tests/golden/{name} differs; {RENEW}\n{_difference(expected, actual)}")


def _difference(expected: str, actual: str) -> str:
    lines = difflib.unified_diff(expected.splitlines(), actual.splitlines(), "golden", "actual", lineterm="")
    return "\n".join(lines) or "(only the ends of lines differ)"
