"""Final commit statuses that could not be posted, kept in the report folder for `testarena finish`.

{"version": 1, "statuses": [{"sha": "c0ffee...", "state": "failure", "context": "testarena", "description": "..."}]}
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from testarena_ci.forges.base import CommitStatus, State
from tpf.files import write_atomically

NAME: Final = "unsent-statuses.json"
_VERSION: Final = 1
_MOST_BYTES: Final = 4 * 1024 * 1024


def write_spool(path: Path, statuses: Iterable[CommitStatus]) -> None:
    """Replace the file as a whole; without statuses there is none. Raises OSError."""
    kept = [asdict(status) for status in statuses]
    if not kept:
        path.unlink(missing_ok=True)
        return
    spool = {"version": _VERSION, "statuses": kept}
    write_atomically(path, json.dumps(spool, indent=1).encode() + b"\n")


def read_spool(path: Path) -> tuple[CommitStatus, ...]:
    """What the file holds; nothing when there is none, and what isn't a final status is left out."""
    try:
        with path.open("rb") as file:
            spool = json.loads(file.read(_MOST_BYTES))
        entries = spool["statuses"]
    except (OSError, ValueError, RecursionError, TypeError, KeyError):
        return ()
    statuses = [_status(entry) for entry in entries] if isinstance(entries, list) else []
    return tuple(status for status in statuses if status is not None)


def _status(entry: Any) -> CommitStatus | None:
    """One entry, or None when it is none of ours."""
    names = ("sha", "state", "context", "description", "target_url")
    texts = {name: entry.get(name, "") for name in names} if isinstance(entry, dict) else {}
    if not texts or not all(isinstance(text, str) for text in texts.values()):
        return None
    if texts["state"] not in {state for state in State if state.final}:
        return None
    return CommitStatus(**texts | {"state": State(texts["state"])})
