"""The forges: one module a kind, each with `connect(context, courier) -> Forge`, loaded when a run needs it.

The client libraries take a quarter of a second to import, which `testarena --help` and local runs don't pay.
"""

from __future__ import annotations

from importlib import import_module
from typing import Final

from testarena_ci.context import CIContext, ForgeKind
from testarena_ci.forges.base import Forge
from testarena_ci.forges.local import NoForge
from testarena_ci.forges.patience import Courier

KINDS: Final[dict[str, str]] = {
    ForgeKind.GITHUB: "testarena_ci.forges.github",
    ForgeKind.GITEA: "testarena_ci.forges.gitea",
    ForgeKind.FORGEJO: "testarena_ci.forges.gitea",
    ForgeKind.LOCAL: "testarena_ci.forges.local",
}


def open_forge(context: CIContext, courier: Courier | None = None) -> Forge:
    """The forge that this run belongs to; one that takes nothing and says why when something needed is missing."""
    missing = _missing(context)
    if missing:
        return NoForge(missing)
    try:
        kind = import_module(KINDS[context.kind])
    except ImportError as error:
        return NoForge(f"the client library can't be loaded ({error}): install testarena-ci again")
    forge: Forge = kind.connect(context, courier or Courier())
    return forge


def _missing(context: CIContext) -> str:
    """What a commit status needs and the context lacks; its warnings say why."""
    if context.kind is ForgeKind.LOCAL:
        return ""
    if not context.token:
        return "there is no token: pass the input `token` (the action's default is the job's own)"
    needed = {"the API's address": context.api_url, "the repository": context.repository, "the commit": context.sha}
    lacking = [name for name, value in needed.items() if not value]
    return f"{' and '.join(lacking)} can't be known" if lacking else ""
