r"""From the bytes of a console, torn anywhere, to text that is safe to show: printable characters, tabs, ends, colours.

    b"\x1b[0;32mI (31) boot\x1b[0m\r\n\xff\x00" → "\x1b[0;32mI (31) boot\x1b[0m\n\\xff\\x00"

- Bytes that are no UTF-8, and control characters, are spelled out as ``\xNN``.
- CR LF, also with several CRs, is a line end. A lone CR, which starts the line over on a terminal, ends it, too: what
  a progress display showed stays visible and can be waited for.
- Colours (SGR sequences, ``ESC [ ... m``) stay; `without_colours` removes them. All other escape sequences (ECMA-48,
  and xterm's strings) are removed. One that never ends is no sequence: its ESC is spelled out.

The result doesn't depend on how the bytes were cut into pieces.
"""

from __future__ import annotations

import codecs
import re
from typing import Final

_COLOUR: Final = r"\x1b\[[0-9;:]{0,32}m"
_CONTROL: Final = r"[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f-\x9f]"

# The bounds keep a device that opens a sequence and never ends it from swallowing its own output.
_SEQUENCES: Final = (
    r"\x1b\[[0-?]{0,64}[ -/]{0,8}[@-~]",  # CSI
    r"\x1b[\]P_^X][^\x07\x1b\r\n]{0,1024}(?:\x07|\x1b\\)",  # OSC, DCS, APC, PM, SOS: strings
    r"\x1b[ -/]{1,4}[0-~]",  # character sets and the like
    r"\x1b[0-OQ-WYZ\\`-~]",  # two characters; not those that open one of the above
)
_TORN: Final = re.compile(r"\x1b(?:\[[0-?]{0,64}[ -/]{0,8}|[\]P_^X][^\x07\x1b\r\n]{0,1024}\x1b?|[ -/]{0,4})\Z")
_LONGEST_TORN: Final = 1030

_colours = re.compile(_COLOUR)
_odd = re.compile(rf"{_CONTROL}|\x1b")
_special = re.compile(rf"(?P<colour>{_COLOUR})|(?P<sequence>{'|'.join(_SEQUENCES)})|{_CONTROL}+|\x1b")
_ORDINARY: Final = bytes([*range(0x20, 0x7F), *b"\t\r\n"])
_crs = re.compile(r"\r\r+")
_SPELLED: Final = {code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0))}


def without_colours(text: str) -> str:
    """The text without its SGR sequences."""
    return _colours.sub("", text) if "\x1b" in text else text


class Decoder:
    """Takes bytes in pieces of any size and returns the clean text that became certain."""

    def __init__(self) -> None:
        self._utf8 = codecs.getincrementaldecoder("utf-8")("backslashreplace")
        self._torn = ""  # the beginning of an escape sequence
        self._cr = False  # CRs came, and what follows decides what they are
        self._at_line_start = True

    def feed(self, data: bytes) -> str:
        """The text that these bytes complete."""
        text = self._utf8.decode(data)
        if self._torn or data.translate(None, _ORDINARY):
            text = _cleaned(self._without_torn_end(self._torn + text))
        return self._with_line_ends(text)

    def finish(self) -> str:
        """The text that was held back, spelled out: the device has ended, or a new boot begins."""
        text = _cleaned(self._torn + self._utf8.decode(b"", final=True))
        self._torn = ""
        text = self._with_line_ends(text)
        self._cr = False
        return text

    def _without_torn_end(self, text: str) -> str:
        found = _TORN.search(text, max(0, len(text) - _LONGEST_TORN))
        self._torn = found[0] if found else ""
        return text[: found.start()] if found else text

    def _with_line_ends(self, text: str) -> str:
        if self._cr:
            text = "\r" + text
            self._cr = False
        if "\r" in text:
            text = text.replace("\r\n", "\n")  # nearly always all there is to do
            if "\r" in text:
                text = self._without_lone_crs(text)
        if text:
            self._at_line_start = text[-1] == "\n"
        return text

    def _without_lone_crs(self, text: str) -> str:
        whole = text.rstrip("\r")
        self._cr = len(whole) < len(text)
        if self._at_line_start:
            whole = whole.lstrip("\r")
        return _crs.sub("\r", whole).replace("\r\n", "\n").replace("\n\r", "\n").replace("\r", "\n")


def _cleaned(text: str) -> str:
    """Without escape sequences other than colours, control characters spelled out."""
    if _odd.search(without_colours(text)) is None:
        return text
    return _special.sub(_replacement, text)


def _replacement(found: re.Match[str]) -> str:
    if found.lastgroup == "colour":
        return found[0]
    return "" if found.lastgroup == "sequence" else found[0].translate(_SPELLED)
