"""The files that a device's flash and eFuses are made of: reads their elements, and looks whether they are there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from tpf.scenario.check import Checker
from tpf.scenario.device_elements import FirmwareElement
from tpf.scenario.model import FlashPart, Storage
from tpf.scenario.xml import Node

BUILD_MARK: Final = "flasher_args.json"  # lies in each build folder of ESP-IDF
Written = Iterable[tuple[Node, Any]]  # elements with their instances; None for one with something wrong


def check_sources(checker: Checker, node: Node, written: FirmwareElement, parts: bool) -> None:
    """Tell what is wrong with the files of a <firmware>, which may have parts, too."""
    if parts and (written.project or written.image):
        attribute = "project" if written.project else "image"
        message = f"attribute {attribute}: it stands for a whole flash image: remove it, or the parts"
        checker.tell(node, message, attribute)
    lacks = "" if parts else written.lacks()
    if lacks:
        checker.tell(node, lacks, "command" if written.command else "")
    for attribute in ("image", "elf"):
        path = getattr(written, attribute)
        if path and not written.command:  # else the command makes it
            _must_be_firmware(checker, node, attribute, path)


def read_parts(checker: Checker, written: Written, *, made: bool) -> tuple[FlashPart, ...]:
    """The files of a flash image; with `made`, the build command makes them."""
    known = [(node, part) for node, part in written if part is not None]
    for node, part in known:
        if not made:
            _must_be_firmware(checker, node, "file", part.file)
    return tuple(FlashPart(offset=part.offset, file=part.file, source=checker.source(node)) for node, part in known)


def read_efuse(checker: Checker, written: Written) -> str:
    """The path of the eFuse image; "" when there is none."""
    for node, efuse in written:
        if node.tag == "efuse" and efuse is not None:
            _must_exist(checker, node, efuse.file, or_folder=False)
            return str(efuse.file)
    return ""


def read_storage(checker: Checker, written: Written) -> tuple[Storage, ...]:
    """What partitions are filled with."""
    known = [(node, storage) for node, storage in written if node.tag == "storage" and storage is not None]
    for node, storage in known:
        _must_exist(checker, node, storage.file, or_folder=True)
    return tuple(
        Storage(partition=one.partition, file=one.file, format=one.format, source=checker.source(node))
        for node, one in known
    )


def _must_be_firmware(checker: Checker, node: Node, attribute: str, path: str) -> None:
    """A file, or as the image the build folder of an ESP-IDF project."""
    folder = checker.folder
    may_be_build = attribute == "image" and folder.is_folder(path)
    if may_be_build and (folder.path / path / BUILD_MARK).is_file():
        path = f"{path}/{BUILD_MARK}"
    try:
        folder.check(path, must_exist=True)
    except ValueError as error:
        hint = "" if str(error).endswith("?") else "; or say with command=... how it is built"
        if may_be_build:
            hint = f", and no build folder of an ESP-IDF project either: there is no {BUILD_MARK} in it"
        checker.tell(node, f"attribute {attribute}: {error}{hint}", attribute)


def _must_exist(checker: Checker, node: Node, path: str, *, or_folder: bool) -> None:
    try:
        checker.folder.check(path, must_exist=not (or_folder and checker.folder.is_folder(path)))
    except ValueError as error:
        checker.tell(node, f"attribute file: {error}", "file")
