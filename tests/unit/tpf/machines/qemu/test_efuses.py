"""eFuses of a chip as it leaves the factory, against the tables of esptool."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml

from tpf.machines.qemu.efuses import FUSES, fuse_image, revision_in, written

FIRST_WORDS = {"esp32": {0: 0}, "esp32c3": {0: 0, 1: 6}, "esp32s3": {0: 0, 1: 6}}  # of the blocks, in QEMU's images


def field(chip: str, image: bytes, name: str) -> int:
    """The value that an image gives one of espefuse's fields."""
    spec = find_spec("espefuse")
    assert spec is not None
    assert spec.submodule_search_locations
    tables = Path(spec.submodule_search_locations[0], "efuse_defs")
    about = yaml.safe_load((tables / f"{chip}.yaml").read_text())["EFUSES"][name]
    place: int = 32 * (FIRST_WORDS[chip][about["blk"]] + about["word"]) + about["pos"]
    length: int = about["len"]
    return int.from_bytes(image, "little") >> place & (1 << length) - 1


def test_those_that_idf_py_qemu_starts_with() -> None:
    esp32 = fuse_image("esp32", 300)
    assert (len(esp32), {place: byte for place, byte in enumerate(esp32) if byte}) == (124, {13: 0x80, 22: 0x10})
    for chip in ("esp32c3", "esp32s3"):
        later = fuse_image(chip, 3)
        assert (len(later), {place: byte for place, byte in enumerate(later) if byte}) == (1024, {38: 0x0C})


@pytest.mark.parametrize("revision, rev1, rev2, minor", [(0, 0, 0, 0), (100, 1, 0, 0), (300, 1, 1, 0), (301, 1, 1, 1)])
def test_the_esp32_s_fields(revision: int, rev1: int, rev2: int, minor: int) -> None:
    image = fuse_image("esp32", revision)
    names = ("CHIP_VER_REV1", "CHIP_VER_REV2", "WAFER_VERSION_MINOR")
    assert tuple(field("esp32", image, name) for name in names) == (rev1, rev2, minor)


@pytest.mark.parametrize("chip", ["esp32c3", "esp32s3"])
@pytest.mark.parametrize("revision, major, high, low", [(3, 0, 0, 3), (101, 1, 0, 1), (8, 0, 1, 0), (315, 3, 1, 7)])
def test_the_fields_of_others(chip: str, revision: int, major: int, high: int, low: int) -> None:
    image = fuse_image(chip, revision)
    names = ("WAFER_VERSION_MAJOR", "WAFER_VERSION_MINOR_HI", "WAFER_VERSION_MINOR_LO")
    assert tuple(field(chip, image, name) for name in names) == (major, high, low)


@pytest.mark.parametrize("chip", FUSES)
def test_what_is_written_is_read(chip: str) -> None:
    for revision in (0, 100, 101, 300, 303):
        assert revision_in(chip, fuse_image(chip, revision)) == revision


@pytest.mark.parametrize("chip, revision", [("esp32", 200), ("esp32", 304), ("esp32c3", 16), ("esp32s3", 400)])
def test_revisions_that_there_are_not(chip: str, revision: int) -> None:
    with pytest.raises(ValueError, match=f"there is no {chip} of revision {written(revision)}"):
        fuse_image(chip, revision)
