"""Steps that reach the device by other ways than its console: requests and pictures, on real machines."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from tests.support.trial import trial

ON_BOARD = """<scenario name="it" target="riscv32-virt">
  <firmware elf="console.elf"/>
  <machine {attributes}><forward name="web" guest="80"/></machine>
  <setup><expect>demo&gt; </expect></setup>
  <case name="c">{steps}</case>
</scenario>"""


def test_the_example_of_a_web_interface(checkout: Path, tmp_path: Path) -> None:
    files = ("web.xml", "thermostat_web.py")
    ran = trial(tmp_path, {name: (checkout / "examples" / "scenarios" / name).read_text() for name in files})
    assert (ran.verdicts, ran.headlines) == (["passed"] * 3, [""] * 3)
    (metric,) = ran["a wish is done, and told on the console"].metrics
    assert (metric.name, metric.value, metric.unit, metric.maximum) == ("reading", 20.5, "°C", 30.0)


def test_a_forwarded_port_that_nobody_listens_at(builds: Callable[[str], Path], tmp_path: Path) -> None:
    """QEMU takes the connection all the same, and breaks it off."""
    shutil.copy(builds("riscv32-virt"), tmp_path / "console.elf")
    steps = '<http url="http://127.0.0.1:${web.port}/" within="500ms"/>'
    ran = trial(tmp_path, {"it.xml": ON_BOARD.format(attributes="", steps=steps)})
    (headline,) = ran.headlines
    assert ran.verdicts == ["failed"]
    assert "/ was not answered within 0.5s (" in headline


def test_a_picture_is_compared_from_the_second_run_on(builds: Callable[[str], Path], tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    files = {
        "it.xml": ON_BOARD.format(
            attributes='args="-device virtio-gpu-device"', steps='<screenshot file="menu.png" compare="menu.png"/>'
        )
    }
    for folder in (first, second):
        folder.mkdir()
        shutil.copy(builds("riscv32-virt"), folder / "console.elf")
    ran = trial(first, files)
    assert ran.verdicts == ["error"]
    assert ran.headlines[0].endswith("artifacts/it/menu.png: when it is right, copy it there")
    shutil.copy(first / "report" / "artifacts" / "it" / "menu.png", second / "menu.png")
    assert trial(second, files).verdicts == ["passed"]
