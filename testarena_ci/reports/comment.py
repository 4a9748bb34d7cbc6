"""comment.md: the same as summary.md, short enough for a comment on every forge."""

from __future__ import annotations

from typing import Final

from testarena_ci.reports.base import ReportInput
from testarena_ci.reports.summary import Room, fitted

# 65 535 is the least that a forge takes, in characters; bytes are never fewer
_ROOM: Final = Room(failures=40_000, others=4_000, in_full=5)


def render(report: ReportInput) -> str:
    """The file; never longer than 65 535 bytes in UTF-8."""
    return fitted(report, _ROOM)
