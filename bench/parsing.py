"""Reading and checking 1 000 scenario files of 100 steps, beside lxml's bare parse and XSD validation of them.

Each file has ten cases of ten steps; a third of its texts stand in no other file, as in a grown test suite.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

from lxml import etree

from bench.measure import called, in_turn, table
from tpf.language import LoadOptions, default_vocabulary, load_scenarios

FILES, CASES, ROUNDS = 1_000, 10, 5

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<scenario name="suite {file}" target="riscv32-virt" tags="smoke wifi" timeout="10min">
  <doc>What the part {file} of the console does.</doc>
  <firmware image="console.elf"/>
  <machine/>
  <setup>
    <expect within="5s">demo&gt; </expect>
  </setup>
"""
CASE = """
  <case name="register {case} can be set" timeout="30s">
    <send>set reg{case} {value}</send>
    <expect within="2s">reg{case} = {value}</expect>
    <send>get reg{case}</send>
    <expect match="regex" save="value">reg{case} = (\\d+)</expect>
    <check value="${{value}}" equals="{value}"/>
    <send>ping</send>
    <expect>pong</expect>
    <send>heap</send>
    <expect match="regex">free: \\d+</expect>
    <wait for="{case}00ms"/>
  </case>
"""


def write_files(folder: Path, count: int = FILES) -> list[Path]:
    """The scenarios, in a folder of their own."""
    (folder / "console.elf").write_bytes(b"")
    paths = []
    for file in range(count):
        cases = "".join(CASE.format(case=case + 1, value=file * CASES + case) for case in range(CASES))
        path = folder / f"{file:04}.xml"
        path.write_text(HEAD.format(file=file) + cases + "</scenario>\n")
        paths.append(path)
    return paths


def by_lxml(paths: list[Path]) -> None:
    """The floor: both are C, and nothing is made of what was read."""
    schema = etree.XMLSchema(etree.fromstring(files("tpf.scenario").joinpath("testarena.xsd").read_bytes()))
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    for path in paths:
        schema.assertValid(etree.fromstring(path.read_bytes(), parser))


def by_testarena(folder: Path) -> None:
    """Everything that `testarena validate` does, but for telling it."""
    options = LoadOptions(checkout=folder, cwd=folder)
    scenarios = load_scenarios([folder], default_vocabulary(), options)
    assert len(scenarios) == FILES


def run() -> str:
    with tempfile.TemporaryDirectory(prefix="testarena-bench-") as name:
        folder = Path(name)
        paths = write_files(folder)
        contenders: dict[str, Callable[[], None]] = {
            "lxml, parse and XSD": lambda: by_lxml(paths),
            "testarena": lambda: by_testarena(folder),
        }
        costs = in_turn(contenders, called, ROUNDS)
    return table(f"{FILES} scenario files of 100 steps, read and checked", costs, "lxml, parse and XSD")


if __name__ == "__main__":
    print(run())
