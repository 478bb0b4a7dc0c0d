"""The HTML report as a document: its content, that it is well formed, and that nothing in it can run or reach out."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings

from cavra_boundary.errors import ExitCode
from cavra_boundary.model import Introduced, Notice, Report, Severity, Skip, Span, Status
from cavra_boundary.report.escape import printable
from cavra_boundary.report.html_charts import Column, history
from cavra_boundary.report.html_report import render

from .make import context, everything, finding, report
from .strategies import hostile_reports

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion

HOSTILE = "\"><script>alert(1)</script><img src=x onerror='alert(1)'>&lt;b&gt;"


class Page(HTMLParser):
    """A strict reader: elements closed in order, unique ids, and only links to something on the page."""

    VOID = frozenset(("br", "input", "meta", "rect"))

    def __init__(self, document: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.raw: dict[str, str] = {}
        self.texts: list[tuple[str, str]] = []
        self.feed(document)
        self.close()
        assert not self.open
        assert len({*self.ids}) == len(self.ids)
        assert {link.removeprefix("#") for link in self.links} <= {*self.ids}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        assert len(given) == len(attrs)
        self.tags.append((tag, given))
        self.ids += [given["id"] or ""] if "id" in given else []
        self.links += [given["href"] or ""] if "href" in given else []
        assert "style" not in given
        assert not any(name.startswith("on") for name in given)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in self.VOID
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in ("style", "script"):
            self.raw[self.open[-1]] = self.raw.get(self.open[-1], "") + data
        elif data.strip():
            self.texts.append((self.open[-1], data))

    def handle_comment(self, data: str) -> None:
        raise AssertionError("a comment")

    @property
    def text(self) -> str:
        return " ".join("".join(data for _, data in self.texts).split())

    def of(self, tag: str) -> list[str]:
        return [data for at, data in self.texts if at == tag]


def test_looks(snapshot: SnapshotAssertion) -> None:
    document = render(everything(), context())
    assert re.sub(r"(?s)<(style|script)>.*?</\1>|'sha256-[^']*'", r"<\1>", document) == snapshot


def test_it_says_all_that_a_release_manager_asks() -> None:
    page = Page(render(everything(), context()))
    said = page.text
    for words in (
        "Boundary crossed:",
        "INCOMPLETE: 1 file could not be scanned",
        "data/dump.sql: larger than 1 GB",
        "Chosen: --allow-shallow",
        "worktree, history",
        "5,572",
        "14 files by the configuration",
        "the allow for 3fa1-09bd2c expired on 2026-10-01",
        "made up for the test",
        "Revoke it on npmjs.com, then read it from the environment.",
        "Written in: CONTRIBUTING.md",
        "cavra-boundary explain RULE",
        "since commit 0123456789 of 2025-11-30, gone from the tip",
        "株式会社サンプル",
    ):
        assert words in said, words
    assert page.of("title")[0].startswith("Boundary crossed: ")
    assert page.of("title")[0].endswith(" cavra · cavra-boundary")


@pytest.mark.parametrize("code", [ExitCode.CLEAN, ExitCode.INCOMPLETE])
def test_without_findings_there_is_a_verdict_and_a_receipt(code: ExitCode) -> None:
    skipped = (Skip("a.bin", "unreadable", incomplete=True),) if code is ExitCode.INCOMPLETE else ()
    page = Page(render(report(skipped=skipped), context(code)))
    assert page.of("h1") == [
        "Boundary holds."
        if code is ExitCode.CLEAN
        else "INCOMPLETE: 1 file could not be scanned; this is not a clean result."
    ]
    assert "was found in what could be scanned" if skipped else "was found in what was scanned" in page.text
    assert "What was covered" in page.of("h2")
    assert "article" not in {tag for tag, _ in page.tags}
    assert "form" not in {tag for tag, _ in page.tags}


def test_only_its_own_style_and_script_may_run() -> None:
    page = Page(render(report(finding(path=HOSTILE)), context()))
    (policy,) = [has["content"] for _, has in page.tags if has.get("http-equiv") == "Content-Security-Policy"]
    assert policy
    directives = dict(each.strip().split(" ", 1) for each in policy.split(";"))
    assert directives["default-src"] == "'none'"
    for directive, tag in (("style-src", "style"), ("script-src", "script")):
        digest = b64encode(sha256(page.raw[tag].encode()).digest()).decode()
        assert directives[directive] == f"'sha256-{digest}'"
    for tag, has in page.tags:
        assert tag not in ("link", "img", "iframe", "object", "embed", "base", "video", "audio", "source", "use")
        assert "src" not in has
    assert "url(" not in page.raw["style"]
    assert "@import" not in page.raw["style"]
    for sink in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function(", "fetch("):
        assert sink not in page.raw["script"], sink


def test_a_stranger_s_words_are_shown_as_they_are() -> None:
    hostile = finding(path=HOSTILE, message=HOSTILE, remedy=HOSTILE, rule=HOSTILE, clause=HOSTILE, snippet=HOSTILE)
    hostile = hostile._replace(reason=HOSTILE, origin=HOSTILE, via=(HOSTILE,), caret=Span(3, 9))
    allowed = hostile._replace(status=Status.SUPPRESSED)
    made = Report(
        (hostile, allowed),
        (Notice(HOSTILE, 1, HOSTILE),),
        report().receipt._replace(sources=(HOSTILE,), skipped=(Skip(HOSTILE, HOSTILE, True), Skip(HOSTILE, HOSTILE))),
    )
    page = Page(render(made, context()))
    assert [tag for tag, _ in page.tags].count("script") == 1
    assert not {"img", "b"} & {tag for tag, _ in page.tags}
    assert page.text.count(HOSTILE) > 10
    assert page.of("mark") == [HOSTILE[3:9]]


@given(hostile_reports())
@settings(max_examples=25)
def test_whatever_strangers_write_it_is_one_whole_document(hostile: Report) -> None:
    document = render(hostile, context())
    assert printable(document.replace("\n", "")) == document.replace("\n", "").replace("\t", r"\x09")
    assert [tag for tag, _ in Page(document).tags].count("script") == 1


def test_a_finding_keeps_its_link_when_its_line_moves() -> None:
    def links(*lines: int) -> list[str | None]:
        page = Page(render(report(*map(finding, lines)), context()))
        return [has["id"] for tag, has in page.tags if tag == "article"]

    assert links(3, 9) == links(40, 41)
    assert len({*links(3, 9)}) == 2


def test_the_most_severe_clause_and_finding_come_first_and_the_rest_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cavra_boundary.report.html_findings._MOST_FINDINGS", 3)
    notes = [finding(n, severity=Severity.NOTE, clause="a-clause", path="a") for n in range(1, 6)]
    errors = [finding(n, clause="z-clause", path="z") for n in (7, 8)]
    page = Page(render(report(*notes, *errors), context()))
    assert [has["class"] for tag, has in page.tags if tag == "article"] == ["error", "error", "note"]
    assert "… and 4 more findings, none more severe; the JSON report has them all." in page.text
    assert "Boundary crossed: 2 errors, 5 notes in 2 files." in page.of("h1")


def test_a_long_line_is_cut_around_its_mark() -> None:
    line = "a" * 10_000 + "SECRET" + "b" * 10_000
    page = Page(render(report(finding(snippet=line, caret=Span(10_000, 10_006))), context()))
    before, after = [text for text in page.of("code") if "…" in text]
    assert page.of("mark") == ["SECRET"]
    assert before == "…" + "a" * 120
    assert re.fullmatch("b{200,300}…", after)


def began(date: str, at_tip: bool = True) -> Introduced:
    return Introduced("0" * 40, date, at_tip)


def test_the_history_is_told_in_days_months_or_years() -> None:
    days = history([began("2026-01-30T10:00:00Z"), began("2026-02-02T10:00:00Z", at_tip=False)])
    assert days == [
        Column("2026-01-30", 1, 0),
        Column("2026-01-31", 0, 0),
        Column("2026-02-01", 0, 0),
        Column("2026-02-02", 0, 1),
    ]
    months = history([began("2025-11-05T00:00:00Z"), began("2026-02-01T00:00:00Z"), began("2026-02-28T00:00:00Z")])
    assert months == [
        Column("2025-11", 1, 0),
        Column("2025-12", 0, 0),
        Column("2026-01", 0, 0),
        Column("2026-02", 2, 0),
    ]
    years = history([began("2015-01-01"), began("2022-01-01")])
    assert [column.name for column in years] == [str(year) for year in range(2015, 2023)]


def test_dates_that_are_none_or_far_off_break_no_chart() -> None:
    assert history([began("yesterday"), began(""), began("2026-99-99")]) == []
    far = history([began("0001-01-01"), began("9999-12-31"), began("2026-01-01")])
    assert [(column.name, column.at_tip) for column in far] == [("0001", 1), ("2026", 1), ("9999", 1)]
