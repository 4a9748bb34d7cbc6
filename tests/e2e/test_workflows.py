"""Workflows with `uses: testarena/run@v1`, run by a real runner for each forge."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from tests.fakes.forge import FakeForge, status
from tests.support.act import FLAVOURS, PAGE, PATIENCE, TOKEN, Job, Runner
from tests.support.processes import alive, carriers, eventually, numbers

pytestmark = pytest.mark.timeout(2 * PATIENCE)

HEAD = "b" * 40  # of a pull request; what the runner checks out is another commit, the merge
RUN_PAGE = f"{PAGE}/actions/runs/1"

WORKFLOW = """
name: firmware
on: [push, pull_request]
jobs:
  scenarios:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: echo "::set-env name=CONTROL::this runner takes commands"
      - uses: testarena/run@v1
        id: testarena
        with:
          working-directory: lamp
          scenarios: tests
          status-per-scenario: true
      - if: always()
        env:
          OUTPUTS: ${{ toJSON(steps.testarena.outputs) }}
        run: |
          printf '%s' "$OUTPUTS" > "$E2E_FOLDER/outputs.json"
          env > "$E2E_FOLDER/later.env"
          cp -R lamp/testarena-report "$E2E_FOLDER"
"""

LAMP = """<scenario name="lamp">
  <machine kind="command" command="sh lamp.sh"/>
  <case name="starts"><expect>ready</expect></case>
</scenario>
"""

DARK_LAMP = """<scenario name="dark lamp">
  <machine kind="command" command="sh lamp.sh"/>
  <case name="starts"><expect>ready</expect></case>
  <case name="shines"><expect within="200ms">light</expect></case>
