"""Machine kind `linux`: real programs, compiled for this host, as the device."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from tests.support.arena import Arena, Report
from tests.support.processes import alive, eventually
from tpf import events as ev

LINUX = '<firmware elf="device"/><machine kind="linux"{}/>'
COMPILER = shutil.which("gcc") or shutil.which("cc") or shutil.which("clang")

# Its output is not flushed: it must come all the same, as it does on a terminal.
DEVICE = r"""
#include <assert.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static volatile int zero;

static void count_boots(void)
{
    int boots = 0;
    FILE *file = fopen("boots", "r");
    if (file != NULL) { if (fscanf(file, "%d", &boots) != 1) boots = -1; fclose(file); }
    file = fopen("boots", "w");
    fprintf(file, "%d", boots + 1);
    fclose(file);
    printf("boot %d\n", boots + 1);
}

static void run(char *line)
{
    if (strcmp(line, "ping") == 0) puts("pong");
    else if (strcmp(line, "segv") == 0) *(volatile int *)4 = 1;
    else if (strcmp(line, "fpe") == 0) raise(SIGFPE);  /* ARM divides by zero and lives on */
    else if (strcmp(line, "abort") == 0) abort();
    else if (strcmp(line, "assert") == 0) assert(zero == 1);
    else if (strcmp(line, "hang") == 0) for (;;) pause();
    else if (strcmp(line, "exit") == 0) exit(3);
    else if (strcmp(line, "free") == 0) { char *p = malloc(40); free(p); free(p); }
    else if (strcmp(line, "flood") == 0) for (int i = 0; i < 100000; i++) printf("line %d of a flood\n", i);
    else if (strcmp(line, "core") == 0) {
        struct rlimit limit; getrlimit(RLIMIT_CORE, &limit); printf("core limit %lu\n", (unsigned long)limit.rlim_cur);
    }
    else if (strcmp(line, "big") == 0) puts(malloc(512u << 20) == NULL ? "out of memory" : "got it");
    else if (strcmp(line, "port") == 0) printf("port %s\n", getenv("PORT_WEB"));
    else if (strcmp(line, "env") == 0) printf("seed %s\n", getenv("SEED"));
    else printf("no command: %s\n", line);
}

