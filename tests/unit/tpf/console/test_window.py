from __future__ import annotations

from tpf.console.window import LARGEST, Window


def window(*texts: str) -> Window:
    made = Window()
    for text in texts:
        made.append(text)
    return made


def test_lines_are_found_by_offset() -> None:
    made = window("one\ntwo", "\nthré")
    assert made.complete == 8
    assert made.line_start(5) == 4
    assert made.line_at(5) == "two"
    assert made.line_at(made.end) == "thré"
    assert [made.number_at(offset) for offset in (0, 3, 4, 8, made.end)] == [1, 1, 2, 3, 3]


def test_numbers_stay_when_the_front_is_dropped() -> None:
    made = window("one\ntwo\nthree\n")
    made.drop_before(8)
    assert (made.base, made.number_at(8), made.line_at(8)) == (8, 3, "three")
    assert made.find(b"two", 0) == -1
    assert made.find(b"three", 0) == 8


def test_the_oldest_text_goes_when_there_is_too_much() -> None:
    made = Window()
    line = "x" * 99 + "\n"
    for _ in range(3 * LARGEST // 100_000):
        made.append(line * 1000)
    assert LARGEST - 100 <= made.end - made.base <= LARGEST * 9 // 8
    assert made.number_at(made.end) == made.end // 100 + 1
    assert made.line_at(made.base) == line.strip()
