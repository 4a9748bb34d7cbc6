"""doctor --target on hosts that hold anything from nothing to all that a run needs; programs are small scripts."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from testarena_ci.doctor import render
from testarena_ci.doctor.checks import Examination, State
from testarena_ci.doctor.chips import chip_of
from testarena_ci.doctor.surroundings import Surroundings
from testarena_ci.doctor.target import examine
from tests.support.golden import Golden
from tests.support.programs import program
from tpf.errors import UsageError
from tpf.firmware.idf.find import Idf, find_idf
from tpf.machines.python_tools import Python
from tpf.machines.serial.ports import Port

USB = Port(
    device="/dev/ttyUSB0", description="CP2102N USB to UART Bridge", serial_number="f00d", hardware="USB VID:PID=1"
)
ROOMY = Surroundings(cores=8, memory=8000, disk=90_000, temporary=4000, ports=(USB,))
BARE = Surroundings(cores=1, memory=300, disk=700, temporary=None, no_ports="no pyserial")

ESPRESSIF = "QEMU emulator version 9.2.2 (esp_develop_9.2.2_20250817)"
DEBIAN = "QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18)"
SETPRIV = 'case $1 in --version) echo "setpriv from util-linux 2.38.1";; *) shift 3; exec "$@";; esac'
PYTHON = """
case "$*" in
  */idf.py\\ --version) echo "ESP-IDF v5.3.2" ;;
  *idf_tools.py\\ export*) echo "PATH=$IDF_TOOLS_PATH/bin:\\$PATH"; echo "ESP_IDF_VERSION=5.3" ;;
  -m\\ esptool\\ version) echo "esptool.py v4.8.1" ;;
  -c\\ import\\ *) ;;
  *) echo "unknown arguments: $*" >&2; exit 2 ;;
esac"""
LDD = "".join(f"\\t{name} => not found\\n" for name in ("libSDL2-2.0.so.0", "libslirp.so.0", "libnew.so.1"))
VERSION = "set(IDF_VERSION_MAJOR 5)\nset(IDF_VERSION_MINOR 3)\nset(IDF_VERSION_PATCH 2)\n"
TOOLS = {
    "cmake": "cmake version 3.25.1",
    "ninja": "1.11.1",
    "ccache": "ccache version 4.8",
    "git": "git version 2.39.5",
    "riscv32-esp-elf-gcc": "riscv32-esp-elf-gcc (crosstool-NG esp-13.2.0_20240530) 13.2.0",
    "riscv32-esp-elf-addr2line": "GNU addr2line (crosstool-NG esp-13.2.0_20240530) 2.41",
    "riscv32-esp-elf-gdb": "GNU gdb (esp-gdb) 14.2_20240403",
    "xtensa-esp32s3-elf-gcc": "xtensa-esp-elf-gcc (crosstool-NG esp-13.2.0_20240530) 13.2.0",
    "xtensa-esp-elf-addr2line": "GNU addr2line (crosstool-NG esp-13.2.0_20240530) 2.41",
}


class Place:
    """A host, all of it below one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.bin = folder / "bin"
        self.bin.mkdir()
        self.idf = folder / "esp" / "esp-idf"
        self.tools = folder / "tools"

    def programs(self, **scripts: str) -> None:
        for name, script in scripts.items():
            program(self.bin, name, script)

    def has_tools(self) -> None:
        program(self.bin, "setpriv", SETPRIV)
        for name, version in TOOLS.items():
            program(self.bin, name, f'echo "{version}"')

    def has_qemu(self, name: str, version: str, *boards: str) -> None:
        listed = "".join(f"{board} a board\\n" for board in boards)
        program(
            self.bin, name, f'case $1 in -M) printf "Supported machines are:\\n{listed}";; *) echo "{version}";; esac'
        )

    def has_idf(self, python: str = PYTHON) -> None:
        for path, text in {
            "tools/idf.py": "",
            "tools/idf_tools.py": "",
            "tools/cmake/version.cmake": VERSION,
            **{f"tools/cmake/toolchain-{name}.cmake": "" for name in ("esp32", "esp32c3", "esp32s3", "clang-esp32")},
        }.items():
            (self.idf / path).parent.mkdir(parents=True, exist_ok=True)
            (self.idf / path).write_text(text)
        program(self.tools / "python_env" / "idf5.3_py3.11_env" / "bin", "python", python)
        program(self.tools / "bin", "only-when-activated", "echo 1.0")

    def examine(self, target: str, host: Surroundings = ROOMY, *, own: bool = False, **more: str) -> Examination:
        environment = {"PATH": str(self.bin), "HOME": str(self.folder / "home"), "IDF_TOOLS_PATH": str(self.tools)}
        if self.idf.is_dir():
            environment["IDF_PATH"] = str(self.idf)
        environment |= more
        mine = Python(program=str(self.bin / "python3"))
        found = examine(chip_of(target), environment, host, no_usual_folders, lambda _: mine if own else None)
        return asyncio.run(found)

    def text(self, found: Examination) -> str:
        return "\n".join(render.as_text(found)).replace(str(self.folder), "/host") + "\n"


