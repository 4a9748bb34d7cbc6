"""Declarations are read off dataclasses, and what is written is bound to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import pytest

from tests.support.language import Chorus, Files, Hear, Say
from tpf.result import Source
from tpf.scenario.bind import BadValue, bind, bind_step
from tpf.scenario.declare import Element, attribute, attributes_of, content, doc_of
from tpf.scenario.model import Step
from tpf.scenario.types import DURATION, FLAG, TEXT, Type

HERE = Source(file="play.xml", line=1, column=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Odd:
    """Has names that Python doesn't like.

    And a second paragraph.
    """

    element: ClassVar[Element] = Element(name="odd")
    for_: float = attribute(DURATION, doc="how long", name="for")
    a_b: bool = attribute(FLAG, default=True, doc="with a dash")
    later: str = attribute(
        Type(name="later", doc="kept", convert=str, keeps_names=True), default="", doc="not filled in"
    )
    text: str = content(TEXT, default="", doc="the text")
    children: tuple[Step, ...] = ()


def test_attributes_are_read_off_the_fields() -> None:
    found = attributes_of(Odd)
    assert list(found) == ["for", "a-b", "later", ""]
    assert (found["for"].field, found["for"].required, found["for"].shown_default) == ("for_", True, "")
    assert (found["a-b"].field, found["a-b"].required, found["a-b"].shown_default) == ("a_b", False, "true")
    assert doc_of(Odd) == "Has names that Python doesn't like.\n\nAnd a second paragraph."


def test_values_are_filled_in_and_converted() -> None:
    bound = bind(Odd, {"for": "${n}s", "a-b": "false", "later": "${n}"}, "n is ${n}", {"n": "2"})
    assert bound == Odd(for_=2.0, a_b=False, later="${n}", text="n is 2")


@pytest.mark.parametrize(
    "attributes, text, message",
    [
        ({"for": "2"}, "", "attribute for: '2' is not a duration"),
        ({"for": "${x}"}, "", r"attribute for: unknown name \$\{x\}"),
        ({"for": "1s"}, "${x}", r"^unknown name \$\{x\}"),
    ],
)
def test_wrong_values_name_their_attribute(attributes: dict[str, str], text: str, message: str) -> None:
    with pytest.raises(BadValue, match=message):
        bind(Odd, attributes, text, {})


def test_a_step_that_is_bound_already_stays_so() -> None:
    bound = Say(text="a")
    assert bind_step(Say, Step(kind="say", source=HERE, text="b", bound=bound), {}) is bound


def test_children_go_along_as_they_were_written() -> None:
    child = Step(kind="say", source=HERE, text="${late}")
    chorus = bind_step(Chorus, Step(kind="chorus", source=HERE, children=(child,)), {})
    assert chorus.children == (child,)


def test_what_the_reader_leaves_open_is_bound_in_the_run(files: Files) -> None:
    first, second = files.steps('<hear regex="yes" save="n">(.*)</hear><hear within="${n}">${n}</hear>')
    assert second.bound is None
    assert first.bound.save == ("n",)
    assert bind_step(second.declared, second, {"n": "3s"}) == Hear(text="3s", within=3.0)
