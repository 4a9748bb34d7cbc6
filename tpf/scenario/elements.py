"""The elements that give a scenario its structure, declared like the steps.

    <scenario name="console answers" target="esp32c3">
      <firmware image="console.bin"/>
      <machine kind="qemu"/>
      <case name="ping answers pong">...steps...</case>
    </scenario>

A new element is a class here and its place among the children of its parent; how it changes the model is said in
`build`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from tpf.console.guards import ALL_GUARDS
from tpf.scenario.declare import STEPS, Attribute, Element, attribute, content
from tpf.scenario.device_elements import DeviceElement, FirmwareElement, LinkElement, MachineElement
from tpf.scenario.types import DURATION, FLAG, LINE, NAME, PATTERN, TAGS, TEXT, VALUES, choice, integer, quote

_ON = "with several devices: the one of steps in it that name none themselves"
# Steps don't declare it: the reader takes it from all of them that have to do with a device.
ON: Final = Attribute(
    name="on",
    field="",
    type=NAME,
    doc="with several devices: the one that the step is about; in a step that holds steps, that of steps in it that "
    "name none themselves",
    required=False,
    default="",
    shown_default="",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DocElement:
    """What the scenario is for, in words for people: they stand in the report."""

    element: ClassVar[Element] = Element(
        name="doc", example="<doc>The console task answers while the network task is busy.</doc>"
    )
    text: str = content(TEXT, doc="the description")


@dataclass(frozen=True, slots=True, kw_only=True)
class RequirementElement:
    """A requirement that the scenario or case gives evidence for: it stands in the JUnit file and in the report."""

    element: ClassVar[Element] = Element(name="requirement", example='<requirement id="REQ-CON-1"/>')
    id: str = attribute(LINE, doc="the requirement's identifier")


@dataclass(frozen=True, slots=True, kw_only=True)
class ParamElement:
    """A value that changes: the scenario runs once for each of `values`, and for each combination of several params.

    Each combination is a scenario of its own, with its values in its name: `console [baud=9600, wifi=on]`; those that
    the name mentions itself (`name="console at ${baud}"`) are not added. `${name}` can stand wherever names can, also
    in `target`, firmware and machine. With `--set baud=57600` the scenario runs with that value alone, whether it is
    among `values` or not.
    """

    element: ClassVar[Element] = Element(
        name="param", unique="name", example='<param name="greeting" values="hi \'good day\'"/>'
    )
    name: str = attribute(NAME, doc="the name for `${name}`", creates_names=True)
    values: tuple[str, ...] = attribute(VALUES, doc="the values, in the order in which they run")


@dataclass(frozen=True, slots=True, kw_only=True)
class FailOnElement:
    """A pattern that fails the running case at once when a line of the console matches it, at any time."""

    element: ClassVar[Element] = Element(name="fail-on", example="<fail-on>app_main: out of memory</fail-on>")
    pattern: re.Pattern[str] = content(PATTERN, doc="the pattern, searched for in each line")

    def check(self) -> Iterator[str | tuple[str, str]]:
        if self.pattern.search(""):
            yield "", f"<fail-on> {quote(self.pattern.pattern)} matches the empty line: every case would fail"


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowElement:
    """Lets through what would fail a case: one of the guard patterns that watch each console.

    In the scenario it counts always, in a case until the case ends.
    """

    element: ClassVar[Element] = Element(name="allow", example="<allow>task-watchdog</allow>")
    guard: str = content(choice(*(guard.name for guard in ALL_GUARDS)), doc="the guard's name")


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupElement:
    """Steps that run after the boot, before the first case (with `boot="case"`, before each case)."""

    element: ClassVar[Element] = Element(
        name="setup", children=(STEPS,), needs=(STEPS,), example="<setup><expect>esp32> </expect></setup>"
    )
    on: str = attribute(NAME, default="", doc=_ON)


@dataclass(frozen=True, slots=True, kw_only=True)
class TeardownElement:
    """Steps that run after the last case (with `boot="case"`, after each case), whatever happened."""

    element: ClassVar[Element] = Element(
        name="teardown", children=(STEPS,), needs=(STEPS,), example="<teardown><send>restart</send></teardown>"
    )
    on: str = attribute(NAME, default="", doc=_ON)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseElement:
    """A test case: steps in order, which must all do well. It becomes a `testcase` of the JUnit file."""

    element: ClassVar[Element] = Element(
        name="case",
        children=(RequirementElement, AllowElement, STEPS),
        needs=(STEPS,),
        unique="name",
        example='<case name="ping answers pong" timeout="5s"><send>ping</send><expect>pong</expect></case>',
    )
    name: str = attribute(LINE, doc="the case's name; no other case of the scenario has it")
    timeout: float | None = attribute(DURATION, default=None, doc="the limit of all its steps together")
    retries: int | None = attribute(
        integer(0, 100),
        default=None,
        doc="how often it may be tried again, each time from a fresh boot; not after a panic: see `retry-panics`",
        shown="the scenario's",
    )
    retry_panics: bool | None = attribute(
        FLAG, default=None, doc="whether it is tried again after a panic or a reboot loop, too", shown="the scenario's"
    )
    tags: tuple[str, ...] = attribute(TAGS, default=(), doc="words to choose cases by")
    skip: str = attribute(LINE, default="", doc="the reason why it is not run")
    expected: str = attribute(
        choice("pass", "fail"),
        default="pass",
        doc="`fail` for a fault that is known: a failure is reported and does no harm, and a pass fails the case, so "
        "the mark goes when the fault is mended; an error (of the machine, say) stays one",
    )
    ticket: str = attribute(LINE, default="", doc='with `expected="fail"`: where the fault is written down')
    on: str = attribute(NAME, default="", doc=_ON)

    def check(self) -> Iterator[str | tuple[str, str]]:
        if self.expected == "fail" and not self.ticket:
            yield (
                "expected",
                'attribute expected: it needs a ticket: say with ticket="..." where the fault is written down',
            )
        if self.ticket and self.expected != "fail":
            yield "ticket", 'attribute ticket: it says why a case is expected to fail: say expected="fail", too'


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredParamElement:
    """A value that the steps of a file need from whoever uses them; `${name}` stands for it in the file."""

    element: ClassVar[Element] = Element(name="param", unique="name", example='<param name="user" default="root"/>')
    name: str = attribute(NAME, doc="the name for `${name}`", creates_names=True)
    default: str | None = attribute(
        TEXT,
        default=None,
        doc="its value when a use gives none, with params declared before in it; without one, each use must give it",
    )


_STEPS = """\
<steps>
  <doc>Logs in at the console; the prompt is there already.</doc>
  <param name="user"/>
  <param name="password" default="secret"/>

  <send>login ${user}</send>
  <expect>Password:</expect>
  <send>${password}</send>
  <expect within="2s">Welcome, ${user}</expect>
