"""Go's patterns mean the same in a pack."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cavra_boundary.rules.importing.re2 import TranslationError, groups_of, translate
from cavra_boundary.rules.read import pattern_mistake


def secret(pattern: str, text: str, group: int = 0) -> str | None:
    translated = translate(pattern, group)
    assert pattern_mistake(translated) == "", translated
    found = re.search(translated.encode(), text.encode())
    return found["secret"].decode() if found else None


@pytest.mark.parametrize(
    ("pattern", "group", "text", "found"),
    [
        ("tok_[a-z]{4}", 0, "a tok_abcd b", "tok_abcd"),
        ("(?i)tok_([a-z]{4})", 1, "TOK_ABCD", "ABCD"),
        ("(a)(b)(c)", 2, "abc", "b"),
        ("(a|(b))c", 2, "bc", "b"),
        ("(?P<key>k)=(?P<value>v+)", 2, "k=vvv", "vvv"),
        ("(?:a)(b)", 1, "ab", "b"),
        ("key=([[:alnum:]_]+)", 1, "key=aZ0_-", "aZ0_"),
        ("[^[:space:]]+", 0, " x y", "x"),
        (r"a\z", 0, "ba", "a"),
        (r"a\z", 0, "a\n", None),
        ("a(?i)b(c)", 1, "aBC", "C"),
        ("a(?i)b(c)", 1, "ABC", None),
        ("(x(?i)y)z", 1, "xYz", "xY"),
        ("(x(?i)y)z", 1, "xYZ", None),
        (r"\Qa.b\E+", 0, "a.bb", "a.bb"),
        (r"\x{41}\x{2d}", 0, "A-", "A-"),
        (r"[\x60'\"]k[\x60'\"]", 0, "`k'", "`k'"),
        (r"\((a)\)", 1, "(a)", "a"),
        ("[(](a)[)]", 1, "(a)", "a"),
        ("[]a](b)", 1, "]b", "b"),
        ("[[]x", 0, "[x", "[x"),
        ("(?s)a.b", 0, "a\nb", "a\nb"),
        ("x(?i:Y)z", 0, "xyz", "xyz"),
    ],
)
def test_it_finds_the_same(pattern: str, group: int, text: str, found: str | None) -> None:
    assert secret(pattern, text, group) == found


@pytest.mark.parametrize(
    "pattern",
    [r"\pL+", r"[\p{Greek}]", "(?U)a+b", r"\C", "a(?i)b|c", "(a", "a)", r"\x{1F600}", "[[:^alpha:]]", "(?U:a)"],
)
def test_what_packs_cannot_say_is_refused_in_words(pattern: str) -> None:
    with pytest.raises(TranslationError) as caught:
        translate(pattern)
    assert str(caught.value)


def test_a_group_that_is_not_there() -> None:
    with pytest.raises(TranslationError, match="no group 3"):
        translate("(a)(b)", 3)


@given(st.text(alphabet="ab()|?:[]\\^+*QEzi.{}<>P", max_size=20))
def test_any_text_is_translated_or_refused(pattern: str) -> None:
    try:
        groups_of(pattern)
        translated = translate(pattern)
    except TranslationError:
        return
    assert "(?P<secret>" in translated
