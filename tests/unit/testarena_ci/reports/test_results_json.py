"""results.json: golden files and its published schema."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.resources import files
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from testarena_ci.reports.results_json import render
from tests.support import runs
from tests.support.builders import Run, case, run, scenario
from tests.support.golden import Golden
from tpf.result import FailureKind, Metric

KINDS = [runs.passed, runs.mixed, runs.set_up_failed, runs.interrupted, runs.killed, runs.empty, runs.hostile]


def schema() -> dict[str, Any]:
    made: dict[str, Any] = json.loads(files("testarena_ci.reports").joinpath("results.schema.json").read_text())
    return made


def strict(part: Any) -> Any:
    """The schema without its tolerance for fields that it doesn't name: ours are all named."""
    if isinstance(part, list):
        return [strict(item) for item in part]
    if not isinstance(part, dict):
        return part
    closed = {key: strict(value) for key, value in part.items()}
    return {**closed, "additionalProperties": False} if isinstance(part.get("properties"), dict) else closed


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(schema())


@pytest.mark.parametrize("make", KINDS)
def test_it_is_valid_and_has_no_field_that_is_not_described(make: Callable[[], Run]) -> None:
    Draft202012Validator(strict(schema())).validate(json.loads(render(make().report)))


@pytest.mark.parametrize("damage", [{"schema": 2}, {"scenarios": [{}]}, {"run": {}}, {"builds": [{"name": 1}]}])
def test_the_schema_refuses_what_is_wrong(damage: dict[str, Any]) -> None:
    made = json.loads(render(runs.mixed().report))
    assert list(Draft202012Validator(schema()).iter_errors({**made, **damage}))


def test_the_schema_knows_every_kind_of_failure() -> None:
    assert set(schema()["$defs"]["failure"]["properties"]["kind"]["enum"]) == set(FailureKind)


@pytest.mark.parametrize("kind", ["passed", "mixed"])
def test_golden(kind: str, golden: Golden) -> None:
    made = json.loads(render(getattr(runs, kind)().report))
    golden.check(f"reports/json/{kind}.json", json.dumps(made, indent=1, ensure_ascii=False) + "\n")


def test_what_is_no_number_is_null() -> None:
    made = run(scenario("a", "a", case("x", 1, metrics=(Metric(name="m", value=float("inf"), maximum=float("nan")),))))
    metric = json.loads(render(Run(result=made).report))["scenarios"][0]["cases"][0]["metrics"][0]
    assert (metric["value"], metric["maximum"]) == (None, None)


def test_counts_agree_with_the_cases() -> None:
    made = json.loads(render(runs.mixed().report))
    verdicts = [case["verdict"] for scenario in made["scenarios"] for case in scenario["cases"]]
    counts = made["run"]["counts"]
    assert counts["total"] == len(verdicts)
    assert all(counts[verdict] == verdicts.count(verdict) for verdict in ("passed", "failed", "error", "skipped"))


def test_ids_are_unique() -> None:
    made = json.loads(render(runs.hostile().report))
    ids = [case["id"] for scenario in made["scenarios"] for case in scenario["cases"]]
    assert len(set(ids)) == len(ids) == 3
