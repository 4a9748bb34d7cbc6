"""What the reader of scenarios is told about the run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadOptions:
    """Where the reader looks, and what it knows besides the files."""

    checkout: Path  # paths in a scenario can't leave this folder
    cwd: Path  # places are told relative to this folder where they can be
    values: Mapping[str, str] = field(default_factory=dict)  # names that the caller gives: --set name=value
    target: str = ""  # takes the place of the scenarios' own
    retries: int = 0  # of cases whose scenario says nothing of them either
    retry_panics: bool = False  # as above
