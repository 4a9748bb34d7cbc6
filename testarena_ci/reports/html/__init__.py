"""index.html: one file that needs nothing from outside, reads without its script, and lets no text in it act.

The templates lay out what `view.py` decided (verdict, failures, tables); the script draws the rest (all cases, steps
beside the console) from the data that `data.py` packs into the page. A strict content security policy lets only our own
style and script act.
"""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from hashlib import sha256
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from testarena_ci.reports.base import ReportInput
from testarena_ci.reports.html.compiled import TemplateCache, beside_modules
from testarena_ci.reports.html.data import embedded
from testarena_ci.reports.html.view import page

_STYLES = ("base.css", "overview.css", "console.css", "detail.css", "again.css", "print.css")
_SCRIPTS = (
    "dom.js",
    "data.js",
    "ansi.js",
    "console.js",
    "log_search.js",
    "explorer.js",
    "repeat.js",
    "timeline.js",
    "detail.js",
    "main.js",
)


def render(report: ReportInput) -> str:
    """The page."""
    style = _joined(_STYLES)
    script = '"use strict";\n(() => {\n' + _joined(_SCRIPTS) + "})();\n"
    data = embedded(report)
    return template().render(
        page=page(report),
        style=Markup(style),  # noqa: S704  a file of ours
        script=Markup(script),  # noqa: S704  files of ours
        policy=_policy(style, script),
        blocks=data.blocks,
        logs_left_out=data.left_out,
    )


@cache
def template() -> Template:
    """The page's template and what it imports; a run loads them while it waits anyway."""
    environment = Environment(
        loader=PackageLoader(__name__, "."),
        bytecode_cache=TemplateCache(beside_modules()),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.get_template("parts.html.j2")
    return environment.get_template("page.html.j2")


def _joined(names: tuple[str, ...]) -> str:
    folder = files(__name__)
    return "".join(folder.joinpath(name).read_text(encoding="utf-8") for name in names)


def _policy(style: str, script: str) -> str:
    """Nothing is loaded, nothing is sent, only the two inlined files act, and no text becomes markup."""
    return "; ".join(
        (
            "default-src 'none'",
            f"style-src {_source(style)}",
            f"script-src {_source(script)}",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        )
    )


def _source(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
