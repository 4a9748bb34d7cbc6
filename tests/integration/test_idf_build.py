"""ESP-IDF projects in whole runs: built by the stand-in idf.py, run by a machine; real processes all along."""

from __future__ import annotations

import json
import os
import shutil
import signal
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.support.arena import Arena, Ran
from tests.support.idf import FakeIdf, fake_idf, project, without_cache
from tests.support.processes import eventually

CASE = '<case name="c"><expect within="20s">hello from hello</expect></case>'
HOST = '<firmware project="firmware"/><machine kind="linux"/>' + CASE
COMMAND = '<machine kind="command" command="sh -c \'echo hello from hello\'"/>' + CASE


@pytest.fixture
def idf(tmp_path: Path) -> FakeIdf:
    return fake_idf(tmp_path / "idf")


@pytest.fixture
def arena(tmp_path: Path, idf: FakeIdf) -> Arena:
    """A checkout with blanks in its path, and a project in it."""
    folder = tmp_path / "the checkout"
    (tmp_path / "reports").mkdir()
    project(folder / "firmware")
    (folder / ".git").mkdir()
    return Arena(folder=folder, environment=idf.environment, reports=tmp_path / "reports")


def for_chip(config: str = "", folder: str = "firmware") -> str:
    """Built for a chip, and run as a program of the host: what is built is what counts here."""
    said = f' config="{config}"' if config else ""
    return f'<firmware project="{folder}"{said}/>{COMMAND}'


def build_of(ran: Ran, number: int = 0) -> dict[str, Any]:
    return dict(ran.report.results["builds"][number])


def built(arena: Arena) -> list[Path]:
    return sorted((arena.folder / ".testarena" / "build").iterdir())


def test_a_host_program_is_built_and_run_and_the_checkout_stays_clean(arena: Arena) -> None:
    arena.scenario("it", HOST, target="linux")
    before = without_cache(arena.folder / "firmware")
    ran = arena.run("it.xml")
    assert ran.ended(0).verdicts == {"c": "passed"}
    assert without_cache(arena.folder / "firmware") == before
    assert (arena.folder / ".testarena" / ".gitignore").read_text() == "*\n"
    assert "[firmware-linux-" in ran.out  # each line of the build says whose it is
    log = (ran.report.folder / build_of(ran)["log"]).read_text()
    assert "Executing action: all (aliases: build)" in log


def test_one_build_serves_all_scenarios_that_share_it_and_nothing_is_built_twice(arena: Arena) -> None:
    for name in ("a", "b", "c"):
        arena.scenario(f"s/{name}", for_chip(folder="../firmware"), target="esp32c3")
    first = arena.run("s")
    assert [build_of(first)["reused"], len(first.ended(0).results["builds"])] == [False, 1]
    (folder,) = built(arena)
    before = without_cache(folder)
    second = arena.run("s", report="second")
    assert build_of(second)["reused"] is True
    second.ended(0)
    changed = [name for name, state in without_cache(folder).items() if before.get(name) != state]
    assert {Path(name).name for name in changed} <= {"testarena.json"}


def test_targets_and_configs_are_built_apart(arena: Arena) -> None:
    (arena.folder / "firmware" / "sdkconfig.ci").write_text("CONFIG_FREERTOS_HZ=1000\n")
    (arena.folder / "firmware" / "sdkconfig.ci.esp32").write_text("CONFIG_FREERTOS_HZ=500\n")
    arena.scenario("s/a", for_chip(folder="../firmware"), target="esp32c3")
    arena.scenario("s/b", for_chip("sdkconfig.ci", "../firmware"), target="esp32c3")
    arena.scenario("s/c", for_chip("sdkconfig.ci", "../firmware"), target="esp32")
    arena.run("s").ended(0)
    told = [json.loads((folder / "config" / "sdkconfig.json").read_text()) for folder in built(arena)]
    assert sorted((config["IDF_TARGET"], config["FREERTOS_HZ"]) for config in told) == [
        ("esp32", 500),
        ("esp32c3", 100),
        ("esp32c3", 1000),
    ]