</steps>"""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepsElement:
    """Steps that scenarios share: the root of a file that `<use>` names. It is no scenario, and doesn't run by itself.

    Its steps know what is known where they are used, and what they save is known behind the use. Their paths are
    relative to the file in which they stand.
    """

    element: ClassVar[Element] = Element(
        name="steps", children=(DocElement, DeclaredParamElement, STEPS), once=("doc",), needs=(STEPS,), example=_STEPS
    )


_SCENARIO = """\
<scenario name="console answers" target="esp32c3" tags="smoke console" timeout="60s">
  <doc>The console task answers while the network task is busy.</doc>
  <firmware command="make -C firmware" image="firmware/build/flash.bin" elf="firmware/build/console.elf"/>
  <machine flash="4MB"/>
  <fail-on>app_main: out of memory</fail-on>

  <setup>
    <expect>esp32&gt; </expect>
  </setup>

  <case name="ping answers pong" timeout="5s">
    <send>ping</send>
    <expect within="1s">pong</expect>
  </case>
</scenario>"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioElement:
    """A scenario: what firmware to run, on what machine, and what must happen then. It is the root of its file."""

    element: ClassVar[Element] = Element(
        name="scenario",
        children=(
            DocElement,
            RequirementElement,
            ParamElement,
            FirmwareElement,
            MachineElement,
            DeviceElement,
            LinkElement,
            FailOnElement,
            AllowElement,
            SetupElement,
            TeardownElement,
            CaseElement,
        ),
        once=("doc", "firmware", "machine", "setup", "teardown"),
        needs=("case",),
        example=_SCENARIO,
    )
    name: str = attribute(LINE, doc="the scenario's name; no other scenario of a run has it")
    target: str = attribute(NAME, default="", doc="the chip or board: `esp32`, `esp32c3`, or a machine's own")
    tags: tuple[str, ...] = attribute(TAGS, default=(), doc="words to choose scenarios by")
    timeout: float = attribute(
        DURATION,
        default=300.0,
        doc="the limit of the whole scenario, from boot to the end of the teardown",
        shown="5min",
    )
    boot: str = attribute(
        choice("scenario", "case"),
        default="scenario",
        doc="one boot for all cases in order, or a fresh boot for each case",
    )
    retries: int | None = attribute(
        integer(0, 100),
        default=None,
        doc="how often a case may be tried again, each time from a fresh boot; not after a panic: see `retry-panics`",
        shown="the run's",
    )
    retry_panics: bool | None = attribute(
        FLAG, default=None, doc="whether a case is tried again after a panic or a reboot loop, too", shown="the run's"
    )
    silence: float | None = attribute(
        DURATION,
        default=None,
        doc="how long the device may say nothing while a step waits for it; no limit when it is left out",
    )
