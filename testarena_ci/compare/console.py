"""What two consoles of one case say differently: their lines beside each other, whatever times and addresses say.

Lines are aligned by their shape (all numbers masked), patience first: lines that each side has once hold the rest in
place, so that 200 000 lines take no longer than their differences.
"""

from __future__ import annotations

import difflib
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Final

from testarena_ci.compare.masks import shape, steady

_MOST: Final = (
    4_000_000  # pairs of lines that are tried between two that hold them in place; else one block for another
)


class Mark(StrEnum):
    """What a line is, by the sign that it is shown with."""

    SAME = " "
    GONE = "-"  # only before
    CAME = "+"  # only now
    NUMBERS = "~"  # another only in its numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line of one console, or the same line of both; numbers count from 0 in what was compared."""

    mark: Mark
    before: int | None
    now: int | None


def aligned(before: Sequence[str], now: Sequence[str]) -> tuple[Row, ...]:
    """All lines of both, in order; of a stretch that differs, what is gone comes before what came."""
    old, new = [steady(line) for line in before], [steady(line) for line in now]
    rows: list[Row] = []
    at = (0, 0)
    for one, other in (*_same(_shapes(old, new)), (len(old), len(new))):
        rows += (Row(mark=Mark.GONE, before=number, now=None) for number in range(at[0], one))
        rows += (Row(mark=Mark.CAME, before=None, now=number) for number in range(at[1], other))
        if one < len(old):
            mark = Mark.SAME if old[one] == new[other] else Mark.NUMBERS
            rows.append(Row(mark=mark, before=one, now=other))
        at = one + 1, other + 1
    return tuple(rows)


def around(rows: Sequence[Row], context: int, *, numbers: bool) -> Iterator[tuple[Row, ...]]:
    """The stretches that differ, each with `context` lines around it; those that touch are one."""
    marks = (Mark.GONE, Mark.CAME, Mark.NUMBERS) if numbers else (Mark.GONE, Mark.CAME)
    start = end = -1
    for index, row in enumerate(rows):
        if row.mark not in marks:
            continue
        if start >= 0 and index - context > end:
            yield tuple(rows[start:end])
            start = -1
        start = max(index - context, 0) if start < 0 else start
        end = min(index + context + 1, len(rows))
    if start >= 0:
        yield tuple(rows[start:end])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shapes:
    """Shapes of lines as numbers: the same shape is the same number."""

    old: list[int]
    new: list[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Box:
    """A stretch of both consoles; ends are not in it."""

    old: int
    old_end: int
    new: int
    new_end: int


def _shapes(old: Sequence[str], new: Sequence[str]) -> _Shapes:
    known: dict[str, int] = {}
    numbered = [[known.setdefault(shape(line), len(known)) for line in lines] for lines in (old, new)]
    return _Shapes(old=numbered[0], new=numbered[1])


def _same(shapes: _Shapes) -> list[tuple[int, int]]:
    """The pairs of lines that are each other's, ascending in both."""
    found: list[tuple[int, int]] = []
    boxes = [_Box(old=0, old_end=len(shapes.old), new=0, new_end=len(shapes.new))]
    while boxes:
        box, ends = _trimmed(shapes, boxes.pop())
        found += ends
        anchors = _anchors(shapes, box)
        if anchors:
            found += anchors
            boxes += _between(box, anchors)
        elif (box.old_end - box.old) * (box.new_end - box.new) <= _MOST:
            found += _by_difflib(shapes, box)
    return sorted(found)


def _trimmed(shapes: _Shapes, box: _Box) -> tuple[_Box, list[tuple[int, int]]]:
    """Without the lines that both begin and end with, and these."""
    old, new, most = shapes.old, shapes.new, min(box.old_end - box.old, box.new_end - box.new)
    head = 0
    while head < most and old[box.old + head] == new[box.new + head]:
        head += 1
    tail = 0
    while tail < most - head and old[box.old_end - 1 - tail] == new[box.new_end - 1 - tail]:
        tail += 1
    same = [(box.old + number, box.new + number) for number in range(head)]
    same += [(box.old_end - 1 - number, box.new_end - 1 - number) for number in range(tail)]
    inner = _Box(old=box.old + head, old_end=box.old_end - tail, new=box.new + head, new_end=box.new_end - tail)
    return inner, same


def _anchors(shapes: _Shapes, box: _Box) -> list[tuple[int, int]]:
    """Lines that each side has once, as many as are in the same order in both."""
    once_old = _once(shapes.old, box.old, box.old_end)
    once_new = _once(shapes.new, box.new, box.new_end)
    return _ascending([(number, once_new[what]) for what, number in once_old.items() if what in once_new])


def _once(lines: Sequence[int], start: int, end: int) -> dict[int, int]:
    counts = Counter(lines[start:end])
    return {lines[number]: number for number in range(start, end) if counts[lines[number]] == 1}


def _ascending(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest part whose second numbers ascend as the first do."""
    ends: list[int] = []  # the smallest second number that a row of each length ends with
    holders: list[int] = []  # which pair that is
    before: list[int] = []
    for index, (_, second) in enumerate(pairs):
        place = bisect_left(ends, second)
        before.append(holders[place - 1] if place else -1)
        ends[place : place + 1] = [second]  # appends where the row is longer than all before
        holders[place : place + 1] = [index]
    chosen: list[tuple[int, int]] = []
    index = holders[-1] if holders else -1
    while index >= 0:
        chosen.append(pairs[index])
        index = before[index]
    return chosen[::-1]


def _between(box: _Box, anchors: list[tuple[int, int]]) -> list[_Box]:
    edges = [(box.old - 1, box.new - 1), *anchors, (box.old_end, box.new_end)]
    boxes = (_Box(old=one[0] + 1, old_end=other[0], new=one[1] + 1, new_end=other[1]) for one, other in pairwise(edges))
    return [inner for inner in boxes if inner.old < inner.old_end and inner.new < inner.new_end]


def _by_difflib(shapes: _Shapes, box: _Box) -> list[tuple[int, int]]:
    old, new = shapes.old[box.old : box.old_end], shapes.new[box.new : box.new_end]
    blocks = difflib.SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    return [
        (box.old + block.a + number, box.new + block.b + number) for block in blocks for number in range(block.size)
    ]