def test_defaults_that_change_change_the_build(arena: Arena) -> None:
    defaults = arena.folder / "firmware" / "sdkconfig.defaults"
    defaults.write_text("CONFIG_FREERTOS_HZ=200\n")
    arena.scenario("it", for_chip(), target="esp32c3")
    arena.run("it.xml").ended(0)
    (folder,) = built(arena)
    defaults.write_text("CONFIG_FREERTOS_HZ=250\n")
    ran = arena.run("it.xml", report="second")
    ran.ended(0)
    assert json.loads((folder / "config" / "sdkconfig.json").read_text())["FREERTOS_HZ"] == 250
    assert build_of(ran)["reused"] is False


def test_a_failing_build_is_an_error_at_its_place_and_others_run_on(arena: Arena) -> None:
    text = (Path(__file__).parent.parent / "data" / "idf" / "compile.txt").read_text()
    project(arena.folder / "broken", **{"main/broken.txt": text})
    arena.scenario("s/bad", for_chip(folder="../broken"), target="esp32c3")
    arena.scenario("s/bad2", for_chip(folder="../broken"), target="esp32c3")
    arena.scenario("s/good", for_chip(folder="../firmware"), target="esp32c3")
    ran = arena.run("s", environment={"GITHUB_ACTIONS": "true", "CI": "true"})
    report = ran.ended(4)
    verdicts = {scenario["name"]: scenario["verdict"] for scenario in report.results["scenarios"]}
    assert verdicts == {"bad": "error", "bad2": "error", "good": "passed"}
    (failure,) = (build["failure"] for build in report.results["builds"] if build["failure"])
    first = "broken/main/main.c:5:9: error: 'y' undeclared (first use in this function)"
    assert failure["kind"] == "build"
    assert failure["message"].splitlines()[0] == f"the firmware can't be built: {first}"
    (bad,) = (scenario for scenario in report.results["scenarios"] if scenario["name"] == "bad")
    assert bad["failure"]["source"]["file"] == "s/bad.xml"
    annotations = [line for line in ran.out.splitlines() if line.startswith("::error ")]
    assert sum("file=broken/main/main.c,line=5,col=9" in line for line in annotations) == 1, annotations
    assert sum("file=broken/main/main.c,line=6,col=14" in line for line in annotations) == 1, annotations
    # mended, it is built; CMake's work is kept
    (arena.folder / "broken" / "main" / "broken.txt").unlink()
    mended = arena.run("s", report="mended")
    mended.ended(0)


def has(file: Path, word: str) -> bool:
    return word in file.read_text()


def test_a_build_that_was_killed_is_taken_up_again(arena: Arena) -> None:
    hold = arena.folder / "firmware" / "main" / "hold"
    for place in ("hold-configure", "hold"):
        hold.with_name(place).touch()
        arena.scenario("it", for_chip(), target="esp32c3")
        running = arena.start("it.xml", report=place)
        out = arena.reports / f"{place}.out"
        assert eventually(partial(has, out, "held"))
        os.killpg(running.pid, signal.SIGKILL)
        arena.end(running, place)
        hold.with_name(place).unlink()
        assert arena.run("it.xml", report=f"{place}-again").ended(0).verdicts == {"c": "passed"}
        shutil.rmtree(arena.folder / ".testarena" / "build")


@pytest.mark.parametrize("name", ["build.ninja", "project_description.json", "flasher_args.json", "hello.bin"])
def test_a_build_folder_that_was_cut_off_is_mended(name: str, arena: Arena) -> None:
    arena.scenario("it", for_chip(), target="esp32c3")
    arena.run("it.xml").ended(0)
    (folder,) = built(arena)
    if name.endswith("json"):
        (folder / name).write_text('{"target"')
    else:
        (folder / name).unlink()
    (folder / ".ninja_log").unlink()  # as ninja finds it when an output is not there
    assert arena.run("it.xml", report="second").ended(0).verdicts == {"c": "passed"}


def test_a_folder_of_somebody_elses_making_is_not_used(arena: Arena) -> None:
    arena.scenario("it", for_chip(), target="esp32c3")
    arena.run("it.xml").ended(0)
    (folder,) = built(arena)
    (folder / "testarena.json").unlink()
    cache = folder / "CMakeCache.txt"
    cache.write_text(cache.read_text().replace("esp32c3", "esp32"))
    assert arena.run("it.xml", report="second").ended(0).verdicts == {"c": "passed"}


def test_two_runs_in_one_checkout_do_not_collide(arena: Arena) -> None:
    arena.scenario("it", HOST, target="linux")
    runs = [arena.start("it.xml", report=f"r{number}") for number in range(2)]
    ended = [arena.end(process, f"r{number}") for number, process in enumerate(runs)]
    assert [ran.ended(0).verdicts for ran in ended] == [{"c": "passed"}] * 2
    assert sorted(build_of(ran)["reused"] for ran in ended) == [False, True]


