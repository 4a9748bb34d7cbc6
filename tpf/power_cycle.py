"""Power cycles of a scenario's devices: each boot gets the setup, and the teardown before its machines are ended."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from tpf.outcomes import Failed, failure_of
from tpf.result import Failure
from tpf.scenario.model import Scenario
from tpf.scope import Scope
from tpf.session import Session, over_limit

TEARDOWN_LIMIT: Final = 60.0  # seconds: a teardown must end, whatever its steps say


class PowerCycle:
    """Where the devices stand: off, or booted and set up. `case` says for whom a boot is made, None for no case."""

    def __init__(self, scenario: Scenario, session: Session) -> None:
        self._scenario = scenario
        self._session = session
        self._owes_teardown = False
        self.ready = False  # booted, set up, and not lost

    async def begin(self, case: int | None, scope: Scope) -> Failure | None:
        """A fresh boot with its setup; returns why it is not ready."""
        await self._session.shut_down()
        self.ready = False
        try:
            await self._session.boot()
            self._owes_teardown = True
            setup = Scope(None, lambda: over_limit("the setup", 0), within=scope)
            await self._session.steps("setup", self._scenario.setup, case, setup)
        except Exception as error:  # noqa: BLE001  whatever it is becomes an outcome
            failure = failure_of(error, self._scenario.source, self._session.report)
            return failure if case is not None else in_phase("setup", failure)
        self.ready = True
        return None

    async def end(self, case: int | None, scope: Scope | None, limit: float = TEARDOWN_LIMIT) -> Failure | None:
        """The teardown that is owed, then the end of the machines.

        Returns what the device did wrong after the last step, or why the teardown failed.
        """
        failure = await self._session.untold()
        if self._owes_teardown:
            self._owes_teardown = False
            self._session.begin_case()
            teardown = Scope(limit, lambda: over_limit("the teardown", limit), within=scope)
            try:
                await self._session.steps("teardown", self._scenario.teardown, case, teardown)
            except Failed as error:
                failure = failure or in_phase("teardown", error.failure)
        self.ready = False
        await self._session.shut_down()
        return failure


def in_phase(phase: str, failure: Failure) -> Failure:
    """The failure of a setup or teardown, as the scenario's own."""
    return replace(failure, message=f"{phase}: {failure.message}")
