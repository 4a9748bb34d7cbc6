"""Step `unity`: the firmware's own tests."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from tpf.console.failures import before
from tpf.console.quoting import seconds
from tpf.result import FailureKind
from tpf.scenario.declare import Element, attribute
from tpf.scenario.types import DURATION, Type, choice
from tpf.steps.base import StepContext
from tpf.steps.unity.drive import Drive
from tpf.steps.unity.menu import Choice, items_of
from tpf.steps.unity.read import Run

_EACH: Final = 60.0
_TAGS_OR_WORD: Final = re.compile(r"(?:\[[^\[\]]*\])+|[^\s;\[\]]+")


def _groups(text: str) -> tuple[str, ...]:
    """Words are tags, too."""
    return tuple(item if item.startswith("[") else f"[{item}]" for item in _TAGS_OR_WORD.findall(text))


_ITEMS: Final = Type(
    name="unity-tests",
    doc="numbers, names and `[tags]` with `;` between; in a name, `*` stands for anything, `?` for any character",
    convert=items_of,
)
_GROUPS: Final = Type(
    name="unity-groups", doc="tags: `[math] [heap]` or `math heap`; `[a][b]` is what has both", convert=_groups
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unity:
    """Runs the tests that are in the firmware, written with Unity; each becomes a test case of its own in the report.

    With ESP-IDF's menu it asks for them one by one: a test that crashes or hangs fails, and the run goes on with the
    next one after the restart. A test of several stages goes through them, over the restarts between. The tags
    `[ignore]` and `[disabled]` leave a test out unless `tests` names it; `[timeout=30]` is its time limit in seconds.
    What the summary says has to agree with the results.
    """

    element: ClassVar[Element] = Element(
        name="unity", example='<unity groups="[math]; [heap]" exclude="[slow]; *wifi*" within="2min"/>'
    )
    awaits: ClassVar = frozenset({FailureKind.PANIC})
    tests: tuple[str, ...] = attribute(_ITEMS, default=(), doc="the only tests to run")
    groups: tuple[str, ...] = attribute(_GROUPS, default=(), doc="the tags of which a test must have one")
    exclude: tuple[str, ...] = attribute(_ITEMS, default=(), doc="tests not to run")
    each: float = attribute(
        DURATION,
        default=_EACH,
        shown="60s",
        doc='how long a test may take that doesn\'t say it itself; with `mode="read"`, how long there may be no result',
    )
    within: float | None = attribute(DURATION, default=None, doc="how long the whole run may take")
    mode: str = attribute(
        choice("menu", "read"),
        default="menu",
        doc="`menu`: drives the menu that the firmware shows; `read`: reads a run that it makes by itself",
    )

    def check(self) -> Iterator[str | tuple[str, str]]:
        chosen = (("tests", self.tests), ("groups", self.groups), ("exclude", self.exclude))
        for name, items in chosen if self.mode == "read" else ():
            if items:
                yield name, f'attribute {name}: with mode="read" the firmware itself chooses'
        if self.within is not None and self.each > self.within and self.each != _EACH:
            yield "each", f"attribute each: {seconds(self.each)} is longer than within, {seconds(self.within)}"

    def summary(self) -> str:
        choice_ = str(self._choice)
        within = f" within {seconds(self.within)}" if self.within is not None else ""
        read = "read a Unity run" if self.mode == "read" else "run Unity's tests"
        return f"{read}{f' {choice_}' if choice_ else ''}{within}"

    @property
    def _choice(self) -> Choice:
        return Choice(tests=self.tests, groups=self.groups, exclude=self.exclude)

    async def run(self, context: StepContext) -> None:
        work = Run(context, self.each) if self.mode == "read" else Drive(context, self.each)

        def overdue() -> str:
            limit = seconds(self.within or 0)
            return f"the Unity run took longer than {limit}; it was {work.doing}{before(context.console.recent)}"

        async with context.limited(self.within, overdue):
            await work.run(self._choice)
