"""Gitea and Forgejo, through py-gitea, which knows no statuses: they are reached by its plain requests."""

from __future__ import annotations

from functools import partial
from typing import Any, Protocol
from urllib.parse import quote

import requests
from gitea import Gitea

from testarena_ci.context import CIContext, ForgeKind
from testarena_ci.forges.answers import NAMES
from testarena_ci.forges.base import CommitStatus, Forge, NotPosted, Outcome, Posted
from testarena_ci.forges.calls import USER_AGENT, BoundedAdapter, NotAStatus, attempt, status_id
from testarena_ci.forges.links import Version, run_link, version
from testarena_ci.forges.patience import Courier


def connect(context: CIContext, courier: Courier) -> Forge:
    """The forge of this run. Speaks to no server yet."""
    return GiteaLike(context, courier)


class _Client(Protocol):
    """What we use of py-gitea, which ships no types."""

    requests: requests.Session

    def requests_post(self, endpoint: str, data: dict[str, str]) -> Any: ...

    def get_version(self) -> Any: ...


class GiteaLike:
    """A Gitea or a Forgejo: they differ in their name and in the address of a run."""

    def __init__(self, context: CIContext, courier: Courier) -> None:
        self._context = context
        self._courier = courier
        self._client = _client(context)

    @property
    def name(self) -> str:
        return NAMES[self._context.kind]

    def post_status(self, status: CommitStatus, *, budget: float) -> Outcome:
        return self._courier.deliver(partial(attempt, self._context, partial(self._create, status)), budget)

    def run_link(self, *, budget: float) -> str:
        if self._context.kind is ForgeKind.FORGEJO:
            return run_link(self._context)
        asked = self._courier.deliver(partial(attempt, self._context, self._version), budget)
        return run_link(self._context, () if isinstance(asked, NotPosted) else asked)

    def _create(self, status: CommitStatus) -> Posted:
        repository = f"{quote(self._context.owner, safe='')}/{quote(self._context.repo, safe='')}"
        answer = self._client.requests_post(f"/repos/{repository}/statuses/{quote(status.sha, safe='')}", _body(status))
        if not isinstance(answer, dict):
            raise NotAStatus("201 and no JSON object")
        return Posted(id=status_id(answer.get("id")))

    def _version(self) -> Version:
        return version(str(self._client.get_version()))


def _body(status: CommitStatus) -> dict[str, str]:
    body = {"state": status.state.value, "context": status.context, "description": status.description}
    return body | ({"target_url": status.target_url} if status.target_url else {})


def _client(context: CIContext) -> _Client:
    """py-gitea with what it lacks: limits on time, a look at each answer, and no log of its own."""
    root = context.api_url.removesuffix("/api/v1")  # it adds that itself
    client: _Client = Gitea(root, context.token, log_level="CRITICAL")
    session = client.requests
    for scheme in ("http://", "https://"):
        session.mount(scheme, BoundedAdapter())
    session.auth = _as_it_is  # else an entry in ~/.netrc would take the place of the token
    session.headers["User-Agent"] = USER_AGENT
    return client


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request
