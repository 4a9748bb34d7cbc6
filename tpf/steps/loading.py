"""Step kinds that are imported when they are asked for: a run pays for those that its scenarios use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import cast

from tpf.steps.base import StepKind


class Loading(Mapping[str, type[StepKind]]):
    """Kinds by the name of their element, made of where each stands: ``{"wait": "tpf.steps.wait:Wait"}``."""

    def __init__(self, places: Mapping[str, str]) -> None:
        self._places = dict(places)
        self._found: dict[str, type[StepKind]] = {}

    def __getitem__(self, name: str) -> type[StepKind]:
        found = self._found.get(name)
        if found is None:
            module, _, declared = self._places[name].partition(":")
            found = self._found[name] = cast("type[StepKind]", getattr(import_module(module), declared))
        return found

    def __contains__(self, name: object) -> bool:
        return name in self._places

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)
