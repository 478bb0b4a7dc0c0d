from __future__ import annotations

import re
import sys
from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cavra_boundary.model import Span
from cavra_boundary.report.escape import commands_broken, path_of, printable, printable_line, relative_uri

# Surrogates are what undecodable bytes become; hypothesis leaves them out unless asked.
any_text = st.text(st.characters(exclude_categories=()))


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("\x1b[2J", r"\x1b[2J"),
        ("a\nb\tc\x7f", r"a\x0ab\x09c\x7f"),
        ("\x9b31m", r"\u009b31m"),
        ("user\u202etxt.exe", r"user\u202etxt.exe"),
        ("zero\u200bwidth\ufeff", r"zero\u200bwidth\ufeff"),
        ("line\u2028paragraph\u2029", r"line\u2028paragraph\u2029"),
        (b"caf\xe9".decode("utf-8", "surrogateescape"), r"caf\xe9"),
        ("\ud800", r"\ud800"),
        ("\U000e0041", r"\U000e0041"),
    ],
)
def test_hidden_characters_become_visible(hostile: str, shown: str) -> None:
    assert printable(hostile) == shown


@pytest.mark.parametrize(
    "plain", ["", "src/app.py", "Grüße, 請求書, счёт, 👍", r"C:\new\x1b", "non\u00a0breaking", "\ufffd"]
)
def test_visible_text_is_left_alone(plain: str) -> None:
    assert printable(plain) == plain


def test_no_invisible_category_is_forgotten() -> None:
    # Escapes are spelled in letters that are shown themselves.
    shown = set(map(ord, printable("".join(map(chr, range(sys.maxunicode + 1))))))
    assert not [hex(code) for code in shown if category(chr(code)) in ("Cc", "Cs", "Co", "Zl", "Zp")]
    # The only format characters with a shape of their own: number signs and other prepended marks (UAX #44).
    assert {code for code in shown if category(chr(code)) == "Cf"} <= {
        *range(0x600, 0x606),
        *(0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD),
        *range(0x13430, 0x13440),
    }


@given(any_text)
def test_escaping_twice_is_escaping_once(text: str) -> None:
    assert printable(printable(text)) == printable(text)


@given(any_text, st.tuples(st.integers(0, 20), st.integers(0, 20)))
def test_a_caret_keeps_pointing_at_the_same_text(line: str, bounds: tuple[int, int]) -> None:
    start, end = sorted(bounds)
    shown, caret = printable_line(line, Span(start, end))
    assert shown.replace("\t", r"\x09") == printable(line)
    assert shown[caret.start : caret.end].replace("\t", r"\x09") == printable(line[start:end])


@given(st.binary(max_size=20))
def test_an_address_gives_its_path_back(name: bytes) -> None:
    path = name.decode(errors="surrogateescape")
    uri = relative_uri(path)
    assert path_of(uri) == path
    assert re.fullmatch(r"(?:[A-Za-z0-9._~/-]|%[0-9A-F]{2})*", uri)


@given(any_text)
def test_any_address_is_read(uri: str) -> None:
    assert isinstance(path_of(uri), str)


@pytest.mark.parametrize(
    ("line", "broken"),
    [
        ("a ##[error]b", r"a #\x23[error]b"),
        ("##vso[task.complete]", r"#\x23vso[task.complete]"),
        ("##teamcity[x]", r"#\x23teamcity[x]"),
        ("::error::x", r"\x3a:error::x"),
        ("a\n \u3000::error::x", "a\n \u3000" + r"\x3a:error::x"),
        ("a::b ## [c] # heading ##", "a::b ## [c] # heading ##"),
    ],
)
def test_what_a_ci_system_would_obey_is_broken(line: str, broken: str) -> None:
    assert commands_broken(line) == broken
