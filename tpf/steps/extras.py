"""Packages that only some steps need: they come with an extra of ours, and are asked for when such a step runs."""

from __future__ import annotations

from importlib.util import find_spec

from tpf.errors import EnvironmentLacks


def need(package: str, extra: str, what: str) -> None:
    """Raise EnvironmentLacks, with the command that mends it, when a package is not installed."""
    if find_spec(package) is None:
        raise EnvironmentLacks(f"{what} needs {package}, which is not installed: pip install 'testarena-ci[{extra}]'")
