"""The step `run`, with real programs."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.support.processes import alive, soon
from tests.support.steps import Bench, on_bench, step
from tpf.errors import DeviceFailure, EnvironmentLacks, StepError
from tpf.result import Artifact, FailureKind
from tpf.scenario.model import Step
from tpf.steps.run import COMMAND, Environment


def env(name: str, value: str) -> Step:
    return Step(kind="env", source=step("run").source, text=value, attributes=(("name", name),), declared=Environment)


def test_output_goes_to_the_log_and_standard_output_is_saved(tmp_path: Path, environment: dict[str, str]) -> None:
    async def work(bench: Bench) -> None:
        await bench.run(step("run", "sh -c 'echo one; echo two; echo warning >&2'", save="answer"))
        assert bench.values["answer"] == "one\ntwo"
        assert sorted(bench.record.lines) == ["one", "two", "warning"]

    on_bench(tmp_path, work, environment=environment)


def test_values_are_data(tmp_path: Path, environment: dict[str, str]) -> None:
    hostile = "a b'; touch pwned; $(touch pwned) \"c"

    async def work(bench: Bench) -> None:
        bench.values["x.y"] = hostile
        await bench.run(
            step("run", "printf %s ${x.y}", save="plain"),
            step("run", "printf '%s' '<${x.y}>'", save="within"),
            step("run", 'printf %s "${x.y}"', save="shell", shell_="true"),
            step("run", "printf '%s|' a${x.y}", save="unquoted", shell_="true"),
        )
        assert bench.values["plain"] == bench.values["shell"] == hostile
        assert bench.values["within"] == f"<{hostile}>"
        assert bench.values["unquoted"].replace("|", " ").startswith("aa b'; touch pwned;")
        assert not (tmp_path / "pwned").exists()

    on_bench(tmp_path, work, environment=environment)


def test_no_shell_unless_asked_for(tmp_path: Path, environment: dict[str, str]) -> None:
    async def work(bench: Bench) -> None:
        await bench.run(
            step("run", "echo $HOME | wc", save="plain"), step("run", "echo a b | wc -w", save="piped", shell_="true")
        )
        assert (bench.values["plain"], bench.values["piped"]) == ("$HOME | wc", "2")

    on_bench(tmp_path, work, environment=environment)


def test_another_exit_status_fails_the_case(tmp_path: Path, environment: dict[str, str]) -> None:
    async def work(bench: Bench) -> None:
        await bench.run(step("run", "sh -c 'exit 3'", exit="3"))
        with pytest.raises(DeviceFailure) as caught:
            await bench.run(step("run", "sh -c 'echo no such sensor; exit 3'"))
        assert caught.value.kind is FailureKind.MISMATCH
        assert str(caught.value).splitlines() == [
            (
                "command \"sh -c 'echo no such sensor; exit 3'\" ended with exit status 3; expected exit status 0; "
                'it said last: "no such sensor"'
            ),
            "output:",
            "      1 | no such sensor",
        ]

    on_bench(tmp_path, work, environment=environment)


def test_a_command_killed_by_a_signal_says_so(tmp_path: Path, environment: dict[str, str]) -> None:
    async def work(bench: Bench) -> None:
        with pytest.raises(DeviceFailure, match="was killed by SIGKILL; expected exit status 0"):
            await bench.run(step("run", "sh -c 'kill -9 $$'"))

    on_bench(tmp_path, work, environment=environment)


def test_a_command_that_takes_too_long_is_stopped_with_its_children(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    async def work(bench: Bench) -> None:
        with pytest.raises(DeviceFailure) as caught:
            await bench.run(step("run", "sh -c 'sleep 60 & echo $! >pid; echo begun; wait'", timeout="500ms"))
        assert caught.value.kind is FailureKind.TIMEOUT
        assert "was stopped: it took longer than 500ms\noutput:\n      1 | begun" in str(caught.value)
        pid = int((tmp_path / "pid").read_text())
        assert await soon(lambda: not alive(pid))

    on_bench(tmp_path, work, environment=environment)


def test_a_panic_stops_the_command(tmp_path: Path, environment: dict[str, str]) -> None:
    async def work(bench: Bench) -> None:
        script = "import sys, time; print('go', flush=True); time.sleep(60)"

        def panic_when_it_runs(line: str) -> None:
            if line == "go":
                bench.device.say("abort() was called at PC 0x1 on core 0\nRebooting...\n")

        bench.record.on_line = panic_when_it_runs
        with pytest.raises(DeviceFailure, match=r"^panic: abort"):
            await bench.run(step("run", f'{sys.executable} -c "{script}"'))

    on_bench(tmp_path, work, environment=environment)


def test_a_missing_program_is_not_the_firmwares_fault(tmp_path: Path, environment: dict[str, str]) -> None:
    async def work(bench: Bench) -> None:
        with pytest.raises(EnvironmentLacks, match="no-such-program"):
            await bench.run(step("run", "no-such-program"))

    on_bench(tmp_path, work, environment=environment)


def test_folder_and_environment(tmp_path: Path, environment: dict[str, str]) -> None:
    (tmp_path / "sub").mkdir()

    async def work(bench: Bench) -> None:
        bench.values["mode"] = "fast and loose"
        await bench.run(step("run", "sh -c 'basename $PWD; echo $MODE'", env("MODE", "${mode}"), cwd="sub", save="out"))
        assert bench.values["out"] == "sub\nfast and loose"

    on_bench(tmp_path, work, environment=environment)


@pytest.mark.parametrize(
    "cwd, words", [("..", "leaves the checkout"), ("link", "leaves the checkout"), ("no", "no folder")]
)
def test_folders_that_it_can_not_run_in(tmp_path: Path, environment: dict[str, str], cwd: str, words: str) -> None:
    (tmp_path / "link").symlink_to("/")

    async def work(bench: Bench) -> None:
        bench.values["cwd"] = cwd
        with pytest.raises(StepError, match=words):
            await bench.run(step("run", "true", cwd="${cwd}"))

    on_bench(tmp_path, work, environment=environment)


def test_files_left_behind_go_into_the_report(tmp_path: Path, environment: dict[str, str]) -> None:
    async def work(bench: Bench) -> None:
        bench.values["artifacts"] = str(tmp_path / "report/artifacts/test")
        await bench.run(
            step("run", "sh -c 'echo 1 >$0/a.txt; mkdir $0/d; echo 2 >$0/d/b.png; ln -s /etc/passwd $0/p' ${artifacts}")
        )
        first = list(bench.record.artifacts)
        assert first == [
            Artifact(name="a.txt", path="artifacts/test/a.txt", media_type="text/plain"),
            Artifact(name="d/b.png", path="artifacts/test/d/b.png", media_type="image/png"),
        ]
        await bench.run(step("run", "sh -c 'echo longer >$0/a.txt' ${artifacts}"))
        assert bench.record.artifacts[2:] == first[:1]

    on_bench(tmp_path, work, environment=environment)


def test_hostile_output_is_made_harmless_and_bounded(tmp_path: Path, environment: dict[str, str]) -> None:
    async def work(bench: Bench) -> None:
        script = r"printf '\033]0;title\007\000::set-env\r\n'; seq 300; exit 1"
        with pytest.raises(DeviceFailure) as caught:
            await bench.run(step("run", script, shell_="true"))
        assert bench.record.lines[:2] == ["\\x00::set-env", "1"]
        assert len(str(caught.value).splitlines()) < 70
        assert str(caught.value).endswith("    301 | 300")

    on_bench(tmp_path, work, environment=environment)


@pytest.mark.parametrize("text, words", [("", "no command"), ("  ", "no command"), ("echo 'a", "no closing quotation")])
def test_what_is_no_command(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        COMMAND.convert(text)
