"""Flash images are merged by a real esptool, and only when something has changed."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from tpf.errors import EnvironmentLacks, MachineError, UsageError
from tpf.firmware.images import FlashImages, Parts
from tpf.firmware.images.esptool import merge_argv
from tpf.firmware.images.parts import Layout, Placed, layout_of
from tpf.machines.base import FlashFile
from tpf.process import Processes
from tpf.result import Source

MB = 1 << 20
HERE = Source(file="boot.xml", line=3, column=5)
BOOTLOADER = b"\xe9\x03\x02\x20" + b"b" * 5000  # for 4MB


def files(folder: Path, **contents: tuple[int, bytes]) -> tuple[FlashFile, ...]:
    for name, (_, data) in contents.items():
        (folder / f"{name}.bin").write_bytes(data)
    return tuple(FlashFile(offset=offset, path=folder / f"{name}.bin") for name, (offset, _) in contents.items())


def parts(folder: Path, *, flash_size: int | None = None, target: str = "esp32") -> Parts:
    three = files(folder, app=(0x10000, b"app" * 99), table=(0x8000, b"table"), boot=(0x1000, BOOTLOADER))
    return Parts(source=HERE, files=three, target=target, flash_size=flash_size)


async def merged(*wishes: Parts, cache: Path, path: str = "/nowhere") -> list[Path]:
    async with Processes({"PATH": path}) as processes:
        images = FlashImages(processes, cache=cache)
        return [await images.flash_image(wish) for wish in wishes]


def test_parts_lie_where_they_belong_in_an_erased_flash(tmp_path: Path) -> None:
    (image,) = asyncio.run(merged(parts(tmp_path), cache=tmp_path / ".testarena" / "images"))
    data = image.read_bytes()
    assert len(data) == 4 * MB, "the size that the bootloader was made for"
    assert data[0x1000:].startswith(BOOTLOADER + b"\xff")
    assert data[0x8000:].startswith(b"table\xff")
    assert data[0x10000:].startswith(b"app" * 99 + b"\xff")
    assert set(data[:0x1000]) == {0xFF}
    assert (tmp_path / ".testarena" / ".gitignore").read_text() == "*\n"


def test_what_the_build_says_of_the_flash_counts_more(tmp_path: Path) -> None:
    (image,) = asyncio.run(merged(parts(tmp_path, flash_size=8 * MB), cache=tmp_path / "cache"))
    assert image.stat().st_size == 8 * MB


def test_an_unchanged_image_is_not_merged_again(tmp_path: Path) -> None:
    wish = parts(tmp_path)
    (first,) = asyncio.run(merged(wish, cache=tmp_path / "cache"))
    made = first.stat().st_ino
    (second,) = asyncio.run(merged(wish, cache=tmp_path / "cache"))
    assert second == first
    assert second.stat().st_ino == made
    (tmp_path / "app.bin").write_bytes(b"another app")
    (third,) = asyncio.run(merged(wish, cache=tmp_path / "cache"))
    assert third != first
    assert third.read_bytes()[0x10000:].startswith(b"another app\xff")


def test_images_that_nobody_uses_any_more_are_removed(tmp_path: Path) -> None:
    (old,) = asyncio.run(merged(parts(tmp_path), cache=tmp_path / "cache"))
    os.utime(old, (0, 0))
    left, new = tmp_path / "cache" / ".making-killed", tmp_path / "cache" / ".making-now"
    left.mkdir()
    new.mkdir()
    (left / "flash.bin").write_bytes(b"half")
    os.utime(left, (0, 0))
    (tmp_path / "app.bin").write_bytes(b"another app")
    wish = Parts(source=HERE, files=layout_files(tmp_path), target="esp32")
    asyncio.run(merged(wish, cache=tmp_path / "cache"))
    assert not old.exists()
    assert not left.exists()
    assert new.exists(), "another run may be making an image there"


def layout_files(folder: Path) -> tuple[FlashFile, ...]:
    places = (("app", 0x10000), ("table", 0x8000), ("boot", 0x1000))
    return tuple(FlashFile(offset=offset, path=folder / f"{name}.bin") for name, offset in places)


def test_parts_that_overlap_are_told(tmp_path: Path) -> None:
    two = files(tmp_path, first=(0x1000, b"x" * 0x200), second=(0x1100, b"y"))
    with pytest.raises(UsageError, match=r"boot\.xml:3:5: .*overlap: .*first\.bin .* 256 bytes into .*second\.bin"):
        layout_of(Parts(source=HERE, files=two, target="esp32"))


def test_a_missing_part_is_told(tmp_path: Path) -> None:
    gone = FlashFile(offset=0x10000, path=tmp_path / "gone.bin")
    with pytest.raises(UsageError, match=r"gone\.bin, the part of the flash image at 0x10000: No such file"):
        layout_of(Parts(source=HERE, files=(gone,), target="esp32"))


def test_an_empty_part_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is empty"):
        layout_of(Parts(source=HERE, files=files(tmp_path, app=(0, b"")), target="esp32"))


def test_parts_that_do_not_fit_are_told(tmp_path: Path) -> None:
    late = files(tmp_path, app=(2 * MB - 1, b"ab"))
    with pytest.raises(UsageError, match=r"no room in the flash .*0x200001, while a flash of 2MB ends at 0x200000"):
        layout_of(Parts(source=HERE, files=late, target="esp32", flash_size=2 * MB))
    assert layout_of(Parts(source=HERE, files=late, target="esp32")).size == 4 * MB


def test_what_esptool_says_of_a_bad_chip_is_passed_on(tmp_path: Path) -> None:
    with pytest.raises(MachineError, match=r"esptool can't merge the flash image: exit status \d+: .*esp99"):
        asyncio.run(merged(parts(tmp_path, target="esp99"), cache=tmp_path / "cache"))


def test_an_esptool_that_does_not_start_is_what_this_machine_lacks(tmp_path: Path) -> None:
    python = tmp_path / "env" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text("#!/bin/sh\necho No module named esptool >&2; exit 1\n")
    python.chmod(0o755)
    wish = parts(tmp_path)
    environment = (("IDF_PYTHON_ENV_PATH", str(tmp_path / "env")),)
    broken = Parts(source=HERE, files=wish.files, target="esp32", environment=environment)
    with pytest.raises(EnvironmentLacks, match=r"exit status 1: No module named esptool; .*testarena-ci\[esp\]"):
        asyncio.run(merged(broken, cache=tmp_path / "cache", path="/usr/bin:/bin"))


@pytest.mark.parametrize(
    "major,spelt", [(4, "merge_bin --fill-flash-size 4MB"), (5, "merge-bin --pad-to-size 4MB"), (6, "merge-bin")]
)
def test_each_esptool_is_spoken_to_in_its_own_words(major: int, spelt: str) -> None:
    layout = Layout((Placed(0x1000, Path("b.bin"), 9, 0),), 4 * MB)
    line = " ".join(merge_argv(major, "python", "esp32", layout, Path("o.bin")))
    assert line.startswith(f"python -m esptool --chip esp32 {spelt}")
    assert line.endswith("--output o.bin 0x1000 b.bin")


def test_a_cache_that_can_t_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(EnvironmentLacks, match=r"flash images are kept in .*file/cache, and .*: Not a directory; give"):
        asyncio.run(merged(parts(tmp_path), cache=tmp_path / "file" / "cache"))
