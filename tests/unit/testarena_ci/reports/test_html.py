"""index.html without a browser: golden files, the policy, the data in it, and what must not be in it."""

from __future__ import annotations

import html
import re
from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256

import pytest
from lxml import etree
from msgspec.structs import replace

from testarena_ci.reports.html import render
from testarena_ci.reports.html.data import embedded
from tests.support import runs
from tests.support.builders import Run, attempt, case, failure, run, scenario
from tests.support.golden import Golden
from tests.support.pages import bare, blocks, inlined, results
from tpf.result import FailureKind, Metric

KINDS = [runs.passed, runs.mixed, runs.set_up_failed, runs.interrupted, runs.killed, runs.empty, runs.hostile]


def tree(made: Run) -> etree._Element:
    page = etree.HTML(render(made.report))
    assert page is not None
    return page


def text_of(element: etree._Element) -> str:
    return " ".join("".join(str(part) for part in element.itertext()).split())


@pytest.mark.parametrize("kind", ["passed", "mixed", "set_up_failed", "interrupted", "empty", "hostile"])
def test_golden(kind: str, golden: Golden) -> None:
    make: Callable[[], Run] = getattr(runs, kind)
    golden.check(f"reports/html/{kind}.html", bare(render(make().report)))


@pytest.mark.parametrize("make", KINDS)
def test_the_policy_lets_only_the_inlined_style_and_script_act(make: Callable[[], Run]) -> None:
    page = render(make().report)
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    rules = dict(rule.split(" ", 1) for rule in html.unescape(policy).split("; "))
    for tag in ("style", "script"):
        digest = b64encode(sha256(inlined(page, tag).encode()).digest()).decode()
        assert rules[f"{tag}-src"] == f"'sha256-{digest}'"
    assert (rules["default-src"], rules["require-trusted-types-for"]) == ("'none'", "'script'")


@pytest.mark.parametrize("make", KINDS)
def test_nothing_is_loaded_from_outside(make: Callable[[], Run]) -> None:
    page = tree(make())
    sources = page.xpath("//@src | //link/@href | //*[local-name()='use']/@href")
    assert all(str(source).startswith(("data:", "#i-")) for source in sources)
    assert "url(" not in inlined(render(make().report), "style")


@pytest.mark.parametrize("make", KINDS)
def test_links_lead_into_the_page_or_to_files_beside_it(make: Callable[[], Run]) -> None:
    assert {str(link)[0] for link in tree(make()).xpath("//a/@href")} <= {"#", "."}


@pytest.mark.parametrize("make", KINDS)
def test_ids_are_unique(make: Callable[[], Run]) -> None:
    ids = [str(name) for name in tree(make()).xpath("//@id")]
    assert sorted(ids) == sorted(set(ids))


def test_hostile_texts_make_no_elements_and_no_attributes() -> None:
    page = tree(runs.hostile())
    assert page.xpath("//img | //iframe | //object | //embed | //form") == []
    assert page.xpath("//@*[starts-with(name(), 'on') or name() = 'style']") == []
    assert len(page.xpath("//script")) == len(blocks(render(runs.hostile().report))) + 1
    assert "\u202e" not in bare(render(runs.hostile().report))
    assert "\x00" not in render(runs.hostile().report)


def test_web_addresses_of_the_run_are_links() -> None:
    known = (("commit", "abc"), ("commit_url", "https://git.example/c/abc"), ("run_url", "http://x/'\"><b>"))
    page = tree(Run(result=replace(runs.passed().result, properties=known)))
    assert {str(link) for link in page.xpath("//dd/a/@href")} == {"https://git.example/c/abc", "http://x/'\"><b>"}


def test_the_console_is_around_the_failure() -> None:
    page = tree(runs.mixed())
    (card,) = page.xpath("//article[@id='console-answers/null-pointer-is-caught']")
    (culprit,) = card.xpath(".//div[contains(@class, 'culprit')]")
    assert "Guru Meditation Error" in text_of(culprit)
    assert "Rebooting..." in text_of(card)
    assert "commands.c:41" in text_of(card.xpath(".//pre")[0])


