"""Machine kind `serial`: a real board on a serial port, flashed by esptool and reset through DTR and RTS."""

from tpf.machines.serial.kind import SerialKind

__all__ = ["SerialKind"]
