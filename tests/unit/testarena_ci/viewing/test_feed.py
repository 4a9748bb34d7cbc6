from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from testarena_ci.viewing.feed import Feed, Mark, Phase, phase_of
from tests.support import events as told
from tpf.events import Event
from tpf.journal import encode


@dataclass(slots=True)
class Dial:
    """A clock that goes when it is told to."""

    at: float = 0.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def clock() -> Dial:
    return Dial()


@pytest.fixture
def feed(tmp_path: Path, clock: Dial) -> Feed:
    return Feed(tmp_path / "report", now=clock, still=clock)


@pytest.fixture
def held(tmp_path: Path) -> Iterator[int]:
    """The lock that a run has on its folder."""
    (tmp_path / "report").mkdir()
    lock = os.open(tmp_path / "report" / ".lock", os.O_RDWR | os.O_CREAT)
    fcntl.flock(lock, fcntl.LOCK_EX)
    yield lock
    os.close(lock)


def write(feed: Feed, *events: Event) -> None:
    feed.folder.mkdir(exist_ok=True)
    with (feed.folder / "events.jsonl").open("ab") as journal:
        journal.write(b"".join(encode(event) for event in events))


def test_it_waits_for_a_folder_that_is_not_there(feed: Feed) -> None:
    feed.look()
    assert feed.update(None)["phase"] == Phase.WAITING


def test_a_run_is_followed_from_its_beginning_to_its_report(feed: Feed, held: int, clock: Dial) -> None:
    events = told.whole_run()
    phases = []
    for event in events:
        write(feed, event)
        clock.at += 10
        feed.look()
        phases.append(feed.phase)
    assert set(phases[:-1]) == {Phase.RUNNING}
    assert phases[-1] is Phase.REPORTING
    (feed.folder / "index.html").touch()
    feed.look()
    assert feed.phase is Phase.ENDED


def test_a_killed_run_is_told_and_its_report_once_somebody_made_it(feed: Feed, clock: Dial) -> None:
    write(feed, *told.whole_run()[:6])
    feed.look()
    assert feed.update(None)["phase"] == "running"
    clock.at += 10
    feed.look()
    assert feed.update(None)["phase"] == "killed"
    assert feed.update(None)["left"] is None
    (feed.folder / "index.html").touch()
    feed.look()
    assert feed.update(None)["phase"] == "ended"


def test_a_new_run_replaces_the_old_one(feed: Feed) -> None:
    write(feed, *told.whole_run())
    feed.look()
    seen, woken = feed.mark, feed.changed
    feed.folder.rename(feed.folder.with_name("old"))
    write(feed, told.started(told.planned("other")))
    feed.look()
    assert woken.is_set()
    update = feed.update(seen)
    assert update["fresh"]
    assert update["run"] != seen.board
    assert [row["total"] for row in update["scenarios"]] == [1]


def test_nobody_is_woken_when_nothing_is_new(feed: Feed) -> None:
    write(feed, *told.whole_run())
    feed.look()
    changed = feed.changed
    feed.look()
    assert feed.changed is changed
    assert not changed.is_set()


@pytest.mark.parametrize("line", [b"nonsense\n", b'{"event":"Unknown"}\n', b"[" * 100_000 + b"\n"])
def test_a_damaged_journal_is_told_with_its_line(line: bytes, feed: Feed) -> None:
    write(feed, told.started(told.planned("a")))
    with (feed.folder / "events.jsonl").open("ab") as journal:
        journal.write(line)
    feed.look()
    assert feed.phase is Phase.DAMAGED
    assert "events.jsonl:2: not an event" in feed.update(None)["problem"]


def test_ids_of_others_are_no_marks_of_ours(feed: Feed) -> None:
    write(feed, *told.whole_run())
    feed.look()
    for text in ("", "1", "x-y", "x-1", f"{feed.name}-999", f"{feed.name}-{'9' * 50}", f"{feed.name}-²"):
        assert feed.update(Mark.read(text))["fresh"], text
    assert not feed.update(Mark.read(str(feed.mark)))["fresh"]


@pytest.mark.parametrize(
    "begun, finished, report, held, phase",
    [
        (False, False, False, False, Phase.WAITING),
        (True, False, False, True, Phase.RUNNING),
        (True, False, False, False, Phase.KILLED),
        (True, True, False, True, Phase.REPORTING),
        (True, True, False, False, Phase.KILLED),
        (True, True, True, True, Phase.ENDED),
        (True, False, True, False, Phase.ENDED),
        (False, False, True, False, Phase.ENDED),
    ],
)
def test_where_a_folder_stands(begun: bool, finished: bool, report: bool, held: bool, phase: Phase) -> None:
    assert phase_of(begun=begun, finished=finished, report=report, held=held) is phase
