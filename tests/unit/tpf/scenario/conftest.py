"""Fixtures of the language's tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.language import Files


@pytest.fixture
def files(tmp_path: Path) -> Files:
    """Scenario files in a folder of the test's own."""
    return Files(folder=tmp_path)
