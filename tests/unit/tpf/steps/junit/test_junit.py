"""The step `junit`: tests of another tool become parts of a case."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.steps import Bench, Record, bound, on_bench, step
from tpf.errors import StepError
from tpf.result import FailureKind, Source, Verdict

SUITE = """<testsuite name="parser">
  <testcase classname="parser" name="reads hex" time="0.5" file="tests/numbers.c" line="40"/>
  <testcase classname="parser" name="reads octal"><failure message="expected 8,&#10;was 10" type="assert">numbers.c:50
in main</failure><system-out>parsing...</system-out></testcase>
  <testcase name="prints"><error>no memory</error></testcase>
  <testcase name="sorts"><skipped/></testcase>
</testsuite>"""


def taken_in(folder: Path, file: str, *files: tuple[str, str]) -> Record:
    """What the step has told, of files that stand below `folder`."""
    records: list[Record] = []

    async def work(bench: Bench) -> None:
        records.append(bench.record)
        bench.values["artifacts"] = str(bench.context.artifacts)
        for name, text in files:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        await bench.run(step("junit", file=file))

    on_bench(folder, work)
    return records[0]


def test_each_test_is_a_part(tmp_path: Path) -> None:
    record = taken_in(tmp_path, "${artifacts}/unit.xml", ("report/artifacts/test/unit.xml", SUITE))
    assert [(part.name, part.verdict) for part in record.parts] == [
        ("parser.reads hex", Verdict.PASSED),
        ("parser.reads octal", Verdict.FAILED),
        ("prints", Verdict.ERROR),
        ("sorts", Verdict.SKIPPED),
    ]
    hex_, octal, prints, sorts = record.parts
    assert (hex_.seconds, hex_.source) == (0.5, Source(file="tests/numbers.c", line=40))
    assert octal.failure is not None
    assert octal.failure.kind is FailureKind.MISMATCH
    assert octal.failure.message == "expected 8,\nwas 10\nnumbers.c:50\nin main\noutput:\nparsing..."
    assert prints.failure is not None
    assert (prints.failure.kind, prints.failure.message) == (FailureKind.STEP, "no memory")
    assert sorts.skip == "skipped"
    assert record.lines == ["unit.xml: 4 tests: 1 passed, 1 failed, 1 error, 1 skipped"]
    assert record.artifacts == []  # it is in the report already


def test_files_of_the_checkout_are_kept_in_the_report(tmp_path: Path) -> None:
    files = (("build/a/results.xml", SUITE), ("build/b/results.xml", SUITE))
    record = taken_in(tmp_path, "build/**/*.xml", *files)
    assert len(record.parts) == 8
    assert [artifact.path for artifact in record.artifacts] == [
        "artifacts/test/results.xml",
        "artifacts/test/results-2.xml",
    ]


def test_a_test_knows_its_place_from_the_top_of_the_checkout(tmp_path: Path) -> None:
    suite = SUITE.replace("tests/numbers.c", f"{tmp_path}/tests/numbers.c")
    record = taken_in(tmp_path, "unit.xml", ("unit.xml", suite))
    assert record.parts[0].source == Source(file="tests/numbers.c", line=40)


@pytest.mark.parametrize(
    "file, text, message",
    [
        ("missing.xml", SUITE, 'there is no file "missing.xml": the tool before this step has not written it'),
        ("unit.xml", "<testsuite/>", "unit.xml: there is no test in it"),
        ("unit.xml", "<html/>", "unit.xml: it is no JUnit file: its root element is <html>"),
        ("unit.xml", SUITE[:200], "unit.xml: line 3: it is not well-formed XML"),
    ],
)
def test_files_that_say_nothing_are_errors(tmp_path: Path, file: str, text: str, message: str) -> None:
    with pytest.raises(StepError) as caught:
        taken_in(tmp_path, file, ("unit.xml", text))
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize("file", ["../unit.xml", "/etc/hostname", "link.xml"])
def test_files_of_others_are_none_of_ours(tmp_path: Path, file: str) -> None:
    (tmp_path / "unit.xml").write_text(SUITE)
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    (checkout / "link.xml").symlink_to(tmp_path / "unit.xml")
    with pytest.raises(StepError, match=r"neither in \$\{artifacts\} nor in the checkout"):
        taken_in(checkout, file)


def test_summary() -> None:
    assert bound(step("junit", file=" build/unit.xml ")).summary() == "junit build/unit.xml"
