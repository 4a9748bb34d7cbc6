"""Reads `testarena.yml`; a room of its own, since runs without the file need not pay for the YAML library.

# testarena.yml
scenarios: [tests/scenarios]
jobs: 4
timeout: 20min
set:
  wifi: "off"
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from testarena_ci.settings import NamedFile, Setting, declared, from_text, pair
from tpf.errors import SettingsError


def read_file(path: Path) -> dict[str, Any]:
    """The settings that a testarena.yml gives, typed. Raises SettingsError with file:line for anything wrong."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise SettingsError(f"{path}: no such file; leave --config away to run without one") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{path}: is not UTF-8 text: save it as UTF-8") from None
    except OSError as error:
        raise SettingsError(f"{path}: can't read it: {error.strerror}") from error
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        entries = dict(_entries(path, root))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"{path}:{mark.line + 1}:{mark.column + 1}" if mark else str(path)
        raise SettingsError(f"{place}: not valid YAML: {error.problem}") from error
    except (yaml.YAMLError, RecursionError) as error:
        raise SettingsError(f"{path}: not valid YAML: {error}") from error
    return entries


def _entries(path: Path, root: yaml.Node | None) -> Iterator[tuple[str, Any]]:
    if root is None:
        return
    if not isinstance(root, yaml.MappingNode):
        raise SettingsError(f"{path}:{root.start_mark.line + 1}: the settings are `name: value` lines")
    known = {setting.name: setting for setting in declared()}
    for key, value in root.value:
        place = f"{path}:{key.start_mark.line + 1}:{key.start_mark.column + 1}"
        name = key.value if isinstance(key, yaml.ScalarNode) else "?"
        if name == "token":
            raise SettingsError(f"{place}: a token doesn't belong into a file; pass it as the action's input `token`")
        if name not in known:
            raise SettingsError(f"{place}: {_unknown(name, tuple(known))}")
        if known[name].shape == "files":
            yield known[name].field, tuple(_files(path, value, f"{place}: {name}"))
        else:
            yield known[name].field, _from_node(known[name], value, f"{place}: {name}")


def _unknown(name: str, known: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}"
    return f"unknown setting {name!r}; {hint}"


def _from_node(setting: Setting, node: yaml.Node, place: str) -> Any:
    """The value of a setting in the file: a scalar, a list of scalars, or (for pairs) a mapping."""
    if isinstance(node, yaml.ScalarNode):
        return from_text(setting, str(node.value), place)
    if isinstance(node, yaml.SequenceNode) and setting.shape in ("lines", "words"):
        return tuple(_scalar(item, place) for item in node.value)
    if isinstance(node, yaml.MappingNode) and setting.shape == "pairs":
        return tuple(pair(f"{_scalar(key, place)}={_scalar(value, place)}", place) for key, value in node.value)
    wanted = {"one": "one value", "lines": "a list", "words": "a list", "pairs": "`name: value` lines"}[setting.shape]
    raise SettingsError(f"{place}: needs {wanted}")


def _files(path: Path, node: yaml.Node, place: str) -> Iterator[NamedFile]:
    """Each file with the place where it is named, since it is looked at later."""
    if not isinstance(node, yaml.SequenceNode):
        raise SettingsError(f"{place}: needs a list")
    for item in node.value:
        named = f"{path}:{item.start_mark.line + 1}:{item.start_mark.column + 1}"
        yield NamedFile(path=path.absolute().parent / _scalar(item, place), place=named)


def _scalar(node: yaml.Node, place: str) -> str:
    if not isinstance(node, yaml.ScalarNode):
        raise SettingsError(f"{place}: needs plain values")
    return str(node.value)
