"""Fixtures that any test may want."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support.golden import Golden

INHERITED = ("PATH", "HOME", "LANG", "TMPDIR", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--renew-golden", action="store_true", help="write the golden files anew (make golden)")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "golden" in getattr(item, "fixturenames", ()):
            item.add_marker("golden")


@pytest.fixture(scope="session")
def checkout() -> Path:
    """The folder of this checkout."""
    return Path(__file__).resolve().parent.parent


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """Compares a text with its golden file: ``golden.check("reports/junit/passed.xml", text)``."""
    return Golden(renew=bool(request.config.getoption("--renew-golden")))


@pytest.fixture
def environment() -> dict[str, str]:
    """For programs that a test starts: as on a developer's machine, also when the tests themselves run under CI."""
    return {name: os.environ[name] for name in INHERITED if name in os.environ}
