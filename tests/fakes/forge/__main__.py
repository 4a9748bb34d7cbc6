"""The fake forge as a program: prints its address, then serves until SIGTERM."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from pathlib import Path

from tests.fakes.forge.behaviours import parse
from tests.fakes.forge.server import FakeForge


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.fakes.forge", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument(
        "--record", type=Path, help="append each status that is taken, and each violation, as a JSON line"
    )
    parser.add_argument("--token", default="", help="the only token that is known; default: any")
    parser.add_argument("--version", default="1.26.0", help="what a Gitea says it is")
    parser.add_argument("--answers", default="", help="what the next writes meet: 500,429:2,html,redirect:URL,reset,ok")
    parser.add_argument("--always", default="ok", help="what writes meet after that")
    arguments = parser.parse_args()
    done = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: done.set())
    with FakeForge(
        port=arguments.port, token=arguments.token, record=arguments.record, version=arguments.version
    ) as forge:
        forge.script(*map(parse, filter(None, arguments.answers.split(","))))
        forge.always = parse(arguments.always)
        sys.stdout.write(f"{forge.url}\n")
        sys.stdout.flush()
        done.wait()


if __name__ == "__main__":
    main()
