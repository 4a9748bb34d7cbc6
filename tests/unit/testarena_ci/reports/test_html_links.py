"""Places in sources as links to the forge."""

from __future__ import annotations

import pytest

from testarena_ci.reports.html.links import Sources, with_places

BASE = "https://git.example/a/b/src/commit/abc/"
HERE = Sources(base=BASE)


def test_a_place_leads_to_its_line() -> None:
    assert with_places("crash at main/commands.c:41 (inlined)", HERE) == (
        ("crash at ", ""),
        ("main/commands.c:41", f"{BASE}main/commands.c#L41"),
        (" (inlined)", ""),
    )


@pytest.mark.parametrize(
    "text",
    [
        "/root/esp/main.c:3",
        "../x/main.c:3",
        "a/../../main.c:3",
        "12:30:05",
        "https://evil.example/x.c:80",
        "javascript:1",
        "",
    ],
)
def test_what_is_not_in_the_checkout_leads_nowhere(text: str) -> None:
    assert all(link == "" for _, link in with_places(text, HERE))


def test_without_a_forge_there_is_no_link() -> None:
    assert with_places("main/commands.c:41", Sources()) == (("main/commands.c:41", ""),)


def test_a_path_starts_from_the_folder_of_the_run() -> None:
    here = Sources(base=BASE, folder="firmware/tests")
    assert with_places("../main/x.c:7", here) == (("../main/x.c:7", f"{BASE}firmware/main/x.c#L7"),)
    assert with_places("../../../x.c:7", here) == (("../../../x.c:7", ""),)
