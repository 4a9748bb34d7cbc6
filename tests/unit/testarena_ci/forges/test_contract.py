"""What every forge does with a status, whatever the server answers: one contract for all of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from testarena_ci.context import CIContext, ForgeKind, RunIdentity
from testarena_ci.forges import open_forge
from testarena_ci.forges.base import CommitStatus, Forge, NotPosted, Outcome, Posted, State
from testarena_ci.forges.patience import Courier
from tests.fakes.clock import FakeClock
from tests.fakes.forge import FakeForge, drip, ok, page, redirect, reset, silence, status

SHA = "c0ffee" + "0" * 34
TOKEN = "tok-5ecret"
STATUS = CommitStatus(
    sha=SHA,
    state=State.FAILURE,
    context="testarena",
    description="2 failed: wifi/reconnect, ota/rollback · 48 passed · 3m12s",
    target_url="https://git.example.com/acme/console/actions/runs/7",
)
SERVERS = {
    "github": ForgeKind.GITHUB,
    "ghe": ForgeKind.GITHUB,
    "gitea": ForgeKind.GITEA,
    "subpath": ForgeKind.GITEA,
    "forgejo": ForgeKind.FORGEJO,
}


class Door:
    """A forge of ours before a server of theirs."""

    def __init__(self, server: FakeForge, root: str, clock: FakeClock) -> None:
        self.server = server
        self.clock = clock
        self.context = CIContext(
            kind=SERVERS[root],
            ci=True,
            api_url=server.api(root),
            server_url=server.url,
            repo_url="https://git.example.com/acme/console",
            repository="acme/console",
            sha=SHA,
            token=TOKEN,
            run=RunIdentity(id=7007, number=7),
        )

    def forge(self, **changes: object) -> Forge:
        courier = Courier(clock=self.clock, jitter=lambda: 1.0)
        return open_forge(replace(self.context, **changes), courier)  # type: ignore[arg-type]

    def post(self, status: CommitStatus = STATUS, budget: float = 30.0, **changes: object) -> Outcome:
        return self.forge(**changes).post_status(status, budget=budget)

    def refusal(self, **changes: object) -> NotPosted:
        outcome = self.post(**changes)  # type: ignore[arg-type]
        assert isinstance(outcome, NotPosted)
        assert TOKEN not in repr(outcome)
        assert "\n" not in outcome.reason
        return outcome


@pytest.fixture(params=SERVERS)
def door(request: pytest.FixtureRequest) -> Iterator[Door]:
    with FakeForge(token=TOKEN) as server:
        yield Door(server, request.param, FakeClock())
        assert server.violations == []


class TestPosting:
    def test_a_status_arrives_as_it_is(self, door: Door) -> None:
        assert door.post() == Posted(id=1)
        (taken,) = door.server.statuses
        assert (taken.repository, taken.sha, taken.state) == ("acme/console", SHA, "failure")
        assert (taken.context, taken.description) == ("testarena", STATUS.description)
        assert taken.target_url == STATUS.target_url

    def test_it_is_one_request(self, door: Door) -> None:
        door.post()
        assert [request.method for request in door.server.requests] == ["POST"]

    def test_the_second_one_too(self, door: Door) -> None:
        forge = door.forge()
        forge.post_status(STATUS, budget=30)
        forge.post_status(replace(STATUS, state=State.SUCCESS), budget=30)
        assert [request.method for request in door.server.requests] == ["POST", "POST"]
        assert door.clock.pauses == []

    @pytest.mark.parametrize("state", State)
    def test_every_state(self, door: Door, state: State) -> None:
        assert isinstance(door.post(replace(STATUS, state=state)), Posted)
        assert door.server.statuses[0].state == state

    def test_a_status_without_a_link(self, door: Door) -> None:
        assert isinstance(door.post(replace(STATUS, target_url="")), Posted)
        assert "target_url" not in json.loads(door.server.requests[0].body)

    def test_texts_too_long_or_too_odd_for_a_forge(self, door: Door) -> None:
        odd = "é\u202e\x1b[31mred\x1b[0m\n::error::x \U0001f41b\ud800 " + "ä" * 300
        assert isinstance(door.post(replace(STATUS, description=odd, context=odd)), Posted)
        assert len(door.server.statuses[0].description) == 140
        assert len(door.server.statuses[0].context) == 255


class TestNo:
    """Answers that no other try would change."""

    def test_a_token_without_the_right(self, door: Door) -> None:
        door.server.always = status(403, "Resource not accessible by integration")
        refusal = door.refusal()
        assert "Resource not accessible by integration" in refusal.reason
        right = {
            ForgeKind.GITHUB: "`permissions: statuses: write`",
            ForgeKind.GITEA: "`permissions: contents: write` (from Gitea 1.26)",
            ForgeKind.FORGEJO: "a token of your own",
        }
        assert right[door.context.kind] in refusal.reason
        assert (refusal.retry_later, refusal.hopeless) == (False, True)
        assert len(door.server.writes) == 1

    @pytest.mark.parametrize("code", [401, 403, 404])
    def test_a_pull_request_from_a_fork(self, door: Door, code: int) -> None:
        door.server.always = status(code)
        refusal = door.refusal(is_fork=True)
        assert "from a fork has a read-only token" in refusal.reason
        assert (refusal.retry_later, refusal.hopeless) == (False, True)

    def test_a_wrong_token(self, door: Door) -> None:
        refusal = door.refusal(token="tok-wrong")
        assert "doesn't know the token (401: Bad credentials)" in refusal.reason
        assert refusal.hopeless

    def test_an_unknown_repository(self, door: Door) -> None:
        door.server.always = status(404, "Not Found")
        refusal = door.refusal()
        assert f"knows no repository acme/console with commit {SHA[:10]}" in refusal.reason
        assert refusal.hopeless

    def test_a_server_that_has_no_statuses(self, door: Door) -> None:
        door.server.always = status(405)
        assert "is GITHUB_API_URL right?" in door.refusal().reason

    def test_a_status_that_it_finds_invalid(self, door: Door) -> None:
        door.server.always = status(422, "Validation Failed")
        refusal = door.refusal()
        assert "refuses the status (422: Validation Failed)" in refusal.reason
        assert (refusal.retry_later, refusal.hopeless) == (False, False)
        assert len(door.server.writes) == 1

    def test_a_thousand_statuses(self, door: Door) -> None:
        door.server.always = status(422, "This SHA and context has reached the maximum number of statuses.")
        assert "`status-context`" in door.refusal().reason

    @pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
    def test_a_redirect_is_not_followed(self, door: Door, code: int) -> None:
        moved = f"{door.server.url}/api/v9/repos/acme/console/statuses/{SHA}?token={TOKEN}"
        door.server.always = redirect(moved, code)
        refusal = door.refusal()
        assert f"set GITHUB_API_URL to {door.server.url}/api/v9" in refusal.reason
        assert refusal.hopeless
        assert len(door.server.requests) == 1

    def test_a_redirect_to_nowhere(self, door: Door) -> None:
        door.server.always = redirect("https://user:pw@elsewhere.example/login")
        reason = door.refusal().reason
        assert "the new place is https://elsewhere.example/login" in reason
        assert "pw" not in reason


class TestNotNow:
    """Answers after which another try may succeed."""

    @pytest.mark.parametrize("code", [500, 502, 503, 504, 429])
    def test_it_tries_again(self, door: Door, code: int) -> None:
        door.server.script(status(code), status(code))
        assert isinstance(door.post(), Posted)
        assert door.clock.pauses == [0.5, 1.0]

    def test_after_a_connection_that_broke(self, door: Door) -> None:
        door.server.script(reset, ok)
        assert isinstance(door.post(), Posted)
        assert door.clock.pauses == [0.5]

    def test_the_forge_says_how_long_to_wait(self, door: Door) -> None:
        door.server.script(status(429, retry_after="7"))
        assert isinstance(door.post(), Posted)
        assert door.clock.pauses == [7.0]

    def test_it_says_so_with_a_403_as_well(self, door: Door) -> None:
        door.server.script(status(403, "You have exceeded a secondary rate limit", retry_after="3"))
        assert isinstance(door.post(), Posted)
        assert door.clock.pauses == [3.0]

    def test_longer_than_there_is_time(self, door: Door) -> None:
        door.server.always = status(429, retry_after="3600")
        refusal = door.refusal()
        assert "it asks to wait 3600 s" in refusal.reason
        assert (refusal.retry_later, refusal.wait, refusal.hopeless) == (True, 3600.0, False)
        assert door.clock.pauses == []

    def test_the_budget_ends_the_tries(self, door: Door) -> None:
        door.server.always = status(503, "maintenance")
        refusal = door.refusal(budget=10.0)
        assert refusal.reason.endswith("is busy or down (503: maintenance) (tried 5 times)")
        assert refusal.retry_later
        assert door.clock.pauses == [0.5, 1.0, 2.0, 4.0]

    def test_a_page_in_place_of_an_answer(self, door: Door) -> None:
        door.server.always = page(200)
        refusal = door.refusal()
        assert "answered with 200 and a web page, not with a commit status" in refusal.reason
        assert (refusal.retry_later, refusal.hopeless) == (True, False)

    @pytest.mark.parametrize("behaviour", [page(201), status(201), status(202)])
    def test_a_success_that_is_none(self, door: Door, behaviour: object) -> None:
        door.server.always = behaviour  # type: ignore[assignment]
        assert "not with a commit status" in door.refusal().reason

    def test_a_server_that_says_nothing(self, door: Door) -> None:
        door.server.always = silence
        refusal = door.refusal(budget=0.3)
        assert refusal == NotPosted(reason="no whole answer within 0.3 s", retry_later=True)

    def test_a_server_that_never_comes_to_an_end(self, door: Door) -> None:
        door.server.always = drip
        assert door.refusal(budget=0.5) == NotPosted(reason="no whole answer within 0.5 s", retry_later=True)

    def test_nobody_listens(self, door: Door) -> None:
        with FakeForge() as gone:
            address = gone.url
        refusal = door.refusal(api_url=address + "/api/v1", budget=1.0)
        assert refusal.reason.startswith(f"{address}/api/v1: connection refused")
        assert refusal.retry_later


class TestSecrets:
    def test_a_server_that_repeats_the_token(self, door: Door) -> None:
        door.server.always = status(403, f"token {TOKEN} has no right\n::set-env name=X::y")
        assert "token *** has no right ::set-env" in door.refusal().reason

    def test_an_entry_in_netrc_takes_no_tokens_place(
        self, door: Door, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        netrc = tmp_path / "netrc"
        netrc.write_text("machine 127.0.0.1 login eve password pa55word\n")
        monkeypatch.setenv("NETRC", str(netrc))  # requests reads it there
        assert isinstance(door.post(), Posted)

    def test_the_token_is_in_no_repr(self, door: Door) -> None:
        assert TOKEN not in repr(door.context)


class TestMissing:
    @pytest.mark.parametrize(
        "changes, words",
        [
            ({"token": ""}, "there is no token"),
            ({"sha": ""}, "the commit can't be known"),
            ({"repository": "", "api_url": ""}, "the API's address and the repository can't be known"),
        ],
    )
    def test_without_it_nobody_is_asked(self, door: Door, changes: dict[str, str], words: str) -> None:
        refusal = door.refusal(**changes)
        assert words in refusal.reason
        assert refusal.hopeless
        assert door.server.requests == []


class TestRunLink:
    @pytest.mark.parametrize(
        "version, gitea",
        [("1.25.4", "/runs/7"), ("1.26.0+dev-3", "/runs/7007"), ("28.0.0", "/runs/7007"), ("", "")],
    )
    def test_what_the_server_takes(self, door: Door, version: str, gitea: str) -> None:
        door.server.version = version
        page = {ForgeKind.GITHUB: "/runs/7007", ForgeKind.GITEA: gitea, ForgeKind.FORGEJO: "/runs/7"}[door.context.kind]
        link = door.forge().run_link(budget=5)
        assert link == f"https://git.example.com/acme/console/actions{page}"


def test_a_local_run_has_no_forge() -> None:
    forge = open_forge(CIContext())
    outcome = forge.post_status(STATUS, budget=1)
    assert outcome == NotPosted(reason="this run is not in the CI of a forge", retry_later=False, hopeless=True)
    assert forge.run_link(budget=1) == ""
