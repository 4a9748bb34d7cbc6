"""From files to scenarios: what the engine gets, in which order names become known, and what fits into what."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from tests.support.language import HEAD, WORDS, Files, Hear, RadioOptions, Say, StageOptions
from tpf.errors import ScenarioErrors, UsageError
from tpf.result import Source
from tpf.scenario.model import Forward
from tpf.scenario.options import LoadOptions
from tpf.scenario.parse import load_scenario, load_scenarios

WHOLE = """<?xml version="1.0" encoding="UTF-8"?>
<!-- a comment -->
<scenario name=" The play " target="hall" tags="short short funny" timeout="2min" boot="case" retries="2" silence="5s"
          xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="testarena.xsd">
  <case name="second act" timeout="30s" tags="late" retries="0" skip="no actors">
    <requirement id="ACT-2"/>
    <say/>
  </case>
  <teardown><say>bye</say></teardown>
  <setup>
    <hear save="who" regex="yes">I am (\\w+)</hear>
  </setup>
  <doc>
    For fun.
  </doc>
  <requirement id="PLAY-1"/>
  <requirement id="PLAY-1"/>
  <firmware image="stage.bin" command="make ${target}" elf="stage.elf"/>
  <machine lights="4MB">
    <forward name="door" guest="80"/>
  </machine>
  <fail-on>fire|panic</fail-on>
  <case name="third act">
    <say end="none">hello ${who}, knock at ${door} of ${target}</say>
    <hear within="1s" count=" 3 ">welcome</hear>
    <chorus><part voice="alto">la</part><say>ti</say></chorus>
  </case>
