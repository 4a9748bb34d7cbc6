"""The live view for CI logs and pipes: plain lines, one group a scenario, nothing that can act as a runner command.

Scenarios run side by side, but groups can't nest. So one scenario is in the foreground: its lines are printed as
they come; the others'
wait in memory (bounded; the whole is in their log files) until their turn.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from testarena_ci.live.queue_files import said_of
from testarena_ci.runner_commands import neutralise
from tpf import events as ev
from tpf.progress import Progress, ScenarioProgress

KEPT_LINES: Final = 2000  # of a scenario in the background
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


class PlainView:
    """A sink that prints. `groups` frames each scenario with ::group:: commands, for runners that fold them."""

    def __init__(self, write: Callable[[str], None], *, groups: bool) -> None:
        self._write = write
        self._groups = groups
        self._progress = Progress()
        self._foreground = ""
        self._background: dict[str, _Background] = {}

    def __call__(self, event: ev.Event) -> None:
        texts = event.lines if isinstance(event, ev.Output) else tuple(said_of(event, self._progress))
        self._progress.apply(event)
        scenario: str = getattr(event, "scenario", "")
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
                self._print(f"... {background.dropped} lines left out here; the log file has them")
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
    """``PASSED console answers: 3 of 3 cases passed, 1.2 s``, then a line for each reason when there are any."""
    passed = scenario.counts.passed
    seconds = scenario.ended - scenario.started
    first = f"{scenario.state.upper()} {scenario.name}: {passed} of {scenario.total} cases passed, {seconds:.1f} s"
    reasons = tuple(scenario.failures.items())[:MOST_REASONS]
    return (first, *(f"  {'scenario' if case is None else scenario.cases[case]}: {text}" for case, text in reasons))
