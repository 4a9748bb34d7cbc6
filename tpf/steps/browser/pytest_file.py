"""Runs a pytest file: its tests find `page`, `url`, `values` and `artifacts` as fixtures."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Page

from tpf.steps.browser.findings import finding_of
from tpf.steps.browser.order import End, Finding, Order
from tpf.steps.browser.sessions import Launcher

_FAILED: Final = pytest.StashKey[bool]()


def run_tests(order: Order, launcher: Launcher) -> tuple[Finding, ...]:
    """A finding for each test, and for what keeps tests from being found."""
    plugin = _Plugin(order, launcher)
    # nobody's configuration: what the project's own tests need is not for these
    options = ("-c", "/dev/null", "--rootdir", str(Path(order.script).parent), "--color=no", "--tb=short", "-q")
    without = ("--no-header", "-p", "no:cacheprovider", "-p", "no:playwright")
    pytest.main([*options, *without, order.script], plugins=[plugin])
    return tuple(plugin.findings)


class _Plugin:
    """Gives tests their pages, and keeps what becomes of each."""

    def __init__(self, order: Order, launcher: Launcher) -> None:
        self.findings: list[Finding] = []
        self._order = order
        self._launcher = launcher
        self._seconds = 0.0
        self._finding: Finding | None = None  # of the test that runs, when it did not pass

    @pytest.fixture
    def page(self, request: pytest.FixtureRequest) -> Iterator[Page]:
        with self._launcher.session(_file_name(request.node.name)) as session:
            yield session.page
            session.failed = request.node.stash.get(_FAILED, False)

    @pytest.fixture
    def url(self) -> str:
        return self._order.url

    @pytest.fixture
    def values(self) -> dict[str, str]:
        return self._order.values

    @pytest.fixture
    def artifacts(self) -> Path:
        return Path(self._order.artifacts)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        self._seconds += call.duration
        if report.failed:
            item.stash[_FAILED] = True
        if self._finding is None and not report.passed:
            self._finding = self._told(item.name, report, call)
        return report

    def _told(self, name: str, report: pytest.TestReport, call: pytest.CallInfo[None]) -> Finding:
        if report.skipped:
            reason = getattr(report, "wasxfail", "") or (
                report.longrepr[2] if isinstance(report.longrepr, tuple) else ""
            )
            return Finding(name=name, end=End.SKIPPED, message=reason.removeprefix("Skipped: "))
        if call.excinfo is None:  # a test that should have failed and didn't
            return Finding(name=name, end=End.FAILED, message=report.longreprtext.split("\n")[0])
        return finding_of(name, call.excinfo.value, self._order.script, self._seconds)

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        name = nodeid.partition("::")[2]
        self.findings.append(self._finding or Finding(name=name, end=End.PASSED, seconds=self._seconds))
        self._finding, self._seconds = None, 0.0

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            text = report.longreprtext.strip()
            lines = [line.removeprefix("E").strip() for line in text.split("\n") if line.startswith("E ")]
            name = Path(self._order.script).name
            message = lines[-1] if lines else text.split("\n")[0]
            self.findings.append(Finding(name=name, end=End.BROKEN, message=message, details=text))


def _file_name(test: str) -> str:
    """``test_login[admin/x]`` as a file's name."""
    return re.sub(r"[^\w.-]+", "-", test).strip("-.")[:80] or "test"
