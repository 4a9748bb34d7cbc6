"""Looks whether the ESP-IDF project that a scenario names is one, and whether its config files are there."""

from __future__ import annotations

from typing import Final

from tpf.scenario.check import Checker
from tpf.scenario.folder import Folder
from tpf.scenario.model import Device
from tpf.scenario.types import quote
from tpf.scenario.xml import Node

CMAKE: Final = "CMakeLists.txt"


def check_project(checker: Checker, node: Node, project: str, config: tuple[str, ...]) -> None:
    """Tell what is wrong with the folder of a project, or with the files that its settings are to come from."""
    folder = checker.folder
    try:
        _must_be_project(folder, project)
    except ValueError as error:
        checker.tell(node, f"attribute project: {error}", "project")
        return
    for file in config:
        try:
            folder.check(f"{project}/{file}", must_exist=True)
        except ValueError as error:
            hint = "" if str(error).endswith("?") else "; its files start from the project's folder"
            checker.tell(node, f"attribute config: {error}{hint}", "config")


def _must_be_project(folder: Folder, project: str) -> None:
    folder.must_be_folder(project)
    if not (folder.path / project / CMAKE).is_file():
        raise ValueError(f"{quote(project)} is no ESP-IDF project: there is no {CMAKE} in it")


def check_build_target(checker: Checker, node: Node, device: Device, target: str | None) -> None:
    """Tell when nobody says what a project is built for; `target` is None when it isn't known for a fault."""
    if target is None or device.firmware is None or not device.firmware.project:
        return
    if not (device.firmware.target or target):
        checker.tell(node, f"<{node.tag}> needs attribute target: the chip that the project is built for, as esp32c3")
