from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cavra_boundary.errors import ExitCode
from cavra_boundary.model import Position, Report, Severity, Skip, Span, Status
from cavra_boundary.report.escape import printable
from cavra_boundary.report.text import render

from .make import RECEIPT, context, everything, finding, report
from .strategies import hostile_reports

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion

OUR_ANSI = re.compile(r"\x1b\[[0-9;]+m|\x1b\]8;;[!-~]*\x1b\\")


@pytest.mark.parametrize("width", [60, 80, 120])
def test_looks(width: int, snapshot: SnapshotAssertion) -> None:
    assert render(everything(), context(width=width)) == snapshot


def test_looks_when_verbose(snapshot: SnapshotAssertion) -> None:
    assert render(everything(), context(verbosity=1)) == snapshot


def test_looks_when_quiet(snapshot: SnapshotAssertion) -> None:
    assert render(everything(), context(verbosity=-1)) == snapshot


def test_looks_when_clean(snapshot: SnapshotAssertion) -> None:
    assert render(report(), context(ExitCode.CLEAN)) == snapshot


def test_looks_in_color(snapshot: SnapshotAssertion) -> None:
    assert render(everything(), context(color=True)).replace("\x1b", "<ESC>") == snapshot


@pytest.mark.parametrize("verbosity", [-1, 0, 1])
def test_color_adds_nothing_but_color(verbosity: int) -> None:
    colored = render(everything(), context(verbosity=verbosity, color=True, hyperlinks=True))
    assert OUR_ANSI.sub("", colored) == render(everything(), context(verbosity=verbosity))


@given(
    hostile_reports(),
    st.sampled_from([ExitCode.CLEAN, ExitCode.FINDINGS, ExitCode.INCOMPLETE]),
    st.integers(-1, 1),
    st.integers(0, 120),
    st.booleans(),
)
@settings(max_examples=100)
def test_a_stranger_cannot_steer_the_terminal(
    hostile: Report, exit_code: ExitCode, verbosity: int, width: int, fancy: bool
) -> None:
    text = render(hostile, context(exit_code, verbosity=verbosity, width=width, color=fancy, hyperlinks=fancy))
    if fancy:
        text = OUR_ANSI.sub("", text)
    assert printable(text.replace("\n", "")) == text.replace("\n", "")


def snippet_lines(text: str) -> tuple[str, str]:
    """The source line of the only finding and the carets under it, without the gutter."""
    code, carets = re.findall(r"^ +\d* \|(?: (.*)|)$", text, re.MULTILINE)[1:]
    return code, carets


def columns(text: str) -> int:
    return sum(2 if char in "顧客請求書👍" else 0 if char == "\u0301" else 1 for char in text)


_marked = st.text("ab e\u0301顧客👍\t", max_size=60)


@given(_marked, st.text("x請", min_size=1, max_size=30), _marked, st.integers(50, 100))
@settings(max_examples=100)
def test_carets_stand_under_the_secret(before: str, secret: str, after: str, width: int) -> None:
    snippet = f"|{before}{secret}{after}"
    caret = Span(1 + len(before), 1 + len(before) + len(secret))
    text = render(report(finding(snippet=snippet, caret=caret)), context(width=width))
    code, carets = snippet_lines(text)
    assert columns(code) <= width - len("  1 | ") + 1
    indent = carets.index("^")
    start = next(index for index in range(len(code)) if columns(code[:index]) == indent and code[index] != "\u0301")
    under = code[start:]
    shown = secret[: len(under.removesuffix("…"))]
    assert under.startswith(shown)
    assert shown
    if columns(secret) <= width // 2:
        assert shown == secret
        assert carets.count("^") == columns(secret)


def test_tabs_are_expanded_to_stops_of_four() -> None:
    code, carets = snippet_lines(render(report(finding(snippet="\ta\tkey = ***", caret=Span(9, 12))), context()))
    assert code == "    a   key = ***"
    assert carets == " " * 14 + "^^^"


def test_a_caret_past_the_end_is_still_drawn() -> None:
    code, carets = snippet_lines(render(report(finding(snippet="key =", caret=Span(40, 50))), context()))
    assert (code, carets) == ("key =", "     ^")


def test_a_finding_says_what_where_why_and_what_to_do() -> None:
    text = render(report(finding(7)), context(width=200))
    for part in (
        "error: npm access token: anyone",
        "[registry-tokens.npm-access-token]",
        "deploy/.npmrc:7:34",
        "Tokens of package registries (registry-token)",
        "Revoke it on npmjs.com",
        "cavra-boundary explain registry-tokens.npm-access-token",
    ):
        assert part in text


def test_paths_are_relative_to_the_reader() -> None:
    inside = context(root=Path("/srv/cavra"), cwd=Path("/srv/cavra/deploy"))
    assert "--> ../deploy/.npmrc:1:34\n" in render(report(finding()), inside)
    above = context(root=Path("/srv/cavra"), cwd=Path("/srv"))
    assert "--> cavra/deploy/.npmrc:1:34\n" in render(report(finding()), above)


def test_links_lead_to_the_file() -> None:
    text = render(report(finding(path="a b/ü.txt")), context(hyperlinks=True))
    assert "\x1b]8;;file:///srv/cavra/a%20b/%C3%BC.txt\x1b\\a b/ü.txt:1:34\x1b]8;;\x1b\\" in text