def no_usual_folders(environment: Mapping[str, str], target: str) -> Idf:
    """The host that the tests run on may have an ESP-IDF."""
    return find_idf(environment, target, ())


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def states(found: Examination) -> dict[str, State]:
    return {check.name: check.state for section in found.sections for check in section.checks}


def test_nothing_is_installed(place: Place, golden: Golden) -> None:
    found = place.examine("esp32c3", BARE)
    assert not found.able
    golden.check("doctor/nothing.txt", place.text(found))


def test_all_is_there(place: Place, golden: Golden) -> None:
    place.has_tools()
    place.has_idf()
    place.has_qemu("qemu-system-riscv32", ESPRESSIF, "esp32c3", "virt")
    found = place.examine("esp32c3")
    assert found.able
    golden.check("doctor/all.txt", place.text(found))


def test_debians_qemu_has_no_such_board(place: Place, golden: Golden) -> None:
    place.has_tools()
    place.has_idf()
    place.has_qemu("qemu-system-riscv32", DEBIAN, "virt")
    found = place.examine("esp32c3")
    assert states(found)["board esp32c3"] is State.MISSING
    golden.check("doctor/board-missing.txt", place.text(found))


def test_an_emulator_lacks_libraries(place: Place, golden: Golden) -> None:
    place.has_tools()
    place.has_idf()
    words = (
        "qemu-system-riscv32: error while loading shared libraries: libSDL2-2.0.so.0: cannot open shared object file"
    )
    place.programs(
        **{
            "qemu-system-riscv32": f'echo "{words}: No such file or directory" >&2; exit 127',
            "ldd": f"printf '{LDD}'",
        }
    )
    found = place.examine("esp32c3")
    assert states(found)["qemu-system-riscv32"] is State.MISSING
    golden.check("doctor/library-missing.txt", place.text(found))


def test_without_ldd_the_library_that_the_loader_named_is_told(place: Place) -> None:
    words = "error while loading shared libraries: libslirp.so.0: cannot open shared object file: No such file"
    place.programs(**{"qemu-system-riscv32": f'echo "{words}" >&2; exit 127'})
    text = place.text(place.examine("esp32c3"))
    assert "the library libslirp.so.0 is missing\n           -> on Debian and Ubuntu: apt install libslirp0\n" in text


def test_another_emulator_of_that_name_may_have_the_board(place: Place) -> None:
    place.has_qemu("qemu-system-riscv32", DEBIAN, "virt")
    installed = place.tools / "tools" / "qemu-riscv32" / "esp_develop_9.2.2_20250817" / "qemu" / "bin"
    place.bin, usual = installed, place.bin
    installed.mkdir(parents=True)
    place.has_qemu("qemu-system-riscv32", ESPRESSIF, "esp32c3")
    place.bin = usual
    assert states(place.examine("esp32c3"))["board esp32c3"] is State.OK


@pytest.mark.parametrize("version, state", [("9.0.0", State.MISSING), ("9.2.2", State.OK)])
def test_the_esp32s3_needs_a_new_emulator(place: Place, version: str, state: State) -> None:
    place.has_qemu("qemu-system-xtensa", f"QEMU emulator version {version}", "esp32", "esp32s3")
    assert states(place.examine("esp32s3"))["board esp32s3"] is state
    assert states(place.examine("esp32"))["board esp32"] is State.OK


def test_a_chip_that_nothing_emulates_has_ways_out(place: Place, golden: Golden) -> None:
    place.has_tools()
    golden.check("doctor/not-emulated.txt", place.text(place.examine("ESP32-C6", own=False)))


