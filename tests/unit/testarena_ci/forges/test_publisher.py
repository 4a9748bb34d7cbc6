from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from testarena_ci.context import CIContext, ForgeKind, RunIdentity
from testarena_ci.forges import open_forge
from testarena_ci.forges.base import CommitStatus, Outcome, Posted, State
from testarena_ci.forges.patience import Courier
from testarena_ci.forges.publisher import StatusPublisher, resend
from testarena_ci.forges.spool import read_spool, write_spool
from tests.fakes.clock import FakeClock
from tests.fakes.forge import FakeForge, silence, status

SHA = "c0ffee" + "0" * 34
PENDING = CommitStatus(sha=SHA, state=State.PENDING, context="testarena", description="0/3 cases")
DONE = replace(PENDING, state=State.SUCCESS, description="3 passed")


class Desk:
    """A publisher before a fake forge, with all that it says."""

    def __init__(self, server: FakeForge, folder: Path) -> None:
        self.server = server
        self.clock = FakeClock()
        self.said: list[str] = []
        self.spool = folder / "unsent-statuses.json"
        self.forge = open_forge(
            CIContext(
                kind=ForgeKind.GITEA,
                api_url=server.api("gitea"),
                repository="acme/console",
                repo_url="https://git.example.com/acme/console",
                run=RunIdentity(id=7007, number=7),
                sha=SHA,
                token="tok-5ecret",
            ),
            Courier(clock=self.clock, jitter=lambda: 1.0),
        )

    def publisher(self) -> StatusPublisher:
        return StatusPublisher(
            lambda: self.forge, say=self.said.append, spool=self.spool, main="testarena", clock=self.clock
        )

    @property
    def posted(self) -> list[tuple[str, str]]:
        return [(taken.context, taken.description) for taken in self.server.statuses]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with FakeForge() as server:
        yield Desk(server, tmp_path)
        assert server.violations == []


def test_a_run_from_start_to_end(desk: Desk) -> None:
    publisher = desk.publisher()
    publisher.want(PENDING)
    publisher.want(DONE)
    assert publisher.close() == ()
    assert desk.posted[-1] == ("testarena", "3 passed")
    assert (desk.said, desk.spool.exists()) == ([], False)


def test_a_status_leads_to_the_page_of_the_run_or_to_its_own(desk: Desk) -> None:
    publisher = desk.publisher()
    publisher.want(DONE)
    publisher.want(replace(DONE, context="docs", target_url="https://docs.example/"))
    publisher.close()
    assert {taken.context: taken.target_url for taken in desk.server.statuses} == {
        "testarena": "https://git.example.com/acme/console/actions/runs/7007",
        "docs": "https://docs.example/",
    }


def test_without_a_status_nobody_is_asked(desk: Desk) -> None:
    assert desk.publisher().close() == ()
    assert desk.server.requests == []


def test_all_final_states_get_through_one_a_second(desk: Desk) -> None:
    publisher = desk.publisher()
    started = desk.clock.now()
    for number in range(8):
        publisher.want(replace(DONE, context=f"testarena/{number}"))
    assert publisher.close(budget=20) == ()
    assert len(desk.posted) == 8
    assert desk.clock.now() - started == pytest.approx(7.0)


def test_what_the_budget_leaves_is_kept_for_later(desk: Desk) -> None:
    publisher = desk.publisher()
    for number in range(6):
        publisher.want(replace(DONE, context=f"testarena/{number}"))
    publisher.want(DONE)
    unsent = publisher.close(budget=2.5)
    assert ("testarena", "3 passed") in desk.posted
    assert len(desk.posted) + len(unsent) == 7
    assert read_spool(desk.spool) == unsent
    assert (
        desk.said[-1]
        == f"{len(unsent)} commit statuses are not posted yet: `testarena finish` sends them from {desk.spool}"
    )


def test_a_later_process_sends_what_is_left(desk: Desk) -> None:
    write_spool(desk.spool, [DONE])
    assert resend(lambda: desk.forge, desk.spool, say=desk.said.append)
    assert (desk.posted, desk.spool.exists(), desk.said) == ([("testarena", "3 passed")], False, [])


def test_nothing_left_nothing_to_send(desk: Desk) -> None:
    assert resend(lambda: desk.forge, desk.spool, say=desk.said.append)
    assert desk.server.requests == []


def test_a_stale_spool_of_an_earlier_run_goes(desk: Desk) -> None:
    write_spool(desk.spool, [replace(DONE, description="of another run")])
    publisher = desk.publisher()
    publisher.want(DONE)
    publisher.close()
    assert (desk.posted, desk.spool.exists()) == ([("testarena", "3 passed")], False)


