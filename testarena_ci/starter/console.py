"""What C sources tell about a console: its prompt, its greeting, Unity tests. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from testarena_ci.starter.facts import Console, Guess, Unity
from testarena_ci.starter.sources import Text

# Possessive (`*+`), so that no text can make a search take long.
_LITERAL: Final = r'"(?:[^"\\\n]|\\.)*+"'
_PIECE: Final = rf"(?:{_LITERAL}|[A-Za-z_]\w*+)"
_EXPRESSION: Final = rf"(?P<what>{_PIECE}(?:\s*{_PIECE}){{0,9}})"
_PROMPTS: Final = (
    re.compile(rf"\bprompt\w*\s*=\s*{_EXPRESSION}\s*[;,}}]"),  # repl_config.prompt = PROMPT_STR ">";
    re.compile(rf"\blinenoise\s*\(\s*{_EXPRESSION}\s*\)"),
)
_REPL: Final = re.compile(r"\bESP_CONSOLE_REPL_CONFIG_DEFAULT\b")
_IDF_PROMPT: Final = "esp>"  # esp_console_setup_prompt() in components/console/esp_console_common.c
_HELP: Final = re.compile(r"\besp_console_register_help_command\s*\(")
_MENU: Final = re.compile(r"\bunity_run_menu\s*\(")
_RUN: Final = re.compile(r"\b(?:unity_run_all_tests|unity_run_tests_by_tag|UNITY_BEGIN)\s*\(")
_MAIN: Final = re.compile(r"\b(?:void\s+app_main|int\s+main)\s*\(")
_SAYS: Final = re.compile(
    rf"\b(?:printf|puts)\s*\(\s*(?P<what>{_LITERAL})|\bESP_LOGI\s*\(\s*\w+\s*,\s*(?P<log>{_LITERAL})"
)
_BRACES: Final = re.compile(rf"{_LITERAL}|[^{{}}\"]+")  # all but these
_DEFINE: Final = re.compile(rf"^[ \t]*#[ \t]*define[ \t]+(?P<name>\w+)[ \t]+{_EXPRESSION}[ \t]*$", re.MULTILINE)
_SETTING: Final = re.compile(r'^(?P<name>CONFIG_\w+)="(?P<value>[^"\n]*)"', re.MULTILINE)
_KCONFIG: Final = re.compile(
    r'^\s*config (?P<name>\w+)\n(?:(?!\s*config ).*\n){0,20}?\s+default "(?P<value>[^"\n]*)"', re.MULTILINE
)
_COMMENT: Final = re.compile(rf"{_LITERAL}|//[^\n]*|/\*.*?\*/", re.DOTALL)
_ESCAPES: Final = {"n": "\n", "r": "\n", "t": "\t", '"': '"', "\\": "\\", "'": "'"}
_DEEPEST: Final = 8  # names that stand for names


def console_of(code: tuple[Text, ...], settings: tuple[Text, ...], kconfigs: tuple[Text, ...]) -> Console:
    """The console of a program; the first of several finds counts."""
    code = tuple(Text(name=text.name, text=without_comments(text.text)) for text in code)
    names = _names(code, settings, kconfigs)
    return Console(
        prompt=next(_prompts(code, names), None),
        help=_first(code, _HELP, "help"),
        greeting=next(_greetings(code), None),
        unity=_first(code, _MENU, Unity.MENU) or _first(code, _RUN, Unity.RUN),
    )


def without_comments(text: str) -> str:
    """C code with blanks in place of its comments, so that places stay."""
    return _COMMENT.sub(lambda found: found[0] if found[0][0] == '"' else re.sub(r"[^\n]", " ", found[0]), text)


def _first(code: tuple[Text, ...], pattern: re.Pattern[str], value: str) -> Guess | None:
    found = ((text, match) for text in code if (match := pattern.search(text.text)))
    return next((Guess(value=value, why=text.place(match.start())) for text, match in found), None)


def _prompts(code: tuple[Text, ...], names: Mapping[str, str]) -> Iterator[Guess]:
    for pattern in _PROMPTS:
        for text in code:
            for match in pattern.finditer(text.text):
                prompt = (evaluate(match["what"], names) or "").strip()
                if prompt and "\n" not in prompt:
                    yield Guess(value=prompt, why=text.place(match.start()))
    default = _first(code, _REPL, _IDF_PROMPT)
    if default is not None:
        yield Guess(value=default.value, why=f"{default.why}, ESP-IDF's own")


def _greetings(code: tuple[Text, ...]) -> Iterator[Guess]:
    """What the main function says first, up to what only a run knows; not what it says under some condition."""
    for text in code:
        main = _MAIN.search(text.text)
        says = _SAYS.finditer(text.text, main.end()) if main else ()
        for match in says:
            between = _BRACES.sub("", text.text[main.end() : match.start()] if main else "")
            if between.count("{") - between.count("}") != 1:
                continue
            said = (evaluate(match["what"] or match["log"], {}) or "").lstrip("\n").split("\n")[0]
            plain = said.split("%")[0].strip()
            if len(plain) >= 4 and plain.isprintable():
                yield Guess(value=plain, why=text.place(match.start()))


def _names(code: tuple[Text, ...], settings: tuple[Text, ...], kconfigs: tuple[Text, ...]) -> dict[str, str]:
    """What names in an expression stand for; colours stand for nothing, and the target for whatever it is in a run."""
    found = {
        f"CONFIG_{match['name']}": _quoted(match["value"])
        for text in kconfigs
        for match in _KCONFIG.finditer(text.text)
    }
    found |= {match["name"]: _quoted(match["value"]) for text in settings for match in _SETTING.finditer(text.text)}
    found |= {match["name"]: match["what"] for text in code for match in _DEFINE.finditer(text.text)}
    return found


def _quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\") + '"'


def evaluate(expression: str, names: Mapping[str, str], depth: int = 0) -> str | None:
    """The text of string literals and names in a row; None when some name is not known."""
    if depth > _DEEPEST:
        return None
    pieces = [_piece(piece, names, depth) for piece in re.findall(_PIECE, expression)]
    return None if None in pieces else "".join(piece for piece in pieces if piece)


def _piece(piece: str, names: Mapping[str, str], depth: int) -> str | None:
    if piece.startswith('"'):
        text = re.sub(r"\\(x1[bB]|033|e)\[[0-9;]*m", "", piece[1:-1])  # a colour, which the console leaves out
        return re.sub(r"\\(.)", lambda escape: _ESCAPES.get(escape[1], ""), text).replace("${", "$${")
    if piece == "CONFIG_IDF_TARGET":
        return "${target}"
    if piece.startswith(("LOG_COLOR", "LOG_RESET")):
        return ""
    known = names.get(piece)
    return None if known is None else evaluate(known, names, depth + 1)
