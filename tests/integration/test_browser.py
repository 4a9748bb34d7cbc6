"""The step `browser`: real scripts in a real Chromium against a page that a device serves."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.fakes.web import CLOSE, FakeWeb, page
from tests.support.processes import carriers
from tests.support.steps import Bench, on_bench, step
from tests.support.trial import trial
from tpf.errors import DeviceFailure, EnvironmentLacks, StepError, TestArenaError
from tpf.result import FailureKind, Part

CHROMIUM = any(map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")))
in_browser = pytest.mark.skipif(not CHROMIUM, reason="no Chromium: apt-get install chromium")
PAGE = """<!doctype html><html lang="en"><title>Thermostat</title><h1>Hello</h1>
<button onclick="document.querySelector('h1').textContent = 'Heating'">heat</button>
<script>console.log('page is up');</script></html>"""
BAD_PAGE = PAGE.replace("</html>", "<script>console.error('no sensor'); undefined_function();</script></html>")


def html(text: str) -> bytes:
    return page(text, Content_Type="text/html; charset=utf-8", Connection="close")


@dataclass(slots=True)
class Came:
    """What came of a script."""

    error: TestArenaError | None = None
    artifacts: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)

    @property
    def headline(self) -> str:
        return str(self.error).split("\n", 1)[0]


def drive(
    folder: Path,
    environment: dict[str, str],
    script: str,
    *answers: bytes,
    name: str = "check_page.py",
    **attributes: str,
) -> Came:
    came = Came()
    (folder / name).write_text(script)

    async def work(bench: Bench) -> None:
        async with FakeWeb(answers or (html(PAGE),)).serving() as web:
            bench.values.update(web=web.address, mode="heat")
            try:
                await bench.run(step("browser", script=name, **{"url": "http://${web}/", **attributes}))
            except TestArenaError as error:
                came.error = error
            came.artifacts = [artifact.name for artifact in bench.record.artifacts]
            came.lines, came.parts = bench.record.lines, bench.record.parts

    on_bench(folder, work, environment=environment)
    return came


GOOD = """from playwright.sync_api import expect

expect(page).to_have_title("Thermostat")
page.get_by_role("button", name=values["mode"]).click()
expect(page.locator("h1")).to_have_text("Heating")
assert page.url == url
page.screenshot(path=artifacts / "heating.png")
print("done", flush=True)
"""


@in_browser
def test_a_script_that_finds_all_well(tmp_path: Path, environment: dict[str, str]) -> None:
    came = drive(tmp_path, environment, GOOD)
    assert came.error is None
    assert came.artifacts == ["check_page/heating.png"]
    assert came.lines == ["page: log: page is up", "done"]


@in_browser
def test_an_assertion_that_fails_names_the_line_and_leaves_a_picture_and_a_trace(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    script = "from playwright.sync_api import expect\n\nexpect(page.locator('h1')).to_have_text('Hullo', timeout=100)\n"
    came = drive(tmp_path, environment, script)
    assert isinstance(came.error, DeviceFailure)
    assert came.error.kind is FailureKind.MISMATCH
    assert came.headline == "check_page.py:3: Locator expected to have text 'Hullo' Actual value: Hello"
    assert "expect(page.locator('h1')).to_have_text" in str(came.error)
    assert came.artifacts == ["check_page/check_page.png", "check_page/check_page.trace.zip"]


@in_browser
def test_a_script_that_waits_in_vain(tmp_path: Path, environment: dict[str, str]) -> None:
    came = drive(tmp_path, environment, "\npage.click('#none', timeout=100)\n", trace="never")
    assert isinstance(came.error, DeviceFailure)
    assert came.error.kind is FailureKind.TIMEOUT
    assert came.headline == "check_page.py:2: Page.click: Timeout 100ms exceeded."
    assert came.artifacts == ["check_page/check_page.png"]


@in_browser
def test_a_script_that_is_wrong_itself(tmp_path: Path, environment: dict[str, str]) -> None:
    came = drive(tmp_path, environment, "\npage.nonsense()\n")
    assert isinstance(came.error, StepError)
    assert came.headline == "check_page.py:2: AttributeError: 'Page' object has no attribute 'nonsense'"


@in_browser
def test_a_script_may_end_itself_in_peace(tmp_path: Path, environment: dict[str, str]) -> None:
    assert drive(tmp_path, environment, "import sys\nsys.exit(0)\n").error is None


@in_browser
def test_errors_of_the_page_count_when_asked_for(tmp_path: Path, environment: dict[str, str]) -> None:
    assert drive(tmp_path, environment, "page.title()\n", html(BAD_PAGE)).error is None
    came = drive(tmp_path, environment, "page.title()\n", html(BAD_PAGE), strict="true")
    assert isinstance(came.error, DeviceFailure)
    assert "the page had errors: no sensor; " in came.headline
    assert "undefined_function is not defined" in came.headline


@in_browser
def test_a_device_that_is_still_starting(tmp_path: Path, environment: dict[str, str]) -> None:
    assert drive(tmp_path, environment, GOOD, CLOSE, CLOSE, html(PAGE)).error is None


@in_browser
def test_a_page_that_can_not_be_opened(tmp_path: Path, environment: dict[str, str]) -> None:
    came = drive(tmp_path, environment, GOOD, CLOSE, timeout="12s")
    assert isinstance(came.error, DeviceFailure)
    assert came.error.kind is FailureKind.TIMEOUT
    assert came.headline.endswith("/ can't be opened: net::ERR_EMPTY_RESPONSE")


@in_browser
def test_a_script_without_end_is_stopped_with_all_that_it_started(tmp_path: Path, environment: dict[str, str]) -> None:
    marked = {**environment, "MARK_OF_TEST": str(tmp_path), "PYTHONPATH": str(Path(__file__).parents[2])}
    script = f"""
