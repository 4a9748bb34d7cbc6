"""The machine kinds as callers see them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.machines import request
from tpf.errors import EnvironmentLacks, UsageError
from tpf.machines import KINDS, kinds
from tpf.process import Processes
from tpf.scenario.declare import attributes_of

MEMBERS = ("name", "Options", "targets", "describe", "check", "boot")


@pytest.mark.parametrize("name", KINDS)
def test_a_kind_is_whole(name: str) -> None:
    kind = KINDS[name]
    assert kind.name == name
    assert kind.__doc__
    assert not [member for member in MEMBERS if not hasattr(kind, member)]
    assert attributes_of(kind.Options)


def test_a_scenario_may_say_nothing_of_its_emulator() -> None:
    KINDS["qemu"].Options()


@pytest.mark.parametrize(
    "wishes, text",
    [
        ({"target": "esp32c3"}, "qemu esp32c3"),
        ({"target": "esp32c3", "board": "esp32c6"}, "qemu esp32c6"),
        ({"kind": "command", "command": ("./sim", "--name", "a b")}, "command ./sim --name 'a b'"),
        ({"kind": "linux", "elf": Path("/build/hello.elf")}, "linux hello.elf"),
        ({"kind": "serial", "port": "/dev/ttyUSB0", "target": "esp32c3"}, "serial esp32c3 /dev/ttyUSB0"),
        ({"kind": "serial", "serial_number": "0815"}, "serial 0815"),
    ],
)
def test_a_request_is_described(wishes: dict[str, str], text: str) -> None:
    asked = request(**wishes)  # type: ignore[arg-type]
    assert KINDS[asked.spec.kind].describe(asked) == text


@pytest.mark.parametrize(
    "wishes, error, message",
    [
        ({"target": "esp99"}, UsageError, "boot.xml:4:3: <machine>: the target 'esp99' is not known"),
        (
            {"target": "xtensa-lx60"},
            EnvironmentLacks,
            "program not found: qemu-system-xtensa; on Debian and Ubuntu: apt",
        ),
        ({"target": "esp32"}, EnvironmentLacks, "idf_tools.py install qemu-xtensa"),
        ({"kind": "command", "command": ("no-such-simulator",)}, EnvironmentLacks, "not found: no-such-simulator"),
    ],
)
def test_what_can_not_be_booted_is_told_before(
    tmp_path: Path, wishes: dict[str, str], error: type[Exception], message: str
) -> None:
    asked = request(Processes({"PATH": str(tmp_path)}), checkout=tmp_path, **wishes)  # type: ignore[arg-type]
    with pytest.raises(error) as raised:
        KINDS[asked.spec.kind].check(asked)
    assert message in str(raised.value)


def test_a_program_that_is_still_to_be_built_is_not_looked_for(tmp_path: Path) -> None:
    asked = request(kind="command", command=("build/simulator",), checkout=tmp_path)
    KINDS["command"].check(asked)


def test_without_extensions_there_are_those_of_the_product() -> None:
    assert {name: kinds()[name] for name in KINDS} == dict(KINDS)


EXTENSION = """
class Board:
    '''A board on the desk.'''
    name = "desk"
    Options = object
    targets = ()
    def describe(self, request): return "desk"
    def check(self, request): pass
    def boot(self, request, receiver): raise NotImplementedError
"""


@pytest.mark.parametrize(
    "entry, last_line",
    [
        ("desk = extension:Board", "command desk linux qemu serial"),
        (
            "qemu = extension:Board",
            "UsageError extension extension:Board: there is a machine kind 'qemu' already; rename it",
        ),
        ("desk = extension:Nothing", "UsageError the machine kind 'desk' (extension:Nothing) can't be loaded: "),
        ("desk = extension:Board.__name__", "UsageError extension:Board.__name__ is no machine kind: it has no name, "),
    ],
)
def test_an_installed_extension(tmp_path: Path, entry: str, last_line: str) -> None:
    (tmp_path / "extension.py").write_text(EXTENSION)
    info = tmp_path / "extension-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: extension\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[testarena.machines]\n{entry}\n")
    asks = (
        f"import sys; sys.path.append({str(tmp_path)!r})\n"
        "from tpf.errors import TestArenaError\nfrom tpf.machines import kinds\n"
        "try: print(*sorted(kinds()))\nexcept TestArenaError as error: print(type(error).__name__, error)"
    )
    told = subprocess.run([sys.executable, "-c", asks], capture_output=True, text=True, check=True)
    assert told.stdout.startswith(last_line)


def test_importing_the_kinds_is_cheap() -> None:
    """What only some runs need must not cost all of them: QMP's and pyserial's libraries, and the list of packages."""
    asks = (
        f"import sys; sys.path[:] = {sys.path}; import tpf.machines; "
        "print([name for name in ('qemu.qmp', 'importlib.metadata', 'serial') if name in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-S", "-c", asks], capture_output=True, text=True, check=True)
    assert told.stdout == "[]\n"
