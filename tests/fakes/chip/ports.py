"""The fake board's ports: a pseudo-terminal, and a server for rfc2217:// (made of pyserial's own parts)."""

from __future__ import annotations

import os
import select
import socket
import threading
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, cast

import serial.rfc2217

from tests.fakes.chip.board import Board


class Plugged:
    """A board and the port that it is at."""

    def __init__(self, board: Board, port: str, pull: Callable[[], None]) -> None:
        self.board = board
        self.port = port
        self._pull = pull

    def unplug(self) -> None:
        """The port goes away, as when the USB plug is pulled."""
        self.board.unplug()
        self._pull()


@contextmanager
def pty_port(board: Board) -> Iterator[Plugged]:
    """As ``/dev/pts/3``. What the chip says while nobody has it open waits there, as in no real adapter."""
    ours, theirs = os.openpty()
    tty.setraw(theirs)
    os.set_blocking(ours, False)
    name = os.ttyname(theirs)
    pulled = threading.Event()
    writing = threading.Lock()

    def say(data: bytes) -> None:
        with writing, suppress(OSError):
            while data and not pulled.is_set():
                if select.select((), (ours,), (), 0.05)[1]:
                    data = data[os.write(ours, data) :]

    def listen() -> None:
        while not pulled.is_set():
            if select.select((ours,), (), (), 0.05)[0]:
                with suppress(OSError):
                    board.take(os.read(ours, 4096))
        with writing:
            os.close(theirs)
            os.close(ours)

    board.out = say
    thread = threading.Thread(target=listen, daemon=True)
    thread.start()

    def pull() -> None:
        pulled.set()
        thread.join()

    plugged = Plugged(board, name, pull)
    try:
        yield plugged
    finally:
        plugged.unplug()


class _Adapter:
    """What an rfc2217 server takes for its serial port: only DTR and RTS mean something to the board."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._dtr = self._rts = False
        self.baudrate, self.bytesize, self.parity, self.stopbits = 115200, 8, "N", 1
        self.xonxoff = self.rtscts = self.break_condition = False
        self.cts = self.dsr = self.ri = self.cd = False

    @property
    def dtr(self) -> bool:
        return self._dtr

    @dtr.setter
    def dtr(self, level: bool) -> None:
        self._dtr = level
        self._board.lines(dtr=self._dtr, rts=self._rts)

    @property
    def rts(self) -> bool:
        return self._rts

    @rts.setter
    def rts(self, level: bool) -> None:
        self._rts = level
        self._board.lines(dtr=self._dtr, rts=self._rts)

    def reset_input_buffer(self) -> None:
        """There is none: what the chip says goes out at once."""

    def reset_output_buffer(self) -> None:
        """The same the other way."""


class _Connection:
    """What a PortManager writes to."""

    def __init__(self, client: socket.socket) -> None:
        self._client = client
        self._lock = threading.Lock()

    def write(self, data: bytes) -> None:
        with self._lock, suppress(OSError):
            self._client.sendall(data)


@contextmanager
def network_port(board: Board) -> Iterator[Plugged]:
    """As ``rfc2217://127.0.0.1:40123``; one client at a time, as such servers have it."""
    server = socket.create_server(("127.0.0.1", 0))
    clients: list[socket.socket] = []

    def serve() -> None:
        with suppress(OSError):
            while True:
                client, _ = server.accept()
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                clients.append(client)
                _serve(board, client)

    def pull() -> None:
        for each in (*clients, server):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    threading.Thread(target=serve, daemon=True).start()
    plugged = Plugged(board, f"rfc2217://127.0.0.1:{server.getsockname()[1]}", pull)
    try:
        yield plugged
    finally:
        plugged.unplug()


def _serve(board: Board, client: socket.socket) -> None:
    connection = _Connection(client)
    adapter: Any = _Adapter(board)  # a port and a socket to the types, and no more than their duck to the code
    manager = serial.rfc2217.PortManager(adapter, cast(Any, connection))
    board.out = lambda data: connection.write(b"".join(manager.escape(data)))
    try:
        while data := client.recv(65536):
            board.take(b"".join(manager.filter(data)))
    except OSError:
        return
    finally:
        board.out = lambda _: None
