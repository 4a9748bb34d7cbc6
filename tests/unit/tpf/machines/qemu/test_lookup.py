"""The emulator that has a board is found, whatever others of its name there are."""

from __future__ import annotations

import asyncio
import struct
from pathlib import Path

import pytest

from tests.fakes.espressif_qemu.program import bootloader_image
from tests.support.machines import request
from tpf.errors import EnvironmentLacks
from tpf.machines.base import BuildFacts
from tpf.machines.qemu.boards import BOARDS
from tpf.machines.qemu.lookup import Search, candidates, find_emulator, numbers_of
from tpf.machines.qemu.preflight import preflight
from tpf.process import Processes

C3, S3 = BOARDS["esp32c3"], BOARDS["esp32s3"]
SAYS = """#!/bin/sh
echo "$0 $*" >> {log}
case "$1" in
--version) echo "QEMU emulator version {version}" ;;
*) printf 'Supported machines are:\\n{boards}' ;;
esac
"""


class Host:
    """A machine with emulators here and there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder / "asked.log"
        self.variables = {"PATH": f"{folder / 'usr'}:/usr/bin:/bin", "HOME": str(folder / "home")}
        (folder / "usr").mkdir()

    def emulator(self, place: str, boards: str, version: str = "9.2.2", name: str = "qemu-system-riscv32") -> str:
        program = self.folder / place / name
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text(SAYS.format(log=self.log, version=version, boards=boards))
        program.chmod(0o755)
        return str(program)

    @property
    def asked(self) -> list[str]:
        return self.log.read_text().splitlines() if self.log.exists() else []


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(tmp_path)


def tools(version: str, package: str = "qemu-riscv32") -> str:
    return f"home/.espressif/tools/{package}/esp_develop_{version}/qemu/bin"


def found(host: Host, *, sure: bool = False, environment: tuple[tuple[str, str], ...] = ()) -> str:
    async def main() -> str:
        async with Processes({**host.variables, "PATH": str(host.folder / "usr") + ":/bin"}) as processes:
            search = Search(processes=processes, folder=host.folder, environment=environment)
            first = await find_emulator(C3, search, sure=sure)
            assert await find_emulator(C3, search, sure=sure) == first
            return first

    return asyncio.run(main())


@pytest.fixture
def only_there(host: Host) -> str:
    """A distribution's emulator is on PATH, on the machine of this test, too: it is the first, and has no ESP32."""
    return host.emulator("usr", "virt   RISC-V VirtIO board\\n")


def test_a_distribution_s_emulator_is_passed_over(host: Host, only_there: str) -> None:
    theirs = host.emulator(tools("9.2.2_20250817"), "esp32c3  Espressif\\nvirt  x\\n")
    assert found(host) == theirs
    assert len(host.asked) == 2, "each is asked once"


def test_the_newest_of_esp_idf_s_is_taken(host: Host, only_there: str) -> None:
    host.emulator(tools("9.0.0_20240606"), "esp32c3  Espressif\\n")
    newest = host.emulator(tools("10.0.1_20260817"), "esp32c3  Espressif\\n")
    host.emulator(tools("9.2.2_20250817"), "esp32c3  Espressif\\n")
    assert found(host) == newest


def test_one_without_a_rival_is_not_asked(host: Host) -> None:
    only = host.emulator("usr", "esp32c3  Espressif\\n")
    assert found(host) == only
    assert host.asked == []
    assert found(host, sure=True) == only
    assert len(host.asked) == 1


def test_a_link_to_it_is_no_rival(host: Host) -> None:
    there = host.emulator(tools("9.2.2_20250817"), "esp32c3  Espressif\\n")
    (host.folder / "usr" / "qemu-system-riscv32").symlink_to(there)
    found(host)
    assert host.asked == []


def test_the_path_of_the_build_and_idf_tools_path_count(host: Host, only_there: str) -> None:
    built = host.emulator("activated", "esp32c3  Espressif\\n")
    assert found(host, environment=(("PATH", str(host.folder / "activated")),)) == built
    moved = host.emulator("moved/tools/qemu-riscv32/esp_develop_9/qemu/bin", "esp32c3  Espressif\\n")
    assert found(host, environment=(("IDF_TOOLS_PATH", str(host.folder / "moved")),)) == moved


