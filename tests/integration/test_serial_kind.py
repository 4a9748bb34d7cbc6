"""Machine kind `serial`: the real esptool and a fake board, on a pseudo-terminal and over rfc2217://."""

from __future__ import annotations

import os
import socketserver
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.fakes.chip import Board, Plugged, image, network_port, pty_port
from tests.support.arena import Arena, Report
from tests.support.processes import eventually
from tpf import events as ev

PING = "<send>ping</send><expect>pong</expect>"
# A pseudo-terminal has neither DTR nor RTS: the boot loader is left by esptool, after which nobody resets.
ON_PTY = 'before="no-reset" after="soft-reset" reset="none" args="--no-stub"'
ON_NETWORK = 'args="--no-stub"'


@pytest.fixture
def arena(tmp_path: Path, environment: dict[str, str]) -> Arena:
    folder, reports = tmp_path / "scenarios", tmp_path / "reports"
    folder.mkdir()
    reports.mkdir()
    (folder / "app.bin").write_bytes(image("first", padding=200))
    return Arena(folder=folder, environment={**environment, "TMPDIR": str(tmp_path)}, reports=reports)


@pytest.fixture
def plug() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def on_pty(plug: ExitStack) -> Plugged:
    return plug.enter_context(pty_port(Board()))


@pytest.fixture
def on_network(plug: ExitStack) -> Plugged:
    return plug.enter_context(network_port(Board()))


def machine(port: str, options: str = "", firmware: str = '<firmware image="app.bin"/>') -> str:
    return f'{firmware}<machine kind="serial" port="{port}" {options}/>'


def case(steps: str, name: str = "it") -> str:
    return f'<case name="{name}">{steps}</case>'


def message(report: Report, name: str = "it") -> str:
    return str(report.cases[name]["failure"]["message"])


def trouble(report: Report) -> str:
    """Why a scenario's device could not be had."""
    (scenario,) = report.results["scenarios"]
    return str(scenario["failure"]["message"])


# ---- the way of most boards: DTR and RTS


@pytest.mark.timeout(120)
def test_a_board_is_flashed_reset_and_spoken_to(arena: Arena, on_network: Plugged) -> None:
    file = arena.scenario(
        "board",
        machine(on_network.port, ON_NETWORK)
        + "<setup><expect>ESP-ROM:esp32c3</expect><expect>app: first</expect><expect>demo&gt; </expect></setup>"
        + case(f"{PING}<reset/><expect>ESP-ROM:</expect><expect>demo&gt; </expect>{PING}"),
        target="esp32c3",
    )
    report = arena.run(file).ended(0)
    assert report.verdicts == {"it": "passed"}
    written = image("first", padding=200)
    assert bytes(on_network.board.flash[: len(written)]) == written
    log = report.console("board")
    assert "-- esptool: Hash of data verified." in log
    assert log.index("Hash of data verified") < log.index("ESP-ROM:esp32c3")


def test_a_board_that_needs_no_flashing(arena: Arena, on_network: Plugged) -> None:
    on_network.board.flash[:30] = image("older")[:30]
    file = arena.scenario(
        "board", machine(on_network.port, 'write="false"') + case(f"<expect>app: older</expect>{PING}")
    )
    assert arena.run(file).ended(0).verdicts == {"it": "passed"}
    assert on_network.board.downloads == 1  # from before
    assert on_network.board.boots == 1  # it is in reset from the port's opening on: no half boot comes before


def test_a_board_that_is_taken_as_it_runs(arena: Arena, on_network: Plugged) -> None:
    on_network.board.flash[:30] = image("older")[:30]
    on_network.board.start_firmware()
    file = arena.scenario("board", machine(on_network.port, 'write="false" reset="none"') + case(PING))
    assert arena.run(file).ended(0).verdicts == {"it": "passed"}
    assert on_network.board.boots == 1


def test_what_it_says_before_a_reset_is_not_taken_for_what_comes_after(arena: Arena, on_network: Plugged) -> None:
    on_network.board.flash[:30] = image("older")[:30]
    steps = (
        "<expect>demo&gt; </expect><send>flood 3000</send><reset/>"
        "<forbid>of a flood</forbid><expect>app: older</expect><expect>demo&gt; </expect>"
    )
    file = arena.scenario("board", machine(on_network.port, 'write="false"') + case(steps))
    assert arena.run(file).ended(0).verdicts == {"it": "passed"}


