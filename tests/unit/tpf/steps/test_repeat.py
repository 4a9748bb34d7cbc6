"""Rounds of steps: how many, until when, and what is said of one that fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes.scripted import ScriptedMachine
from tests.support.plays import BANNER, PANIC, PANIC_BODY, Played, play
from tests.support.steps import problems, step
from tpf.result import FailureKind


def firmware(device: ScriptedMachine, line: str) -> None:
    """Gets connected at the third question."""
    match line.split():
        case []:
            device.say("> ")
        case ["state"]:
            asked = int(device.flash.get("asked", "0")) + 1
            device.flash["asked"] = str(asked)
            device.say(f"{line}\nasked {asked} times\nstate: {'connected' if asked >= 3 else 'searching'}\n> ")
        case ["crash"]:
            device.say(PANIC + PANIC_BODY)
            device.start()
        case ["restart"]:
            device.say(f"{BANNER}")
            device.start()
        case words:
            device.say(f"{' '.join(words)}!\n> ")


def run(folder: Path, steps: str) -> Played:
    return play(folder, firmware, steps)


def sent(played: Played) -> list[str]:
    return [one.summary for one in played.steps("it") if one.kind == "send"]


def test_rounds_are_counted_and_steps_stand_within(tmp_path: Path) -> None:
    played = run(
        tmp_path,
        '<repeat times="3" save="round"><send>ping ${round}</send><expect>ping ${round}!</expect></repeat>'
        '<check value="${round}" equals="3"/>',
    )
    assert played.verdicts == ["passed"]
    assert sent(played) == ['send "ping 1"', 'send "ping 2"', 'send "ping 3"']
    assert [(one.kind, one.depth) for one in played.steps("it")] == [
        ("repeat", 0),
        *[("send", 1), ("expect", 1)] * 3,
        ("check", 0),
    ]


@pytest.mark.parametrize(
    "inside",
    [
        "<send>state</send>",
        "<send>state</send><expect>&gt; </expect>",  # uses the text up
        '<send>state</send><expect match="regex" save="state">state: (\\w+)</expect>',
        '<send>state</send><wait for="1ms"/>',
    ],
)
def test_until_the_console_shows_it(tmp_path: Path, inside: str) -> None:
    played = run(tmp_path, f'<repeat times="9" until="state: connected">{inside}</repeat>')
    assert played.verdicts == ["passed"]
    assert len(sent(played)) == 3


def test_until_with_a_limit_and_no_number(tmp_path: Path) -> None:
    assert len(sent(run(tmp_path, '<repeat within="9s" until="connected"><send>state</send></repeat>'))) == 3


def test_what_until_found_is_used_up(tmp_path: Path) -> None:
    played = run(
        tmp_path,
        '<repeat times="9" until="state: \\w+"><send>state</send></repeat><expect within="10ms">asked 1</expect>',
    )
    assert played.headline.startswith('expected "asked 1" within 10ms')


def test_until_that_never_comes(tmp_path: Path) -> None:
    played = run(tmp_path, '<repeat times="2" until="state: connected"><send>state</send></repeat>')
    assert played.headline == 'expected match of "state: connected" in 2 rounds; it did not come'
    assert "asked 2 times" in played.message
    assert played["it"].failure is not None
    assert played["it"].failure.kind is FailureKind.TIMEOUT


def test_a_step_that_fails_says_in_which_round(tmp_path: Path) -> None:
    played = run(
        tmp_path,
        '<repeat times="5" save="n"><send>ping ${n}</send><expect within="20ms">${n}!</expect>'
        '<check value="${n}" max="2"/></repeat><send>never</send>',
    )
    assert played.message == 'round 3 of 5: ${n}: "3" is more than 2'
    assert [str(one.verdict) for one in played.steps("it") if one.kind == "check"] == ["passed", "passed", "failed"]
    assert sent(played)[-1] == 'send "ping 3"'


def test_rounds_within_rounds(tmp_path: Path) -> None:
    inner = '<repeat times="2" save="b"><send>${a}${b}</send><check value="${a}${b}" differs="22"/></repeat>'
    played = run(tmp_path, f'<repeat times="3" save="a">{inner}</repeat>')
    assert played.message == 'round 2 of 3: round 2 of 2: ${a}${b}: "22" is what it must not be'
    assert max(one.depth for one in played.steps("it")) == 2


def test_rounds_that_take_too_long(tmp_path: Path) -> None:
    played = run(tmp_path, '<repeat within="50ms" until="never"><wait for="20ms"/></repeat>')
    assert played.headline.startswith('repeat until match of "never" within 50ms: round ')
    failure = played["it"].failure
    assert failure is not None
    assert failure.kind is FailureKind.TIMEOUT
    last = played.steps("it")[-1]
    assert (last.kind, last.failure and last.failure.kind) == ("wait", FailureKind.TIMEOUT)


def test_a_case_that_takes_too_long_ends_the_rounds(tmp_path: Path) -> None:
    played = play(
        tmp_path, firmware, '<case name="it" timeout="50ms"><repeat times="9999"><wait for="1ms"/></repeat></case>'
    )
    assert played.headline.startswith("the case 'it' took longer than its limit of 0.05s, at the step wait")


def test_a_panic_in_each_round(tmp_path: Path) -> None:
    played = run(tmp_path, '<repeat times="5"><send>crash</send><expect-panic/><expect>&gt; </expect></repeat>')
    assert played.verdicts == ["passed"]


def test_a_panic_in_a_round_that_nothing_asks_for(tmp_path: Path) -> None:
    played = run(tmp_path, '<repeat times="2"><send>crash</send><expect within="9s">pong</expect></repeat>')
    assert played.headline == f"panic: {PANIC.strip()}"


def test_resets_that_are_asked_for_in_each_round(tmp_path: Path) -> None:
    played = run(tmp_path, '<repeat times="6"><send>restart</send><expect-reset/></repeat>')
    assert played.verdicts == ["passed"]


@pytest.mark.parametrize(
    "attributes, problem",
    [
        ({}, "<repeat> needs times or until: else it never ends"),
        ({"until": "x"}, "attribute until: it may never come: say times or within, too"),
        ({"until": "x*", "times": "3"}, 'attribute until: "x*" matches the empty line: one round would do'),
    ],
)
def test_what_it_can_not_mean(attributes: dict[str, str], problem: str) -> None:
    assert problems(step("repeat", "", step("send", "x"), **attributes)) == [problem]


@pytest.mark.parametrize(
    "attributes, summary",
    [
        ({"times": "1"}, "repeat once"),
        ({"times": "3"}, "repeat 3 times"),
        ({"until": "up", "times": "3", "within": "5s"}, 'repeat 3 times until match of "up" within 5s'),
        ({"until": "up", "within": "5s"}, 'repeat until match of "up" within 5s'),
    ],
)
def test_how_it_says_what_it_does(tmp_path: Path, attributes: dict[str, str], summary: str) -> None:
    written = " ".join(f'{name}="{value}"' for name, value in attributes.items())
    played = run(tmp_path, f"<repeat {written}><send>up</send></repeat>")
    assert played.steps("it")[0].summary == summary
