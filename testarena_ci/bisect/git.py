"""git, asked and told: each command with a deadline, in a folder, and without what a hook or a job left around it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from testarena_ci.bisect.model import Commit
from testarena_ci.reports.text import one_line
from tpf.errors import EnvironmentLacks, UsageError
from tpf.process import Outcome, Processes, Request, run_once

_LIMIT: Final = 300.0  # seconds: a large checkout on a slow disk
_NETWORK_LIMIT: Final = 1800.0  # submodules may have to be fetched
_MOST: Final = 1 << 22  # bytes of an answer

# What would lead git to another repository: `git rev-parse --local-env-vars`
LOCAL_VARIABLES: Final = frozenset(
    {
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_COMMON_DIR",
        "GIT_CONFIG",
        "GIT_CONFIG_COUNT",
        "GIT_CONFIG_PARAMETERS",
        "GIT_DIR",
        "GIT_GRAFT_FILE",
        "GIT_IMPLICIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_NO_REPLACE_OBJECTS",
        "GIT_OBJECT_DIRECTORY",
        "GIT_PREFIX",
        "GIT_REPLACE_REF_BASE",
        "GIT_SHALLOW_FILE",
        "GIT_WORK_TREE",
    }
)
# No hook of the project runs for commits that nobody is to work on, and no answer depends on the user's language
_QUIET: Final = ("-c", "core.hooksPath=/dev/null", "-c", "advice.detachedHead=false", "-c", "gc.auto=0")
_PLAIN: Final = (("LC_ALL", "C"), ("GIT_TERMINAL_PROMPT", "0"), ("GIT_OPTIONAL_LOCKS", "0"), ("GIT_PAGER", "cat"))
_FIRST_BAD: Final = re.compile(r"^# first bad commit: \[([0-9a-f]{40,64})\]", re.MULTILINE)
_POSSIBLE: Final = re.compile(r"^# possible first bad commit: \[([0-9a-f]{40,64})\]", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Git:
    """git in one folder."""

    processes: Processes
    folder: Path

    async def run(self, *arguments: str, timeout: float = _LIMIT) -> Outcome:
        """How it ended. Raises EnvironmentLacks when there is no git."""
        request = Request(argv=("git", *_QUIET, *arguments), cwd=self.folder, environment=_PLAIN)
        return await run_once(self.processes, request, timeout=timeout, keep=_MOST)

    async def ask(self, *arguments: str, timeout: float = _LIMIT) -> str:
        """What it says. Raises EnvironmentLacks with git's own words when it fails."""
        outcome = await self.run(*arguments, timeout=timeout)
        said = outcome.output.decode(errors="replace").strip()
        if not outcome.ok:
            raise EnvironmentLacks(f"git {arguments[0]} failed in {self.folder}: {outcome}: {one_line(said, 400)}")
        return said

    async def commit(self, revision: str, flag: str) -> str:
        """The full hash of a revision. Raises UsageError."""
        outcome = await self.run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
        if not outcome.ok:
            raise UsageError(
                f"{flag} {revision}: there is no such commit here; name a branch, a tag or a hash "
                "(in a shallow clone: git fetch --unshallow)"
            )
        return outcome.output.decode().strip().splitlines()[-1]

    async def described(self, commit: str) -> Commit:
        """Who made a commit, when and what it says."""
        said = await self.ask("show", "--no-patch", "--no-show-signature", "--format=%an%x00%as%x00%s", commit)
        author, date, subject = (*said.split("\0"), "", "")[:3]
        return Commit(hash=commit, author=author, date=date, subject=subject)

    async def parents(self, commit: str) -> tuple[str, ...]:
        return tuple((await self.ask("rev-parse", f"{commit}^@")).split())

    async def remote(self) -> str:
        """The address of `origin`; empty when there is none."""
        outcome = await self.run("config", "--get", "remote.origin.url")
        return outcome.output.decode(errors="replace").strip() if outcome.ok else ""

    async def submodules(self) -> None:
        """Those of the commit that is checked out. Raises EnvironmentLacks."""
        if (self.folder / ".gitmodules").is_file():
            await self.ask("submodule", "update", "--init", "--recursive", "--quiet", timeout=_NETWORK_LIMIT)


def candidates(log: str) -> tuple[str, ...]:
    """The first bad commit by `git bisect log`, or those that it may be; empty while it is looked for."""
    found = _FIRST_BAD.findall(log)
    return tuple(found[-1:] or dict.fromkeys(_POSSIBLE.findall(log)))


_SSH: Final = re.compile(r"(?:ssh://)?(?:[\w.+-]+@)?(?P<host>[\w.-]+)(?::\d+/|[:/])(?P<path>[\w./~+-]+)")
_WEB: Final = re.compile(r"(?P<start>https?://)(?:[^/@]*@)?(?P<host>[\w.-]+(?::\d+)?)/(?P<path>[\w./~+-]+)")


def commit_place(remote: str, commit: str) -> str:
    """Where people look at a commit: its page at the forge, without the user or password that a remote may name."""
    web, ssh = _WEB.fullmatch(remote), _SSH.fullmatch(remote)
    if web:
        base = f"{web['start']}{web['host']}/{web['path']}"
    elif ssh and ("@" in remote or remote.startswith("ssh://")):
        base = f"https://{ssh['host']}/{ssh['path']}"
    else:
        return f"git show {commit[:10]}"
    return f"{base.removesuffix('/').removesuffix('.git')}/commit/{commit}"
