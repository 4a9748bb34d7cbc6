from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from testarena_ci.forges.base import CommitStatus, State
from testarena_ci.forges.words import fit, one_line, said, web_address

FUZZ = settings(deadline=None, database=None, max_examples=60)


@pytest.mark.parametrize(
    "text, expected",
    [
        ("plain", "plain"),
        ("  two\n lines\tand\r\nblanks ", "two lines and blanks"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07after", "after"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("nul\x00bell\x07", "nul bell"),
        ("right\u202eto left", "rightto left"),
        ("zero\u200bwidth", "zerowidth"),
        ("lone\ud800surrogate", "lonesurrogate"),
        ("bug \U0001f41b\U0001f41b here", "bug \N{REPLACEMENT CHARACTER} here"),
        ("a\u2028b", "a b"),
    ],
)
def test_one_line(text: str, expected: str) -> None:
    assert one_line(text) == expected


@FUZZ
@given(st.text())
def test_one_line_is_always_fit_for_a_forge(text: str) -> None:
    line = one_line(text)
    assert line == one_line(line)
    assert all(ord(char) <= 0xFFFF for char in line)
    assert not {unicodedata.category(char) for char in line} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    line.encode()


@pytest.mark.parametrize(
    "text, limit, expected",
    [
        ("short", 5, "short"),
        ("longer", 5, "long…"),
        ("ends in blank", 8, "ends in…"),
        ("äöüäöü", 4, "äöü…"),
        ("caffe\u0301e", 6, "caff…"),  # the accent is not parted from its letter
    ],
)
def test_fit(text: str, limit: int, expected: str) -> None:
    assert fit(text, limit) == expected


@FUZZ
@given(st.text(), st.integers(min_value=1, max_value=300))
def test_fit_never_exceeds_its_limit(text: str, limit: int) -> None:
    assert len(fit(text, limit)) <= limit


@pytest.mark.parametrize(
    "url, expected",
    [
        ("https://git.example.com/a/b/actions/runs/1", "https://git.example.com/a/b/actions/runs/1"),
        ("http://[::1]:3000/x", "http://[::1]:3000/x"),
        ("javascript:alert(1)", ""),
        ("ftp://x/y", ""),
        ("https://user:password@x/y", ""),
        ("https://x/y z", ""),
        ("https://x/\ny", ""),
        ("https://[broken", ""),
        ("", ""),
    ],
)
def test_web_address(url: str, expected: str) -> None:
    assert web_address(url) == expected


@pytest.mark.parametrize(
    "body, expected",
    [
        (json.dumps({"message": "Not Found"}), "Not Found"),
        (
            json.dumps({"message": "Validation Failed", "errors": [{"field": "sha", "code": "invalid"}]}),
            "Validation Failed; sha invalid",
        ),
        (json.dumps({"message": "No", "errors": [{"message": "why"}, "and why"]}), "No; why; and why"),
        (json.dumps({"message": 5, "errors": {"a": 1}}), "5"),
        (json.dumps({"message": "token s3cret is bad"}), "token *** is bad"),
        (json.dumps(["a list"]), ""),
        ("<html>\n<p>Bad Gateway", ""),
        ("upstream timed out\n", "upstream timed out"),
        ("", ""),
        ("[" * 100_000, "[" * 199 + "…"),
    ],
)
def test_what_an_answer_says(body: str, expected: str) -> None:
    assert said(body, "s3cret") == expected


def test_a_status_is_within_the_limits_once_it_is_made() -> None:
    status = CommitStatus(
        sha="c0", state=State.ERROR, context="\n", description="x" * 200, target_url="javascript:alert(1)"
    )
    assert (status.context, len(status.description), status.target_url) == ("testarena", 140, "")


def test_contexts_that_differ_in_case_are_one_to_a_forge() -> None:
    small, large = (
        CommitStatus(sha="c0", state=State.ERROR, context=name, description="") for name in ("Wifi", "wIFI")
    )
    assert small.key == large.key