int main(int argc, char **argv)
{
    char line[80];
    signal(SIGTERM, SIG_IGN);
    count_boots();
    if (argc > 1) printf("started with %s\n", argv[1]);
    printf("device> "); fflush(stdout);
    while (fgets(line, sizeof line, stdin) != NULL) {
        line[strcspn(line, "\r\n")] = 0;
        run(line);
        printf("device> "); fflush(stdout);
    }
    return 0;
}
"""


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compiled(tmp_path_factory.mktemp("program"), DEVICE)


def compiled(folder: Path, source: str, *flags: str) -> Path:
    assert COMPILER, "no C compiler: apt install gcc"
    (folder / "device.c").write_text(source)
    argv = [COMPILER, *flags, "-O0", "-g", "-w", "-o", str(folder / "device"), str(folder / "device.c")]
    subprocess.run(argv, check=True, timeout=100)
    return folder / "device"


@pytest.fixture
def arena(tmp_path: Path, environment: dict[str, str], program: Path) -> Arena:
    folder, reports = tmp_path / "scenarios", tmp_path / "reports"
    folder.mkdir()
    reports.mkdir()
    shutil.copy(program, folder / "device")
    return Arena(folder=folder, environment=environment, reports=reports)


def run(arena: Arena, cases: str, options: str = "", **attributes: str) -> Report:
    setup = "<setup><expect>device&gt; </expect></setup>"
    file = arena.scenario("host", LINUX.format(options) + setup + cases, **attributes)
    ran = arena.run(file)
    assert "Traceback" not in ran.out + ran.err
    assert ran.code in (0, 1), ran.err + ran.out
    return ran.report


def case(steps: str, name: str = "it") -> str:
    return f'<case name="{name}">{steps}</case>'


def message(report: Report, name: str = "it") -> str:
    return str(report.cases[name]["failure"]["message"])


def test_a_program_answers_and_a_reset_keeps_its_folder(arena: Arena) -> None:
    report = run(
        arena,
        case(
            "<send>ping</send><expect>pong</expect><send>env</send><expect>seed 7</expect>"
            "<reset/><expect>boot 2</expect><expect>started with --fast</expect>"
            "<power-cut/><power-on/><expect>boot 3</expect>"
        ),
        ' args="--fast" env="SEED=7"',
    )
    assert report.verdicts == {"it": "passed"}, message(report)


def test_each_boot_has_a_folder_of_its_own(arena: Arena) -> None:
    steps = "<reset/><expect>boot 2</expect>"
    report = run(arena, case(steps, "a") + case(steps, "b"), boot="case")
    assert report.verdicts == {"a": "passed", "b": "passed"}
    assert not (arena.folder / "boots").exists()


@pytest.mark.parametrize(
    "command, words",
    [
        ("segv", "SIGSEGV (segmentation fault)"),
        ("fpe", "SIGFPE (arithmetic exception)"),
        ("abort", "SIGABRT (aborted)"),
        ("assert", "Assertion `zero == 1' failed"),
        ("free", "double free"),
    ],
)
def test_a_crash_is_a_panic_of_the_firmware(arena: Arena, command: str, words: str) -> None:
    report = run(
        arena,
        case(f"<send>{command}</send><expect within='50s'>never</expect>", "it")
        + case("<send>ping</send><expect>pong</expect>", "next"),
    )
    assert report.verdicts == {"it": "failed", "next": "passed"}
    assert report.kinds == {"it": "panic"}
    assert words in message(report)
    assert "-- crashed: SIG" in report.console("host")
    assert not list(arena.folder.glob("core*"))


def test_a_wanted_crash(arena: Arena) -> None:
    crash = '<send>segv</send><expect-panic reason="SIGSEGV"/><reset/><expect>boot 2</expect>'
    assert run(arena, case(crash)).verdicts == {"it": "passed"}


def test_an_exit_is_none(arena: Arena) -> None:
    report = run(arena, case("<send>exit</send><expect within='50s'>never</expect>"))
    assert report.kinds == {"it": "exit"}
    assert "exit status 3" in message(report)


def test_a_program_that_hangs_is_ended_with_its_case(arena: Arena) -> None:
    report = run(
        arena,
        '<case name="it" timeout="1s"><send>hang</send><wait for="900ms"/><wait for="900ms"/></case>'
        + case("<send>ping</send><expect>pong</expect>", "next"),
    )
    assert report.verdicts == {"it": "failed", "next": "passed"}
    assert not any(map(alive, arena.pids()))


def test_a_flood_loses_nothing(arena: Arena) -> None:
    report = run(arena, case("<send>flood</send><expect within='50s'>line 99999 of a flood</expect>"))
    assert report.verdicts == {"it": "passed"}
    assert report.console("host").count(" of a flood\n") == 100_000


def test_its_limits(arena: Arena) -> None:
    steps = "<send>core</send><expect>core limit 0</expect><send>big</send><expect>out of memory</expect>"
    assert run(arena, case(steps), ' memory="64MB"').verdicts == {"it": "passed"}


def test_it_listens_where_it_is_told_to(arena: Arena) -> None:
    machine = '<firmware elf="device"/><machine kind="linux"><forward name="web"/></machine>'
    steps = "<send>port</send><expect>port ${web.port}</expect>"
    ran = arena.run(arena.scenario("host", machine + case(steps)))
    assert ran.ended(0).verdicts == {"it": "passed"}


def test_a_sanitizer_s_report_is_a_panic(arena: Arena, tmp_path: Path) -> None:
    folder = tmp_path / "sanitized"
    folder.mkdir()
    try:
        made = compiled(folder, DEVICE, "-fsanitize=address,undefined")
    except subprocess.CalledProcessError:  # its library is a package of its own here and there
        made = folder / "device"
        made.write_text(
            "#!/bin/sh\nprintf 'device> '; read line\n"
            "echo '==7==ERROR: AddressSanitizer: attempting double-free on 0x60 in thread T0:'\n"
            "echo '    #0 0x55 in run device.c:33'; exit 1\n"
        )
        made.chmod(0o755)
    shutil.copy(made, arena.folder / "device")
    report = run(arena, case("<send>free</send><expect within='50s'>never</expect>"))
    assert report.kinds == {"it": "panic"}
    assert "AddressSanitizer: attempting double-free" in message(report)
    assert "#0 0x" in message(report)


def test_nothing_is_left_when_the_run_is_killed(arena: Arena) -> None:
    hang = case("<send>hang</send><expect within='50s'>never</expect>")
    file = arena.scenario("host", LINUX.format("") + "<setup><expect>device&gt; </expect></setup>" + hang)
    process = arena.start(file)
    try:
        assert arena.has_come_to(ev.StepStarted, kind="expect", phase="case")
        (pid,) = arena.pids()
        assert alive(pid)
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    assert eventually(lambda: not alive(pid))


def test_a_program_for_a_chip_is_refused(arena: Arena) -> None:
    head = bytearray((arena.folder / "device").read_bytes())
    head[18:20] = (94).to_bytes(2, "little")
    (arena.folder / "device").write_bytes(head)
    ran = arena.run(arena.scenario("host", LINUX.format("") + case("<reset/>")))
    assert "is built for Xtensa, not for this host: build the project for the target linux" in message(ran.report)


def test_a_target_that_is_a_chip_is_refused(arena: Arena) -> None:
    file = arena.scenario("host", LINUX.format("") + case("<reset/>"), target="esp32")
    arena.run(file).refused(2, 'runs what was built for this host: target="linux", not esp32')


def test_there_is_nothing_to_run_without_firmware(arena: Arena) -> None:
    ran = arena.run(arena.scenario("host", '<machine kind="linux"/>' + case("<reset/>")))
    assert 'add <firmware elf="..."/>' in message(ran.report)


def test_a_variable_needs_its_value(arena: Arena) -> None:
    file = arena.scenario("host", LINUX.format(' env="SEED"') + case("<reset/>"))
    arena.run(file).refused(2, "'SEED' is no variable: write NAME=value")
