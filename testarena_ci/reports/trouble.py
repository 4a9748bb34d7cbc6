"""What went wrong outside of any case, as a case of its own: who reads only cases must not take it for good."""

from __future__ import annotations

from typing import Final

from tpf.result import Failure, FailureKind, RunResult

RUN: Final = "(run)"

_NAMES: Final = {
    FailureKind.BUILD: "(build)",
    FailureKind.MACHINE: "(machine)",
    FailureKind.ENVIRONMENT: "(environment)",
    FailureKind.INTERRUPTED: RUN,
}


def trouble_name(failure: Failure) -> str:
    """The name of the case that stands for the failure of a scenario."""
    return _NAMES.get(failure.kind, "(scenario)")


def trouble_of_run(result: RunResult) -> Failure | None:
    """What went wrong with the run itself; None when a scenario's own trouble says it already."""
    failure = result.failure
    if failure is None and result.verdict.bad and not result.cases:
        failure = Failure(kind=FailureKind.NOT_RUN, message="no case ran")
    if failure is None and not result.finished:
        failure = Failure(kind=FailureKind.INTERRUPTED, message="the run did not finish")
    told = not result.cases and any(scenario.failure for scenario in result.scenarios)
    return None if told else failure
