"""JUnit files of many tools, torn ones and hostile ones."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testarena_ci.reports import junit
from tests.support import runs
from tests.support.builders import Run
from tpf.steps.junit.report import DEEPEST, LARGEST, MOST, End, read

PYTEST = b"""<?xml version="1.0" encoding="utf-8"?><testsuites name="pytest tests"><testsuite name="pytest" errors="1"
 failures="1" skipped="1" tests="4" time="0.046"><testcase classname="test_x" name="test_good[a/b]" time="0.001" />
<testcase classname="test_x" name="test_bad" time="0.002"><failure message="assert 1 == 2">def test_bad():
&gt;       assert 1 == 2</failure></testcase><testcase classname="test_x" name="test_skip" time="0.000"><skipped
 type="pytest.skip" message="no board">test_x.py:5: no board</skipped></testcase><testcase classname="test_x"
 name="test_fixture" time="0.001"><error message="failed on setup with &quot;OSError&quot;">trace</error></testcase>
</testsuite></testsuites>"""

GOOGLE = b"""<testsuites tests="3" name="AllTests"><testsuite name="Heap" tests="3">
<testcase name="Grows" file="heap_test.cc" line="12" status="run" result="completed" time="0.5" classname="Heap" />
<testcase name="DISABLED_Shrinks" status="notrun" result="suppressed" time="0." classname="Heap" />
<testcase name="Leaks" status="run" result="completed" time="0.25" classname="Heap"><failure
 message="heap_test.cc:20&#x0A;Value of: 1" type=""><![CDATA[heap_test.cc:20]]></failure>
<failure message="second"/></testcase>
</testsuite></testsuites>"""

MAVEN = b"""<testsuite xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" name="a.B"><properties><property name="x"
 value="y"/></properties><testcase name="slow" classname="a.B" time="1,234.5"><system-out>out</system-out><system-err>
err</system-err></testcase></testsuite>"""


def test_a_file_of_pytest() -> None:
    report = read(PYTEST)
    assert report.problem == ""
    assert [(test.name, test.end) for test in report.tests] == [
        ("test_good[a/b]", End.PASSED),
        ("test_bad", End.FAILED),
        ("test_skip", End.SKIPPED),
        ("test_fixture", End.ERROR),
    ]
    bad = report.tests[1]
    assert (bad.group, bad.seconds, bad.message) == ("test_x", 0.002, "assert 1 == 2")
    assert bad.details == "def test_bad():\n>       assert 1 == 2"
    assert report.tests[2].message == "no board"


def test_a_file_of_google_test() -> None:
    grows, shrinks, leaks = read(GOOGLE).tests
    assert (grows.file, grows.line, grows.seconds) == ("heap_test.cc", 12, 0.5)
    assert (shrinks.end, shrinks.message) == (End.SKIPPED, "notrun")
    assert leaks.end is End.FAILED
    assert leaks.message.startswith("heap_test.cc:20\n")


def test_a_file_of_maven() -> None:
    (slow,) = read(MAVEN).tests
    assert (slow.seconds, slow.output, slow.end) == (1234.5, "out\nerr", End.PASSED)


@pytest.mark.parametrize("make", [runs.passed, runs.mixed, runs.hostile])
def test_our_own_files(make: Callable[[], Run]) -> None:
    made = make()
    report = read(junit.render(made.report))
    assert report.problem == ""
    assert len(report.tests) >= len(made.result.cases)


def test_a_torn_file_keeps_what_had_come() -> None:
    report = read(PYTEST[: PYTEST.index(b"test_fixture")])
    assert len(report.tests) == 3
    assert report.problem == ("line 5: it is not well-formed XML: unclosed token")


def test_other_encodings() -> None:
    text = '<?xml version="1.0" encoding="{}"?><testsuite><testcase name="größer"/></testsuite>'
    for encoding in ("iso-8859-1", "utf-16", "utf-8"):
        assert [test.name for test in read(text.format(encoding).encode(encoding)).tests] == ["größer"]


BOMB = b"""<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>
<testsuite><testcase name="&b;"/></testsuite>"""
OUTSIDE = b"""<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><testsuite><testcase name="&a;"/></testsuite>"""


@pytest.mark.parametrize(
    "data, problem",
    [
        (BOMB, "line 1: a document type and entities of one's own are not allowed"),
        (OUTSIDE, "line 1: a document type and entities of one's own are not allowed"),
        (b"<html><body/></html>", "it is no JUnit file: its root element is <html>, and not <testsuites> or"),
        (b"", "line 1: it is not well-formed XML: no element found"),
        (b"\x00\xff\xfe", "it is not well-formed XML"),
        (b'<?xml version="1.0" encoding="klingon"?><testsuite/>', "its encoding can't be read: unknown encoding"),
        (b"<testsuite>" * (DEEPEST + 1), f"elements are nested deeper than {DEEPEST} levels"),
        (b"<testsuite>" + b"<testcase/>" * (MOST + 1), f"there are more than {MOST} tests"),
        (b"x" * (LARGEST + 1), "it is larger than 64 MiB"),
    ],
    ids=["bomb", "outside", "html", "empty", "bytes", "encoding", "deep", "many", "large"],
)
def test_what_is_refused(data: bytes, problem: str) -> None:
    assert problem in read(data).problem


def test_long_texts_are_cut_and_say_so() -> None:
    data = b"<testsuite><testcase name='x'><failure>" + b"y" * 100_000 + b"</failure></testcase></testsuite>"
    (test,) = read(data).tests
    assert test.details.endswith("y\n... 91808 characters more")


@pytest.mark.parametrize("text", ["nan", "inf", "-1", "1e99", "soon", ""])
def test_times_that_are_none(text: str) -> None:
    (test,) = read(f"<testsuite><testcase name='x' time='{text}'/></testsuite>".encode()).tests
    assert test.seconds == 0.0


_words = st.sampled_from(["<testsuites>", "<testsuite>", "<testcase name='a'", ">", "/>", "</testcase>", "<failure/>"])


@given(st.lists(_words | st.text(max_size=5)).map("".join))
def test_any_text_is_a_report_or_a_problem(text: str) -> None:
    report = read(text.encode("utf-8", "replace"))
    assert report.problem or text.strip().endswith(">")
    assert len(report.tests) <= text.count("<testcase")
