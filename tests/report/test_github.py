from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cavra_boundary.errors import ExitCode
from cavra_boundary.model import Introduced, Notice, Position, Severity, Skip, Status
from cavra_boundary.report.github import render

from .make import context, everything, finding, report
from .readers import read_github

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion


def test_looks(snapshot: SnapshotAssertion) -> None:
    assert render(everything(), context()) == snapshot


def test_a_finding_is_an_annotation_at_its_place() -> None:
    (command,) = read_github(render(report(finding(7)), context()))
    assert command.name == "error"
    assert command.properties == {
        "file": "deploy/.npmrc",
        "line": "7",
        "endLine": "7",
        "col": "34",
        "endColumn": "46",
        "title": "registry-token [registry-tokens.npm-access-token]",
    }
    assert command.message.splitlines()[1] == "Instead: Revoke it on npmjs.com, then read it from the environment."
    assert "explain 3fa1-09bd2c" in command.message


def test_columns_are_left_out_of_several_lines() -> None:
    (command,) = read_github(render(report(finding(position=Position(7, 3, 9, 4))), context()))
    assert (command.properties["line"], command.properties["endLine"]) == ("7", "9")
    assert "col" not in command.properties


@pytest.mark.parametrize(
    "path", ["a,b:c%0A.txt", "x::error::y", "50%,file=/etc/passwd,line=1::x", "%25", "a=b,title=c"]
)
def test_a_name_cannot_leave_its_property(path: str) -> None:
    text = render(report(finding(path=path)), context())
    (command,) = read_github(text)
    assert command.properties["file"] == path
    assert text.count("\n::") == 0


def test_a_name_that_cannot_be_printed_stands_in_the_message() -> None:
    (command,) = read_github(render(report(finding(3, path="a\n::error::b\udcff")), context()))
    assert set(command.properties) == {"title"}
    assert command.message.startswith(r"In a\x0a::error::b\xff:3")


def test_no_more_than_github_shows_and_the_most_severe_first() -> None:
    findings = (
        *(finding(line, severity=Severity.NOTE) for line in range(1, 31)),
        *(finding(line, severity=Severity.WARNING) for line in range(31, 36)),
        *(finding(line) for line in range(36, 56)),
    )
    text = render(report(*findings, notices=(Notice("boundary.toml", 2, "expired"),)), context())
    names = [command.name for command in read_github(text)]
    assert names == ["error"] * 10 + ["warning"] * 5 + ["notice"] * 10 + ["warning"]
    assert "… and 30 more that GitHub would not show" in text


def test_what_is_allowed_is_not_annotated() -> None:
    text = render(report(finding(status=Status.SUPPRESSED, reason="r")), context(ExitCode.CLEAN))
    assert not read_github(text)
    assert text == "Boundary holds.\n"


def test_an_incomplete_run_is_an_error() -> None:
    skips = tuple(Skip(f"{n}.sql", "unreadable", incomplete=True) for n in range(12))
    (command,) = read_github(render(report(skipped=skips), context(ExitCode.INCOMPLETE)))
    assert command.name == "error"
    assert "0.sql: unreadable" in command.message
    assert "and 2 more" in command.message


def test_it_says_which_commit_brought_a_finding() -> None:
    origin = Introduced("0123456789abcdef", "2025-11-30T08:15:00+01:00", False)
    (command,) = read_github(render(report(finding(introduced=origin)), context()))
    assert "since commit 0123456789 of 2025-11-30, gone from the tip" in command.message
