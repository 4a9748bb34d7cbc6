"""Problems as people, editors and programs read them."""

from __future__ import annotations

import json

import pytest

from testarena_ci.cli.problems import as_json, counted, lines
from testarena_ci.context import wants_colours
from testarena_ci.settings import SettingsErrors
from tpf.errors import Problem, ScenarioErrors
from tpf.result import Source

SLIP = Problem(source=Source(file="a.xml", line=2, column=5), message="unknown step <sned>; did you mean <send>?")
HOSTILE = Problem(source=Source(file="::error::x\n.xml"), message="##[error]no\x1b[31m scenario")


def test_lines_have_the_form_that_editors_know() -> None:
    assert list(lines([SLIP], colours=False)) == ["a.xml:2:5: unknown step <sned>; did you mean <send>?"]
    (coloured,) = lines([SLIP], colours=True)
    assert coloured == "\x1b[1ma.xml:2:5\x1b[0m: unknown step <sned>; did you mean <send>?"


def test_nothing_in_them_acts_as_a_command() -> None:
    (said,) = lines([HOSTILE], colours=False)
    assert not said.startswith("::")
    assert "##[" not in said
    assert "\x1b" not in said


@pytest.mark.parametrize(
    "problems, said",
    [
        ([SLIP], "1 problem in 1 file"),
        ([SLIP, SLIP], "2 problems in 1 file"),
        ([SLIP, HOSTILE], "2 problems in 2 files"),
    ],
)
def test_the_count(problems: list[Problem], said: str) -> None:
    assert counted(ScenarioErrors(tuple(problems))) == said
    assert counted(SettingsErrors(tuple(problems))).endswith(" in the settings")


def test_json_is_a_list_with_these_members_and_no_others() -> None:
    assert json.loads(as_json([])) == []
    assert json.loads(as_json([SLIP])) == [{"file": "a.xml", "line": 2, "column": 5, "message": SLIP.message}]


@pytest.mark.parametrize(
    "environ, terminal, coloured",
    [
        ({}, True, True),
        ({}, False, False),
        ({"NO_COLOR": "1"}, True, False),
        ({"NO_COLOR": ""}, True, True),
        ({"TERM": "dumb"}, True, False),
        ({"CI": "true"}, True, False),
    ],
)
def test_who_gets_colours(environ: dict[str, str], terminal: bool, coloured: bool) -> None:
    assert wants_colours(environ, terminal=terminal) is coloured
