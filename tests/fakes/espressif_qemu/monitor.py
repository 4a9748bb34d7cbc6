"""QMP, as QEMU speaks it on a socket that it inherited: https://www.qemu.org/docs/master/interop/qmp-spec.html"""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import Callable
from typing import Any, Final, Protocol

_ROOM: Final = 1 << 16
_NO_SCREEN: Final = "There is no console to take a screendump from"


class Emulator(Protocol):
    """What can be done by it."""

    def reset(self) -> None: ...
    def pause(self) -> None: ...
    def resume(self) -> None: ...
    def quit(self) -> None: ...
    @property
    def running(self) -> bool: ...
    @property
    def usernet(self) -> str: ...


class QmpError(Exception):
    """A command's refusal: class and description."""


class Monitor:
    """Serves one client, which is there from the start."""

    def __init__(self, descriptor: int, version: tuple[int, int, int], package: str, emulator: Emulator) -> None:
        self._socket = socket.socket(fileno=descriptor)
        self._version = version
        self._package = package
        self._emulator = emulator
        self._writer: asyncio.StreamWriter | None = None
        self._negotiated = False
        self._commands: dict[str, tuple[frozenset[str], Callable[[dict[str, Any]], object]]] = {
            "query-status": (frozenset(), lambda _: self._status()),
            "query-version": (frozenset(), lambda _: self._about()),
            "stop": (frozenset(), lambda _: self._pause()),
            "cont": (frozenset(), lambda _: self._resume()),
            "system_reset": (frozenset(), lambda _: self._reset()),
            "quit": (frozenset(), lambda _: self._quit()),
            "screendump": (frozenset({"filename", "format", "device", "head"}), lambda _: self._screendump()),
            "human-monitor-command": (frozenset({"command-line", "cpu-index"}), self._human),
        }

    async def serve(self) -> None:
        reader, self._writer = await asyncio.open_connection(sock=self._socket)
        self._tell({"QMP": {"version": self._about(), "capabilities": ["oob"]}})
        stream = ""
        while data := await reader.read(_ROOM):
            stream += data.decode(errors="replace")
            while (said := _first(stream)) is not None:
                stream = stream.lstrip()[len(said) :]
                self._tell(self._answer(said))

    def event(self, name: str, **data: object) -> None:
        if self._negotiated:
            seconds, rest = divmod(time.time(), 1)
            stamp = {"seconds": int(seconds), "microseconds": int(rest * 1e6)}
            self._tell({"timestamp": stamp, "event": name, **({"data": data} if data else {})})

    def _tell(self, message: dict[str, Any]) -> None:
        if self._writer is not None:
            self._writer.write(json.dumps(message).encode() + b"\r\n")

    def _answer(self, text: str) -> dict[str, Any]:
        said: Any = None
        try:
            said = json.loads(text)
            answer: dict[str, Any] = {"return": self._do(said)}
        except ValueError:
            answer = {"error": {"class": "GenericError", "desc": "JSON parse error, invalid keyword"}}
        except QmpError as error:
            answer = {"error": {"class": error.args[0], "desc": error.args[1]}}
        return {**answer, "id": said["id"]} if isinstance(said, dict) and "id" in said else answer

    def _do(self, said: Any) -> object:
        if not isinstance(said, dict):
            raise QmpError("GenericError", "QMP input must be a JSON object")
        for name in said:
            if name not in ("execute", "exec-oob", "arguments", "id"):
                raise QmpError("GenericError", f"QMP input member '{name}' is unexpected")
        name, arguments = said.get("execute", said.get("exec-oob")), said.get("arguments", {})
        if not self._negotiated:
            return self._negotiate(name, arguments)
        if name not in self._commands:
            raise QmpError("CommandNotFound", f"The command {name} has not been found")
        allowed, act = self._commands[name]
        for argument in arguments:
            if argument not in allowed:
                raise QmpError("GenericError", f"Parameter '{argument}' is unexpected")
        return act(arguments)

    def _negotiate(self, name: object, arguments: dict[str, Any]) -> object:
        if name != "qmp_capabilities":
            raise QmpError("CommandNotFound", "Expecting capabilities negotiation with 'qmp_capabilities'")
        if not set(arguments.get("enable", ())) <= {"oob"}:
            raise QmpError("GenericError", "Capability is not available")
        self._negotiated = True
        return {}

    def _about(self) -> dict[str, Any]:
        major, minor, micro = self._version
        return {"qemu": {"micro": micro, "minor": minor, "major": major}, "package": self._package}

    def _status(self) -> dict[str, Any]:
        running = self._emulator.running
        return {"status": "running" if running else "paused", "running": running}

    def _pause(self) -> dict[str, Any]:
        if self._emulator.running:
            self._emulator.pause()
            self.event("STOP")
        return {}

    def _resume(self) -> dict[str, Any]:
        if not self._emulator.running:
            self._emulator.resume()
            self.event("RESUME")
        return {}

    def _reset(self) -> dict[str, Any]:
        self._emulator.reset()
        self.event("RESET", guest=False, reason="host-qmp-system-reset")
        return {}

    def _quit(self) -> dict[str, Any]:
        self.event("SHUTDOWN", guest=False, reason="host-qmp-quit")
        self._emulator.quit()
        return {}

    def _screendump(self) -> object:
        raise QmpError("GenericError", _NO_SCREEN)

    def _human(self, arguments: dict[str, Any]) -> str:
        if "command-line" not in arguments:
            raise QmpError("GenericError", "Parameter 'command-line' is missing")
        command = str(arguments["command-line"])
        return self._emulator.usernet if command == "info usernet" else f"unknown command: '{command}'\r\n"


def _first(stream: str) -> str | None:
    """The first message of a stream, in which nothing needs to stand between two; None while it is not whole."""
    stream = stream.lstrip()
    try:
        _, end = json.JSONDecoder().raw_decode(stream)
    except ValueError:
        return stream.partition("\n")[0] if stream[:1] not in ("", "{") and "\n" in stream else None
    return stream[:end]
