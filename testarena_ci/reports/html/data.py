"""What the page's script draws from: results.json and the console logs, compressed, as text without any markup."""

from __future__ import annotations

import zlib
from base64 import b64encode
from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from testarena_ci.reports.base import ReportInput
from testarena_ci.reports.json_text import encoded
from testarena_ci.reports.results_json import render
from tpf.result import DeviceLog, RunResult, ScenarioResult

EMBEDDED = 40 << 20  # characters of logs in one page, compressed; the rest stays in its files
_RESULTS_LEVEL, _LOG_LEVEL = 6, 4  # logs are most of the bytes: level 6 takes twice the time for a twentieth less


class Block(Struct, frozen=True, kw_only=True):
    """A `<script>` that is data: base64 of a zlib stream."""

    id: str
    data: str


class _Entry(Struct, frozen=True, kw_only=True):
    """What the page knows of a log: where its text is in the page, which lines are missing, or why it isn't here."""

    block: str = ""
    head: int = 0  # lines before those left out
    left_out: int = 0
    problem: str = ""


class Embedded(Struct, frozen=True, kw_only=True):
    """All blocks of a page; `left_out` counts the logs that found no room."""

    blocks: tuple[Block, ...]
    left_out: int


def embedded(report: ReportInput, room: int = EMBEDDED) -> Embedded:
    """The results and as many logs as have room, those of scenarios with failures first."""
    entries: dict[str, _Entry] = {}
    blocks: list[Block] = []
    full = 0
    for log in _by_need(report.result):
        entry, data = _embed(report, log, f"log-{len(blocks)}", room)
        entries[log.path] = entry
        if data:
            blocks.append(Block(id=entry.block, data=data))
            room -= len(data)
        full += entry == _NO_ROOM
    model = b'{"results":%b,"logs":%b}' % (render(report), encoded(entries))
    results = _packed(model, _RESULTS_LEVEL)
    return Embedded(blocks=(Block(id="results", data=results), *blocks), left_out=full)


_NO_ROOM = _Entry(problem="left out of this page to keep it small")


def _embed(report: ReportInput, log: DeviceLog, block: str, room: int) -> tuple[_Entry, str]:
    if room <= 0:
        return _NO_ROOM, ""
    text = report.read_log(log)
    if text.problem:
        return _Entry(problem=text.problem), ""
    data = _packed(text.head + text.tail, _LOG_LEVEL)
    if len(data) > room:
        return _NO_ROOM, ""
    entry = _Entry(block=block, head=text.head.count(b"\n") if text.left_out else 0)
    return replace(entry, left_out=text.left_out), data


def _by_need(result: RunResult) -> Iterator[DeviceLog]:
    def need(scenario: ScenarioResult) -> int:
        return 0 if scenario.verdict.bad else 1 if any(case.flaky for case in scenario.cases) else 2

    for scenario in sorted(result.scenarios, key=need):
        yield from scenario.logs


def _packed(data: bytes, level: int) -> str:
    return b64encode(zlib.compress(data, level)).decode()
