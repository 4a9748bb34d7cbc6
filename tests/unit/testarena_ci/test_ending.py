"""The last words of a run: each reason once, with all whom it stopped."""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace

from testarena_ci.ending import result_words
from tests.support.builders import attempt, case, failure, not_run, run, scenario, source
from tests.support.golden import Golden
from tpf.result import CodePlace, Failure, FailureKind, ScenarioResult

LACKS = failure(FailureKind.ENVIRONMENT, "ESP-IDF is not there: set IDF_PATH\nlooked for in /opt/esp/idf", 3)
BROKEN = replace(
    failure(FailureKind.BUILD, "the firmware can't be built: main.c:12: error: 'x' undeclared", 3),
    code=(CodePlace(source=source(12, "main/main.c", 4), message="error: 'x' undeclared"),),
)


def stopped(name: str, reason: Failure) -> ScenarioResult:
    here = replace(reason, source=source(3, f"scenarios/{name}.xml"))
    return scenario(name, "slug", not_run("boots", 5, here), failure=here)


def words(*scenarios: ScenarioResult) -> str:
    return "".join(f"{line}\n" for line in result_words(run(*scenarios), Path("testarena-report")))


def test_the_same_reason_of_many_scenarios_is_told_once(golden: Golden) -> None:
    failed = attempt(failure=failure(FailureKind.TIMEOUT, 'no "pong" within 1s', 7))
    text = words(
        stopped("console", LACKS),
        stopped("wifi", BROKEN),
        stopped("web", LACKS),
        scenario("logic", "slug", case("ping", 6, failed)),
        stopped("flash", LACKS),
        stopped("mesh", replace(BROKEN, code=())),
    )
    golden.check("ending/alike.txt", text)


def test_of_very_many_some_are_named_and_all_are_counted() -> None:
    text = words(*(stopped(f"s{number}", LACKS) for number in range(40)))
    assert text.count("ESP-IDF is not there") == 1
    assert "    the same for s1, s2, s3, s4, s5, s6, s7, s8, s9, s10 and 29 more\n" in text


def test_cases_are_told_one_by_one_though_they_fail_alike() -> None:
    failed = attempt(failure=failure(FailureKind.TIMEOUT, 'no "pong" within 1s', 7))
    text = words(scenario("logic", "slug", case("one", 6, failed), case("two", 8, failed)))
    assert text.count('no "pong"') == 2


def test_a_name_gives_no_command_to_a_runner() -> None:
    text = words(stopped("first", LACKS), stopped("a\n::error::x", LACKS))
    assert "\n::error::" not in text
