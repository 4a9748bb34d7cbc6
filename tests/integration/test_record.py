"""`testarena record`, with real devices, pipes and terminals: what it writes passes, and the terminal is put back."""

from __future__ import annotations

import os
import select
import shutil
import signal
import subprocess
import termios
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.command_line import COMMAND, CommandLine
from tests.support.processes import DEADLINE, eventually

SCENARIO = """\
<scenario name="console" target="riscv32-virt" tags="smoke">
  <firmware image="console.elf"/>
  <setup><expect>demo&gt; </expect></setup>
  <case name="c"><send>ping</send><expect>pong</expect></case>
</scenario>
"""
# Echoes as a terminal does; `end` makes it end.
LAMP = """\
stty icanon echo echoe -isig icrnl opost onlcr erase '^?' 2>/dev/null
printf 'lamp> '
while read -r word; do
  case $word in end) exit 3;; on) echo "lamp 7 is on";; esac
  printf 'lamp> '
done
"""
PTY = """\
<scenario name="lamp">
  <machine kind="command" command="sh lamp.sh" pty="true"/>
  <case name="c"><send>x</send></case>
</scenario>
"""


@pytest.fixture
def testarena(tmp_path: Path, environment: Mapping[str, str]) -> CommandLine:
    (tmp_path / "lamp.sh").write_text(LAMP)
    (tmp_path / "lamp.xml").write_text(PTY)
    return CommandLine(folder=tmp_path, environment={**environment, "TERM": "xterm"})


# ---- from a pipe


def test_what_is_recorded_from_the_demo_firmware_passes(testarena: CommandLine, builds: Callable[[str], Path]) -> None:
    shutil.copy(builds("riscv32-virt"), testarena.folder / "console.elf")
    (testarena.folder / "console.xml").write_text(SCENARIO)
    typed = "ping\nheap\necho hello 42\nuptime\n\nbogus\ncrash null\nrestart\nping\n"
    done = testarena("record", "console.xml", "-o", "mine.xml", stdin=typed)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "pong" in done.stdout
    made = (testarena.folder / "mine.xml").read_text()
    assert "<expect-panic reason=" in made
    assert r'<expect match="regex">free: \d+</expect>' in made
    assert testarena("validate", "mine.xml").returncode == 0
    ran = testarena("run", "mine.xml")
    assert ran.returncode == 0, ran.stdout
    assert "PASSED: 9 passed" in ran.stdout


def test_a_program_is_described_by_flags(testarena: CommandLine) -> None:
    done = testarena("record", "--command", "sh lamp.sh", "-o", "mine.xml", stdin="on\nend\n")
    assert done.returncode == 0, done.stderr
    assert "the device ended: exit status 3" in done.stdout
    made = (testarena.folder / "mine.xml").read_text()
    assert '<machine kind="command" command="sh lamp.sh"/>' in made
    assert r"lamp \d+ is on" in made
    assert testarena("run", "mine.xml", "--case", "mine/on").returncode == 0
    assert [path.name for path in testarena.folder.glob(".recording-*")] == []


@pytest.mark.parametrize(
    "arguments, words",
    [
        (("lamp.xml", "-o", "lamp.xml"), "lamp.xml is there already, and nothing is overwritten"),
        (("lamp.xml", "-o", "sub/x.xml"), "the recording must lie beside lamp.xml: -o x.xml"),
        (("lamp.xml", "-o", "gone/x.xml"), "there is no folder gone; make it first"),
        (("lamp.xml", "-o", "x.txt"), "scenarios are files whose names end with .xml"),
        (("lamp.xml", "--on", "node"), "name one of its devices with --on; it has only one, without a name"),
        (("--machine", "toaster"), "toaster"),
        (("--command", "no-such-program"), "no-such-program"),
    ],
)  # fmt: skip
def test_what_can_not_be_recorded(testarena: CommandLine, arguments: tuple[str, ...], words: str) -> None:
    (testarena.folder / "sub").mkdir()
    done = testarena("record", *arguments)
    assert done.returncode in (2, 3)
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert sorted(path.name for path in testarena.folder.iterdir()) == ["lamp.sh", "lamp.xml", "sub"]


def test_nothing_typed_and_nothing_said_is_no_scenario(testarena: CommandLine) -> None:
    done = testarena("record", "--command", "sleep 9")
    assert done.returncode == 2
    assert "nothing was typed and the device said nothing" in done.stderr