</scenario>
"""


def test_everything_is_read(files: Files) -> None:
    scenario = files.load(WHOLE)
    assert (scenario.name, scenario.target, scenario.folder) == ("The play", "hall", files.folder)
    assert scenario.source == Source(file="play.xml", line=3, column=1)
    assert (scenario.tags, scenario.timeout, scenario.boot) == (("short", "funny"), 120.0, "case")
    assert (scenario.retries, scenario.silence, scenario.doc) == (2, 5.0, "For fun.")
    assert scenario.requirements == ("PLAY-1",)
    assert [(guard.pattern, guard.source.line) for guard in scenario.fail_on] == [("fire|panic", 22)]
    assert [step.kind for step in scenario.setup] == ["hear"]
    assert [step.text for step in scenario.teardown] == ["bye"]


def test_devices_are_read(files: Files) -> None:
    (device,) = files.load(WHOLE).devices
    assert device.firmware is not None
    assert (device.firmware.image, device.firmware.elf, device.firmware.command) == (
        "stage.bin",
        "stage.elf",
        ("make", "hall"),
    )
    assert (device.name, device.machine.kind) == ("", "qemu")
    assert device.machine.options == StageOptions(lights=4 << 20)
    assert device.machine.forwards == (Forward(name="door", guest=80),)
    assert device.machine.source == Source(file="play.xml", line=19, column=3)


def test_cases_are_read_in_their_order(files: Files) -> None:
    second, third = files.load(WHOLE).cases
    assert (second.name, second.timeout, second.retries, second.tags) == ("second act", 30.0, 0, ("late",))
    assert (second.skip, second.requirements, len(second.steps)) == ("no actors", ("ACT-2",), 1)
    assert (third.name, third.timeout, third.retries, third.skip) == ("third act", None, 2, "")


def test_constant_steps_are_typed_when_they_are_read(files: Files) -> None:
    say, hear, chorus = files.load(WHOLE).cases[1].steps
    assert (say.bound, say.text) == (None, "hello ${who}, knock at ${door} of ${target}")
    assert (say.attributes, say.declared, say.source.line) == ((("end", "none"),), Say, 24)
    assert hear.bound == Hear(text="welcome", within=1.0, count=3)
    assert [child.kind for child in chorus.children] == ["part", "say"]
    assert [child.source.column for child in chorus.children] == [13, 41]
    assert chorus.bound.children == chorus.children


def test_equal_steps_are_equal_but_for_their_place(files: Files) -> None:
    first, second = files.steps("<say>a</say><say>a</say>")
    assert first != second
    assert first.bound is second.bound
    with pytest.raises(AttributeError):
        first.text = "b"  # type: ignore[misc] # frozen


def test_values_from_outside_are_known_when_the_file_is_read(files: Files) -> None:
    (hear,) = files.steps('<hear within="${patience}">${word}</hear>', {"patience": "3s", "word": "yes"})
    assert hear.bound == Hear(text="yes", within=3.0)
    (problem,) = files.problems(f'{HEAD}<case name="c"><hear within="${{p}}">x</hear></case></scenario>', {"p": "3"})
    assert problem.startswith("play.xml:1:58: attribute within: '3' is not a duration")


def test_the_callers_target_is_for_scenarios_without_one(files: Files) -> None:
    path = files.write('<scenario name="p"><case name="c"><say>${target}</say></case></scenario>')
    scenario = load_scenario(path, WORDS, files.options(target="yard"))
    assert scenario.target == "yard"
    assert scenario.cases[0].steps[0].bound == Say(text="yard")


def test_the_callers_target_takes_the_place_of_a_scenarios_own(files: Files) -> None:
    path = files.write(f'{HEAD}<case name="c"><say>${{target}}</say></case></scenario>')
    assert load_scenario(path, WORDS, files.options(target="yard")).target == "yard"


@pytest.mark.parametrize(
    "scenario, case, retries",
    [
        ("", "", 3),
        ('retries="2"', "", 2),
        ('retries="0"', "", 0),
        ("", 'retries="1"', 1),
        ('retries="2"', 'retries="0"', 0),
    ],
)
def test_the_nearest_word_on_retries_counts(files: Files, scenario: str, case: str, retries: int) -> None:
    path = files.write(f'<scenario name="p" target="hall" {scenario}><case name="c" {case}><say/></case></scenario>')
    options = dataclasses.replace(files.options(), retries=3)
    assert load_scenario(path, WORDS, options).cases[0].retries == retries


def test_a_scenario_without_machine_runs_on_the_default_one(files: Files) -> None:
    scenario = files.load(f'{HEAD}<case name="c"><say/></case></scenario>')
    assert scenario.devices[0].machine.options == StageOptions(lights=None)
    assert scenario.devices[0].firmware is None


def test_a_kind_of_machine_has_attributes_of_its_own(files: Files) -> None:
    text = '<scenario name="p"><machine kind="radio" station="a \'b c\'"/><case name="c"><say/></case></scenario>'
    assert files.load(text).devices[0].machine.options == RadioOptions(station=("a", "b c"))


def test_names_are_known_in_the_order_of_the_run(files: Files) -> None:
    cases = """
      <case name="uses">{use}</case>
      <setup><hear regex="yes" save="early">(a)</hear></setup>
      <case name="saves"><hear regex="yes" save="late">(a)</hear></case>
      <teardown><say>${{late}} ${{early}}</say></teardown>"""
    files.load(f"{HEAD}{cases.format(use='<say>${early}</say>')}</scenario>")
    (problem,) = files.problems(f"{HEAD}{cases.format(use='<say>${late}</say>')}</scenario>")
    assert problem == (
        "play.xml:2:30: <say>: unknown name ${late}; known here: artifacts, early, report.dir, scenario.dir, "
        "scenario.name, target; line 4 makes it, which runs later or not at all"
    )


def test_a_value_from_outside_is_proposed_for_what_can_be_a_name(files: Files) -> None:
    text = f'{HEAD}<case name="c"><say>${{wifi}} </say><say>${{no name}}</say></case></scenario>'
    first, second = files.problems(text)
    assert first.endswith("target; --set wifi=VALUE gives it a value")
    assert second.endswith("scenario.name, target")


def test_names_of_a_skipped_case_are_known_only_there(files: Files) -> None:
    steps = '<hear regex="yes" save="n">(a)</hear><say>${n}</say>'
    text = f'{HEAD}<case name="a" skip="later">{steps}</case><case name="b"><say>WORD</say></case></scenario>'
    files.load(text)
    (problem,) = files.problems(text.replace("WORD", "${n}"))
    assert "unknown name ${n}" in problem


def test_names_inside_a_step_are_known_after_it(files: Files) -> None:
    assert files.steps(
        '<chorus><part voice="a">b</part><hear regex="yes" save="n">(a)</hear><say>${n}</say></chorus><say>${n}</say>'
    )


def test_a_name_has_one_meaning(files: Files) -> None:
    steps = '<hear regex="yes" save="{}">(a)</hear>'
    for taken in ("target", "artifacts", "given"):
        text = f'{HEAD}<case name="c">{steps.format(taken)}</case></scenario>'
        (problem,) = files.problems(text, {"given": "1"})
        assert problem.endswith(f"attribute save: ${{{taken}}} has a meaning already: choose another name")
    assert files.steps(steps.format("again") * 2)


def test_built_in_names_can_not_be_set(files: Files) -> None:
    with pytest.raises(UsageError, match=r"the name 'target' is built in and can't be set: target, scenario.name"):
        files.load(f'{HEAD}<case name="c"><say/></case></scenario>', {"target": "yard"})


def test_problems_of_all_files_come_at_once_and_in_order(files: Files) -> None:
    files.write("<scenario>", "b/one.xml")
    files.write('<scenario name="x" target="hall" nme="">\n<case name="c"/></scenario>', "a/two.xml")
    with pytest.raises(ScenarioErrors) as caught:
        load_scenarios([files.folder / "b", files.folder / "a"], WORDS, files.options())
    places = [str(problem.source) for problem in caught.value.problems]
    assert places == ["a/two.xml:1:34", "a/two.xml:2:1", "b/one.xml:1:11"]


def test_no_two_scenarios_have_the_same_name(files: Files) -> None:
    for name in ("a.xml", "b.xml", "c.xml"):
        files.write('<scenario name="same" target="hall"><case name="c"><say/></case></scenario>', name)
    with pytest.raises(ScenarioErrors) as caught:
        load_scenarios([files.folder], WORDS, files.options())
    assert str(caught.value).split("\n") == [
        "b.xml:1:1: attribute name: 'same' is the name of the scenario in a.xml:1:1 already",
        "c.xml:1:1: attribute name: 'same' is the name of the scenario in a.xml:1:1 already",
    ]


def test_the_hundredth_problem_is_enough(files: Files) -> None:
    problems = files.problems(f'{HEAD}<case name="c">{"<sya/>" * 500}</case></scenario>')
    assert len(problems) == 101
    assert problems[-1].endswith("more than 100 problems in this file: mend these first")


def test_long_values_are_refused_and_cut_in_messages(files: Files) -> None:
    (problem,) = files.problems(f'{HEAD}<case name="c"><say>{"x" * 70_000}</say></case></scenario>')
    assert problem == "play.xml:1:57: <say>: it has 70000 characters; at most 65536 are allowed"
    (problem,) = files.problems(f'{HEAD}<case name="c"><say end="{"x" * 9_000}"/></case></scenario>')
    assert len(problem) < 200


def test_a_check_of_the_class_sees_what_depends_on_the_run(files: Files) -> None:
    """Groups and names can be counted although a part of the pattern comes later."""
    steps = '<hear regex="yes" save="a">(.)</hear><hear regex="yes" save="b c">${a} (.)</hear>'
    (problem,) = files.problems(f'{HEAD}<case name="c">{steps}</case></scenario>')
    assert problem.endswith("attribute save: 2 names for 1 groups")


def test_equal_elements_are_each_told_of(files: Files) -> None:
    problems = files.problems(f'{HEAD}<case name="c"><chorus/><chorus/><say end="x"/><say end="x"/></case></scenario>')
    assert [problem.split(": ")[0] for problem in problems] == [f"play.xml:1:{column}" for column in (52, 61, 75, 89)]


def test_the_same_file_is_loaded_once(files: Files, tmp_path: Path) -> None:
    path = files.write(f'{HEAD}<case name="c"><say/></case></scenario>')
    (tmp_path / "again.xml").symlink_to(path)
    (tmp_path / "hard.xml").hardlink_to(path)
    assert len(load_scenarios([path, path, tmp_path], WORDS, files.options())) == 1


def test_places_are_absolute_outside_of_the_current_folder(files: Files, tmp_path: Path) -> None:
    path = files.write("<scenario>")
    options = LoadOptions(checkout=tmp_path, cwd=Path("/usr"))
    with pytest.raises(ScenarioErrors) as caught:
        load_scenarios([path], WORDS, options)
    assert str(caught.value).startswith(f"{path}:1:11: ")
