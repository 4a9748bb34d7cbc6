"""The live views: plain lines in groups, queue_log.txt and queue_status.json."""

from __future__ import annotations

import io
import json
from pathlib import Path

from rich.console import Console

from testarena_ci.live.plain import CALM, FLOOD, FLOOD_END, KEPT_LINES, PlainView
from testarena_ci.live.queue_files import QueueLog, QueueStatus, end_status, heard, said_of
from testarena_ci.live.terminal import TerminalView
from tests.support.events import at, attempt, planned, started, whole_run
from tpf import events as ev
from tpf.progress import Progress
from tpf.result import Failure, FailureKind


def shown(events: list[ev.Event], *, groups: bool = True) -> list[str]:
    lines: list[str] = []
    view = PlainView(lines.append, groups=groups)
    for event in events:
        view(event)
    return lines


def said(text: str, scenario: str = "console", t: float = 1.0) -> ev.Output:
    return ev.Output(t=t, scenario=scenario, origin="", lines=(text,))


def test_a_scenario_is_a_group_with_its_verdict_behind_it() -> None:
    lines = shown(whole_run())
    begin, end = lines.index("::group::console"), lines.index("::endgroup::")
    assert begin < lines.index("-- boot 1 of qemu esp32c3") < end
    assert lines[end + 1].startswith("PASSED console: 1 of 2 cases passed, 1 skipped, ")


def test_without_groups_there_are_no_commands() -> None:
    assert not [line for line in shown(whole_run(), groups=False) if line.startswith("::")]


def test_output_of_the_device_cannot_act_as_a_command() -> None:
    hostile = ["::set-env name=PATH::x", "  ::add-mask::y", "text ##[add-path]z", "\x1b[31m::stop-commands::t"]
    events = [started(planned("ping")), ev.ScenarioStarted(t=0.1, scenario="console", worker=0)]
    lines = shown([*events, *(said(text) for text in hostile)])
    commands = [line for line in lines if line.strip().startswith("::") or "##[" in line]
    assert commands == ["::group::console"]


def other(name: str) -> ev.PlannedScenario:
    return ev.PlannedScenario(
        name=name, slug=name, source=at(1), target="", cases=(ev.PlannedCase(name="c", source=at(2)),)
    )


def test_side_by_side_scenarios_do_not_mix() -> None:
    lines = shown(
        [
            started(other("a"), other("b")),
            ev.ScenarioStarted(t=0.1, scenario="a", worker=0),
            ev.ScenarioStarted(t=0.1, scenario="b", worker=1),
            said("from b, early", "b"),
            said("from a", "a"),
            ev.ScenarioFinished(t=0.2, scenario="a"),
            said("from b, late", "b"),
            ev.ScenarioFinished(t=0.3, scenario="b"),
        ]
    )
    assert [line for line in lines if "from" in line or "group" in line] == [
        "::group::a",
        "from a",
        "::endgroup::",
        "::group::b",
        "from b, early",
        "from b, late",
        "::endgroup::",
    ]


def test_a_flood_in_the_background_is_bounded_and_says_so() -> None:
    lines = shown(
        [
            started(other("a"), other("b")),
            ev.ScenarioStarted(t=0.1, scenario="a", worker=0),
            ev.ScenarioStarted(t=0.1, scenario="b", worker=1),
            *(said(f"line {number}", "b", t=number / CALM) for number in range(KEPT_LINES + 5)),
            ev.ScenarioFinished(t=0.2, scenario="b"),
            ev.ScenarioFinished(t=0.3, scenario="a"),
        ]
    )
    assert "... 5 lines left out here; the log file has them" in lines
    assert "line 4" not in lines
    assert "line 5" in lines


def flooded(*events: ev.Event) -> list[str]:
    """What is shown of a flood and of what comes after it."""
    lines = FLOOD + FLOOD_END + 7
    flood = ev.Output(t=1.0, scenario="console", origin="", lines=tuple(str(number) for number in range(lines)))
    return shown([started(planned("ping")), ev.ScenarioStarted(t=0.1, scenario="console", worker=0), flood, *events])


def test_of_a_flood_begin_and_end_are_shown() -> None:
    left_out = "... 7 lines left out here; the log file has them"
    lines = flooded(ev.ScenarioFinished(t=1.1, scenario="console"))
    assert lines[lines.index("::group::console") + 1 :][:FLOOD] == [str(number) for number in range(FLOOD)]
    end = lines.index(left_out)
    assert lines[end + 1 : end + 1 + FLOOD_END] == [str(number) for number in range(FLOOD + 7, FLOOD + 7 + FLOOD_END)]
    assert lines[end + 1 + FLOOD_END] == "::endgroup::"


def test_a_flood_ends_before_what_is_said_next_and_after_a_calm_while() -> None:
    began = flooded(ev.CaseStarted(t=1.1, scenario="console", case=0, attempt=1))
    assert began[-1] == "-- case 'ping'"
    assert began[-2] == str(FLOOD + FLOOD_END + 6)
    assert flooded(said("calm", t=1.1))[-1] == str(FLOOD - 1)
    assert flooded(said("calm", t=1.1 + FLOOD / CALM))[-2:] == [str(FLOOD + FLOOD_END + 6), "calm"]


