"""Places of attributes and texts are exact, whatever stands around them."""

from __future__ import annotations

from tpf.scenario.places import attribute_place, text_place
from tpf.scenario.xml import parse

TEXT = """<scenario name="x" target='>'
     tags="a=b"
 timeout = "5s">
  <!-- words -->
  stray
  <case name='é' name2="😀" skip="y"><a/>  text</case>
</scenario>
"""


def test_places_of_attributes() -> None:
    document = parse(TEXT.encode(), "scenario")
    (case,) = document.root.children
    assert attribute_place(document, document.root, "name") == (1, 11)
    assert attribute_place(document, document.root, "target") == (1, 20)
    assert attribute_place(document, document.root, "tags") == (2, 6)
    assert attribute_place(document, document.root, "timeout") == (3, 2)
    assert attribute_place(document, case, "skip") == (6, 28)
    assert attribute_place(document, case, "absent") == (6, 3)


def test_places_of_texts() -> None:
    document = parse(TEXT.encode(), "scenario")
    (case,) = document.root.children
    assert text_place(document, document.root) == (5, 3)
    assert text_place(document, case) == (6, 43)
    assert text_place(document, case.children[0]) == (6, 37)  # no text: its own place


def test_places_in_a_file_with_a_byte_order_mark() -> None:
    document = parse("\ufeff<scenario name='x'>text</scenario>".encode("utf-16-le"), "scenario")
    assert attribute_place(document, document.root, "name") == (1, 11)
    assert text_place(document, document.root) == (1, 20)
