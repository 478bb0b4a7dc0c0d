"""No excerpt of a line shows any of the secrets on it, and the caret points at the right one."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import Tool, pin, token

from cavra_boundary.model import Match, Secret, Span
from cavra_boundary.rules.samples import expand
from cavra_boundary.triage.redaction import MASK, Redaction

if TYPE_CHECKING:
    from pathlib import Path


def under_caret(finding: dict[str, object]) -> str:
    snippet, caret = finding["snippet"], finding["caret"]
    assert isinstance(snippet, str)
    assert isinstance(caret, list)
    return snippet[caret[0] : caret[1]]


@pytest.mark.parametrize(
    "choice", [[], ["--only-rule", "demo.pin"], ["--only-rule", "demo.token"], ["--only-clause", "tenant-secret"]]
)
def test_every_secret_on_a_line_is_redacted_whichever_rule_was_asked_for(tool: Tool, choice: list[str]) -> None:
    tool.write("a.txt", f"a {token('a')} demopin {pin('p')} and {token('b')}\n")
    for got in (tool.scan(*choice), tool.scan_text(*choice)):
        assert got.code == 1
        for secret in (token("a")[8:], token("b")[8:], pin("p")):
            assert secret not in got.out + got.err
        assert "a demotok_******** demopin ******** and demotok_********" in got.out


def test_a_suppressed_secret_is_redacted_beside_a_reported_one(tool: Tool) -> None:
    allow = "cavra-boundary: " + "allow[demo.pin] made up"
    tool.write("a.txt", f"{token('a')} demopin {pin('p')} # {allow}\n")
    for got in (tool.scan(), tool.scan_text("--verbose")):
        assert pin("p") not in got.out
        assert token("a")[8:] not in got.out


def test_a_record_masks_all_its_values(tool: Tool) -> None:
    values = {key: expand(mark, key) for key, mark in (("a", "«name»"), ("b", "«email»"), ("c", "«uuid»"))}
    guest = {
        "demo_guest": values["a"],
        "demo_email": values["b"],
        "demo_room": values["c"],
        "note": "likes the sea",
        "n": 7,
    }
    tool.write("one.json", json.dumps(guest))
    tool.write("many.json", json.dumps(guest, indent=2))
    for got in (tool.scan(), tool.scan_text()):
        assert got.code == 1
        for value in (*values.values(), "likes the sea"):
            assert value not in got.out
    assert len(tool.scan().findings("demo.guest")) == 2


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", ""),
        ("key = ", " # end"),
        ("é日𝄞 ", " é日𝄞"),
        ("\t\t", "\t"),
        ("x" * 500 + " ", " " + "y" * 500),
        ("é" * 300 + " ", " " + "𝄞" * 300),
        ("x" * 79 + " ", " " + "y" * 79),
        ("\x1b[31m ", " \x1b[0m"),
        ("\u202e ", " \u2066"),
    ],
)
def test_the_caret_is_under_the_secret(tool: Tool, before: str, after: str) -> None:
    tool.write("a.txt", f"first\n{before}{token('a')}{after}\nlast\n")
    (finding,) = tool.scan().findings()
    assert under_caret(finding) == "demotok_" + MASK
    assert (finding["line"], finding["column"]) == (2, len(before) + 1)
    assert (finding["end_line"], finding["end_column"]) == (2, len(before) + 33)
    assert finding["snippet"].startswith("…") == (len(before) > 80)
    assert len(finding["snippet"]) < 300
    assert "\x1b" not in tool.scan_text().out


def test_in_bytes_that_are_no_text(tool: Tool) -> None:
    tool.write("a.bin", b"\xff\xfe\xe9\x80 " * 50 + token("a").encode() + b" \xc3" * 50)
    (finding,) = tool.scan().findings()
    assert under_caret(finding) == "demotok_" + MASK
    assert finding["snippet"].isprintable()


def test_a_secret_of_several_lines_shows_none_of_them(tool: Tool) -> None:
    key = expand("«pem:RSA PRIVATE KEY»", "key")
    tool.write("key.pem", f"x\n{key}\n")
    for got in (tool.scan(), tool.scan_text()):
        assert got.code == 1
        assert not any(line in got.out for line in key.splitlines()[1:-1])


def test_a_secret_that_another_follows_without_a_break_is_hidden_with_it(tool: Tool) -> None:
    tool.write("a.txt", f"{token('a')}\n{token('a')}.{token('b')}\ndemopin {pin('p')}{pin('q')}\n")
    got = tool.scan()
    assert [finding["snippet"] for finding in got.findings("demo.token")] == [
        "demotok_********",
        "demotok_********",
        "demotok_********",
    ]


def shown(data: bytes, matches: list[Match], span: Span) -> str:
    text, caret = Redaction(data, matches).snippet(span)
    assert 0 <= caret.start <= caret.end <= len(text)
    return text


@given(
    data=st.text(alphabet="ab\né𝄞", max_size=300).map(str.encode),
    spans=st.lists(st.tuples(st.integers(0, 400), st.integers(0, 400)), min_size=1, max_size=6),
    public=st.integers(0, 10),
)
def test_no_hidden_byte_is_shown(data: bytes, spans: list[tuple[int, int]], public: int) -> None:
    """However ranges touch and overlap, only public bytes that no other range hides are shown."""
    hidden = bytearray(data)
    matches = []
    for one, other in spans:
        start, end = sorted((min(one, len(data)), min(other, len(data))))
        matches.append(Match("demo.token", Span(start, end), Secret(data[start:end]), (Span(start, end),), public))
        hidden[min(start + public, end) : end] = b"#" * (end - min(start + public, end))
    for match in matches:
        pieces = shown(data, matches, match.span).removeprefix("…").removesuffix("…").split(MASK)
        at = 0
        for piece in pieces:
            found = hidden.find(piece.encode(errors="surrogateescape"), at)
            assert found >= 0, "a piece that is shown stands unhidden in the text"
            at = found + len(piece)


def test_show_secrets_is_refused_unless_a_person_looks(tool: Tool) -> None:
    tool.write("a.txt", token("a"))
    for arguments in (["--show-secrets"], ["--show-secrets", "--output", "out.txt"]):
        got = tool.scan_text(*arguments)
        assert got.code == 2
        assert got.err == "cavra-boundary: --show-secrets: refused: the report does not go to a terminal\n"
        assert got.out == ""
    assert not (tool.folder / "out.txt").exists()


def test_show_secrets_at_a_terminal(tool: Tool, pack: Path) -> None:
    pexpect = pytest.importorskip("pexpect")
    import sys

    tool.write("a.txt", f"key {token('a')}\n")
    arguments = ["-m", "cavra_boundary", "scan", "--pack", str(pack), "a.txt"]
    for extra, wanted in (([], False), (["--show-secrets"], True)):
        child = pexpect.spawn(
            sys.executable,
            [*arguments, *extra],
            cwd=str(tool.folder),
            env={**os.environ, "TERM": "xterm"},
            dimensions=(40, 120),
            timeout=30,
        )
        said = child.read().decode()
        child.close()
        assert child.exitstatus == 1
        assert (token("a") in said) == wanted
        assert (MASK in said) != wanted
