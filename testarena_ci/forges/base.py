"""What a forge is to a run: a place that takes commit statuses and answers with a value, never with an exception.

POST {api}/repos/{owner}/{repo}/statuses/{sha}
{"state": "failure", "context": "testarena", "description": "2 failed: ...", "target_url": "https://..."}
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from testarena_ci.forges.words import fit, one_line, web_address

DESCRIPTION_LIMIT: Final = 140  # characters; GitHub answers 422 to more, which its API description doesn't say
CONTEXT_LIMIT: Final = 255
DEFAULT_CONTEXT: Final = "testarena"


class State(StrEnum):
    """The states that all forges know; Gitea's `warning` and `skipped` are its own."""

    PENDING = "pending"
    SUCCESS = "success"
    FAILURE = "failure"  # the firmware did wrong
    ERROR = "error"  # the machine, the build or we did

    @property
    def final(self) -> bool:
        return self is not State.PENDING


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitStatus:
    """One status of one commit; whatever it is made of, it is within every forge's limits once it is made."""

    sha: str
    state: State
    context: str
    description: str
    target_url: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "context", fit(one_line(self.context), CONTEXT_LIMIT) or DEFAULT_CONTEXT)
        object.__setattr__(self, "description", fit(one_line(self.description), DESCRIPTION_LIMIT))
        object.__setattr__(self, "target_url", web_address(self.target_url))

    @property
    def key(self) -> tuple[str, str]:
        """What a forge replaces it by: GitHub doesn't tell upper from lower case in contexts."""
        return self.sha, self.context.casefold()


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """The forge took the status and gave it this number."""

    id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NotPosted:
    """The forge did not take the status."""

    reason: str  # one line for people, with what to do about it; holds no token
    retry_later: bool  # another try, minutes later, may succeed
    wait: float = 0.0  # seconds for which the forge asked to be left alone
    hopeless: bool = False  # no other status of this run will be taken either


Outcome = Posted | NotPosted


class Forge(Protocol):
    """A module of this package makes one with `connect(context, courier)`; `forges.KINDS` lists the modules."""

    @property
    def name(self) -> str:
        """As people call it: ``GitHub``."""

    def post_status(self, status: CommitStatus, *, budget: float) -> Outcome:
        """Post a status, trying again within `budget` seconds. Blocks for that long at most, and raises nothing."""

    def run_link(self, *, budget: float) -> str:
        """The address of this run's page for people; empty when there is none. Blocks for `budget` seconds at most."""
