"""The files of a first scenario, made of what is known of a project. Pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from testarena_ci.settings import FILE_NAME
from testarena_ci.starter.facts import Console, IdfProject, MakeProject, Project, Unity

DEVICE_SCRIPT: Final = "device.sh"

_HEAD: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'
_SETTINGS: Final = """\
# What `testarena run` does in this folder.
scenarios: [{folder}]
timeout: 20min
"""
_DEVICE: Final = """\
#!/bin/sh
# Stands for a device: put your program, simulator or terminal server in its place.
printf 'device> '
while read -r command rest; do
  case $command in
  ping) printf 'pong\\n' ;;
  echo) printf '%s\\n' "$rest" ;;
  *) printf 'unknown command: %s\\n' "$command" ;;
  esac
  printf 'device> '
done
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFile:
    """A file to be made; `name` is relative to the project's folder."""

    name: str
    text: str


def files(project: Project, folder: str) -> tuple[NewFile, ...]:
    """The scenario with what it needs, in the folder for scenarios; then the settings."""
    name = f"{folder}/{_file_name(project.name.value)}.xml"
    up = "/".join([".."] * (folder.count("/") + 1))
    settings = NewFile(name=FILE_NAME, text=_SETTINGS.format(folder=folder))
    match project:
        case IdfProject():
            return NewFile(name=name, text=_idf(project, up)), settings
        case MakeProject():
            return NewFile(name=name, text=_make(project, up)), settings
        case _:
            script = NewFile(name=f"{folder}/{DEVICE_SCRIPT}", text=_DEVICE)
            return NewFile(name=name, text=_script(project.name.value)), script, settings


def _file_name(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9_]+", "-", plain).strip("-")[:60] or "first"


def _idf(project: IdfProject, up: str) -> str:
    """The build tells the rest: ELF, flash image, size of the flash."""
    config = f" config={quoteattr(project.config.value)}" if project.config is not None else ""
    body = f"""\
  <firmware project="{up}"{config}/>

{_cases(project.console, booted="Calling app_main|Starting scheduler")}"""
    return _scenario(project.name.value, f' target="{project.board.value}"', body)


def _make(project: MakeProject, up: str) -> str:
    program = f"{up}/{project.program.value}"
    body = f"""\
  <firmware command="make -C {up}" image={quoteattr(program)}/>
  <machine kind="command" command={quoteattr(program)}/>

{_cases(project.console, booted="")}"""
    return _scenario(project.name.value, "", body)


def _script(name: str) -> str:
    body = f"""\
  <machine kind="command" command="sh {DEVICE_SCRIPT}"/>

  <setup>
    <expect>device&gt; </expect>
  </setup>

  <case name="ping answers pong">
    <send>ping</send>
    <expect within="1s">pong</expect>
  </case>

  <case name="echo gives back what it gets">
    <send>echo good morning</send>
    <expect>good morning</expect>
  </case>
"""
    return _scenario(name, "", body)


def _scenario(name: str, more: str, body: str) -> str:
    shown = quoteattr(" ".join(name.split())[:100])
    return f'{_HEAD}<scenario name={shown}{more} tags="smoke" timeout="2min">\n{body}</scenario>\n'


def _cases(console: Console, booted: str) -> str:
    if console.unity is not None:
        return _UNITY[Unity(console.unity.value)]
    if console.prompt is not None:
        return _prompted(console.prompt.value, has_help=console.help is not None)
    said = [f'    <expect match="regex" within="30s">{escape(booted)}</expect>'] if booted else []
    if console.greeting is not None:
        said.append(f'    <expect within="30s">{escape(console.greeting.value)}</expect>')
    expects = "\n".join(said or ['    <expect match="regex" within="30s">.</expect>'])
    return f'  <case name="it boots">\n{expects}\n  </case>\n'


def _prompted(prompt: str, *, has_help: bool) -> str:
    send, name = ("<send>help</send>", "help answers") if has_help else ("<send/>", "ENTER brings the prompt again")
    answer = "    <expect>registered commands</expect>\n" if has_help else ""
    return f"""\
  <setup>
    <expect within="30s">{escape(prompt)}</expect>
  </setup>

  <case name="{name}">
    {send}
{answer}    <expect>{escape(prompt)}</expect>
  </case>
"""


_UNITY: Final = {
    Unity.MENU: """\
  <case name="unit tests on the chip">
    <unity/>
  </case>
""",
    Unity.RUN: """\
  <case name="unit tests on the chip">
    <unity mode="read"/>
  </case>
""",
}
