"""Whole runs of every kind, with their console logs: one for each way in which a run can end."""

from __future__ import annotations

from msgspec.structs import replace

from tests.support.builders import (
    Run,
    attempt,
    case,
    failure,
    not_run,
    run,
    scenario,
    skipped,
    step,
)
from tpf.result import (
    Artifact,
    BuildResult,
    CaseResult,
    CodePlace,
    Failure,
    FailureKind,
    FirmwareSize,
    Metric,
    Quarantine,
    ScenarioResult,
    Source,
    Verdict,
    verdict_of,
)

HOSTILE = "</script><img src=x onerror=alert(1)>\u202e\x00\x1b[31m\"'&|`#1 @root\n::error::x"

BOOT_LOG = """\
     0.021  ESP-ROM:esp32c3-api1-20210207
     0.022  rst:0x1 (POWERON),boot:0x8 (SPI_FAST_FLASH_BOOT)
     0.087  \x1b[0;32mI (134) main_task: Calling app_main()\x1b[0m
     0.090  I (137) heap: 251904 bytes free
     0.101  esp32> \
"""

CONSOLE_LOG = BOOT_LOG + (
    "ping\n"
    "     0.113  pong\n"
    "     0.214  esp32> heap\n"
    "     1.220  esp32> crash null\n"
    "     1.231  Guru Meditation Error: Core  0 panic'ed (Store access fault). Exception was unhandled.\n"
    "     1.231  Core  0 register dump:\n"
    "     1.231  MEPC    : 0x420058f3  RA      : 0x42005a10  SP      : 0x3fc8f5b0\n"
    "     1.232  Stack memory:\n"
    "     1.232  3fc8f5b0: 0x00000000 0x3fc8f5d0 0x00000004\n"
    "     1.240  ELF file SHA256: 63c1edd7e\n"
    "     1.241  Rebooting...\n"
    "     1.250  -- boot 2\n"
    "     1.350  esp32> counter\n"
    "     1.360  3\n"
    "     1.370  -- reset\n"
    "     1.480  counter: 4\n"
)

_SILENT = failure(
    FailureKind.TIMEOUT,
    'expected "free: " within 1s, but it did not come; last line: "esp32> heap"\n'
    "console since the last match:\n      6 | pong\n      7 | esp32> heap",
    25,
)
_CRASH = "Guru Meditation Error: Core 0 panic'ed (Store access fault) in crash_null at main/commands.c:41 (task main)"
_PANIC = replace(
    failure(
        FailureKind.PANIC,
        f"panic: {_CRASH}\n"
        "backtrace:\n"
        "  #0  0x420058f3 crash_null at main/commands.c:41 (inlined)\n"
        "  #1  0x420058f3 crash at main/commands.c:60\n"
        "  #2  0x42005a10 console_run at main/console.c:88",
        31,
    ),
    code=(CodePlace(source=Source(file="main/commands.c", line=41), message=_CRASH),),
)


def passed() -> Run:
    """One scenario, two cases, all well."""
    ping = case(
        "ping answers pong",
        18,
        attempt(step('send "ping"', 19), step('expect "pong" within 1s', 20, log=(6, 6)), log=(5, 6)),
    )
    heap = case(
        "enough heap is left",
        23,
        attempt(step('send "heap"', 24), step('expect regex "free: (\\d+)"', 25, log=(7, 7)), log=(6, 7)),
        metrics=(Metric(name="heap.free", value=251904, unit="B", minimum=100000),),
    )
    console = scenario(
        "console answers",
        "console-answers",
        ping,
        heap,
        doc="The console task answers while the network task is busy.",
        tags=("smoke", "console"),
        requirements=("REQ-CON-1",),
    )
    log = f"{BOOT_LOG}ping\n     0.113  pong\n     0.140  free: 251904\n"
    return Run(result=run(console), logs={"logs/console-answers/console.log": log})


def mixed() -> Run:
    """Each verdict and most kinds of failure at once."""
    console, log = _console()
    compiler = "main.c:12:5: error: unknown type name 'uint33_t'\nninja: build stopped"
    wrong = CodePlace(source=Source(file="main/main.c", line=12, column=5), message="unknown type name 'uint33_t'")
    build = replace(failure(FailureKind.BUILD, f"idf.py build failed: {compiler}"), code=(wrong,))
    dead = [
        scenario(
            f"radio {target}",
            f"radio-{target}",
            *(not_run(f"channel {number}", 8 + number, build) for number in range(3)),
            failure=build,
            logs=(),
            start=None,
            seconds=0.0,
            target=target,
            parameters=(("target", target),),
        )
        for target in ("esp32", "esp32s3")
    ]
    builds = (
        BuildResult(
            name="console",
            command="make -C firmware/console",
            seconds=3.2,
            log="logs/build-console.log",
            sizes=(
                FirmwareSize(name="DIRAM", used=64718, total=321296),
                FirmwareSize(name="image", used=170240, total=1 << 20),
                FirmwareSize(name="Flash Code", used=73632),
            ),
        ),
        BuildResult(name="radio", command="idf.py build", seconds=12.9, failure=build, log="logs/build-radio.log"),
    )
    logs = {
        "logs/console-answers/console.log": log,
        "logs/build-radio.log": f"[1/2] Building main.c\n{compiler}\n",
    }
    return Run(result=run(console, *dead, builds=builds), logs=logs)


