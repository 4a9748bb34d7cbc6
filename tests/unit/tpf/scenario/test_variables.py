"""Names in texts: found, filled in, escaped, and told when nothing defines them."""

from __future__ import annotations

import pytest

from tpf.scenario.variables import Names, UnknownName, fill, is_constant, names_in, unclosed


def test_names_are_found_in_order() -> None:
    assert names_in("${a} $${b} ${c.d-e}${a} $f {g}") == ("a", "c.d-e", "a")
    assert names_in("plain") == ()


def test_texts_are_filled_in_once() -> None:
    assert fill("<${a}${b}> $${a} $a", {"a": "${b}", "b": "2"}) == "<${b}2> ${a} $a"
    assert fill("$${a} and ${a}", {"a": ""}) == "${a} and "


def test_constant_texts_are_known() -> None:
    assert is_constant("a $${b} {c} $")
    assert not is_constant("a ${b}")


@pytest.mark.parametrize("text", ["${", "a ${b", "${a} ${", "${a${b}"])
def test_unclosed_names_are_seen(text: str) -> None:
    assert unclosed(text)


@pytest.mark.parametrize("text", ["", "$", "}", "${a}", "$${a}", "$${", "{$}"])
def test_other_texts_have_no_unclosed_name(text: str) -> None:
    assert not unclosed(text)


def test_an_unknown_name_is_told_with_the_nearest() -> None:
    with pytest.raises(UnknownName, match=r"unknown name \$\{fre\}; did you mean \$\{free\}\? known here: free, web"):
        fill("${fre}", {"web": "", "free": ""})
    with pytest.raises(UnknownName, match=r"unknown name \$\{x\}; known here: none"):
        fill("${x}", {})


def test_names_resolve_when_all_values_are_known() -> None:
    names = Names({"early": "1"})
    names.save("late")
    assert names.resolve("a${early}") == "a1"
    assert names.resolve("a${early}${late}") is None
    assert names.late("${early}${late}") == ("late",)
    with pytest.raises(UnknownName):
        names.resolve("${never}")


def test_fixed_names_take_no_saves() -> None:
    names = Names({"given": "1"})
    assert names.save_all((("a", "save"), ("b", "save")))
    assert not names.save_all((("given", "save"),))
    copy = names.copy()
    copy.save("c")
    assert "c" in list(copy)
    assert "c" not in list(names)
    assert not copy.save_all((("given", "save"),))
