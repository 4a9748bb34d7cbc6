"""Cuts GitHub's OpenAPI file down to the calls that TestArena makes, for the fake forge to check requests against.

    npm pack @octokit/openapi && tar xzf octokit-openapi-*.tgz package/generated/api.github.com.json
    python tests/data/openapi/make_subset.py package/generated/api.github.com.json

The file comes under the MIT license, (c) Octokit contributors and GitHub.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PATHS = {
    "/repos/{owner}/{repo}/statuses/{sha}": ("post",),
    "/repos/{owner}/{repo}/commits/{ref}/statuses": ("get",),
}
PROSE = ("examples", "example", "description", "externalDocs", "x-github", "x-octokit", "summary", "tags")


def subset(whole: dict[str, Any]) -> dict[str, Any]:
    """The calls in PATHS with everything that they refer to."""
    paths = {path: {verb: _plain(whole["paths"][path][verb]) for verb in verbs} for path, verbs in PATHS.items()}
    small: dict[str, Any] = {
        "openapi": whole["openapi"],
        "info": whole["info"] | {"x-made-by": f"make_subset.py from @octokit/openapi {whole['info']['version']}"},
        "servers": [{"url": "/"}, {"url": "/api/v3"}],
        "paths": paths,
        "components": {},
    }
    waiting = list(_references(paths))
    while waiting:
        _, _, section, name = waiting.pop().split("/")
        room = small["components"].setdefault(section, {})
        if name not in room:
            room[name] = _plain(whole["components"][section][name])
            waiting.extend(_references(room[name]))
    return small


def _plain(node: Any) -> Any:
    """The node without what only people read."""
    if isinstance(node, list):
        return [_plain(item) for item in node]
    if not isinstance(node, dict):
        return node
    kept = {name: _plain(value) for name, value in node.items() if name not in PROSE or _is_property(name, value)}
    return kept | ({"description": ""} if "content" in node and "description" in node else {})


def _is_property(name: str, value: Any) -> bool:
    """A schema's property can be called `description` too."""
    return name in PROSE and isinstance(value, dict) and ("type" in value or "$ref" in value)


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for item in node:
            yield from _references(item)
    elif isinstance(node, dict):
        for name, value in node.items():
            if name == "$ref":
                yield value
            else:
                yield from _references(value)


if __name__ == "__main__":
    made = subset(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
    Path(__file__).with_name("github.json").write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
