"""entrypoint/run.sh: finds or makes an environment for testarena, whatever stands around it, and becomes testarena."""

from __future__ import annotations

import shutil
import signal
import sys
from pathlib import Path

import pytest

from tests.support.entry import PATIENCE, Entry, Installation
from tests.support.processes import numbers
from tpf import __version__

pytestmark = pytest.mark.timeout(600)

VERSION_LINE = f"testarena, version {__version__}\n"
NEEDED = (
    *("basename", "bash", "chmod", "cp", "cut", "dirname", "env", "find", "flock", "ln", "mkdir", "mktemp"),
    *("readlink", "rm", "sed", "sha256sum", "sort", "xargs"),
)
ENDLESS = """<scenario name="endless">
  <machine kind="command" command="sh device.sh"/>
  <case name="goes on"><expect within="5min">the end</expect></case>
</scenario>
"""


def few_programs(folder: Path) -> str:
    """A PATH with what the script needs, and no Python."""
    folder.mkdir()
    for name in NEEDED:
        found = shutil.which(name)
        assert found is not None, name
        (folder / name).symlink_to(found)
    return str(folder)


def pretend_installed(home: Path, version: str) -> Path:
    """An environment as a runner image has it, whose testarena tells where it stands."""
    (home / "bin").mkdir(parents=True)
    (home / "bin" / "python3").symlink_to(sys.executable)
    (home / "bin" / "testarena").write_text(
        f"import sys\nprint('testarena, version {version}' if '--version' in sys.argv else 'that of {home.name}')\n"
    )
    (home / "bin" / "testarena").chmod(0o755)
    return home


def test_two_at_once_make_one_environment_also_after_one_was_killed(installation: Installation) -> None:
    assert any(".build-" in name for name in installation.left_by_the_killed)
    assert [(call.returncode, call.stdout) for call in installation.first] == [(0, VERSION_LINE)] * 2
    said = [call.stderr for call in installation.first if call.stderr]
    assert len(said) == 1
    assert said[0].count("\n") == 1
    assert len(list(installation.cache.glob("*.build-*"))) == 1


def test_installing_writes_nothing_into_the_checkout(installation: Installation) -> None:
    assert installation.checkout_before == installation.checkout_after


def test_an_environment_that_is_there_is_used_without_a_word(entry: Entry, installation: Installation) -> None:
    call = entry.run("--version", PIP_NO_INDEX="1")
    assert (call.returncode, call.stdout, call.stderr) == (0, VERSION_LINE, "")
    ours, *_ = installation.cache.glob("*/bin/python3")  # what a virtual environment is made with is its base
    call = entry.run("--version", PIP_NO_INDEX="1", TESTARENA_PYTHON=str(ours))
    assert (call.returncode, call.stdout, call.stderr) == (0, VERSION_LINE, "")


@pytest.mark.usefixtures("installation")
def test_the_environment_of_the_job_is_not_ours(entry: Entry, tmp_path: Path) -> None:
    (tmp_path / "click.py").write_text("raise SystemExit('not your click')\n")
    (tmp_path / "sitecustomize.py").write_text("raise SystemExit('not your site')\n")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "testarena").write_text("#!/bin/sh\necho another program\n")
    (tmp_path / "bin" / "testarena").chmod(0o755)
    call = entry.run(
        "--version",
        PATH=f"{tmp_path / 'bin'}:{entry.environment['PATH']}",
        PYTHONPATH=str(tmp_path),
        PYTHONHOME=str(tmp_path),
        VIRTUAL_ENV=str(tmp_path),
    )
    assert (call.returncode, call.stdout, call.stderr) == (0, VERSION_LINE, "")


def test_one_that_is_installed_in_this_version_is_used(entry: Entry, tmp_path: Path) -> None:
    image = pretend_installed(tmp_path / "image", __version__)
    link = tmp_path / "links" / "testarena"  # as pipx makes them
    link.parent.mkdir()
    link.symlink_to(pretend_installed(tmp_path / "path", __version__) / "bin" / "testarena")
    path = f"{link.parent}:{entry.environment['PATH']}"
    assert entry.run("run", TESTARENA_HOME=str(image), PATH=path).stdout == "that of image\n"
    assert entry.run("run", PATH=path).stdout == "that of path\n"


@pytest.mark.usefixtures("installation")
def test_one_in_another_version_is_not(entry: Entry, tmp_path: Path) -> None:
    old = pretend_installed(tmp_path / "old", "0.9.0")
    path = f"{old / 'bin'}:{entry.environment['PATH']}"
    call = entry.run("--version", TESTARENA_HOME=str(old), PATH=path)
    assert (call.returncode, call.stdout) == (0, VERSION_LINE)


def test_without_a_python_it_says_what_to_do(entry: Entry, tmp_path: Path) -> None:
    path = few_programs(tmp_path / "bin")
    call = entry.run("run", PATH=path)
    assert (call.returncode, call.stdout) == (3, "")
    assert call.stderr.startswith("testarena: no Python 3.11 or newer")
    assert "actions/setup-python" in call.stderr
    assert call.stderr.count("\n") == 1
    wrong = entry.run("run", PATH=path, TESTARENA_PYTHON="/bin/false")
    assert (wrong.returncode, wrong.stderr.count("\n")) == (3, 1)
    assert "/bin/false is no Python" in wrong.stderr
    nothing_ran = entry.run("finish", PATH=path)
    assert (nothing_ran.returncode, nothing_ran.stdout, nothing_ran.stderr) == (0, "", "")


def test_without_a_network_it_says_what_to_do_and_leaves_nothing(entry: Entry, tmp_path: Path) -> None:
    offline = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path), "RUNNER_TOOL_CACHE": str(tmp_path / "tools")}
    call = entry.run("run", **offline)
    assert (call.returncode, call.stdout) == (3, "")
    last = call.stderr.splitlines()[-1]
    assert last.startswith("testarena: the installation failed")
    assert "PIP_INDEX_URL" in last
    assert [path.suffix for path in (tmp_path / "tools" / "testarena").iterdir()] == [".lock"]


def test_without_a_place_to_install_into_it_says_so(entry: Entry, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    nowhere = dict.fromkeys(("RUNNER_TOOL_CACHE", "XDG_CACHE_HOME", "RUNNER_TEMP"), str(tmp_path / "file"))
    call = entry.run("run", **nowhere)
    assert (call.returncode, call.stderr.count("\n")) == (3, 1)
    assert call.stderr.startswith("testarena: nowhere to install into")


@pytest.mark.usefixtures("installation")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_of_the_runner_end_the_run_in_order(entry: Entry, tmp_path: Path, number: signal.Signals) -> None:
    """GitHub signals only the step's own process, which must therefore have become testarena."""
    (tmp_path / "endless.xml").write_text(ENDLESS)
    (tmp_path / "device.sh").write_text(f"echo $$ >>{tmp_path}/pids\nsleep 600\n")
    with entry.start("run", "endless.xml", cwd=str(tmp_path), CI="true") as run:
        numbers(tmp_path / "pids", 1)
        run.send_signal(number)
        said, complained = run.communicate(timeout=PATIENCE)
    assert run.returncode == 130, said + complained
    assert "ABORTED" in said
    assert (tmp_path / "testarena-report" / "index.html").is_file()
