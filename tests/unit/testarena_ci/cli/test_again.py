"""The command that runs what failed once more."""

from __future__ import annotations

import shlex

import pytest

from testarena_ci.cli.run import again


def test_what_made_the_run_is_kept_and_what_chose_cases_is_not() -> None:
    given = {"config": "ci.yml", "target": None, "jobs": "2", "report_dir": "my report", "tag": ("slow",), "set": None}
    line = again(("scenarios", "it's.xml"), given)
    assert line.startswith("The failed ones again: ")
    assert shlex.split(line.removeprefix("The failed ones again: ")) == [
        *("testarena", "run", "scenarios", "it's.xml", "--config", "ci.yml", "--jobs", "2"),
        *("--report-dir", "my report", "--failed"),
    ]


def test_retries_after_panics_are_kept() -> None:
    assert again((), {"retries": "2", "retry_panics": True}).endswith("--retries 2 --retry-panics --failed")
    assert "panics" not in again((), {"retry_panics": None})


def test_values_are_quoted_for_a_shell() -> None:
    assert again((), {"set": ("a=b c", "x=$(rm)")}) == (
        "The failed ones again: testarena run --set 'a=b c' --set 'x=$(rm)' --failed"
    )


@pytest.mark.parametrize(
    "name",
    [
        "token",
        "API_TOKEN",
        "wifi.password",
        "wifi_pass",
        "secret",
        "apiKey",
        "ssh-key",
        "psk",
        "sim_pin",
        "PIN",
        "auth",
    ],
)
def test_what_may_be_a_secret_is_not_repeated(name: str) -> None:
    line = again((), {"set": (f"{name}=hunter2", "baud=9600")})
    assert line == f"The failed ones again, with --set {name} as before: testarena run --set baud=9600 --failed"


@pytest.mark.parametrize("value", ["x" * 61, "two\nlines", "\x1b[31m"])
def test_what_is_long_or_no_line_is_not_repeated(value: str) -> None:
    line = again((), {"set": (f"blob={value}",)})
    assert line == "The failed ones again, with --set blob as before: testarena run --failed"


@pytest.mark.parametrize("name", ["baud", "pins", "spinning", "region"])
def test_other_names_are_kept(name: str) -> None:
    assert f"--set {name}=1" in again((), {"set": (f"{name}=1",)})
