"""Examinations for people and for programs. Pure.

to build the firmware with ESP-IDF:
  ok       ESP-IDF                       v5.3.1 in /opt/esp/idf (found by IDF_PATH)
  missing  ninja                         not found; for running the build
           -> on Debian and Ubuntu: apt install ninja-build

{"target": "esp32c3", "able": false, "sections": [{"name": "build", "title": "to build ...", "checks": [...]}]}
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from testarena_ci.doctor.checks import Check, Examination, Section


def section_lines(section: Section) -> Iterator[str]:
    """A headline, a line for each check, and below it the ways to get what is missing."""
    yield f"{section.title}:"
    for check in section.checks:
        yield f"  {check.state.value:<8} {check.name:<29} {check.detail}".rstrip()
        yield from (f"           -> {way}" for way in check.ways)


def as_text(found: Examination) -> Iterator[str]:
    """All sections, then in one line each what can't be done."""
    for section in found.sections:
        yield from section_lines(section)
    if found.able:
        yield f"{found.target}: all that a run needs is here"
    for section, checks in found.missing():
        names = ", ".join(check.name for check in checks)
        yield f"{found.target}: can't {section.verb} here; missing: {names}"
    if [section.name for section, _ in found.missing()] == ["build"]:
        yield f"{found.target}: firmware that was built elsewhere can be run here"


def as_json(found: Examination) -> str:
    """An object with target, able and sections."""
    return _json({"target": found.target, "able": found.able, "sections": _objects(found.sections)})


def sections_as_json(sections: Iterable[Section], *, able: bool) -> str:
    """The same where no target is meant."""
    return _json({"able": able, "sections": _objects(sections)})


def _objects(sections: Iterable[Section]) -> list[dict[str, object]]:
    return [
        {"name": section.name, "title": section.title, "checks": list(map(_object, section.checks))}
        for section in sections
    ]


def _object(check: Check) -> dict[str, object]:
    return {"name": check.name, "state": check.state.value, "detail": check.detail, "ways": list(check.ways)}


def _json(value: dict[str, object]) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False)
