"""index.html in a real browser: it works, it loads nothing, and nothing in it acts that is not ours."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from msgspec.structs import replace
from playwright.sync_api import Browser, Page, expect, sync_playwright

from testarena_ci.reports.write import write_reports
from tests.support import runs
from tests.support.builders import Run, attempt, case, failure, run, scenario
from tpf.result import FailureKind

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium: apt-get install chromium"),
    pytest.mark.timeout(300),
]
PANIC = "console-answers/null-pointer-is-caught"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield started
        started.close()


@dataclass(slots=True, kw_only=True)
class Reader:
    """Somebody who looks at a report; notes what the page complains about and what it asks for."""

    page: Page
    folder: Path
    complaints: list[str] = field(default_factory=list)
    asked_for: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: self.complaints.append(f"dialog: {dialog.message}"))
        self.page.on("request", lambda request: self.asked_for.append(request.url))

    def opens(self, made: Run, anchor: str = "") -> Page:
        for path, text in made.logs.items():
            (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / path).write_text(text, errors="surrogateescape")
        (index,) = write_reports(self.folder, made.result, kinds=["html"])
        self.page.goto(f"{index.as_uri()}#{anchor}")
        self.page.wait_for_selector("html[data-ready]", timeout=60_000)
        return self.page


@pytest.fixture
def reader(browser: Browser, tmp_path: Path) -> Iterator[Reader]:
    """A reader whose page must have complained about nothing and asked for nothing but itself."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    one = Reader(page=context.new_page(), folder=tmp_path)
    yield one
    assert one.complaints == []
    index = (tmp_path / "index.html").as_uri()
    assert [url for url in one.asked_for if url.split("#")[0] != index and not url.startswith("data:")] == []
    context.close()


@pytest.mark.parametrize("kind", ["passed", "mixed", "set_up_failed", "interrupted", "killed", "empty"])
def test_every_kind_of_run_opens(kind: str, reader: Reader) -> None:
    made: Run = getattr(runs, kind)()
    page = reader.opens(made)
    assert page.locator("h1").inner_text() != ""
    assert page.locator("#filter").is_visible()


def test_the_filter_finds_by_all_words_and_by_state(reader: Reader) -> None:
    page = reader.opens(runs.mixed())
    names = page.locator(".cases a .name")
    expect(names).to_have_count(11)
    page.locator("#filter").fill("heap console")
    expect(names).to_have_text(["enough heap is left"])
    page.locator("#filter").fill("guru meditation")
    expect(names).to_have_text(["null pointer is caught"])
    page.locator("#filter").fill("no such thing")
    expect(page.locator(".none-found")).to_have_text("No case matches the filter.")
    page.locator("#filter").fill("")
    page.locator("[data-state=flaky]").click()
    expect(names).to_have_text(["counter survives a reset"])
    page.locator("[data-state=flaky]").click()
    expect(names).to_have_count(11)


def test_a_deep_link_opens_the_case_with_its_console(reader: Reader) -> None:
    page = reader.opens(runs.mixed(), PANIC)
    expect(page.locator("h1:visible")).to_contain_text("null pointer is caught")
    expect(page.locator(".viewer .line.seen .no")).to_have_text(["8", "9"])
    expect(page.locator(".viewer .line.culprit .no")).to_have_text("9")
    expect(page.locator(".viewer .line")).to_have_count(20)


def test_a_click_on_a_step_marks_its_lines(reader: Reader) -> None:
    page = reader.opens(runs.mixed(), "console-answers/ping-answers-pong")
    page.get_by_role("button", name='expect "pong" within 1s').click()
    expect(page.locator(".viewer .line.seen .text")).to_have_text(["pong"])
    page.get_by_role("button", name='send "ping"').click()
    expect(page.locator(".viewer .line.seen")).to_have_count(0)


def test_a_link_to_a_line_leads_to_it(reader: Reader) -> None:
    page = reader.opens(runs.mixed(), PANIC)
    page.locator(".viewer .line .no", has_text="14").click()
    assert page.url.endswith(f"#{PANIC}:14")
    page.reload()
    expect(page.locator(".viewer .line.seen .text")).to_have_text(["ELF file SHA256: 63c1edd7e"])


def test_the_keyboard_goes_from_failure_to_failure_and_back(reader: Reader) -> None:
    page = reader.opens(runs.mixed())
    shown = page.locator("h1:visible")
    page.keyboard.press("j")
    expect(shown).to_contain_text("enough heap is left")
    page.keyboard.press("j")
    expect(shown).to_contain_text("null pointer is caught")
    page.keyboard.press("k")
    expect(shown).to_contain_text("enough heap is left")
    page.keyboard.press("Escape")
    expect(shown).to_have_text("2 of 11 cases failed, 6 did not run")
    page.keyboard.press("/")
    page.keyboard.type("jk")
    expect(page.locator("#filter")).to_have_value("jk")


