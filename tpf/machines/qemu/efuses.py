"""The eFuses of a chip as it leaves the factory: none is burnt but those that tell the chip's revision.

What QEMU's eFuse devices read is the blocks' words in the order of their registers, little-endian:

esp32             124 bytes   word 3, bit 15       CHIP_VER_REV1
                              word 5, bit 20       CHIP_VER_REV2
                              word 5, bits 24, 25  WAFER_VERSION_MINOR
esp32c3, esp32s3  1024 bytes  word 9, bits 18-20   WAFER_VERSION_MINOR_LO (block 1 begins at word 6)
                              word 11, bit 23      WAFER_VERSION_MINOR_HI
                              word 11, bits 24, 25 WAFER_VERSION_MAJOR

The fields are those of esptool's tables (espefuse/efuse_defs/esp32.yaml, ...). ESP-IDF's `idf.py qemu` starts with the
same images.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

Field = tuple[int, int]  # a value, and the number of the bit in the image where it begins


@dataclass(frozen=True, slots=True, kw_only=True)
class Fuses:
    """Of one chip. Revisions are written as ESP-IDF does: major * 100 + minor."""

    size: int  # bytes
    revision: int  # of a chip that nobody said more of
    highest: int  # that there can be


FUSES: Final[Mapping[str, Fuses]] = {
    "esp32": Fuses(size=124, revision=300, highest=303),
    "esp32c3": Fuses(size=1024, revision=3, highest=315),
    "esp32s3": Fuses(size=1024, revision=3, highest=315),
}


def fuse_image(chip: str, revision: int) -> bytes:
    """The eFuses of a chip of this revision. Raises ValueError for one that there isn't."""
    fuses = FUSES[chip]
    major, minor = divmod(revision, 100)
    fields = _esp32(major, minor) if chip == "esp32" else _later(major, minor)
    image = _burnt(fields, fuses.size)
    if revision > fuses.highest or revision_in(chip, image) != revision:
        raise ValueError(f"there is no {chip} of revision {written(revision)}")
    return image


def revision_in(chip: str, image: bytes) -> int:
    """The revision that an image tells."""
    bits = int.from_bytes(image, "little")
    if chip == "esp32":
        major = {0b00: 0, 0b01: 1, 0b11: 3}.get(_bits(bits, _at(3, 15), 1) | _bits(bits, _at(5, 20), 1) << 1, 0)
        return major * 100 + _bits(bits, _at(5, 24), 2)
    minor = _bits(bits, _at(9, 18), 3) | _bits(bits, _at(11, 23), 1) << 3
    return _bits(bits, _at(11, 24), 2) * 100 + minor


def written(revision: int) -> str:
    """As people write it: ``3.1``."""
    return f"{revision // 100}.{revision % 100}"


def _esp32(major: int, minor: int) -> Iterable[Field]:
    return ((int(major >= 1), _at(3, 15)), (int(major >= 3), _at(5, 20)), (minor & 3, _at(5, 24)))


def _later(major: int, minor: int) -> Iterable[Field]:
    return ((minor & 7, _at(9, 18)), (minor >> 3 & 1, _at(11, 23)), (major & 3, _at(11, 24)))


def _burnt(fields: Iterable[Field], size: int) -> bytes:
    return sum(value << place for value, place in fields).to_bytes(size, "little")


def _at(word: int, bit: int) -> int:
    return 32 * word + bit


def _bits(image: int, place: int, count: int) -> int:
    return image >> place & (1 << count) - 1
