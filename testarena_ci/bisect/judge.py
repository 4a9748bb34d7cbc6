"""What a run of the case says of a commit: passes, fails, or can't be judged. Pure."""

from __future__ import annotations

from typing import Any, Final

from testarena_ci.bisect.model import Verdict
from testarena_ci.reports.text import one_line

_USAGE: Final = 2
_EXITS: Final = {
    _USAGE: "the scenarios of this commit can't be run",
    3: "this machine lacks something that this commit needs",
    4: "could not be built, or the machine broke",
}
_LONGEST: Final = 300  # characters of a reason


def judge(code: int | None, results: dict[str, Any] | None, said: str) -> tuple[Verdict, str]:
    """The verdict and why, from the run's exit code, its results.json (None when it left none) and its last words.

    One failure is enough, whatever else went wrong, and a case that passes only when it is tried again fails.
    """
    reasons = [] if results is None else list(_failures(results))
    failed = next((reason for verdict, reason in reasons if verdict == "failed"), None)
    if failed is not None:
        return Verdict.BAD, failed
    if code == 0:
        return Verdict.GOOD, ""
    error = next((reason for _, reason in reasons), "") or _telling_line(said, code)
    what = _EXITS.get(code, f"the run ended with {code}") if code is not None else "the run did not come to its end"
    return Verdict.SKIP, one_line(f"{what}: {error}" if error else what, _LONGEST)


def _failures(results: dict[str, Any]) -> list[tuple[str, str]]:
    """Verdict and headline of all that is not passed: the run, its scenarios, all attempts at its cases."""
    found = [("error", _headline(results["run"]["failure"]))] if results["run"]["failure"] else []
    for scenario in results["scenarios"]:
        if scenario["failure"]:
            own = "error" if _is_error(scenario) else "failed"
            found.append((own, _headline(scenario["failure"])))
        for case in scenario["cases"]:
            found += [
                (attempt["verdict"], _headline(attempt["failure"]))
                for attempt in case["attempts"]
                if attempt["verdict"] in ("failed", "error")
            ]
    return found


_ERRORS: Final = frozenset({"machine", "build", "environment", "step", "not-run", "interrupted", "internal"})


def _is_error(scenario: dict[str, Any]) -> bool:
    """Whose fault the failure of a scenario itself is."""
    return scenario["failure"]["kind"] in _ERRORS


def _headline(failure: dict[str, Any] | None) -> str:
    return one_line(failure["message"].split("\n", 1)[0], _LONGEST) if failure else "no reason was recorded"


def _telling_line(said: str, code: int | None) -> str:
    """What a run that left no results says: problems of scenarios come first, and the reason of other ends last."""
    lines = [line.strip() for line in said.splitlines() if line.strip() and not line.startswith("note: ")]
    return (lines[0] if code == _USAGE else lines[-1]) if lines else ""