def test_both_attempts_of_a_flaky_case_can_be_seen(reader: Reader) -> None:
    page = reader.opens(runs.mixed(), "console-answers/counter-survives-a-reset")
    expect(page.locator(".viewer .line.seen .no")).to_have_text(["19", "20"])
    page.get_by_role("button", name="Attempt 1").click()
    expect(page.locator("#detail .failure")).to_contain_text("counter is 3, not 4")
    expect(page.locator(".viewer .line.seen .no")).to_have_text(["16", "17", "18"])


def test_attempts_stand_side_by_side_and_on_a_phone_one_below_another(reader: Reader) -> None:
    page = reader.opens(runs.mixed(), "console-answers/counter-survives-a-reset")
    (first, second) = (column.bounding_box() for column in page.locator("#detail .try").all())
    assert first is not None
    assert second is not None
    assert (first["y"], second["x"] > first["x"] + first["width"] - 1) == (second["y"], True)
    page.set_viewport_size({"width": 390, "height": 800})
    (first, second) = (column.bounding_box() for column in page.locator("#detail .try").all())
    assert first is not None
    assert second is not None
    assert second["y"] >= first["y"] + first["height"]


def test_a_failed_case_has_the_line_that_runs_it_again(reader: Reader) -> None:
    made = runs.mixed()
    flags = ("flags", "--target esp32 --set 'words=a b'")
    result = replace(made.result, properties=(*made.result.properties, flags, ("values_not_shown", "wifi.password")))
    line = "testarena run scenarios/console.xml --case 'console answers/null pointer is caught' " + flags[1]
    page = reader.opens(Run(result=result, logs=made.logs))
    card = page.locator(f"[id='{PANIC}'] .again")
    expect(card.locator("code")).to_have_text(line)
    expect(card.locator(".needs")).to_contain_text("with --set wifi.password commit 3f2a91c07d target esp32c3")
    card.get_by_role("button", name="Copy").click()
    expect(card.locator("button")).to_have_text(re.compile("Copied|Selected"))
    page.goto(f"{page.url.split('#')[0]}#{PANIC}")
    expect(page.locator("#detail .again code")).to_have_text(line)
    expect(page.locator("#detail .again .needs")).to_have_text(
        card.locator(".needs").inner_text(), use_inner_text=False
    )


def test_places_lead_to_the_sources_of_the_forge(reader: Reader) -> None:
    made = runs.mixed()
    base = "https://git.example/acme/console/src/commit/3f2a/"
    result = replace(made.result, properties=(*made.result.properties, ("source_url", base), ("folder", "fw")))
    page = reader.opens(Run(result=result, logs=made.logs))
    frames = page.locator(f"[id='{PANIC}'] .details a")
    wanted = [f"{base}fw/main/{place}" for place in ("commands.c#L41", "commands.c#L60", "console.c#L88")]
    assert [frame.get_attribute("href") for frame in frames.all()] == wanted
    page.goto(f"{page.url.split('#')[0]}#{PANIC}")
    frames = page.locator("#detail .details a")
    expect(frames).to_have_count(3)
    assert [frame.get_attribute("href") for frame in frames.all()] == wanted


def test_the_timeline_leads_to_scenarios_by_mouse_and_keys(reader: Reader) -> None:
    page = reader.opens(runs.large(12, 2, 3))
    bars = page.locator(".tl-lane a")
    expect(bars).to_have_count(12)
    bars.first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator("h1:visible")).to_have_text("scenario 0004")
    page.keyboard.press("Escape")
    page.get_by_role("link", name="scenario 0003: ").click()
    expect(page.locator("h1:visible")).to_have_text("scenario 0003")


def test_the_filter_looks_into_the_consoles_and_says_whose_lines_they_are(reader: Reader) -> None:
    page = reader.opens(runs.mixed())
    page.locator("#filter").fill("stack memory")
    hits = page.locator(".log-hits li a")
    expect(page.locator(".log-hits .told")).to_have_text("“stack memory” in console logs: 1 line")
    expect(hits).to_have_text(["console answers › null pointer is caughtline 12Stack memory:"])
    hits.click()
    expect(page.locator(".viewer .line.seen .no")).to_have_text(["12"])
    page.keyboard.press("Escape")
    page.locator("[data-state=passed]").click()
    expect(page.locator(".log-hits .told")).to_have_text("“stack memory” in console logs: nothing")
    page.locator("#filter").fill("")
    expect(page.locator(".log-hits")).to_be_hidden()


def test_a_hit_behind_lines_of_a_large_console_has_its_number(reader: Reader) -> None:
    page = reader.opens(runs.large(2, 5, 20_000))
    page.locator("#filter").fill("I (77777) console")
    expect(page.locator(".log-hits .told")).to_contain_text("2 lines", timeout=30_000)
    expect(page.locator(".log-hits .many")).to_have_text(["line 77778", "line 77778"])
    page.locator(".log-hits li a").first.click()
    expect(page.locator(".viewer .line.seen .text")).to_contain_text("I (77777) console")


