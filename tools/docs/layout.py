"""The files of a report folder, by the names that the code gives them."""

from __future__ import annotations

from testarena_ci.forges.spool import NAME as SPOOL
from testarena_ci.live.queue_files import LOG_NAME, STATUS_NAME
from testarena_ci.reports import KINDS
from tools.docs.markdown import code, table
from tpf.journal import FILE_NAME as JOURNAL
from tpf.outcomes import INTERNAL_LOG

_AT_THE_END = {
    "html": "For people: one file that needs nothing beside it; failures first, the console beside the steps",
    "junit": "For CI servers and dashboards: a suite a scenario, a testcase a case",
    "summary": "For the summary page of a forge, and for pasting into an issue",
    "comment": "The same for a comment on any forge: never over 65 535 bytes",
    "ctrf": "For what reads the Common Test Report Format: bots, dashboards, actions",
    "json": "For programs: all that the run told, with verdicts",
}


def table_rows() -> list[tuple[str, str, str]]:
    """File, when it is there, what it is."""
    begin = "from the start"
    rows = [
        (code(JOURNAL), begin, "The journal: all that happened, an event a line; all reports are made from it"),
        (code(STATUS_NAME), begin, "Where the run stands, at most a second old; always whole JSON"),
        (code(LOG_NAME), begin, "Every line of every device and build as it came, with the time of day"),
        (code("logs/SCENARIO/console.log"), "from the boot", "One device's console, with seconds since its first boot"),
        (code("logs/build-HASH.log"), "from the build", "What a build command said"),
        (code("artifacts/SCENARIO/"), "when a step makes files", "What host commands left under `${artifacts}`"),
    ]
    rows += [(code(kind.file), "at the end", _AT_THE_END[name]) for name, kind in KINDS.items()]
    rows += [
        (code(SPOOL), "when the forge was away", "Final commit statuses that `testarena finish` sends again"),
        (code(INTERNAL_LOG), "never, we hope", "The traceback of a fault of TestArena itself, for the bug report"),
    ]
    return rows


def table_of_files() -> str:
    """The table."""
    return table(("file", "there", "what it is"), table_rows())
