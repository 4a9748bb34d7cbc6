"""The step itself: what is written, the request it makes, the verdict on the answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Final
from urllib.parse import urlsplit

from tpf.console.quoting import quote, seconds, shorten
from tpf.errors import DeviceFailure, StepError
from tpf.result import FailureKind
from tpf.scenario.declare import Element, attribute
from tpf.scenario.model import Step
from tpf.scenario.types import DURATION, FLAG, NAME, Type, choice, integer
from tpf.steps.base import StepContext
from tpf.steps.http.exchange import Answer, Ask
from tpf.steps.http.wishes import Body, ExpectBody, ExpectHeader, Header, Json, Saved
from tpf.steps.places import within_checkout
from tpf.steps.wanted import WITHIN

_LARGEST_FILE: Final = 64 << 20  # bytes that a request may carry


def _url(text: str) -> str:
    url = text.strip()
    try:
        parts = urlsplit(url)
        good = parts.scheme.lower() in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        good = False
    if not good or not url.isprintable() or " " in url:
        raise ValueError(f"{quote(text)} is not an address: write it as in 'http://${{web}}/status'")
    return url


URL: Final = Type(name="url", doc="an address that begins with `http://` or `https://`", convert=_url)


@dataclass(frozen=True, slots=True, kw_only=True)
class Http:
    """Sends a request to the device, and judges its answer.

    It asks again while nobody answers: a device that is still starting refuses connections, or breaks them off. The
    first whole answer counts. The device may therefore get a request more than once.

    It is meant for the device under test, at a `<forward>`: proxies of the environment play no part, and no redirect is
    followed unless asked for. A body of more than 4 MiB is cut.
    """

    element: ClassVar[Element] = Element(
        name="http",
        device="none",
        children=(Header, Body, ExpectBody, ExpectHeader, Json),
        once=("body",),
        example='<http url="http://${web}/status" within="20s"><json pointer="/heap/free" min="100000"/></http>',
    )
    url: str = attribute(URL, doc='where to; `${web}` is the address of `<forward name="web"/>`')
    method: str = attribute(
        choice("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"), default="GET", doc="what to do there"
    )
    status: int = attribute(integer(100, 599), default=200, doc="the status that the answer must have")
    within: float = attribute(
        DURATION, default=WITHIN, shown="10s", doc="how long to wait for an answer at most, all attempts together"
    )
    attempt: float | None = attribute(
        DURATION, default=None, doc="how long one attempt may take, before the next one; default: all the time there is"
    )
    redirects: bool = attribute(FLAG, default=False, doc="`true` follows redirects, five at most")
    verify: bool = attribute(
        FLAG, default=True, doc="`false` takes any certificate: most devices have made theirs themselves"
    )
    save: str = attribute(NAME, default="", creates_names=True, doc="a name for the body, without the blanks around")
    children: tuple[Step, ...] = ()

    def check(self) -> Iterator[str | tuple[str, str]]:
        if self.method in ("GET", "HEAD") and any(child.declared is Body for child in self.children):
            yield "method", f'attribute method: a {self.method} request has no body; say method="POST", or another one'

    def summary(self) -> str:
        return f"{self.method} {shorten(self.url)} within {seconds(self.within)}"

    async def run(self, context: StepContext) -> None:
        from tpf.steps.http.client import ask  # lazy: 80 ms that only this step needs

        parts = [context.bind(child) for child in self.children]
        asked = self._ask(parts, context)
        async with context.console.time.flowing():
            answer = await ask(asked)
        context.record.output(f"{asked}: {answer.line}, {answer.size}")
        wishes = [part for part in parts if isinstance(part, ExpectBody | ExpectHeader | Json)]
        judged = [wish.judge(answer) for wish in wishes]
        self._fail([*self._wrong_status(answer), *(wrong for wrong, _ in judged if wrong)], asked, answer)
        self._keep([saved for _, saved in judged], answer, context)

    def _ask(self, parts: list[Any], context: StepContext) -> Ask:
        headers = [(part.name, part.value) for part in parts if isinstance(part, Header)]
        body: bytes | None = None
        for part in parts:
            if isinstance(part, Body):
                body = _content(part, context)
                kind = part.type or ("application/octet-stream" if part.file else "text/plain; charset=utf-8")
                headers.append(("Content-Type", kind))
        return Ask(
            method=self.method,
            url=self.url,
            headers=tuple(headers),
            body=body,
            within=self.within,
            attempt=self.attempt,
            redirects=self.redirects,
            verify=self.verify,
        )

    def _wrong_status(self, answer: Answer) -> Iterator[str]:
        if answer.status != self.status:
            yield f"the status is {answer.line}; expected {self.status}"
        if answer.cut:
            yield f"the body has {answer.size}, the most that is taken in"

    def _fail(self, wrong: list[str], asked: Ask, answer: Answer) -> None:
        if wrong:
            message = "\n".join((f"{asked}: {wrong[0]}", *wrong[1:], str(answer)))
            raise DeviceFailure(FailureKind.MISMATCH, message)

    def _keep(self, found: list[Saved], answer: Answer, context: StepContext) -> None:
        for saved in found:
            context.values.update(saved)
        if self.save:
            context.values[self.save] = answer.text.strip()


def _content(body: Body, context: StepContext) -> bytes:
    if not body.file:
        return body.text.encode()
    path: Path = within_checkout(body.file, context)
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise StepError(f"<body file>: {quote(body.file)} is larger than {_LARGEST_FILE >> 20} MiB")
        return path.read_bytes()
    except OSError as error:
        raise StepError(f"<body file>: {quote(body.file)} can't be read: {error.strerror}") from error
