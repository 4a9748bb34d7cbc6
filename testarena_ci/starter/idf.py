"""What the files of an ESP-IDF project tell: its name, its target, its flash. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from testarena_ci.starter.console import console_of
from testarena_ci.starter.facts import Guess, IdfProject
from testarena_ci.starter.sources import Sources, Text
from tpf.machines.qemu.boards import BOARDS

CMAKE: Final = "CMakeLists.txt"
SDKCONFIGS: Final = ("sdkconfig", "sdkconfig.defaults", "sdkconfig.ci")
DEFAULT_TARGET: Final = "esp32"  # ESP-IDF's own
DEFAULT_FLASH: Final = "4MB"
_SIGN: Final = re.compile(r"tools/cmake/project\.cmake")
_PROJECT: Final = re.compile(r'^\s*project\s*\(\s*"?(?P<value>[\w.+-]+)', re.MULTILINE)
_TARGETS: Final = (
    (SDKCONFIGS, re.compile(r'^CONFIG_IDF_TARGET="(?P<value>\w+)"', re.MULTILINE)),
    ((CMAKE,), re.compile(r'^\s*set\s*\(\s*IDF_TARGET\s+"?(?P<value>\w+)', re.MULTILINE)),
    (("dependencies.lock",), re.compile(r"^target:\s*(?P<value>\w+)", re.MULTILINE)),
    (("main/idf_component.yml",), re.compile(r"^targets:\s*(?:\[|\n\s*-)\s*\"?(?P<value>\w+)", re.MULTILINE)),
    (("README.md",), re.compile(r"^\| Supported Targets \| (?P<value>[\w-]+)", re.MULTILINE)),
)
_FLASH: Final = re.compile(r"^CONFIG_ESPTOOLPY_FLASHSIZE_(?P<value>2MB|4MB|8MB|16MB)=y", re.MULTILINE)
_NEAREST: Final = {"esp32s2": "esp32s3"}  # the others that no emulator has are RISC-V
_RISC_V: Final = re.compile(r"esp32[chp]\d+")


def idf_project(sources: Sources) -> IdfProject | None:
    """The project, if this is one of ESP-IDF."""
    cmake = sources.get(CMAKE)
    sign = _SIGN.search(cmake.text)
    if sign is None:
        return None
    settings = tuple(map(sources.get, SDKCONFIGS))
    target = _target(sources)
    board = board_for(target)
    return IdfProject(
        sign=f"an ESP-IDF project ({cmake.place(sign.start())})",
        name=_found([cmake], _PROJECT) or Guess(value=_folder_name(sources), why="the folder's name"),
        target=target,
        board=board,
        flash=_found(settings, _FLASH) or Guess(value=DEFAULT_FLASH, why="no sdkconfig says it"),
        defaults=_defaults(*settings) if board == target else None,
        console=console_of(sources.code, settings, sources.kconfigs),
    )


def board_for(target: Guess) -> Guess:
    """The target to emulate: the project's own, or the nearest one that an emulator has."""
    if target.value in BOARDS:
        return target
    nearest = _NEAREST.get(target.value, "esp32c3" if _RISC_V.fullmatch(target.value) else DEFAULT_TARGET)
    return Guess(value=nearest, why=f"the nearest to {target.value} that QEMU emulates")


def _target(sources: Sources) -> Guess:
    for names, pattern in _TARGETS:
        found = _found(map(sources.get, names), pattern)
        if found is not None:
            return Guess(value=found.value.lower().replace("-", ""), why=found.why)
    return Guess(value=DEFAULT_TARGET, why="nothing says another one")


def _defaults(sdkconfig: Text, defaults: Text, _: Text) -> Guess | None:
    """A checked-in sdkconfig without defaults beside it stands for them: builds for tests have one of their own."""
    if sdkconfig.text and not defaults.text:
        return Guess(value=sdkconfig.name, why="there is no sdkconfig.defaults")
    return None


def _found(texts: Iterable[Text], pattern: re.Pattern[str]) -> Guess | None:
    return next(_all(texts, pattern), None)


def _all(texts: Iterable[Text], pattern: re.Pattern[str]) -> Iterator[Guess]:
    for text in texts:
        match = pattern.search(text.text)
        if match is not None:
            yield Guess(value=match["value"], why=text.place(match.start("value")))


def _folder_name(sources: Sources) -> str:
    return sources.folder.resolve().name or "firmware"
