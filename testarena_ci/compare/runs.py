"""Two runs made into one comparison; pure, and one pass over the cases of each."""

from __future__ import annotations

from testarena_ci.compare.cases import case_changes, paired
from testarena_ci.compare.model import Comparison, Noise, RunFacts
from testarena_ci.compare.numbers import metric_changes, size_changes, time_changes
from tpf.result import RunResult

_NOISE = Noise()


def compare(base: RunResult, now: RunResult, noise: Noise = _NOISE) -> Comparison:
    """What is different in `now`. Cases are the same by the names of scenario and case, whatever file they are in."""
    pairs = paired(base, now)
    changes, unchanged = case_changes(base, now, pairs)
    return Comparison(
        base=_facts(base),
        now=_facts(now),
        cases=changes,
        unchanged=unchanged,
        times=time_changes(pairs, noise),
        metrics=metric_changes(base, now, pairs, noise),
        sizes=size_changes(base, now),
    )


def _facts(run: RunResult) -> RunFacts:
    said = dict(run.properties)
    return RunFacts(
        run_id=run.run_id,
        started=run.started,
        commit=said.get("commit", ""),
        branch=said.get("branch", ""),
        verdict=run.verdict,
        counts=run.counts,
        seconds=run.seconds,
    )
