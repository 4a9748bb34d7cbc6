"""docs/reference/settings.md: every setting with all its names, the action's inputs and outputs, the exit codes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from testarena_ci import ending
from testarena_ci.settings import FILE_NAME, Setting, declared
from tools.docs.markdown import code, table
from tpf.errors import UsageError

_HEAD = f"""\
<!-- Made from the declarations of the settings and from action.yml: don't edit it, run `make docs`. -->

# Settings, the action, exit codes

A setting can be given in three places. A flag wins over an input of the action (or the environment variable that stands
for it), and that wins over the file.

| where | how |
| --- | --- |
| the file `{FILE_NAME}` in the folder where `testarena` runs, or what `--config` names | `jobs: 4` |
| an input of the action `testarena/run@v1` | `with: {{ jobs: 4 }}` |
| an environment variable, which is how the action passes its inputs | `TESTARENA_JOBS=4` |
| a flag | `--jobs 4` |

All that is wrong with settings is told at once, with its place. An unknown name in the file is an error that names the
nearest known one; a variable `TESTARENA_...` that is no setting is noted, and not used. The token is no setting: it
comes as an input or from the environment, never from the file.

## Settings

"""

_SHAPES = {
    "one": "",
    "lines": "a list; as an input one a line; as a flag once each",
    "words": "a list; as an input words with blanks between; as a flag once each",
    "file": "in the file alone",
    "files": "a list, in the file alone",
    "pairs": "`name: value` lines; as an input `name=value`, one a line; as a flag `name=value`, once each",
}

_FILE_EXAMPLE = f"""
All of it in one file:

```yaml
# {FILE_NAME}
scenarios: [tests/scenarios]
tag: [smoke, "!slow"]
jobs: 4
timeout: 20min
retries: 1
set:
  wifi: "off"
status-per-scenario: true
```
"""

# What a script can rely on; the numbers are the code's own.
_EXIT_CODES = {
    ending.EXIT_PASSED: "All cases passed (some may have been skipped).",
    ending.EXIT_FAILED: "A case failed: the firmware did wrong.",
    UsageError.exit_code: "The command line, the settings or a scenario is wrong, or nothing matches. Nothing ran.",
    ending.EXIT_ENVIRONMENT: "This machine lacks an emulator or a toolchain; the message says how to get it.",
    ending.EXIT_ERROR: "The machine, the build or TestArena itself broke, or cases never ran: no word on the firmware.",
    ending.EXIT_INTERRUPTED: "The run was interrupted; what had ended by then is in the reports.",
}


def page(action: Path) -> str:
    """The page."""
    described = yaml.safe_load(action.read_text())
    return "".join(
        (
            _HEAD,
            table(("setting", "value", "default", "meaning"), map(_row, declared())),
            _FILE_EXAMPLE,
            "\n## Names\n\n",
            table(("setting", "input", "environment", "flag"), map(_names, declared())),
            "\n## Inputs that only the action has\n\n",
            table(("input", "meaning"), _own_inputs(described)),
            "\n## Outputs of the action\n\n",
            table(("output", "meaning"), ((code(name), doc) for name, doc in ending.OUTPUTS.items())),
            "\n## Exit codes\n\n",
            table(("code", "meaning"), ((f"`{number}`", doc) for number, doc in _EXIT_CODES.items())),
            "\nWhen a run has both failures and errors, its exit code is that of the errors.\n",
        )
    )


def _row(setting: Setting) -> tuple[str, str, str, str]:
    value = _SHAPES[setting.shape] or setting.type.doc
    return code(setting.name), value, code(setting.shown_default), setting.doc.replace(", one a line", "")


def _names(setting: Setting) -> tuple[str, str, str, str]:
    flag = f"--{setting.name}" if setting.flag else ""
    if setting.type.name == "flag":
        flag = f"--{setting.name}, --no-{setting.name}"
    if not setting.input:
        return code(setting.name), "", "", ""
    said = code(flag) or "arguments of the command"
    return code(setting.name), code(setting.name), code(setting.variable), said


def _own_inputs(action: dict[str, Any]) -> Iterator[tuple[str, str]]:
    known = {setting.name for setting in declared()}
    for name, described in action["inputs"].items():
        if name not in known:
            yield code(name), described["description"]
