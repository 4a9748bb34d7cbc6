"""Paths that steps use while a scenario runs: relative to the scenario's folder, never out of the checkout."""

from __future__ import annotations

import os
from pathlib import Path

from tpf.console.quoting import quote
from tpf.errors import StepError
from tpf.steps.base import StepContext


def within_checkout(text: str, context: StepContext) -> Path:
    """A file or folder of the checkout, links resolved. Raises StepError when it is elsewhere."""
    path = Path(os.path.realpath(context.folder / text))
    if not path.is_relative_to(_real(context.checkout)) and not path.is_relative_to(_real(context.folder)):
        raise StepError(f"{quote(text)} leaves the checkout: paths start from the scenario's folder")
    return path


def _real(folder: Path) -> Path:
    return Path(os.path.realpath(folder))
