"""The way to pyserial, which is there only where somebody has real boards: imported when a board is asked for."""

from __future__ import annotations

from types import ModuleType

from tpf.errors import EnvironmentLacks

_HOW = "real boards need pyserial, which is not there: pip install 'testarena-ci[esp]'"


def pyserial() -> ModuleType:
    """The module `serial`. Raises EnvironmentLacks."""
    try:
        import serial  # lazy: belongs to an extra, which most runs can do without
    except ImportError as error:
        raise EnvironmentLacks(_HOW) from error
    if not hasattr(serial, "serial_for_url"):
        raise EnvironmentLacks(f"{_HOW} (the package `serial` is another one: pip uninstall serial)")
    return serial