def test_a_failed_build_shows_its_log_once() -> None:
    page = tree(runs.mixed())
    (card,) = page.xpath("//article[@id='radio-esp32']")
    assert "6 cases did not run" in text_of(card)
    assert "Building main.c" in text_of(card)
    assert page.xpath("//article[@id='radio-esp32s3']") == []


def test_attempts_of_a_flaky_case_stand_side_by_side() -> None:
    (card,) = tree(runs.mixed()).xpath("//section[@id='/flaky']/article")
    assert [text_of(title)[:16] for title in card.xpath(".//section/h4")] == ["Attempt 1 failed", "Attempt 2 passed"]


def test_many_failures_are_folded_and_then_a_line_each() -> None:
    bad = failure(FailureKind.TIMEOUT, "too late")
    many = [case(f"case {n}", n + 1, attempt(failure=bad, log=(1, 5))) for n in range(1500)]
    page = tree(Run(result=run(scenario("s", "s", *many)), logs={"logs/s/console.log": runs.BOOT_LOG}))
    assert len(page.xpath("//article")) == 25
    assert len(page.xpath("//article//details[@class='evidence']")) == 20
    assert len(page.xpath("//ul[@class='shorts']/li")) == 1000
    assert "475 more are in the list" in text_of(page.xpath("//section[@id='/failures']/p")[0])


def test_metrics_beyond_their_limits_come_first() -> None:
    rows = tree(runs.mixed()).xpath("//section[@id='/metrics']//tbody/tr")
    assert [text_of(row.xpath("td")[0]) for row in rows] == ["heap.free", "boot.time"]
    assert [row.get("class") for row in rows] == ["bad", ""]


@pytest.mark.parametrize(
    "metric,place",
    [
        (Metric(name="m", value=50, minimum=0, maximum=100), (16.67, 83.33, 50.0)),
        (Metric(name="m", value=80, maximum=80), (0.0, 80.0, 80.0)),
        (Metric(name="m", value=5, minimum=10), (50.0, 100.0, 25.0)),
        (Metric(name="m", value=1e9, minimum=10), (50.0, 100.0, 100.0)),
        (Metric(name="m", value=-5, maximum=-10), (0.0, 80.0, 100.0)),
        (Metric(name="m", value=1), None),
        (Metric(name="m", value=float("nan"), maximum=1), None),
        (Metric(name="m", value=1, minimum=2, maximum=1), None),
        (Metric(name="m", value=1, maximum=0), None),
    ],
)
def test_gauges(metric: Metric, place: tuple[float, float, float] | None) -> None:
    page = tree(Run(result=run(scenario("s", "s", case("x", 1, metrics=(metric,))))))
    bars = page.xpath("//td[@class='gauge']//rect")
    if place is None:
        assert bars == []
        return
    _, allowed, value = bars
    low, width, mark = (float(text) for text in (allowed.get("x"), allowed.get("width"), value.get("x")))
    assert (low, round(low + width, 2), mark + 1) == place


def test_the_data_is_results_json_and_the_logs() -> None:
    made = runs.mixed()
    page = render(made.report)
    data = results(page)
    assert data["results"]["run"]["headline"] == "2 of 11 cases failed, 6 did not run"
    entry = data["logs"]["logs/console-answers/console.log"]
    assert blocks(page)[entry["block"]] == made.logs["logs/console-answers/console.log"]


def test_logs_without_room_stay_in_their_files_and_failures_go_first() -> None:
    made = runs.large(20, 2, 50, bad_every=39)
    packed = embedded(made.report, room=4_000)
    assert 0 < len(packed.blocks) - 1 < 20
    assert packed.left_out == 20 - (len(packed.blocks) - 1)
    failing = next(scenario for scenario in made.result.scenarios if scenario.verdict.bad)
    page = render(replace(made.report, result=replace(made.result, scenarios=(failing, *made.result.scenarios[:2]))))
    assert results(page)["logs"][failing.logs[0].path]["block"] == "log-0"


def test_a_log_that_cannot_be_read_is_told() -> None:
    page = render(replace(runs.mixed(), logs={}).report)
    assert results(page)["logs"]["logs/console-answers/console.log"]["problem"].endswith("No such file")
    assert blocks(page).keys() == {"results"}
