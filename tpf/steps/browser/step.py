"""The step itself: has the script run by a program of its own, and judges what came of it."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ClassVar, Final

from tpf.console.quoting import quote, seconds
from tpf.errors import DeviceFailure, EnvironmentLacks, StepError
from tpf.process import Request
from tpf.result import Failure, FailureKind, Part, Source
from tpf.scenario.declare import Element, attribute
from tpf.scenario.types import DURATION, FILE, FLAG, choice
from tpf.steps.artifacts import files_in, record_new
from tpf.steps.base import StepContext
from tpf.steps.browser.order import End, Ending, Finding, Keep, Order, is_pytest_file, read_ending, write
from tpf.steps.browser.programs import browsers_folder, find_chromium
from tpf.steps.command import Result, run_command
from tpf.steps.extras import need
from tpf.steps.http.step import URL
from tpf.steps.places import numbered, within_checkout

_KINDS: Final = {End.FAILED: FailureKind.MISMATCH, End.TIMEOUT: FailureKind.TIMEOUT, End.BROKEN: FailureKind.STEP}
_SHARE: Final = 0.8  # of the time: a page that hangs must leave time to tell of it
_KEEP: Final = choice(*Keep)


@dataclass(frozen=True, slots=True, kw_only=True)
class Browser:
    """Runs a Playwright script in Python against the page that the device serves, in the system's Chromium.

    A script finds as names: `page`, which is open at `url`; `url`; `values`, what the scenario has saved by name; and
    `artifacts`, a folder whose files go into the report. A file `test_*.py` is run by pytest: its tests find the same
    as fixtures, each gets a fresh page, and each becomes a test case of its own. An assertion that fails, also one of
    Playwright's `expect`, fails the case with the script's line; of a script that failed the report has a picture and
    a trace.

    It needs `pip install 'testarena-ci[browser]'` and the system's Chromium; nothing is downloaded.
    """

    element: ClassVar[Element] = Element(
        name="browser", device="none", example='<browser script="check_page.py" url="http://${web}/" timeout="30s"/>'
    )
    script: str = attribute(FILE, doc="the script")
    url: str = attribute(
        URL,
        default="",
        doc="the page to open first; while nobody answers there, it is tried again",
    )
    timeout: float = attribute(
        DURATION, default=60.0, shown="60s", doc="how long it may take, the browser's start and all"
    )
    trace: str = attribute(
        _KEEP,
        default=Keep.FAILURE.value,
        doc="when to keep a trace, which `playwright show-trace` and trace.playwright.dev show",
    )
    video: str = attribute(_KEEP, default=Keep.NEVER.value, doc="when to keep a video; needs ffmpeg")
    strict: bool = attribute(
        FLAG,
        default=False,
        doc="`true`: errors in the page's console, and those that it doesn't catch, fail the script",
    )

    def check(self) -> Iterator[str | tuple[str, str]]:
        if not self.script.strip().endswith(".py"):
            yield "script", f"attribute script: {quote(self.script)} must end with .py: it is a script in Python"

    def summary(self) -> str:
        at = f" at {self.url}" if self.url else ""
        return f"browser {self.script}{at} within {seconds(self.timeout)}"

    async def run(self, context: StepContext) -> None:
        script = within_checkout(self.script, context)
        if not script.is_file():
            raise StepError(f"attribute script: there is no file {quote(self.script)}")
        need("playwright", "browser", "<browser>")
        if is_pytest_file(self.script):
            need("pytest", "browser", "<browser> with a pytest file")
        before = files_in(context.artifacts)
        try:
            async with context.console.time.flowing():
                ending, result = await self._drive(script, context)
        finally:
            record_new(context, before)
        self._judge(ending, result, _shown(script, context), context)

    async def _drive(self, script: Path, context: StepContext) -> tuple[Ending | None, Result]:
        with TemporaryDirectory(prefix="testarena-browser-", ignore_cleanup_errors=True) as private:
            order, ending, browsers = (Path(private, name) for name in ("order.json", "ending.json", "browsers"))
            browsers.mkdir()
            write(order, self._order(script, context))
            browsers_folder(browsers, context.processes.path, video=self.video != Keep.NEVER)
            request = Request(
                argv=(sys.executable, "-P", "-u", "-m", "tpf.steps.browser.child", str(order), str(ending)),
                cwd=context.folder,
                environment=(
                    ("PLAYWRIGHT_BROWSERS_PATH", str(browsers)),
                    ("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1"),
                    ("TMPDIR", private),  # the browser's profile goes with it, however all ends
                ),
            )
            result = await run_command(context.processes, request, timeout=self.timeout, on_line=context.record.output)
            return read_ending(ending), result

    def _order(self, script: Path, context: StepContext) -> Order:
        artifacts = next(path for path in numbered(context.artifacts / script.stem) if not path.exists())
        return Order(
            script=str(script),
            url=self.url,
            values=context.values,
            chromium=find_chromium(context.processes.path),
            artifacts=str(artifacts.absolute()),
            deadline=time.monotonic() + _SHARE * self.timeout,
            trace=Keep(self.trace),
            video=Keep(self.video),
            strict=self.strict,
            sandbox=os.geteuid() != 0,  # Chromium refuses to be root with one
        )

    def _judge(self, ending: Ending | None, result: Result, shown: str, context: StepContext) -> None:
        if ending is None:
            if result.outcome.timed_out:
                message = f"browser script {shown} was stopped: it took longer than {seconds(self.timeout)}"
                raise DeviceFailure(FailureKind.TIMEOUT, f"{message}\n{result.story}")
            raise StepError(f"browser script {shown}: the program that runs it was {result.outcome}\n{result.story}")
        if ending.lacks:
            raise EnvironmentLacks(_why_not_started(ending.lacks))
        if is_pytest_file(self.script):
            _tell(ending, shown, context)
        else:
            _raise(ending.findings[0], shown)


def _tell(ending: Ending, shown: str, context: StepContext) -> None:
    """Each test as a part of the case; what kept tests from being found is an error of the step."""
    if not ending.findings:
        raise StepError(f"{shown}: there is no test in it")
    for found in ending.findings:
        source = Source(file=shown, line=found.line)
        failure = None
        if found.end in _KINDS:
            failure = Failure(kind=_KINDS[found.end], message=_message(found), source=source)
        skip = (found.message or "skipped") if found.end is End.SKIPPED else ""
        context.record.part(Part(name=found.name, seconds=found.seconds, failure=failure, skip=skip, source=source))


def _raise(found: Finding, shown: str) -> None:
    if found.end is End.PASSED:
        return
    place = f"{shown}:{found.line}" if found.line else shown
    message = f"{place}: {_message(found)}"
    if found.end is End.BROKEN:
        raise StepError(message)
    raise DeviceFailure(_KINDS[found.end], message)


def _message(found: Finding) -> str:
    return f"{found.message}\n{found.details}" if found.details else found.message


def _shown(script: Path, context: StepContext) -> str:
    """The script from the checkout's top."""
    top = os.path.realpath(context.checkout)
    return str(script.relative_to(top)) if script.is_relative_to(top) else script.name


def _why_not_started(text: str) -> str:
    head, _, rest = text.strip().partition("\n")
    lacks_sandbox = any(words in text.lower() for words in ("no usable sandbox", "suid sandbox", "sandbox_host"))
    hint = ": install its sandbox (sudo apt-get install chromium-sandbox)" if lacks_sandbox else f": {head}"
    return f"Chromium can't be started{hint}\n{rest}"
