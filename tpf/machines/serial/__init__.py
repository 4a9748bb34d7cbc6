"""Machine kind `serial`: a real board on a serial port, flashed by esptool and reset through DTR and RTS."""

from tpf.machines.serial.kind import SerialKind
from tpf.machines.serial.ports import ports_as_text

__all__ = ["SerialKind", "ports_as_text"]
