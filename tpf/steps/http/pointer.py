"""JSON pointers (RFC 6901): ``/heap/free``, ``/tasks/0/name``, with ``~1`` for a slash and ``~0`` for a tilde."""

from __future__ import annotations

import difflib
import json
import re
from typing import Any, Final

from tpf.console.quoting import quote, shorten
from tpf.scenario.types import Type

_POINTER: Final = r"(/([^~]|~[01])*)?"
_INDEX: Final = re.compile(r"0|[1-9][0-9]{0,17}")
_SHOWN: Final = 10  # names that a message lists


def _pointer(text: str) -> str:
    if re.fullmatch(_POINTER, text) is None:
        wanted = "write it as in '/heap/free', with ~1 for a slash in a name and ~0 for a tilde"
        raise ValueError(f"{quote(text)} is not a JSON pointer: {wanted}")
    return text


POINTER: Final = Type(
    name="json-pointer",
    doc="a JSON pointer (RFC 6901): `/heap/free`, `/tasks/0/name`; the empty text is the whole document",
    convert=_pointer,
    pattern=_POINTER,
)


def parse(text: str) -> Any:
    """The document. Raises ValueError for what is no JSON."""
    try:
        return json.loads(text, parse_constant=_refuse)
    except RecursionError:
        raise ValueError("it is nested too deep") from None


def _refuse(word: str) -> None:
    raise ValueError(f"{word} is no JSON")


def look_up(document: Any, pointer: str) -> Any:
    """The value that the pointer leads to. Raises LookupError that says how far it leads."""
    value, path = document, ""
    for token in pointer.split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict) and name in value:
            value = value[name]
        elif isinstance(value, list) and _INDEX.fullmatch(name) and int(name) < len(value):
            value = value[int(name)]
        else:
            raise LookupError(f"{quote(pointer)} leads nowhere: {_what_there_is(value, path, name)}")
        path += f"/{token}"
    return value


def _what_there_is(value: Any, path: str, name: str) -> str:
    place = quote(path) if path else "the document"
    if isinstance(value, list):
        return f"{place} is a list of {len(value)}"
    if not isinstance(value, dict):
        return f"{place} is {shorten(written(value), 60)}"
    near = difflib.get_close_matches(name[:80], value, n=1)
    hint = f"; did you mean {quote(near[0])}?" if near else ""
    more = ", ..." if len(value) > _SHOWN else ""
    names = ", ".join(quote(one, 40) for one in list(value)[:_SHOWN])
    return f"{place} has {names or 'nothing'}{more}{hint}"


def written(value: Any) -> str:
    """A text as it is, anything else as JSON writes it."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def same(value: Any, text: str) -> bool:
    """Whether a text stands for the value: itself for a text, anything else in any way that JSON writes it."""
    if isinstance(value, str):
        return value == text
    try:
        wanted = parse(text)
    except ValueError:
        return False
    return wanted == value and isinstance(wanted, bool) == isinstance(value, bool)
