"""The kinds of machines that there are, by the name that `<machine kind>` has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tpf.errors import UsageError
from tpf.machines.base import MachineKind
from tpf.machines.command import CommandKind
from tpf.machines.linux import LinuxKind
from tpf.machines.qemu import QemuKind
from tpf.machines.serial import SerialKind

__all__ = ["ENTRY_POINTS", "KINDS", "kinds"]

KINDS: Final[Mapping[str, MachineKind]] = {
    kind.name: kind for kind in (QemuKind(), CommandKind(), LinuxKind(), SerialKind())
}
ENTRY_POINTS: Final = "testarena.machines"


def kinds() -> Mapping[str, MachineKind]:
    """Those of the product and those of installed extensions. Raises UsageError for an extension that is no use."""
    from importlib.metadata import entry_points  # lazy: 20 ms that `--help` can do without

    found = dict(KINDS)
    for entry in entry_points(group=ENTRY_POINTS):
        if entry.name in found:
            raise UsageError(f"extension {entry.value}: there is a machine kind {entry.name!r} already; rename it")
        try:
            kind = entry.load()
        except (ImportError, AttributeError) as error:
            raise UsageError(f"the machine kind {entry.name!r} ({entry.value}) can't be loaded: {error}") from error
        lacks = [name for name in _MEMBERS if not hasattr(kind, name)]
        if lacks:
            raise UsageError(f"{entry.value} is no machine kind: it has no {', '.join(lacks)}")
        found[entry.name] = kind
    return found


_MEMBERS: Final = ("name", "Options", "targets", "describe", "check", "boot")