def test_a_forge_that_says_no_is_asked_once_and_told_about_once(desk: Desk) -> None:
    desk.server.always = status(403, "no right")
    publisher = desk.publisher()
    publisher.want(DONE)
    publisher.want(replace(DONE, context="testarena/wifi"))
    assert publisher.close() == ()
    assert len(desk.server.writes) == 1
    assert len(desk.said) == 1
    assert desk.said[0].startswith("no commit status: the token may not write commit statuses (403: no right)")


def test_a_forge_that_is_down_is_told_about_once(desk: Desk) -> None:
    desk.server.always = status(503)
    publisher = desk.publisher()
    publisher.want(DONE)
    assert publisher.close(budget=60) == (DONE,)
    assert [line.partition(":")[0] for line in desk.said] == [
        "no commit status",
        "1 commit statuses are not posted yet",
    ]


def test_a_forge_that_comes_back_gets_the_end(desk: Desk) -> None:
    desk.server.script(*[status(503)] * 8)
    publisher = desk.publisher()
    publisher.want(DONE)
    assert publisher.close(budget=300) == ()
    assert desk.posted == [("testarena", "3 passed")]


def test_a_forge_that_is_silent_holds_nobody_up(desk: Desk) -> None:
    desk.server.always = silence
    publisher = desk.publisher()
    publisher.want(DONE)
    assert publisher.close(budget=0.3) == (DONE,)
    assert read_spool(desk.spool) == (DONE,)


def test_a_folder_that_is_gone_is_told_about(desk: Desk) -> None:
    desk.spool = desk.spool.parent / "gone" / "unsent-statuses.json"
    publisher = desk.publisher()
    publisher.want(DONE)
    publisher.close()
    assert desk.posted == [("testarena", "3 passed")]
    assert "can't keep the commit statuses" in desk.said[0]


class Slow:
    """A forge that is at work on a status until the test lets it go on."""

    name = "slow"

    def __init__(self, spool: Path) -> None:
        self.spool = spool
        self.posting, self.go_on = threading.Event(), threading.Event()
        self.posted: list[CommitStatus] = []
        self.on_disk: list[tuple[CommitStatus, ...]] = []

    def post_status(self, status: CommitStatus, *, budget: float) -> Outcome:
        self.on_disk.append(read_spool(self.spool))
        self.posting.set()
        assert self.go_on.wait(30)
        self.posted.append(status)
        return Posted(id=1)

    def run_link(self, *, budget: float) -> str:
        return ""


def test_the_latest_progress_wins_and_wanting_never_blocks(tmp_path: Path) -> None:
    slow = Slow(tmp_path / "spool.json")
    publisher = StatusPublisher(lambda: slow, say=lambda _: None, spool=slow.spool, clock=FakeClock())
    publisher.want(PENDING)
    assert slow.posting.wait(30)
    for number in range(1000):
        publisher.want(replace(PENDING, description=f"{number}/1000 cases"))
    publisher.want(DONE)
    slow.go_on.set()
    publisher.close()
    assert slow.posted == [PENDING, DONE]


def test_a_final_state_is_on_disk_before_it_is_sent(tmp_path: Path) -> None:
    slow = Slow(tmp_path / "spool.json")
    slow.go_on.set()
    publisher = StatusPublisher(lambda: slow, say=lambda _: None, spool=slow.spool, clock=FakeClock())
    publisher.want(DONE)
    publisher.close()
    assert slow.on_disk == [(DONE,)]
    assert not slow.spool.exists()


def test_after_the_end_nothing_is_wanted(desk: Desk) -> None:
    publisher = desk.publisher()
    publisher.close()
    publisher.want(DONE)
    assert (publisher.close(), desk.posted) == ((), [])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no json",
        "[" * 100_000,
        "[]",
        '{"statuses": 5}',
        '{"statuses": [5, {}, {"sha": 1}, {"state": "pending"}, {"sha": "c0", "state": "made-up"}]}',
    ],
)
def test_a_spool_that_is_none(tmp_path: Path, text: str) -> None:
    path = tmp_path / "spool.json"
    path.write_text(text)
    assert read_spool(path) == ()


def test_a_spool_keeps_all_of_a_status(tmp_path: Path) -> None:
    whole = replace(DONE, target_url="https://x.example/1", description="ä · 3 passed")
    write_spool(tmp_path / "spool.json", [whole])
    assert read_spool(tmp_path / "spool.json") == (whole,)
