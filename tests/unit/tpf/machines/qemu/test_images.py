"""Images that are written to are copied, and filled up as erased flash is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tpf.errors import UsageError
from tpf.machines.qemu.images import make
from tpf.machines.qemu.plan import Copy

BYTES = bytes(range(256)) * 4
SIZES = (2 << 20, 4 << 20, 8 << 20, 16 << 20)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    image = tmp_path / "image.bin"
    image.write_bytes(BYTES)
    return image


def test_a_copy_is_the_same_and_its_own(source: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.bin"
    make(Copy(source=source, copy=copy))
    assert copy.read_bytes() == BYTES
    copy.write_bytes(b"written to")
    assert source.read_bytes() == BYTES


@pytest.mark.parametrize(
    "sizes, size", [((1024,), 1024), ((2048,), 2048), ((512, 1500, 4096), 1500), ((4096, 1500), 1500)]
)
def test_it_is_filled_up_to_the_first_size_that_holds_it(
    source: Path, tmp_path: Path, sizes: tuple[int, ...], size: int
) -> None:
    copy = tmp_path / "copy.bin"
    make(Copy(source=source, copy=copy, sizes=sizes))
    assert copy.read_bytes() == BYTES + b"\xff" * (size - 1024)


def test_it_replaces_what_was_there(source: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.bin"
    copy.write_bytes(b"old" * 5000)
    make(Copy(source=source, copy=copy))
    assert copy.read_bytes() == BYTES


def test_what_does_not_fit(source: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="has 1024 bytes, which is more than a flash of 512 bytes holds"):
        make(Copy(source=source, copy=tmp_path / "copy.bin", sizes=(256, 512)))


@pytest.mark.parametrize("size", [1023, 1025])
def test_what_has_not_the_size_that_it_must_have(source: Path, tmp_path: Path, size: int) -> None:
    with pytest.raises(UsageError, match=f"has 1024 bytes, and an image of these eFuses has {size}: mend <efuse>"):
        make(Copy(source=source, copy=tmp_path / "copy.bin", exactly=size))
    assert not (tmp_path / "copy.bin").exists()


def test_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"none\.bin: there is no such image; build it first, or mend the path"):
        make(Copy(source=tmp_path / "none.bin", copy=tmp_path / "copy.bin"))


def test_what_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"can't be copied to .*: Is a directory"):
        make(Copy(source=tmp_path, copy=tmp_path / "copy.bin"))


def bootloader(size: int) -> bytes:
    """The head of a bootloader that was made for a flash of 2 to the power of `size` MB."""
    return bytes((0xE9, 3, 2, size << 4)) + BYTES


@pytest.mark.parametrize(
    "place, size, made_for, expected",
    [(0, 0, 1, 2), (0, 1, 2, 2), (0, 2, 4, 4), (0x1000, 3, 8, 8), (0x1000, 4, 16, 16)],
)
def test_firmware_gets_the_flash_that_it_was_made_for(
    tmp_path: Path, place: int, size: int, made_for: int, expected: int
) -> None:
    image = tmp_path / "image.bin"
    image.write_bytes(b"\xff" * place + bootloader(size))
    make(Copy(source=image, copy=tmp_path / "copy.bin", bootloader=place, sizes=SIZES))
    assert (tmp_path / "copy.bin").stat().st_size == expected << 20, f"made for {made_for}MB"


def test_firmware_for_a_flash_that_is_larger_than_any(tmp_path: Path) -> None:
    image = tmp_path / "image.bin"
    image.write_bytes(bootloader(5))
    with pytest.raises(
        UsageError, match="is made for a flash of 32MB, and would not run with a flash of 16777216 bytes"
    ):
        make(Copy(source=image, copy=tmp_path / "copy.bin", bootloader=0, sizes=SIZES))


def test_what_is_no_bootloader_says_nothing(tmp_path: Path) -> None:
    image = tmp_path / "image.bin"
    for head in (b"", b"\xe9\x01", b"\xe9\x01\x02\xf0", b"\x00\x01\x02\x40"):
        image.write_bytes(head)
        make(Copy(source=image, copy=tmp_path / "copy.bin", bootloader=0, sizes=SIZES))
        assert (tmp_path / "copy.bin").stat().st_size == 2 << 20


def test_contents_of_our_own_are_written_as_they_are(tmp_path: Path) -> None:
    make(Copy(source=None, copy=tmp_path / "efuse.bin", content=BYTES))
    assert (tmp_path / "efuse.bin").read_bytes() == BYTES
