"""The parts of a CTRF document that we write, as its schema has them: what is None, empty or false is left out."""

from __future__ import annotations

from typing import Any

from msgspec import Struct


class _Part(Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """Names in the document are in camel case."""


class Tool(_Part, frozen=True, kw_only=True):
    name: str
    version: str


class Summary(_Part, frozen=True, kw_only=True):
    """All counts are required, so none has a default; times are milliseconds, since 1970 for `start` and `stop`."""

    tests: int
    passed: int
    failed: int
    skipped: int
    other: int
    flaky: int
    suites: int
    start: int
    stop: int
    duration: int
    pending: int


class Attachment(_Part, frozen=True, kw_only=True):
    """A file; `path` is relative to the report folder."""

    name: str
    content_type: str
    path: str


class Step(_Part, frozen=True, kw_only=True):
    name: str
    status: str


class Attempt(_Part, frozen=True, kw_only=True):
    """A try before the last; `attempt` counts from 1."""

    attempt: int
    status: str
    duration: int
    message: str | None = None
    trace: str | None = None


class Case(_Part, frozen=True, kw_only=True):
    """A case."""

    name: str
    status: str
    duration: int  # milliseconds
    suite: list[str]
    id: str | None = None
    start: int | None = None
    stop: int | None = None
    message: str | None = None
    trace: str | None = None
    line: int | None = None
    raw_status: str | None = None
    tags: list[str] | None = None
    labels: dict[str, list[str]] | None = None
    file_path: str | None = None
    retries: int | None = None
    retry_attempts: list[Attempt] | None = None
    flaky: bool = False
    thread_id: str | None = None
    device: str | None = None
    attachments: list[Attachment] | None = None
    parameters: dict[str, str] | None = None
    steps: list[Step] | None = None


class Results(_Part, frozen=True, kw_only=True):
    tool: Tool
    summary: Summary
    tests: list[Case]
    environment: dict[str, Any] | None = None


class Report(_Part, frozen=True, kw_only=True):
    """The document; the two that name the format are its own."""

    results: Results
    generated_by: str
    timestamp: str | None = None
    report_format: str
    spec_version: str
