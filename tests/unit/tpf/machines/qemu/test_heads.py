"""What a flash image is, told by its first bytes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes.espressif_qemu import Program, app_image, flash_image
from tests.fakes.espressif_qemu.program import bootloader_image
from tests.support.machines import request
from tpf.machines.qemu.chip_image import HEAD, chip_of, declared_flash, is_application, revision_of
from tpf.machines.qemu.heads import Head, doubts_about, unbootable
from tpf.machines.qemu.plan import Plan, plan_for

APP = app_image(Program(name="x", least_revision=101), "esp32c3")


def planned(target: str = "esp32c3") -> Plan:
    return plan_for(request(target=target, image=Path("/flash.bin")))


def head(image: bytes, place: int = 0) -> Head:
    return Head(image[:HEAD], image[place : place + HEAD])


@pytest.mark.parametrize("target", ["esp32", "esp32c3", "esp32s3"])
def test_a_bootloader_tells_its_chip_and_flash(target: str) -> None:
    image = bootloader_image(target, 8 << 20)[:HEAD]
    told = "" if target == "esp32" else target  # its number is 0, which old bootloaders of others say, too
    assert (chip_of(image), declared_flash(image), is_application(image)) == (told, 8 << 20, False)


def test_an_application_is_none() -> None:
    assert is_application(APP[:HEAD])
    assert revision_of(APP[:HEAD]) == 101


@pytest.mark.parametrize("data", [b"", b"\xff" * HEAD, b"\xe9", b"\xe9\0\0\xf0" + bytes(40)])
def test_what_is_no_image(data: bytes) -> None:
    assert (chip_of(data), declared_flash(data), is_application(data), revision_of(data)) == ("", None, False, 0)


@pytest.mark.parametrize("target, place", [("esp32", 0x1000), ("esp32c3", 0), ("esp32s3", 0)])
def test_a_whole_image_boots(target: str, place: int) -> None:
    whole = head(flash_image(Program(name="x"), target), place)
    assert unbootable(planned(target), whole) == ""
    assert list(doubts_about(planned(target), whole, 300)) == []


def test_an_application_alone_does_not() -> None:
    assert "/flash.bin is an application alone" in unbootable(planned(), head(APP))


def test_an_image_for_another_chip_does_not() -> None:
    other = head(flash_image(Program(name="x"), "esp32s3"))
    assert "the bootloader in /flash.bin is for the esp32s3, and the board is esp32c3" in unbootable(planned(), other)


def test_an_image_without_a_bootloader_may_stay_silent() -> None:
    (doubt,) = doubts_about(planned("esp32"), head(b"\xff" * 0x2000, 0x1000), 300)
    assert "there is no bootloader in /flash.bin at 0x1000" in doubt


def test_a_bootloader_for_newer_chips() -> None:
    newer = bytearray(bootloader_image("esp32c3"))
    newer[15:17] = (101).to_bytes(2, "little")
    (doubt,) = doubts_about(planned(), head(bytes(newer)), 3)
    assert 'of revision 1.1 at least, and the eFuses say 0.3: say <machine revision="1.1"/>' in doubt
    assert list(doubts_about(planned(), head(bytes(newer)), 101)) == []
