"""Makes steps at a third of the cost of their constructor: a run may have 100 000, and little else costs as much.

A frozen dataclass's constructor goes through `object.__setattr__` for each field; this goes straight to the slots.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from tpf.result import Source
from tpf.scenario.model import Step
from tpf.scenario.rules import Rule
from tpf.scenario.xml import Node

_NEW: Final = object.__new__


def _setter(declared: type[object], field: str) -> Any:
    return getattr(declared, field).__set__


_FILE, _LINE, _COLUMN = (_setter(Source, field) for field in ("file", "line", "column"))
_KIND, _SOURCE, _TEXT, _ATTRIBUTES = (_setter(Step, field) for field in ("kind", "source", "text", "attributes"))
_CHILDREN, _DEVICE, _FOLDER = (_setter(Step, field) for field in ("children", "device", "folder"))
_BOUND, _DECLARED = (_setter(Step, field) for field in ("bound", "declared"))


def quick_step(file: str, node: Node, rule: Rule, bound: object, folder: Path | None) -> Step:
    """The step of an element that holds no others."""
    source = _NEW(Source)
    _FILE(source, file)
    _LINE(source, node.line)
    _COLUMN(source, node.column)
    step = _NEW(Step)
    _KIND(step, node.tag)
    _SOURCE(step, source)
    _TEXT(step, "" if rule.content is None else node.text)
    _ATTRIBUTES(step, node.attributes)
    _CHILDREN(step, ())
    _DEVICE(step, "")
    _FOLDER(step, folder)
    _BOUND(step, bound)
    _DECLARED(step, rule.declared)
    return step
