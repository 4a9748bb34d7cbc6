"""Orders by chance, and repetitions."""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace

from tpf.ordering import repeated, shuffled
from tpf.result import Source
from tpf.scenario.model import Case, Device, MachineSpec, Scenario
from tpf.schedule import plan

CASES = tuple(Case(name=str(number), source=Source(file="x.xml", line=number)) for number in range(1, 21))


def scenario(name: str, boot: str = "scenario") -> Scenario:
    source = Source(file=f"{name}.xml", line=1)
    device = Device(machine=MachineSpec(source=source))
    return Scenario(name=name, source=source, folder=Path(), target="", devices=(device,), cases=CASES, boot=boot)


ALL = tuple(scenario(letter) for letter in "abcdefghij")


def test_a_seed_makes_one_order_whatever_the_order_was() -> None:
    order = shuffled(ALL, 7)
    assert order == shuffled(ALL[::-1], 7)
    assert sorted(order, key=lambda one: one.name) == list(ALL)
    assert len({tuple(one.name for one in shuffled(ALL, seed)) for seed in range(10)}) == 10


def test_the_order_that_a_seed_makes_stays_the_same_for_ever() -> None:
    """A seed from an old report must make its order again."""
    assert "".join(one.name for one in shuffled(ALL, 7)) == "idbehajgcf"


def test_cases_are_shuffled_only_where_each_has_a_boot_of_its_own() -> None:
    (together,) = shuffled((scenario("a"),), 1)
    assert together.cases == CASES
    (apart,) = shuffled((scenario("a", boot="case"),), 1)
    assert apart.cases != CASES
    assert set(apart.cases) == set(CASES)


def test_repetitions_are_scenarios_of_their_own_round_after_round() -> None:
    made = repeated(ALL[:2], 3)
    assert [one.name for one in made] == ["a [1/3]", "b [1/3]", "a [2/3]", "b [2/3]", "a [3/3]", "b [3/3]"]
    assert [run.slug for run in plan(made).runs] == ["a-1-3", "b-1-3", "a-2-3", "b-2-3", "a-3-3", "b-3-3"]
    assert replace(made[0], name="a") == ALL[0]
    assert repeated(ALL, 1) == ALL
