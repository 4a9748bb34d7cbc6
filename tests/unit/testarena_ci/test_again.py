"""The line that runs one case of a report again."""

from __future__ import annotations

import shlex

from msgspec.structs import replace

from testarena_ci.again import FLAGS, UNSAID, case_again, properties
from tests.support.builders import case, run, scenario


def test_it_names_file_case_and_what_made_the_run() -> None:
    flags = tuple(properties("esp32", [("baud", "9600"), ("greeting", "it's"), ("wifi.password", "x")]))
    assert dict(flags)[UNSAID] == "wifi.password"
    one = scenario("console answers [2/5]", "console", case("ping, 'again'", 3))
    line = case_again(run(one, properties=flags), one, one.cases[0])
    assert shlex.split(line) == [
        *("testarena", "run", "scenarios/console.xml", "--case", "console answers/ping, 'again'"),
        *("--target", "esp32", "--set", "baud=9600", "--set", "greeting=it's"),
    ]


def test_a_test_that_a_step_told_of_is_run_by_its_case() -> None:
    one = scenario("s", "s", replace(case("unity / adds", 3), part_of="unity"))
    assert shlex.split(case_again(run(one), one, one.cases[0]))[-2:] == ["--case", "s/unity"]


def test_a_whole_scenario_can_be_run_again() -> None:
    one = scenario("s", "s")
    assert shlex.split(case_again(run(one), one, None))[-2:] == ["--case", "s"]


def test_what_no_command_line_can_hold_has_none() -> None:
    one = scenario("a\x00b", "s")
    assert case_again(run(one), one, None) == ""


def test_nothing_given_is_nothing_kept() -> None:
    assert tuple(properties("", [])) == ()
    assert FLAGS in dict(properties("esp32", []))