def test_a_panic_is_one(arena: Arena, on_network: Plugged) -> None:
    on_network.board.flash[:30] = image("older")[:30]
    steps = '<expect>demo&gt; </expect><send>crash</send><expect within="50s">never</expect>'
    report = arena.run(arena.scenario("board", machine(on_network.port, 'write="false"') + case(steps))).ended(1)
    assert report.kinds == {"it": "panic"}


# ---- without such lines


def test_the_same_firmware_is_written_once_a_run(arena: Arena, on_pty: Plugged) -> None:
    for name in ("a", "b"):
        arena.scenario(f"all/{name}", machine(on_pty.port, ON_PTY, '<firmware image="../app.bin"/>') + case(PING))
    report = arena.run("all").ended(0)
    assert "holds this firmware already: not written again" in report.console("b")
    assert on_pty.board.boots == 1


def test_another_firmware_is_written(arena: Arena, on_pty: Plugged) -> None:
    (arena.folder / "other.bin").write_bytes(image("second", padding=200))
    for name in ("app", "other", "third"):
        app = name.replace("third", "app")
        text = machine(on_pty.port, ON_PTY, f'<firmware image="../{app}.bin"/>')
        arena.scenario(f"all/{name}", text + case(f"{PING}<send>download</send><expect>waiting for download</expect>"))
    assert set(arena.run("all").ended(0).verdicts.values()) == {"passed"}
    assert on_pty.board.boots == 3
    assert on_pty.board.flash.startswith(image("first", padding=200))


def test_a_flood_loses_nothing(arena: Arena, on_pty: Plugged) -> None:
    steps = '<send>flood 20000</send><expect within="50s">line 19999 of a flood</expect>'
    report = arena.run(arena.scenario("board", machine(on_pty.port, ON_PTY) + case(steps))).ended(0)
    assert report.console("board").count(" of a flood\n") == 20_000


def test_scenarios_with_one_board_wait_for_each_other(arena: Arena, on_pty: Plugged) -> None:
    text = machine(on_pty.port, ON_PTY, '<firmware image="../app.bin"/>')
    for name in ("a", "b", "c"):
        arena.scenario(f"all/{name}", text + case(PING + '<wait for="300ms"/>' + PING))
    report = arena.run("all", "--jobs", "3").ended(0)
    assert sorted(report.verdicts.values()) == ["passed"] * len(report.verdicts)
    said = [event.text for event in report.events if isinstance(event, ev.Noted)]
    assert any("waits for /dev/pts/" in text and "(all/" in text for text in said)
    log = (report.folder / "queue_log.txt").read_text()
    assert "waits for /dev/pts/" in log


def test_two_devices_can_not_be_one_board(arena: Arena, on_pty: Plugged) -> None:
    device = f'<device name="{{}}"><machine kind="serial" port="{on_pty.port}" reset="none" write="false"/></device>'
    file = arena.scenario("two", device.format("a") + device.format("b") + case("<log>never</log>"))
    ran = arena.run(file)
    assert f"two devices are both {on_pty.port}" in trouble(ran.report)


@pytest.mark.parametrize("plugged", ["on_pty", "on_network"])
def test_a_board_that_is_unplugged_is_told_of(arena: Arena, plugged: str, request: pytest.FixtureRequest) -> None:
    port: Plugged = request.getfixturevalue(plugged)
    port.board.flash[:30] = image("older")[:30]
    reset = 'reset="none"' if plugged == "on_pty" else ""
    steps = '<wait for="200ms"/><expect within="50s">never</expect>'
    text = machine(port.port, f'write="false" {reset}', "") + case(steps) + case(PING, "next")
    process = arena.start(arena.scenario("board", text))
    assert arena.has_come_to(ev.StepStarted, kind="expect")
    port.unplug()
    report = arena.end(process).report
    assert report.kinds["it"] == "machine"
    assert "disappeared while it was in use" in message(report)
    assert report.verdicts["next"] == "error"