def _console() -> tuple[ScenarioResult, str]:
    cases = (
        case(
            "ping answers pong",
            18,
            attempt(step('send "ping"', 19), step('expect "pong" within 1s', 20, log=(6, 6)), log=(5, 6)),
        ),
        _too_late(),
        _panicked(),
        _flaky(),
        skipped("display shows a logo", 44, "no display in the emulator"),
    )
    made = scenario("console answers", "console-answers", *cases, tags=("smoke",), requirements=("REQ-CON-1",))
    return made, CONSOLE_LOG


def _too_late() -> CaseResult:
    wait = step('expect "free: " within 1s', 25, log=(7, 7), seconds=1.0, verdict=Verdict.FAILED, failure=_SILENT)
    tried = attempt(step('send "heap"', 24), wait, log=(6, 7), failure=_SILENT, seconds=1.02)
    return case("enough heap is left", 23, tried, tags=("memory",))


def _panicked() -> CaseResult:
    wait = step('expect "caught" within 5s', 32, log=(8, 9), verdict=Verdict.FAILED, failure=_PANIC)
    return case("null pointer is caught", 30, attempt(step('send "crash null"', 31), wait, log=(8, 15), failure=_PANIC))


def _flaky() -> CaseResult:
    wrong = failure(FailureKind.MISMATCH, "counter is 3, not 4", 38)
    first = step('check "${counter}" is 4', 38, verdict=Verdict.FAILED, failure=wrong)
    return case(
        "counter survives a reset",
        35,
        attempt(first, log=(16, 18), failure=wrong),
        attempt(step('check "${counter}" is 4', 38), number=2, log=(19, 20), start=3.1),
        metrics=(
            Metric(name="boot.time", value=0.101, unit="s", maximum=0.5),
            Metric(name="heap.free", value=91904, unit="B", minimum=100000),
        ),
        requirements=("REQ-NVS-2",),
        artifacts=(Artifact(name="nvs.bin", path="artifacts/console-answers/nvs.bin"),),
        notes=("counter read twice",),
    )


def quarantined(*, another_fails: bool = False) -> Run:
    """A failure in quarantine, a case in it that passes again; and one more failure, if asked for."""
    said = Quarantine(reason="the sensor drifts", ticket="https://example.org/issues/7", until="2026-12-01")
    wait = step('expect "free: " within 1s', 25, log=(7, 7), seconds=1.0, verdict=Verdict.FAILED, failure=_SILENT)
    bad = attempt(wait, log=(6, 7), failure=_SILENT, seconds=1.02)
    cases = [
        case("drifts", 23, bad, quarantine=said),
        case("drifted once", 30, quarantine=said),
        case("ping answers pong", 18),
    ]
    made = scenario("console answers", "console-answers", *cases, *([case("late", 40, bad)] if another_fails else []))
    return Run(result=run(made), logs={"logs/console-answers/console.log": CONSOLE_LOG})


def set_up_failed() -> Run:
    """The prompt never came: no case ran."""
    silent = failure(FailureKind.SILENCE, "setup: the device printed nothing for 10 s", 14)
    dead = scenario(
        "console answers", "console-answers", *(not_run(f"case {n}", 20 + n, silent) for n in range(4)), failure=silent
    )
    return Run(result=run(dead), logs={"logs/console-answers/console.log": BOOT_LOG + "\n"})


def interrupted() -> Run:
    """Ended by SIGTERM after the first case."""
    stop = failure(FailureKind.INTERRUPTED, "interrupted: SIGTERM")
    half = scenario(
        "console answers", "console-answers", case("ping answers pong", 18), not_run("heap", 23, stop), logs=()
    )
    never = scenario("radio", "radio", not_run("scan", 9, stop), start=None, seconds=0.0, logs=())
    return Run(result=run(half, never, failure=stop))


def killed() -> Run:
    """Ended by SIGKILL: the journal just stops."""
    lost = failure(FailureKind.NOT_RUN, "the run ended before this case began")
    half = scenario(
        "console answers", "console-answers", case("ping answers pong", 18), not_run("heap", 23, lost), logs=()
    )
    return Run(result=run(half, finished=False))


