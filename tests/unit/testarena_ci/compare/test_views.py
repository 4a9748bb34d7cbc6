"""Comparisons as people and programs read them, and runs as they are read back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from msgspec.structs import replace

from testarena_ci.compare import as_json, logs, markdown, text
from testarena_ci.compare.model import Comparison
from testarena_ci.compare.recorded import Recorded, of_document, open_run
from testarena_ci.compare.runs import compare
from testarena_ci.reports.results_json import document
from tests.support.builders import Run, attempt, case, failure, not_run, run, scenario, skipped
from tests.support.golden import Golden
from tpf.errors import UsageError
from tpf.result import BuildResult, FailureKind, FirmwareSize, Metric, RunResult

LATE = failure(FailureKind.TIMEOUT, 'expect "pong": not within 1 s', 9)
EVIL = failure(FailureKind.PANIC, "<script>|`@all\n::error::x", 9)


def before() -> RunResult:
    heap = Metric(name="heap", value=12_000, unit="bytes", minimum=11_500)
    cases = (
        case("ping", 5, attempt(seconds=1.2), metrics=(heap,)),
        case("reset | now", 7, attempt(failure=LATE)),
        case("old", 8, attempt()),
        skipped("later", 9, "no radio"),
    )
    built = BuildResult(name="app", command="make", seconds=2, sizes=(FirmwareSize(name="image", used=170_000),))
    return replace(run(scenario("console", "console", *cases, seconds=2.5)), builds=(built,))


def now() -> RunResult:
    heap = Metric(name="heap", value=11_000, unit="bytes", minimum=11_500)
    cases = (
        case("ping", 5, attempt(seconds=4.0), metrics=(heap,)),
        case("reset | now", 7, attempt(failure=EVIL)),
        case("new", 8, attempt(failure=EVIL)),
        case("later", 9, attempt()),
        not_run("last", 10, failure(FailureKind.NOT_RUN, "the run broke off")),
    )
    sizes = (FirmwareSize(name="image", used=174_096, total=1 << 20),)
    made = run(scenario("console", "console", *cases, seconds=2.5), run_id="20261121-010203-0815")
    return replace(made, builds=(BuildResult(name="app", command="make", seconds=2, sizes=sizes),))


@pytest.fixture
def both() -> Comparison:
    return compare(before(), now())


def test_text(both: Comparison, golden: Golden) -> None:
    golden.check("compare/text.txt", "\n".join(text.render(both, colours=False)) + "\n")
    coloured = "\n".join(text.render(both, colours=True))
    assert "\x1b[31;1mnewly failing" in coloured


def test_markdown(both: Comparison, golden: Golden) -> None:
    made = markdown.render(both)
    golden.check("compare/markdown.md", made)
    assert "<script>" not in made.replace("`<script>", "")
    short = markdown.render(both, limit=700)
    assert len(short) <= 700
    assert "more sections have no room" in short


def test_json(both: Comparison, golden: Golden) -> None:
    made = as_json.render(both)
    golden.check("compare/comparison.json", made + "\n")
    assert json.loads(made)["worse"] is True


def test_no_change_is_said() -> None:
    assert list(text.render(compare(before(), before()), colours=False))[-1].startswith("NOT WORSE: 1 still failing")


def test_a_results_json_is_read_back() -> None:
    for result in (before(), now()):
        again = of_document(json.loads(json.dumps(document(Run(result=result).report))))
        assert again == result
        assert compare(result, again).counts == compare(result, result).counts


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"schema": 2}', '{"schema": 1, "run": 3}', "[" * 100_000])
def test_what_is_no_results_json_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "results.json").write_text(content)
    with pytest.raises(UsageError, match=r"is not a results\.json"):
        open_run("results.json", tmp_path, lambda _: None)


def test_what_is_no_run_is_refused_and_what_is_in_the_history_is_taken(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not a report folder"):
        open_run(".", tmp_path, lambda _: None)
    with pytest.raises(UsageError, match="nor the id of a run"):
        open_run("nothing", tmp_path, lambda _: None)
    assert open_run("4711", tmp_path, {"4711": now()}.get).result == now()


# ---- consoles


def recorded(console: str, lines: int) -> Recorded:
    made = Run(
        result=run(scenario("console", "console", case("ping", 5, attempt(log=(2, lines))))),
        logs={"logs/console/console.log": console},
    )
    return Recorded(label="report", result=made.result, read_log=made.read)


BEFORE = "     0.001  boot\n     0.010  I (10) main: up\n     0.020  temp 21\n     0.030  \x1b[32mpong\x1b[0m\n"
NOW = "     0.001  boot\n     0.014  I (14) main: up\n     0.020  temp 85\n     0.030  panic\n     0.040  bye\n"


def test_consoles(golden: Golden) -> None:
    found = logs.consoles(recorded(BEFORE, 4), recorded(NOW, 5), "console/ping")
    golden.check("compare/console.txt", "\n".join(logs.render(found, numbers=False, colours=False)) + "\n")
    assert "~ temp 85" in list(logs.render(found, numbers=True, colours=False))
    assert [row["mark"] for row in logs.document(found)[0]["rows"]] == ["~", "-", "+", "+"]


def test_the_same_console() -> None:
    found = logs.consoles(recorded(BEFORE, 4), recorded(BEFORE, 4), "console/ping")
    assert [console.differs for console in found] == [False]
    assert len(list(logs.render(found, numbers=True, colours=False))) == 1


def test_a_case_or_a_console_that_is_not_there() -> None:
    with pytest.raises(UsageError, match="did you mean 'console/ping'"):
        logs.consoles(recorded(BEFORE, 4), recorded(NOW, 5), "console/pong")
    gone = Recorded(label="old", result=recorded(NOW, 5).result, read_log=Run(result=run()).read)
    with pytest.raises(UsageError, match="old: no console"):
        logs.consoles(gone, recorded(NOW, 5), "console/ping")
