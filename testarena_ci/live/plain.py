"""The live view for CI logs and pipes: plain lines, one group a scenario, nothing that can act as a runner command.

Scenarios run side by side, but groups can't nest. So one scenario is in the foreground: its lines are printed as
they come; the others'
wait in memory (bounded; the whole is in their log files) until their turn.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from testarena_ci.live.queue_files import heard, said_of
from testarena_ci.runner_commands import neutralise
from tpf import events as ev
from tpf.progress import Progress, ScenarioProgress

KEPT_LINES: Final = 2000  # of a scenario in the background
FLOOD: Final = 500  # lines that a scenario may say at once before most of what follows is left out
CALM: Final = 100  # lines a second that it may say for ever
FLOOD_END: Final = 50  # the last lines of a flood, which are shown
MOST_REASONS: Final = 20


@dataclass(slots=True)
class _Background:
    """What a scenario said while another was in the foreground."""

    lines: deque[str] = field(default_factory=lambda: deque(maxlen=KEPT_LINES))
    dropped: int = 0
    ended: bool = False

    def add(self, text: str) -> None:
        self.dropped += len(self.lines) == KEPT_LINES
        self.lines.append(text)


class _Dam:
    """Lets the lines of a scenario through, but of a flood only its beginning and its end.

    A CI server keeps and shows each line; the ten thousand of a device that prints in a loop would hide all others.
    """

    def __init__(self) -> None:
        self._room = float(FLOOD)
        self._at = 0.0
        self._held: deque[str] = deque(maxlen=FLOOD_END)
        self._dropped = 0

    def lines(self, at: float, texts: tuple[str, ...]) -> Iterator[str]:
        """Those of the lines that came at that time (in seconds) which are shown now."""
        self._room = min(FLOOD, self._room + (at - self._at) * CALM)
        self._at = at
        if self._held and self._room >= FLOOD / 2:
            yield from self.rest()
        for text in texts:
            if self._held or self._room < 1:
                self._dropped += len(self._held) == FLOOD_END
                self._held.append(text)
            else:
                self._room -= 1
                yield text

    def rest(self) -> Iterator[str]:
        """The end of a flood, before something else is said."""
        if self._dropped:
            yield left_out(self._dropped)
        yield from self._held
        self._held.clear()
        self._dropped = 0


def left_out(number: int) -> str:
    return f"... {number} lines left out here; the log file has them"


class PlainView:
    """A sink that prints. `groups` frames each scenario with ::group:: commands, for runners that fold them."""

    def __init__(self, write: Callable[[str], None], *, groups: bool) -> None:
        self._write = write
        self._groups = groups
        self._progress = Progress()
        self._foreground = ""
        self._background: dict[str, _Background] = {}
        self._dams: dict[str, _Dam] = {}

    def __call__(self, event: ev.Event) -> None:
        scenario: str = getattr(event, "scenario", "")
        texts = tuple(self._shown(event, scenario))
        self._progress.apply(event)
        if not scenario:
            self._say_between(texts, getattr(event, "origin", ""))
            return
        if isinstance(event, ev.ScenarioStarted):
            self._background[scenario] = _Background()
            self._next_foreground()
        self._say(scenario, texts)
        if isinstance(event, ev.ScenarioFinished):
            self._background[scenario].ended = True
            self._end(scenario)

    def _shown(self, event: ev.Event, scenario: str) -> Iterator[str]:
        if not isinstance(event, ev.Output):
            said = tuple(said_of(event, self._progress))
            if (said or isinstance(event, ev.ScenarioFinished)) and scenario in self._dams:
                yield from self._dams[scenario].rest()
            yield from said
        elif scenario:
            yield from self._dams.setdefault(scenario, _Dam()).lines(event.t, heard(event))
        else:
            yield from event.lines

    def _say_between(self, texts: tuple[str, ...], origin: str) -> None:
        """Lines of the run itself and of builds: they belong to no scenario's group."""
        prefix = f"[{origin}] " if origin else ""
        for text in texts:
            self._print(prefix + text)

    def _say(self, scenario: str, texts: tuple[str, ...]) -> None:
        if scenario == self._foreground:
            for text in texts:
                self._print(text)
            return
        background = self._background.setdefault(scenario, _Background())
        for text in texts:
            background.add(text)

    def _end(self, scenario: str) -> None:
        if scenario != self._foreground:
            return
        self._close_group(scenario)
        self._next_foreground()

    def _next_foreground(self) -> None:
        """Bring the oldest scenario in the background to the front; those that ended there are printed whole."""
        while not self._foreground and self._background:
            scenario = next(iter(self._background))
            background = self._background[scenario]
            self._foreground = scenario
            self._open_group(scenario)
            if background.dropped:
                self._print(left_out(background.dropped))
            while background.lines:
                self._print(background.lines.popleft())
            if background.ended:
                self._close_group(scenario)

    def _open_group(self, scenario: str) -> None:
        title = neutralise(self._progress.scenarios[scenario].name)
        self._write(f"::group::{title}" if self._groups else f"== {title}")

    def _close_group(self, scenario: str) -> None:
        self._foreground = ""
        self._background.pop(scenario, None)
        if self._groups:
            self._write("::endgroup::")
        for line in verdict_lines(self._progress.scenarios[scenario]):
            self._print(line)

    def _print(self, text: str) -> None:
        self._write(neutralise(text))


def verdict_lines(scenario: ScenarioProgress) -> tuple[str, ...]:
    """``PASSED console answers: 3 of 3 cases passed, 1.2 s``, then a line for each reason when there are any.

    The scenario's own reason stands for the cases that never ran because of it.
    """
    passed = scenario.counts.passed
    seconds = scenario.ended - scenario.started
    skipped = f", {scenario.counts.skipped} skipped" if scenario.counts.skipped else ""
    quarantined = f", {scenario.counts.quarantined} quarantined" if scenario.counts.quarantined else ""
    cases = f"{passed} of {scenario.total} cases passed{skipped}{quarantined}"
    first = f"{scenario.state.upper()} {scenario.name}: {cases}, {seconds:.1f} s"
    never = f"never ran: {scenario.failures.get(None)}"
    reasons = tuple((case, text) for case, text in scenario.failures.items() if text != never)[:MOST_REASONS]
    return (first, *(f"  {'scenario' if case is None else scenario.cases[case]}: {text}" for case, text in reasons))
