"""Compares two pictures pixel by pixel. Importing this costs Pillow: only who compares does."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final

from PIL import Image, ImageChops

from tpf.errors import StepError
from tpf.steps.screenshot.difference import Difference, Region

_MOST_PIXELS: Final = 64 << 20
_RED: Final = (230, 0, 0)


def compare(taken: Path, wanted: Path, without: Sequence[Region]) -> Difference:
    """How a picture differs from the wanted one, regions left out. Raises StepError for what is no picture."""
    one, other = _opened(taken), _opened(wanted)
    if one.size != other.size:
        return Difference(size=one.size, wanted=other.size)
    channels = ImageChops.difference(one, other).split()
    differing = ImageChops.lighter(ImageChops.lighter(channels[0], channels[1]), channels[2])
    for region in without:
        differing.paste(0, region)
    differing = differing.point([0, *[255] * 255])
    return Difference(
        size=one.size,
        wanted=other.size,
        differing=differing.histogram()[255],
        where=differing.getbbox(),
        save=partial(_save, other, differing),
    )


def _save(wanted: Image.Image, differing: Image.Image, path: Path) -> None:
    """The wanted picture, pale and grey, with what differs in red."""
    grey = wanted.convert("L").convert("RGB")
    pale = Image.blend(grey, Image.new("RGB", grey.size, "white"), 0.7)
    pale.paste(_RED, (0, 0), differing)
    pale.save(path, format="PNG")


def _opened(path: Path) -> Image.Image:
    try:
        with Image.open(path, formats=("PNG", "BMP", "PPM", "JPEG")) as picture:
            if picture.width * picture.height > _MOST_PIXELS:
                raise StepError(f"{path.name} has {picture.width} x {picture.height} pixels: too many to compare")
            return picture.convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise StepError(f"{path.name} can't be read as a picture: {error}") from error
