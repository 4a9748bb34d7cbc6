r"""Unity's menu, and which of its tests are wanted.

    Here's the test menu, pick your combo:
    (1)\t"adds numbers" [math]
    (2)\t"survives a reset" [reset][reset=SW_CPU_RESET]
    \t(1)\t"stage one"
    \t(2)\t"stage two"

    Enter test for running.

All pure. A choice is a list of items with semicolons between: a number, a `[tag]` (`[a][b]` for both), or a name, in
which `*` stands for anything and `?` for any character.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Final

from tpf.console.quoting import quote

_STRICT: Final = re.compile(r'\((?P<number>\d{1,6})\)\t"(?P<name>.*)" ?(?P<tags>(?:\[[^\[\]]*\]\s*)*)\Z')
_LENIENT: Final = re.compile(r'\((?P<number>\d{1,6})\)\t"(?P<name>.*?)" (?P<tags>(?:\[[^\[\]]*\])*)')
_STAGE: Final = re.compile(r'\t\((?P<number>\d{1,6})\)\t"(?P<name>.*)"')
_TAG: Final = re.compile(r"\[([^\[\]]*)\]")
_BETWEEN: Final = re.compile(r";|(?<=\])\s+(?=\[)")
_LISTED: Final = 30  # names in a message


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A test of the menu."""

    number: int
    name: str
    tags: tuple[str, ...] = ()  # without brackets
    stages: tuple[str, ...] = ()  # empty when it has but one

    def value(self, tag: str) -> str:
        """What stands behind the `=` of a tag; "" when there is no such tag."""
        return next((own.partition("=")[2] for own in self.tags if own.partition("=")[0] == tag), "")


def parse_menu(lines: Iterable[str]) -> tuple[Entry, ...]:
    """The tests of a menu; other lines (logs of other tasks) are none. Raises ValueError when some are missing."""
    entries: list[Entry] = []
    for line in lines:
        stage = _STAGE.search(line)
        entry = None if stage is not None else _STRICT.search(line) or _LENIENT.search(line)
        if stage is not None and entries:
            entries[-1] = replace(entries[-1], stages=(*entries[-1].stages, stage["name"]))
        elif entry is not None:
            tags = tuple(_TAG.findall(entry["tags"]))
            entries.append(Entry(number=int(entry["number"]), name=entry["name"], tags=tags))
    found = [entry.number for entry in entries]
    missing = sorted(set(range(1, max(found, default=0) + 1)) - set(found))
    if missing or len(set(found)) < len(found):
        what = f"no test {missing[0]}" if missing else "a number twice"
        raise ValueError(f"the menu is torn: it has {what}")
    return tuple(entries)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which tests are wanted: those of `tests` (all when it is empty) that are in `groups`, without `exclude`."""

    tests: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    def __str__(self) -> str:
        named = (("tests", self.tests), ("groups", self.groups), ("exclude", self.exclude))
        return " ".join(f'{name}="{"; ".join(items)}"' for name, items in named if items)


def items_of(text: str) -> tuple[str, ...]:
    """The items of a choice as written."""
    return tuple(item.strip() for item in _BETWEEN.split(text) if item.strip())


def chosen(entries: Sequence[Entry], choice: Choice) -> tuple[Entry, ...]:
    """The wanted tests, in the menu's order. Raises ValueError when none is, or an item stands for none."""
    for item in (*choice.tests, *choice.groups):
        if not any(_is_meant(entry, item) for entry in entries):
            raise ValueError(_nothing(item, entries))
    wanted = [
        entry
        for entry in entries
        if (not choice.tests or any(_is_meant(entry, item) for item in choice.tests))
        and (not choice.groups or any(_is_meant(entry, item) for item in choice.groups))
        and not any(_is_meant(entry, item) for item in choice.exclude)
    ]
    if not wanted:
        raise ValueError(f"no test is left of {str(choice) or 'the menu'}; {_known(entries)}")
    return tuple(wanted)


def why_left_out(entry: Entry, choice: Choice) -> str:
    """The reason why a test that is wanted as one of many can't or shall not run; "" when it is to run."""
    if "multi_device" in entry.tags:
        return "it needs several devices"
    off = next((tag for tag in entry.tags if tag in ("ignore", "disabled")), None)
    if off is None or any(_names(entry, item) for item in choice.tests):
        return ""
    return f"it is tagged [{off}]"


def _is_meant(entry: Entry, item: str) -> bool:
    tags = _TAG.findall(item)
    if tags and _TAG.sub("", item) == "":
        return set(tags) <= set(entry.tags)
    return _names(entry, item)


def _names(entry: Entry, item: str) -> bool:
    """Whether an item is the number or a name of a test."""
    if item.isdecimal():
        return entry.number == int(item)
    parts = re.split(r"([*?])", item)
    pattern = "".join({"*": ".*", "?": "."}.get(part) or re.escape(part) for part in parts)
    return re.fullmatch(pattern, entry.name) is not None or item == entry.name


def _nothing(item: str, entries: Sequence[Entry]) -> str:
    near = get_close_matches(item, [entry.name for entry in entries], n=1)
    hint = f"did you mean {quote(near[0])}? " if near else ""
    return f"no test is {quote(item)}; {hint}{_known(entries)}"


def _known(entries: Sequence[Entry]) -> str:
    names = [f"{entry.name}{''.join(f' [{tag}]' for tag in entry.tags)}" for entry in entries[:_LISTED]]
    more = f"\n  ... and {len(entries) - _LISTED} more" if len(entries) > _LISTED else ""
    return f"the firmware has {len(entries)}:" + "".join(f"\n  {name}" for name in names) + more
