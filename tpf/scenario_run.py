"""Runs one scenario: boot, setup, the cases in order with their retries, teardown; and tells what happened.

A case that lost the device (a panic, an exit, an answer that never came) is followed by a fresh boot, so that one
failure doesn't make more of them. After a mere mismatch the device goes on as it is.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final, NamedTuple

from tpf import events as ev
from tpf.context import RunContext
from tpf.outcomes import Failed, as_expected, failure_of
from tpf.power_cycle import TEARDOWN_LIMIT, PowerCycle
from tpf.result import Failure, FailureKind
from tpf.scenario.model import Case
from tpf.schedule import PlannedRun
from tpf.scope import Scope
from tpf.session import Session, over_limit

_LOST: Final = frozenset(
    {
        FailureKind.PANIC,
        FailureKind.REBOOT_LOOP,
        FailureKind.TIMEOUT,  # who knows what it is doing instead
        FailureKind.SILENCE,
        FailureKind.EXIT,
        FailureKind.LIMIT,
        FailureKind.MACHINE,
        FailureKind.INTERNAL,
    }
)
_PANICS: Final = frozenset({FailureKind.PANIC, FailureKind.REBOOT_LOOP})  # a crash is no flakiness
STOPPED_TEARDOWN_LIMIT: Final = 3.0  # seconds: GitHub's runner kills 10 s after it asked us to stop


class Ended(NamedTuple):
    """How a try at a case ended."""

    failure: Failure | None  # why it isn't passed
    expected: Failure | None = None  # how it failed as was expected of it


_FINE: Final = Ended(None)


def _may_go_on(case: Case, failure: Failure) -> bool:
    """Whether a retry is wanted after this failure."""
    return case.retry_panics or failure.kind not in _PANICS


@dataclass(slots=True)
class _Try:
    """What is known so far of how a try ends."""

    ended: Ended = _FINE


class ScenarioRun:
    """One scenario's run; `run` returns the failure of the scenario itself, None when only its cases can have one."""

    def __init__(self, planned: PlannedRun, session: Session, context: RunContext, scope: Scope) -> None:
        self._scenario = planned.scenario
        self._slug = planned.slug
        self._session = session
        self._power = PowerCycle(planned.scenario, session)
        self._context = context
        self._scope = scope  # of the whole scenario
        self._next = 0  # index of the first case that has not been told about
        self._dead: Failure | None = None  # why the devices could not be brought up again

    async def run(self) -> Failure | None:
        """Run all cases. What ends the scenario early is told for each case that it kept from running."""
        try:
            async with self._scope:
                failure = await self._cases()
        except BaseException as error:
            reason = failure_of(self._scope.reason or error, None, self._context.report)
            self._tell_not_run(reason)
            stopped = reason.kind is FailureKind.INTERRUPTED
            await self._power.end(None, None, STOPPED_TEARDOWN_LIMIT if stopped else TEARDOWN_LIMIT)
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
        return await self._power.end(None, self._scope)

    async def _first_boot(self) -> Failure | None:
        failure = None
        for _ in range(self._scenario.retries + 1):
            failure = await self._power.begin(None, self._scope)
            if failure is None:
                return None
            await self._power.end(None, self._scope)
            if failure.kind in _PANICS and not self._scenario.retry_panics:
                break
        return failure

    async def _case(self, index: int, case: Case) -> None:
        for attempt in range(1, case.retries + 2):
            ended = await self._attempt(index, case, attempt, again=attempt <= case.retries)
            if ended.failure is None or not _may_go_on(case, ended.failure):
                return

    async def _attempt(self, index: int, case: Case, attempt: int, *, again: bool) -> Ended:
        """One try at a case, told from begin to end; with `again` there is another one when this one fails."""
        self._context.sink(ev.CaseStarted(t=self._context.clock(), scenario=self._slug, case=index, attempt=attempt))
        self._next = index + 1
        tried = _Try()
        since = self._session.lines()
        try:
            await self._tried(index, case, tried, again=again)
        except BaseException as error:
            if tried.ended.failure is None:  # else nothing that came after it makes another one of it
                tried.ended = Ended(failure_of(self._scope.reason or error, case.source, self._context.report))
            raise
        finally:
            self._tell_case_end(tried.ended, since)
        self._tell_no_retry(index, tried.ended, case, again=again)
        return tried.ended

    async def _tried(self, index: int, case: Case, tried: _Try, *, again: bool) -> None:
        """Bring the devices up if they aren't, run the steps, end the boot when the next try or case needs another."""
        self._session.begin_case(case.allow)
        if not self._power.ready:
            failure = await self._power.begin(index, self._scope)
            if failure is not None:
                tried.ended = Ended(failure)
                again = again and _may_go_on(case, failure)
                self._dead = failure if self._scenario.boot == "scenario" and not again else None
                await self._power.end(index, self._scope)
                return
        failure = await self._run_steps(index, case)
        tried.ended = Ended(*as_expected(failure, case.ticket, case.source))
        lost = failure is not None and failure.kind in _LOST
        if self._scenario.boot == "case" or lost or (again and tried.ended.failure is not None):
            ending = await self._power.end(index, self._scope)
            if failure is None:
                tried.ended = tried.ended._replace(failure=tried.ended.failure or ending)

    async def _run_steps(self, index: int, case: Case) -> Failure | None:
        limit = case.timeout
        scope = Scope(limit, lambda: over_limit(f"the case {case.name!r}", limit or 0), within=self._scope)
        try:
            await self._session.steps("case", case.steps, index, scope)
        except Failed as error:
            return error.failure
        return None

    def _tell_case_end(self, ended: Ended, since: dict[str, int]) -> None:
        self._context.sink(
            ev.CaseFinished(
                t=self._context.clock(),
                scenario=self._slug,
                failure=ended.failure,
                expected=ended.expected,
                log=self._session.spans(since),
            )
        )

    def _tell_no_retry(self, index: int, ended: Ended, case: Case, *, again: bool) -> None:
        if again and ended.failure is not None and not _may_go_on(case, ended.failure):
            text = 'not tried again: it panicked; retry-panics="true" allows that'
            self._context.sink(ev.Noted(t=self._context.clock(), scenario=self._slug, case=index, text=text))

    def _tell_not_run(self, reason: Failure) -> None:
        for index, case in tuple(enumerate(self._scenario.cases))[self._next :]:
            if not case.skip:
                never = Failure(kind=FailureKind.NOT_RUN, message=f"never ran: {reason.headline}", source=reason.source)
                self._context.sink(
                    ev.CaseNotRun(t=self._context.clock(), scenario=self._slug, case=index, failure=never)
                )
