"""The floor for running scenarios: the same emulators, as many at once, waiting for the same bytes, and nothing else.

python -m bench.floor ELF COUNT JOBS
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections import deque

ARGV = (
    "qemu-system-riscv32",
    "-M",
    "virt",
    "-bios",
    "none",
    "-display",
    "none",
    "-monitor",
    "none",
    "-serial",
    "stdio",
)


def exchange(elf: str) -> None:
    """Boot, wait for the prompt, ping, wait for pong, end the machine."""
    with subprocess.Popen((*ARGV, "-kernel", elf), stdin=subprocess.PIPE, stdout=subprocess.PIPE) as machine:
        try:
            wait_for(machine, b"demo> ")
            assert machine.stdin is not None
            machine.stdin.write(b"ping\r")
            machine.stdin.flush()
            wait_for(machine, b"pong")
        finally:
            machine.kill()


def wait_for(machine: subprocess.Popen[bytes], wanted: bytes) -> None:
    """Read until the bytes have come."""
    assert machine.stdout is not None
    seen = b""
    while wanted not in seen:
        data = os.read(machine.stdout.fileno(), 65536)
        if not data:
            raise SystemExit(f"the machine ended before {wanted!r} came")
        seen += data


def main() -> None:
    elf, count, jobs = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    waiting = deque([elf] * count)
    done: list[None] = []

    def worker() -> None:
        while waiting:
            exchange(waiting.pop())
            done.append(None)

    threads = [threading.Thread(target=worker) for _ in range(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if len(done) != count:
        raise SystemExit("not all exchanges were made")


if __name__ == "__main__":
    main()
