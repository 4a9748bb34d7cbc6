"""What a build's settings say of its board, and what they say that the emulator can't do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.machines import request
from tpf.errors import UsageError
from tpf.machines.base import BuildFacts
from tpf.machines.qemu.boards import MB, NOT_EMULATED
from tpf.machines.qemu.configured import least_revision
from tpf.machines.qemu.doubts import doubts, impossible
from tpf.machines.qemu.efuses import revision_in
from tpf.machines.qemu.options import Options
from tpf.machines.qemu.plan import Plan, board_for, plan_for
from tpf.scenario.model import Forward

IMAGE = Path("/build/flash.bin")


def build(target: str = "esp32s3", *, flash_size: int | None = None, **config: Any) -> BuildFacts:
    folder = Path("/build")
    return BuildFacts(folder=folder, project=Path("/p"), target=target, config=config, flash_size=flash_size)


def planned(target: str = "esp32s3", *, facts: BuildFacts | None = None, **wishes: Any) -> Plan:
    return plan_for(request(target=target, image=IMAGE, build=facts, **wishes))


@pytest.mark.parametrize(
    "target, config, wishes, memory, octal",
    [
        ("esp32s3", {}, {}, 32 * MB, False),
        ("esp32s3", {"SPIRAM": True, "SPIRAM_MODE_OCT": True}, {}, 32 * MB, True),
        ("esp32s3", {"SPIRAM": True, "SPIRAM_MODE_QUAD": True}, {"psram": 8 * MB}, 8 * MB, False),
        ("esp32s3", {"SPIRAM": True, "SPIRAM_TYPE_ESPPSRAM16": True}, {}, 2 * MB, False),
        ("esp32s3", {"SPIRAM": False, "SPIRAM_TYPE_ESPPSRAM16": True}, {}, 32 * MB, False),
        ("esp32", {"SPIRAM": True, "SPIRAM_TYPE_ESPPSRAM32": True}, {}, 4 * MB, False),
        ("esp32", {"SPIRAM": True, "SPIRAM_TYPE_ESPPSRAM64": True}, {}, 4 * MB, False),  # 4 MB of it can be seen
        ("esp32", {"SPIRAM": True, "SPIRAM_TYPE_ESPPSRAM16": True}, {"psram": 4 * MB}, 4 * MB, False),
        ("esp32c3", {}, {}, None, False),
    ],
)
def test_external_ram(target: str, config: dict[str, Any], wishes: dict[str, Any], memory: int, octal: bool) -> None:
    plan = planned(target, facts=build(target, **config), **wishes)
    assert (plan.board.memory, plan.octal_psram) == (memory, octal)


@pytest.mark.parametrize(
    "size, flash, sizes",
    [
        (2 * MB, None, (2 * MB, 4 * MB, 8 * MB, 16 * MB)),
        (1 * MB, None, (2 * MB, 4 * MB, 8 * MB, 16 * MB)),
        (8 * MB, None, (8 * MB, 16 * MB)),
        (8 * MB, 16 * MB, (16 * MB,)),
        (None, None, (2 * MB, 4 * MB, 8 * MB, 16 * MB)),
    ],
)
def test_flash(size: int | None, flash: int | None, sizes: tuple[int, ...]) -> None:
    plan = planned(facts=build(flash_size=size), flash=flash)
    assert plan.flash is not None
    assert plan.flash.sizes == sizes


def test_a_flash_that_qemu_has_not() -> None:
    with pytest.raises(UsageError, match=r"built for a flash of 32MB, and .* has 16MB at most; build it with CONFIG_"):
        planned(facts=build(flash_size=32 * MB))


@pytest.mark.parametrize(
    "target, config, revision, expected",
    [
        ("esp32", {}, None, 300),
        ("esp32", {"ESP32_REV_MIN_FULL": 301}, None, 301),
        ("esp32", {"ESP32_REV_MIN_FULL": 0}, None, 300),
        ("esp32", {"ESP32_REV_MIN_FULL": 0}, 100, 100),
        ("esp32c3", {"ESP32C3_REV_MIN_FULL": 101}, None, 101),
        ("esp32c3", {"ESP32C3_REV_MIN_FULL": 101}, 4, 4),
        ("esp32s3", {"ESP_REV_MIN_FULL": 2}, None, 3),
    ],
)
def test_revision(target: str, config: dict[str, Any], revision: int | None, expected: int) -> None:
    plan = planned(target, facts=build(target, **config), revision=revision)
    assert plan.efuse is not None
    assert revision_in(target, plan.efuse.content) == expected


@pytest.mark.parametrize(
    "chip, config, least",
    [
        ("esp32", {"ESP32_REV_MIN": 3}, 300),
        ("esp32c3", {"ESP32C3_REV_MIN": 3}, 3),
        ("esp32", {"ESP32_REV_MIN": True}, 0),
    ],
)
def test_how_older_idfs_wrote_the_revision(chip: str, config: dict[str, Any], least: int) -> None:
    assert least_revision(chip, config) == least


@pytest.mark.parametrize("chip", NOT_EMULATED)
def test_chips_that_no_emulator_has(chip: str) -> None:
    with pytest.raises(
        ValueError, match=f'no emulator has the {chip}: .*kind="serial".*kind="linux".*or build for esp32'
    ):
        board_for(chip, Options())
    named = board_for(chip, Options(emulator="my-qemu", board=chip))
    assert named.machine == chip, "unless somebody has one"


WEB = (Forward(name="web", guest=80),)


@pytest.mark.parametrize(
    "config, wishes, linked, text",
    [
        ({}, {}, frozenset({"esp_wifi_start"}), "uses Wi-Fi"),
        ({"BT_ENABLED": True}, {}, frozenset(), "CONFIG_BT_ENABLED"),
        ({"SECURE_BOOT": True}, {}, frozenset(), "<efuse file=...>"),
        ({"SECURE_FLASH_ENC_ENABLED": True}, {}, frozenset(), "flash encryption"),
        ({"ESP_CONSOLE_USB_SERIAL_JTAG": True}, {}, frozenset(), "CONFIG_ESP_CONSOLE_UART_DEFAULT=y"),
        ({"ESP_CONSOLE_NONE": True}, {}, frozenset(), "without a console"),
        ({"ESP_CONSOLE_UART_NUM": 1}, {}, frozenset(), "is on UART1"),
        ({"ESPTOOLPY_OCT_FLASH": True}, {}, frozenset(), "eight data lines"),
        ({"ESPTOOLPY_FLASHMODE_QIO": True}, {}, frozenset(), "CONFIG_ESPTOOLPY_FLASHMODE_DIO=y"),
        ({"SPIRAM": False}, {"psram": 2 * MB}, frozenset(), "built without external RAM"),
        ({"SPIRAM": True, "SPIRAM_TYPE_ESPPSRAM16": True}, {"psram": 8 * MB}, frozenset(), "for 2MB of external RAM"),
        ({"IDF": True}, {"forwards": WEB}, frozenset(), "CONFIG_ETH_USE_OPENETH=y"),
    ],
)
def test_what_probably_won_t_work(
    config: dict[str, Any], wishes: dict[str, Any], linked: frozenset[str], text: str
) -> None:
    (doubt,) = doubts(planned(facts=build(**config), **wishes), 3, linked)
    assert text in doubt


@pytest.mark.parametrize(
    "config, wishes",
    [
        ({"ESP_CONSOLE_UART_NUM": 0, "BT_ENABLED": False, "ESP_CONSOLE_SECONDARY_USB_SERIAL_JTAG": True}, {}),
        ({"ESP_CONSOLE_UART_NUM": -1}, {}),
        ({"ETH_USE_OPENETH": True}, {"forwards": WEB}),
        ({}, {"forwards": WEB}),  # nothing is known
    ],
)
def test_what_there_is_no_doubt_about(config: dict[str, Any], wishes: dict[str, Any]) -> None:
    assert list(doubts(planned(facts=build(**config), **wishes), 3, frozenset())) == []


def test_a_chip_that_is_too_old() -> None:
    plan = planned("esp32c3", facts=build("esp32c3", ESP32C3_REV_MIN_FULL=101), revision=4)
    (doubt,) = doubts(plan, 4, frozenset())
    assert "needs an esp32c3 of revision 1.1 at least, and the eFuses say 0.4" in doubt


def test_what_surely_won_t_run() -> None:
    board = board_for("esp32", Options())
    assert "is built for esp32s3, and the board is esp32" in impossible(board, build(), None)
    small = impossible(board, build("esp32", flash_size=8 * MB), 4 * MB)
    assert "built for a flash of 8MB, and does not start on one of 4MB" in small
    assert impossible(board, build("esp32", flash_size=4 * MB), 4 * MB) == ""
    assert impossible(board, None, 4 * MB) == ""
