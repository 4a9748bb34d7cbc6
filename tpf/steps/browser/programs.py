"""What of this machine the browser's driver needs: Chromium, and ffmpeg for videos. Nothing is ever downloaded."""

from __future__ import annotations

import json
import shutil
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from tpf.errors import EnvironmentLacks

_CHROMIUM: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_MACHINES: Final = ("ffmpeg-linux", "ffmpeg-mac")  # what Playwright calls the program


def find_chromium(path: str | None) -> str:
    """The system's browser. Raises EnvironmentLacks."""
    found = next((program for name in _CHROMIUM if (program := shutil.which(name, path=path))), None)
    if found is None:
        names = ", ".join(_CHROMIUM)
        raise EnvironmentLacks(f"<browser> needs Chromium, and PATH has none of {names}: sudo apt-get install chromium")
    return found


def browsers_folder(folder: Path, path: str | None, *, video: bool) -> Path:
    """A folder where Playwright looks for programs of its own: with the system's ffmpeg for videos, else empty.

    Playwright takes no path of an ffmpeg, only such a folder (as Linux distributions that package it make one).
    """
    if not video:
        return folder
    ffmpeg = shutil.which("ffmpeg", path=path)
    if ffmpeg is None:
        raise EnvironmentLacks("<browser video=...> needs ffmpeg, and PATH has none: sudo apt-get install ffmpeg")
    home = folder / f"ffmpeg-{_ffmpeg_revision()}"
    home.mkdir()
    for name in _MACHINES:
        (home / name).symlink_to(ffmpeg)
    return folder


def _ffmpeg_revision() -> str:
    spec = find_spec("playwright")
    folders = spec.submodule_search_locations if spec is not None else None
    listed = Path((folders or [""])[0], "driver", "package", "browsers.json")
    try:
        browsers = json.loads(listed.read_text(encoding="utf-8"))["browsers"]
        return str(next(browser["revision"] for browser in browsers if browser["name"] == "ffmpeg"))
    except (OSError, ValueError, KeyError, TypeError, StopIteration) as error:
        raise EnvironmentLacks(f"this Playwright records no videos: {listed} names no ffmpeg") from error
