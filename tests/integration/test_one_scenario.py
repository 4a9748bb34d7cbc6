"""One scenario on every kind of machine: an emulator, a program, ESP-IDF's host build and a board."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fakes.chip import Board, image, network_port
from tests.support.arena import Arena

STEPS = """<steps>
  <expect>demo&gt; </expect>
  <send>ping</send><expect within="5s">pong</expect>
  <send>heap</send><expect match="regex" save="free">free: (\\d+)</expect><check value="${free}" min="100000"/>
  <reset/><expect>demo&gt; </expect>
  <send>echo a &lt;b&gt;</send><expect>a &lt;b&gt;</expect>
</steps>"""
CASE = '<case name="it"><use file="steps.xml"/></case>'
HOST = r"""
#include <stdio.h>
#include <string.h>
int main(void)
{
    char line[80];
    printf("demo> "); fflush(stdout);
    while (fgets(line, sizeof line, stdin) != NULL) {
        line[strcspn(line, "\r\n")] = 0;
        if (strcmp(line, "ping") == 0) puts("pong");
        else if (strcmp(line, "heap") == 0) puts("free: 290000");
        else if (strncmp(line, "echo ", 5) == 0) puts(line + 5);
        printf("demo> "); fflush(stdout);
    }
    return 0;
}
"""
PROGRAM = """
print("demo> ", end="", flush=True)
for line in iter(input, None):
    word, _, rest = line.partition(" ")
    print({"ping": "pong", "heap": "free: 290000"}.get(word, rest))
    print("demo> ", end="", flush=True)
"""


@pytest.fixture
def arena(tmp_path: Path, environment: dict[str, str]) -> Arena:
    folder, reports = tmp_path / "scenarios", tmp_path / "reports"
    folder.mkdir()
    reports.mkdir()
    (folder / "steps.xml").write_text(STEPS)
    return Arena(folder=folder, environment={**environment, "TMPDIR": str(tmp_path)}, reports=reports)


def build_for_host(folder: Path) -> None:
    (folder / "linux.c").write_text(HOST)
    subprocess.run(["gcc", "-o", folder / "linux.elf", folder / "linux.c"], check=True, timeout=100)


def test_in_an_emulator_and_as_a_host_build(arena: Arena, builds: Callable[[str], Path]) -> None:
    """The very same file: what it runs on is said on the command line."""
    shutil.copy(builds("riscv32-virt"), arena.folder / "qemu.elf")
    build_for_host(arena.folder)
    text = '<firmware image="${on}.elf"/><machine kind="${on}"/>' + CASE
    file = arena.scenario("console", text, target="${chip}")
    for kind, chip in (("qemu", "riscv32-virt"), ("linux", "linux")):
        ran = arena.run(file, "--set", f"on={kind}", "--set", f"chip={chip}", report=kind)
        assert ran.ended(0).verdicts == {"it": "passed"}, kind


def test_as_a_program(arena: Arena) -> None:
    (arena.folder / "demo.py").write_text(PROGRAM)
    machine = f'<machine kind="command" command="{sys.executable} demo.py"/>'
    assert arena.run(arena.scenario("console", machine + CASE)).ended(0).verdicts == {"it": "passed"}


def test_on_a_board(arena: Arena) -> None:
    board = Board()
    board.flash[:40] = image("demo")[:40]
    with network_port(board) as plugged:
        machine = f'<machine kind="serial" port="{plugged.port}"/>'
        assert arena.run(arena.scenario("console", machine + CASE)).ended(0).verdicts == {"it": "passed"}
