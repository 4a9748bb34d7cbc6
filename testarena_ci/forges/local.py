"""No forge: a run outside of CI, or one whose forge can't be reached for a reason that is known from the start."""

from __future__ import annotations

from testarena_ci.context import CIContext
from testarena_ci.forges.base import CommitStatus, Forge, NotPosted, Outcome
from testarena_ci.forges.patience import Courier


def connect(context: CIContext, courier: Courier) -> Forge:
    """A forge that takes nothing."""
    return NoForge("this run is not in the CI of a forge")


class NoForge:
    """Takes no status and says why."""

    name = "no forge"

    def __init__(self, reason: str) -> None:
        self._reason = reason

    def post_status(self, status: CommitStatus, *, budget: float) -> Outcome:
        return NotPosted(reason=self._reason, retry_later=False, hopeless=True)

    def run_link(self, *, budget: float) -> str:
        return ""
