"""What an answer of a forge, or none, means: whether to try again and what to tell people."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import urlsplit

from testarena_ci.context import CIContext, ForgeKind
from testarena_ci.forges.base import NotPosted
from testarena_ci.forges.words import said

NAMES: Final = {
    ForgeKind.GITHUB: "GitHub",
    ForgeKind.GITEA: "Gitea",
    ForgeKind.FORGEJO: "Forgejo",
    ForgeKind.LOCAL: "no forge",
}
_TOO_MANY: Final = "maximum number of statuses"  # GitHub: 1000 a commit and context


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An HTTP answer; names of headers in lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Why a call came to nothing, and whether the same call again, a moment later, can do better."""

    outcome: NotPosted
    again: bool = False


def judge(answer: Answer, context: CIContext) -> Trouble:
    """What an answer that isn't the wanted one means."""
    wait = asked_to_wait(answer)
    if answer.status == 429 or answer.status >= 500 or (answer.status == 403 and wait is not None):
        return _busy(answer, context, wait)
    reason, hopeless = _refusal(answer, context)
    # A page in place of an answer is a proxy or a login in between, which may be gone in minutes.
    return Trouble(outcome=NotPosted(reason=reason, retry_later=answer.status < 300, hopeless=hopeless))


def asked_to_wait(answer: Answer) -> float | None:
    """Seconds for which the forge asks to be left alone, by Retry-After or GitHub's rate limit; None if it doesn't."""
    headers = answer.headers
    after = headers.get("retry-after", "").strip()
    if after.isascii() and after.isdigit():
        return float(after[:9])
    now = _instant(headers.get("date", ""))
    if after and now is not None:
        then = _instant(after)
        return None if then is None else max(0.0, then - now)
    reset = headers.get("x-ratelimit-reset", "")
    if headers.get("x-ratelimit-remaining") == "0" and reset.isascii() and reset.isdigit() and now is not None:
        return max(0.0, float(reset[:12]) - now)
    return None


def not_a_status(context: CIContext, what: str) -> Trouble:
    """A success that doesn't carry what a forge would send: a login page, a proxy's greeting."""
    reason = f"{context.api_url} answered with {what}, not with a commit status: is a login page or proxy in between?"
    return Trouble(outcome=NotPosted(reason=reason, retry_later=True))


def no_answer(context: CIContext, what: str) -> Trouble:
    """The connection failed or took too long."""
    return Trouble(outcome=NotPosted(reason=f"{context.api_url}: {what}", retry_later=True), again=True)


def _busy(answer: Answer, context: CIContext, wait: float | None) -> Trouble:
    pause = f"; it asks to wait {wait:.0f} s" if wait else ""
    reason = f"{NAMES[context.kind]} is busy or down ({_brief(answer, context)}{pause})"
    return Trouble(outcome=NotPosted(reason=reason, retry_later=True, wait=wait or 0.0), again=True)


def _refusal(answer: Answer, context: CIContext) -> tuple[str, bool]:
    """What to tell about an answer that won't change by asking again, and whether it holds for all statuses."""
    if 300 <= answer.status < 400:
        return _redirected(answer, context), True
    if context.is_fork and answer.status in (401, 403, 404):
        return _from_a_fork(answer, context), True
    explain = _REASONS.get(answer.status)
    if explain is not None:
        return explain(answer, context), True
    if answer.status < 300:
        page = "a web page" if "<" in answer.body[:200] else "something else"
        return not_a_status(context, f"{answer.status} and {page}").outcome.reason, False
    if answer.status == 422 and _TOO_MANY in answer.body:
        return _no_room(answer, context), False
    return f"{NAMES[context.kind]} refuses the status ({_brief(answer, context)})", False


def _from_a_fork(answer: Answer, context: CIContext) -> str:
    return (
        f"a pull request from a fork has a read-only token, so {NAMES[context.kind]} takes no commit status "
        f"({_brief(answer, context)}); the summary and the report hold the result"
    )


def _unknown_token(answer: Answer, context: CIContext) -> str:
    return (
        f"{NAMES[context.kind]} doesn't know the token ({_brief(answer, context)}): pass a valid one as input `token`"
    )


def _not_allowed(answer: Answer, context: CIContext) -> str:
    own = "pass a token of your own that may write to the code as the input `token`"
    advice = {
        ForgeKind.GITHUB: "give the job `permissions: statuses: write`, or pass a token with that right as `token`",
        ForgeKind.GITEA: f"give the job `permissions: contents: write` (from Gitea 1.26), or {own}",
    }.get(context.kind, own)
    return f"the token may not write commit statuses ({_brief(answer, context)}): {advice}"


def _not_found(answer: Answer, context: CIContext) -> str:
    what = f"repository {context.repository} with commit {context.sha[:10]}"
    return f"{context.api_url} knows no {what}, or the token may not see it ({_brief(answer, context)})"


def _cannot(answer: Answer, context: CIContext) -> str:
    """All versions of all forges that we know have had commit statuses for ten years: the address must be wrong."""
    return f"{context.api_url} can't take commit statuses ({_brief(answer, context)}): is GITHUB_API_URL right?"


def _no_room(answer: Answer, context: CIContext) -> str:
    advice = "choose another one with the input `status-context`, or push a new commit"
    return f"this commit can't have more statuses of this context ({_brief(answer, context)}): {advice}"


_REASONS: Final[dict[int, Callable[[Answer, CIContext], str]]] = {
    401: _unknown_token,
    403: _not_allowed,
    404: _not_found,
    405: _cannot,
    410: _cannot,
}


def _redirected(answer: Answer, context: CIContext) -> str:
    """A redirect would turn the POST into a GET, and could carry the token to a stranger."""
    location = answer.headers.get("location", "")
    there = _api_root(location)
    advice = f"set GITHUB_API_URL to {there}" if there else f"the new place is {_without_query(location) or 'not told'}"
    return f"{context.api_url} has moved ({answer.status}), and a commit status can't follow a redirect: {advice}"


def _api_root(location: str) -> str:
    """``https://new.example/api/v1`` of ``https://new.example/api/v1/repos/o/r/statuses/c0ffee``."""
    root, slash, _ = _without_query(location).rpartition("/repos/")
    return root if slash and root.startswith(("http://", "https://")) else ""


def _without_query(location: str) -> str:
    try:
        parts = urlsplit(location)
    except ValueError:
        return ""
    plain = parts._replace(query="", fragment="", netloc=parts.netloc.rpartition("@")[2]).geturl()
    return plain[:200] if plain.isascii() and plain.isprintable() else ""


def _brief(answer: Answer, context: CIContext) -> str:
    """``403: Resource not accessible by integration``"""
    words = said(answer.body, context.token)
    return f"{answer.status}: {words}" if words else str(answer.status)


def _instant(date: str) -> float | None:
    """Seconds since the epoch of an HTTP date."""
    try:
        return parsedate_to_datetime(date).timestamp()
    except (ValueError, OverflowError):
        return None
