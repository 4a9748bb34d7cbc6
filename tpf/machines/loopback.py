"""Free ports of the host for a device that is a program of the host: kept apart from all other runs and programs.

A port that the kernel chooses may be chosen again as soon as nobody holds it, and a program that is to listen at it
can't while we do. So ports are taken from below the range that the kernel chooses from, and each is marked as taken by
a name in the abstract namespace of Unix sockets, which all runs on this host see and which is gone when we are.
"""

from __future__ import annotations

import errno
import random
import re
import socket
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from typing import Final

from tpf.errors import EnvironmentLacks, UsageError

HOST: Final = "127.0.0.1"
_FIRST, _LAST = 20_000, 31_999  # Linux chooses from 32768 on, others from 49152 on
_TRIES: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """A port for each name."""

    numbers: tuple[tuple[str, int], ...]

    @classmethod
    @contextmanager
    def reserve(cls, names: Iterable[str]) -> Iterator[Ports]:
        """Ports that nobody else of us gets while the context lasts. Raises EnvironmentLacks when there are none."""
        with ExitStack() as marks:
            yield cls(numbers=tuple((name, _reserve(marks)) for name in names))

    @property
    def addresses(self) -> dict[str, str]:
        return {name: f"{HOST}:{number}" for name, number in self.numbers}

    @property
    def environment(self) -> tuple[tuple[str, str], ...]:
        return tuple((variable(name), str(number)) for name, number in self.numbers)


def variable(name: str, prefix: str = "PORT") -> str:
    """The variable that tells a program of its port: ``PORT_WEB`` for ``web``."""
    return f"{prefix}_{re.sub(r'[^A-Z0-9]', '_', name.upper())}"


def check_names(names: Iterable[str], element: str = "forward", prefix: str = "PORT") -> None:
    """Raise UsageError for names that a program could not tell apart."""
    seen: dict[str, str] = {}
    for name in names:
        known_as = variable(name, prefix)
        first = seen.setdefault(known_as, name)
        if first != name:
            raise UsageError(f"<{element}> {name!r} and {first!r} are both {known_as} to the program: rename one")


def _reserve(marks: ExitStack) -> int:
    for number in random.sample(range(_FIRST, _LAST + 1), _TRIES):
        mark = _mark(number)
        if mark is None:
            continue
        if _is_free(number):
            marks.enter_context(closing(mark))
            return number
        mark.close()
    raise EnvironmentLacks(f"no free port on {HOST}: tried {_TRIES} of those from {_FIRST} to {_LAST}")


def _mark(number: int) -> socket.socket | None:
    """What says that the port is taken; None when it is. Only Linux has such names: elsewhere there is no mark."""
    mark = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        mark.bind(f"\0testarena-port-{number}")
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            mark.close()
            return None
    return mark


def _is_free(number: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tried:
        try:
            tried.bind((HOST, number))
        except OSError:
            return False
    return True