def empty() -> Run:
    """Nothing was selected."""
    return Run(result=run(failure=failure(FailureKind.NOT_RUN, "no case matches the filter 'wifi'")))


def hostile() -> Run:
    """Every text that comes from outside tries to be something else."""
    bad = Failure(kind=FailureKind.MISMATCH, message=f"{HOSTILE}\n{HOSTILE}", source=Source(file=HOSTILE, line=1))
    slug = "evil.scenario"
    made = scenario(
        HOSTILE,
        slug,
        *_hostile_cases(bad),
        doc=HOSTILE,
        target=HOSTILE,
        machine=HOSTILE,
        command=(HOSTILE,),
        parameters=((HOSTILE, HOSTILE),),
        requirements=(HOSTILE,),
        notes=(HOSTILE,),
    )
    odd = (FirmwareSize(name=HOSTILE, used=-1, total=0),)
    build = BuildResult(name=HOSTILE, command=HOSTILE, seconds=1, failure=bad, log="../../etc/passwd", sizes=odd)
    log = f"     0.001  {HOSTILE}\n     0.002  {'x' * 1_000_000}\n     0.003  \u202e gnp.exe\n     0.004  ?\x07\x9b31m"
    properties = (
        (HOSTILE, HOSTILE),
        ("url", "javascript:alert(1)"),
        ("commit", HOSTILE),
        ("commit_url", "javascript:1"),
        ("source_url", "javascript:alert(1)//"),
        ("flags", HOSTILE),
    )
    evil = run(made, builds=(build,), properties=properties, run_id=HOSTILE)
    return Run(result=evil, logs={f"logs/{slug}/console.log": log})


def _hostile_cases(bad: Failure) -> tuple[CaseResult, ...]:
    evil = attempt(step(HOSTILE, 1, verdict=Verdict.FAILED, failure=bad, log=(1, 3)), failure=bad, log=(1, 4))
    metric = Metric(name=HOSTILE, value=float("nan"))
    files = (Artifact(name=HOSTILE, path="javascript:alert(1)"), Artifact(name="up", path="../../x"))
    return (
        case(HOSTILE, 1, evil, attempt(number=2), tags=(HOSTILE,), notes=(HOSTILE,), metrics=(metric,)),
        case(HOSTILE, 2, evil, artifacts=files),
        skipped(HOSTILE, 3, HOSTILE),
    )


def large(scenarios: int, cases: int, lines: int, bad_every: int = 50) -> Run:
    """Many scenarios of many cases that print many lines each; one case in `bad_every` failed, a few are flaky."""
    made: list[ScenarioResult] = []
    logs: dict[str, str] = {}
    for number in range(scenarios):
        slug = f"scenario-{number:04}"
        many = tuple(_large_case(number * cases + order, order, lines, bad_every) for order in range(cases))
        made.append(
            replace(scenario(f"scenario {number:04}", slug, *many), start=0.1 + number * 0.5, worker=number % 4)
        )
        logs[f"logs/{slug}/console.log"] = _large_log(number, cases * lines)
    return Run(result=run(*made, seconds=scenarios * 0.6), logs=logs)


def _large_case(number: int, order: int, lines: int, bad_every: int) -> CaseResult:
    first, last = order * lines + 1, (order + 1) * lines
    late = failure(FailureKind.TIMEOUT, f'expected "pong {number}" within 1s, but it did not come', 20)
    bad = late if number % bad_every == 7 else None
    start = order * 0.2
    steps = (
        step(f'send "ping {number}"', 19, start=start),
        step(f'expect "pong {number}" within 1s', 20, log=(first, last - 2), start=start + 0.02),
        step('send "heap"', 21, start=start + 0.04),
        step(
            'expect regex "free: (\\d+)"',
            22,
            log=(last - 1, last),
            start=start + 0.06,
            verdict=verdict_of(bad),
            failure=bad,
        ),
    )
    tries = [attempt(*steps, failure=bad, log=(first, last), start=start, seconds=0.08 + number % 7 / 50)]
    if bad and number % 3 == 0:
        tries.append(replace(tries[0], number=2, failure=None, verdict=Verdict.PASSED))
    tags = ("smoke",) if number % 3 else ("slow", "network")
    return case(f"command {number} answers within its time", 18 + order, *tries, tags=tags)


def _large_log(seed: int, lines: int) -> str:
    made = []
    for number in range(lines):
        word = (seed * 7919 + number * 104729) % 1_000_003
        text = f"I ({number}) console: handled command {word} in {word % 97} ticks"
        made.append(f"{number * 0.001:10.3f}  \x1b[0;32m{text}\x1b[0m\n")
    return "".join(made)
