from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from tpf.errors import MachineError
from tpf.machines.reservation import leave_note, note_of, reserved

HOLDS = """
import asyncio, sys
from tpf.machines.reservation import reserved
async def main():
    async with reserved([sys.argv[1]], "'other' (other.xml, process 7)", print):
        print("has it", flush=True)
        sys.stdin.read()
asyncio.run(main())
"""


@pytest.fixture
def board(tmp_path: Path) -> str:
    """Nobody else's: names are known on the whole host."""
    return f"/dev/{tmp_path}"


def nobody(text: str) -> None:
    raise AssertionError(text)


def test_who_comes_second_waits_and_says_for_whom(board: str) -> None:
    order: list[str] = []

    async def second(told: asyncio.Future[str]) -> None:
        async with reserved([board], "'second'", told.set_result):
            order.append("second")

    async def main() -> str:
        told: asyncio.Future[str] = asyncio.Future()
        async with reserved([board], "'first'", nobody):
            task = asyncio.create_task(second(told))
            said = await told
            order.append("first")
        await task
        return said

    said = asyncio.run(main())
    assert order == ["first", "second"]
    assert said == f"'second' waits for {board}, which 'first' has"


def test_another_process_is_waited_for_and_its_death_frees(board: str) -> None:
    other = subprocess.Popen(
        [sys.executable, "-c", HOLDS, board], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert other.stdout is not None
    assert other.stdin is not None
    try:
        assert other.stdout.readline() == "has it\n"

        async def in_vain() -> None:
            async with reserved([board], "'mine'", lambda _: None, limit=0.1):
                raise AssertionError("it must not have it")

        with pytest.raises(MachineError) as raised:
            asyncio.run(in_vain())
        assert str(raised.value) == (
            f"{board} is busy: 'mine' has waited 0.1s for 'other' (other.xml, process 7); end that, or use another one"
        )
    finally:
        other.kill()
        other.wait()
        other.stdout.close()
        other.stdin.close()

    async def at_last() -> None:
        async with reserved([board], "'mine'", nobody):
            pass

    asyncio.run(at_last())


def test_several_are_taken_in_one_order(board: str) -> None:
    names = (board, f"{board}2")

    async def use(order: tuple[str, ...]) -> None:
        for _ in range(20):
            async with reserved(order, "'somebody'", lambda _: None, limit=30):
                await asyncio.sleep(0)

    async def main() -> None:
        await asyncio.gather(use(names), use(names[::-1]))

    asyncio.run(main())


def test_a_note_stays_for_the_next_one(board: str) -> None:
    async def main() -> None:
        async with reserved([board], "'a'", nobody):
            assert note_of(board) == ""
            leave_note(board, "what it holds")
        async with reserved([board], "'b'", nobody):
            assert note_of(board) == "what it holds"

    asyncio.run(main())
    assert note_of("/dev/never-used") == ""
