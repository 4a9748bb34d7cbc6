"""From any bytes to a journal that is nearly right: events of a whole run, some of them moved, changed or left out."""

from __future__ import annotations

import json
import random
from typing import Any, Final

from tests.support.events import whole_run
from tpf.journal import encode

_LINES: Final = tuple(encode(event) for event in whole_run())
_ODD: Final[tuple[Any, ...]] = (
    None,
    True,
    -1,
    0,
    7,
    1 << 62,
    -0.5,
    1e308,
    "",
    "console",
    "../../etc/passwd",
    "logs/\x00",
    "]]>&<\x1b[31m\u202e\ufffe",
    "x" * 5000,
    [],
    {},
)


def mutated(data: bytes) -> bytes:
    """The same journal for the same bytes."""
    chance = random.Random(data)  # noqa: S311  for tests, no secret
    lines = list(_LINES)
    for _ in range(chance.randrange(4)):
        at = chance.randrange(len(lines))
        match chance.randrange(4):
            case 0 if len(lines) > 1:
                del lines[at]
            case 1:
                lines.insert(at, chance.choice(_LINES))
            case 2:
                lines.append(lines.pop(at))
            case _:
                lines[at] = _changed(lines[at], chance)
    return b"".join(lines)


def _changed(line: bytes, chance: random.Random) -> bytes:
    """The event with one of its values replaced, at any depth."""
    event = json.loads(line)
    place: Any = event
    while True:
        key = chance.choice(list(place) if isinstance(place, dict) else range(len(place)))
        inner = place[key]
        if not isinstance(inner, dict | list) or not inner or not chance.randrange(4):
            place[key] = chance.choice(_ODD)
            return json.dumps(event).encode() + b"\n"
        place = inner
