"""The errors in the output of real compilers, linkers, CMake and Kconfig, and the places that they lead to."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.idf import project
from tpf.firmware.causes import MOST_PLACES, Folders, cause_of, places_of

TEXTS = Path(__file__).parents[3] / "data" / "idf"
IDENTIFIER = "'y' undeclared (first use in this function)"
SUBMODULE = (
    "Missing esp-mqtt submodule. Please run 'git submodule update --init --recursive' in ESP-IDF directory to fix this."
)
COMPONENT = "Failed to resolve component 'nowhere' required by component 'main': unknown name."


def folders(tmp_path: Path) -> Folders:
    files = {f"main/{name}": "" for name in ("link.c", "asm.S", "inc.c", "Kconfig.projbuild", "idf_component.yml")}
    return Folders(build=tmp_path / "build", project=project(tmp_path / "p", **files), checkout=tmp_path)


def text_of(name: str, where: Folders) -> str:
    return (TEXTS / f"{name}.txt").read_text().replace("@PROJECT@", str(where.project))


def told(text: str, where: Folders) -> list[tuple[str, int, int, str]]:
    return [
        (
            str((Path.cwd() / place.source.file).resolve().relative_to(where.project)),
            place.source.line,
            place.source.column,
            place.message,
        )
        for place in places_of(text, where)
    ]


@pytest.mark.parametrize(
    "name, expected",
    [
        ("compile", [("main/main.c", 5, 9, IDENTIFIER), ("main/main.c", 6, 14, "expected ';' before 'helper'")]),
        ("include", [("main/inc.c", 1, 10, "nowhere.h: No such file or directory")]),
        ("asm", [("main/asm.S", 2, 0, "unrecognized opcode `frobnicate a0'")]),
        ("link", [("main/link.c", 4, 0, "undefined reference to `missing'")]),
        ("cmake", [("CMakeLists.txt", 3, 0, COMPONENT)]),
        ("nested", [("CMakeLists.txt", 3, 0, SUBMODULE)]),
        ("kconfig", [("main/Kconfig.projbuild", 3, 0, "couldn't parse 'intt \"Pin\"': syntax error")]),
        ("overflow", []),
    ],
)
def test_places_of_errors(name: str, expected: list[tuple[str, int, int, str]], tmp_path: Path) -> None:
    where = folders(tmp_path)
    assert told(text_of(name, where), where)[: len(expected) or None] == expected


def test_a_wrong_manifest_is_the_place_and_not_esp_idfs_cmake(tmp_path: Path) -> None:
    where = folders(tmp_path)
    ((file, line, _, message),) = told(text_of("manifest", where), where)
    assert (file, line) == ("main/idf_component.yml", 0)
    assert 'Invalid field "dependencies:wrong name!"' in message


@pytest.mark.parametrize(
    "name, cause",
    [
        ("compile", f"main/main.c:5:9: error: {IDENTIFIER}"),
        ("link", "main/link.c:4: undefined reference to `missing'"),
        ("cmake", f"(message): {COMPONENT}"),
        ("nested", f"(message): {SUBMODULE}"),
        ("toolchain", 'bin/riscv32-esp-elf-gcc" is not able to compile a simple test program.'),
        ("constraints", "ERROR: /opt/esp/espidf.constraints.v5.4.txt doesn't exist."),
        ("requirements", "Error while checking requirement 'tree_sitter'. Package was not found"),
        ("kconfig", "main/Kconfig.projbuild:3: error: couldn't parse 'intt \"Pin\"': syntax error"),
        ("overflow", "region `dram0_0_seg' overflowed by 219616 bytes"),
    ],
)
def test_the_cause_is_the_first_error(name: str, cause: str, tmp_path: Path) -> None:
    assert cause in cause_of(text_of(name, folders(tmp_path)))


def test_names_are_looked_for_in_the_build_folder_and_the_project(tmp_path: Path) -> None:
    where = folders(tmp_path)
    assert told("../p/main/main.c:1:2: error: a\nmain/main.c:3:4: error: b\nother.c:5:6: error: c\n", where) == [
        ("main/main.c", 1, 2, "a"),
        ("main/main.c", 3, 4, "b"),
    ]


def test_each_place_is_told_once_and_not_too_many_of_them(tmp_path: Path) -> None:
    where = folders(tmp_path)
    assert len(told("main/main.c:1:2: error: a\n" * 5, where)) == 1
    assert len(told("".join(f"main/main.c:{line}:1: error: a\n" for line in range(1, 99)), where)) == MOST_PLACES


def test_colours_are_seen_through(tmp_path: Path) -> None:
    where = folders(tmp_path)
    text = "\x1b[01m\x1b[Kmain/main.c:5:9:\x1b[m\x1b[K \x1b[01;31m\x1b[Kerror: \x1b[m\x1b[K'y' undeclared\n"
    assert told(text, where) == [("main/main.c", 5, 9, "'y' undeclared")]


def test_a_file_outside_of_the_checkout_keeps_its_whole_name(tmp_path: Path) -> None:
    where = folders(tmp_path / "checkout")
    outside = tmp_path / "esp-idf.c"
    outside.touch()
    (place,) = places_of(f"{outside}:1:2: error: a\n", where)
    assert place.source.file == str(outside)
