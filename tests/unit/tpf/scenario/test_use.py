"""Files of steps that scenarios share: read where they are used, told about at their own places."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.language import HEAD, WORDS, Files
from tpf.errors import ScenarioErrors
from tpf.result import Source
from tpf.scenario.model import Scenario, Step
from tpf.scenario.parse import load_scenarios
from tpf.scenario.vocabulary import Vocabulary
from tpf.steps.expect import Expect
from tpf.steps.use import Use

WITH_USE = Vocabulary(steps={**WORDS.steps, "use": Use}, machines=WORDS.machines)
GREET = '<steps><param name="who"/><param name="word" default="hello"/><say>${word} ${who}</say></steps>'


def load(files: Files, steps: str, *more: str) -> tuple[Scenario, ...]:
    texts = [steps, *more]
    paths = [
        files.write(
            f'{HEAD.replace("play", f"play {number}")}\n<case name="c" timeout="5s">{text}</case></scenario>',
            f"play{number}.xml",
        )
        for number, text in enumerate(texts)
    ]
    return load_scenarios(paths, WITH_USE, files.options())


def use(files: Files, steps: str) -> Step:
    """The one <use> of a case."""
    ((scenario,)) = load(files, steps)
    return scenario.cases[0].steps[-1]


def problems(files: Files, steps: str, *more: str) -> list[str]:
    with pytest.raises(ScenarioErrors) as caught:
        load(files, steps, *more)
    return str(caught.value).split("\n")


def test_the_steps_keep_their_own_places_and_get_the_values(files: Files) -> None:
    files.write(GREET, "shared/greet.xml")
    step = use(files, '<use file="shared/greet.xml"><param name="who" value="Ann"/></use>')
    assert (step.kind, step.source) == ("use", Source(file="play0.xml", line=2, column=29))
    (said,) = step.children
    assert said.bound.text == "hello Ann"
    assert said.source == Source(file="shared/greet.xml", line=1, column=63)
    assert said.folder == files.folder / "shared"
    assert step.bound.children == (said,)


def test_a_value_in_a_regular_expression_matches_itself(files: Files) -> None:
    files.write(
        '<steps><param name="prompt"/><expect match="regex">^${prompt}\\d</expect><expect>${prompt}</expect></steps>',
        "prompt.xml",
    )
    words = Vocabulary(steps={**WITH_USE.steps, "expect": Expect}, machines=WORDS.machines)
    step = '<use file="prompt.xml"><param name="prompt" value="a.b ${target}+> "/></use>'
    file = files.write(f'{HEAD}<case name="c">{step}</case></scenario>')
    (scenario,) = load_scenarios([file], words, files.options())
    pattern, plain = (step.bound.text for step in scenario.cases[0].steps[0].children)
    assert (pattern, plain) == (r"^a\.b hall\+> \d", "a.b hall+> ")


def test_a_default_gives_way(files: Files) -> None:
    files.write(GREET, "greet.xml")
    step = use(files, '<use file="greet.xml"><param name="who" value="Ann"/><param name="word" value=""/></use>')
    assert step.children[0].bound.text == " Ann"


def test_a_default_may_hold_params_that_are_declared_before(files: Files) -> None:
    text = '<steps><param name="a"/><param name="b" default="(${a})"/><param name="c" default="${b}!"/>'
    files.write(f"{text}<say>${{b}} ${{c}}</say></steps>", "pair.xml")
    step = use(files, '<use file="pair.xml"><param name="a" value="x"/></use>')
    assert step.children[0].bound.text == "(x) (x)!"


def test_a_value_may_be_known_only_in_the_run(files: Files) -> None:
    files.write(GREET, "greet.xml")
    hear = '<hear regex="yes" save="name">(x)</hear>'
    step = use(files, f'{hear}<use file="greet.xml"><param name="who" value="${{name}}, $${{name}}"/></use>')
    assert step.children[0].bound is None
    assert step.children[0].text == "hello ${name}, $${name}"


def test_what_is_saved_inside_is_known_behind(files: Files) -> None:
    files.write('<steps><hear regex="yes" save="name">(x)</hear></steps>', "ask.xml")
    load(files, '<use file="ask.xml"/><say>${name}</say>')
    assert "unknown name ${name}" in problems(files, '<say>${name}</say><use file="ask.xml"/>')[0]


def test_files_use_files(files: Files) -> None:
    files.write(GREET, "parts/greet.xml")
    files.write(
        '<steps><param name="all"/><use file="parts/greet.xml"><param name="who" value="${all}"/></use></steps>',
        "outer.xml",
    )
    step = use(files, '<use file="outer.xml"><param name="all" value="Ann"/></use>')
    assert step.children[0].children[0].bound.text == "hello Ann"


def test_a_use_may_stand_in_a_step_that_holds_steps(files: Files) -> None:
    files.write("<steps><say>la</say></steps>", "sing.xml")
    step = use(files, '<chorus><part voice="alto">la</part><use file="sing.xml"/></chorus>')
    assert step.bound.children[1].children[0].bound.text == "la"


def test_a_problem_tells_its_place_and_that_of_the_use(files: Files) -> None:
    files.write('<steps>\n <hear within="9s">x</hear>\n</steps>', "slow.xml")
    assert problems(files, '<use file="slow.xml"/>') == [
        "slow.xml:2:8: attribute within: 9s is longer than the case's timeout, 5s (used in play0.xml:2:29)"
    ]


def test_a_problem_of_a_file_that_many_use_is_told_once(files: Files) -> None:
    files.write("<steps><sya/><say>${x}</say></steps>", "wrong.xml")
    told = problems(files, '<use file="wrong.xml"/><use file="wrong.xml"/>', '<use file="wrong.xml"/>')
    assert [problem.partition(":")[2].split(":")[:2] for problem in told] == [["1", "8"], ["1", "19"]]
    assert all(problem.endswith("(used in play0.xml:2:29)") for problem in told)


def test_paths_start_from_the_file_that_says_them(files: Files) -> None:
    files.write("x", "shared/tune.wav")
    files.write('<steps><play file="tune.wav"/></steps>', "shared/play.xml")
    assert use(files, '<use file="shared/play.xml"/>').children[0].bound.file == "tune.wav"
    files.write('<steps><play file="../../../tune.wav"/></steps>', "shared/play.xml")
    assert "leaves the checkout" in problems(files, '<use file="shared/play.xml"/>')[0]


def test_a_link_does_not_lead_out_of_the_checkout(files: Files, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside") / "steps.xml"
    outside.write_text("<steps><say/></steps>")
    (files.folder / "link.xml").symlink_to(outside)
    assert "leaves the checkout" in problems(files, '<use file="link.xml"/>')[0]


def test_a_file_that_uses_itself_by_another_name_is_found_out(files: Files) -> None:
    path = files.write('<steps><use file="other.xml"/></steps>', "loop.xml")
    (files.folder / "other.xml").symlink_to(path)
    assert "would use itself without end: loop.xml > loop.xml" in problems(files, '<use file="loop.xml"/>')[0]


def test_the_work_of_reading_is_bounded(files: Files) -> None:
    files.write(f"<steps>{'<say/>' * 5000}</steps>", "many.xml")
    (problem,) = problems(files, '<use file="many.xml"/>' * 10)
    assert "more than 50000 elements" in problem
    for number in range(7):  # each file twice as many as the one before
        again = f'<use file="x{number + 1}.xml"/>' * 20
        files.write(f"<steps>{again}</steps>", f"x{number}.xml")
    files.write("<steps><say/></steps>", "x7.xml")
    assert "more than 50000 elements" in problems(files, '<use file="x0.xml"/>')[0]


def test_a_file_of_steps_does_not_run_by_itself(files: Files) -> None:
    files.write("<steps><say/></steps>", "shared/steps.xml")
    files.write(f'{HEAD}<case name="c"><use file="shared/steps.xml"/></case></scenario>')
    assert len(load_scenarios([Path()], WITH_USE, files.options())) == 1
    with pytest.raises(ScenarioErrors, match="doesn't run by itself, but where a scenario says <use"):
        load_scenarios([Path("shared/steps.xml")], WITH_USE, files.options())