def test_a_rule_is_explained_once_a_file() -> None:
    other = {"rule": "billing-records.invoice", "remedy": "Use a sample."}
    text = render(report(finding(1), finding(2, **other), finding(3), finding(3, path="z.txt")), context())
    assert text.count("instead: Revoke it") == 2  # once in each file
    assert text.count("instead: Use a sample.") == 1


@pytest.mark.parametrize(
    ("count", "shown", "rest"), [(10, 10, ""), (11, 10, "… and 1 more of"), (1500, 10, "… and 1,490")]
)
def test_many_of_one_rule_are_cut_short(count: int, shown: int, rest: str) -> None:
    many = report(*(finding(line) for line in range(1, count + 1)))
    text = render(many, context())
    assert text.count("-->") == shown
    assert rest in text
    assert f"Boundary crossed: {count:,} errors in 1 file." in text
    verbose = render(many, context(verbosity=1))
    assert verbose.count("-->") == count
    assert "more of" not in verbose


def test_an_origin_that_is_not_the_only_source_is_named() -> None:
    assert "(commit 1a2b3c, in zip)" in render(report(finding(origin="commit 1a2b3c", via=("zip",))), context())
    assert "worktree)" not in render(report(finding()), context())


def test_a_finding_of_several_lines_says_where_it_ends() -> None:
    assert "key.pem:3:1 (to line 27)" in render(
        report(finding(path="key.pem", position=Position(3, 1, 27, 9))), context()
    )


def test_allowed_findings_are_counted_and_not_shown() -> None:
    allowed = report(finding(status=Status.SUPPRESSED, reason="made up"), finding(2, status=Status.BASELINED))
    text = render(allowed, context(ExitCode.CLEAN))
    assert "Allowed: 1 baselined, 1 suppressed" in text
    assert "deploy/.npmrc" not in text
    verbose = render(allowed, context(ExitCode.CLEAN, verbosity=1))
    assert "deploy/.npmrc:1:34: suppressed: npm access token" in verbose
    assert "made up" in verbose


def test_skipped_files_are_grouped_and_unread_ones_named() -> None:
    unread = tuple(Skip(f"data/{number}.sql", "unreadable", incomplete=True) for number in range(25))
    mixed = report(skipped=(*unread, Skip("a.png", "binary"), Skip("b.png", "binary")))
    text = render(mixed, context(ExitCode.INCOMPLETE, width=200))
    assert "skipped 27: unreadable (25), binary (2)" in text
    assert "data/19.sql: unreadable" in text
    assert "data/20.sql" not in text
    assert "… and 5 more" in text
    assert "INCOMPLETE: 25 files could not be scanned; this is not a clean result." in text
    assert "Boundary holds" not in text
    assert "data/24.sql: unreadable" in render(mixed, context(ExitCode.INCOMPLETE, verbosity=1))


@pytest.mark.parametrize("exit_code", [ExitCode.CLEAN, ExitCode.FINDINGS, ExitCode.INCOMPLETE])
def test_while_anything_is_missing_the_boundary_never_holds(exit_code: ExitCode) -> None:
    text = render(report(finding(), skipped=(Skip("a.sql", "unreadable", incomplete=True),)), context(exit_code))
    assert "this is not a clean result" in text
    assert "Boundary holds" not in text
    assert ("Boundary crossed" in text) is (exit_code is ExitCode.FINDINGS)


def test_the_verdict_names_what_is_below_the_bar() -> None:
    text = render(report(finding(severity=Severity.NOTE)), context(ExitCode.CLEAN))
    assert "Boundary holds (1 note, below the failing severity: warning)." in text
    assert "explain" not in text


def test_quiet_says_nothing_when_clean() -> None:
    clean = report(finding(severity=Severity.NOTE), skipped=(Skip("a.png", "binary"),))
    assert render(clean, context(ExitCode.CLEAN, verbosity=-1)) == ""


def test_quiet_names_what_was_not_read() -> None:
    unread = report(skipped=(Skip("a.sql", "unreadable", incomplete=True),))
    assert render(unread, context(ExitCode.INCOMPLETE, verbosity=-1)) == (
        "a.sql: unreadable [not scanned]\nINCOMPLETE: 1 file could not be scanned; this is not a clean result.\n"
    )


def test_a_command_is_never_broken_in_two() -> None:
    text = render(report(finding()), context(width=40))
    assert "\n  cavra-boundary explain registry-tokens.npm-access-token\n" in text


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        (1, "1 byte"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (999_949, "999.9 kB"),
        (999_950, "1.0 MB"),
        (10**13, "10.0 TB"),
    ],
)
def test_sizes_are_said_as_people_do(size: int, shown: str) -> None:
    sized = Report((), (), RECEIPT._replace(bytes=size))
    assert f"1,204 files, {shown}, 221 rules" in render(sized, context(ExitCode.CLEAN))


def test_a_huge_line_is_cut_to_the_width() -> None:
    text = render(report(finding(snippet="請\t" * 100_000, caret=Span(70_000, 70_010))), context())
    assert max(map(columns, text.splitlines())) <= 80
