"""summary.md: golden files, the size limit, and texts that must stay texts."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from markdown_it import MarkdownIt
from msgspec.structs import replace

from testarena_ci.reports.summary import render
from tests.support import runs
from tests.support.builders import Run, attempt, case, failure, run, scenario
from tests.support.golden import Golden
from tpf.result import FailureKind

LIMIT = 1_000_000


@pytest.mark.parametrize("kind", ["passed", "mixed", "set_up_failed", "interrupted", "killed", "empty", "hostile"])
def test_golden(kind: str, golden: Golden) -> None:
    make: Callable[[], Run] = getattr(runs, kind)
    golden.check(f"reports/summary/{kind}.md", render(make().report))


def test_ten_thousand_failures_fit() -> None:
    bad = failure(FailureKind.TIMEOUT, "did not come " * 10)
    many = [scenario(f"s{n}", f"s{n}", *[case("c" * 100, 1, attempt(failure=bad))] * 10) for n in range(1_000)]
    made = render(Run(result=run(*many)).report)
    assert made.startswith("## ❌ 10 000 of 10 000 cases failed\n")
    assert 200_000 < len(made.encode()) < LIMIT
    assert made.count("more: see index.html") == 2
    assert made.index("### Failures") < made.index("more: see") < made.index("### Scenarios")


def test_the_first_failures_are_in_full_and_the_others_in_a_line() -> None:
    bad = failure(FailureKind.TIMEOUT, "too late\nthe details")
    many = [case(f"case {n}", n + 1, attempt(failure=bad)) for n in range(25)]
    made = render(Run(result=run(scenario("s", "s", *many))).report)
    assert made.count("the details") == 20
    assert made.count("`too late`") == 5


def test_huge_texts_do_not_crowd_out_the_rest() -> None:
    bad = failure(FailureKind.TIMEOUT, "x" * 2_000_000 + "\n" + "y\n" * 500_000)
    made = render(
        Run(result=run(scenario("s" * 5_000, "s", *[case("c" * 9_000, 1, attempt(failure=bad))] * 30))).report
    )
    assert len(made.encode()) < 100_000
    assert "### Scenarios" in made


def rendered(made: Run) -> str:
    return str(MarkdownIt("gfm-like", {"linkify": False, "html": True}).render(render(made.report)))


def test_hostile_texts_make_no_markup() -> None:
    page = rendered(runs.hostile())
    assert "<img" not in page
    assert "</script>" not in page
    assert page.count("<tr>") == 2  # the head and one scenario: no row of its own making
    assert page.count("<h2>") == 1


def test_no_mention_and_no_reference_is_left_outside_of_code() -> None:
    bad = failure(FailureKind.MISMATCH, "@acme/team see #12 and http://x.example/ :boom: GH-7")
    name = "@octocat fixes #1 at www.x.example, a|b *c* _d_ [e](f) `g` <h> \\ $i$"
    made = Run(result=run(scenario(name, "s", case(name, 1, attempt(failure=bad)))))
    text = "".join(
        part
        for token in MarkdownIt("gfm-like", {"linkify": False}).parse(render(made.report))
        for child in token.children or ()
        if child.type == "text"
        for part in child.content
    )
    assert "@octocat" not in text
    assert "#1" not in text
    assert "www." not in text
    assert "octocat fixes" in text
    assert "a|b *c* _d_ [e](f) `g` <h> \\ $i$" in text
    assert "@acme" not in text


def test_a_run_without_logs_has_no_console() -> None:
    assert "Console" not in render(replace(runs.mixed(), logs={}).report)
