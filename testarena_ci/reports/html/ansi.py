r"""A console line as pieces of text with CSS classes: `\x1b[0;31mE (5) wifi: lost` is [("f1", "E (5) wifi: lost")].

Classes: `b` bold, `d` dim, `i` italic, `u` underlined, `f0` to `f15` and `g0` to `g15` for the sixteen colours.
`ansi.js` does the same in the page.
"""

from __future__ import annotations

import re

from testarena_ci.reports.text import plain

Piece = tuple[str, str]

_COLOURS = re.compile(r"\x1b\[([0-9;]*)m")
_FLAGS = {1: "b", 2: "d", 3: "i", 4: "u"}
_ENDS = {22: ("b", "d"), 23: ("i",), 24: ("u",), 39: ("f",), 49: ("g",)}
_LEVEL = re.compile(r"([EW]) \(\d+\) ")


def pieces(text: str) -> list[Piece]:
    """The text cut where its look changes; what can't be seen made visible."""
    made: list[Piece] = []
    look: dict[str, str] = {}
    parts = _COLOURS.split(text)
    for order, part in enumerate(parts):
        if order % 2:
            _apply(look, [int(code or 0) for code in part.split(";")])
        elif shown := plain(part):
            made.append((" ".join(sorted(look.values())), shown))
    return made


def level(text: str) -> str:
    """`error` or `warning` for a line of ESP-IDF's log at that level, whether it is coloured or not."""
    match = _LEVEL.match(_COLOURS.sub("", text))
    return {"E": "error", "W": "warning"}[match[1]] if match else ""


def _apply(look: dict[str, str], codes: list[int]) -> None:
    while codes:
        code = codes.pop(0)
        if code == 0:
            look.clear()
        elif code in _FLAGS:
            look[_FLAGS[code]] = _FLAGS[code]
        elif code in _ENDS:
            for key in _ENDS[code]:
                look.pop(key, None)
        elif code in (38, 48):
            _extended(look, "f" if code == 38 else "g", codes)
        else:
            _colour(look, code)


def _colour(look: dict[str, str], code: int) -> None:
    for base, key, first in ((30, "f", 0), (40, "g", 0), (90, "f", 8), (100, "g", 8)):
        if 0 <= code - base < 8:
            look[key] = f"{key}{first + code - base}"


def _extended(look: dict[str, str], key: str, codes: list[int]) -> None:
    """`38;5;N` and `38;2;R;G;B`: of these only the sixteen basic colours are drawn, the others keep the text's own."""
    form = codes.pop(0) if codes else 0
    values = [codes.pop(0) for _ in range({5: 1, 2: 3}.get(form, 0)) if codes]
    look.pop(key, None)
    if form == 5 and values and values[0] < 16:
        look[key] = f"{key}{values[0]}"
