"""The documentation: what is made from the code is up to date, and what people wrote is true as far as can be told."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import click
import pytest
import yaml

from testarena_ci.cli.main import testarena as program
from testarena_ci.live.queue_files import status_of
from testarena_ci.settings_file import read_file
from tests.support.documents import Block, alike, blocks, commands
from tests.support.events import whole_run
from tools.docs.__main__ import out_of_date
from tools.docs.blocks import filled
from tpf.language import own_vocabulary
from tpf.progress import Progress
from tpf.scenario.elements import CaseElement, ScenarioElement
from tpf.scenario.options import LoadOptions
from tpf.scenario.parse import load_scenarios

ROOT = Path(__file__).resolve().parents[2]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
BLOCKS = [block for page in PAGES for block in blocks(page)]


SCENARIOS = [  # those of the reference page are in the tests of the language, those with directives are run
    block
    for block in BLOCKS
    if block.language == "xml" and not block.tests and "<testsuite" not in block.text and block.page.stem != "scenario"
]
WORKFLOWS = [block for block in BLOCKS if block.language == "yaml" and "jobs:\n" in block.text]
SETTINGS = [block for block in BLOCKS if block.text.startswith("# testarena.yml")]


def each(chosen: list[Block]) -> pytest.MarkDecorator:
    """The test for each of these blocks, of which there must be some."""
    assert chosen
    return pytest.mark.parametrize("block", chosen, ids=str)


def test_pages_made_from_the_code_are_up_to_date() -> None:
    assert out_of_date() == [], "run: make docs"


def test_a_page_with_blocks_that_nobody_makes_is_refused() -> None:
    page = "a\n<!-- made: one -->\nold\n<!-- end -->\nb\n"
    assert filled(page, {"one": lambda: "new"}) == "a\n<!-- made: one -->\n\nnew\n<!-- end -->\nb\n"
    with pytest.raises(ValueError, match="one"):
        filled(page, {"two": lambda: "new"})


# ---- scenarios


def scenario_of(text: str) -> str:
    """A whole scenario around a piece of one."""
    if "<scenario" in text:
        return text
    if text.startswith("<steps"):
        given = "".join(f'<param name="{name}" value="1"/>' for name in re.findall(r'<param name="(\w+)"/>', text))
        return scenario_of(f'<use file="page.xml">{given}</use>')
    known = {child.element.name for child in ScenarioElement.element.children if not isinstance(child, str)}
    tags = {element.tag for element in ET.fromstring(f"<piece>{text}</piece>")}  # noqa: S314 - a page of our own
    if not tags <= known:
        text = f'<case name="piece">{text}</case>'
    if CaseElement.element.name not in tags and "<case" not in text:
        text += '<case name="more"><wait for="1s"/></case>'
    return f'<scenario name="piece" target="esp32c3">{text}</scenario>'


def with_its_files(page: str, folder: Path) -> Path:
    """The scenario as a file, with the images, scripts and shared steps that it names beside it."""
    text = scenario_of(page)
    place = folder / "checkout" / "project" / "scenarios" / "scenario.xml"
    place.parent.mkdir(parents=True)
    data = re.findall(r'<(?:part|efuse|storage) [^>]*\bfile="([^"]+)"', text)
    for name in (*re.findall(r'(?:image|elf|script)="([^"$]+)"', text), *data):
        image = (place.parent / name).resolve()
        assert image.is_relative_to(folder)
        image.parent.mkdir(parents=True, exist_ok=True)
        image.touch()
    for name in re.findall(r'project="([^"$]+)"', text):
        project = (place.parent / name).resolve()
        assert project.is_relative_to(folder)
        project.mkdir(parents=True, exist_ok=True)
        for file in ("CMakeLists.txt", "sdkconfig.defaults", "sdkconfig.ci"):
            (project / file).touch()
    for name in re.findall(r'<use file="([^"]+)"', text):
        steps = (place.parent / name).resolve()
        assert steps.is_relative_to(folder)
        steps.parent.mkdir(parents=True, exist_ok=True)
        params = "".join(f'<param name="{name}"/>' for name in re.findall(r'<param name="(\w+)" value', text))
        saves = "".join(
            f'<expect match="regex" save="{name}">(.)</expect>' for name in re.findall(r"\$\{(\w+)\}", text)
        )
        steps.write_text(page if page.startswith("<steps") else f"<steps>{params}{saves}<reset/></steps>")
    place.write_text(text)
    return place


@each(SCENARIOS)
def test_scenarios_on_the_pages_are_right(block: Block, tmp_path: Path) -> None:
    place = with_its_files(block.text, tmp_path)
    options = LoadOptions(checkout=tmp_path / "checkout", cwd=tmp_path, values={"version": "1"})
    assert load_scenarios([place], own_vocabulary(), options)


# ---- commands


def lines_of(block: Block) -> list[str]:
    """The command lines of a block in a language for those."""
    if block.language == "console":
        return [command.line for command in commands(block)]
    return block.text.splitlines()


def calls(line: str) -> Iterator[list[str]]:
    """The arguments of each call of testarena in a line of shell."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars="|&;()<>")
    lexer.whitespace_split = True
    lexer.commenters = "#"
    words: list[str] = []
    for word in (*lexer, ";"):
        if word[0] not in "|&;()<>":
            words.append(word)
            continue
        if words[:1] == ["testarena"]:
            yield words[1:]
        words = []


