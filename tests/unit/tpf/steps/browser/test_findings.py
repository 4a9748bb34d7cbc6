"""What exceptions in a browser's script amount to."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from tpf.steps.browser.findings import finding_of
from tpf.steps.browser.order import End, Finding


def found(folder: Path, script: str) -> Finding:
    path = folder / "check_page.py"
    path.write_text(script)
    with pytest.raises((Exception, SystemExit)) as caught:
        runpy.run_path(str(path))
    return finding_of("check_page.py", caught.value, str(path), 0.5)


ERROR = "from playwright.sync_api import Error\nraise Error('Page.goto: net::ERR_FAILED\\nCall log:')\n"
TIMEOUT = "from playwright.sync_api import TimeoutError\nraise TimeoutError('Timeout 9ms exceeded.\\nCall log:')\n"
LOCATOR = """raise AssertionError('''Locator expected to have text 'Hullo'
Actual value:
   Hello
Call log:
  - Expect "to_have_text" with timeout 5000ms

Aria snapshot:
- heading "Hello" [level=1]''')"""


@pytest.mark.parametrize(
    "script, end, line, message",
    [
        ("title = 'y'\nassert title == 'x'\n", End.FAILED, 2, "assert title == 'x'"),
        ("assert 1 == 2, 'one is two\\nreally'\n", End.FAILED, 1, "one is two"),
        (LOCATOR, End.FAILED, 1, "Locator expected to have text 'Hullo' Actual value: Hello"),
        (ERROR, End.FAILED, 2, "Page.goto: net::ERR_FAILED"),
        (TIMEOUT, End.TIMEOUT, 2, "Timeout 9ms exceeded."),
        ("\nNone.nothing\n", End.BROKEN, 2, "AttributeError: 'NoneType' object has no attribute 'nothing'"),
        ("import nowhere_at_all\n", End.BROKEN, 1, "ModuleNotFoundError: No module named 'nowhere_at_all'"),
        ("x = (\n", End.BROKEN, 1, "SyntaxError: '(' was never closed"),
        ("raise KeyError\n", End.BROKEN, 1, "KeyError"),
        ("raise SystemExit('enough')\n", End.BROKEN, 1, "it ended itself: raise SystemExit('enough')"),
    ],
)
def test_findings(tmp_path: Path, script: str, end: End, line: int, message: str) -> None:
    finding = found(tmp_path, script)
    assert (finding.end, finding.line) == (end, line)
    assert finding.message.startswith(message)
    assert "\n" not in finding.message


def test_the_way_through_the_script_is_told(tmp_path: Path) -> None:
    finding = found(tmp_path, "def go():\n    assert not 'here'\n\ngo()\n")
    assert (finding.line, finding.message) == (2, "assert not 'here'")
    assert "line 4, in <module>\nline 2, in go" in finding.details


def test_long_messages_are_cut(tmp_path: Path) -> None:
    finding = found(tmp_path, "raise AssertionError('x' * 100_000)\n")
    assert len(finding.message) == 400
    assert len(finding.details) <= 16 << 10
