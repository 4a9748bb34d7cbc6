"""Machine kind `qemu`: firmware on an emulated board."""

from tpf.machines.qemu.kind import QemuKind

__all__ = ["QemuKind"]
