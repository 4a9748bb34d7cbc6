from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from testarena_ci.viewing.request import Refused
from testarena_ci.viewing.tail import JournalTail, console_piece


@pytest.fixture
def tail(tmp_path: Path) -> Iterator[JournalTail]:
    made = JournalTail(tmp_path, "events.jsonl")
    yield made
    made.close()


def write(path: Path, text: bytes, mode: str = "ab") -> None:
    with path.open(mode) as file:
        file.write(text)


def test_lines_come_once_and_a_torn_one_when_it_is_whole(tail: JournalTail, tmp_path: Path) -> None:
    journal = tmp_path / "events.jsonl"
    assert tail.look().lines == ()
    write(journal, b"one\ntw")
    assert (tail.look().lines, tail.look().lines) == ((b"one",), ())
    write(journal, b"o\nthree\n")
    assert (tail.look().lines, tail.look().lines) == ((b"two", b"three"), ())


def test_another_journal_in_its_place_begins_anew(tail: JournalTail, tmp_path: Path) -> None:
    journal = tmp_path / "events.jsonl"
    write(journal, b"one\ntwo\n")
    assert tail.look().fresh
    journal.unlink()
    assert (gone := tail.look()).fresh
    assert gone.lines == ()
    write(journal, b"uno\n")
    assert (anew := tail.look()).fresh
    assert anew.lines == (b"uno",)
    assert not tail.look().fresh


def test_a_journal_that_was_replaced_between_two_looks_is_noticed(tail: JournalTail, tmp_path: Path) -> None:
    journal = tmp_path / "events.jsonl"
    write(journal, b"one\n")
    tail.look()
    write(tmp_path / "new", b"uno\ndos\n")
    (tmp_path / "new").rename(journal)
    assert (anew := tail.look()).fresh
    assert anew.lines == (b"uno", b"dos")


def test_a_journal_that_was_emptied_in_its_place_begins_anew(tail: JournalTail, tmp_path: Path) -> None:
    journal = tmp_path / "events.jsonl"
    write(journal, b"one\ntwo\n")
    tail.look()
    write(journal, b"x\n", "wb")
    assert (anew := tail.look()).fresh
    assert anew.lines == (b"x",)


def test_a_long_journal_comes_in_pieces_and_a_long_line_whole(tail: JournalTail, tmp_path: Path) -> None:
    lines = [b"%d" % number * 1000 for number in range(1000)] + [b"x" * (3 << 20)]
    write(tmp_path / "events.jsonl", b"\n".join(lines) + b"\n")
    came: list[bytes] = []
    gain = tail.look()
    assert gain.more
    while gain.lines:
        came += gain.lines
        gain = tail.look()
    assert came == lines


def test_the_console_comes_in_whole_lines(tmp_path: Path) -> None:
    log = tmp_path / "console.log"
    write(log, b"one\ntwo\nthr")
    first = console_piece(tmp_path, ("console.log",), 0)
    assert (first.first, first.next, first.lines) == (0, 8, ("one", "two"))
    write(log, b"ee \xff\xc3\n")
    assert console_piece(tmp_path, ("console.log",), first.next).lines == ("three \ufffd\ufffd",)


def test_of_a_long_console_the_end_comes(tmp_path: Path) -> None:
    write(tmp_path / "console.log", b"".join(b"line %d\n" % number for number in range(1000)))
    piece = console_piece(tmp_path, ("console.log",), 0, most=100)
    assert piece.lines[-1] == "line 999"
    assert all(line.startswith("line 9") for line in piece.lines)
    assert piece.first > 0
    assert sum(len(line) + 1 for line in piece.lines) == piece.next - piece.first <= 100


def test_a_line_without_end_does_not_hold_up(tmp_path: Path) -> None:
    write(tmp_path / "console.log", b"x" * 1000)
    piece = console_piece(tmp_path, ("console.log",), 0, most=100)
    assert piece.next == 1000


@pytest.mark.parametrize("since", [-5, 10**12])
def test_numbers_that_somebody_made_up_mean_the_beginning(since: int, tmp_path: Path) -> None:
    write(tmp_path / "console.log", b"one\n")
    assert console_piece(tmp_path, ("console.log",), since).lines == ("one",)


def test_a_console_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused):
        console_piece(tmp_path, ("console.log",), 0)
