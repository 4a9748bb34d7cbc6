"""The order in which scenarios run, and how often. Pure: a seed gives the same order on every machine."""

from __future__ import annotations

import random
from collections.abc import Sequence

from msgspec.structs import replace

from tpf.scenario.model import Scenario


def shuffled(scenarios: Sequence[Scenario], seed: int) -> tuple[Scenario, ...]:
    """The scenarios in an order by chance; where each case starts from a fresh boot, the cases, too."""
    chance = random.Random(seed)  # noqa: S311  an order to test in, no secret
    order = sorted(scenarios, key=lambda scenario: scenario.source)  # so that the seed alone decides
    chance.shuffle(order)
    return tuple(_with_cases_shuffled(scenario, chance) if scenario.boot == "case" else scenario for scenario in order)


def _with_cases_shuffled(scenario: Scenario, chance: random.Random) -> Scenario:
    return replace(scenario, cases=tuple(chance.sample(scenario.cases, len(scenario.cases))))


def repeated(scenarios: Sequence[Scenario], times: int) -> tuple[Scenario, ...]:
    """Each scenario so many times, round after round; each time it is a scenario of its own, `name [2/5]`."""
    if times == 1:
        return tuple(scenarios)
    return tuple(
        replace(scenario, name=f"{scenario.name} [{number}/{times}]")
        for number in range(1, times + 1)
        for scenario in scenarios
    )
