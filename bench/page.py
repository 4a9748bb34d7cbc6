"""The HTML report in a real Chromium: its size, how soon it is there, and how long it stands still while it is used."""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, Page, expect, sync_playwright

from bench.measure import row
from testarena_ci.reports.write import write_reports
from tests.support import runs
from tests.support.builders import Run

SCENARIOS, CASES, LINES = 100, 100, 200
BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome")
TYPED: Final = ("command 42", "pong 9907", "slow", "nothing has this")
IN_LOGS: Final = "handled command 424242"

# Milliseconds from a key in the filter until its result is painted.
_FILTER: Final = """async (text) => {
  const input = document.getElementById("filter");
  const began = performance.now();
  input.value = text;
  input.dispatchEvent(new Event("input"));
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  return performance.now() - began;
}"""

# The longest time between two frames while a console of 200 000 lines scrolls, by a step and by leaps.
_SCROLL: Final = """async () => {
  const box = document.querySelector(".viewer .lines");
  let [longest, before] = [0, await new Promise(requestAnimationFrame)];
  for (let turn = 0; turn < 240; turn++) {
    box.scrollTop = turn < 120 ? turn * 60 : (box.scrollHeight * ((turn * 37) % 120)) / 120;
    const now = await new Promise(requestAnimationFrame);
    longest = Math.max(longest, now - before);
    before = now;
  }
  return longest;
}"""

# How long nothing else came to its turn, from now on.
_WATCH: Final = """() => {
  window.pause = 0;
  let before = performance.now();
  setInterval(() => {
    const now = performance.now();
    window.pause = Math.max(window.pause, now - before);
    before = now;
  }, 5);
}"""


def run() -> str:
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        sys.exit(f"none of {', '.join(BROWSERS)} is on the PATH")
    with tempfile.TemporaryDirectory(prefix="testarena-bench-") as name, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        lines = [*_many_cases(browser, Path(name, "cases")), *_long_console(browser, Path(name, "console"))]
        browser.close()
    return "\n".join([f"index.html of {SCENARIOS * CASES} cases with {LINES} lines each, in Chromium", *lines])


def _many_cases(browser: Browser, folder: Path) -> list[str]:
    index = _written(runs.large(SCENARIOS, CASES, LINES), folder)
    page = _opened(browser, index, "")
    painted = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    ready = page.evaluate("performance.now()")
    typed = max(page.evaluate(_FILTER, text) for text in TYPED)
    return [
        row("file", f"{index.stat().st_size / 1e6:8.1f} MB"),
        row("first view", f"{painted / 1e3:8.2f} s"),
        row("all cases listed", f"{ready / 1e3:8.2f} s"),
        row("filter, slowest", f"{typed:8.0f} ms"),
        *_search(page),
    ]


def _search(page: Page) -> list[str]:
    page.evaluate(_WATCH)
    began = page.evaluate("performance.now()")
    page.fill("#filter", IN_LOGS)
    expect(page.locator(".log-hits .told")).to_have_text(re.compile(r": (nothing|.*lines?)$"), timeout=120_000)
    took = page.evaluate("performance.now()") - began
    told = page.locator(".log-hits .told").inner_text()
    return [
        row("search in all logs", f"{took / 1e3:8.2f} s   {told}"),
        row("  longest pause", f"{page.evaluate('window.pause'):8.0f} ms"),
    ]


def _long_console(browser: Browser, folder: Path) -> list[str]:
    page = _opened(browser, _written(runs.large(1, 10, 20_000), folder), "scenario-0000:150000")
    return [row("200 000 lines, longest frame", f"{page.evaluate(_SCROLL):8.0f} ms")]


def _written(made: Run, folder: Path) -> Path:
    for path, text in made.logs.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    (index,) = write_reports(folder, made.result, kinds=["html"])
    return index


def _opened(browser: Browser, index: Path, anchor: str) -> Page:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(f"{index.as_uri()}#{anchor}")
    page.wait_for_selector("html[data-ready]", timeout=60_000)
    return page


if __name__ == "__main__":
    print(run())
