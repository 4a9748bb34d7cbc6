"""The journal gives back the events that went in, survives a kill, and says what is wrong with anything else."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.events import whole_run
from tpf import events as ev
from tpf.journal import JournalError, JournalWriter, decode, encode, read


def write(path: Path, events: list[ev.Event]) -> None:
    with JournalWriter(path) as journal:
        for event in events:
            journal(event)


def test_events_come_back_as_they_went_in(tmp_path: Path) -> None:
    write(tmp_path / "events.jsonl", whole_run())
    assert list(read(tmp_path / "events.jsonl")) == whole_run()


def test_console_output_is_not_journaled(tmp_path: Path) -> None:
    write(tmp_path / "j", [ev.Output(t=1, scenario="a", origin="", lines=("x",)), *whole_run()])
    assert len(list(read(tmp_path / "j"))) == len(whole_run())


@pytest.mark.parametrize("keep", [1, 7, 60])
def test_a_torn_last_line_is_left_out(tmp_path: Path, keep: int) -> None:
    path = tmp_path / "j"
    write(path, whole_run())
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:-2]) + lines[-2][:keep])
    assert list(read(path)) == whole_run()[:-2]


def test_a_last_line_that_lacks_only_its_newline_counts(tmp_path: Path) -> None:
    path = tmp_path / "j"
    write(path, whole_run())
    path.write_bytes(path.read_bytes()[:-1])
    assert list(read(path)) == whole_run()


@pytest.mark.parametrize(
    "line",
    [
        b"not json",
        b"{}",
        b'{"event":"Nonsense"}',
        b'{"event":"CaseStarted","t":"x"}',
        b"\xff\xfe",
        b"[" * 5000,
        b'{"event":"RunFinished","t":1e300}',
    ],
)
def test_anything_else_is_an_error_with_file_and_line(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "j"
    path.write_bytes(encode(whole_run()[0]) + line + b"\n" + encode(whole_run()[-1]))
    with pytest.raises(JournalError, match=r"j:2: not an event"):
        list(read(path))


def test_a_missing_journal_is_said(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="no such journal"):
        list(read(tmp_path / "j"))


def test_hostile_text_stays_in_its_line() -> None:
    event = ev.Noted(t=1.0, scenario="a", case=None, text='\n{"event":"RunFinished","t":9}\u2028\x00')
    assert encode(event).count(b"\n") == 1
    assert decode(encode(event)) == event


def test_lone_surrogates_do_not_break_the_journal() -> None:
    event = ev.Noted(t=1.0, scenario="a", case=None, text="\udcff")
    assert isinstance(decode(encode(event)), ev.Noted)
