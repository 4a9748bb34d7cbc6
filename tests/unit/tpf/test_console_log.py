"""The file that a device's console is written to."""

from __future__ import annotations

from pathlib import Path

from tpf.device import ConsoleLog
from tpf.telling import Clock


def test_a_log_ends_at_its_largest_size_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "logs" / "console.log"
    log = ConsoleLog(path, Clock.start(), largest=100)
    for number in range(50):
        log.write([f"line {number}", "y" * 20], None)
    log.close()
    lines = path.read_text().splitlines()
    assert lines[0].endswith("  line 0")
    assert lines[-1].endswith("-- the log ends here: what came after 0 MiB is not kept")
    assert len(lines) < 10


def test_each_line_has_the_time_of_the_device_beside_the_hosts(tmp_path: Path) -> None:
    path = tmp_path / "console.log"
    log = ConsoleLog(path, Clock.start())
    log.write(["a"], 1.5)
    log.close()
    assert path.read_text() == "     0.000 @     1.500  a\n"