def test_sizes_are_told_in_report_and_summary(arena: Arena) -> None:
    arena.scenario("it", for_chip(), target="esp32c3")
    ran = arena.run("it.xml")
    ran.ended(0)
    sizes = {size["name"]: size for size in build_of(ran)["sizes"]}
    assert sizes["DIRAM"]["total"] == 321296
    assert sizes["image"]["total"] == 0x100000
    assert 60000 <= sizes["DIRAM"]["used"] < 130000
    assert "Flash Data" not in sizes  # nothing is there
    again = arena.run("it.xml", report="second")
    assert build_of(again)["sizes"] == build_of(ran)["sizes"]


def test_without_esp_idf_all_places_are_told(arena: Arena, tmp_path: Path) -> None:
    arena.scenario("it", for_chip(), target="esp32c3")
    ran = arena.run("it.xml", environment={"IDF_PATH": "", "HOME": str(tmp_path / "nobody")})
    report = ran.ended(3)
    (failure,) = (build["failure"] for build in report.results["builds"])
    assert failure["kind"] == "environment"
    assert "testarena doctor --target esp32c3" in failure["message"]


def test_build_alone_builds_and_says_sizes(arena: Arena) -> None:
    arena.scenario("s/a", for_chip(folder="../firmware"), target="esp32c3")
    arena.scenario("s/b", for_chip(folder="../firmware"), target="esp32")
    arena.scenario("s/plain", COMMAND)
    ran = arena.call("build", "s")
    ran.ended(0)
    assert ran.out.splitlines()[-1].startswith("BUILT: 2 builds in ")
    assert "done; image 62.5 KB of 1 MB (6%), DIRAM" in ran.out
    assert not (arena.folder / "testarena-report").exists()
    again = arena.call("build", "s")
    again.ended(0)
    assert again.out.splitlines()[-1].startswith("BUILT: 2 builds, 2 unchanged in ")
    log = next((arena.folder / ".testarena" / "logs").glob("firmware-esp32-*.log"))
    assert log.read_text().count("Executing action") == 1


def test_build_alone_tells_what_failed_by_its_exit_code_and_as_json(arena: Arena, tmp_path: Path) -> None:
    text = (Path(__file__).parent.parent / "data" / "idf" / "compile.txt").read_text()
    project(arena.folder / "broken", **{"main/broken.txt": text})
    arena.scenario("s/bad", for_chip(folder="../broken"), target="esp32c3")
    arena.scenario("s/good", for_chip(folder="../firmware"), target="esp32c3")
    ran = arena.call("build", "s", "--format", "json")
    ran.ended(4)
    builds = {build["name"].split("-")[0]: build for build in json.loads(ran.out)["builds"]}
    assert {name: build["verdict"] for name, build in builds.items()} == {"broken": "error", "firmware": "passed"}
    places = [place["source"]["file"] for place in builds["broken"]["failure"]["code"]]
    assert places == ["broken/main/main.c"] * 2
    assert "ERROR: 1 of 2 builds failed" in ran.err
    assert "broken/main/main.c:6:14: expected ';' before 'helper'" in ran.err
    on_github = arena.call("build", "s", environment={"GITHUB_ACTIONS": "true", "CI": "true"})
    on_github.ended(4)
    assert on_github.out.count("::error file=broken/main/main.c,line=5,col=9,title=broken-esp32c3-") == 1


def test_build_alone_has_the_exit_codes_of_a_run(arena: Arena, tmp_path: Path) -> None:
    arena.scenario("s/a", for_chip(folder="../firmware"), target="esp32c3")
    nobody = {"IDF_PATH": "", "HOME": str(tmp_path / "nobody")}
    arena.call("build", "s", environment=nobody).ended(3)
    arena.call("build", "s", "--target", "esp32x").ended(4)
    arena.scenario("s/a", for_chip(folder="../firmwear"), target="esp32c3")
    arena.call("build", "s").refused(2, "no folder '../firmwear'", "did you mean 'firmware'?")
    arena.scenario("s/a", COMMAND)
    ran = arena.call("build", "s")
    ran.ended(0)
    assert "nothing to build" in ran.out
