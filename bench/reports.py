"""All reports of a run of 10 000 cases beside lxml writing the same JUnit file, junit2html, and their memory."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from junit2htmlreport.parser import Junit
from lxml import etree

from bench.measure import called, environment, in_turn, row
from testarena_ci.reports.write import write_reports
from tpf import events as ev
from tpf.fold import fold
from tpf.journal import JournalWriter, read
from tpf.result import Failure, FailureKind, LogSpan, Source

SCENARIOS, CASES, STEPS, ROUNDS = 100, 100, 3, 3
LINES = 400  # of each scenario's console log


def write_run(report: Path) -> None:
    """The journal and the logs of a run in which one case of fifty failed."""
    with JournalWriter(report / "events.jsonl") as journal:
        plans = tuple(_plan(number) for number in range(SCENARIOS))
        started = "2026-01-02T03:04:05+00:00"
        journal(ev.RunStarted(t=0.0, run_id="bench", started=started, version="1", jobs=1, scenarios=plans))
        for number, plan in enumerate(plans):
            (report / "logs" / plan.slug).mkdir(parents=True)
            text = "".join(f"{line / 100:10.3f}  I ({line}) app: line {line} of the console\n" for line in range(LINES))
            (report / "logs" / plan.slug / "console.log").write_text(text)
            for event in _scenario(plan, float(number)):
                journal(event)
        journal(ev.RunFinished(t=float(SCENARIOS)))


def _plan(number: int) -> ev.PlannedScenario:
    source = Source(file=f"scenarios/{number:03}.xml", line=1, column=1)
    cases = tuple(
        ev.PlannedCase(name=f"case {case} of the console", source=Source(file=source.file, line=10 + case, column=3))
        for case in range(CASES)
    )
    return ev.PlannedScenario(
        name=f"suite {number}", slug=f"suite-{number}", source=source, target="esp32c3", cases=cases
    )


def _scenario(plan: ev.PlannedScenario, start: float) -> list[ev.Event]:
    slug, log = plan.slug, f"logs/{plan.slug}/console.log"
    events: list[ev.Event] = [
        ev.ScenarioStarted(t=start, scenario=slug, worker=0),
        ev.Booted(t=start, scenario=slug, device="", boot=1, machine="qemu esp32c3", command=("qemu",), log=log),
    ]
    for case, planned in enumerate(plan.cases):
        now = start + case / CASES
        bad = Failure(
            kind=FailureKind.TIMEOUT, message='expected "pong" within 1s\nlast line: x', source=planned.source
        )
        failure = bad if case % 50 == 49 else None
        span = (LogSpan(device="", first=1 + case, last=3 + case),)
        events.append(ev.CaseStarted(t=now, scenario=slug, case=case, attempt=1))
        for step in range(STEPS):
            summary = f'expect "answer {step}" within 1s'
            source = planned.source
            begun = ev.StepStarted(
                t=now, scenario=slug, case=case, phase="case", kind="expect", summary=summary, source=source
            )
            last = failure if step == STEPS - 1 else None
            events += [begun, ev.StepFinished(t=now + 0.001, scenario=slug, failure=last, log=span)]
        events.append(ev.CaseFinished(t=now + 0.004, scenario=slug, failure=failure, log=span))
    return [*events, ev.ScenarioFinished(t=start + 1, scenario=slug)]


def make_reports(report: Path) -> None:
    """What `testarena report` does."""
    write_reports(report, fold(read(report / "events.jsonl")))


def by_lxml(junit: etree._Element, path: Path) -> None:
    """The floor: elements made one by one of what is known, and written."""
    root = _copy(junit, None)
    etree.ElementTree(root).write(path, xml_declaration=True, encoding="utf-8")


def _copy(element: etree._Element, parent: etree._Element | None) -> etree._Element:
    attributes = dict(element.attrib)
    made = (
        etree.Element(element.tag, attributes) if parent is None else etree.SubElement(parent, element.tag, attributes)
    )
    made.text = element.text
    for child in element:
        _copy(child, made)
    return made


def by_junit2html(report: Path) -> None:
    """A peer: a page of the same JUnit, without steps and consoles."""
    (report / "junit2html.html").write_text(Junit(filename=str(report / "junit.xml")).html())


def peak(report: Path) -> float:
    """Megabytes that a process needs at most to make the reports."""
    code = f"from pathlib import Path; from bench.reports import make_reports; make_reports(Path({str(report)!r}))"
    program = f"{code}; import resource; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    root = Path(__file__).parent.parent
    told = subprocess.run([sys.executable, "-c", program], cwd=root, env=environment(), capture_output=True, check=True)
    return int(told.stdout) / 1024


def run() -> str:
    with tempfile.TemporaryDirectory(prefix="testarena-bench-") as name:
        report = Path(name)
        write_run(report)
        make_reports(report)
        junit = etree.parse(report / "junit.xml").getroot()
        contenders: dict[str, Callable[[], None]] = {
            "lxml, the same JUnit": lambda: by_lxml(junit, report / "lxml.xml"),
            "testarena, all reports": lambda: make_reports(report),
            "testarena, JUnit": lambda: _junit_alone(report),
            "testarena, the journal alone": lambda: _folded(report),
            "junit2html, its page": lambda: by_junit2html(report),
        }
        costs = in_turn(contenders, called, ROUNDS)
        memory = peak(report)
    floor = costs["lxml, the same JUnit"].wall
    lines = [row(name, f"{cost.wall:8.2f} s {cost.wall / floor:7.2f}") for name, cost in costs.items()]
    title = f"reports of {SCENARIOS * CASES} cases of {STEPS} steps"
    return "\n".join([title, *lines, row("memory at most", f"{memory:8.0f} MB")])


def _folded(report: Path) -> None:
    fold(read(report / "events.jsonl"))


def _junit_alone(report: Path) -> None:
    write_reports(report, fold(read(report / "events.jsonl")), ["junit"])


if __name__ == "__main__":
    print(run())