def test_a_board_has_no_power_switch(arena: Arena, on_pty: Plugged) -> None:
    text = machine(on_pty.port, 'write="false" reset="none"', "")
    report = arena.run(arena.scenario("board", text + case("<power-cut/>") + case("<reset/>", "reset"))).report
    assert "a board on a serial port has no power switch" in message(report)
    assert 'its <machine> says reset="none"' in message(report, "reset")


# ---- what can't be


def test_a_board_that_does_not_answer(arena: Arena, on_pty: Plugged) -> None:
    on_pty.board.start_firmware()
    text = machine(on_pty.port, ON_PTY.replace("--no-stub", "--no-stub --connect-attempts 1"))
    report = arena.run(arena.scenario("board", text + case(PING))).ended(4)
    said = trouble(report)
    assert "can't be flashed" in said
    assert "hold the board's BOOT button" in said
    assert "Failed to connect" in said


def test_a_wrong_chip(arena: Arena, on_pty: Plugged) -> None:
    file = arena.scenario("board", machine(on_pty.port, ON_PTY) + case(PING), target="esp32s3")
    said = trouble(arena.run(file).report)
    assert "set the scenario's target to the chip that is on the board" in said


def test_a_port_that_is_not_there(arena: Arena) -> None:
    said = trouble(arena.run(arena.scenario("board", machine("/dev/ttyNONE7") + case(PING))).report)
    assert "no serial port /dev/ttyNONE7; there " in said


def test_a_serial_number_that_no_port_has(arena: Arena) -> None:
    text = '<machine kind="serial" serial-number="no-such-0815"/>'
    said = trouble(arena.run(arena.scenario("board", text + case(PING))).report)
    assert 'no serial port has the serial number "no-such-0815"; there ' in said


def test_a_port_that_another_program_has(arena: Arena, on_pty: Plugged) -> None:
    import fcntl

    with Path(on_pty.port).open("rb+", buffering=0) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        text = machine(on_pty.port, 'write="false" reset="none"', "")
        said = trouble(arena.run(arena.scenario("board", text + case(PING))).report)
    assert "is busy: another program has it" in said


def test_nobody_serves_the_port(arena: Arena) -> None:
    text = machine("socket://127.0.0.1:9", 'write="false" reset="none"', "")
    said = trouble(arena.run(arena.scenario("board", text + case(PING))).report)
    assert "the serial port socket://127.0.0.1:9 can't be opened" in said


def test_a_bare_socket_can_not_reset(arena: Arena) -> None:
    file = arena.scenario("board", machine("socket://127.0.0.1:9") + case(PING))
    arena.run(file).refused(2, 'socket:// has no lines to reset a board by: say reset="none"')


def test_a_board_behind_a_bare_socket(arena: Arena) -> None:
    board = Board()
    board.flash[:30] = image("older")[:30]
    board.start_firmware()

    class Wire(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            board.out = self.request.sendall
            while data := self.request.recv(4096):
                board.take(data)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Wire) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        text = machine(f"socket://127.0.0.1:{server.server_address[1]}", 'write="false" reset="none"', "")
        ran = arena.run(arena.scenario("board", text + case(PING)))
        server.shutdown()
    assert ran.ended(0).verdicts == {"it": "passed"}


def test_a_board_is_named_once(arena: Arena) -> None:
    file = arena.scenario("board", '<machine kind="serial" port="/dev/ttyUSB0" serial-number="1"/>' + case(PING))
    arena.run(file).refused(2, "attribute serial-number: port says already which board: leave one out")


def test_a_killed_run_frees_the_board(arena: Arena, on_pty: Plugged) -> None:
    text = machine(on_pty.port, 'write="false" reset="none"', "")
    file = arena.scenario("board", text + case('<expect within="50s">never</expect>'))
    first = arena.start(file)
    assert arena.has_come_to(ev.StepStarted, kind="expect")
    first.kill()
    first.wait()
    on_pty.board.flash[:30] = image("older")[:30]
    on_pty.board.start_firmware()
    again = arena.scenario("again", text + case(PING))
    assert arena.run(again, report="again").ended(0).verdicts == {"it": "passed"}
    assert eventually(lambda: not os.path.exists(f"/proc/{first.pid}"))  # noqa: PTH110
