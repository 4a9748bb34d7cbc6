"""examples/esp-idf: what its scenarios ask for is in its sources, and what its build files name is there."""

from __future__ import annotations

import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

HEADERS = {  # of the components that are not always there, as ESP-IDF 5.1 to 5.5 have them
    "duration.h": "duration",
    "esp_app_desc.h": "esp_app_format",
    "esp_console.h": "console",
    "esp_eth.h": "esp_eth",
    "esp_event.h": "esp_event",
    "esp_http_server.h": "esp_http_server",
    "esp_netif.h": "esp_netif",
    "esp_timer.h": "esp_timer",
    "nvs.h": "nvs_flash",
    "nvs_flash.h": "nvs_flash",
    "unity.h": "unity",
}
COMMON = {"esp_check.h", "esp_err.h", "esp_log.h", "esp_system.h", "sdkconfig.h"}  # of components that all have
OF_ESP_CONSOLE = {"help"}
FLASH = 4 << 20


@pytest.fixture(scope="module")
def project(checkout: Path) -> Path:
    return checkout / "examples" / "esp-idf"


@pytest.fixture(scope="module")
def sources(project: Path) -> str:
    return "\n".join(file.read_text() for file in sorted((project / "main").glob("*.c")))


def scenarios(project: Path) -> list[ET.Element]:
    files = sorted((project / "scenarios").glob("*.xml"))
    found = [ET.parse(file).getroot() for file in files]  # noqa: S314 -- our own files
    assert len(found) > 5
    return found


def texts(project: Path, *steps: str) -> Iterator[str]:
    for scenario in scenarios(project):
        for step in steps:
            yield from (element.text or "" for element in scenario.iter(step))


# ---- scenarios and sources ----


def test_commands_in_the_scenarios_are_in_the_sources(project: Path, sources: str) -> None:
    known = set(re.findall(r'\{\.command = "(\w+)"', sources))
    sent = {line.split()[0] for line in texts(project, "send")}
    assert known <= sent, "a command that no scenario tries"
    assert sent - known - OF_ESP_CONSOLE == {"pong"}, "the one that shows what an unknown command gets"


def test_ways_to_crash_are_told_as_they_are(project: Path, sources: str) -> None:
    ways = re.findall(r'\{"(\w+)", by_\w+\}', sources)
    told = re.findall(r'"(null\|[a-z|]+)"', sources)
    assert told == ["|".join(ways)] * 2, "in the help, and in the hint"
    crashed = {line.split()[1] for line in texts(project, "send") if line.startswith("crash ")}
    assert crashed - {"gently"} == set(ways)


@pytest.mark.parametrize(
    "wanted, printed",
    [
        ("lamp: boot 1", '"lamp: boot %"'),
        ("boots: 1", '"boots: %"'),
        ("pong", '"pong\\n"'),
        ("web: listening on port 80", '"web: listening on port %u\\n"'),
        ("the work is done", '"the work is done\\n"'),
        ("usage: crash null|abort|assert|stack|wdt", '"usage: crash %s\\n"'),
        (r"free: (\d+), least so far: (\d+)", '"free: %" PRIu32 ", least so far: %"'),
        ("Hello from the lamp", "<h1>Hello from the lamp</h1>"),
    ],
)
def test_texts_that_are_waited_for_are_printed(project: Path, sources: str, wanted: str, printed: str) -> None:
    assert wanted in set(texts(project, "expect"))
    assert printed in sources


def test_pages_and_fields_that_are_asked_for_are_served(project: Path, sources: str) -> None:
    paths = {
        get.get("url", "").removeprefix("http://${web}") for each in scenarios(project) for get in each.iter("http")
    }
    assert paths - {"/nothing"} == set(re.findall(r'\.uri = "([^"]+)"', sources))
    fields = {json.get("pointer", "")[1:] for each in scenarios(project) for json in each.iter("json")}
    assert fields <= set(re.findall(r'\\"(\w+)\\": ', sources))


def test_scenarios_are_right(project: Path) -> None:
    done = subprocess.run(
        [Path(sys.executable).parent / "testarena", "validate"],
        cwd=project,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, "no problems found" in done.stdout) == (0, True), done.stdout


# ---- what ESP-IDF's build reads ----


def registered(component: Path) -> tuple[set[str], set[str]]:
    """The sources and requirements in a component's CMakeLists.txt."""
    text = (component / "CMakeLists.txt").read_text()
    files = set(re.findall(r'"([\w.]+\.c)"', text))
    required = re.search(r"PRIV_REQUIRES ([a-z_ ]+)", text)
    return files, set(required[1].split()) if required else set()


@pytest.mark.parametrize("part", ["main", "components/duration", "test_app/main"])
def test_components_name_their_files_and_what_they_need(project: Path, part: str) -> None:
    component = project / part
    files, required = registered(component)
    assert files == {file.name for file in component.glob("*.c")}
    included = {
        name for file in component.rglob("*.[ch]") for name in re.findall(r'#include "([\w./]+)"', file.read_text())
    }
    own = {file.name for file in component.rglob("*.h")}
    outside = {name for name in included - own - COMMON if not name.startswith("freertos/")}
    assert {HEADERS[name] for name in outside} - {component.name} == required


def test_partitions_fit_and_do_not_overlap(project: Path) -> None:
    end = 0x9000  # behind the partition table
    for line in (project / "partitions.csv").read_text().splitlines():
        if line.startswith("#"):
            continue
        _, kind, _, offset, size = (field.strip() for field in line.split(","))
        assert int(offset, 16) >= end
        assert int(offset, 16) % (0x10000 if kind == "app" else 0x1000) == 0
        end = int(offset, 16) + (int(size[:-1]) << 10 if size.endswith("K") else int(size, 16))
    assert end <= FLASH


def test_files_that_settings_and_scenarios_name_are_there(project: Path) -> None:
    assert 'CONFIG_PARTITION_TABLE_CUSTOM_FILENAME="partitions.csv"' in (project / "sdkconfig.defaults").read_text()
    for scenario in scenarios(project):
        for firmware in scenario.iter("firmware"):
            folder = (project / "scenarios" / firmware.get("project", "")).resolve()
            assert (folder / "CMakeLists.txt").is_file()
            assert all((folder / name).is_file() for name in firmware.get("config", "sdkconfig.defaults").split(";"))


def test_links_of_its_page_lead_to_files(project: Path) -> None:
    for target in re.findall(r"\]\(([^)]+)\)", (project / "README.md").read_text()):
        assert (project / target).exists(), target


# ---- its workflow ----


def test_the_workflow_gives_the_action_what_it_knows(project: Path, checkout: Path) -> None:
    action = yaml.safe_load((checkout / "action.yml").read_text())
    workflow: dict[str, Any] = yaml.safe_load((project / ".github/workflows/firmware.yml").read_text())
    (job,) = workflow["jobs"].values()
    (run,) = [step for step in job["steps"] if step["uses"].startswith("testarena/run@")]
    assert set(run["with"]) <= set(action["inputs"])
    assert job["permissions"] == {"contents": "read", "statuses": "write"}
    assert all(re.search(r"@[0-9a-f]{40}$", step["uses"]) for step in job["steps"] if step is not run)
