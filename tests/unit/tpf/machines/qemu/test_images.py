"""Images that are written to are copied, and filled up as erased flash is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tpf.errors import UsageError
from tpf.machines.qemu.images import make
from tpf.machines.qemu.plan import Copy

BYTES = bytes(range(256)) * 4


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


def test_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"none\.bin: there is no such image; build it first, or mend the path"):
        make(Copy(source=tmp_path / "none.bin", copy=tmp_path / "copy.bin"))


def test_what_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"can't be copied to .*: Is a directory"):
        make(Copy(source=tmp_path, copy=tmp_path / "copy.bin"))
