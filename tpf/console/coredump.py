"""Cuts core dumps out of a console's text: thousands of lines that nobody reads, but a program does.

    ================= CORE DUMP START =================
    lB0AAAsAAAB0AQAA
    ...
    ================= CORE DUMP END =================

The lines between become one: `(core dump, 10240 bytes: artifacts/boot/core-dump-1.b64)`. A dump ends, too, where a line
comes that is no Base64: it is torn then, and what came of it is kept all the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from tpf.console.text import without_colours

_START: Final = "CORE DUMP START"
_END: Final = "CORE DUMP END"
_BASE64: Final = re.compile(r"[A-Za-z0-9+/]{4,1024}={0,2}\s{0,8}")
_TAIL: Final = 200  # characters of an open line in which its beginning is looked for
_LARGEST: Final = 4 << 20  # characters

Keep = Callable[[str], str]  # takes a dump's text, returns where it is to be found


class CoreDumpCut:
    """Takes text in pieces; `inside` while a dump is coming."""

    def __init__(self, keep: Keep | None = None) -> None:
        self._keep = keep
        self._line = ""  # outside: the end of the open line; inside: the open line
        self._dump: list[str] = []
        self._size = 0
        self.inside = False
        self.taken = 0  # characters of all dumps so far

    def take(self, text: str) -> str:
        """The text without what belongs to a dump."""
        if self._keep is None:
            return text
        kept = []
        while text:
            if self.inside:
                self.taken += len(text)
            part, text = self._within(text) if self.inside else self._outside(text)
            kept.append(part)
        return "".join(kept)

    def finish(self) -> str:
        """The device has ended, or a new boot begins: what is left of a dump."""
        rest = self._line if self.inside else ""
        told = self._told() if self.inside else ""
        self.inside = False
        self._line = ""
        return told + rest

    def _outside(self, text: str) -> tuple[str, str]:
        seen = self._line + text
        at = seen.find(_START)
        end = seen.find("\n", at) if at >= 0 else -1
        if end < 0:
            self._line = seen[seen.rfind("\n") + 1 :][-_TAIL:]
            return text, ""
        end += 1 - len(self._line)
        self._line = ""
        self.inside = True
        return text[:end], text[end:]

    def _within(self, text: str) -> tuple[str, str]:
        *lines, self._line = (self._line + text).split("\n")
        for number, line in enumerate(lines):
            if not self._takes(line):
                rest = "\n".join((*lines[number + 1 :], self._line))
                self._line = ""
                return f"{self._told()}{line}\n", rest
        if len(self._line) > 1024:  # no line of a dump
            rest, self._line = self._line, ""
            return self._told(), rest
        return "", ""

    def _takes(self, line: str) -> bool:
        plain = without_colours(line)
        if not plain.strip():
            return True
        if _BASE64.fullmatch(plain) is None or self._size > _LARGEST:
            return False
        self._dump.append(plain.strip())
        self._size += len(plain)
        return True

    def _told(self) -> str:
        """Keep the dump, and say so."""
        dump, self._dump, self._size = self._dump, [], 0
        self.inside = False
        if not dump or self._keep is None:
            return ""
        size = sum(len(line) * 3 // 4 - line.count("=") for line in dump)
        return f"(core dump, {size} bytes: {self._keep(chr(10).join(dump) + chr(10))})\n"
