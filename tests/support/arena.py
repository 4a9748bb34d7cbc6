"""For tests of the real program: a folder with scenarios, `testarena` as a process, and what a run has left."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from tests.support.processes import eventually
from tpf import events as ev
from tpf.events import Event
from tpf.journal import read

TESTARENA = str(Path(sys.executable).parent / "testarena")
PATIENCE = 100.0  # seconds that any run may take on a busy machine
REPORTS = ("index.html", "junit.xml", "results.json", "summary.md", "comment.md", "ctrf.json")
COMMAND = '<machine kind="command" command="{}"/>'


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A report folder."""

    folder: Path

    @property
    def results(self) -> dict[str, Any]:
        return dict(json.loads((self.folder / "results.json").read_bytes()))

    @property
    def status(self) -> dict[str, Any]:
        return dict(json.loads((self.folder / "queue_status.json").read_bytes()))

    @property
    def junit(self) -> ET.Element:
        return ET.parse(self.folder / "junit.xml").getroot()  # noqa: S314  ours

    @property
    def events(self) -> list[Event]:
        return list(read(self.folder / "events.jsonl"))

    @property
    def cases(self) -> dict[str, dict[str, Any]]:
        """The results of all cases by their names."""
        return {case["name"]: case for scenario in self.results["scenarios"] for case in scenario["cases"]}

    @property
    def verdicts(self) -> dict[str, str]:
        return {name: case["verdict"] for name, case in self.cases.items()}

    @property
    def kinds(self) -> dict[str, str]:
        """The kind of failure of each case that has one."""
        return {name: case["failure"]["kind"] for name, case in self.cases.items() if case["failure"]}

    def console(self, slug: str) -> str:
        return (self.folder / "logs" / slug / "console.log").read_text()

    def bytes(self) -> dict[str, bytes]:
        """The reports that are made from the journal."""
        return {name: (self.folder / name).read_bytes() for name in REPORTS if (self.folder / name).exists()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """A command that has ended."""

    code: int
    out: str
    err: str
    report: Report

    def ended(self, code: int) -> Report:
        """The report of a run that had to end with this code, and without a traceback."""
        assert self.code == code, f"exit {self.code}, not {code}\n{self.out[-3000:]}\n{self.err[-3000:]}"
        assert "Traceback" not in self.err + self.out
        return self.report

    def refused(self, code: int, *words: str) -> str:
        """Its complaint, which must have these words in it."""
        self.ended(code)
        missing = [word for word in words if word not in self.err]
        assert not missing, f"{missing} not in {self.err!r}"
        return self.err


@dataclass(frozen=True, slots=True, kw_only=True)
class Arena:
    """A folder to run scenarios in; each run has a report folder of its own beside."""

    folder: Path
    environment: Mapping[str, str]
    reports: Path

    def scenario(self, place: str, body: str, **attributes: str) -> str:
        """Write a scenario; `place` is its path without the suffix."""
        path = self.folder / f"{place}.xml"
        path.parent.mkdir(parents=True, exist_ok=True)
        said = {"name": path.stem, "timeout": "60s", **attributes}
        written = "".join(f' {key}="{value}"' for key, value in said.items())
        path.write_text(f"<scenario{written}>{body}</scenario>", encoding="utf-8")
        return f"{place}.xml"

    def script(self, name: str, text: str) -> str:
        """Write a program that plays a device; returns the machine element that runs it."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return COMMAND.format(f"{sys.executable if name.endswith('.py') else 'sh'} {path.name}")

    def report(self, name: str = "report") -> Report:
        return Report(folder=self.reports / name)

    def start(
        self,
        *arguments: str,
        report: str = "report",
        environment: Mapping[str, str] | None = None,
        before: tuple[str, ...] = (),
    ) -> subprocess.Popen[str]:
        """`testarena run`; what it says goes to files beside the report folder, so that nobody has to read along."""
        with (self.reports / f"{report}.out").open("w") as out, (self.reports / f"{report}.err").open("w") as err:
            return subprocess.Popen(
                [*before, TESTARENA, "run", *arguments, "--report-dir", str(self.reports / report)],
                cwd=self.folder,
                env={**self.environment, **(environment or {})},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                text=True,
                start_new_session=True,
            )

    def end(self, process: subprocess.Popen[str], report: str = "report") -> Ran:
        """Wait for a started run."""
        try:
            process.wait(PATIENCE)
        finally:
            process.kill()
        out, err = ((self.reports / f"{report}.{end}").read_text(errors="replace") for end in ("out", "err"))
        return Ran(code=process.returncode, out=out, err=err, report=self.report(report))

    def run(self, *arguments: str, report: str = "report", environment: Mapping[str, str] | None = None) -> Ran:
        return self.end(self.start(*arguments, report=report, environment=environment), report)

    def call(self, *arguments: str, environment: Mapping[str, str] | None = None, before: tuple[str, ...] = ()) -> Ran:
        """Any command, with its own arguments only. `before` is a command that runs it."""
        made = subprocess.run(
            [*before, TESTARENA, *arguments],
            cwd=self.folder,
            env={**self.environment, **(environment or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=PATIENCE,
            check=False,
        )
        return Ran(code=made.returncode, out=made.stdout, err=made.stderr, report=self.report())

    def has_come_to(self, event: type[Event], **fields: object) -> bool:
        """Wait for the run to tell an event with these fields; False when it doesn't within the deadline."""
        journal = self.reports / "report" / "events.jsonl"

        def told() -> bool:
            return journal.exists() and any(
                isinstance(one, event) and all(getattr(one, name) == value for name, value in fields.items())
                for one in read(journal)
            )

        return eventually(told)

    def pids(self, report: str = "report") -> list[int]:
        """The machines that were booted, in order."""
        booted = (event for event in self.report(report).events if isinstance(event, ev.Booted))
        return [event.pid for event in booted if event.pid is not None]


def counts_of(junit: ET.Element) -> dict[str, int]:
    """What a JUnit file says of the test cases, after its own sums were found to agree.

    What went wrong with the run itself or a whole scenario stands among them under a name in parentheses.
    """
    cases = list(junit.iter("testcase"))
    suites = junit.findall("testsuite")
    assert sum(int(suite.get("tests", "0")) for suite in suites) == len(cases) == int(junit.get("tests", "-1"))
    for tag, sums in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
        assert sum(int(suite.get(sums, "0")) for suite in suites) == len(junit.findall(f"testsuite/testcase/{tag}"))
    real = [case for case in cases if not case.get("name", "").startswith("(")]
    tags = {"failed": "failure", "error": "error", "skipped": "skipped"}
    found = {word: sum(case.find(tag) is not None for case in real) for word, tag in tags.items()}
    return {"total": len(real), "passed": len(real) - sum(found.values()), **found}


def is_root() -> bool:
    return os.geteuid() == 0


class Reader(threading.Thread):
    """Somebody who looks at queue_status.json all the time while a run goes on."""

    def __init__(self, report: Report) -> None:
        super().__init__(daemon=True)
        self._path = report.folder / "queue_status.json"
        self._over = threading.Event()
        self.seen: list[dict[str, Any]] = []
        self.torn: list[bytes] = []

    def run(self) -> None:
        while not self._over.wait(0.002):
            data = self._path.read_bytes() if self._path.exists() else b"{}"
            try:
                self.seen.append(json.loads(data))
            except ValueError:
                self.torn.append(data)

    def __enter__(self) -> Reader:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self.join()


def without(programs: Path, *names: str) -> dict[str, str]:
    """A PATH on which only these programs can't be found."""
    programs.mkdir()
    for folder in reversed(os.environ["PATH"].split(":")):
        for program in Path(folder).glob("*"):
            (programs / program.name).unlink(missing_ok=True)
            (programs / program.name).symlink_to(program)
    for name in names:
        (programs / name).unlink(missing_ok=True)
    return {"PATH": str(programs)}
