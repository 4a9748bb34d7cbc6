"""What the files of an ESP-IDF project tell: its name, its target, its settings for tests. Pure."""

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
_OF_TESTS: Final = "sdkconfig.ci"
DEFAULT_TARGET: Final = "esp32"  # ESP-IDF's own
_SIGN: Final = re.compile(r"tools/cmake/project\.cmake")
_PROJECT: Final = re.compile(r'^\s*project\s*\(\s*"?(?P<value>[\w.+-]+)', re.MULTILINE)
_TARGETS: Final = (
    (SDKCONFIGS, re.compile(r'^CONFIG_IDF_TARGET="(?P<value>\w+)"', re.MULTILINE)),
    ((CMAKE,), re.compile(r'^\s*set\s*\(\s*IDF_TARGET\s+"?(?P<value>\w+)', re.MULTILINE)),
    (("dependencies.lock",), re.compile(r"^target:\s*(?P<value>\w+)", re.MULTILINE)),
    (("main/idf_component.yml",), re.compile(r"^targets:\s*(?:\[|\n\s*-)\s*\"?(?P<value>\w+)", re.MULTILINE)),
    (("README.md",), re.compile(r"^\| Supported Targets \| (?P<value>[\w-]+)", re.MULTILINE)),
)
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
        config=_config(*settings, own=board == target),
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


def _config(sdkconfig: Text, defaults: Text, tests: Text, *, own: bool) -> Guess | None:
    """Settings that are meant for tests come on top of those of every build; a sdkconfig is for its target alone."""
    if not tests.text:
        return None
    files = (*((defaults,) if defaults.text else ()), *((sdkconfig,) if sdkconfig.text and own else ()), tests)
    return Guess(value=";".join(file.name for file in files), why=f"{_OF_TESTS} is there")


def _found(texts: Iterable[Text], pattern: re.Pattern[str]) -> Guess | None:
    return next(_all(texts, pattern), None)


def _all(texts: Iterable[Text], pattern: re.Pattern[str]) -> Iterator[Guess]:
    for text in texts:
        match = pattern.search(text.text)
        if match is not None:
            yield Guess(value=match["value"], why=text.place(match.start("value")))


def _folder_name(sources: Sources) -> str:
    return sources.folder.resolve().name or "firmware"
