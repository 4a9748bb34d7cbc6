"""The step kinds that there are, by the name of their element; packages outside add theirs as entry points."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from tpf.errors import UsageError
from tpf.scenario.declare import Element
from tpf.steps.base import StepKind
from tpf.steps.check import Check
from tpf.steps.expect import Expect
from tpf.steps.expect_all import ExpectAll
from tpf.steps.expect_any import ExpectAny
from tpf.steps.forbid import Forbid
from tpf.steps.log import Log
from tpf.steps.reset import Reset
from tpf.steps.run import Run
from tpf.steps.send import Send
from tpf.steps.wait import Wait

__all__ = ["ENTRY_POINTS", "KINDS", "kinds"]

_OURS: Final[tuple[type[StepKind], ...]] = (
    Send,
    Expect,
    ExpectAny,
    ExpectAll,
    Forbid,
    Wait,
    Reset,
    Run,
    Check,
    Log,
)
KINDS: Final[Mapping[str, type[StepKind]]] = {kind.element.name: kind for kind in _OURS}
ENTRY_POINTS: Final = "testarena.steps"


def kinds() -> Mapping[str, type[StepKind]]:
    """Those of the product and those of installed extensions. Raises UsageError for an extension that is no use."""
    from importlib.metadata import entry_points  # lazy: 20 ms that `--help` can do without

    found = dict(KINDS)
    for entry in entry_points(group=ENTRY_POINTS):
        try:
            kind = entry.load()
        except (ImportError, AttributeError) as error:
            raise UsageError(f"the step kind {entry.name!r} ({entry.value}) can't be loaded: {error}") from error
        found[entry.name] = _checked(kind, entry.name, entry.value, found)
    return found


def _checked(kind: Any, name: str, origin: str, known: Mapping[str, type[StepKind]]) -> type[StepKind]:
    """A step kind from outside, when it is one."""
    if name in known:
        raise UsageError(f"extension {origin}: there is a step kind {name!r} already; rename it")
    if not isinstance(getattr(kind, "element", None), Element) or not hasattr(kind, "__dataclass_fields__"):
        raise UsageError(f"{origin} is no step kind: it is not a dataclass with an `element`")
    if kind.element.name != name:
        raise UsageError(
            f"{origin}: its element is named {kind.element.name!r}, its entry point {name!r}: name both alike"
        )
    lacks = [method for method in ("summary", "run") if not callable(getattr(kind, method, None))]
    if lacks:
        raise UsageError(f"{origin} is no step kind: it has no {' and no '.join(lacks)}()")
    checked: type[StepKind] = kind
    return checked
