"""An open serial port: bytes both ways on the event loop, and the two lines that reset a board."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, Protocol

from tpf.errors import EnvironmentLacks, MachineError
from tpf.machines.serial.library import pyserial
from tpf.machines.serial.ports import is_url, no_permission
from tpf.processes.channel import Channel

_OPENING: Final = 15.0  # seconds; a URL may lead far away
_LINES: Final = 5.0  # seconds that a modem line may take: a request to the server, with rfc2217://
_PAUSE: Final = 0.05  # seconds that the reading thread is deaf for `close`


class Wire(Protocol):
    """Carries bytes; `ended` is done when the port is gone. `tpf.processes.channel.Channel` is one."""

    ended: asyncio.Future[None]

    async def send(self, data: bytes) -> None: ...
    def catch_up(self) -> None: ...
    def close(self) -> None: ...


class Line:
    """A port that is open; `close` gives it back. The board runs on."""

    def __init__(self, port: Any, name: str) -> None:
        self.name = name
        self._port = port  # pyserial's
        self._wire: Wire | None = None

    @classmethod
    async def open(cls, name: str, baud: int, *, hold: bool) -> Line:
        """Open it; with `hold` the board is in reset from then on, else nothing happens to it.

        Raises MachineError, EnvironmentLacks.
        """
        module = pyserial()
        opening = asyncio.get_running_loop().run_in_executor(None, _opened, module, (name, baud, hold))
        try:
            async with asyncio.timeout(_OPENING):
                return cls(await asyncio.shield(opening), name)
        except TimeoutError:
            opening.add_done_callback(_close_late)
            raise MachineError(f"the serial port {name} doesn't open within {_OPENING:g}s: check its server") from None
        except (module.SerialException, OSError, ValueError) as error:
            raise _refusal(name, error) from error

    def listen(self, on_data: Callable[[bytes], object]) -> Wire:
        """Pass on what comes from now on."""
        if is_url(self.name):
            self._wire = Pump(self._port, on_data)
        else:
            descriptor = self._port.fileno()
            self._wire = Channel(source=os.dup(descriptor), sink=os.dup(descriptor), on_data=on_data)
        return self._wire

    async def levels(self, *, dtr: bool, rts: bool) -> None:
        """Set both modem lines. Raises MachineError when the port can't, or is gone."""

        def set_both() -> None:
            self._port.dtr = dtr
            self._port.rts = rts

        await self._do(set_both, "its lines DTR and RTS can't be set")

    async def forget(self) -> None:
        """Let nobody hear what has come so far; in reset, a board says nothing new. Raises MachineError."""
        await self._do(self._port.reset_input_buffer, "it can't be read")
        if isinstance(self._wire, Pump):
            await self._wire.start_over()
        elif self._wire is not None:
            self._wire.catch_up()

    async def _do(self, act: Callable[[], None], trouble: str) -> None:
        try:
            async with asyncio.timeout(_LINES):
                await asyncio.to_thread(act)
        except TimeoutError:
            raise MachineError(f"the serial port {self.name}: {trouble} within {_LINES:g}s") from None
        except (pyserial().SerialException, OSError, ValueError) as error:
            raise MachineError(
                f'the serial port {self.name}: {trouble}: {error}; a port without such lines wants reset="none", '
                "and a board that was unplugged its cable"
            ) from error

    def close(self) -> None:
        if self._wire is not None:
            self._wire.close()
        with suppress(OSError, pyserial().SerialException):
            self._port.close()


def _opened(module: Any, wish: tuple[str, int, bool]) -> Any:
    """Blocks. The system activates both lines, which does nothing to a board; RTS alone holds it in reset.

    Each read waits for a byte at least, or the kernel would take "nothing yet" for the end.
    """
    name, baud, hold = wish
    port = module.serial_for_url(name, do_not_open=True)
    port.baudrate = baud
    port.timeout = _PAUSE
    if not is_url(name):
        port.inter_byte_timeout = 0
        port.exclusive = True
    port.dtr = not hold
    port.rts = True
    port.open()
    return port


def _close_late(opening: asyncio.Future[Any]) -> None:
    """Nobody waits for this port any more."""
    if not opening.cancelled() and opening.exception() is None:
        opening.result().close()


def _refusal(name: str, error: Exception) -> MachineError | EnvironmentLacks:
    code = getattr(error, "errno", None)
    if code == 13 or "Permission denied" in str(error):
        return EnvironmentLacks(no_permission(name))
    if code in (11, 16) or "exclusively lock" in str(error):
        return MachineError(f"the serial port {name} is busy: another program has it: end that (a monitor?)")
    return MachineError(f"the serial port {name} can't be opened: {error}")


class Pump:
    """Carries the bytes of a port that has no descriptor to wait for: a thread reads it."""

    def __init__(self, port: Any, on_data: Callable[[bytes], object]) -> None:
        self._port = port
        self._on_data = on_data
        self._loop = asyncio.get_running_loop()
        self._closed = threading.Event()
        self._asked: asyncio.Future[None] | None = None  # to start over
        self.ended: asyncio.Future[None] = self._loop.create_future()
        self._thread = threading.Thread(target=self._read, name=f"reads {port.name}", daemon=True)
        self._thread.start()

    async def send(self, data: bytes) -> None:
        """Raises OSError when the port is gone."""
        await asyncio.to_thread(self._port.write, data)

    def catch_up(self) -> None:
        """What has come is passed on as soon as it is read: there is nothing to catch up with."""

    async def start_over(self) -> None:
        """Wait until what was being read has been passed on, and a new read has begun."""
        self._asked = asyncio.Future()
        await asyncio.wait((self._asked, self.ended), return_when=asyncio.FIRST_COMPLETED)

    def close(self) -> None:
        self._closed.set()
        self._end()

    def _read(self) -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody listens any more
            try:
                while not self._closed.is_set():
                    asked, self._asked = self._asked, None
                    if asked is not None:
                        self._loop.call_soon_threadsafe(asked.set_result, None)
                    data = self._port.read(max(1, self._port.in_waiting))
                    if data:
                        self._loop.call_soon_threadsafe(self._take, bytes(data))
            except (OSError, TypeError, AttributeError):  # closed under us, which pyserial says in many ways
                self._loop.call_soon_threadsafe(self._end)

    def _take(self, data: bytes) -> None:
        if not self._closed.is_set():
            self._on_data(data)

    def _end(self) -> None:
        if not self.ended.done():
            self.ended.set_result(None)
