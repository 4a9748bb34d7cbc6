from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from tpf.console.coredump import CoreDumpCut

START = "================= CORE DUMP START ================="
END = "================= CORE DUMP END ================="
LINE = "lB0AAAsAAAB0AQAA"


class Desk:
    """Keeps dumps."""

    def __init__(self) -> None:
        self.dumps: list[str] = []

    def keep(self, text: str) -> str:
        self.dumps.append(text)
        return f"dump-{len(self.dumps)}"


def cut(*pieces: str) -> tuple[str, list[str]]:
    desk = Desk()
    it = CoreDumpCut(desk.keep)
    return "".join(it.take(piece) for piece in pieces) + it.finish(), desk.dumps


def test_a_dump_becomes_a_line() -> None:
    text = f"before\n{START}\n{LINE}\n{LINE[:-2]}==\n{END}\nRebooting...\n"
    assert cut(text) == (
        f"before\n{START}\n(core dump, 22 bytes: dump-1)\n{END}\nRebooting...\n",
        [f"{LINE}\n{LINE[:-2]}==\n"],
    )


@given(st.lists(st.integers(min_value=0, max_value=400), max_size=12))
def test_however_it_is_torn(places: list[int]) -> None:
    text = f"boot\nI (1) {START}\n" + f"{LINE}\n" * 8 + f"{END}\nnext\n{START}\n{LINE}\n{END}\n> "
    at = sorted({0, *(place for place in places if place < len(text)), len(text)})
    assert cut(*(text[start:end] for start, end in itertools.pairwise(at))) == cut(text)
    assert len(cut(text)[1]) == 2


def test_a_torn_dump_ends_where_other_text_comes() -> None:
    text, dumps = cut(f"{START}\n{LINE}\nrst:0x1 (POWERON)\n{LINE}\n")
    assert text == f"{START}\n(core dump, 12 bytes: dump-1)\nrst:0x1 (POWERON)\n{LINE}\n"
    assert dumps == [f"{LINE}\n"]


def test_a_dump_that_the_end_of_the_device_cuts_off() -> None:
    assert cut(f"{START}\n{LINE}\nhalf") == (f"{START}\n(core dump, 12 bytes: dump-1)\nhalf", [f"{LINE}\n"])


def test_a_dump_is_bounded() -> None:
    text, dumps = cut(f"{START}\n", *[f"{'A' * 1024}\n" * 64] * 80)
    assert len(dumps) == 1
    assert len(dumps[0]) < 5 << 20
    assert len(text) > 100_000  # what is over is text again


def test_a_line_that_never_ends_is_no_dump() -> None:
    text, dumps = cut(f"{START}\n", *["x" * 500] * 4)
    assert text.endswith("x" * 500)
    assert dumps == []


def test_without_a_place_for_them_dumps_are_text() -> None:
    text = f"{START}\n{LINE}\n{END}\n"
    assert CoreDumpCut().take(text) == text