from tests.support.processes import carriers
print(len(carriers("MARK_OF_TEST", {str(tmp_path)!r})), flush=True)
while True: pass
"""
    came = drive(tmp_path, marked, script, timeout="10s")
    assert isinstance(came.error, DeviceFailure)
    assert came.error.kind is FailureKind.TIMEOUT
    assert came.headline == "browser script check_page.py was stopped: it took longer than 10s"
    assert int(came.lines[-1]) > 3  # the program, Playwright's driver, and several of the browser
    assert carriers("MARK_OF_TEST", str(tmp_path)) == set()


TESTS = """import pytest
from playwright.sync_api import expect


def test_title(page, url, values, artifacts):
    assert page.title() == "Thermostat"
    assert values["mode"] == "heat"


@pytest.mark.parametrize("text", ["Hello", "Ho/la"])
def test_text(page, text):
    expect(page.locator("h1")).to_have_text(text, timeout=100)


@pytest.mark.skip(reason="no sensor")
def test_sensor(page): ...


@pytest.fixture
def broken(): raise OSError("no such thing")


def test_broken(broken): ...


def test_compare(page):
    assert page.title() == "Thermometer"
"""


@in_browser
def test_each_test_of_a_pytest_file_is_a_part(tmp_path: Path, environment: dict[str, str]) -> None:
    came = drive(tmp_path, environment, TESTS, name="test_page.py")
    assert came.error is None  # the engine makes a failure of the parts
    found = {part.name: str(part.verdict) for part in came.parts}
    assert found == {
        "test_title": "passed",
        "test_text[Hello]": "passed",
        "test_text[Ho/la]": "failed",
        "test_sensor": "skipped",
        "test_broken": "error",
        "test_compare": "failed",
    }
    by_name = {part.name: part for part in came.parts}
    failure = by_name["test_text[Ho/la]"].failure
    assert failure is not None
    assert failure.headline == "Locator expected to have text 'Ho/la' Actual value: Hello"
    assert (str(failure.source), by_name["test_sensor"].skip) == ("test_page.py:12", "no sensor")
    broken, compared = by_name["test_broken"].failure, by_name["test_compare"].failure
    assert broken is not None
    assert compared is not None
    assert broken.headline == "OSError: no such thing"
    assert compared.headline == "assert 'Thermostat' == 'Thermometer'"
    assert came.artifacts == [
        "test_page/test_compare.png",
        "test_page/test_compare.trace.zip",
        "test_page/test_text-Ho-la.png",
        "test_page/test_text-Ho-la.trace.zip",
    ]


@in_browser
@pytest.mark.parametrize(
    "script, headline",
    [("x = 1\n", "test_page.py: there is no test in it"), ("import nowhere\n", "ModuleNotFoundError: No module named")],
)
def test_a_pytest_file_without_tests_is_an_error(
    tmp_path: Path, environment: dict[str, str], script: str, headline: str
) -> None:
    came = drive(tmp_path, environment, script, name="test_page.py")
    told = came.headline if came.error else "".join(part.failure.headline for part in came.parts if part.failure)
    assert told.startswith(headline)


@in_browser
def test_traces_and_videos_on_request(tmp_path: Path, environment: dict[str, str]) -> None:
    came = drive(tmp_path, environment, GOOD, trace="always", video="always")
    assert came.error is None
    assert came.artifacts == ["check_page/check_page.trace.zip", "check_page/check_page.webm", "check_page/heating.png"]
    video = tmp_path / "report" / "artifacts" / "test" / "check_page" / "check_page.webm"
    assert video.read_bytes()[:4] == b"\x1a\x45\xdf\xa3"  # Matroska's mark


@pytest.mark.parametrize(
    "programs, video, message",
    [
        ((), "never", "<browser> needs Chromium, and PATH has none of chromium, .*: sudo apt-get install chromium"),
        (("chromium",), "always", "<browser video=...> needs ffmpeg, and PATH has none: sudo apt-get install ffmpeg"),
        (("chromium",), "never", "Chromium can't be started: "),
    ],
)
def test_what_this_machine_lacks(tmp_path: Path, programs: tuple[str, ...], video: str, message: str) -> None:
    bin_ = tmp_path / "bin"
    bin_.mkdir()
    for name in programs:
        (bin_ / name).write_text("#!/bin/sh\necho no display >&2\nexit 1\n")
        (bin_ / name).chmod(0o755)
    came = drive(tmp_path, {"PATH": str(bin_)}, GOOD, video=video)
    assert isinstance(came.error, EnvironmentLacks)
    assert re.match(message, came.headline), came.headline


@in_browser
def test_the_example(checkout: Path, tmp_path: Path) -> None:
    """The whole way: a scenario, a device that is a program and serves a page, the tests of a page as test cases."""
    examples = checkout / "examples"
    files = ("scenarios/thermostat_web.py", "browser/web-page.xml", "browser/make_it_warmer.py", "browser/test_page.py")
    ran = trial(tmp_path, {name: (examples / name).read_text() for name in files})
    assert {case.name: str(case.verdict) for case in ran.result.cases} == {
        "the button makes it warmer": "passed",
        "the page": "passed",
        "the page / test_title": "passed",
        "the page / test_state_is_shown": "passed",
    }
    assert [artifact.name for case in ran.result.cases for artifact in case.artifacts] == ["make_it_warmer/warmer.png"]
