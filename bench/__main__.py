"""All measurements, or those that are named: python -m bench [--only NAME]..."""

from __future__ import annotations

import argparse
import os
import platform
from collections.abc import Callable
from importlib import import_module
from typing import Final, Protocol, cast

KINDS: Final = {
    "overhead": "50 short scenarios beside the floor and pytest with pexpect",
    "matching": "the end of a flood found, piece by piece, beside bare search and pexpect",
    "flood": "a program that floods its console, beside a bare reader",
    "idle": "what a device that says nothing costs",
    "idf": "from the start of the command to the device, on an unchanged ESP-IDF project",
    "panic": "from a panic's line to the verdict",
    "decoding": "a panic's addresses with an ELF of 5 MB",
    "startup": "to the help, and to the first device",
    "parsing": "reading and checking scenarios, beside lxml's parser and XSD",
    "reports": "reports of 10 000 cases, beside lxml writing the same JUnit",
    "page": "the HTML report of 10 000 cases, and a console of 200 000 lines, in Chromium",
    "scaling": "what a case costs in a run of 10 and in one of 10 000",
    "history": "100 000 case results into the history and asked for, beside bare executemany",
    "steps": "what a step costs beyond its wait",
    "spawn": "starting and ending a program, beside subprocess",
}


class Measurement(Protocol):
    """A module that measures one thing."""

    run: Callable[[], str]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--only", action="append", choices=KINDS, metavar="NAME", help=", ".join(KINDS))
    parser.add_argument("--list", action="store_true", help="say what can be measured")
    arguments = parser.parse_args()
    if arguments.list:
        print("\n".join(f"{name:10} {doc}" for name, doc in KINDS.items()))
        return
    load = os.getloadavg()[0]
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, load {load:.1f}")
    for name in arguments.only or KINDS:
        print(f"\n{cast(Measurement, import_module(f'bench.{name}')).run()}", flush=True)


if __name__ == "__main__":
    main()
