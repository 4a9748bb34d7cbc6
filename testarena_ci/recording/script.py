"""A recorded scenario as XML: the device as it was named, then what was recorded. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from testarena_ci.recording.steps import Expect, ExpectPanic, ExpectReset, RecordedCase, RecordedStep, Send
from tpf.scenario.xml import Node

_OF_DEVICE: Final = ("firmware", "machine", "fail-on", "allow")
_ROOM: Final = 60  # seconds on top of all limits of a scenario
_USUAL_TIMEOUT: Final = 300
_INDENT: Final = "  "


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What a scenario says of its device."""

    target: str
    elements: tuple[str, ...]  # as XML: <param>, <firmware>, <machine>, ...


def head_of(root: Node, device: str, target: str, parameters: Sequence[tuple[str, str]]) -> Head:
    """The device of a scenario file, with the one value that each of its params had; `device` is "" for the only one.

    What a device doesn't say itself is the scenario's. A `target` takes the place of what the file says.
    """
    own = next((child for child in root.children if child.tag == "device" and _get(child, "name") == device), None)
    said = {child.tag for child in own.children} if own else set()
    nodes = [child for child in root.children if child.tag in _OF_DEVICE and child.tag not in said]
    params = (f"<param name={quoteattr(name)} values={quoteattr(shlex.quote(value))}/>" for name, value in parameters)
    return Head(
        target=target or (_get(own, "target") if own else "") or _get(root, "target"),
        elements=(*params, *("".join(_written(node)) for node in (*(own.children if own else ()), *nodes))),
    )


def _get(node: Node, name: str) -> str:
    return dict(node.attributes).get(name, "")


def _written(node: Node) -> Iterator[str]:
    attributes = "".join(f" {name}={quoteattr(value)}" for name, value in node.attributes)
    if not node.children and not node.text.strip():
        yield f"<{node.tag}{attributes}/>"
        return
    yield f"<{node.tag}{attributes}>"
    if node.text.strip():
        yield escape(node.text)
    for child in node.children:
        yield from _written(child)
    yield f"</{node.tag}>"


def scenario_text(name: str, head: Head, recorded: Sequence[RecordedCase], origin: str) -> str:
    """The whole file."""
    target = f" target={quoteattr(head.target)}" if head.target else ""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f"<scenario name={quoteattr(name)}{target}{_timeout(recorded)}>",
        f"{_INDENT}<doc>{escape(origin)}</doc>",
        "",
        *(f"{_INDENT}{element}" for element in head.elements),
    ]
    for case in recorded:
        lines += ["", *(_INDENT + line for line in _case(case))]
    return "\n".join([*lines, "</scenario>", ""])


def _timeout(recorded: Sequence[RecordedCase]) -> str:
    """More than all that is waited for; the usual limit needn't be said."""
    limits = sum(step.within or 10 for case in recorded for step in case.steps if isinstance(step, Expect))
    return f' timeout="{limits + _ROOM}s"' if limits + _ROOM > _USUAL_TIMEOUT else ""


def _case(case: RecordedCase) -> Iterator[str]:
    name = quoteattr(case.name.replace("${", "$${"))
    tag = f"case name={name}" if case.name else "setup"
    yield f"<{tag}>"
    yield from (_INDENT + _step(step) for step in case.steps)
    yield f"</{tag.partition(' ')[0]}>"


def _step(step: RecordedStep) -> str:
    match step:
        case Send(keys=keys) if keys:
            return f'<send hex="{keys.hex(" ")}"/>'
        case Send():
            line = step.line.replace("${", "$${")
            return f"<send>{escape(line)}</send>" if line else "<send/>"
        case Expect():
            match = "" if step.wanted.match == "contains" else f' match="{step.wanted.match}"'
            within = f' within="{step.within}s"' if step.within else ""
            return f"<expect{match}{within}>{escape(step.wanted.text)}</expect>"
        case ExpectPanic():
            return f"<expect-panic reason={quoteattr(step.reason)}/>" if step.reason else "<expect-panic/>"
        case ExpectReset():
            return "<expect-reset/>"
