"""Several devices in one scenario, all real programs: each has its console, log and guards; cables join them."""

from __future__ import annotations

from pathlib import Path

from tests.support.trial import PYTHON, trial
from tpf import events as ev
from tpf.result import FailureKind

# A node says hello, passes on what it hears at its console to its cable, and tells what comes from there.
NODE = """\
import os, socket, sys, threading
name = sys.argv[1]
def say(text):
    os.write(1, f"{text}\\n".encode())  # in one piece, with its end
cable = socket.socket(fileno=int(os.environ["LINK_BUS"])) if "LINK_BUS" in os.environ else None
def listen():
    while data := cable.recv(1500):
        say(f"{name} heard {data.decode()!r}")
if cable:
    threading.Thread(target=listen, daemon=True).start()
say(f"{name} is up")
for line in sys.stdin:
    line = line.strip()
    if line == "crash":
        say("Guru Meditation Error: Core  0 panic'ed (LoadProhibited)\\nRebooting...")
    elif line == "die":
        sys.exit(3)
    elif cable:
        cable.send(line.encode())
    else:
        say(f"{name} echoes {line}")
"""
TWO = f"""
  <device name="a"><machine kind="command" command="{PYTHON} node.py a"/></device>
  <device name="b"><machine kind="command" command="{PYTHON} node.py b"/></device>
"""
UP = '<setup><expect on="a">a is up</expect><expect on="b">b is up</expect></setup>'


def both(body: str, link: str = "", attributes: str = "") -> dict[str, str]:
    text = f'<scenario name="it" timeout="30s" {attributes}>{TWO}{link}{UP}{body}</scenario>'
    return {"it.xml": text, "node.py": NODE}


def test_each_step_talks_to_its_device(tmp_path: Path) -> None:
    ran = trial(
        tmp_path,
        both("""<case name="c"><send on="a">x</send><send on="b">y</send><expect on="b">b echoes y</expect>
                <expect on="a">a echoes x</expect></case>
                <case name="d" on="b"><send>z</send><expect>b echoes z</expect></case>"""),
    )
    assert ran.verdicts == ["passed", "passed"]
    assert ran.log("a") == ["a is up", "a echoes x"]
    assert ran.log("b") == ["b is up", "b echoes y", "b echoes z"]
    (scenario,) = ran.result.scenarios
    assert [(log.device, log.path) for log in scenario.logs] == [("a", "logs/it/a.log"), ("b", "logs/it/b.log")]
    assert {span.device for span in ran["c"].attempts[0].log} == {"a", "b"}
    assert {span.device for span in ran["d"].attempts[0].log} == {"b"}


def test_devices_start_in_the_order_in_which_they_are_written(tmp_path: Path) -> None:
    ran = trial(tmp_path, both('<case name="c"><log>x</log></case>'))
    assert [event.device for event in ran.events if isinstance(event, ev.Booted)] == ["a", "b"]


def test_a_panic_of_any_device_ends_the_case_at_once(tmp_path: Path) -> None:
    ran = trial(
        tmp_path,
        both("""<case name="c"><send on="b">crash</send><expect on="a" within="20s">never</expect></case>
                <case name="after a fresh boot"><send on="b">x</send><expect on="b">b echoes x</expect></case>"""),
    )
    assert ran.verdicts == ["failed", "passed"]
    failure = ran["c"].failure
    assert failure is not None
    assert failure.kind is FailureKind.PANIC
    assert failure.headline.startswith("b: panic: Guru Meditation Error")
    assert ran["c"].seconds < 15
    assert [event.device for event in ran.events if isinstance(event, ev.Booted)] == ["a", "b", "a", "b"]


def test_the_end_of_a_device_is_told_by_the_step_that_waits_for_it(tmp_path: Path) -> None:
    ran = trial(tmp_path, both('<case name="c"><send on="b">die</send><expect on="b">never</expect></case>'))
    assert ran["c"].failure is not None
    assert ran["c"].failure.kind is FailureKind.EXIT


def test_a_serial_link_carries_bytes_both_ways(tmp_path: Path) -> None:
    ran = trial(
        tmp_path,
        both(
            """<case name="c"><send on="a">hello</send><expect on="b">b heard 'hello'</expect>
               <send on="b">thanks</send><expect on="a">a heard 'thanks'</expect></case>""",
            '<link name="bus" kind="serial" between="a b"/>',
        ),
    )
    assert ran.headlines == [""]


def test_a_network_link_keeps_frames_apart(tmp_path: Path) -> None:
    ran = trial(
        tmp_path,
        both(
            """<case name="c"><send on="b">one
               two
               three</send><expect-all on="a"><expect>a heard 'one'</expect><expect>a heard 'two'</expect>
               <expect>a heard 'three'</expect></expect-all></case>""",
            '<link name="bus" kind="network" between="a b"/>',
        ),
    )
    assert ran.headlines == [""]


def test_a_link_lasts_when_a_device_restarts_and_what_came_meanwhile_is_lost(tmp_path: Path) -> None:
    ran = trial(
        tmp_path,
        both(
            """<case name="c"><power-off on="b"/><send on="a">early</send><wait on="a" for="200ms"/>
               <power-on on="b"/><expect on="b">b is up</expect><forbid on="b">early</forbid>
               <send on="a">late</send><expect on="b">b heard 'late'</expect>
               <reset on="a"/><expect on="a">a is up</expect><send on="b">back</send>
               <expect on="a">a heard 'back'</expect></case>""",
            '<link name="bus" kind="serial" between="a b"/>',
        ),
    )
    assert ran.headlines == [""]


def test_devices_have_targets_and_firmware_of_their_own(tmp_path: Path) -> None:
    text = f"""<scenario name="it" target="esp32" timeout="30s">
      <firmware command="/bin/sh -c 'echo built ${{target}} &gt; ${{target}}.txt'" image="${{target}}.txt"/>
      <device name="a"><machine kind="command" command="{PYTHON} node.py ${{target}}"/></device>
      <device name="b" target="esp32c3"><machine kind="command" command="cat ${{target}}.txt"/></device>
      <case name="c"><expect on="a">esp32 is up</expect><expect on="b">built esp32c3</expect>
        <check value="${{target}}" equals="esp32"/></case></scenario>"""
    assert trial(tmp_path, {"it.xml": text, "node.py": NODE}).headlines == [""]
    assert (tmp_path / "esp32.txt").read_text() == "built esp32\n"
