"""The first steps of somebody with an ESP-IDF project: doctor, new, run; with the stand-ins of ESP-IDF and its QEMU."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.fakes.espressif_qemu import Program, app_image, install
from tests.support.command_line import CommandLine
from tests.support.idf import FakeIdf, fake_idf, project
from tests.support.programs import program

TARGET = "esp32c3"
COMPILER = "riscv32-esp-elf-gcc"
MAIN = 'void app_main(void)\n{\n    printf("Hello from the lamp\\n");\n}\n'


@pytest.fixture
def idf(tmp_path: Path) -> FakeIdf:
    return fake_idf(tmp_path / "idf")


@pytest.fixture
def testarena(tmp_path: Path, idf: FakeIdf) -> CommandLine:
    """In a project's folder, on a host where nothing is activated; Espressif's QEMU is on PATH."""
    folder = project(tmp_path / "lamp")
    (folder / "main" / "main.c").write_text(MAIN)
    (folder / "sdkconfig.defaults").write_text(f'CONFIG_IDF_TARGET="{TARGET}"\n')
    emulators = tmp_path / "bin"
    install(emulators)
    return CommandLine(folder=folder, environment={**idf.environment, "PATH": f"{emulators}:{idf.environment['PATH']}"})


def test_doctor_finds_what_a_run_finds(testarena: CommandLine, idf: FakeIdf) -> None:
    lacking = testarena("doctor", "--target", TARGET)
    assert lacking.returncode == 3
    assert f"{TARGET}: can't be built here; missing: {COMPILER}" in lacking.stdout
    assert f"-> {idf.path}/install.sh {TARGET}" in lacking.stdout

    program(idf.tools / "tools" / "fake-toolchain" / "1.0" / "bin", COMPILER, f"echo {COMPILER} 13.2.0")
    mended = testarena("doctor", "--target", TARGET, "--format", "json")
    assert mended.returncode == 0, mended.stdout
    told = json.loads(mended.stdout)
    found = {check["name"]: check["detail"] for section in told["sections"] for check in section["checks"]}
    assert found["ESP-IDF"] == f"v5.3.2 in {idf.path} (found by IDF_PATH)"
    assert found["idf.py"].startswith("ESP-IDF v5.3.2, with ")
    assert found[COMPILER] == f"{COMPILER} 13.2.0"
    assert f"board {TARGET}" in found


def test_an_unknown_target_is_a_mistake_of_the_command_line(testarena: CommandLine) -> None:
    done = testarena("doctor", "--target", "esp32c33")
    assert done.returncode == 2
    assert "unknown target 'esp32c33'; did you mean esp32c3?" in done.stderr


def test_what_new_makes_runs_as_it_is(testarena: CommandLine) -> None:
    prebuilt = testarena.folder / "prebuilt"
    prebuilt.mkdir()
    firmware = Program(name="hello", boot=("Hello from the lamp",))
    (prebuilt / "hello.bin").write_bytes(app_image(firmware, TARGET))
    made = testarena("new")
    assert made.returncode == 0, made.stderr
    assert f"testarena doctor --target {TARGET}" in made.stdout
    assert '<firmware project=".."/>' in (testarena.folder / "scenarios" / "hello.xml").read_text()
    ran = testarena("run")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "PASSED: 1 passed" in ran.stdout + ran.stderr


@pytest.mark.parametrize(
    "command, target", [("sh build.sh esp32c3", "esp32c3"), ("sh build.sh", "TARGET"), ("idf.py build", "TARGET")]
)
def test_a_build_without_esp_idf_leads_to_doctor(testarena: CommandLine, command: str, target: str) -> None:
    (testarena.folder / "build.sh").write_text("idf.py build\n")
    scenario = f"""<scenario name="s"><firmware command="{command}" image="flash.bin"/><machine kind="command"
        command="true"/><case name="c"><expect>x</expect></case></scenario>"""
    (testarena.folder / "s.xml").write_text(scenario)
    ran = testarena("run", "s.xml")
    assert ran.returncode in (3, 4)
    assert f"`testarena doctor --target {target}` says what is missing" in ran.stdout + ran.stderr