def test_the_reason_of_a_scenario_stands_for_its_cases_that_never_ran() -> None:
    broken = Failure(kind=FailureKind.BUILD, message="no compiler", source=at(1))
    never = Failure(kind=FailureKind.NOT_RUN, message="never ran: no compiler", source=at(1))
    lines = shown(
        [
            started(planned("ping", "pong")),
            ev.ScenarioStarted(t=0.1, scenario="console", worker=0),
            *(ev.CaseNotRun(t=0.1, scenario="console", case=case, failure=never) for case in range(2)),
            ev.ScenarioFinished(t=0.1, scenario="console", failure=broken),
        ]
    )
    assert lines[-2:] == ["ERROR console: 0 of 2 cases passed, 0.0 s", "  scenario: no compiler"]


def test_the_queue_log_keeps_what_became_of_cases_when_devices_say_too_much(tmp_path: Path) -> None:
    log = QueueLog(tmp_path, largest=50)
    for _ in range(20):
        log(ev.Output(t=1.0, scenario="a", origin="", lines=("x" * 20,)))
    log(ev.BuildStarted(t=2.0, name="build-1", command="make", log="logs/build-1.log"))
    log.close()
    lines = (tmp_path / "queue_log.txt").read_text().splitlines()
    assert [line.endswith("in the other logs alone") for line in lines].count(True) == 1
    assert lines[-1].endswith("-- build build-1: make")
    assert len(lines) < 7


def test_the_log_has_every_line_with_time_and_scenario(tmp_path: Path) -> None:
    log = QueueLog(tmp_path)
    for event in [*whole_run()[:2], said("a\ud800b"), *whole_run()[2:]]:
        log(event)
    log.close()
    lines = (tmp_path / "queue_log.txt").read_text().splitlines()
    assert any(line.endswith("[console] a\\ud800b") for line in lines)
    assert any("-- case 'ping' failed: expected" in line for line in lines)
    assert lines[-1].endswith("[run] -- the run ended")


def test_the_status_is_whole_json_at_every_event(tmp_path: Path) -> None:
    status = QueueStatus(tmp_path)
    seen = []
    for event in whole_run():
        status(event)
        status.refresh()
        seen.append(json.loads((tmp_path / "queue_status.json").read_text()))
    assert seen[0]["state"] == "running"
    assert seen[0]["scenarios"][0]["state"] == "waiting"
    assert [entry["scenarios"][0]["case"] for entry in seen].count("ping") == 6
    assert seen[-1]["state"] == "passed"
    assert seen[-1]["counts"] == {
        "total": 2,
        "passed": 1,
        "failed": 0,
        "error": 0,
        "skipped": 1,
        "flaky": 1,
        "quarantined": 0,
    }
    assert [path.name for path in tmp_path.iterdir()] == ["queue_status.json"]


def test_the_status_of_a_killed_run_does_not_stay_running(tmp_path: Path) -> None:
    end_status(tmp_path, whole_run()[:7])
    status = json.loads((tmp_path / "queue_status.json").read_text())
    assert (status["state"], status["reason"]) == ("aborted", "the run ended before it was finished")
    end_status(tmp_path, whole_run())
    assert json.loads((tmp_path / "queue_status.json").read_text())["state"] == "passed"


def test_the_terminal_shows_texts_as_they_are() -> None:
    out = io.StringIO()
    failure = Failure(kind=FailureKind.TIMEOUT, message="bell \x07 [bold]x")
    with TerminalView(Console(file=out, force_terminal=True, width=100)) as view:
        view(started(planned("[red]markup[/red]")))
        view(ev.ScenarioStarted(t=0.1, scenario="console", worker=0))
        for event in attempt(0, 1, 1.0, failure):
            view(event)
        view(ev.ScenarioFinished(t=2.0, scenario="console"))
    text = out.getvalue()
    assert "[red]markup[/red]" in text
    assert "\x07" not in text


def test_each_line_names_its_device_where_there_are_several() -> None:
    line = ev.Output(t=1.0, scenario="s", origin="left", lines=("one", "two"))
    assert heard(line) == ("left: one", "left: two")
    assert heard(ev.Output(t=1.0, scenario="s", origin="", lines=("one",))) == ("one",)
    assert heard(ev.Output(t=1.0, scenario="s", origin="run", lines=("one",))) == ("one",)
    assert heard(ev.Output(t=1.0, scenario="", origin="build-1", lines=("one",))) == ("one",)


def test_an_expected_failure_is_no_silent_pass() -> None:
    progress = Progress()
    progress.apply(started(planned("known")))
    progress.apply(ev.CaseStarted(t=1.0, scenario="console", case=0, attempt=1))
    late = Failure(kind=FailureKind.TIMEOUT, message="too late\nmore")
    (said,) = said_of(ev.CaseFinished(t=2.0, scenario="console", expected=late), progress)
    assert said.endswith(" failed as expected: too late")