# ---- at a terminal


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """`testarena record` at a terminal of its own."""

    process: subprocess.Popen[bytes]
    terminal: int  # our end
    theirs: int
    before: list[Any]  # how the terminal was set

    def type(self, text: str) -> None:
        os.write(self.terminal, text.encode())

    def see(self, text: str) -> str:
        """Wait until it shows a text."""
        shown = b""
        while text.encode() not in shown:
            ready, _, _ = select.select([self.terminal], [], [], DEADLINE)
            assert ready, f"{text!r} did not come: {shown!r}"
            shown += os.read(self.terminal, 4096)
        return shown.decode()

    def restored(self) -> bool:
        return termios.tcgetattr(self.theirs) == self.before

    def end(self) -> int:
        """Its exit status; what it still says is read meanwhile, as a terminal does."""

        def ended() -> bool:
            if select.select([self.terminal], [], [], 0)[0]:
                os.read(self.terminal, 4096)
            return self.process.poll() is not None

        assert eventually(ended)
        return self.process.returncode


@contextmanager
def screen(testarena: CommandLine, *arguments: str) -> Iterator[Screen]:
    ours, theirs = os.openpty()
    before = termios.tcgetattr(theirs)
    with subprocess.Popen(
        [COMMAND, "record", *arguments],
        cwd=testarena.folder,
        env=dict(testarena.environment),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    ) as process:
        try:
            yield Screen(process=process, terminal=ours, theirs=theirs, before=before)
        finally:
            process.kill()
            os.close(ours)
            os.close(theirs)


def test_keys_are_typed_and_shown_and_become_lines(testarena: CommandLine) -> None:
    with screen(testarena, "lamp.xml", "-o", "mine.xml") as person:
        person.see("lamp> ")
        assert not person.restored()
        person.type("om\x7fn\r")
        person.see("is on\r\nlamp> ")
        person.type("\x1b[A\x03half\x1d")
        person.see("wrote mine.xml")
        assert person.end() == 0
        assert person.restored()
    made = (testarena.folder / "mine.xml").read_text()
    assert "<send>on</send>" in made
    assert r"lamp \d+ is on" in made
    assert '<send hex="03"/>' in made
    assert "half" not in made


ENDINGS: dict[str, Callable[[Screen], None]] = {
    "Ctrl-]": lambda person: person.type("\x1d"),
    "Ctrl-D": lambda person: person.type("\x04"),
    "the device ends": lambda person: person.type("end\r"),
    "SIGTERM": lambda person: person.process.send_signal(signal.SIGTERM),
    "SIGINT": lambda person: person.process.send_signal(signal.SIGINT),
    "SIGHUP": lambda person: person.process.send_signal(signal.SIGHUP),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_terminal_is_put_back_however_it_ends(testarena: CommandLine, ending: str) -> None:
    with screen(testarena, "lamp.xml", "-o", "mine.xml") as person:
        person.see("lamp> ")
        assert not person.restored()
        ENDINGS[ending](person)
        assert person.end() == (130 if ending.startswith("SIG") else 0)
        assert person.restored()
    assert (testarena.folder / "mine.xml").is_file()


def test_a_long_build_can_be_interrupted(testarena: CommandLine) -> None:
    (testarena.folder / "slow.xml").write_text(
        PTY.replace("<machine", '<firmware command="sleep 99" image="x"/><machine')
    )
    with screen(testarena, "slow.xml") as person:
        person.see("building: sleep 99")
        person.process.send_signal(signal.SIGINT)
        assert "SIGINT before the device was up: nothing was recorded" in person.see("recorded")
        assert person.end() == 130
        assert person.restored()
    assert not (testarena.folder / "recorded.xml").exists()


def test_what_was_recorded_is_shown_when_it_can_not_be_written(testarena: CommandLine) -> None:
    with screen(testarena, "lamp.xml", "-o", "mine.xml") as person:
        person.see("lamp> ")
        (testarena.folder / "mine.xml").write_text("somebody else's")
        person.type("\x1d")
        assert "can't write it: File exists; this is what was recorded:" in person.see("</scenario>")
        assert person.end() == 2
        assert person.restored()
    assert (testarena.folder / "mine.xml").read_text() == "somebody else's"
