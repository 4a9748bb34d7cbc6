"""A failure that was expected: no report is red for it, and none is silent about it."""

from __future__ import annotations

import json

from lxml import etree
from msgspec.structs import replace

from testarena_ci.reports import junit, results_json, summary
from testarena_ci.reports.words import verdict_line
from tests.support.builders import Run, attempt, case, failure, run, scenario
from tpf.result import FailureKind

LATE = failure(FailureKind.TIMEOUT, 'expected "pong" within 1s, but it did not come\nthe console', 20)
KNOWN = case("known", 18, replace(attempt(), expected=LATE), ticket="BUG-7")
MADE = Run(result=run(scenario("s", "s", KNOWN, case("fine", 30))))


def test_junit_has_it_skipped_with_ticket_and_reason() -> None:
    suite = etree.fromstring(junit.render(MADE.report))[0]
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("2", "0", "1")
    (known,) = suite.findall("testcase[@name='known']")
    (skipped,) = known.findall("skipped")
    assert skipped.get("message") == 'expected failure, BUG-7: expected "pong" within 1s, but it did not come'
    assert [dict(one.attrib) for one in known.iter("property")] == [{"name": "ticket", "value": "BUG-7"}]


def test_results_json_has_ticket_and_failure() -> None:
    (known, fine) = results_json.document(MADE.report)["scenarios"][0]["cases"]
    assert (known["verdict"], known["ticket"], known["failure"]) == ("passed", "BUG-7", None)
    assert known["attempts"][0]["expected"]["kind"] == "timeout"
    assert (fine["ticket"], fine["attempts"][0]["expected"]) == ("", None)
    json.dumps(known)


def test_the_summary_lists_it() -> None:
    text = summary.render(MADE.report)
    assert "### Expected failures" in text
    assert "- **s** › **known** (BUG-7): `expected " in text


def test_the_verdict_is_not_more_cheerful_than_the_run() -> None:
    assert verdict_line(MADE.result) == "Both cases passed, 1 of them by failing as expected"
