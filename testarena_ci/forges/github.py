"""GitHub and GitHub Enterprise, through PyGithub."""

from __future__ import annotations

from functools import partial

from github import Auth, Github
from github.GithubObject import NotSet

from testarena_ci.context import CIContext
from testarena_ci.forges.base import CommitStatus, Forge, Outcome, Posted
from testarena_ci.forges.calls import CALL_TIMEOUT, USER_AGENT, OnlyWanted, attempt, status_id
from testarena_ci.forges.links import run_link
from testarena_ci.forges.patience import Courier


def connect(context: CIContext, courier: Courier) -> Forge:
    """The forge of this run. Speaks to no server yet."""
    return GitHub(context, courier)


class GitHub:
    """Lazy, so that a status is one request and not three; without pauses, which are the publisher's business."""

    name = "GitHub"

    def __init__(self, context: CIContext, courier: Courier) -> None:
        self._context = context
        self._courier = courier
        self._client = Github(
            base_url=context.api_url,
            auth=Auth.Token(context.token),
            lazy=True,
            timeout=CALL_TIMEOUT,
            retry=OnlyWanted(),
            user_agent=USER_AGENT,
            seconds_between_requests=None,
            seconds_between_writes=None,
        )

    def post_status(self, status: CommitStatus, *, budget: float) -> Outcome:
        return self._courier.deliver(partial(attempt, self._context, partial(self._create, status)), budget)

    def run_link(self, *, budget: float) -> str:
        return run_link(self._context)

    def _create(self, status: CommitStatus) -> Posted:
        commit = self._client.get_repo(self._context.repository).get_commit(status.sha)
        created = commit.create_status(
            state=status.state.value,
            target_url=status.target_url or NotSet,
            description=status.description,
            context=status.context,
        )
        return Posted(id=status_id(created.id))
