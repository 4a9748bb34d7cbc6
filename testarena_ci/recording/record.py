"""From the wish to record to the scenario file: finds the device, records, writes, checks what was written."""

from __future__ import annotations

import asyncio
import os
import shlex
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final
from xml.sax.saxutils import quoteattr

from testarena_ci.loading import Language, load
from testarena_ci.recording import person
from testarena_ci.recording.script import Head, head_of, scenario_text
from testarena_ci.recording.session import Recording, Surroundings, record
from testarena_ci.recording.steps import cases
from testarena_ci.recording.terminal import is_terminal, raw
from testarena_ci.settings import Settings
from tpf.errors import UsageError
from tpf.files import write_new
from tpf.scenario.find import read
from tpf.scenario.model import Device, Scenario
from tpf.scenario.xml import parse

DEFAULT_NAME: Final = "recorded.xml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is to be recorded: the device of a scenario, or one that is described here."""

    scenario: Path | None
    output: Path
    device: str = ""  # its name, in a scenario with several
    machine: str = ""
    command: str = ""
    image: str = ""
    elf: str = ""
    echo: bool | None = None  # show what is typed; None for machines that don't do so themselves


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """The device, and what the file that is made says of it."""

    scenario: Scenario
    device: Device
    head: Head


def record_scenario(wish: Wish, settings: Settings, around: Surroundings, known: Language) -> Recording:
    """Let somebody work with the device, and write the scenario. Raises TestArenaError."""
    _check_output(wish)
    found = _of_file(wish, settings, known) if wish.scenario else _described(wish, settings, known)
    stdin = 0
    hands: AbstractContextManager[None] = raw(stdin) if is_terminal(stdin) else nullcontext()
    who = person.typing if is_terminal(stdin) else person.lines
    echo = _is_silent(found.device) if wish.echo is None else wish.echo
    around.say("Recording. Type commands for the device; Ctrl-] ends." if is_terminal(stdin) else "Recording.")
    recording = asyncio.run(record(found.scenario, found.device, partial(who, fd=stdin, echo=echo), hands, around))
    made = cases(recording.exchanges)
    if not made:
        raise UsageError("nothing was typed and the device said nothing: there is no scenario to write")
    origin = f"Recorded with testarena record from {_origin(wish)}."
    text = scenario_text(wish.output.stem, found.head, made, origin)
    _write(wish.output, text)
    load(Settings(scenarios=(str(wish.output),), set=settings.set), known, Path.cwd())
    return recording


def _write(output: Path, text: str) -> None:
    try:
        write_new(output, text.encode())
    except OSError as error:  # what was recorded must not be lost
        raise UsageError(f"{output}: can't write it: {error.strerror}; this is what was recorded:\n{text}") from error


def _check_output(wish: Wish) -> None:
    if wish.scenario and not wish.scenario.is_file():
        raise UsageError(f"{wish.scenario}: no such scenario file; see what there is with `testarena list`")
    if os.path.lexists(wish.output):
        raise UsageError(f"{wish.output} is there already, and nothing is overwritten: name another file with -o")
    if wish.output.suffix != ".xml":
        raise UsageError(f"-o {wish.output}: scenarios are files whose names end with .xml")
    if not wish.output.parent.is_dir():
        raise UsageError(f"-o {wish.output}: there is no folder {wish.output.parent}; make it first")
    if wish.scenario and not wish.output.parent.samefile(wish.scenario.parent):
        raise UsageError(
            f"-o {wish.output}: paths in a scenario start from its folder, so the recording must lie beside "
            f"{wish.scenario}: -o {wish.scenario.parent / wish.output.name}"
        )


def _of_file(wish: Wish, settings: Settings, known: Language) -> _Found:
    path = wish.scenario or Path()
    scenario = load(_only(settings, path), known, Path.cwd())[0]
    device = _device(scenario, wish.device)
    root = parse(read(path)[0], "scenario").root
    return _Found(
        scenario=scenario, device=device, head=head_of(root, device.name, settings.target, scenario.parameters)
    )


def _device(scenario: Scenario, name: str) -> Device:
    names = [device.name for device in scenario.devices]
    if name in names or (not name and len(names) == 1):
        return scenario.devices[names.index(name)]
    known = ", ".join(names) if names != [""] else "only one, without a name"
    raise UsageError(f"{scenario.source}: name one of its devices with --on; it has {known}")


def _described(wish: Wish, settings: Settings, known: Language) -> _Found:
    """The device that flags describe, by way of a scenario that says the same."""
    with _temporary(wish, settings) as path:
        scenario = load(_only(settings, path), known, Path.cwd())[0]
        root = parse(read(path)[0], "scenario").root
    head = head_of(root, "", settings.target, ())
    return _Found(scenario=scenario, device=scenario.devices[0], head=head)


@contextmanager
def _temporary(wish: Wish, settings: Settings) -> Iterator[Path]:
    files = {"image": wish.image, "elf": wish.elf}
    given = "".join(f" {name}={quoteattr(_beside(wish, path))}" for name, path in files.items() if path)
    firmware = f"<firmware{given}/>" if given else ""
    kind = wish.machine or ("command" if wish.command else "qemu")
    command = f" command={quoteattr(wish.command)}" if wish.command else ""
    target = f" target={quoteattr(settings.target)}" if settings.target else ""
    text = (
        f'<scenario name="recording"{target}>{firmware}<machine kind={quoteattr(kind)}{command}/>'
        '<case name="none"><send/></case></scenario>'
    )
    with tempfile.NamedTemporaryFile("w", dir=wish.output.parent, prefix=".recording-", suffix=".xml") as file:
        file.write(text)
        file.flush()
        yield Path(file.name)


def _beside(wish: Wish, path: str) -> str:
    """A path as the file that is made has to write it."""
    return os.path.relpath(path, wish.output.parent)


def _only(settings: Settings, path: Path) -> Settings:
    return Settings(scenarios=(str(path),), target=settings.target, set=settings.set)


def _is_silent(device: Device) -> bool:
    """Programs behind pipes echo nothing; a terminal's line discipline, an emulated console and a real one do."""
    return device.machine.kind == "command" and not getattr(device.machine.options, "pty", False)


def _origin(wish: Wish) -> str:
    if wish.scenario:
        return wish.scenario.name
    return wish.command or wish.image or "a machine"


def words(recording: Recording, output: Path) -> Iterator[str]:
    """What was made, and what to do next."""
    if recording.ending:
        yield f"the device ended: {recording.ending}"
    if recording.signal:
        yield f"{recording.signal} ended the recording"
    yield f"wrote {output}"
    yield f"Next: read it, then `testarena run {shlex.quote(str(output))}`"
