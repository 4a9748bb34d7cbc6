"""The live view for people at a terminal: a bar for the run, a line for each scenario that runs or has ended."""

from __future__ import annotations

from typing import Final

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from tpf import events as ev
from tpf.progress import Progress, ScenarioProgress
from tpf.result import RunState

MOST_LINES: Final = 16  # scenarios under way that are shown at once
_STYLES: Final = {
    RunState.PASSED: ("✓", "green"),
    RunState.FAILED: ("✗", "bold red"),
    RunState.ERROR: ("!", "bold magenta"),
    RunState.ABORTED: ("■", "yellow"),
}


class TerminalView:
    """A sink that draws. Use as a context manager: the terminal is left as it was found."""

    def __init__(self, console: Console) -> None:
        self._progress = Progress()
        self._spinner = Spinner("dots")
        self._live = Live(console=console, refresh_per_second=8, get_renderable=self._draw, transient=True)

    def __enter__(self) -> TerminalView:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def __call__(self, event: ev.Event) -> None:
        self._progress.apply(event)
        if isinstance(event, ev.ScenarioFinished):
            self._live.console.print(ended_line(self._progress.scenarios[event.scenario]), highlight=False)

    def _draw(self) -> RenderableType:
        running = [scenario for scenario in self._progress.scenarios.values() if scenario.state is RunState.RUNNING]
        table = Table.grid(padding=(0, 1))
        for name in sorted(self._progress.builds):
            table.add_row(self._spinner, Text(f"building {name}", style="cyan"), "", "")
        for scenario in running[:MOST_LINES]:
            table.add_row(
                self._spinner,
                Text(scenario.name),
                Text(f"{scenario.counts.total}/{scenario.total}", style="dim"),
                Text(
                    " · ".join(filter(None, (scenario.current_case, scenario.step))),
                    style="dim",
                    no_wrap=True,
                    overflow="ellipsis",
                ),
            )
        return Group(table, self._summary())

    def _summary(self) -> RenderableType:
        counts, total = self._progress.counts, self._progress.total
        line = Table.grid(padding=(0, 1))
        bar = ProgressBar(total=max(total, 1), completed=counts.total, width=30)
        said = Text(f"{counts.total}/{total} cases")
        for number, word, style in ((counts.failed, "failed", "bold red"), (counts.error, "errors", "bold magenta")):
            if number:
                said.append(f" · {number} {word}", style=style)
        line.add_row(bar, said)
        return line


def ended_line(scenario: ScenarioProgress) -> Text:
    """What became of a scenario, with the reasons when it isn't passed. Texts are never taken for markup."""
    sign, style = _STYLES[scenario.state]
    quarantined = f", {scenario.counts.quarantined} quarantined" if scenario.counts.quarantined else ""
    text = Text()
    text.append(f"{sign} ", style=style)
    text.append(scenario.name)
    seconds = scenario.ended - scenario.started
    text.append(f"  {scenario.counts.passed}/{scenario.total} passed{quarantined}, {seconds:.1f} s", style="dim")
    for case, reason in list(scenario.failures.items())[:5]:
        where = scenario.cases[case] if case is not None else "scenario"
        text.append(f"\n    {where}: ", style=style)
        text.append(_printable(reason))
    return text


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text)
