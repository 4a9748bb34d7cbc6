"""A forge on 127.0.0.1 that speaks GitHub's and Gitea's status API, checks what it is asked, and fails on demand.

    with FakeForge() as forge:
        forge.script(status(500), reset, ok)          # what the next writes meet
        ...post to forge.api("github") or forge.api("gitea")...
        assert forge.statuses[-1].state == "success"
        assert forge.violations == []

``python -m tests.fakes.forge --port 0 --record FILE`` runs one as a program of its own.
"""

from tests.fakes.forge.behaviours import drip, ok, page, parse, redirect, reset, silence, status
from tests.fakes.forge.books import Status
from tests.fakes.forge.rules import Request
from tests.fakes.forge.server import FakeForge

__all__ = (
    "FakeForge",
    "Request",
    "Status",
    "drip",
    "ok",
    "page",
    "parse",
    "redirect",
    "reset",
    "silence",
    "status",
)
