"""The step kinds that there are, by the name of their element; packages outside add theirs as entry points."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tpf.errors import UsageError
from tpf.scenario.vocabulary import joined
from tpf.steps.base import StepKind
from tpf.steps.loading import Loading
from tpf.steps.outside import checked_kind

__all__ = ["ENTRY_POINTS", "KINDS", "checked_kind", "kinds"]

KINDS: Final[Mapping[str, type[StepKind]]] = Loading(
    {
        "send": "tpf.steps.send:Send",
        "expect": "tpf.steps.expect:Expect",
        "expect-any": "tpf.steps.expect_any:ExpectAny",
        "expect-all": "tpf.steps.expect_all:ExpectAll",
        "forbid": "tpf.steps.forbid:Forbid",
        "expect-panic": "tpf.steps.expect_panic:ExpectPanic",
        "expect-reset": "tpf.steps.expect_reset:ExpectReset",
        "wait": "tpf.steps.wait:Wait",
        "reset": "tpf.steps.reset:Reset",
        "power-off": "tpf.steps.power_off:PowerOff",
        "power-on": "tpf.steps.power_on:PowerOn",
        "power-cut": "tpf.steps.power_cut:PowerCut",
        "unity": "tpf.steps.unity:Unity",
        "run": "tpf.steps.run:Run",
        "check": "tpf.steps.check:Check",
        "log": "tpf.steps.log:Log",
        "repeat": "tpf.steps.repeat:Repeat",
        "metric": "tpf.steps.metric:RecordMetric",
        "http": "tpf.steps.http:Http",
        "browser": "tpf.steps.browser:Browser",
        "screenshot": "tpf.steps.screenshot:Screenshot",
        "junit": "tpf.steps.junit:Junit",
        "use": "tpf.steps.use:Use",
    }
)
ENTRY_POINTS: Final = "testarena.steps"


def kinds() -> Mapping[str, type[StepKind]]:
    """Those of the product and those of installed extensions. Raises UsageError for an extension that is no use."""
    from importlib.metadata import entry_points  # lazy: 20 ms that `--help` can do without

    found = joined(KINDS)
    for entry in entry_points(group=ENTRY_POINTS):
        try:
            kind = entry.load()
        except Exception as error:  # whatever importing it raises
            raise UsageError(f"the step kind {entry.name!r} ({entry.value}) can't be loaded: {error}") from error
        found[entry.name] = checked_kind(kind, entry.name, entry.value, found)
    return found
