"""Blocks of a hand-written page that are made from the code.

<!-- made: files -->
| file | what it is |
...
<!-- end -->
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

_BLOCK = re.compile(r"(?P<begin><!-- made: (?P<name>[a-z-]+) -->\n).*?(?P<end><!-- end -->\n)", re.DOTALL)


def filled(text: str, makers: Mapping[str, Callable[[], str]]) -> str:
    """The page with its blocks made anew. Raises ValueError when its blocks are not those that there are makers for."""
    found = [match["name"] for match in _BLOCK.finditer(text)]
    if sorted(found) != sorted(makers):
        raise ValueError(f"the page has the blocks {found}, but {sorted(makers)} are made")
    return _BLOCK.sub(lambda match: f"{match['begin']}\n{makers[match['name']]()}\n{match['end']}", text)
