"""What belongs to which exchange."""

from __future__ import annotations

from testarena_ci.recording.tape import MOST_KEPT, Tape


def test_an_answer_goes_until_the_next_line_is_begun() -> None:
    tape = Tape()
    tape.hear(b"boot\r\n> ", 0.5)
    tape.begin()
    tape.hear(b"p", 1.0)
    tape.begin()
    tape.hear(b"ing", 1.1)
    tape.send("ping", 2.0)
    tape.hear(b"\r\npong\r\n", 2.5)
    tape.hear(b"> ", 3.0)
    boot, ping = tape.finish()
    assert (boot.line, boot.heard) == (None, "boot\n> ")
    assert (ping.line, ping.heard) == ("ping", "ping\npong\n> ")
    assert ping.seconds_at(ping.heard.index("pong")) == 0.5
    assert ping.seconds_at(len(ping.heard) - 1) == 1.0


def test_a_line_that_was_never_sent_is_left_out() -> None:
    tape = Tape()
    tape.hear(b"> ", 0.0)
    tape.begin()
    tape.hear(b"hal", 0.1)
    (boot,) = tape.finish()
    assert boot.heard == "> "


def test_keys_are_exchanges_of_their_own() -> None:
    tape = Tape()
    tape.press(b"\x03", 1.0)
    tape.hear(b"^C\r\n> ", 1.1)
    _, pressed = tape.finish()
    assert (pressed.line, pressed.keys, pressed.heard) == (None, b"\x03", "^C\n> ")


def test_colours_are_shown_and_not_kept() -> None:
    tape = Tape()
    assert tape.hear(b"\x1b[0;32mI (1) up\x1b[0m\r\n\x1b[5n", 0.0) == "\x1b[0;32mI (1) up\x1b[0m\n"
    assert tape.finish()[0].heard == "I (1) up\n"


def test_the_open_line_is_where_the_device_waits() -> None:
    tape = Tape()
    tape.hear(b"a\r\nde", 0.0)
    tape.hear(b"mo> ", 0.1)
    assert tape.open_line == "demo> "


def test_a_flood_is_not_kept_whole() -> None:
    tape = Tape()
    for _ in range(40):
        tape.hear(b"x" * 100_000, 0.0)
    assert MOST_KEPT <= len(tape.finish()[0].heard) < 2 * MOST_KEPT
