"""One step of a search: the case is built and run at the commit that is checked out, by `testarena run` as a child."""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from testarena_ci.bisect.git import Git
from testarena_ci.bisect.judge import judge
from testarena_ci.bisect.model import Judgement, Verdict, Wanted
from testarena_ci.bisect.place import Place
from testarena_ci.reports import KINDS
from tpf.errors import EnvironmentLacks, UsageError
from tpf.process import Outcome, Patience, Request, run_once

_GRACE: Final = 120.0  # seconds beyond the run's own limit: it writes its reports
_PATIENCE: Final = Patience(interrupt=20.0, terminate=5.0)
_PROGRAM: Final = "from testarena_ci.cli import main; main()"
_INTERRUPTED: Final = 130


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """How steps are run. `checkout` is the user's own, which files are taken from and nothing is written to."""

    wanted: Wanted
    place: Place
    checkout: Path
    limit: float  # seconds of a run

    async def judged(self, git: Git, commit: str) -> Judgement:
        """What the case does at the commit that is checked out in git's folder, which is clean again afterwards."""
        began = asyncio.get_running_loop().time()
        try:
            verdict, reason, code = await self._judged(git, commit)
        finally:
            await self._clean(git)
        seconds = asyncio.get_running_loop().time() - began
        return Judgement(commit=commit, verdict=verdict, reason=reason, seconds=seconds, exit_code=code)

    async def _judged(self, git: Git, commit: str) -> tuple[Verdict, str, int | None]:
        try:
            await git.submodules()
        except EnvironmentLacks as error:
            return Verdict.SKIP, str(error), None
        self._take_over(git.folder)
        cwd = git.folder / self.wanted.folder
        if not cwd.is_dir():
            return Verdict.SKIP, f"this commit has no folder {self.wanted.folder}", None
        report = self.place.report(commit)
        report.parent.mkdir(parents=True, exist_ok=True)
        outcome = await self._run(git, cwd, report)
        if outcome.code == _INTERRUPTED:
            raise asyncio.CancelledError
        code = None if outcome.timed_out else outcome.code
        return *judge(code, _results(report), outcome.output.decode(errors="replace")), code

    async def _run(self, git: Git, cwd: Path, report: Path) -> Outcome:
        argv = (sys.executable, "-P", "-c", _PROGRAM, "run", f"--report-dir={report}", *self.wanted.arguments)
        request = Request(argv=argv, cwd=cwd, patience=_PATIENCE)
        shutil.rmtree(report, ignore_errors=True)  # of an earlier search: it must not be taken for this one's
        return await run_once(git.processes, request, timeout=self.limit + _GRACE)

    def _take_over(self, folder: Path) -> None:
        for name in self.wanted.take:
            source, target = self.checkout / name, folder / name
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                if source.is_dir():
                    shutil.copytree(source, target, dirs_exist_ok=True)
                else:
                    shutil.copy2(source, target)
            except OSError as error:
                raise UsageError(f"--take {name}: can't be copied into a step: {error}") from error

    async def _clean(self, git: Git) -> None:
        """What was taken over, and what a build changed, would be in the way of the next commit. Builds stay."""
        await git.run("reset", "--hard", "--quiet")
        if self.wanted.take:
            await git.run("clean", "--force", "-d", "--quiet", "--", *self.wanted.take)


def _results(report: Path) -> dict[str, Any] | None:
    try:
        return dict(json.loads((report / KINDS["json"].file).read_bytes()))
    except (OSError, ValueError):
        return None
