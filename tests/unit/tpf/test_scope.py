"""A scope ends its work in time, or when interrupted, and tells why."""

from __future__ import annotations

import asyncio

import pytest

from tpf.scope import Scope


class LimitError(Exception):
    pass


class GuardError(Exception):
    pass


def scope(seconds: float | None) -> Scope:
    return Scope(seconds, lambda: LimitError(f"longer than {seconds}"))


def test_work_in_time_passes() -> None:
    async def main() -> str:
        async with scope(60):
            return "done"

    assert asyncio.run(main()) == "done"


def test_the_limit_is_the_reason() -> None:
    async def main() -> None:
        async with scope(0.001):
            await asyncio.Event().wait()

    with pytest.raises(LimitError, match="longer than"):
        asyncio.run(main())


def test_an_interruption_is_the_reason_and_reaches_waiting_work() -> None:
    async def main() -> None:
        async with scope(60) as work:
            asyncio.get_running_loop().call_soon(work.interrupt, GuardError("panic"))
            await asyncio.Event().wait()

    with pytest.raises(GuardError, match="panic"):
        asyncio.run(main())


def test_an_interruption_counts_even_when_the_work_is_over_before_it_arrives() -> None:
    async def main() -> None:
        async with scope(60) as work:
            work.interrupt(GuardError("panic"))

    with pytest.raises(GuardError):
        asyncio.run(main())


def test_the_first_reason_counts() -> None:
    async def main() -> None:
        async with scope(60) as work:
            work.interrupt(GuardError("first"))
            work.interrupt(GuardError("second"))
            await asyncio.Event().wait()

    with pytest.raises(GuardError, match="first"):
        asyncio.run(main())


def test_the_outer_limit_passes_through_the_inner_scope() -> None:
    async def main() -> None:
        async with scope(0.001), Scope(60, GuardError):
            await asyncio.Event().wait()

    with pytest.raises(LimitError):
        asyncio.run(main())


def test_errors_of_the_work_itself_pass() -> None:
    async def main() -> None:
        async with scope(60):
            raise KeyError("own")

    with pytest.raises(KeyError):
        asyncio.run(main())


def test_an_interruption_after_the_end_does_nothing() -> None:
    async def main() -> str:
        async with scope(60) as work:
            pass
        work.interrupt(GuardError())
        await asyncio.sleep(0)
        return "alive"

    assert asyncio.run(main()) == "alive"


def test_an_outer_interruption_is_the_inner_scopes_reason() -> None:
    async def main() -> Exception | None:
        seen = None
        try:
            async with scope(60) as outer, Scope(60, GuardError, within=outer) as inner:
                asyncio.get_running_loop().call_soon(outer.interrupt, GuardError("stop"))
                try:
                    await asyncio.Event().wait()
                finally:
                    seen = inner.reason
        except GuardError:
            pass
        return seen

    assert str(asyncio.run(main())) == "stop"
