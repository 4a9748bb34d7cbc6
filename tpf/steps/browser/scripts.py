"""Runs a plain script: it finds `page`, `url`, `values` and `artifacts` as names. Importing this costs Playwright."""

from __future__ import annotations

import runpy
import time
from pathlib import Path

from tpf.steps.browser.findings import finding_of
from tpf.steps.browser.order import End, Finding, Order
from tpf.steps.browser.sessions import Launcher


def run_script(order: Order, launcher: Launcher) -> tuple[Finding, ...]:
    """The one finding that a script amounts to, whatever it raises."""
    script = Path(order.script)
    began = time.monotonic()
    try:
        with launcher.session(script.stem) as session:
            _run(order, session.page)
    except (Exception, SystemExit) as error:  # noqa: BLE001  whatever a script raises is a finding
        return (finding_of(script.name, error, order.script, time.monotonic() - began),)
    return (Finding(name=script.name, end=End.PASSED, seconds=time.monotonic() - began),)


def _run(order: Order, page: object) -> None:
    names = {"page": page, "url": order.url, "values": order.values, "artifacts": Path(order.artifacts)}
    try:
        runpy.run_path(order.script, init_globals=names, run_name="__main__")
    except SystemExit as end:
        if end.code not in (None, 0):
            raise
