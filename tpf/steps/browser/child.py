"""The program that drives the browser: `python -P -m tpf.steps.browser.child ORDER.json ENDING.json`."""

from __future__ import annotations

import sys
from contextlib import closing, suppress
from pathlib import Path

from playwright.sync_api import Error, sync_playwright

from tpf.steps.browser.order import Ending, Finding, Order, is_pytest_file, read_order, write
from tpf.steps.browser.scripts import run_script
from tpf.steps.browser.sessions import Launcher, launch


def main(order_file: str, ending_file: str) -> None:
    """Do what is ordered, and write what came of it."""
    order = read_order(Path(order_file))
    sys.path.insert(0, str(Path(order.script).parent))
    Path(order.artifacts).mkdir(parents=True, exist_ok=True)
    write(Path(ending_file), _ending(order))
    with suppress(OSError):  # it may hold something
        Path(order.artifacts).rmdir()


def _ending(order: Order) -> Ending:
    with sync_playwright() as playwright:
        try:
            browser = launch(playwright, order)
        except Error as error:
            return Ending(lacks=str(error))
        with closing(browser):
            return Ending(findings=_findings(order, Launcher(order, browser)))


def _findings(order: Order, launcher: Launcher) -> tuple[Finding, ...]:
    if not is_pytest_file(order.script):
        return run_script(order, launcher)
    from tpf.steps.browser.pytest_file import run_tests  # lazy: plain scripts can do without pytest

    return run_tests(order, launcher)


if __name__ == "__main__":
    main(*sys.argv[1:])
