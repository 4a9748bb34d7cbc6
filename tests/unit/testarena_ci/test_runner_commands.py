from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from testarena_ci.context import ForgeKind
from testarena_ci.runner_commands import (
    END_GROUP,
    SUMMARY_CUT,
    SUMMARY_LIMIT,
    Annotation,
    annotation_lines,
    append_summary,
    command,
    failure_annotations,
    fitted_summary,
    group,
    masks,
    neutralise,
    write_outputs,
)
from tests.support import runs
from tests.support.builders import failure, run, scenario
from tpf.result import CodePlace, FailureKind, Source

FUZZ = settings(deadline=None, database=None, max_examples=300)
BITS = st.lists(
    st.sampled_from(
        [
            *(
                "::",
                ":",
                "#",
                "##",
                "[",
                "]",
                "##[",
                " ",
                "\t",
                "\r",
                "\n",
                "\r\n",
                "\v",
                "\f",
                "\x85",
                "\u2028",
                "\x1c",
            ),
            *(
                "error",
                "set-env name=PATH",
                "add-path",
                "group",
                "x",
                "é",
                "\u00ad",
                "\u200b",
                "\u200d",
                "\ufeff",
                "\u00a0",
            ),
            *(
                "\x1b[0m",
                "\x1b[",
                "\x1b]0;t\x07",
                "\x1b]",
                "\x07",
                "\x1b",
                "\x1b\\",
                "\x9b",
                "\x9c",
                "\x00",
                "\b",
                "\ud800",
            ),
        ]
    ),
    max_size=12,
).map("".join)


def acts_on_github(line: str) -> bool:
    """As in the runner's ActionCommand.cs, which compares by culture: characters that weigh nothing are skipped."""
    weighed = "".join(char for char in line if unicodedata.category(char) not in ("Cf", "Cc", "Mn") or char == "\t")
    return weighed.lstrip().startswith("::") or "##[" in weighed


def acts_on_gitea(line: str) -> bool:
    """As in act's command.go."""
    return bool(re.match(r"::([^ ]+)( (.+))?::|##\[([^ ]+)( (.+))?\]", line))


def lines_of(text: str) -> list[str]:
    """Lines as anybody may cut them: .NET at CR and LF, Go at LF, Python at any of these."""
    return [*text.splitlines(), *text.split("\n"), *re.split(r"[\r\n]", text)]


@FUZZ
@given(BITS)
@example("\x1b]0;\x1b[0m::error::x\x07")
@example("#\u00ad#[error]x")
@example("#\x1b[0m#\x1b[0m[error]x")
def test_no_line_is_a_command(text: str) -> None:
    for line in lines_of(neutralise(text)):
        assert not acts_on_github(line)
        assert not acts_on_gitea(line)


@FUZZ
@given(BITS)
def test_what_is_harmless_stays_so(text: str) -> None:
    once = neutralise(text)
    assert neutralise(once) == once
    once.encode()
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]", once)


@pytest.mark.parametrize(
    "text, expected",
    [
        ("I (31) boot: ESP-IDF v5.3", "I (31) boot: ESP-IDF v5.3"),
        ("std::vector<int>::push_back", "std::vector<int>::push_back"),
        ("20 °C, 50 µs, größer", "20 °C, 50 µs, größer"),
        ("\tindented", "\tindented"),
        ("## heading", "## heading"),
        ("two\nlines\n", "two\nlines\n"),
        ("::error::x", ": :error::x"),
        ("  \t::set-env name=PATH::/evil", "  \t: :set-env name=PATH::/evil"),
        ("done ##[error]x", "done # #[error]x"),
        ("####[x]", "### #[x]"),
        ("##vso[task.setvariable]x", "# #vso[task.setvariable]x"),
        ("progress\r::add-path::/evil", "progress\n: :add-path::/evil"),
        ("a\r\nb", "a\nb"),
        ("\x1b[0;32mI (31) ok\x1b[0m", "I (31) ok"),
        ("\x1b[1m:\x1b[0m:error::x", ": :error::x"),
        ("\x1b]8;;http://x\x07link\x1b]8;;\x07", "link"),
        ("\x1b]0;never ends", "0;never ends"),
        ("\x00:\x08:stop-commands::x", ": :stop-commands::x"),
        ("\u2028::debug::x", "\n: :debug::x"),
        ("bad \ud800 half", "bad \N{REPLACEMENT CHARACTER} half"),
        ("", ""),
    ],
)
def test_neutralise(text: str, expected: str) -> None:
    assert neutralise(text) == expected


@pytest.mark.parametrize(
    "data, properties, expected",
    [
        ("x", {}, "::error::x"),
        ("100% of\r\nit", {}, "::error::100%25 of%0D%0Ait"),
        ("a:b,c", {"file": "a,b:c%.xml", "line": "3"}, "::error file=a%2Cb%3Ac%25.xml,line=3::a:b,c"),
        ("x", {"title": "one\ntwo", "col": ""}, "::error title=one%0Atwo::x"),
    ],
)
def test_command(data: str, properties: dict[str, str], expected: str) -> None:
    assert command("error", data, properties) == expected


def test_groups() -> None:
    assert group("console\n::endgroup::") == "::group::console : :endgroup::"
    assert END_GROUP == "::endgroup::"


def test_masks() -> None:
    assert masks({"tok-b", "tok-a\n50%\n"}) == ("::add-mask::50%25", "::add-mask::tok-a", "::add-mask::tok-b")


NOTE = Annotation(
    title="console / ping", message="no pong\n##[error]x", source=Source(file="boot.xml", line=12, column=5)
)