</scenario>
"""

# Says all that a runner may take for a command, shows every secret that it can get at, then does what a lamp does.
HOSTILE_LAMP = r"""
printf '::set-env name=HACKED::1\n  ::set-env name=HACKED::1\n\033[0m::set-env name=HACKED::1\n'
printf '::add-path::/hacked\n##[add-path]/hacked\nI (12) ##[set-env name=HACKED;]1\n\r::set-env name=HACKED::1\r\n'
printf '::set-output name=outcome::passed\n::stop-commands::hacked\n'
[ -z "$GITHUB_ENV" ] || echo HACKED=1 >>"$GITHUB_ENV"
[ -z "$GITHUB_OUTPUT" ] || echo outcome=passed >>"$GITHUB_OUTPUT"
[ -z "$GITHUB_PATH" ] || echo /hacked >>"$GITHUB_PATH"
env
echo ready
read -r _
"""

ENDLESS_LAMP = 'echo $$ >>"$E2E_FOLDER/lamp.pid"\necho ready\nsleep 600\n'


@pytest.fixture
def forge() -> Iterator[FakeForge]:
    with FakeForge(token=TOKEN) as forge:
        yield forge


def lamp(program: str, **scenarios: str) -> dict[str, str | Path]:
    tests = {f"lamp/tests/{name}.xml": text for name, text in scenarios.items()}
    return {"lamp/tests/lamp.sh": program, **tests}


def pull_request(*, fork: bool) -> dict[str, Any]:
    owner = "somebody" if fork else "acme"
    head = {"sha": HEAD, "ref": "brighter", "repo": {"full_name": f"{owner}/lamp"}}
    return {"number": 7, "pull_request": {"head": head, "base": {"ref": "main"}}}


def posted(forge: FakeForge, context: str = "testarena") -> list[str]:
    """The states that a context went through."""
    return [status.state for status in forge.statuses if status.context == context]


def outputs(job: Job) -> dict[str, str]:
    values = json.loads((job.kept / "outputs.json").read_text())
    assert isinstance(values, dict)
    return values


def assert_nothing_left(job: Job) -> None:
    assert eventually(lambda: not carriers("E2E_MARK", job.mark)), "processes of the job are still running"


def assert_no_token(folder: Path) -> None:
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files
    for path in files:
        assert TOKEN.encode() not in path.read_bytes(), path


@pytest.mark.parametrize("name", FLAVOURS)
def test_example_workflow_reports_a_passing_run(
    runner: Runner, forge: FakeForge, tmp_path: Path, checkout: Path, name: str
) -> None:
    examples = checkout / "examples"
    files: dict[str, str | Path] = {
        "scenarios/host-program.xml": examples / "scenarios" / "host-program.xml",
        "scenarios/thermostat.sh": examples / "scenarios" / "thermostat.sh",
    }
    if name == "github":  # once with real firmware in a real emulator
        files |= {
            "scenarios/console.xml": examples / "scenarios" / "console.xml",
            "firmware/console": examples / "firmware" / "console",
        }
    workflow = (examples / "workflows" / f"{name}.yml").read_text()
    workflow = workflow.replace("https://github.com/testarena/", "testarena/")  # act itself knows no other host
    job = Job(folder=tmp_path, workflow=workflow, files=files, flavour=FLAVOURS[name], forge=forge)

    code, said = runner.run(job)

    assert code == 0, said
    states = posted(forge)
    assert states[0] == "pending"
    assert states[-1] == "success"
    assert {(status.sha, status.context, status.target_url) for status in forge.statuses} == {
        (job.head, "testarena", RUN_PAGE)
    }
    assert forge.violations == []
    assert "Summary - ##" in said
    suites = etree.parse(job.kept / "testarena-report" / "junit.xml").getroot()
    assert len(suites) == (2 if name == "github" else 1)
    assert_no_token(job.kept)
    assert_nothing_left(job)


def test_failed_scenario_fails_the_job_and_hostile_firmware_changes_nothing(
    runner: Runner, forge: FakeForge, tmp_path: Path
) -> None:
    gitea = FLAVOURS["gitea"]
    job = Job(
        folder=tmp_path,
        workflow=f"env: {{ACTIONS_ALLOW_UNSECURE_COMMANDS: 'true'}}\n{WORKFLOW}",
        files=lamp(HOSTILE_LAMP, lamp=LAMP, dark=DARK_LAMP),
        flavour=gitea,
        forge=forge,
        event="pull_request",
        payload=pull_request(fork=False),
    )

    code, said = runner.run(job)

    assert code == 1, said
    assert posted(forge)[0] == "pending"
    assert posted(forge)[-1] == posted(forge, "testarena/dark lamp")[-1] == "failure"
    assert posted(forge, "testarena/lamp")[-1] == "success"
    assert {status.sha for status in forge.statuses} == {HEAD} != {job.head}
    assert forge.violations == []
    counts = {"outcome": "failed", "total": "3", "passed": "2", "failed": "1", "errors": "0"}
    assert outputs(job) | counts == outputs(job)
    assert outputs(job)["report-dir"].endswith("/lamp/testarena-report")
    later = (job.kept / "later.env").read_text()
    assert "CONTROL=this runner takes commands" in later
    assert "HACKED" not in later
    assert "/hacked" not in later
    assert "HACKED" in (job.kept / "testarena-report" / "queue_log.txt").read_text()
    assert_no_token(job.kept)
    assert_nothing_left(job)


def test_pull_request_from_a_fork_passes_without_a_status(runner: Runner, forge: FakeForge, tmp_path: Path) -> None:
    forge.always = status(403, "Resource not accessible by integration")
    job = Job(
        folder=tmp_path,
        workflow=WORKFLOW,
        files=lamp("echo ready; read -r _", lamp=LAMP),
        flavour=FLAVOURS["github"],
        forge=forge,
        event="pull_request",
        payload=pull_request(fork=True),
    )

    code, said = runner.run(job)

    assert code == 0, said
    assert forge.statuses == []
    assert {request.path for request in forge.writes} == {f"/repos/acme/lamp/statuses/{HEAD}"}
    assert said.count("no commit status:") == 1, said
    assert outputs(job)["outcome"] == "passed"
    assert_nothing_left(job)


def test_killed_run_gets_its_report_and_final_status(runner: Runner, forge: FakeForge, tmp_path: Path) -> None:
    scenario = LAMP.replace("</scenario>", '<case name="shines"><expect within="5min">light</expect></case></scenario>')
    job = Job(
        folder=tmp_path,
        workflow=WORKFLOW,
        files=lamp(ENDLESS_LAMP, lamp=scenario),
        flavour=FLAVOURS["forgejo"],
        forge=forge,
    )

    with runner.start(job) as act:
        (device,) = numbers(job.kept / "lamp.pid", 1)
        assert eventually(lambda: bool(forge.statuses))
        os.kill(running_testarena(job), signal.SIGKILL)
        said, _ = act.communicate(timeout=PATIENCE)

    assert act.returncode == 1, said
    assert not alive(device)
    assert posted(forge)[-1] == posted(forge, "testarena/lamp")[-1] == "error"
    assert {status.sha for status in forge.statuses} == {job.head}
    assert forge.violations == []
    assert outputs(job)["outcome"] in {"error", "aborted"}
    report = job.kept / "testarena-report"
    assert {"index.html", "junit.xml", "results.json", "summary.md"} <= {path.name for path in report.iterdir()}
    assert "Summary - ##" in said
    assert_nothing_left(job)


def running_testarena(job: Job) -> int:
    """The process of the main step."""
    commands = {pid: Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0") for pid in carriers("E2E_MARK", job.mark)}
    (found,) = (
        pid
        for pid, words in commands.items()
        if [Path(os.fsdecode(word)).name for word in words[-3:-1]] == ["testarena", "run"]
    )
    return found
