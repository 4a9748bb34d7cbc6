"""Pictures compared pixel by pixel."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from tpf.errors import StepError
from tpf.steps.screenshot.pictures import compare


def picture(path: Path, *dots: tuple[int, int], size: tuple[int, int] = (20, 10), mode: str = "RGB") -> Path:
    """Black, with dots of nearly black."""
    made = Image.new("RGB", size)
    for dot in dots:
        made.putpixel(dot, (0, 0, 1))
    made.convert(mode).save(path)
    return path


def test_equal_pictures(tmp_path: Path) -> None:
    found = compare(picture(tmp_path / "a.png"), picture(tmp_path / "b.png"), ())
    assert (found.differing, found.share, found.where) == (0, 0.0, None)


def test_the_least_difference_counts_and_is_shown_in_red(tmp_path: Path) -> None:
    found = compare(picture(tmp_path / "a.png", (3, 4), (7, 9)), picture(tmp_path / "b.png"), ())
    assert (found.differing, found.share, found.where) == (2, 0.01, (3, 4, 8, 10))
    assert found.save is not None
    found.save(tmp_path / "d.png")
    with Image.open(tmp_path / "d.png") as shown:
        assert [shown.getpixel(at) for at in ((3, 4), (7, 9))] == [(230, 0, 0)] * 2
        assert shown.getpixel((0, 0)) == (178, 178, 178)
    assert found.told("menu.png", 0.005) == (
        "the display differs from menu.png in 1.00% of its pixels (2, all between 3,4 and 7,9); 0.5% may differ"
    )


def test_regions_may_be_left_out_also_beyond_the_edge(tmp_path: Path) -> None:
    one, other = picture(tmp_path / "a.png", (3, 4), (19, 9)), picture(tmp_path / "b.png")
    assert compare(one, other, [(19, 9, 100, 100)]).differing == 1
    assert compare(one, other, [(19, 9, 100, 100), (0, 0, 4, 5)]).differing == 0
    assert compare(one, other, [(50, 50, 60, 60)]).differing == 2


def test_other_sizes_are_another_picture(tmp_path: Path) -> None:
    found = compare(picture(tmp_path / "a.png", size=(40, 10)), picture(tmp_path / "b.png"), ())
    assert (found.share, found.save) == (1.0, None)
    assert found.told("b.png", 0.5) == "the display has 40 x 10 pixels, b.png has 20 x 10"


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "1"])
def test_the_wanted_picture_may_be_of_any_mode(tmp_path: Path, mode: str) -> None:
    assert compare(picture(tmp_path / "a.png"), picture(tmp_path / "b.png", mode=mode), ()).differing == 0


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"\x89PNG\r\n\x1a\n" + b"x" * 100])
def test_what_is_no_picture(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "b.png").write_bytes(data)
    with pytest.raises(StepError, match=r"b\.png can't be read as a picture"):
        compare(picture(tmp_path / "a.png"), tmp_path / "b.png", ())
