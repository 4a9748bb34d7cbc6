from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.steps import Bench, bound, on_bench, problems, step
from tpf.errors import DeviceFailure, StepError
from tpf.result import FailureKind


@pytest.mark.parametrize(
    "value, asked, wrong",
    [
        ("42", {"equals": "42"}, None),
        ("42", {"equals": "42.0"}, '"42" is not "42.0"'),
        ("", {"equals": ""}, None),
        ("on", {"differs": "off"}, None),
        ("on", {"differs": "on"}, '"on" is what it must not be'),
        ("v5.3-dirty", {"matches": r"^v\d"}, None),
        ("5.3", {"matches": r"^v\d"}, '"5.3" does not match "^v\\\\d"'),
        ("100", {"min": "100", "max": "100"}, None),
        ("99.5", {"min": "100"}, '"99.5" is less than 100'),
        ("-3", {"min": "-2", "max": "7"}, '"-3" is less than -2'),
        ("8", {"max": "7.5"}, '"8" is more than 7.5'),
        (" 7 ", {"max": "7.5"}, None),
        ("0x10", {"max": "7"}, '"0x10" is not a number'),
        ("nan", {"max": "7"}, '"nan" is not a number'),
        ("12", {"equals": "13", "max": "7"}, '"12" is not "13" and is more than 7'),
    ],
)
def test_check(tmp_path: Path, value: str, asked: dict[str, str], wrong: str | None) -> None:
    async def work(bench: Bench) -> None:
        bench.values["value"] = value
        if wrong is None:
            await bench.run(step("check", value="${value}", **asked))
            return
        with pytest.raises(DeviceFailure) as caught:
            await bench.run(step("check", value="${value}", **asked))
        assert (caught.value.kind, str(caught.value)) == (FailureKind.MISMATCH, f"${{value}}: {wrong}")

    on_bench(tmp_path, work)


def test_the_value_is_told_with_where_it_comes_from(tmp_path: Path) -> None:
    async def work(bench: Bench) -> None:
        bench.values.update(free="493572", unit="B")
        for value, told in (
            ("${free}", '${free}: "493572"'),
            ("${free} ${unit}", '${free} ${unit}: "493572 B"'),
            ("493572", '"493572"'),
            ("$${free}", '"${free}"'),
        ):
            one = step("check", value=value, equals="600000")
            assert bound(one, bench.values).summary() == f'check {told} equals "600000"'
            with pytest.raises(DeviceFailure) as caught:
                await bench.run(one)
            assert str(caught.value) == f'{told} is not "600000"'

    on_bench(tmp_path, work)


def test_a_hostile_value_can_not_hang_it(tmp_path: Path) -> None:
    async def work(bench: Bench) -> None:
        with pytest.raises(StepError, match="took more than"):
            await bench.run(step("check", value="a" * 80 + "b", matches="^(a|aa)+$"))

    on_bench(tmp_path, work)


def test_what_check_can_not_mean() -> None:
    assert problems(step("check", value="1")) == [
        "<check> compares with nothing: add equals, differs, matches, min or max"
    ]
    assert problems(step("check", value="1", min="5", max="4")) == [
        "attribute min: 5 is larger than max, 4: no number can be both"
    ]
