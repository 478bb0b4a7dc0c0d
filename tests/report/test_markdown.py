from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from markdown_it import MarkdownIt

from cavra_boundary.errors import ExitCode
from cavra_boundary.model import Notice, Skip, Status
from cavra_boundary.report.markdown import render
from cavra_boundary.report.markup import code_span, html, markdown

from .make import context, everything, finding, report
from .readers import read_html, read_markdown
from .strategies import hostile_text

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion


def test_looks(snapshot: SnapshotAssertion) -> None:
    assert render(everything(), context()) == snapshot


def test_it_says_how_it_ended() -> None:
    assert render(report(), context(ExitCode.CLEAN)).startswith("## cavra-boundary: Boundary holds.\n")
    text = render(report(finding(), skipped=(Skip("a", "unreadable", incomplete=True),)), context())
    assert "Boundary crossed: 1 error in 1 file." in text
    assert "INCOMPLETE" in text
    assert "<details open><summary>Requested but not scanned" in text


def test_it_fits_into_a_comment_and_counts_what_is_cut() -> None:
    odd = '<|"&`' * 200
    findings = [finding(n, path=f"{odd}{n}", message=odd, rule=odd, remedy=f"{odd}{n}") for n in range(1, 300)]
    skips = tuple(Skip(f"{odd}{n}", odd, incomplete=True) for n in range(300))
    notices = tuple(Notice(odd, n, odd) for n in range(300))
    text = render(report(*findings, skipped=skips, notices=notices), context())
    assert 20_000 < len(text) < 65_536
    read_markdown(text)
    for noun in ("findings", "rules", "files", "notices"):
        assert f"more {noun}." in text


@pytest.mark.parametrize(
    "hostile",
    [
        "</code></td></tr></table><script>",
        "<!-- ",
        "]]> <?x ?> &lt;b&gt;",
        "`|`\\`|",
        "@someone #1 GH-1 !1 :tada: www.example.com https://example.com a@example.com 0123abcd $x$ ~x %1",
        "| a | b |",
    ],
)
def test_a_stranger_stays_in_the_code_of_a_cell(hostile: str) -> None:
    page = read_markdown(render(report(finding(path=hostile, message=hostile, reason=hostile)), context()))
    assert hostile in page.code
    assert not any(word in page.prose for word in hostile.split() if len(word) > 1)


def test_what_is_allowed_is_counted_only() -> None:
    text = render(report(finding(path="hidden", status=Status.BASELINED)), context(ExitCode.CLEAN))
    assert "hidden" not in text
    assert "Allowed: 0 suppressed and 1 baselined." in text


@pytest.mark.parametrize(
    "sentence",
    [
        "Revoke it on npmjs.com, then read it from the environment.",
        "Record of an invoice (5 fields): it says “what” – a customer's name, or 5% – paid…",
        "the allow for 3fa1-09bd2c expired on 2026-10-01",
    ],
)
def test_plain_words_stay_plain(sentence: str) -> None:
    assert markdown(sentence) == html(sentence) == sentence


def test_what_is_not_plainly_a_word_is_code() -> None:
    assert (
        markdown("(amount_due, @a): use `example.com` or `a b`.") == "(`amount_due`, `@a`): use `example.com` or `a b`."
    )
    assert html("see #1, 1. or <b>") == "see <code>#1</code>, <code>1.</code> or <code>&lt;b&gt;</code>"
    assert markdown("!" * 50_000 + "x") == f"`{'!' * 50_000}x`"
    assert markdown("`a``b` x`@`y") == "`a` `b` x`@`y"


@given(hostile_text)
def test_any_sentence_is_shown_as_it_is(text: str) -> None:
    """HTML and Markdown only turn it into text and code."""
    words = read_html(f"<p>{html(text)}</p>")
    rendered = read_html(MarkdownIt("commonmark").render(f"A {markdown(text)}"))
    assert set(words.tags) <= {"p", "code"}
    assert set(rendered.tags) <= {"p", "code"}
    assert not set("@#<&|*[]`$") & set(words.prose + rendered.prose)


@given(hostile_text)
def test_code_holds_any_text(text: str) -> None:
    shown = read_html(MarkdownIt("commonmark").render(f"A {code_span(text)}"))
    assert len(shown.code) == bool(text)


def test_code_keeps_backticks_and_spaces() -> None:
    for text in ("a`b", "``", "`", " a ", "a``` `b"):
        assert read_html(MarkdownIt("commonmark").render(f"A {code_span(text)}")).code == [text]
