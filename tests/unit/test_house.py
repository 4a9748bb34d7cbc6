"""The house itself: what is said in two places is the same in both."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from fnmatch import fnmatch
from importlib import metadata
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tpf import __version__

PARTS = ("set-up-", "check-")  # targets that only other targets call


@pytest.fixture(scope="module")
def project(checkout: Path) -> dict[str, Any]:
    return tomllib.loads((checkout / "pyproject.toml").read_text())


@pytest.fixture(scope="module")
def makefile(checkout: Path) -> str:
    return (checkout / "Makefile").read_text()


def pages(checkout: Path) -> list[Path]:
    """The texts for people, in Markdown."""
    return sorted(
        chain(checkout.glob("*.md"), (checkout / "docs").rglob("*.md"), (checkout / "examples").rglob("*.md"))
    )


def make_targets(makefile: str) -> set[str]:
    return set(re.findall(r"^([a-z][a-z-]*):", makefile, flags=re.MULTILINE))


def named_targets(text: str) -> set[str]:
    """The targets in the `make ...` commands of a text: in code spans, code blocks and shell scripts."""
    return set(re.findall(r"(?:^|`|&& |\$ )make ([a-z][a-z-]*)", text, flags=re.MULTILINE))


# ---- the version ----


def test_changelog_begins_with_this_version(checkout: Path) -> None:
    first = re.search(
        r"^## \[(.+?)\] - (unreleased|\d{4}-\d\d-\d\d)$", (checkout / "CHANGELOG.md").read_text(), re.MULTILINE
    )
    assert first is not None
    assert first[1] == __version__


def test_installed_version_is_this_version() -> None:
    assert metadata.version("testarena-ci") == __version__


def test_pages_name_the_action_by_this_major_version(checkout: Path) -> None:
    major = __version__.partition(".")[0]
    for page in pages(checkout):
        assert set(re.findall(r"testarena/run@v(\d+)", page.read_text())) <= {major}, page


def test_nobody_else_states_the_version(checkout: Path) -> None:
    stated = re.compile(r"(?:testarena(?:-ci)?[ =]=?|TestArena )v?(\d+\.\d+\.\d+)")
    for page in pages(checkout):
        assert set(stated.findall(page.read_text())) <= {__version__}, page


# ---- make ----


def test_help_lists_every_target(checkout: Path, makefile: str) -> None:
    shown = subprocess.run(
        ["make", "help"], cwd=checkout, check=True, capture_output=True, text=True, timeout=60
    ).stdout
    listed = {line.split()[1] for line in shown.splitlines()}
    assert listed == {target for target in make_targets(makefile) if not target.startswith(PARTS)}


def test_pages_name_only_targets_that_exist(checkout: Path, makefile: str) -> None:
    for page in pages(checkout):
        assert named_targets(page.read_text()) <= make_targets(makefile), page


def test_ci_runs_only_what_people_are_told_to_run(checkout: Path) -> None:
    told = named_targets((checkout / "README.md").read_text() + (checkout / "CONTRIBUTING.md").read_text())
    assert named_targets((checkout / ".ci" / "run").read_text()) == {"lint", "test"} <= told


def test_hooks_run_every_check(checkout: Path, makefile: str) -> None:
    hooks = yaml.safe_load((checkout / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    checks = {target for target in make_targets(makefile) if target.startswith("check-")}
    assert {hook["id"] for hook in hooks} == checks
    checks_line = re.search(r"^CHECKS := (.*)$", makefile, re.MULTILINE)
    assert checks_line is not None
    assert set(checks_line[1].split()) == checks


# ---- packages ----


def test_every_direct_dependency_is_pinned(checkout: Path, project: dict[str, Any]) -> None:
    lines = (checkout / "tools" / "constraints.txt").read_text().splitlines()
    pinned = {canonicalize_name(line.partition("==")[0]) for line in lines if not line.startswith("#")}
    extras = project["project"]["optional-dependencies"].values()
    wanted = chain(project["project"]["dependencies"], *extras)
    assert {canonicalize_name(Requirement(each).name) for each in wanted} <= pinned, "run: make lock"


def test_the_dependencies_are_what_the_product_imports(checkout: Path, project: dict[str, Any]) -> None:
    owners = metadata.packages_distributions()
    declared = {canonicalize_name(Requirement(each).name) for each in project["project"]["dependencies"]}
    extras = project["project"]["optional-dependencies"]
    optional = {
        canonicalize_name(Requirement(each).name) for extra in extras if extra != "dev" for each in extras[extra]
    }
    used: set[str] = set()
    for path in chain((checkout / "tpf").rglob("*.py"), (checkout / "testarena_ci").rglob("*.py")):
        for name in imported(path) - set(sys.stdlib_module_names) - {"tpf", "testarena_ci"}:
            packages = {canonicalize_name(owner) for owner in owners.get(name, [name])}
            assert packages & (declared | optional), f"{path}: {name} is not among the dependencies in pyproject.toml"
            used |= packages
    assert declared <= used, "declared, but nothing imports it"


def imported(path: Path) -> set[str]:
    """The top names of all that a module imports."""
    nodes = list(ast.walk(ast.parse(path.read_text())))
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]
    return {name.partition(".")[0] for name in names}


def test_data_files_are_packaged(checkout: Path, project: dict[str, Any]) -> None:
    patterns = project["tool"]["setuptools"]["package-data"]["*"]
    for path in chain((checkout / "tpf").rglob("*"), (checkout / "testarena_ci").rglob("*")):
        if path.is_file() and path.suffix != ".py" and path.parent.name != "__pycache__":
            assert any(fnmatch(path.name, pattern) for pattern in patterns), f"{path} would be missing from the wheel"
            assert (path.parent / "__init__.py").is_file(), f"{path} stands in no package: it would be missing too"


def test_the_oldest_python_is_the_same_everywhere(checkout: Path, project: dict[str, Any]) -> None:
    oldest = project["project"]["requires-python"].removeprefix(">=")
    assert project["tool"]["ruff"]["target-version"] == f"py{oldest.replace('.', '')}"
    assert project["tool"]["mypy"]["python_version"] == oldest
    assert f'OLDEST_PYTHON="{oldest}"' in (checkout / "tools" / "setup.sh").read_text()
    workflow = yaml.safe_load((checkout / ".github" / "workflows" / "ci.yml").read_text())
    versions = workflow["jobs"]["test"]["strategy"]["matrix"]["python"]
    assert versions[0] == oldest
    named = [each for each in project["project"]["classifiers"] if re.search(r":: 3\.\d+$", each)]
    assert [f"Programming Language :: Python :: {version}" for version in versions] == named


# ---- texts ----


def test_links_between_pages_lead_somewhere(checkout: Path) -> None:
    for page in pages(checkout):
        for link in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text()):
            if not re.match(r"[a-z]+:", link):
                assert (page.parent / link).exists(), f"{page}: {link} leads nowhere"
