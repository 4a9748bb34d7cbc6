"""What a run leaves for people and tools: each report is a module with a pure `render(ReportInput) -> str | bytes`.

A new report is one new module and one line in `KINDS`. Modules are imported when their report is rendered, so that a
command line that renders nothing doesn't pay for jinja2 and the like.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType
from typing import cast

from testarena_ci.reports.base import Render


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportKind:
    """A report's file in the report folder, and the module that renders it."""

    file: str
    module: str

    def load(self) -> Render:
        """The module's `render`, imported now."""
        return cast("Render", import_module(self.module).render)


KINDS: Mapping[str, ReportKind] = MappingProxyType(
    {
        "junit": ReportKind(file="junit.xml", module="testarena_ci.reports.junit"),
        "json": ReportKind(file="results.json", module="testarena_ci.reports.results_json"),
        "summary": ReportKind(file="summary.md", module="testarena_ci.reports.summary"),
        "comment": ReportKind(file="comment.md", module="testarena_ci.reports.comment"),
        "ctrf": ReportKind(file="ctrf.json", module="testarena_ci.reports.ctrf"),
        "html": ReportKind(file="index.html", module="testarena_ci.reports.html"),
    }
)
