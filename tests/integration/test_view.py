"""`testarena view` before, during and after real runs: in a real browser, and against clients that mean no good."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

from testarena_ci.reports.write import write_reports
from tests.support import runs
from tests.support.arena import PATIENCE, TESTARENA, Arena
from tests.support.processes import DEADLINE, eventually
from tpf import events as ev

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
in_browser = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium: apt-get install chromium")
pytestmark = pytest.mark.timeout(180)

DEVICE = r"""
printf 'ready <img src=x onerror=alert(1)>\n\033[31mE (7) wifi: no antenna\033[0m\n'
wait_for() { until [ -e "$1" ]; do sleep 0.05; done; }
wait_for go-1; echo "heap: 3"
wait_for go-2; echo done
sleep 100
"""
CASES = """
<case name="it boots"><expect>no antenna</expect></case>
<case name="heap &lt;b&gt;is enough&lt;/b&gt;">
  <expect within="40s">heap:</expect>
  <expect within="100ms">heap: 4</expect>
</case>
<case name="it ends"><expect within="40s">done</expect></case>
<case name="left out" skip="no such board"><expect>x</expect></case>
"""


@dataclass(slots=True, kw_only=True)
class Viewer:
    """`testarena view` as a process."""

    process: subprocess.Popen[str]
    said: str
    address: str

    @property
    def port(self) -> int:
        return int(self.address.rstrip("/").rpartition(":")[2])

    def socket(self, request: str) -> socket.socket:
        """A connection on which that was sent; `~` stands for the ends of lines."""
        made = socket.create_connection(("127.0.0.1", self.port), timeout=DEADLINE)
        made.sendall(request.replace("~", "\r\n").encode())
        return made

    def get(self, path: str, *headers: str) -> bytes:
        """All that is answered."""
        more = "".join(f"{header}~" for header in headers)
        with self.socket(f"GET {path} HTTP/1.1~Host: localhost~{more}~") as asked:
            return b"".join(iter(lambda: asked.recv(1 << 16), b""))

    def ends(self, number: int = signal.SIGINT) -> int:
        """The exit code after a signal."""
        self.process.send_signal(number)
        return self.process.wait(DEADLINE)


@dataclass(slots=True)
class Follower:
    """A client of the feed: what a page has of the run."""

    viewer: Viewer
    last: str = ""
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    told: list[dict[str, Any]] = field(default_factory=list)
    _rest: bytes = b""

    def follow(self, until: Callable[[dict[str, Any]], bool], stack: ExitStack | None = None) -> socket.socket:
        """Take events until one is as wanted."""
        resume = f"Last-Event-ID: {self.last}~" if self.last else ""
        feed = self.viewer.socket(f"GET /live/events HTTP/1.1~Host: localhost~{resume}~")
        (stack.enter_context if stack else lambda it: it)(feed)
        self._rest = b""
        while not self.takes_one(feed, until):
            pass
        return feed

    def takes_one(self, feed: socket.socket, until: Callable[[dict[str, Any]], bool]) -> bool:
        data = feed.recv(1 << 16)
        assert data, "the feed ended"
        *whole, self._rest = (self._rest + data).split(b"\n\n")
        told = [self._take(event.decode()) for event in whole if b"data: " in event]
        return any(until(one) for one in told)

    def _take(self, event: str) -> dict[str, Any]:
        lines = dict(line.split(": ", 1) for line in event.split("\n") if ": " in line)
        self.last, told = lines["id"], json.loads(lines["data"])
        self.told.append(told)
        if told["fresh"]:
            self.rows.clear()
        self.rows |= {row["slug"]: row for row in told["scenarios"]}
        self.rows |= {row["key"]: row for row in told["failures"]}
        return dict(told)


def has_ended(told: dict[str, Any]) -> bool:
    return bool(told["phase"] == "ended")


@pytest.fixture
def arena(tmp_path: Path, environment: dict[str, str]) -> Arena:
    folder = tmp_path / "scenarios"
    folder.mkdir()
    made = Arena(folder=folder, environment={**environment, "TMPDIR": str(tmp_path)}, reports=tmp_path)
    made.scenario("lamp", made.script("lamp.sh", DEVICE) + CASES, timeout="100s")
    return made


@pytest.fixture
def view(arena: Arena) -> Iterator[Callable[..., Viewer]]:
    """Starts `testarena view` for the arena's report folder, whether it is there or not."""
    with ExitStack() as stack:

        def start(*flags: str, **environment: str) -> Viewer:
            process = subprocess.Popen(
                [TESTARENA, "view", str(arena.report().folder), *flags],
                cwd=arena.folder,
                env={**arena.environment, **environment},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            stack.callback(process.wait, DEADLINE)
            stack.callback(process.kill)
            assert process.stdout is not None
            stack.callback(process.stdout.close)
            said = process.stdout.readline()
            found = re.search(r"http://127\.0\.0\.1:\d+/", said)
            assert found, said
            return Viewer(process=process, said=said, address=found[0])

        yield start


@pytest.fixture
def running(arena: Arena) -> Iterator[subprocess.Popen[str]]:
    """A run that waits in its second case until go-1 is there, and in its third until go-2."""
    process = arena.start("lamp.xml")
    assert arena.has_come_to(ev.CaseStarted, case=1)
    yield process
    process.send_signal(signal.SIGTERM)
    process.wait(PATIENCE)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield started
        started.close()


@dataclass(slots=True, kw_only=True)
class Watcher:
    """Somebody who looks at the pages; notes what they complain about and what they ask for."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(DEADLINE * 1000)
        self.page.on("console", lambda message: self.complaints.append(f"{message.text} {message.location['url']}"))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: self.complaints.append(f"dialog: {dialog.message}"))
        self.page.on("request", lambda request: self.asked.append(request.url))


@pytest.fixture
def watcher(browser: Browser) -> Iterator[Watcher]:
    """Somebody whose pages must have complained about nothing, and asked nobody else for anything."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    one = Watcher(page=context.new_page())
    yield one
    assert one.complaints == []
    assert [url for url in one.asked if not url.startswith(("http://127.0.0.1:", "data:"))] == []
    context.close()


# ---- in the browser


@in_browser
def test_a_run_is_watched_from_before_its_beginning_to_its_report(
    arena: Arena, view: Callable[[], Viewer], watcher: Watcher
) -> None:
    page = watcher.page
    page.goto(view().address)
    expect(page.locator("h1")).to_have_text("No run has begun here yet")
    run = arena.start("lamp.xml")
    row = page.locator("#scenarios li")
    expect(row.locator(".what")).to_contain_text("heap <b>is enough</b> · expect", timeout=30_000)
    expect(row.locator(".tally")).to_have_text("2 of 4")
    expect(page.locator("#facts")).to_contain_text("Running for")
    lines = page.locator("#lines .line .text")
    expect(lines.first).to_have_text("ready <img src=x onerror=alert(1)>")
    expect(page.locator("#lines .line.error")).to_contain_text("no antenna")
    (arena.folder / "go-1").touch()
    expect(page.locator("#failures li")).to_contain_text("heap: 4", timeout=30_000)
    expect(page.locator("#failures li")).to_contain_text("lamp.xml:")
    expect(page.locator("#told")).to_contain_text("1 failure, the last: heap <b>is enough</b>")
    expect(lines).to_have_text(
        [re.compile(line) for line in ("^ready", "no antenna", "^heap: 3$", "^-- boot 2$") * 2][:7]
    )
    expect(page.locator("#lines img, main b b, .name b, .what b")).to_have_count(0)
    (arena.folder / "go-2").touch()
    page.wait_for_url("**/index.html", timeout=30_000)
    expect(page.locator("h1:visible")).to_contain_text("1 of 4 cases failed")
    assert arena.end(run).code == 1


@in_browser
def test_one_can_stay_and_see_the_next_run(arena: Arena, view: Callable[[], Viewer], watcher: Watcher) -> None:
    for name in ("go-1", "go-2"):
        (arena.folder / name).touch()
    page = watcher.page
    page.goto(view().address)
    page.locator("#switch").uncheck()
    arena.run("lamp.xml").ended(1)
    expect(page.locator("#ready a")).to_be_visible()
    first = page.locator("#facts dd").last.inner_text()
    (arena.folder / "go-2").unlink()
    run = arena.start("lamp.xml")
    expect(page.locator("#state")).to_have_text("Running")
    expect(page.locator("#scenarios li")).to_have_count(1)
    expect(page.locator("#facts dd").last).not_to_have_text(first)
    expect(page.locator("#lines .line").first).to_contain_text("ready")
    (arena.folder / "go-2").touch()
    expect(page.locator("#ready a")).to_be_visible()
    arena.end(run).ended(1)
    page.locator("#ready a").click()
    expect(page.locator("h1:visible")).to_contain_text("1 of 4 cases failed")


@in_browser
def test_a_killed_run_is_said_to_be_killed(
    arena: Arena, view: Callable[[], Viewer], running: subprocess.Popen[str], watcher: Watcher
) -> None:
    watcher.page.goto(view().address)
    expect(watcher.page.locator("#state")).to_have_text("Running")
    running.kill()
    expect(watcher.page.locator("#state")).to_contain_text("Killed: Nobody goes on with this run")
    arena.call("report", str(arena.report().folder)).ended(130)
    watcher.page.wait_for_url("**/index.html")


@in_browser
def test_a_server_that_went_away_is_said_to_have_gone(
    view: Callable[[], Viewer], running: subprocess.Popen[str], watcher: Watcher
) -> None:
    viewer = view()
    watcher.page.goto(viewer.address)
    expect(watcher.page.locator("#state")).to_have_text("Running")
    assert viewer.ends() == 0
    expect(watcher.page.locator("#lost")).to_be_visible()
    assert all("net::ERR_" in complaint for complaint in watcher.complaints)
    watcher.complaints.clear()
    assert running.poll() is None


@in_browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing_and_nothing_is_too_wide(
    scheme: Literal["light", "dark"],
    width: int,
    arena: Arena,
    view: Callable[[], Viewer],
    running: subprocess.Popen[str],
    browser: Browser,
) -> None:
    context = browser.new_context(color_scheme=scheme, bypass_csp=True, viewport={"width": width, "height": 900})
    page = context.new_page()
    page.goto(view().address)
    (arena.folder / "go-1").touch()
    expect(page.locator("#failures li")).to_have_count(1)
    expect(page.locator("#lines .line.error").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    context.close()
    assert running.poll() is None


@in_browser
def test_a_report_works_as_from_a_file_and_its_artifacts_do_not_act(
    arena: Arena, view: Callable[[], Viewer], watcher: Watcher
) -> None:
    made, folder = runs.mixed(), arena.report().folder
    for path, text in made.logs.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    write_reports(folder, made.result, kinds=["html"])
    (folder / "artifacts").mkdir()
    (folder / "artifacts" / "evil.html").write_text("<script>alert(1)</script>")
    (folder / "artifacts" / "evil.txt").write_text("<script>alert(1)</script>")
    viewer, page = view(), watcher.page
    page.goto(f"{viewer.address}#console-answers/null-pointer-is-caught")
    expect(page.locator("h1:visible")).to_contain_text("null pointer is caught")
    expect(page.locator(".viewer .line.culprit .no")).to_have_text("9")
    with page.expect_download() as download:
        page.evaluate("location.href = './artifacts/evil.html'")
    assert download.value.suggested_filename == "evil.html"
    page.goto(f"{viewer.address}artifacts/evil.txt")
    expect(page.locator("body")).to_contain_text("<script>alert(1)</script>")
    assert all(complaint.endswith("/favicon.ico") for complaint in watcher.complaints)  # not for what is in a sandbox
    watcher.complaints.clear()


@in_browser
def test_a_text_that_became_markup_on_the_live_page_would_be_stopped(
    view: Callable[[], Viewer], running: subprocess.Popen[str], watcher: Watcher
) -> None:
    watcher.page.goto(view().address)
    attack = "document.body.innerHTML = '<img src=x onerror=alert(1)>'; return 'done'"
    assert watcher.page.evaluate(f"() => {{ try {{ {attack} }} catch {{ return 'refused' }} }}") == "refused"
    watcher.complaints.clear()
    assert running.poll() is None


# ---- the feed and the files


def test_who_comes_back_goes_on_where_he_was(
    arena: Arena, view: Callable[[], Viewer], running: subprocess.Popen[str]
) -> None:
    viewer = view()
    away, always = Follower(viewer), Follower(viewer)
    with ExitStack() as stack:
        feed = always.follow(lambda told: bool(told["id"]), stack)
        away.follow(lambda told: bool(told["id"])).close()
        known = len(away.told)
        (arena.folder / "go-1").touch()
        (arena.folder / "go-2").touch()
        arena.end(running)
        while not always.takes_one(feed, has_ended):
            pass
    away.follow(has_ended).close()
    assert not any(told["fresh"] for told in away.told[known:])
    assert away.rows == always.rows
    assert away.told[-1]["counts"] == always.told[-1]["counts"]
    verdicts = Counter(arena.report().verdicts.values())
    assert {name: always.told[-1]["counts"][name] for name in verdicts} == verdicts
    with viewer.socket(f"GET /live/events HTTP/1.1~Host: localhost~Last-Event-ID: {away.last}~~") as quiet:
        quiet.settimeout(1.0)
        assert b"data:" not in until_silent(quiet)


def until_silent(feed: socket.socket) -> bytes:
    """All that comes until nothing does for a while."""
    data = b""
    with contextlib.suppress(TimeoutError):
        while piece := feed.recv(1 << 16):
            data += piece
    return data


def test_fifty_who_watch_all_know_the_same_and_a_slow_one_holds_up_nobody(
    arena: Arena, view: Callable[[], Viewer], running: subprocess.Popen[str]
) -> None:
    viewer = view()
    with ExitStack() as stack:
        for _ in range(20):  # they ask, and never read
            stack.enter_context(viewer.socket("GET /live/events HTTP/1.1~Host: localhost~~"))
            stack.enter_context(viewer.socket("GET /index"))  # they never end their question
        crowd = [Follower(viewer) for _ in range(50)]
        feeds = [one.follow(lambda told: bool(told["id"]), stack) for one in crowd]
        (arena.folder / "go-1").touch()
        (arena.folder / "go-2").touch()
        arena.end(running)
        for one, feed in zip(crowd, feeds, strict=True):
            while not one.takes_one(feed, has_ended):
                pass
        assert all(one.rows == crowd[0].rows for one in crowd)
        threads = len(os.listdir(f"/proc/{viewer.process.pid}/task"))  # noqa: PTH208
        assert threads == 1
        assert viewer.ends(signal.SIGTERM) == 0


def test_nothing_but_the_report_is_given_away(arena: Arena, view: Callable[[], Viewer]) -> None:
    for name in ("go-1", "go-2"):
        (arena.folder / name).touch()
    arena.run("lamp.xml").ended(1)
    folder = arena.report().folder
    (folder / "link.txt").symlink_to("/etc/passwd")
    (folder / "up").symlink_to("/etc")
    viewer = view()
    assert viewer.get("/index.html").startswith(b"HTTP/1.1 200 OK")
    assert b"no antenna" in viewer.get("/logs/lamp/console.log")
    for path in ("/../lamp.xml", "/%2e%2e/scenarios/lamp.xml", "/link.txt", "/up/passwd", "/.lock", "/logs", "/logs/"):
        assert viewer.get(path).startswith(b"HTTP/1.1 404 "), path
        assert viewer.get(f"/live/console?log={path.removeprefix('/')}").startswith(b"HTTP/1.1 404 "), path
    (folder / "logs/lamp/console.log").unlink()  # as a new run does, before it is heard of
    assert viewer.get("/live/console?log=logs/lamp/console.log").startswith(b"HTTP/1.1 200 OK")
    evil = viewer.get("/live/events", "Sec-Fetch-Site: cross-site")
    assert evil.startswith(b"HTTP/1.1 403 ")
    with viewer.socket("GET /index.html HTTP/1.1~Host: rebound.example~~") as rebound:
        assert rebound.recv(100).startswith(b"HTTP/1.1 421 ")
    with viewer.socket("GET /" + "x" * 100_000 + " HTTP/1.1~~") as long:
        assert long.recv(100).startswith(b"HTTP/1.1 431 ")
    assert viewer.ends(signal.SIGHUP) == 0
    assert viewer.process.stdout is not None
    assert viewer.process.stdout.read() == ""


def test_what_can_not_be_shown_is_refused_with_a_way_out(arena: Arena) -> None:
    arena.call("view", str(arena.folder)).refused(2, "is no report folder", "testarena view testarena-report")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        arena.call("view", "absent", "--port", port).refused(2, f"--port {port}: another program listens there")


def test_the_browser_is_opened_when_asked(arena: Arena, view: Callable[..., Viewer]) -> None:
    opened = arena.folder / "opened"
    browser = arena.folder / "browser"
    browser.write_text(f'#!/bin/sh\nprintf %s "$1" >{opened}.part && mv {opened}.part {opened}\n')
    browser.chmod(0o755)
    viewer = view("--open", BROWSER=str(browser))
    assert eventually(opened.exists)
    assert opened.read_text() == viewer.address
    assert viewer.ends() == 0