def test_annotations_on_github() -> None:
    assert annotation_lines((NOTE,), ForgeKind.GITHUB) == (
        "::error file=boot.xml,line=12,col=5,title=console / ping::no pong%0A# #[error]x",
    )


def test_annotations_name_files_from_the_checkout_wherever_the_run_is() -> None:
    (line,) = annotation_lines((NOTE,), ForgeKind.GITHUB, "firmware/lamp")
    assert line.startswith("::error file=firmware/lamp/boot.xml,line=12,")
    bare = Annotation(message="interrupted")
    assert annotation_lines((bare,), ForgeKind.GITHUB, "firmware") == ("::error::interrupted",)


@pytest.mark.parametrize("kind", [ForgeKind.GITEA, ForgeKind.FORGEJO, ForgeKind.LOCAL])
def test_where_there_are_no_annotations_they_are_lines(kind: ForgeKind) -> None:
    assert annotation_lines((NOTE,), kind) == ("error: boot.xml:12:5: console / ping: no pong",)


@pytest.mark.parametrize("number, commands, plain", [(0, 0, 0), (10, 10, 0), (11, 10, 2), (300, 10, 291)])
def test_github_takes_ten(number: int, commands: int, plain: int) -> None:
    lines = annotation_lines((NOTE,) * number, ForgeKind.GITHUB)
    assert [line.startswith("::error") for line in lines] == [True] * commands + [False] * plain
    if plain:
        assert lines[9] == f"::error title=TestArena::and {plain} more: the report has them all"


def test_what_is_worth_an_annotation() -> None:
    annotations = failure_annotations(runs.mixed().result)
    assert [(annotation.title, str(annotation.source)) for annotation in annotations] == [
        ("radio esp32", "scenarios/console.xml:2:1"),  # the build that failed, once for both scenarios that share it
        ("radio esp32", "main/main.c:12:5"),
        ("console answers / enough heap is left", "scenarios/console.xml:25:5"),
        ("console answers / null pointer is caught", "scenarios/console.xml:31:5"),
        ("console answers / null pointer is caught", "main/commands.c:41"),
    ]
    (stopped,) = failure_annotations(runs.interrupted().result)
    assert stopped.message == "interrupted: SIGTERM"
    assert failure_annotations(runs.passed().result) == ()


def test_a_place_in_the_firmware_is_annotated_once_for_the_same_message() -> None:
    wrong = CodePlace(source=Source(file="../main/main.c", line=12), message="unknown type name")
    builds = [
        replace(failure(FailureKind.BUILD, f"the build for {target} failed"), code=(wrong,))
        for target in ("esp32", "esp32s3")
    ]
    result = run(*(scenario(each.message, f"radio-{number}", failure=each) for number, each in enumerate(builds)))
    lines = annotation_lines(failure_annotations(result), ForgeKind.GITHUB, "scenarios")
    assert [line.split(",title", 1)[0] for line in lines] == [
        "::error file=scenarios/scenarios/console.xml,line=2,col=1",
        "::error file=main/main.c,line=12",
        "::error file=scenarios/scenarios/console.xml,line=2,col=1",
    ]


def test_outputs(tmp_path: Path) -> None:
    path = tmp_path / "output"
    path.write_text("before=1\n")
    ends = iter(["end-1", "end-2", "end-3"])
    assert write_outputs(path, {"outcome": "passed", "list": "a\nend-2\nb"}, lambda: next(ends)) == ""
    assert path.read_text() == "before=1\noutcome<<end-1\npassed\nend-1\nlist<<end-3\na\nend-2\nb\nend-3\n"


def test_an_output_can_not_make_another(tmp_path: Path) -> None:
    path = tmp_path / "output"
    write_outputs(path, {"text": "x\nEOF\nadmin<<EOF\nyes\nEOF"})
    first, *_, last = path.read_text().splitlines()
    assert first == f"text<<{last}"
    assert re.fullmatch(r"end-[0-9a-f]{32}", last)


@pytest.mark.parametrize("name", ["", "a=b", "a<<b", "a\nb", "1a"])
def test_a_name_that_is_none(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="no name for an output"):
        write_outputs(tmp_path / "output", {name: "x"})


def test_without_a_runner_nothing_is_written() -> None:
    assert write_outputs(None, {"a": "b"}) == ""
    assert append_summary(None, "text") == ""


def test_a_file_that_can_not_be_written_is_told_of(tmp_path: Path) -> None:
    assert write_outputs(tmp_path, {"a": "b"}) == f"{tmp_path}: Is a directory"
    assert append_summary(tmp_path / "no" / "file", "text") == f"{tmp_path}/no/file: No such file or directory"


def test_a_summary_is_added(tmp_path: Path) -> None:
    path = tmp_path / "summary"
    path.write_text("of another step\n")
    assert append_summary(path, "# Passed\n") == ""
    assert path.read_text() == "of another step\n# Passed\n"


def test_a_summary_too_long_is_cut_between_lines(tmp_path: Path) -> None:
    path = tmp_path / "summary"
    path.write_text("x" * 500_000)
    text = "<details>\n\n```\n" + "a line of the löng console\n" * 100_000
    assert append_summary(path, text) == ""
    written = path.read_text()
    assert SUMMARY_LIMIT - 400 < len(written.encode()) <= SUMMARY_LIMIT
    assert written.endswith(f"a line of the löng console\n```\n</details>{SUMMARY_CUT}")


def test_no_room_for_a_summary_at_all() -> None:
    assert fitted_summary("long " * 100, 50) == ""


@FUZZ
@given(st.text(), st.integers(min_value=-5, max_value=400))
def test_a_summary_never_exceeds_its_room(text: str, room: int) -> None:
    assert len(fitted_summary(text * 20, room).encode("utf-8", "replace")) <= max(0, room)
