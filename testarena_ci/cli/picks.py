"""The flags of `testarena run` that choose and order cases, for this one run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

NAMES: Final = ("case", "failed", "shuffle", "repeat", "until_fail")
MOST: Final = 10_000  # repetitions: each is a scenario of the report
_ALONE: Final = ""  # the value of a flag that was given without one


def pick_options(function: F) -> F:
    """--case, --failed, --shuffle, --repeat, --until-fail."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


_OPTIONS: Final = (
    click.option(
        "--case",
        multiple=True,
        metavar="NAME",
        help="Run exactly this `scenario/case`, or all cases of this `scenario`; may be given several times.",
    ),
    click.option(
        "--failed",
        is_flag=False,
        flag_value=_ALONE,
        metavar="[DIR]",
        help="Run only what the last run into DIR left failed or in error; ends with 0 when that is nothing. "
        "[default: the report folder]",
    ),
    click.option(
        "--shuffle",
        is_flag=False,
        flag_value=_ALONE,
        metavar="[SEED]",
        help="Run the scenarios, and cases that each have a boot of their own, in an order by chance; "
        "the same SEED makes the same order. [default: picks a seed and says it]",
    ),
    click.option(
        "--repeat",
        type=click.IntRange(1, MOST),
        default=1,
        metavar="N",
        help="Run each scenario N times, as `name [1/N]` and so on; with --until-fail, at most N rounds.",
    ),
    click.option(
        "--until-fail",
        is_flag=True,
        help="Run everything round after round, until a round isn't passed or the run's --timeout has no room for "
        "another; the report is of the last round.",
    ),
)
