"""How two pictures differ, and how that is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

Region = tuple[int, int, int, int]  # left, top, right, bottom; the last two are outside
Size = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """How a picture differs from the wanted one."""

    size: Size
    wanted: Size
    differing: int = 0  # pixels
    where: Region | None = None  # around all of them
    save: Callable[[Path], None] | None = None  # writes a picture of it; None when the sizes differ

    @property
    def share(self) -> float:
        """Of all pixels; the whole when the sizes differ."""
        return self.differing / (self.size[0] * self.size[1]) if self.size == self.wanted else 1.0

    def told(self, name: str, tolerance: float) -> str:
        """In one line; `name` is the wanted picture's."""
        (width, height), (wanted_width, wanted_height) = self.size, self.wanted
        if self.size != self.wanted:
            return f"the display has {width} x {height} pixels, {name} has {wanted_width} x {wanted_height}"
        left, top, right, bottom = self.where or (0, 0, 0, 0)
        share = f"{self.share:.2%}" if self.share >= 0.0001 else "less than 0.01%"
        return (
            f"the display differs from {name} in {share} of its pixels ({self.differing}, all between {left},{top} and "
            f"{right - 1},{bottom - 1}); {tolerance * 100:g}% may differ"
        )
