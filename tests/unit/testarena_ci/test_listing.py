"""What `testarena list` prints."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from testarena_ci.listing import FORMATS, REQUIREMENTS
from tests.support.golden import Golden
from tpf.result import Source
from tpf.scenario.model import Case, Device, MachineSpec, Scenario
from tpf.schedule import plan


def at(line: int) -> Source:
    return Source(file="net.xml", line=line, column=3)


WIFI = Scenario(
    name="wifi [channel=6]",
    source=at(1),
    folder=Path(),
    target="esp32c3",
    devices=(Device(machine=MachineSpec(source=at(2))),),
    tags=("net", "smoke"),
    requirements=("REQ-1",),
    parameters=(("channel", "6"),),
    cases=(
        Case(name="joins", source=at(4), requirements=("REQ-2", "REQ-1")),
        Case(name="sleeps", source=at(6), ticket="BUG-7"),
        Case(name="roams", source=at(8), tags=("slow", "net"), skip="needs\n::error::two"),
    ),
)
BARE = Scenario(
    name="bare",
    source=Source(file="bare.xml", line=1, column=1),
    folder=Path(),
    target="",
    devices=WIFI.devices,
    cases=(Case(name="runs", source=Source(file="bare.xml", line=2, column=3)),),
)
PLAN = plan((WIFI, BARE))


@pytest.mark.parametrize("name", FORMATS)
def test_scenarios(golden: Golden, name: str) -> None:
    golden.check(f"listing/scenarios.{name}.txt", "\n".join(FORMATS[name](PLAN)) + "\n")


@pytest.mark.parametrize("name", REQUIREMENTS)
def test_requirements(golden: Golden, name: str) -> None:
    golden.check(f"listing/requirements.{name}.txt", "\n".join(REQUIREMENTS[name](PLAN)) + "\n")


def test_json_is_one_document() -> None:
    document = json.loads("\n".join(FORMATS["json"](PLAN)))
    assert document["scenarios"][0]["parameters"] == {"channel": "6"}
    covered = json.loads("\n".join(REQUIREMENTS["json"](PLAN)))
    assert [entry["id"] for entry in covered["requirements"]] == ["REQ-1", "REQ-2"]
