from __future__ import annotations

from collections.abc import Callable

import pytest

from testarena_ci.forges.base import CommitStatus, State
from testarena_ci.reports.status import (
    Place,
    progress_status,
    run_status,
    scenario_places,
    scenario_progress,
    scenario_status,
    short_duration,
)
from tests.support import builders, runs
from tests.support.golden import Golden
from tpf import events as ev
from tpf.progress import Progress
from tpf.result import FailureKind, RunResult, Verdict

PLACE = Place(sha="c0ffee", link="https://git.example.com/acme/console/actions/runs/7")
RUNS: dict[str, Callable[[], builders.Run]] = {
    "passed": runs.passed,
    "mixed": runs.mixed,
    "set up failed": runs.set_up_failed,
    "interrupted": runs.interrupted,
    "killed": runs.killed,
    "nothing selected": runs.empty,
    "hostile": runs.hostile,
    "500 cases": lambda: runs.large(10, 50, 1),
}


def test_what_statuses_say(golden: Golden) -> None:
    """State, context and description of each run and of each of its scenarios."""
    lines: list[str] = []
    for name, build in RUNS.items():
        run = build().result
        lines += [f"# {name}", line(run_status(run, PLACE))]
        places = scenario_places(PLACE, {scenario.slug: scenario.name for scenario in run.scenarios})
        lines += [line(scenario_status(run, scenario, places[scenario.slug])) for scenario in run.scenarios]
    golden.check("reports/status/statuses.txt", "\n".join(lines) + "\n")


def line(status: CommitStatus) -> str:
    return f"{status.state:8} {status.context:32} {status.description}"


def test_where_it_leads() -> None:
    status = run_status(runs.passed().result, PLACE)
    assert (status.sha, status.context, status.target_url) == (PLACE.sha, "testarena", PLACE.link)


@pytest.mark.parametrize(
    "run, verdict, state",
    [
        (runs.passed, Verdict.PASSED, State.SUCCESS),
        (runs.mixed, Verdict.ERROR, State.ERROR),
        (runs.empty, Verdict.ERROR, State.ERROR),
        (lambda: runs.large(1, 10, 1), Verdict.FAILED, State.FAILURE),
    ],
)
def test_failed_is_a_failure_and_error_an_error(
    run: Callable[[], builders.Run], verdict: Verdict, state: State
) -> None:
    result = run().result
    assert result.verdict is verdict
    assert run_status(result, PLACE).state is state


def failing(*names: str) -> RunResult:
    silent = builders.failure(FailureKind.TIMEOUT, "no pong", 3)
    bad = builders.attempt(failure=silent)
    return builders.run(builders.scenario("wifi", "wifi", *(builders.case(name, 3, bad) for name in names)))


@pytest.mark.parametrize(
    "names, expected",
    [
        (("reconnect",), "1 failed: wifi/reconnect · "),
        (("reconnect", "roam"), "2 failed: wifi/reconnect, wifi/roam · "),
        (("x" * 50,) * 9, f"9 failed: wifi/{'x' * 50}, wifi/{'x' * 50} and 7 more · "),
        (("x" * 300,), f"1 failed: wifi/{'x' * 59}… · "),
        (tuple("abcdefgh" * 200), "1600 failed: wifi/a, wifi/b, "),
    ],
)
def test_numbers_stay_and_names_give_way(names: tuple[str, ...], expected: str) -> None:
    description = run_status(failing(*names), PLACE).description
    assert description.startswith(expected)
    assert len(description) <= 140
    assert description.endswith(" · 7.4s")


@pytest.mark.parametrize(
    "seconds, text",
    [
        (0, "0.0s"),
        (0.26, "0.3s"),
        (9.94, "9.9s"),
        (9.97, "10s"),
        (59.4, "59s"),
        (59.6, "1m00s"),
        (192, "3m12s"),
        (3720, "1h02m"),
        (-1, "0.0s"),
    ],
)
def test_short_duration(seconds: float, text: str) -> None:
    assert short_duration(seconds) == text


@pytest.mark.parametrize(
    "names, contexts",
    [
        ({"a": "Wifi", "b": "OTA"}, ["testarena/Wifi", "testarena/OTA"]),
        ({"a": "Wifi", "b": "wifi"}, ["testarena/a", "testarena/b"]),
        ({"a": "x" * 300, "b": "OTA"}, ["testarena/a", "testarena/b"]),
        ({"a": "two\nlines"}, ["testarena/two lines"]),
        ({}, []),
    ],
)
def test_no_two_scenarios_share_a_context(names: dict[str, str], contexts: list[str]) -> None:
    assert [place.context for place in scenario_places(PLACE, names).values()] == contexts


class TestProgress:
    @pytest.fixture
    def progress(self) -> Progress:
        progress = Progress()
        progress.apply(
            ev.RunStarted(
                t=0,
                run_id="r",
                started="2026-01-01T00:00:00Z",
                version="1",
                jobs=2,
                scenarios=(plan("console"), plan("ota")),
            )
        )
        return progress

    def say(self, progress: Progress, *events: ev.Event) -> str:
        for event in events:
            progress.apply(event)
        status = progress_status(progress, PLACE)
        assert status.state is State.PENDING
        return status.description

    def test_from_start_to_end(self, progress: Progress) -> None:
        said = [
            self.say(progress),
            self.say(progress, ev.BuildStarted(t=1, name="console", command="make", log="build.log")),
            self.say(
                progress, ev.BuildFinished(t=2, name="console"), ev.ScenarioStarted(t=2, scenario="console", worker=0)
            ),
            self.say(progress, ev.CaseStarted(t=3, scenario="console", case=0, attempt=1)),
            self.say(
                progress,
                ev.CaseFinished(t=4, scenario="console", failure=builders.failure(FailureKind.TIMEOUT, "no pong")),
                ev.CaseStarted(t=5, scenario="console", case=1, attempt=1),
            ),
            self.say(progress, ev.ScenarioStarted(t=5, scenario="ota", worker=1)),
            self.say(
                progress,
                ev.CaseNotRun(t=6, scenario="ota", case=0, failure=builders.failure(FailureKind.NOT_RUN, "dead")),
            ),
        ]
        assert said == [
            "1/6 cases",  # one is skipped
            "1/6 cases · building console",
            "1/6 cases · running console",
            "1/6 cases · running console/ping",
            "2/6 cases, 1 failed · running console/heap",
            "2/6 cases, 1 failed · running console/heap and 1 more",
            "3/6 cases, 1 error, 1 failed · running console/heap and 1 more",
        ]

    def test_of_one_scenario(self, progress: Progress) -> None:
        console = progress.scenarios["console"]
        waiting = scenario_progress(console, PLACE)
        progress.apply(ev.ScenarioStarted(t=1, scenario="console", worker=0))
        progress.apply(ev.CaseStarted(t=1, scenario="console", case=0, attempt=1))
        running = scenario_progress(console, PLACE)
        assert (waiting.state, waiting.description) == (State.PENDING, "waiting")
        assert (running.state, running.description) == (State.PENDING, "0/3 cases · running ping")


def plan(name: str) -> ev.PlannedScenario:
    cases = tuple(ev.PlannedCase(name=case, source=builders.source(3)) for case in ("ping", "heap"))
    skipped = ev.PlannedCase(name="display", source=builders.source(9), skip="no display" if name == "ota" else "")
    return ev.PlannedScenario(
        name=name, slug=name, source=builders.source(1), target="esp32c3", cases=(*cases, skipped)
    )
