"""Why QEMU ended: what the guest did is told apart from what the emulator could not."""

from __future__ import annotations

import pytest

from tpf.errors import EnvironmentLacks, MachineError, TestArenaError
from tpf.machines.qemu.boards import BOARDS
from tpf.machines.qemu.endings import exit_of, needs_version, no_emulator
from tpf.process import Outcome

NAME = "qemu-system-riscv32"
ESPRESSIF = (
    "the board esp32c3 is in Espressif's QEMU: "
    "`python $IDF_PATH/tools/idf_tools.py install qemu-riscv32`; "
    "`testarena doctor --target esp32c3` says what else is missing"
)
SLIRP = (
    "/opt/qemu/bin/qemu-system-riscv32: error while loading shared libraries: libslirp.so.0: "
    "cannot open shared object file: No such file or directory\n"
)
UNKNOWN = "qemu-system-riscv32: unsupported machine type\nUse -machine help to list supported machines\n"
WARNING = "qemu-system-riscv32: warning: nic open_eth.0 has no peer\nAdding SPI flash device\n"
KERNEL = "/x: No such file or directory\nqemu-system-riscv32: could not load kernel '/x'\n"


def outcome(code: int | None, signal: int | None = None) -> Outcome:
    return Outcome(argv=("qemu-system-riscv32",), code=code, signal=signal, seconds=1.0)


@pytest.mark.parametrize(
    "ended, words, code, detail",
    [
        (outcome(0), "", 0, "the device switched itself off"),
        (outcome(0), WARNING, 0, "the device switched itself off"),
        (outcome(0), "qemu-system-riscv32: terminating on signal 15 from pid 1\n", 0, "the device switched itself off"),
        (outcome(7), WARNING, 7, "the device ended QEMU with exit status 7"),
    ],
)
def test_the_guest_ended_it(ended: Outcome, words: str, code: int, detail: str) -> None:
    told = exit_of(BOARDS["esp32c3"], ended, words)
    assert (told.code, told.detail, told.fault) == (code, detail, None)


@pytest.mark.parametrize(
    "ended, words, kind, message",
    [
        (outcome(1), KERNEL, MachineError, "QEMU ended: exit status 1: could not load kernel '/x'"),
        (outcome(None, 11), "", MachineError, "QEMU ended: killed by SIGSEGV"),
        (outcome(None, 6), "assertion\nfailed", MachineError, "QEMU ended: killed by SIGABRT: assertion; failed"),
        (outcome(126), "", MachineError, "QEMU ended: exit status 126"),
        (
            outcome(127),
            SLIRP,
            EnvironmentLacks,
            f"{NAME} can't start: the library libslirp.so.0 is missing; on Debian and Ubuntu: apt install libslirp0",
        ),
        (
            outcome(127),
            SLIRP.replace("libslirp", "libfoo"),
            EnvironmentLacks,
            "qemu-system-riscv32 can't start: the library libfoo.so.0 is missing; install the package that has it",
        ),
        (
            outcome(1),
            UNKNOWN,
            EnvironmentLacks,
            f"{NAME} has no board 'esp32c3' (it is QEMU 7.2); {ESPRESSIF}",
        ),
    ],
)
def test_the_emulator_is_to_blame(ended: Outcome, words: str, kind: type[TestArenaError], message: str) -> None:
    told = exit_of(BOARDS["esp32c3"], ended, words, "QEMU 7.2")
    assert type(told.fault) is kind
    assert str(told.fault) == message


def test_a_board_that_no_one_knows_can_be_looked_up() -> None:
    told = exit_of(BOARDS["riscv32-virt"], outcome(1), UNKNOWN)
    assert (
        str(told.fault) == "qemu-system-riscv32 has no board 'virt'; `qemu-system-riscv32 -M help` lists those it has"
    )


@pytest.mark.parametrize("words, needed", [(UNKNOWN, True), (KERNEL, False), ("", False)])
def test_the_version_is_asked_for_only_where_it_helps(words: str, needed: bool) -> None:
    assert needs_version(words) is needed


def test_a_missing_emulator_names_the_one_that_has_the_board() -> None:
    missing = EnvironmentLacks("program not found: qemu-system-xtensa")
    assert "Espressif's QEMU, version 9.2 or later: `python $IDF_PATH/tools/idf_tools.py install qemu-xtensa`" in str(
        no_emulator(BOARDS["esp32s3"], missing)
    )
    assert no_emulator(BOARDS["xtensa-lx60"], missing) is missing
