"""comment.md: the limits of the forges' comments, with the most useful first."""

from __future__ import annotations

import pytest

from testarena_ci.reports import comment, summary
from tests.support import runs
from tests.support.builders import Run, attempt, case, failure, run, scenario
from tests.support.golden import Golden
from tpf.result import CodePlace, FailureKind, Source

COMMENT, STEP_SUMMARY = 65_535, 1 << 20  # bytes: no forge takes less
HOSTILE = [runs.HOSTILE, "\u202e@root #1 " * 90, "`" * 1_000, "😀" * 1_000, "|\n" * 1_000, "</details>" * 100]


def ten_thousand_failures(name: str) -> Run:
    bad = failure(FailureKind.PANIC, f"{name}\n" + f"{name}\n" * 30)
    places = tuple(CodePlace(source=Source(file=name, line=n), message=name) for n in range(1, 9))
    bad = type(bad)(kind=bad.kind, message=bad.message, code=places)
    cases = [case(f"{number} {name}", 1, attempt(failure=bad, log=(1, 400))) for number in range(100)]
    log = "".join(f"{n:10.3f}  {name[:400]!r}\n" for n in range(400))
    many = [scenario(f"{number} {name}", f"s{number}", *cases, target=name) for number in range(100)]
    return Run(result=run(*many), logs={f"logs/s{number}/console.log": log for number in range(100)})


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_ten_thousand_failures_with_hostile_names_fit(name: str) -> None:
    made = ten_thousand_failures(name).report
    for text, limit in ((comment.render(made), COMMENT), (summary.render(made), STEP_SUMMARY)):
        assert len(text.encode()) <= limit
        assert text.startswith("## ❌ 10 000 of 10 000 cases failed\n")
        assert text.index("### Failures") < text.index("more: see index.html") < text.index("### Scenarios")
        first = text[text.index("### Failures") : text.index("more: see index.html")]
        assert "› **0 " in first  # the first failure has its place, whatever it says


def test_a_failure_that_has_no_room_in_full_has_a_line() -> None:
    wide = "".join(f"{n} {'😀' * 290}\n" for n in range(90))
    bad = failure(FailureKind.PANIC, f"too much to say\n{wide}")
    text = comment.render(Run(result=run(scenario("s", "s", case("wide", 1, attempt(failure=bad))))).report)
    assert "<details>" not in text
    assert "**wide**<br>panic" in text
    assert "`too much to say`" in text


@pytest.mark.parametrize("kind", ["mixed", "passed"])
def test_golden(kind: str, golden: Golden) -> None:
    made = getattr(runs, kind)().report
    golden.check(f"reports/comment/{kind}.md", comment.render(made))


def test_a_small_run_is_told_as_in_the_summary() -> None:
    assert comment.render(runs.mixed().report) == summary.render(runs.mixed().report)
