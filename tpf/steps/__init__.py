"""The step kinds that there are, by the name of their element; packages outside add theirs as entry points."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tpf.errors import UsageError
from tpf.steps.base import StepKind
from tpf.steps.browser import Browser
from tpf.steps.check import Check
from tpf.steps.expect import Expect
from tpf.steps.expect_all import ExpectAll
from tpf.steps.expect_any import ExpectAny
from tpf.steps.expect_panic import ExpectPanic
from tpf.steps.expect_reset import ExpectReset
from tpf.steps.forbid import Forbid
from tpf.steps.http import Http
from tpf.steps.junit import Junit
from tpf.steps.log import Log
from tpf.steps.metric import RecordMetric
from tpf.steps.outside import checked_kind
from tpf.steps.power_cut import PowerCut
from tpf.steps.power_off import PowerOff
from tpf.steps.power_on import PowerOn
from tpf.steps.repeat import Repeat
from tpf.steps.reset import Reset
from tpf.steps.run import Run
from tpf.steps.screenshot import Screenshot
from tpf.steps.send import Send
from tpf.steps.unity import Unity
from tpf.steps.use import Use
from tpf.steps.wait import Wait

__all__ = ["ENTRY_POINTS", "KINDS", "checked_kind", "kinds"]

_OURS: Final[tuple[type[StepKind], ...]] = (
    Send,
    Expect,
    ExpectAny,
    ExpectAll,
    Forbid,
    ExpectPanic,
    ExpectReset,
    Wait,
    Reset,
    PowerOff,
    PowerOn,
    PowerCut,
    Unity,
    Run,
    Check,
    Log,
    Repeat,
    RecordMetric,
    Http,
    Browser,
    Screenshot,
    Junit,
    Use,
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
        except Exception as error:  # whatever importing it raises
            raise UsageError(f"the step kind {entry.name!r} ({entry.value}) can't be loaded: {error}") from error
        found[entry.name] = checked_kind(kind, entry.name, entry.value, found)
    return found
