"""Reading a Unity run that the firmware makes by itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes.scripted import ScriptedMachine
from tests.fakes.unity_firmware import BANNER, PANIC, PROMPT
from tests.support.plays import Played, play
from tests.support.steps import bound, problems, step
from tpf.result import CaseResult, FailureKind

RUNS = Path(__file__).resolve().parents[4] / "data" / "unity" / "runs"


def run(folder: Path, text: str, step: str = '<unity mode="read" each="100ms"/>') -> Played:
    """Read a text that the device says in three pieces."""

    def firmware(device: ScriptedMachine, line: str) -> None:
        third = len(text) // 3 + 1
        for number in range(3):
            device.soon(lambda piece=text[number * third : (number + 1) * third]: device.say(piece), number * 0.005)  # type: ignore[misc]

    return play(folder, firmware, step)


def parts(played: Played) -> dict[str, CaseResult]:
    return {case.name.removeprefix("it / "): case for case in played.result.cases if case.part_of}


def ends(played: Played) -> dict[str, str]:
    return {name: str(case.verdict) for name, case in parts(played).items()}


def test_results_are_told_up_to_the_summary(tmp_path: Path) -> None:
    played = run(tmp_path, BANNER + (RUNS / "plain.txt").read_text())
    assert ends(played) == {
        "adds numbers": "passed",
        "fails on purpose": "failed",
        "is ignored": "skipped",
        "delay takes its time": "passed",
    }
    assert played.headline == "1 of 4 tests did not pass: fails on purpose"


def test_a_fixtures_run(tmp_path: Path) -> None:
    played = run(tmp_path, (RUNS / "fixture.txt").read_text())
    assert list(ends(played).values()) == ["passed", "failed", "skipped", "skipped", "passed", "passed", "passed"]
    assert parts(played)["math.takes time"].seconds == 0.012


@pytest.mark.parametrize(
    "text, verdicts, kind, headline",
    [
        (
            "Running a...\nx.c:1:a:PASS\nRunning b...\n",
            {"a": "passed", "b": "failed"},
            FailureKind.TIMEOUT,
            (
                "the Unity run never came to its summary: nothing was heard of it for 100ms; one test had a result, "
                '"b" was running'
            ),
        ),
        (
            f"x.c:1:a:PASS\nRunning b...\n5 {PANIC}Rebooting...\n",
            {"a": "passed", "b": "failed"},
            FailureKind.PANIC,
            (
                f"the Unity run never came to its summary: panic: 5 {PANIC.splitlines()[0]}; one test had a result, "
                '"b" was running'
            ),
        ),
        (
            f"x.c:1:a:PASS\n5 Tests 2 Fail\n{BANNER}",
            {"a": "passed"},
            FailureKind.MISMATCH,
            (
                "the Unity run never came to its summary: the chip restarted: rst:0xc (RTC_SW_CPU_RST),boot:0x8 "
                "(SPI_FAST_FLASH_BOOT); one test had a result"
            ),
        ),
        (
            "x.c:1:a:PASS\n3 Tests 0 Failures 0 Ignored\n",
            {"a": "passed"},
            FailureKind.STEP,
            (
                "Unity's summary and the results don't agree: it says 3 tests, 0 failures, 0 ignored; "
                "seen were 1 tests, 0 failures, 0 ignored"
            ),
        ),
        (
            "0 Tests 0 Failures 0 Ignored\nOK\n",
            {},
            FailureKind.MISMATCH,
            "the Unity run has no test: 0 tests, 0 failures, 0 ignored",
        ),
        (PROMPT, {}, FailureKind.MISMATCH, 'the firmware has Unity\'s menu: <unity mode="menu"/> drives it'),
        (
            "nothing of that sort\n",
            {},
            FailureKind.TIMEOUT,
            "the Unity run never came to its summary: nothing was heard of it for 100ms; no test had a result",
        ),
    ],
)
def test_a_run_that_is_not_as_it_should_be(
    tmp_path: Path, text: str, verdicts: dict[str, str], kind: FailureKind, headline: str
) -> None:
    played = run(tmp_path, text)
    assert ends(played) == verdicts
    assert played["it"].failure is not None
    assert (played["it"].failure.kind, played.headline) == (kind, headline)


def test_the_menu_never_comes(tmp_path: Path) -> None:
    def firmware(device: ScriptedMachine, line: str) -> None:
        device.say("shell> ")

    played = play(tmp_path, firmware, '<unity within="50ms"/>')
    assert played.headline == "the Unity run took longer than 50ms; it was waiting for its menu"


@pytest.mark.parametrize(
    "attributes, problem",
    [
        ({"mode": "read", "tests": "a"}, 'attribute tests: with mode="read" the firmware itself chooses'),
        ({"mode": "read", "groups": "a"}, 'attribute groups: with mode="read" the firmware itself chooses'),
        ({"each": "10s", "within": "5s"}, "attribute each: 10s is longer than within, 5s"),
    ],
)
def test_what_it_can_not_mean(attributes: dict[str, str], problem: str) -> None:
    assert problems(step("unity", **attributes)) == [problem]


@pytest.mark.parametrize(
    "attributes, summary",
    [
        ({}, "run Unity's tests"),
        ({"groups": "math heap", "exclude": "a*;2"}, 'run Unity\'s tests groups="[math]; [heap]" exclude="a*; 2"'),
        ({"mode": "read", "within": "5s"}, "read a Unity run within 5s"),
    ],
)
def test_how_it_says_what_it_does(attributes: dict[str, str], summary: str) -> None:
    assert bound(step("unity", **attributes)).summary() == summary