def test_an_expected_failure_says_so_and_how_it_failed(reader: Reader) -> None:
    late = failure(FailureKind.TIMEOUT, "expected pong, but it did not come", 20)
    known = case("known", 18, replace(attempt(), expected=late), ticket="BUG-7")
    page = reader.opens(Run(result=run(scenario("s", "s", known))))
    expect(page.locator(".cases a .why").last).to_have_text(
        "expected failure, BUG-7: expected pong, but it did not come"
    )
    page.locator(".cases a", has_text="known").click()
    expect(page.get_by_text("Expected to fail: BUG-7")).to_be_visible()
    expect(page.get_by_role("paragraph").filter(has_text="timeout expected pong")).to_be_visible()


def test_the_theme_is_kept(reader: Reader) -> None:
    page = reader.opens(runs.passed())
    assert page.locator("html").get_attribute("data-theme") is None
    page.locator("#theme").click()
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_hostile_texts_do_nothing(reader: Reader) -> None:
    page = reader.opens(runs.hostile())
    expect(page.locator("img, iframe, object, embed, form")).to_have_count(0)
    for row in page.locator(".cases a").all():
        page.goto(f"{page.url.split('#')[0]}{row.get_attribute('href')}")
    page.goto(f"{page.url.split('#')[0]}#evil.scenario")
    expect(page.locator(".viewer .line .text").nth(3)).to_have_text("\\u202e gnp.exe")
    expect(page.locator("img, iframe, object, embed, form")).to_have_count(0)
    addresses = [link.get_attribute("href") or "" for link in page.locator("a").all()]
    assert all(address.startswith(("#", "./")) for address in addresses)
    assert "\u202e" not in page.content()


def test_a_text_that_became_markup_would_be_stopped(reader: Reader) -> None:
    """The second line of defence: the policy refuses what the first one should never let through."""
    page = reader.opens(runs.passed())
    attack = "document.body.innerHTML = '<img src=x onerror=alert(1)>'; return 'done'"
    assert page.evaluate(f"() => {{ try {{ {attack} }} catch {{ return 'refused' }} }}") == "refused"
    assert any("TrustedHTML" in complaint or "trusted" in complaint.lower() for complaint in reader.complaints)
    reader.complaints.clear()


def test_it_reads_without_its_script(browser: Browser, tmp_path: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    made = runs.mixed()
    for path, text in made.logs.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    (index,) = write_reports(tmp_path, made.result, kinds=["html"])
    page = context.new_page()
    page.goto(index.as_uri())
    expect(page.locator(".card .message").first).to_be_visible()
    expect(page.locator(".line.culprit").last).to_contain_text("Guru Meditation Error")
    expect(page.locator(".card .steps li").first).to_be_hidden()
    page.locator(".card .steps summary").first.click()
    expect(page.locator(".card .steps li").first).to_be_visible()
    expect(page.locator("#explorer tbody tr")).to_have_count(3)
    context.close()


def test_ten_thousand_cases_open_and_filter(reader: Reader) -> None:
    page = reader.opens(runs.large(500, 20, 10))
    expect(page.locator(".group")).to_have_count(100)
    page.locator("#filter").fill("command 9999")
    expect(page.locator(".cases a .name")).to_have_text(["command 9999 answers within its time"])
    page.locator(".cases a .name").click()
    expect(page.locator("h1:visible")).to_contain_text("command 9999 answers")
    expect(page.locator(".viewer .line.seen").first).to_be_visible()


def test_two_hundred_thousand_lines_are_drawn_in_parts(reader: Reader) -> None:
    page = reader.opens(runs.large(1, 10, 20_000), "scenario-0000:150000")
    expect(page.locator(".viewer .line.seen .no")).to_have_text(["150000"])
    assert page.locator(".viewer .line").count() < 100
    page.locator(".viewer .lines").evaluate("box => { box.scrollTop = box.scrollHeight }")
    expect(page.locator(".viewer .line .no").last).to_have_text("200000")
    page.get_by_label("Find in the console").fill("I (77777)")
    expect(page.locator(".viewer .matches")).to_have_text("1 of 1")
    expect(page.locator(".viewer .line.hit .no")).to_have_text(["77778"])


@pytest.mark.parametrize("width", [360, 768, 1280, 1920])
@pytest.mark.parametrize("anchor", ["", PANIC, "console-answers"])
def test_no_page_is_wider_than_the_window(width: int, anchor: str, reader: Reader) -> None:
    reader.page.set_viewport_size({"width": width, "height": 800})
    page = reader.opens(runs.mixed(), anchor)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_print_opens_the_steps(reader: Reader) -> None:
    page = reader.opens(runs.mixed())
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    expect(page.locator(".card .steps li").first).to_be_visible()
    expect(page.locator(".explore")).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("anchor", ["", PANIC, "console-answers"])
def test_axe_finds_nothing(scheme: Literal["light", "dark"], anchor: str, browser: Browser, tmp_path: Path) -> None:
    context = browser.new_context(color_scheme=scheme, bypass_csp=True)  # axe is a script that the policy refuses
    page = Reader(page=context.new_page(), folder=tmp_path).opens(runs.mixed(), anchor)
    if not anchor:
        page.locator("#filter").fill("pong")
        expect(page.locator(".log-hits .told")).to_contain_text("line")
    page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true })")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    context.close()