def test_none_has_the_board(host: Host, only_there: str) -> None:
    other = host.emulator(tools("8.2.0_20240122"), "virt  x\\n")
    with pytest.raises(EnvironmentLacks) as raised:
        found(host, sure=True)
    text = str(raised.value)
    assert text.startswith(
        f"{only_there} has no board 'esp32c3' (it is QEMU emulator version 9.2.2); nor has {other}; "
    )
    assert "idf_tools.py install qemu-riscv32" in text


def test_one_that_does_not_start_tells_why(host: Host) -> None:
    program = Path(host.emulator("usr", ""))
    loader = "error while loading shared libraries: libslirp.so.0: cannot open shared object file: No such file"
    program.write_text(f"#!/bin/sh\necho '{loader}' >&2\nexit 127\n")
    with pytest.raises(EnvironmentLacks, match=r"the library libslirp\.so\.0 is missing; .*apt install libslirp0"):
        found(host, sure=True)


def test_an_emulator_given_by_its_path_has_no_rivals(host: Host) -> None:
    mine = host.emulator("mine", "esp32c3\\n")
    host.emulator(tools("9.2.2_20250817"), "esp32c3\\n")
    asked = request(Processes(host.variables), target="esp32c3", emulator=mine, checkout=host.folder)
    board = type(C3)(emulator=mine, machine="esp32c3", package="qemu-riscv32")
    assert candidates(board, Search(processes=asked.processes, folder=host.folder)) == (mine,)


@pytest.mark.parametrize(
    "version, numbers",
    [("QEMU emulator version 9.2.2 (esp_develop)", (9, 2, 2)), ("QEMU emulator version 10.0", (10, 0)), ("what?", ())],
)
def test_versions(version: str, numbers: tuple[int, ...]) -> None:
    assert numbers_of(version) == numbers


@pytest.mark.parametrize("version, doubts", [("9.0.0 (esp_develop)", 1), ("9.2.2 (esp_develop)", 0)])
def test_a_version_that_is_too_old_for_the_esp32s3_is_noted(host: Host, version: str, doubts: int) -> None:
    host.emulator("usr", "esp32s3  Espressif\\n", version, "qemu-system-xtensa")

    async def main() -> tuple[str, ...]:
        async with Processes({**host.variables, "PATH": str(host.folder / "usr") + ":/bin"}) as processes:
            return await preflight(request(processes, target="esp32s3", checkout=host.folder))

    told = asyncio.run(main())
    assert len(told) == doubts
    assert all("the esp32s3 needs QEMU 9.2 or later" in text for text in told)


def test_wi_fi_is_seen_in_the_symbols(host: Host, tmp_path: Path) -> None:
    image = tmp_path / "flash.bin"
    image.write_bytes(bootloader_image("esp32c3"))
    elf = tmp_path / "app.elf"
    elf.write_bytes(elf_with("main", "esp_wifi_start"))
    facts = BuildFacts(folder=tmp_path, project=tmp_path, target="esp32c3")
    asked = request(Processes({}), target="esp32c3", image=image, elf=elf, build=facts)
    (doubt,) = asyncio.run(preflight(asked))
    assert doubt.startswith("the firmware uses Wi-Fi (esp_wifi_start), which QEMU does not emulate")
    for harmless in (elf_with("main", "my_esp_wifi_start_it"), b"", b"\x7fELF\x01\x01", b"\x7fELF" + b"\xff" * 99):
        elf.write_bytes(harmless)
        assert asyncio.run(preflight(asked)) == ()


def elf_with(*names: str) -> bytes:
    """The least of an ELF file: a table of symbols, and their names."""
    strings = b"\0" + b"\0".join(name.encode() for name in names) + b"\0"
    header = b"\x7fELF\x01\x01" + bytes(26) + (52).to_bytes(4, "little") + bytes(10)
    header += (40).to_bytes(2, "little") + (2).to_bytes(2, "little") + bytes(2)
    symbols = struct.pack("<10I", 0, 2, 0, 0, 0, 0, 1, 0, 0, 0)
    return header + symbols + struct.pack("<10I", 0, 3, 0, 0, 132, len(strings), 0, 0, 0, 0) + strings
