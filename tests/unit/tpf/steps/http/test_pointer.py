"""JSON pointers, with the examples of RFC 6901, section 5."""

from __future__ import annotations

from typing import Any

import pytest

from tpf.steps.http.pointer import POINTER, look_up, parse, same, written

RFC = {
    "foo": ["bar", "baz"],
    "": 0,
    "a/b": 1,
    "c%d": 2,
    "e^f": 3,
    "g|h": 4,
    "i\\j": 5,
    'k"l': 6,
    " ": 7,
    "m~n": 8,
}


@pytest.mark.parametrize(
    "text, value",
    [
        ("", RFC),
        ("/foo", ["bar", "baz"]),
        ("/foo/0", "bar"),
        ("/", 0),
        ("/a~1b", 1),
        ("/c%d", 2),
        ("/e^f", 3),
        ("/g|h", 4),
        ("/i\\j", 5),
        ('/k"l', 6),
        ("/ ", 7),
        ("/m~0n", 8),
    ],
)
def test_the_examples_of_the_rfc(text: str, value: Any) -> None:
    assert look_up(RFC, POINTER.convert(text)) == value


@pytest.mark.parametrize(
    "text, message",
    [
        ("/fo", '"/fo" leads nowhere: the document has "foo", "", "a/b"'),
        ("/fo", 'did you mean "foo"?'),
        ("/foo/2", '"/foo/2" leads nowhere: "/foo" is a list of 2'),
        ("/foo/01", '"/foo" is a list of 2'),
        ("/foo/-", '"/foo" is a list of 2'),
        ("/foo/0/x", '"/foo/0" is bar'),
    ],
)
def test_what_leads_nowhere_says_how_far_it_leads(text: str, message: str) -> None:
    with pytest.raises(LookupError) as caught:
        look_up(RFC, text)
    assert message in str(caught.value)


@pytest.mark.parametrize("text", ["foo", "a/b", "/a~2", "/a~"])
def test_what_is_no_pointer(text: str) -> None:
    with pytest.raises(ValueError, match="is not a JSON pointer: write it as in '/heap/free'"):
        POINTER.convert(text)


@pytest.mark.parametrize("text", ["NaN", "[Infinity]", "{", "", "[" * 100_000, "1" * 10_000])
def test_what_is_no_json(text: str) -> None:
    with pytest.raises(ValueError, match=r"NaN|Infinity|Expecting|deep|digits"):
        parse(text)


@pytest.mark.parametrize(
    "value, text, equal",
    [
        ("on", "on", True),
        ("3", "3", True),
        (3, "3", True),
        (3, "3.0", True),
        (3, '"3"', False),
        (True, "true", True),
        (True, "1", False),
        (1, "true", False),
        (None, "null", True),
        ({"a": [1, 2]}, '{ "a": [1, 2] }', True),
        ([1], "[1", False),
    ],
)
def test_which_texts_stand_for_a_value(value: Any, text: str, equal: bool) -> None:
    assert same(value, text) is equal


def test_values_as_they_are_saved() -> None:
    assert [written(value) for value in ("ü", 1.5, False, {"a": "ü"})] == ["ü", "1.5", "false", '{"a":"ü"}']
