"""The parts of results.json, from the schema that ships with the package."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

from tools.docs.markdown import code, table

_SCHEMA = "results.schema.json"


def tables() -> str:
    """A table for the document and each of its parts."""
    schema = json.loads(files("testarena_ci.reports").joinpath(_SCHEMA).read_text())
    parts = {
        "document": {**schema, "description": ""},
        **{name: part for name, part in schema["$defs"].items() if "properties" in part},
    }
    return "\n".join(_part(name, part, schema) for name, part in parts.items())


def _part(name: str, part: dict[str, Any], schema: dict[str, Any]) -> str:
    described = f"{part['description'].rstrip('.')}.\n\n" if part.get("description") else ""
    rows = list(_rows(part, schema))
    return f"### {name}\n\n{described}{table(('field', 'type', 'meaning'), rows)}"


def _rows(part: dict[str, Any], schema: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    for name, field in part["properties"].items():
        yield code(name), _type(field, schema), field.get("description", "")


def _type(field: dict[str, Any], schema: dict[str, Any]) -> str:
    if "$ref" in field:
        return _reference(field["$ref"].rpartition("/")[2], schema)
    if "anyOf" in field:
        return " or ".join(_type(choice, schema) for choice in field["anyOf"])
    if "enum" in field:
        return ", ".join(code(str(word)) for word in field["enum"])
    if "const" in field:
        return code(json.dumps(field["const"]))
    if field.get("type") == "array" and "items" in field:
        return f"list of {_type(field['items'], schema)}"
    kinds = field.get("type", "anything")
    return kinds if isinstance(kinds, str) else " or ".join(kinds)


def _reference(name: str, schema: dict[str, Any]) -> str:
    part = schema["$defs"][name]
    if "properties" not in part:
        return _type(part, schema)
    optional = " or null" if "null" in part.get("type", "") else ""
    return f"[{name}](#{name.lower()}){optional}"
