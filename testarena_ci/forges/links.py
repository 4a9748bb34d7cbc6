"""The addresses of a run's page, which Gitea has moved between versions, and of the sources that it ran on."""

from __future__ import annotations

import re
from typing import Final

from testarena_ci.context import CIContext, ForgeKind

Version = tuple[int, ...]
_GITEA_TAKES_RUN_IDS: Final[Version] = (1, 26)


def version(text: str) -> Version:
    """``1.25.3``, ``v1.26.0+dev-12`` or ``28.0`` as numbers, which compare rightly: 28.0 came after 1.27."""
    match = re.match(r"v?(\d{1,6}(?:\.\d{1,6})*)", text.strip())
    return tuple(int(number) for number in match[1].split(".")) if match else ()


def run_link(context: CIContext, forge: Version = ()) -> str:
    """The page of this run for people.

    GitHub, and Gitea from 1.26, take the run's id; Gitea before and Forgejo take its number in the repository. With a
    Gitea that doesn't tell its version it is the page of all runs, which is right in any version.
    """
    if not context.repo_url:
        return ""
    page = f"{context.repo_url}/actions"
    match context.kind:
        case ForgeKind.GITHUB:
            attempt = f"/attempts/{context.run.attempt}" if context.run.attempt > 1 else ""
            return f"{page}/runs/{context.run.id}{attempt}" if context.run.id else page
        case ForgeKind.GITEA:
            number = context.run.id if forge >= _GITEA_TAKES_RUN_IDS else context.run.number
            return f"{page}/runs/{number}" if number and forge else page
        case ForgeKind.FORGEJO:
            return f"{page}/runs/{context.run.number}" if context.run.number else page
        case ForgeKind.LOCAL:
            return ""


def source_link(context: CIContext) -> str:
    """What stands before a path from the checkout's root in the address of that file; "" where it is unknown."""
    if not context.repo_url or not context.sha or context.kind is ForgeKind.LOCAL:
        return ""
    road = "blob" if context.kind is ForgeKind.GITHUB else "src/commit"
    return f"{context.repo_url}/{road}/{context.sha}/"
