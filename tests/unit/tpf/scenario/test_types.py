"""Types: what is written becomes the right value, or a message that begins with it; the schema agrees."""

from __future__ import annotations

import math
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from tpf.scenario import types
from tpf.scenario.types import Type, choice, integer, quote

RIGHT: list[tuple[Type[Any], str, Any]] = [
    (types.DURATION, "500ms", 0.5),
    (types.DURATION, "1.5s", 1.5),
    (types.DURATION, "2min", 120.0),
    (types.DURATION, "168h", 604800.0),
    (types.DURATION, "0s", 0.0),
    (types.SIZE, "4MB", 4 << 20),
    (types.SIZE, "512B", 512),
    (types.SIZE, "1KB", 1024),
    (types.SIZE, "2GB", 2 << 30),
    (types.FLAG, "true", True),
    (types.FLAG, "false", False),
    (types.NUMBER, "-2.5", -2.5),
    (types.NUMBER, ".5e3", 500.0),
    (types.NUMBER, "+1.", 1.0),
    (types.NAME, "a.b-c_1", "a.b-c_1"),
    (types.NAMES, " a  b\nc ", ("a", "b", "c")),
    (types.NAMES, "", ()),
    (types.TAGS, "slow net:wifi 2/3 slow", ("slow", "net:wifi", "2/3")),
    (types.LINE, "  a line é ", "a line é"),
    (types.TEXT, " any\n thing ", " any\n thing "),
    (types.PATH, "../a b/c", "../a b/c"),
    (types.HEX, " 0d0A\n ff ", b"\r\n\xff"),
    (types.HEX, "", b""),
    (types.ARGUMENTS, "a 'b c' \"d\" e\\ f", ("a", "b c", "d", "e f")),
    (integer(-3, 5), " -3 ", -3),
    (choice("a", "b"), "b", "b"),
]

WRONG: list[tuple[Type[Any], str]] = [
    *(
        (types.DURATION, text)
        for text in ("5", "", "s", "1,5s", "5 s", "5S", "-1s", "1e3s", "inf s", "5sec", "٣s", "169h")
    ),
    *((types.SIZE, text) for text in ("4", "4 MB", "4mb", "1.5MB", "4M", "-1B", "4MiB")),
    *((types.FLAG, text) for text in ("1", "yes", "True", "")),
    *((types.NUMBER, text) for text in ("", "1_000", "nan", "inf", "1e999", "0x10", "1,5", "٣", " 1")),
    *((types.NAME, text) for text in ("", "1a", "a b", "é", "a" * 65, "-a", "a\n")),
    *((types.NAMES, text) for text in ("a 1b", "a,b")),
    *((types.TAGS, text) for text in ("a,b", "é", "a" * 65)),
    *((types.LINE, text) for text in ("", "  ", "a" * 201, "a\nb", "a\x7fb", "a\u2028b")),
    *((types.PATTERN, text) for text in ("(", "*", "[", "(?P<a>x)(?P<a>y)", "(" * 5000 + ")" * 5000, "a{99999999999}")),
    *((types.PATH, text) for text in ("", " ", "/etc", " /etc", "a\0b")),
    *((types.HEX, text) for text in ("0", "0g", "0 d", "0x0d")),
    *((types.ARGUMENTS, text) for text in ("'a", 'a "b', "a\\", "a\0b")),
    *((integer(1, 9), text) for text in ("", "0", "10", "1.0", "a", "1" * 19, "٣")),
    *((choice("a", "b"), text) for text in ("", "c", "A", "a ")),
]


@pytest.mark.parametrize("kind, text, value", RIGHT)
def test_right_values(kind: Type[Any], text: str, value: object) -> None:
    assert kind.convert(text) == value


@pytest.mark.parametrize("kind, text", WRONG)
def test_wrong_values_are_told_with_the_value_first(kind: Type[Any], text: str) -> None:
    with pytest.raises(ValueError, match=r"^'") as caught:
        kind.convert(text)
    assert len(str(caught.value)) < 400
    assert str(caught.value).isprintable()


def test_patterns_never_warn() -> None:
    assert types.compile_pattern("[[a]").pattern == "[[a]"  # may become a set operation: a FutureWarning of Python's


def test_values_are_quoted_as_written_but_printable() -> None:
    assert quote(r"free: (\d+)") == r"'free: (\d+)'"
    assert quote("a\n\x1b[0m") == r"'a\n\x1b[0m'"
    assert quote("x" * 100) == f"'{'x' * 77}...'"


def xsd_agrees(kind: Type[Any], text: str) -> bool:
    """Whether a pattern of XSD accepts what the converter accepts."""
    try:
        kind.convert(text)
        right = True
    except ValueError:
        right = False
    return bool(re.fullmatch(kind.pattern, text)) or not right


PATTERNED = [value for value in vars(types).values() if isinstance(value, Type) and value.pattern]


@pytest.mark.parametrize("kind", PATTERNED, ids=lambda kind: kind.name)
def test_patterns_are_patterns_of_the_schema_too(kind: Type[Any]) -> None:
    pattern = kind.pattern.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    restriction = f'<xs:restriction base="xs:string"><xs:pattern value="{pattern}"/></xs:restriction>'
    simple = f'<xs:element name="a"><xs:simpleType>{restriction}</xs:simpleType></xs:element>'
    xsd = etree.XMLSchema(
        etree.fromstring(f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">{simple}</xs:schema>')
    )
    for other, text, _ in RIGHT:
        if other is kind:
            element = etree.Element("a")
            element.text = text
            assert xsd.validate(element), text


@given(st.sampled_from(PATTERNED), st.one_of(st.text(max_size=20), st.from_regex(r"[ +\-.:/0-9a-fA-Fsmhx]{0,12}")))
def test_the_schema_never_refuses_what_the_reader_takes(kind: Type[Any], text: str) -> None:
    assert xsd_agrees(kind, text)


@pytest.mark.parametrize("written, meant", [("5", "5s"), ("1.5", "1.5s"), ("1 h", "1h"), (" 20 ms", "20ms")])
def test_a_duration_that_is_nearly_one_is_told_with_what_was_meant(written: str, meant: str) -> None:
    with pytest.raises(ValueError, match=f"did you mean '{meant}'"):
        types.DURATION.convert(written)


@given(st.floats(min_value=0, max_value=600_000).map(lambda value: f"{value:.3f}"))
def test_durations_are_exact_enough(number: str) -> None:
    assert math.isclose(types.DURATION.convert(f"{number}s"), float(number))
