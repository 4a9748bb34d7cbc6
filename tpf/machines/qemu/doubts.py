"""What firmware was built with that Espressif's QEMU can't do, each with the way out. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tpf.machines.base import BuildFacts
from tpf.machines.qemu.boards import MB, Board
from tpf.machines.qemu.configured import SERIAL_WAY_OUT, Config, least_revision, psram_of
from tpf.machines.qemu.efuses import written
from tpf.machines.qemu.plan import Plan

WIFI: Final = ("esp_wifi_start", "esp_wifi_init")
_IN_CONFIG: Final = "in a sdkconfig file of its own for the emulator (<firmware config=...>)"
_UART0: Final = f"say CONFIG_ESP_CONSOLE_UART_DEFAULT=y {_IN_CONFIG}"
_ETHERNET: Final = "CONFIG_ETH_USE_OPENETH=y"

# Settings of sdkconfig that don't go with the emulator, and what to say of each
_SETTINGS: Final[tuple[tuple[tuple[str, ...], str], ...]] = (
    (
        ("BT_ENABLED",),
        (
            "uses Bluetooth (CONFIG_BT_ENABLED), which QEMU does not emulate: the radio never answers; switch it off "
            f"{_IN_CONFIG}, or {SERIAL_WAY_OUT}"
        ),
    ),
    (
        ("SECURE_BOOT", "SECURE_BOOT_V1_ENABLED", "SECURE_BOOT_V2_ENABLED"),
        (
            "is built for secure boot (CONFIG_SECURE_BOOT), and a chip's eFuses hold no key digest when it leaves the "
            f"factory: give it eFuses that do (<efuse file=...>), or switch it off {_IN_CONFIG}"
        ),
    ),
    (
        ("SECURE_FLASH_ENC_ENABLED",),
        (
            "is built for flash encryption (CONFIG_SECURE_FLASH_ENC_ENABLED), and a chip's eFuses hold no key when it "
            "leaves the factory: give it eFuses and an image that fit (<efuse file=...>), or switch it off "
            f"{_IN_CONFIG}"
        ),
    ),
    (
        ("ESP_CONSOLE_USB_SERIAL_JTAG", "ESP_CONSOLE_USB_CDC"),
        f"has its console on USB, which QEMU does not connect, and stays silent here: {_UART0}",
    ),
    (("ESP_CONSOLE_NONE",), f"is built without a console (CONFIG_ESP_CONSOLE_NONE), and stays silent: {_UART0}"),
    (
        ("ESPTOOLPY_OCT_FLASH", "ESPTOOLPY_FLASHMODE_OPI"),
        (
            "is built for flash with eight data lines, which QEMU does not emulate: say CONFIG_ESPTOOLPY_OCT_FLASH=n "
            f"and CONFIG_ESPTOOLPY_FLASHMODE_DIO=y {_IN_CONFIG}"
        ),
    ),
    (
        ("ESPTOOLPY_FLASHMODE_QIO", "ESPTOOLPY_FLASHMODE_QOUT"),
        (
            "is built for flash with four data lines, which not every QEMU starts from: if it stays silent, say "
            f"CONFIG_ESPTOOLPY_FLASHMODE_DIO=y {_IN_CONFIG}"
        ),
    ),
)


def impossible(board: Board, build: BuildFacts | None, options_flash: int | None) -> str:
    """Why it surely can't run; "" when it can."""
    if build is None:
        return ""
    if build.target and build.target != board.machine:
        return (
            f"the firmware in {build.folder} is built for {build.target}, and the board is {board.machine}: build it "
            f"for {board.machine}, or give the scenario the target {build.target}"
        )
    if options_flash is not None and build.flash_size is not None and options_flash < build.flash_size:
        return (
            f"flash: the firmware is built for a flash of {build.flash_size // MB}MB, and does not start on one of "
            f"{options_flash // MB}MB: remove the attribute, or build it with another CONFIG_ESPTOOLPY_FLASHSIZE"
        )
    return ""


def doubts(plan: Plan, chip_revision: int | None, linked: frozenset[str]) -> Iterator[str]:
    """What probably won't work. `chip_revision` is that of the eFuses, None when they can't be read."""
    config: Config = plan.build.config if plan.build is not None else {}
    if linked & frozenset(WIFI):
        yield (
            "the firmware uses Wi-Fi (esp_wifi_start), which QEMU does not emulate: it may wait for ever, or restart; "
            f"use the emulated Ethernet instead ({_ETHERNET}, {_IN_CONFIG}), or {SERIAL_WAY_OUT}"
        )
    for names, text in _SETTINGS:
        if any(config.get(name) is True for name in names):
            yield f"the firmware {text}"
    yield from _console(config)
    yield from _network(plan, config)
    yield from _memory(plan, config)
    yield from _revision(plan.board, config, chip_revision)


def _console(config: Config) -> Iterator[str]:
    number = config.get("ESP_CONSOLE_UART_NUM", 0)
    if isinstance(number, int) and number > 0:
        yield (
            f"the firmware's console is on UART{number} (CONFIG_ESP_CONSOLE_UART_NUM), and the one that is read here "
            f"is UART0: {_UART0}"
        )


def _network(plan: Plan, config: Config) -> Iterator[str]:
    if plan.forwards and config and config.get("ETH_USE_OPENETH") is not True:
        yield (
            "the scenario forwards ports, and the firmware has no driver for the emulated Ethernet: say "
            f"{_ETHERNET} {_IN_CONFIG}, and start it (esp_eth_mac_new_openeth, or example_connect)"
        )


def _memory(plan: Plan, config: Config) -> Iterator[str]:
    """External RAM that the scenario asks for in another way than the build."""
    asked, built = plan.options.psram, psram_of(config)
    if asked is None or not config:
        return
    if config.get("SPIRAM") is not True:
        yield "psram: the firmware is built without external RAM (CONFIG_SPIRAM), and won't see it"
    elif built is not None and built != asked:
        yield (
            f"psram: the firmware is built for {built // MB}MB of external RAM, and the scenario says "
            f"{asked / MB:g}MB, which counts"
        )


def _revision(board: Board, config: Config, chip_revision: int | None) -> Iterator[str]:
    least = least_revision(board.machine, config)
    if chip_revision is not None and least > chip_revision:
        yield (
            f"the firmware needs an {board.machine} of revision {written(least)} at least, and the eFuses say "
            f"{written(chip_revision)}: its bootloader will refuse; mend the attribute revision, or <efuse>"
        )
