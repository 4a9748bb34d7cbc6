"""Runs one scenario: boot, setup, the cases in order with their retries, teardown; and tells what happened.

Every boot gets the setup, and the teardown before its machine is ended. A case that lost the device (a panic, an
exit, ...) is followed by
a fresh boot, so that the next case starts from known ground.
"""

from __future__ import annotations

import asyncio
from typing import Final

from tpf import events as ev
from tpf.context import RunContext
from tpf.outcomes import Failed, failure_of
from tpf.result import Failure, FailureKind
from tpf.scenario.model import Case
from tpf.schedule import PlannedRun
from tpf.scope import Scope
from tpf.session import Session, over_limit

_LOST: Final = frozenset(
    {
        FailureKind.PANIC,
        FailureKind.REBOOT_LOOP,
        FailureKind.SILENCE,
        FailureKind.EXIT,
        FailureKind.LIMIT,
        FailureKind.MACHINE,
        FailureKind.INTERNAL,
    }
)
TEARDOWN_LIMIT: Final = 60.0  # seconds: a teardown must end, whatever its steps say
STOPPED_TEARDOWN_LIMIT: Final = 3.0  # GitHub's runner kills 10 s after it asked us to stop


class ScenarioRun:
    """One scenario's run; `run` returns the failure of the scenario itself, None when only its cases can have one."""

    def __init__(self, planned: PlannedRun, session: Session, context: RunContext, scope: Scope) -> None:
        self._scenario = planned.scenario
        self._slug = planned.slug
        self._session = session
        self._context = context
        self._scope = scope  # of the whole scenario
        self._ready = False  # booted and set up
        self._owes_teardown = False
        self._next = 0  # index of the first case that has not been told about
        self._dead: Failure | None = None  # the devices could not be brought up again

    async def run(self) -> Failure | None:
        """Run all cases. What ends the scenario early is told for each case that it kept from running."""
        try:
            async with self._scope:
                failure = await self._cases()
        except BaseException as error:
            reason = failure_of(self._scope.reason or error, None, self._context.report)
            self._tell_not_run(reason)
            await self._end_early(reason)
            if isinstance(error, asyncio.CancelledError):
                raise
            return reason
        return failure

    async def _cases(self) -> Failure | None:
        if self._scenario.boot == "scenario" and any(not case.skip for case in self._scenario.cases):
            failure = await self._first_boot()
            if failure is not None:
                self._tell_not_run(failure)
                return failure
        for index, case in enumerate(self._scenario.cases):
            if self._dead is not None:
                self._tell_not_run(self._dead)
                break
            if not case.skip:
                await self._case(index, case)
            self._next = index + 1
        return await self._finish_boot(None)

    async def _first_boot(self) -> Failure | None:
        failure = None
        for _ in range(self._scenario.retries + 1):
            failure = await self._boot_and_set_up(None)
            if failure is None:
                return None
            await self._finish_boot(None)
        return failure

    async def _boot_and_set_up(self, case: int | None) -> Failure | None:
        """A fresh boot with its setup; returns why it is not ready."""
        await self._session.shut_down()
        self._ready = False
        try:
            await self._session.boot()
            self._owes_teardown = True
            await self._session.steps("setup", self._scenario.setup, case, self._within(None, ""))
        except Exception as error:  # noqa: BLE001  whatever it is becomes an outcome
            failure = failure_of(error, self._scenario.source, self._context.report)
            return failure if case is not None else _in_phase("setup", failure)
        self._ready = True
        return None

    async def _case(self, index: int, case: Case) -> None:
        for attempt in range(1, case.retries + 2):
            failure = await self._attempt(index, case, attempt)
            if failure is None:
                return

    async def _attempt(self, index: int, case: Case, attempt: int) -> Failure | None:
        """One try at a case, told from begin to end."""
        self._tell(ev.CaseStarted(t=self._context.clock(), scenario=self._slug, case=index, attempt=attempt))
        self._next = index + 1
        since = self._session.lines()
        try:
            failure = await self._tried(index, case, fresh=attempt > 1)
        except BaseException as error:
            failure = failure_of(self._scope.reason or error, case.source, self._context.report)
            self._tell_case_end(failure, since)
            raise
        self._tell_case_end(failure, since)
        return failure

    async def _tried(self, index: int, case: Case, *, fresh: bool) -> Failure | None:
        self._session.begin_case()
        if fresh or not self._ready:
            failure = await self._finish_boot(index) or await self._boot_and_set_up(index)
            if failure is not None:
                self._dead = failure if self._scenario.boot == "scenario" else None
                return failure
        self._dead = None
        failure = await self._run_steps(index, case)
        if failure is not None and failure.kind in _LOST:
            self._ready = False
        if self._scenario.boot == "case":
            self._ready = False
            return failure or await self._finish_boot(index)
        return failure

    async def _run_steps(self, index: int, case: Case) -> Failure | None:
        try:
            await self._session.steps("case", case.steps, index, self._within(case.timeout, f"the case {case.name!r}"))
        except Failed as error:
            return error.failure
        return None

    async def _finish_boot(self, case: int | None, limit: float = TEARDOWN_LIMIT) -> Failure | None:
        """The teardown that is owed, then the end of the machines; returns why the teardown failed."""
        failure = None
        if self._owes_teardown:
            self._owes_teardown = False
            self._session.begin_case()
            try:
                await self._session.steps(
                    "teardown", self._scenario.teardown, case, self._within(limit, "the teardown")
                )
            except Failed as error:
                failure = _in_phase("teardown", error.failure)
        self._ready = False
        await self._session.shut_down()
        return failure

    async def _end_early(self, reason: Failure) -> None:
        limit = STOPPED_TEARDOWN_LIMIT if reason.kind is FailureKind.INTERRUPTED else TEARDOWN_LIMIT
        self._scope = Scope(None, AssertionError)  # the old one is over
        await self._finish_boot(None, limit)

    def _within(self, seconds: float | None, what: str) -> Scope:
        return Scope(seconds, lambda: over_limit(what, seconds or 0), within=self._scope)

    def _tell(self, event: ev.Event) -> None:
        self._context.sink(event)

    def _tell_case_end(self, failure: Failure | None, since: dict[str, int]) -> None:
        log = self._session.spans(since)
        self._tell(ev.CaseFinished(t=self._context.clock(), scenario=self._slug, failure=failure, log=log))

    def _tell_not_run(self, reason: Failure) -> None:
        cases = tuple(enumerate(self._scenario.cases))[self._next :]
        for index, case in cases:
            if not case.skip:
                never = Failure(kind=FailureKind.NOT_RUN, message=f"never ran: {reason.headline}", source=reason.source)
                self._tell(ev.CaseNotRun(t=self._context.clock(), scenario=self._slug, case=index, failure=never))


def _in_phase(phase: str, failure: Failure) -> Failure:
    return Failure(kind=failure.kind, message=f"{phase}: {failure.message}", source=failure.source)
