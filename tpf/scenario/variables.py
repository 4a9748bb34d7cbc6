"""`${name}` in texts and attributes: which names a text uses, and the text with their values filled in.

``$${name}`` stands for ``${name}`` itself.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping

_REFERENCE = re.compile(r"\$(\$\{)|\$\{([^{}]*)\}")


class UnknownName(ValueError):
    """A text uses a name that nothing defines."""


def names_in(text: str) -> tuple[str, ...]:
    """The names that a text refers to, in order."""
    if "${" not in text:
        return ()
    return tuple(match[2] for match in _REFERENCE.finditer(text) if match[1] is None)


def is_constant(text: str) -> bool:
    """True when the text is the same in every run."""
    return "${" not in text or not names_in(text)


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with each `${name}` replaced. Raises UnknownName, which names the nearest known one."""
    if "${" not in text:
        return text

    def replace(match: re.Match[str]) -> str:
        if match[1] is not None:
            return "${"
        if match[2] not in values:
            raise UnknownName(unknown_name(match[2], values))
        return values[match[2]]

    return _REFERENCE.sub(replace, text)


def unknown_name(name: str, known: Iterable[str]) -> str:
    """The message for a name that nothing defines."""
    choices = sorted(known)
    near = difflib.get_close_matches(name, choices, n=1)
    hint = f"did you mean ${{{near[0]}}}?" if near else f"known here: {', '.join(choices) or 'none'}"
    return f"unknown name ${{{name}}}; {hint}"
