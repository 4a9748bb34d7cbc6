from __future__ import annotations

import pytest

from testarena_ci.viewing.request import Refused, parse


def head(target: str = "/", host: str = "127.0.0.1:8000", method: str = "GET", *more: str) -> bytes:
    return "\r\n".join((f"{method} {target} HTTP/1.1", f"Host: {host}", *more)).encode("latin-1")


def refused(data: bytes) -> int:
    with pytest.raises(Refused) as caught:
        _ = parse(data).parts
    return caught.value.status.value


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:80", "localhost:9000", "LOCALHOST", "[::1]:8000"])
def test_requests_to_this_machine_are_taken(host: str) -> None:
    assert parse(head("/logs/a.log", host)).parts == ("logs", "a.log")


@pytest.mark.parametrize(
    "host", ["", "evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80", "127.0.0.1:80@evil", "10.0.0.1"]
)
def test_requests_by_another_name_are_not(host: str) -> None:
    assert refused(head("/", host)) == 421


@pytest.mark.parametrize(
    "target",
    ["/../secret", "/logs/../../x", "/%2e%2e/x", "/a%2fb", "/a%00", "/.lock", "/logs//a", "/a%5cb", "/logs/.hidden"],
)
def test_no_path_leaves_the_folder_or_leads_to_what_is_hidden(target: str) -> None:
    assert refused(head(target)) == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "get"])
def test_nothing_can_be_changed(method: str) -> None:
    assert refused(head("/index.html", method=method)) == 405


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GET /",
        b"GET  / HTTP/1.1\r\nHost: localhost",
        b"GET http://localhost/ HTTP/1.1\r\nHost: localhost",
        b"GET / HTTP/1.1\r\nHost : localhost",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nhost: evil",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nnonsense",
        b"\xff\xfe\x00",
        head("/?" + "&".join(f"a{number}=1" for number in range(50))),
    ],
)
def test_broken_requests_are_refused(data: bytes) -> None:
    assert refused(data) == 400


def test_names_of_files_may_have_any_letters() -> None:
    assert parse(head("/artifacts/h%C3%A9llo%20%23.txt")).parts == ("artifacts", "héllo #.txt")


@pytest.mark.parametrize("site, allowed", [("same-origin", True), ("none", True), ("cross-site", False)])
def test_only_our_own_page_may_follow(site: str, allowed: bool) -> None:
    request = parse(head("/live/events", "localhost", "GET", f"Sec-Fetch-Site: {site}"))
    if allowed:
        request.only_from_own_page()
        return
    with pytest.raises(Refused):
        request.only_from_own_page()