@each([block for block in BLOCKS if block.language in ("console", "sh")])
def test_commands_on_the_pages_exist(block: Block) -> None:
    for line in lines_of(block):
        for name, *arguments in calls(line):
            with program.commands[name].make_context(name, arguments):
                pass


def test_flags_that_the_pages_name_exist() -> None:
    known = {option for command in program.commands.values() for option in options_of(command)}
    known |= {"--version", "--help", "--check"}
    for page in PAGES:
        named = set(re.findall(r"`(?:testarena \w+ )?(--[a-z-]+)", page.read_text()))
        assert named <= known, page


def options_of(command: click.Command) -> Iterator[str]:
    for parameter in command.params:
        yield from (*parameter.opts, *parameter.secondary_opts)
    for part in command.commands.values() if isinstance(command, click.Group) else ():
        yield from options_of(part)


# ---- workflows, settings, JSON


def test_workflows_on_the_pages_are_valid(tmp_path: Path) -> None:
    for number, block in enumerate(WORKFLOWS):
        (tmp_path / f"{number}-{block.page.stem}-{block.line}.yml").write_text(block.text)
    files = sorted(map(str, tmp_path.iterdir()))
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows", *files]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout


def test_workflows_on_the_pages_give_the_action_what_it_knows(checkout: Path) -> None:
    action = yaml.safe_load((checkout / "action.yml").read_text())
    for block in WORKFLOWS:
        for step in uses_of_the_action(block):
            assert set(step.get("with", {})) <= set(action["inputs"]), block
        assert set(re.findall(r"steps\.testarena\.outputs\.([a-z-]+)", block.text)) <= set(action["outputs"]), block


def uses_of_the_action(block: Block) -> Iterator[dict[str, Any]]:
    for job in yaml.safe_load(block.text)["jobs"].values():
        yield from (step for step in job["steps"] if "testarena/run@" in step.get("uses", ""))


@each(SETTINGS)
def test_settings_files_on_the_pages_are_right(block: Block, tmp_path: Path) -> None:
    file = tmp_path / "testarena.yml"
    file.write_text(block.text)
    assert read_file(file)


def test_the_example_of_the_queue_status_has_the_fields_of_a_real_one() -> None:
    (example,) = [json.loads(block.text) for block in BLOCKS if '"updated"' in block.text]
    progress = Progress()
    for event in whole_run():
        progress.apply(event)
    real = status_of(progress, 0.0)
    assert list(example) == list(real)
    assert list(example["counts"]) == list(real["counts"])
    assert list(example["scenarios"][0]) == list(real["scenarios"][0])


# ---- links


def anchors(page: Path) -> set[str]:
    """Where a link can lead to within a page, as forges make it of headings."""
    text = re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE)
    made = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
    return made | set(re.findall(r"<a id='([^']+)'", text))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_to_headings_lead_somewhere(page: Path) -> None:
    for target, anchor in re.findall(r"\]\(([^)#\s:]*)#([^)\s]+)\)", page.read_text()):
        there = (page.parent / target).resolve() if target else page
        assert anchor in anchors(there), f"{target}#{anchor}"


# ---- the tools of these tests


@pytest.mark.parametrize(
    "shown, real, same",
    [
        ("PASSED in 0.3s\n", "PASSED in 12.5s\n", True),
        ("...\nPASSED\n", "a\nb\nPASSED\n", True),
        ("a\n...\n", "a\n", True),
        ("", "", True),
        ("PASSED\n", "PASSED\nand more\n", False),
        ("", "Traceback\n", False),
        ("1 failed\n", "2 failed\n", False),
        ("unknown step ...\n", "unknown step <sned>; did you mean <send>?\n", True),
    ],
)
def test_output_is_compared_but_for_times_and_what_is_left_out(shown: str, real: str, same: bool) -> None:
    assert alike(shown, real) is same
