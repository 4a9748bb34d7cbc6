"""Console logs by line number, whole and with a gap."""

from __future__ import annotations

from testarena_ci.reports.console import ConsoleLines, ConsoleText


def numbers(log: ConsoleLines, first: int, last: int) -> list[tuple[int, str]]:
    return [(line.number, line.text) for line in log.between(first, last)]


def test_a_line_has_its_time_and_text() -> None:
    (line,) = ConsoleText(head=b"     0.334  I (322) main: up\n").lines().between(1, 1)
    assert (line.number, line.time, line.text, line.mark) == (1, 0.334, "I (322) main: up", False)


def test_a_line_of_a_device_with_a_time_of_its_own_has_both() -> None:
    raw = b"     0.334 @    61.020  I (61011) main: up"
    (line,) = ConsoleText(head=raw + b"\n").lines().between(1, 1)
    assert (line.time, line.device_time, line.text) == (0.334, 61.02, "I (61011) main: up")
    assert (line.stamp, line.written) == ("0.334 @61.020", raw.decode())


def test_a_text_that_looks_like_a_time_is_the_devices() -> None:
    (line,) = ConsoleText(head=b"     0.334   @     1.000  x\n").lines().between(1, 1)
    assert (line.time, line.device_time, line.text) == (0.334, None, " @     1.000  x")


def test_testarenas_own_words_are_marks() -> None:
    own, device = ConsoleText(head=b"     0.340  -- boot 2\n-- not a console log\n").lines().between(1, 2)
    assert own.mark
    assert not device.mark
    assert device.time is None


def test_only_newlines_end_lines() -> None:
    text = "     0.001  a\u2028b\x0bc\x85d\r\n     0.002  e".encode()
    assert numbers(ConsoleText(head=text).lines(), 1, 9) == [(1, "a\u2028b\x0bc\x85d"), (2, "e")]


def test_bytes_that_are_no_utf8_survive() -> None:
    assert numbers(ConsoleText(head=b"     0.001  \xff\xfe\n").lines(), 1, 1) == [(1, "\\xff\\xfe")]


def test_a_range_is_cut_to_what_there_is() -> None:
    log = ConsoleText(head=b"a\nb\nc\n").lines()
    assert numbers(log, -5, 2) == [(1, "a"), (2, "b")]
    assert numbers(log, 3, 99) == [(3, "c")]
    assert numbers(log, 2, 1) == []
    assert numbers(log, 0, -1) == []
    assert log.total == 3


def test_lines_after_a_gap_keep_their_numbers() -> None:
    log = ConsoleText(head=b"a\nb\n", tail=b"y\nz\n", left_out=10).lines()
    assert log.total == 14
    assert numbers(log, 2, 13) == [(2, "b"), (13, "y")]
    assert numbers(log, 14, 20) == [(14, "z")]
    assert numbers(log, 3, 12) == []


def test_a_very_long_line_is_cut() -> None:
    (line,) = ConsoleText(head=b"x" * 1_000_000).lines().between(1, 1)
    assert line.text.endswith("… (995904 more characters in this line)")


def test_no_text_is_no_line() -> None:
    assert ConsoleText(problem="gone").lines().total == 0
