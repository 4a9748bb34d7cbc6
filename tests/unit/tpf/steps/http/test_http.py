"""The step `http`, with a server that answers as devices do."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.web import CLOSE, HANG, FakeWeb, page
from tests.support.steps import SOURCE, Bench, bound, on_bench, problems, step
from tpf.errors import DeviceFailure, StepError, TestArenaError
from tpf.machines.loopback import Ports
from tpf.result import FailureKind
from tpf.scenario.model import Step
from tpf.steps.http.exchange import LARGEST
from tpf.steps.http.wishes import Body, ExpectBody, ExpectHeader, Header, Json

STATUS = page('{"heap": {"free": 123456, "name": "dram"}, "ok": true}', Content_Type="application/json")
HELLO = page("Hello from the device\n", Content_Type="text/html; charset=utf-8", X_Build="7 (abc)")


def part(declared: Any, text: str = "", **attributes: str) -> Step:
    """An element within the step."""
    written = tuple((name.rstrip("_"), value) for name, value in attributes.items())
    return Step(kind=declared.element.name, source=SOURCE, text=text, attributes=written, declared=declared)


@dataclass(slots=True)
class Asked:
    """What came of a step: what the device was asked, what was saved and logged, why it failed."""

    requests: list[bytes] = field(default_factory=list)
    values: dict[str, str] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    error: TestArenaError | None = None

    @property
    def message(self) -> str:
        return str(self.error)

    @property
    def headline(self) -> str:
        return self.message.split("\n")[0].replace(self.values["web"], "WEB")

    @property
    def kind(self) -> FailureKind:
        assert isinstance(self.error, DeviceFailure)
        return self.error.kind


def ask(folder: Path, answers: Sequence[bytes], *parts: Step, path: str = "/", **attributes: str) -> Asked:
    came = Asked()

    async def work(bench: Bench) -> None:
        async with FakeWeb(answers).serving() as web:
            bench.values["web"] = web.address
            came.requests, came.values, came.lines = web.asked, bench.values, bench.record.lines
            try:
                await bench.run(step("http", "", *parts, url=f"http://${{web}}{path}", **attributes))
            except TestArenaError as error:
                came.error = error

    on_bench(folder, work)
    return came


# ---- the request


def test_a_plain_request(tmp_path: Path) -> None:
    came = ask(tmp_path, [HELLO], path="/status?x=1")
    assert came.error is None
    (request,) = came.requests
    lines = request.decode().split("\r\n")
    assert lines[0] == "GET /status?x=1 HTTP/1.1"
    assert {"Accept-Encoding: identity", "Connection: close"} < set(lines)
    assert [line.split("/")[-1] for line in came.lines] == ["status?x=1: 200 OK, 22 bytes"]


def test_fields_and_body(tmp_path: Path) -> None:
    parts = (part(Header, " 4711 ", name="X-Key"), part(Body, '{"led": true}', type="application/json"))
    (request,) = ask(tmp_path, [page("", "204 No Content")], *parts, method="POST", status="204").requests
    head, _, body = request.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert lines[0] == "POST / HTTP/1.1"
    assert {"X-Key: 4711", "Content-Type: application/json", "Content-Length: 13"} < set(lines)
    assert body == b'{"led": true}'


def test_a_file_as_body(tmp_path: Path) -> None:
    (tmp_path / "app.bin").write_bytes(bytes(range(256)))
    (request,) = ask(tmp_path, [HELLO], part(Body, file="app.bin"), method="PUT").requests
    assert request.endswith(bytes(range(256)))
    assert b"Content-Type: application/octet-stream" in request


@pytest.mark.parametrize("file", ["../secret", "missing.bin"])
def test_a_file_that_can_not_be_sent(tmp_path: Path, file: str) -> None:
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    (tmp_path / "secret").touch()
    came = ask(checkout, [HELLO], part(Body, file=file), method="PUT")
    assert isinstance(came.error, StepError)
    assert file in came.message


def test_proxies_of_the_environment_play_no_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    assert ask(tmp_path, [HELLO], within="5s").error is None


# ---- waiting for an answer


@pytest.mark.parametrize("nothing", [CLOSE, b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", b"garbage\r\n\r\n"])
def test_it_asks_again_until_there_is_a_whole_answer(tmp_path: Path, nothing: bytes) -> None:
    came = ask(tmp_path, [nothing, nothing, HELLO], part(ExpectBody, "Hello"))
    assert came.error is None
    assert len(came.requests) == 3


def test_an_attempt_that_hangs_is_given_up(tmp_path: Path) -> None:
    came = ask(tmp_path, [HANG, HELLO], attempt="100ms")
    assert came.error is None
    assert len(came.requests) >= 2  # on a busy machine more of them take too long


@pytest.mark.parametrize(
    "answer, reason",
    [(HANG, "(no answer)"), (CLOSE, "connection closed without an answer)")],
)
def test_a_device_that_never_answers(tmp_path: Path, answer: bytes, reason: str) -> None:
    came = ask(tmp_path, [answer], within="300ms")
    assert came.kind is FailureKind.TIMEOUT
    assert came.headline.startswith("GET http://WEB/ was not answered within 0.3s (")
    assert came.headline.endswith(reason)


def test_a_device_that_is_still_starting(tmp_path: Path) -> None:
    """Nobody listens at first: connections are refused."""

    async def work(bench: Bench) -> None:
        with Ports.reserve(("web",)) as ports:
            address = ports.addresses["web"]
            running = asyncio.create_task(
                bench.run(step("http", "", part(ExpectBody, "Hello"), url=f"http://{address}"))
            )
            assert await _refused(address)
            web = FakeWeb([HELLO])
            server = await asyncio.start_server(web.serve, *address.split(":"))
            async with server:
                await running

    on_bench(tmp_path, work)


async def _refused(address: str) -> bool:
    host, port = address.split(":")
    try:
        await asyncio.open_connection(host, int(port))
    except ConnectionRefusedError:
        return True
    return False


def test_nobody_listens(tmp_path: Path) -> None:
    async def work(bench: Bench) -> None:
        with Ports.reserve(("web",)) as ports:
            await bench.run(step("http", url=f"http://{ports.addresses['web']}/", within="300ms"))

    with pytest.raises(DeviceFailure, match=r"not answered within 0\.3s \(.*connection refused"):
        on_bench(tmp_path, work)


# ---- the verdict


def test_another_status_fails_and_shows_the_answer(tmp_path: Path) -> None:
    came = ask(tmp_path, [page("out of memory", "503 Service Unavailable", Retry_After="5")], part(ExpectBody, "Hello"))
    assert came.kind is FailureKind.MISMATCH
    assert came.headline == "GET http://WEB/: the status is 503 Service Unavailable; expected 200"
    assert 'the body does not show "Hello"' in came.message
    assert came.message.endswith("503 Service Unavailable\nContent-Length: 13\nRetry-After: 5\n\nout of memory")


def test_an_error_may_be_what_is_wanted(tmp_path: Path) -> None:
    assert ask(tmp_path, [page("no", "404 Not Found")], status="404").error is None


@pytest.mark.parametrize(
    "wish, wrong",
    [
        (part(ExpectBody, "Hullo"), 'the body does not show "Hullo"'),
        (part(ExpectBody, "Hello", match="exact"), 'the body is not "Hello"'),
        (part(ExpectBody, r"version \d+", match="regex"), r'the body does not match "version \\d+"'),
        (part(ExpectHeader, name="ETag"), "there is no header field ETag"),
        (
            part(ExpectHeader, "json", name="content-type"),
            'content-type is "text/html; charset=utf-8", which does not show "json"',
        ),
        (part(Json, pointer="/a"), "the body is not JSON: Expecting value: line 1 column 1 (char 0)"),
    ],
)
def test_what_is_wrong_with_an_answer(tmp_path: Path, wish: Step, wrong: str) -> None:
    came = ask(tmp_path, [HELLO], wish)
    assert came.kind is FailureKind.MISMATCH
    assert came.headline == f"GET http://WEB/: {wrong}"


@pytest.mark.parametrize(
    "wish, wrong",
    [
        ({"pointer": "/heap/fre"}, '"/heap/fre" leads nowhere: "/heap" has "free", "name"; did you mean "free"?'),
        ({"pointer": "/heap/free", "min": "200000"}, '"/heap/free" is "123456", which is less than 200000'),
        ({"pointer": "/heap/free", "equals": "1"}, '"/heap/free" is "123456", which is not "1"'),
        ({"pointer": "/heap/name", "matches": "^i"}, '"/heap/name" is "dram", which does not match "^i"'),
        ({"pointer": "/heap/name", "max": "1"}, '"/heap/name" is "dram", which is not a number'),
    ],
)
def test_what_is_wrong_with_a_json_answer(tmp_path: Path, wish: dict[str, str], wrong: str) -> None:
    assert ask(tmp_path, [STATUS], part(Json, **wish)).headline == f"GET http://WEB/: {wrong}"


def test_values_are_saved(tmp_path: Path) -> None:
    wishes = (
        part(ExpectBody, r"from the (\w+)", match="regex", save="who"),
        part(ExpectHeader, r"(\d+) \((\w+)\)", name="X-Build", match="regex", save="number hash"),
    )
    came = ask(tmp_path, [HELLO], *wishes, save="body")
    found = {name: came.values[name] for name in ("who", "number", "hash", "body")}
    assert found == {"who": "device", "number": "7", "hash": "abc", "body": "Hello from the device"}


def test_json_values_are_saved(tmp_path: Path) -> None:
    wishes = (
        part(Json, pointer="/heap/free", min="100000", max="2e5", save="free"),
        part(Json, pointer="/ok", equals="true", save="ok"),
        part(Json, pointer="/heap/name", equals="dram", matches="^d.*m$"),
    )
    came = ask(tmp_path, [STATUS], *wishes)
    assert (came.values["free"], came.values["ok"]) == ("123456", "true")


def test_nothing_is_saved_of_a_wrong_answer(tmp_path: Path) -> None:
    came = ask(tmp_path, [STATUS], part(Json, pointer="/heap/free", save="free"), status="201")
    assert "free" not in came.values


def test_redirects_are_followed_only_when_asked_for(tmp_path: Path) -> None:
    there = page("", "302 Found", Location="/there")
    assert ask(tmp_path, [there, HELLO], status="302").error is None
    assert ask(tmp_path, [there, HELLO], redirects="true").error is None
    endless = ask(tmp_path, [there], redirects="true")
    assert endless.headline == "GET http://WEB/ was redirected more than 5 times"


# ---- hostile answers


def test_a_body_without_end_is_cut(tmp_path: Path) -> None:
    came = ask(tmp_path, [page(b"x" * (LARGEST + 100_000))])
    assert came.headline == "GET http://WEB/: the body has more than 4 MiB, the most that is taken in"
    assert len(came.message) < 10_000


def test_a_compressed_body_is_unpacked_within_bounds(tmp_path: Path) -> None:
    small = page(gzip.compress(b"Hello"), Content_Encoding="gzip")
    assert ask(tmp_path, [small], part(ExpectBody, "Hello", match="exact")).error is None
    bomb = page(gzip.compress(bytes(50 * LARGEST)), Content_Encoding="gzip")
    assert "more than 4 MiB" in ask(tmp_path, [bomb]).headline


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    came = ask(tmp_path, [page(b"\x00\xff" * 100, Content_Type="text/html; charset=nonsense")], status="201")
    assert came.message.endswith("(200 bytes that are no text)")


def test_a_regular_expression_that_takes_too_long(tmp_path: Path) -> None:
    came = ask(tmp_path, [page("a" * 5000 + "b")], part(ExpectBody, "(a+)+$", match="regex"))
    assert isinstance(came.error, StepError)
    assert "took more than" in came.message


# ---- what is wrong before the run


@pytest.mark.parametrize(
    "url", ["ftp://x/", "127.0.0.1:80", "http://", "http:///status", "http://x:99999/", "http://a b/", "http://[::1"]
)
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(ValueError, match="is not an address: write it as in"):
        bound(step("http", url=url))


def test_problems() -> None:
    get = step("http", "", part(Body, "x"), url="http://x/")
    assert problems(get) == ['attribute method: a GET request has no body; say method="POST", or another one']
    assert problems(step("http", "", part(Body, "x"), url="http://x/", method="POST")) == []
    assert problems(part(Body, "x", file="y")) == ["<body> has text and a file: only one of them can be sent"]
    assert problems(part(Json, pointer="", min="2", max="1")) == [
        "attribute min: 2 is larger than max, 1: no number can be both"
    ]
    assert problems(part(ExpectBody, "a(b)(c)", match="regex", save="x")) == [
        "attribute save: one name for 2 groups of the regular expression"
    ]
    assert problems(part(ExpectHeader, "a", name="X", save="x")) == [
        'attribute save: only match="regex" has something to save'
    ]


def test_summary() -> None:
    assert bound(step("http", url="http://x/", method="HEAD")).summary() == "HEAD http://x/ within 10s"
