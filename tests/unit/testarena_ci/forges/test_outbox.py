from __future__ import annotations

import pytest

from testarena_ci.forges.base import CommitStatus, NotPosted, Posted, State
from testarena_ci.forges.outbox import Outbox

BUSY = NotPosted(reason="busy", retry_later=True)
INVALID = NotPosted(reason="invalid", retry_later=False)
FORBIDDEN = NotPosted(reason="forbidden", retry_later=False, hopeless=True)


def status(text: str, context: str = "testarena", state: State = State.PENDING) -> CommitStatus:
    return CommitStatus(sha="c0ffee", state=state, context=context, description=text)


def final(text: str = "done", context: str = "testarena", state: State = State.SUCCESS) -> CommitStatus:
    return status(text, context, state)


def post_all(outbox: Outbox, *, until: float, start: float = 0.0) -> list[tuple[float, str, str]]:
    """Post whatever is due; when, in which context, what it said."""
    posted: list[tuple[float, str, str]] = []
    now = start
    while now <= until:
        due = outbox.due(now)
        if due is not None:
            outbox.settle(due, Posted(id=1), now)
            posted.append((now, due.context, due.description))
        wake = outbox.wake_at()
        if wake is None:
            break
        now = max(wake, now)
    return posted


def test_nothing_wanted_nothing_due() -> None:
    outbox = Outbox(start=0)
    assert (outbox.due(0), outbox.wake_at()) == (None, None)


def test_the_first_progress_goes_at_once_and_the_next_after_ten_seconds() -> None:
    outbox = Outbox(start=0)
    outbox.want(status("1/3"))
    assert post_all(outbox, until=0) == [(0, "testarena", "1/3")]
    outbox.want(status("2/3"))
    outbox.want(status("3/3"))
    assert outbox.due(9.9) is None
    assert post_all(outbox, until=60, start=1) == [(10, "testarena", "3/3")]


def test_what_is_there_already_is_not_posted_again() -> None:
    outbox = Outbox(start=0)
    outbox.want(status("1/3"))
    post_all(outbox, until=0)
    outbox.want(status("2/3"))
    outbox.want(status("1/3"))
    assert outbox.wake_at() is None


def test_a_final_state_waits_for_no_progress_gap() -> None:
    outbox = Outbox(start=0)
    outbox.want(status("1/3"))
    post_all(outbox, until=0)
    outbox.want(final())
    assert post_all(outbox, until=60) == [(1, "testarena", "done")]


def test_progress_never_replaces_a_final_state() -> None:
    outbox = Outbox(start=0)
    outbox.want(final())
    outbox.want(status("late"))
    assert [text for _, _, text in post_all(outbox, until=60)] == ["done"]


def test_one_write_a_second_over_all_contexts() -> None:
    outbox = Outbox(start=0)
    for number in range(5):
        outbox.want(final(context=f"testarena/{number}"))
    assert [time for time, _, _ in post_all(outbox, until=60)] == [0, 1, 2, 3, 4]


def test_what_matters_most_goes_first() -> None:
    outbox = Outbox(start=0, main="Testarena")
    outbox.want(status("waiting", "testarena/a"))
    outbox.want(final("fine", "testarena/b"))
    outbox.want(final("bad", "testarena/c", State.FAILURE))
    outbox.want(final("all", "testarena"))
    assert [text for _, _, text in post_all(outbox, until=3)] == ["all", "bad", "fine", "waiting"]


def test_a_day_of_progress_stays_far_below_githubs_thousand() -> None:
    outbox = Outbox(start=0)
    posted, now, number = 0, 0.0, 0
    while now < 24 * 3600:
        outbox.want(status(f"{number}"))
        due = outbox.due(now)
        if due is not None:
            outbox.settle(due, Posted(id=1), now)
            posted += 1
        now, number = now + 5, number + 1
    assert 100 < posted < 400


def test_a_failure_is_tried_again_later_and_later() -> None:
    outbox = Outbox(start=0)
    outbox.want(final())
    times, now = [], 0.0
    for _ in range(6):
        due = outbox.due(now)
        assert due is not None
        outbox.settle(due, BUSY, now)
        times.append(now)
        now = outbox.wake_at() or 0.0
    assert times == [0, 5, 15, 35, 75, 135]


def test_a_forge_that_asks_for_quiet_gets_it_from_all_contexts() -> None:
    outbox = Outbox(start=0)
    outbox.want(final("a", "a"))
    outbox.settle(final("a", "a"), NotPosted(reason="slow down", retry_later=True, wait=40.0), 0)
    outbox.want(final("b", "b"))
    assert (outbox.due(39), outbox.wake_at()) == (None, 40)


def test_a_refused_status_is_given_up() -> None:
    outbox = Outbox(start=0)
    outbox.want(final())
    outbox.settle(final(), INVALID, 0)
    assert (outbox.wake_at(), outbox.unsent()) == (None, ())


def test_the_end_gets_its_chance_even_if_progress_was_refused() -> None:
    outbox = Outbox(start=0)
    outbox.want(status("1/3"))
    outbox.settle(status("1/3"), INVALID, 0)
    outbox.want(status("2/3"))
    assert outbox.wake_at() is None
    outbox.want(final())
    assert outbox.wake_at() == 1


@pytest.mark.parametrize("newer", [status("2/3"), final()])
def test_one_door_shut_for_good_is_all_doors_shut(newer: CommitStatus) -> None:
    outbox = Outbox(start=0)
    outbox.want(status("1/3"))
    outbox.settle(status("1/3"), FORBIDDEN, 0)
    outbox.want(newer)
    assert (outbox.wake_at(), outbox.unsent()) == (None, ())


def test_a_newer_state_wanted_while_the_older_was_under_way() -> None:
    outbox = Outbox(start=0)
    outbox.want(status("1/3"))
    under_way = outbox.due(0)
    assert under_way is not None
    outbox.want(final())
    outbox.settle(under_way, Posted(id=1), 0.3)
    assert post_all(outbox, until=60) == [(1.3, "testarena", "done")]


def test_closing_forgets_progress_and_keeps_the_end() -> None:
    outbox = Outbox(start=0)
    outbox.want(status("1/3", "a"))
    outbox.want(final("b", "b"))
    outbox.close()
    assert [text for _, _, text in post_all(outbox, until=60)] == ["b"]


def test_unsent_are_the_final_states_that_are_not_there_yet() -> None:
    outbox = Outbox(start=0)
    outbox.want(status("1/3", "a"))
    outbox.want(final("b", "b"))
    outbox.want(final("c", "c"))
    outbox.settle(final("c", "c"), Posted(id=1), 0)
    outbox.settle(final("b", "b"), BUSY, 1)
    assert [unsent.context for unsent in outbox.unsent()] == ["b"]
