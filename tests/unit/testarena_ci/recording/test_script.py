"""From a tape to a scenario that is right, whatever was typed and said."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from testarena_ci.recording.script import Head, head_of, scenario_text
from testarena_ci.recording.steps import cases
from testarena_ci.recording.tape import Exchange, Tape
from tests.support.golden import Golden
from tpf.language import LoadOptions, load_scenarios, own_vocabulary
from tpf.scenario.xml import parse

HEAD = Head(target="", elements=('<machine kind="command" command="sh lamp.sh"/>',))
PANIC = (
    "crash null\nGuru Meditation Error: Core  0 panic'ed (Load access fault). Exception was unhandled.\n"
    "Rebooting...\nrst:0xc (RTC_SW_CPU_RST)\n> "
)


def taped(boot: str, *exchanges: tuple[str, str, float]) -> tuple[Exchange, ...]:
    tape = Tape()
    tape.hear(boot.encode("utf-8", "surrogatepass"), 1.0)
    now = 10.0
    for line, answer, seconds in exchanges:
        tape.send(line, now)
        tape.hear(answer.encode("utf-8", "surrogatepass"), now + seconds)
        now += 100.0
    return tape.finish()


def test_a_session(golden: Golden) -> None:
    tape = taped(
        "ROM\nI (31) boot: up\n> ",
        ("ping", "ping\npong\n> ", 0.1),
        ("ping", "ping\npong\n> ", 0.1),
        ("heap", "heap\n\n---\nfree: 4711\n> ", 0.1),
        ("slow", "slow\nat last\n> ", 7.2),
        ("", "\n> ", 0.1),
        ("quiet", "quiet\n> ", 0.1),
        ("a<b> & ${x}", "a<b> & ${x}\nwhat is ${x}?\n> ", 0.1),
        ("crash null", PANIC, 0.1),
        ("restart", "restart\nRestarting...\nrst:0xc (SW_CPU_RESET)\n> ", 0.1),
        ("deaf", "", 0.1),
    )
    golden.check("recording/session.xml", scenario_text("lamp", HEAD, cases(tape), "Recorded."))


def test_without_a_prompt_the_last_thing_that_was_said_ends_the_boot(golden: Golden) -> None:
    tape = taped("ROM\nall 3 lamps are ready\n\n", ("on", "lamp is on\n", 0.1))
    golden.check("recording/no-prompt.xml", scenario_text("lamp", HEAD, cases(tape), "Recorded."))


def test_nothing_typed_is_a_test_of_the_boot_and_nothing_said_is_none() -> None:
    (booted,) = cases(taped("ready\n"))
    assert booted.name == "it boots"
    assert cases(taped("")) == ()
    assert cases(taped("\n  \n--\n")) == ()


def test_the_device_is_named_as_the_scenario_names_it(golden: Golden) -> None:
    text = b"""<scenario name="x" target="esp32c3" tags="smoke">
      <param name="mode" values="fast 'very slow'"/>
      <firmware image="a.bin" elf="a.elf"/>
      <machine flash="4MB"><forward name="web" guest="80"/></machine>
      <fail-on>out of &lt;memory&gt;</fail-on>
      <device name="node" target="esp32s3"><machine kind="command" command="./node &quot;x y&quot;"/></device>
      <setup><send>x</send></setup>
      <case name="c"><send>y</send></case>
    </scenario>"""
    root = parse(text, "scenario").root
    alone = head_of(root, "", "", (("mode", "very slow"),))
    assert head_of(root, "node", "esp32", ()).target == "esp32"
    node = head_of(root, "node", "", ())
    golden.check("recording/heads.txt", "\n".join((alone.target, *alone.elements, node.target, *node.elements)) + "\n")


TEXT = st.text(st.characters(codec="utf-8"), max_size=60)


@settings(deadline=None, max_examples=300)
@given(TEXT, st.lists(st.tuples(TEXT, TEXT, st.floats(0, 1000)), max_size=5))
def test_whatever_happens_the_scenario_is_right(
    tmp_path_factory: object, boot: str, exchanges: list[tuple[str, str, float]]
) -> None:
    made = cases(taped(boot, *((line.split("\n")[0], answer, seconds) for line, answer, seconds in exchanges)))
    if not made:
        return
    folder = Path(tmp_path_factory.mktemp("script"))  # type: ignore[attr-defined]
    (folder / "x.xml").write_text(scenario_text("x", HEAD, made, "Recorded."))
    (scenario,) = load_scenarios([folder / "x.xml"], own_vocabulary(), LoadOptions(checkout=folder, cwd=folder))
    assert len(scenario.cases) == len([case for case in made if case.name])