@pytest.mark.parametrize(
    "host, able",
    [
        (Surroundings(cores=1, memory=9999, disk=9999, temporary=9999, ports=(USB,)), True),
        (Surroundings(cores=1, memory=9999, disk=9999, temporary=9999), False),
        (Surroundings(cores=1, memory=9999, disk=9999, temporary=9999, ports=(USB,), refused=(USB.device,)), False),
        (BARE, False),
    ],
    ids=["board", "no board", "refused", "no pyserial"],
)
def test_a_real_board_is_needed_where_no_emulator_is(place: Place, host: Surroundings, *, able: bool) -> None:
    sections = {section.name: section for section in place.examine("esp32c6", host).sections}
    assert (not sections["boards"].missing) == able
    sections = {section.name: section for section in place.examine("esp32c3", host).sections}
    assert not sections["boards"].missing


def test_the_host_build_needs_gcc_and_libbsd(place: Place, golden: Golden) -> None:
    place.has_tools()
    place.programs(
        gcc='case $1 in --version) echo "gcc (Debian) 12.2.0";; *) echo "no bsd/string.h" >&2; exit 1;; esac'
    )
    found = place.examine("linux")
    assert (states(found)["gcc"], states(found)["libbsd"]) == (State.OK, State.MISSING)
    golden.check("doctor/linux.txt", place.text(found))


def test_an_esp_idf_that_can_not_be_activated_is_told_why(place: Place) -> None:
    place.has_idf("echo \"ERROR: tool riscv32-esp-elf has no installed versions. Please run 'install.sh'\" >&2; exit 1")
    text = place.text(place.examine("esp32c3"))
    assert "ok       ESP-IDF                       v5.3.2 in /host/esp/esp-idf (found by IDF_PATH)" in text
    assert "ERROR: tool riscv32-esp-elf has no installed versions." in text
    assert "-> /host/esp/esp-idf/install.sh esp32c3" in text


def test_an_activated_esp_idf_is_taken_as_it_is(place: Place) -> None:
    place.has_tools()
    place.has_idf()
    program(place.idf / "tools", "idf.py", "exit 1")
    python = place.tools / "python_env" / "idf5.3_py3.11_env"
    path = f"{place.bin}:{place.idf / 'tools'}"
    text = place.text(place.examine("esp32c3", PATH=path, IDF_PYTHON_ENV_PATH=str(python)))
    assert "ok       ESP-IDF                       v5.3.2 in /host/esp/esp-idf (found by idf.py on PATH)" in text
    assert "ok       idf.py                        ESP-IDF v5.3.2, with /host/tools/python_env" in text


def test_a_python_environment_that_is_gone_is_told(place: Place) -> None:
    place.has_idf()
    program(place.idf / "tools", "idf.py", "exit 1")
    path = f"{place.bin}:{place.idf / 'tools'}"
    text = place.text(place.examine("esp32c3", PATH=path, IDF_PYTHON_ENV_PATH="/host/gone"))
    assert "missing  idf.py                        its Python environment is not there" in text


def test_an_esp_idf_that_is_too_old_for_the_target(place: Place) -> None:
    place.has_idf()
    text = place.text(place.examine("esp32p4"))
    assert "can't build for esp32p4; it can for esp32, esp32c3, esp32s3" in text


def test_an_idf_path_that_leads_nowhere_is_told(place: Place) -> None:
    place.idf.mkdir(parents=True)
    text = place.text(place.examine("esp32c3"))
    assert "IDF_PATH is /host/esp/esp-idf, which is no ESP-IDF" in text


def test_another_board_needs_no_esp_idf(place: Place) -> None:
    place.has_qemu("qemu-system-riscv32", DEBIAN, "virt")
    found = place.examine("riscv32-virt")
    assert found.able
    assert "ESP-IDF" not in states(found)


def test_programs_can_read_it(place: Place) -> None:
    told = json.loads(render.as_json(place.examine("esp32c3", BARE)))
    assert (told["target"], told["able"]) == ("esp32c3", False)
    assert [section["name"] for section in told["sections"]] == ["build", "boot", "failures", "boards", "machine"]
    first = told["sections"][0]["checks"][0]
    assert (first["name"], first["state"]) == ("ESP-IDF", "missing")
    assert first["ways"]


@pytest.mark.parametrize("said, meant", [("esp23c3", "esp32c3"), ("linus", "linux"), ("esp32-s33", "esp32s3")])
def test_an_unknown_target_gets_its_nearest(said: str, meant: str) -> None:
    with pytest.raises(UsageError, match=f"unknown target '{said}'; did you mean {meant}"):
        chip_of(said)
