"""What is taken from the output of esp-idf-size, whatever it is."""

from __future__ import annotations

import json

import pytest

from tpf.firmware.idf.sizes import layout_of
from tpf.result import FirmwareSize

LAYOUT = {
    "version": "1.2",
    "total_size": 170000,
    "layout": [
        {"name": "Flash Code", "total": 4194272, "used": 73632, "free": 4120640, "parts": {".text": {"size": 73632}}},
        {"name": "DIRAM", "total": 321296, "used": 64718, "free": 256578, "parts": {}},
        {"name": "RTC FAST", "total": 0, "used": 24, "free": 0, "parts": {}},
        {"name": "RTC SLOW", "total": 8192, "used": 0, "free": 8192, "parts": {}},
    ],
}


def test_memory_that_is_used_is_told() -> None:
    assert layout_of(f"warning: old\n{json.dumps(LAYOUT)}\n") == (
        FirmwareSize(name="Flash Code", used=73632, total=4194272),
        FirmwareSize(name="DIRAM", used=64718, total=321296),
        FirmwareSize(name="RTC FAST", used=24),
    )


@pytest.mark.parametrize(
    "text",
    ["", "no JSON", "{", '{"layout": 5}', '{"layout": [{"name": "a"}]}', '{"layout": [{"name": "a", "used": "x"}]}'],
)
def test_anything_else_is_no_size(text: str) -> None:
    assert layout_of(text) == ()
