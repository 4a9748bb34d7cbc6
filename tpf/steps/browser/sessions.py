"""The browser, and pages in it that keep a record of what is done to them. Importing this costs Playwright."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, WebError
from playwright.sync_api import Error as PlaywrightError

from tpf.steps.browser.findings import PageErrors, Unreachable
from tpf.steps.browser.order import Keep, Order

_LONGEST_WAIT: Final = 30.0  # seconds that Playwright waits for one thing, when the script says nothing else
_SHORTEST_WAIT: Final = 0.5
_NOT_YET: Final = ("ERR_CONNECTION_", "ERR_EMPTY_RESPONSE", "ERR_SOCKET_NOT_CONNECTED", "ERR_ADDRESS_UNREACHABLE")
_PAUSE: Final = 200.0  # milliseconds between two attempts to open the page
_PICTURE_LIMIT: Final = 5000.0  # milliseconds
_ICON: Final = "/favicon.ico"  # only browsers ask for it, and few devices have one
_SHOWN: Final = 5  # errors of a page in a message


class Session:
    """A page of its own, with its record. Say `failed` before `close`, which keeps what is ordered to be kept."""

    def __init__(self, order: Order, browser: Browser, name: str) -> None:
        self._order = order
        self._base = Path(order.artifacts) / name
        recorded = order.artifacts if order.video is not Keep.NEVER else None
        self._context: BrowserContext = browser.new_context(record_video_dir=recorded, ignore_https_errors=True)
        self._context.set_default_timeout(_longest_wait(order))
        if order.trace is not Keep.NEVER:
            self._context.tracing.start(screenshots=True, snapshots=True, sources=True, title=name)
        self._errors = _listen(self._context)
        self.page: Page = self._context.new_page()
        self.failed = False

    def open(self) -> None:
        """Open the order's address; while nobody answers there, again. Raises Unreachable."""
        while self._order.url:
            try:
                self.page.goto(self._order.url)
            except PlaywrightError as error:
                reason = error.message.removeprefix("Page.goto: ").partition("\n")[0].partition(" at ")[0]
                if not any(word in reason for word in _NOT_YET) or time.monotonic() > self._order.deadline:
                    raise Unreachable(f"{self._order.url} can't be opened: {reason}") from error
                self.page.wait_for_timeout(_PAUSE)
            else:
                return

    def judge(self) -> None:
        """Raise PageErrors when the page had some, and the order is strict."""
        if self._order.strict and self._errors:
            more = f" and {len(self._errors) - _SHOWN} more" if len(self._errors) > _SHOWN else ""
            raise PageErrors(f"the page had errors: {'; '.join(self._errors[:_SHOWN])}{more}")

    def close(self) -> None:
        if self.failed:
            with suppress(PlaywrightError):  # the page may have crashed
                self.page.screenshot(path=self._base.with_suffix(".png"), timeout=_PICTURE_LIMIT)
        if self._order.trace.wanted(failed=self.failed):
            self._context.tracing.stop(path=self._base.with_suffix(".trace.zip"))
        self._context.close()
        video = self.page.video
        if video is not None:
            if self._order.video.wanted(failed=self.failed):
                video.save_as(self._base.with_suffix(".webm"))
            video.delete()


class Launcher:
    """A running browser."""

    def __init__(self, order: Order, browser: Browser) -> None:
        self._order = order
        self._browser = browser

    @contextmanager
    def session(self, name: str) -> Iterator[Session]:
        """A fresh page, open at the order's address; it has failed when the body raises, or says so."""
        session = Session(self._order, self._browser, name)
        try:
            session.open()
            yield session
            session.judge()
        except BaseException:
            session.failed = True
            raise
        finally:
            session.close()


def launch(playwright: Playwright, order: Order) -> Browser:
    """The system's browser, without anything of this host's settings. Raises Playwright's Error when it can't start."""
    return playwright.chromium.launch(
        executable_path=order.chromium,
        chromium_sandbox=order.sandbox,
        args=["--no-proxy-server"],
        timeout=_longest_wait(order),
    )


def _longest_wait(order: Order) -> float:
    """For one thing, in milliseconds: a page that hangs must leave time to tell of it."""
    return 1000 * max(_SHORTEST_WAIT, min(_LONGEST_WAIT, order.deadline - time.monotonic()))


def _listen(context: BrowserContext) -> list[str]:
    """Pass on what pages say in their consoles; the list gets their errors."""
    errors: list[str] = []

    def said(message: ConsoleMessage) -> None:
        _say(f"{message.type}: {message.text}")
        if message.type == "error" and not message.location.get("url", "").endswith(_ICON):
            errors.append(message.text)

    def raised(error: WebError) -> None:
        _say(f"uncaught: {error.error}")
        errors.append(str(error.error))

    context.on("console", said)
    context.on("weberror", raised)
    return errors


def _say(text: str) -> None:
    """A line for the run's log, which is what our standard output goes to."""
    sys.stdout.write(f"page: {' '.join(text.split())}\n")
    sys.stdout.flush()
