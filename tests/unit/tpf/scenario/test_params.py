"""Params: each combination of their values is a scenario of its own, with its values in the name."""

from __future__ import annotations

import pytest

from tests.support.language import WORDS, Files, StageOptions
from tpf.errors import ScenarioErrors
from tpf.scenario.model import Scenario
from tpf.scenario.parse import load_scenarios
from tpf.schedule import plan


def load_all(files: Files, text: str, **values: str) -> tuple[Scenario, ...]:
    return load_scenarios([files.write(text)], WORDS, files.options(values))


def problems(files: Files, text: str, **values: str) -> list[str]:
    with pytest.raises(ScenarioErrors) as caught:
        load_all(files, text, **values)
    return str(caught.value).split("\n")


PLAY = """<scenario name="play" target="${place}">
  <param name="place" values="hall yard"/>
  <param name="word" values="hi 'good day'"/>
  <machine lights="${place}MB"/>
  <case name="say ${word}"><say>${word} to the ${place}, ${scenario.name}</say></case>
</scenario>"""


def test_params_multiply_and_the_last_changes_fastest(files: Files) -> None:
    scenarios = load_all(files, PLAY.replace('lights="${place}MB"', ""))
    assert [scenario.name for scenario in scenarios] == [
        "play [place=hall, word=hi]",
        "play [place=hall, word=good day]",
        "play [place=yard, word=hi]",
        "play [place=yard, word=good day]",
    ]
    assert [scenario.target for scenario in scenarios] == ["hall", "hall", "yard", "yard"]
    assert scenarios[1].parameters == (("place", "hall"), ("word", "good day"))
    assert scenarios[3].cases[0].name == "say good day"
    assert scenarios[3].cases[0].steps[0].bound.text == "good day to the yard, play [place=yard, word=good day]"


def test_each_combination_has_a_slug_of_its_own(files: Files) -> None:
    scenarios = load_all(
        files, '<scenario name="p" target="hall"><param name="x" values="+ -"/><case name="c"><say/></case></scenario>'
    )
    assert [run.slug for run in plan(scenarios).runs] == ["p-x", "p-x-2"]


def test_a_param_that_the_name_mentions_is_not_added(files: Files) -> None:
    scenarios = load_all(
        files,
        '<scenario name="at ${x}" target="hall"><param name="x" values="1 2"/>'
        '<param name="y" values="3"/><case name="c"><say/></case></scenario>',
    )
    assert [scenario.name for scenario in scenarios] == ["at 1 [y=3]", "at 2 [y=3]"]


def test_machine_and_firmware_get_the_values(files: Files) -> None:
    scenarios = load_all(
        files,
        """<scenario name="p" target="hall"><param name="n" values="1 '2 3'"/>
      <firmware command="make 'A=${n}' B=${n}" image="out/${n}.bin"/><machine kind="radio" station="fm ${n}"/>
      <case name="c"><say/></case></scenario>""",
    )
    firmware = [scenario.devices[0].firmware for scenario in scenarios]
    assert [one.command for one in firmware if one] == [("make", "A=1", "B=1"), ("make", "A=2 3", "B=2 3")]
    assert [one.image for one in firmware if one] == ["out/1.bin", "out/2 3.bin"]
    assert [scenario.devices[0].machine.options.station for scenario in scenarios] == [("fm", "1"), ("fm", "2 3")]


def test_set_takes_the_place_of_the_values(files: Files) -> None:
    text = PLAY.replace('lights="${place}MB"', "")
    assert [scenario.name for scenario in load_all(files, text, word="ciao", place="yard")] == [
        "play [place=yard, word=ciao]"
    ]
    assert len(load_all(files, text, word="hi")) == 2


def test_a_value_that_is_wrong_somewhere_is_told_once(files: Files) -> None:
    text = """<scenario name="p" target="hall"><param name="t" values="1s 2 3s"/><param name="u" values="a b"/>
      <case name="c"><hear within="${t}">x</hear><say>${u} ${v}</say></case></scenario>"""
    assert problems(files, text) == [
        (
            "play.xml:2:28: attribute within: '2' is not a duration: write a number with its unit (ms, s, min, h), as "
            "in '500ms' or '2min'; did you mean '2s'?"
        ),
        (
            "play.xml:2:55: <say>: unknown name ${v}; known here: artifacts, report.dir, scenario.dir, scenario.name, "
            "t, target, u; --set v=VALUE gives it a value"
        ),
    ]


def test_a_wrong_param_hides_no_other_problem_and_makes_none(files: Files) -> None:
    text = """<scenario name="${p}" target="${p}"><param name="p" values="a a"/><machine lights="${p}"/>
      <case name="${p}" timeout="5"><say>${p}</say></case></scenario>"""
    assert [problem.partition(": ")[2] for problem in problems(files, text)] == [
        "attribute values: 'a' stands twice",
        (
            "attribute timeout: '5' is not a duration: write a number with its unit (ms, s, min, h), as in '500ms' or "
            "'2min'; did you mean '5s'?"
        ),
    ]


def test_many_combinations_of_a_long_file_are_refused(files: Files) -> None:
    steps = "<say/>" * 15_000
    text = f"""<scenario name="p" target="hall"><param name="a" values="1 2 3 4 5 6 7"/>
      <case name="c">{steps}</case></scenario>"""
    assert problems(files, text) == [
        (
            "play.xml:1:1: 15003 elements in 7 combinations of params are more than 50000, the most that is read: "
            "make several scenarios of it"
        )
    ]


def test_more_than_a_hundred_problems_of_all_combinations_are_too_many(files: Files) -> None:
    values = " ".join(str(number) for number in range(60))
    text = f"""<scenario name="p" target="hall"><param name="a" values="{values}"/>
      <case name="c"><hear within="${{a}}">x</hear><hear count="x${{a}}">x</hear></case></scenario>"""
    told = problems(files, text)
    assert len(told) == 101
    assert told[-1].endswith("more than 100 problems in this file: mend these first")


def test_options_stay_typed(files: Files) -> None:
    text = PLAY.replace("${place}MB", "${size}").replace("<machine", '<param name="size" values="4MB 8MB"/><machine')
    assert [scenario.devices[0].machine.options for scenario in load_all(files, text)][:2] == [
        StageOptions(lights=4 << 20),
        StageOptions(lights=8 << 20),
    ]
