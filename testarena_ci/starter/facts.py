"""What is known of a project: each guess with the place that it comes from."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """A value, and why it is thought to be the right one: `main/main.c:88`, or words."""

    value: str
    why: str


class Unity(StrEnum):
    """How firmware runs its Unity tests."""

    NONE = ""
    MENU = "menu"  # asks which
    RUN = "run"  # runs them by itself


@dataclass(frozen=True, slots=True, kw_only=True)
class Console:
    """What the firmware does with its console, as far as its sources tell."""

    prompt: Guess | None = None  # as a scenario writes it: may hold ${target}
    help: Guess | None = None  # a command `help` is registered
    greeting: Guess | None = None  # the first thing that it says itself
    unity: Guess | None = None  # value: a Unity


@dataclass(frozen=True, slots=True, kw_only=True)
class IdfProject:
    """A project that ESP-IDF builds."""

    sign: str  # what it is recognised by
    name: Guess
    target: Guess
    board: Guess  # the target that is emulated: another one where no emulator has the project's own
    config: Guess | None = None  # files of settings to build with, where they are not those of every build
    console: Console = field(default_factory=Console)


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeProject:
    """A host program that `make` builds."""

    sign: str
    name: Guess
    program: Guess  # its file, relative to the project's folder
    console: Console = field(default_factory=Console)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoProject:
    """A folder in which nothing is known."""

    sign: str
    name: Guess


Project = IdfProject | MakeProject | NoProject
