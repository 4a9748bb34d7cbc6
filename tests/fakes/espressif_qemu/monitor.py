"""QMP, as QEMU speaks it on a socket that it inherited: https://www.qemu.org/docs/master/interop/qmp-spec.html"""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import Callable
from typing import Any, Final, Protocol

Message = dict[str, Any]
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

    def __init__(self, descriptor: int, version: tuple[int, int, int], emulator: Emulator) -> None:
        self._socket = socket.socket(fileno=descriptor)
        self._writer: asyncio.StreamWriter | None = None
        self._negotiated = False
        self._commands = Commands(version, emulator, self.event)

    async def serve(self) -> None:
        reader, self._writer = await asyncio.open_connection(sock=self._socket)
        self._tell({"QMP": {"version": self._commands.about({}), "capabilities": ["oob"]}})
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

    def _tell(self, message: Message) -> None:
        if self._writer is not None:
            self._writer.write(json.dumps(message).encode() + b"\r\n")

    def _answer(self, text: str) -> Message:
        said: Any = None
        try:
            said = json.loads(text)
            answer: Message = {"return": self._do(said)}
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
        if self._negotiated:
            return self._commands.run(name, arguments)
        if name != "qmp_capabilities":
            raise QmpError("CommandNotFound", "Expecting capabilities negotiation with 'qmp_capabilities'")
        if not set(arguments.get("enable", ())) <= {"oob"}:
            raise QmpError("GenericError", "Capability is not available")
        self._negotiated = True
        return {}


class Commands:
    """Those that there are, with the arguments that they take."""

    def __init__(self, version: tuple[int, int, int], emulator: Emulator, event: Callable[..., None]) -> None:
        self._version = version
        self._emulator = emulator
        self._event = event
        self._known: dict[str, tuple[frozenset[str], Callable[[Message], object]]] = {
            "query-status": (frozenset(), self._status),
            "query-version": (frozenset(), self.about),
            "stop": (frozenset(), self._stop),
            "cont": (frozenset(), self._cont),
            "system_reset": (frozenset(), self._reset),
            "quit": (frozenset(), self._quit),
            "screendump": (frozenset({"filename", "format", "device", "head"}), self._screendump),
            "human-monitor-command": (frozenset({"command-line", "cpu-index"}), self._human),
        }

    def run(self, name: object, arguments: Message) -> object:
        if not isinstance(name, str) or name not in self._known:
            raise QmpError("CommandNotFound", f"The command {name} has not been found")
        allowed, act = self._known[name]
        for argument in arguments:
            if argument not in allowed:
                raise QmpError("GenericError", f"Parameter '{argument}' is unexpected")
        return act(arguments)

    def about(self, _: Message) -> Message:
        major, minor, micro = self._version
        return {"qemu": {"micro": micro, "minor": minor, "major": major}, "package": ""}

    def _status(self, _: Message) -> Message:
        running = self._emulator.running
        return {"status": "running" if running else "paused", "running": running}

    def _stop(self, _: Message) -> Message:
        if self._emulator.running:
            self._emulator.pause()
            self._event("STOP")
        return {}

    def _cont(self, _: Message) -> Message:
        if not self._emulator.running:
            self._emulator.resume()
            self._event("RESUME")
        return {}

    def _reset(self, _: Message) -> Message:
        self._emulator.reset()
        self._event("RESET", guest=False, reason="host-qmp-system-reset")
        return {}

    def _quit(self, _: Message) -> Message:
        self._event("SHUTDOWN", guest=False, reason="host-qmp-quit")
        self._emulator.quit()
        return {}

    def _screendump(self, _: Message) -> object:
        raise QmpError("GenericError", _NO_SCREEN)

    def _human(self, arguments: Message) -> str:
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
