"""Params and files of steps in real runs: what runs, under which names, and where a failure is said to be."""

from __future__ import annotations

from pathlib import Path

from lxml import etree

from testarena_ci.reports import junit
from testarena_ci.reports.base import ReportInput
from testarena_ci.reports.console import ConsoleText
from tests.support.trial import Trial, trial
from tpf import events as ev

ECHO = '<machine kind="command" command="sh echo.sh \'${mode}\'"/>'
SCRIPT = """\
echo "mode $1"
while read -r line; do echo "got $line"; done
"""


def run(folder: Path, body: str, files: dict[str, str] | None = None, **values: str) -> Trial:
    text = f'<scenario name="it"><param name="mode" values="fast \'very slow\'"/>{ECHO}{body}</scenario>'
    return trial(folder, {"it.xml": text, "echo.sh": SCRIPT, **(files or {})}, values=values)


def single(folder: Path, body: str, files: dict[str, str]) -> Trial:
    return run(folder, body, files, mode="fast")


ASK = """<steps>
  <param name="question"/>
  <param name="answer" default="got ${question}"/>
  <send>${question}</send>
  <expect within="100ms" match="regex" save="heard">got (.*)</expect>
  <check value="${heard}" equals="${answer}"/>
</steps>
"""


def ask(question: str, answer: str, **more: str) -> str:
    attributes = "".join(f' {name}="{value}"' for name, value in more.items())
    params = f'<param name="question" value="{question}"/><param name="answer" value="{answer}"/>'
    return f'<use file="shared/ask.xml"{attributes}>{params}</use>'


def test_each_combination_runs_with_its_values(tmp_path: Path) -> None:
    ran = run(tmp_path, '<case name="c"><expect match="exact">mode ${mode}</expect></case>')
    assert ran.verdicts == ["passed", "passed"]
    assert [scenario.name for scenario in ran.result.scenarios] == ["it [mode=fast]", "it [mode=very slow]"]
    assert [scenario.slug for scenario in ran.result.scenarios] == ["it-mode-fast", "it-mode-very-slow"]
    assert [scenario.parameters for scenario in ran.result.scenarios] == [(("mode", "fast"),), (("mode", "very slow"),)]
    assert ran.log(scenario="it-mode-very-slow") == ["mode very slow"]


def test_a_value_from_outside_takes_the_place_of_all(tmp_path: Path) -> None:
    ran = run(tmp_path, '<case name="c"><expect>mode other</expect></case>', mode="other one")
    assert [(scenario.name, scenario.verdict.value) for scenario in ran.result.scenarios] == [
        ("it [mode=other one]", "passed")
    ]


def test_firmware_is_built_for_each_value_once(tmp_path: Path) -> None:
    text = """<scenario name="it"><param name="size" values="1 2"/><param name="again" values="a b"/>
      <firmware command="sh build.sh ${size}" image="fw${size}"/>
      <machine kind="command" command="cat fw${size}"/>
      <case name="c"><expect>size ${size}</expect></case></scenario>"""
    ran = trial(tmp_path, {"it.xml": text, "build.sh": 'echo "size $1" > fw$1\n'})
    assert ran.verdicts == ["passed"] * 4
    assert sum(isinstance(event, ev.BuildStarted) for event in ran.events) == 2


def test_steps_of_a_file_run_where_they_are_used(tmp_path: Path) -> None:
    body = f"""<setup>{ask("hello", "hello")}</setup>
      <case name="c"><repeat times="2">{ask("again", "again")}</repeat><send>${{heard}}</send>
        <expect>got again</expect>{ask("${heard}!", "again!")}</case>
      <teardown>{ask("bye", "bye")}</teardown>"""
    ran = single(tmp_path, body, {"shared/ask.xml": ASK})
    assert ran.headlines == [""]
    assert ran.log(scenario="it-mode-fast")[1:] == [
        *("got hello", "got again", "got again", "got again", "got again!", "got bye")
    ]


def test_a_failure_is_where_the_step_stands_and_the_use_is_around_it(tmp_path: Path) -> None:
    ran = single(tmp_path, f'<case name="c">\n{ask("x", "y")}</case>', {"shared/ask.xml": ASK})
    (attempt,) = ran["c"].attempts
    assert attempt.failure is not None
    assert str(attempt.failure.source) == "shared/ask.xml:6:3"
    assert attempt.failure.headline == 'shared/ask.xml: ${heard}: "x" is not "y"'
    assert [(step.kind, str(step.source), step.depth, step.verdict.value) for step in attempt.steps] == [
        ("use", "it.xml:2:1", 0, "failed"),
        ("send", "shared/ask.xml:4:3", 1, "passed"),
        ("expect", "shared/ask.xml:5:3", 1, "passed"),
        ("check", "shared/ask.xml:6:3", 1, "failed"),
    ]


def test_paths_of_used_steps_start_from_their_own_file(tmp_path: Path) -> None:
    files = {
        "shared/tell.xml": '<steps><run save="said">sh tell.sh</run></steps>',
        "shared/tell.sh": "echo shared\n",
        "tell.sh": "echo own\n",
    }
    body = """<case name="c"><use file="shared/tell.xml"/><check value="${said}" equals="shared"/>
      <run save="said">sh tell.sh</run><check value="${said}" equals="own"/></case>"""
    assert single(tmp_path, body, files).headlines == [""]


def test_a_use_names_the_device_of_its_steps(tmp_path: Path) -> None:
    text = f"""<scenario name="it">
      <device name="a"><machine kind="command" command="sh echo.sh a"/></device>
      <device name="b"><machine kind="command" command="sh echo.sh b"/></device>
      <case name="c">{ask("to a", "to a", on="a")}{ask("to b", "to b", on="b")}</case></scenario>"""
    ran = trial(tmp_path, {"it.xml": text, "echo.sh": SCRIPT, "shared/ask.xml": ASK})
    assert ran.headlines == [""]
    assert (ran.log("a"), ran.log("b")) == (["mode a", "got to a"], ["mode b", "got to b"])


def test_requirements_tags_and_values_come_out_in_junit(tmp_path: Path) -> None:
    text = """<scenario name="it" tags="smoke"><param name="n" values="1 2"/><requirement id="REQ-1"/>
      <machine kind="command" command="echo x"/>
      <case name="c" tags="slow"><requirement id="REQ-2"/><requirement id="REQ-3"/><log>x</log></case></scenario>"""
    ran = trial(tmp_path, {"it.xml": text})
    report = ReportInput(result=ran.result, read_log=lambda _: ConsoleText(), generator="test")
    suites = etree.fromstring(junit.render(report))
    properties = [
        {one.get("name"): one.get("value") for one in suite.findall("properties/property")} for suite in suites
    ]
    assert [(one["requirements"], one["tags"], one["parameter.n"]) for one in properties] == [
        ("REQ-1", "smoke", "1"),
        ("REQ-1", "smoke", "2"),
    ]
    (case,) = suites[0].findall("testcase")
    assert {one.get("name"): one.get("value") for one in case.iter("property")} == {
        "requirements": "REQ-2 REQ-3",
        "tags": "slow",
    }
