from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from cavra_boundary.errors import ExitCode
from cavra_boundary.model import Introduced, Report, Severity, Skip, Status
from cavra_boundary.report import gitlab_quality, gitlab_secrets

from .make import context, everything, finding, report
from .readers import GITLAB_QUALITY, GITLAB_SECRETS, read_json

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion

INCOMPLETE = (Skip("dump.sql", "unreadable", incomplete=True),)


def secrets(of: Report, exit_code: ExitCode = ExitCode.FINDINGS) -> dict[str, Any]:
    read: dict[str, Any] = read_json(gitlab_secrets.render(of, context(exit_code)), GITLAB_SECRETS)
    return read


def quality(of: Report, exit_code: ExitCode = ExitCode.FINDINGS) -> list[dict[str, Any]]:
    read: list[dict[str, Any]] = read_json(gitlab_quality.render(of, context(exit_code)), GITLAB_QUALITY)
    return read


def test_secrets_look(snapshot: SnapshotAssertion) -> None:
    assert gitlab_secrets.render(everything(), context()) == snapshot


def test_quality_looks(snapshot: SnapshotAssertion) -> None:
    assert gitlab_quality.render(everything(), context()) == snapshot


@pytest.mark.parametrize(
    ("severity", "secret", "issue"),
    [(Severity.ERROR, "High", "critical"), (Severity.WARNING, "Medium", "major"), (Severity.NOTE, "Info", "info")],
)
def test_severities(severity: Severity, secret: str, issue: str) -> None:
    of = report(finding(severity=severity))
    assert secrets(of)["vulnerabilities"][0]["severity"] == secret
    assert quality(of)[0]["severity"] == issue


def test_what_is_allowed_is_left_out() -> None:
    of = report(finding(status=Status.SUPPRESSED), finding(status=Status.BASELINED))
    assert secrets(of, ExitCode.CLEAN)["vulnerabilities"] == []
    assert quality(of, ExitCode.CLEAN) == []


def test_an_incomplete_run_never_looks_clean() -> None:
    scan = secrets(report(skipped=INCOMPLETE), ExitCode.INCOMPLETE)["scan"]
    assert scan["status"] == "failure"
    assert {"level": "fatal", "value": "dump.sql: unreadable"} in scan["messages"]
    (issue,) = quality(report(skipped=INCOMPLETE), ExitCode.INCOMPLETE)
    assert (issue["severity"], issue["location"]["path"]) == ("blocker", "dump.sql")
    assert quality(report(), ExitCode.INCOMPLETE)


def test_names_are_unique_and_survive_moved_lines() -> None:
    def names(*lines: int) -> list[tuple[str, str]]:
        of = report(*(finding(line) for line in lines))
        ids = [each["id"] for each in secrets(of)["vulnerabilities"]]
        return list(zip(ids, (each["fingerprint"] for each in quality(of)), strict=True))

    assert names(1, 2) == names(30, 40)
    assert len({name for pair in names(1, 2) for name in pair}) == 4


def test_a_finding_of_the_history_names_its_commit() -> None:
    origin = Introduced("a" * 40, "2025-11-30T08:15:00+01:00", False)
    known, unknown = secrets(report(finding(introduced=origin), finding(2)))["vulnerabilities"]
    assert known["location"]["commit"] == {"sha": "a" * 40, "date": "2025-11-30T08:15:00+01:00"}
    assert unknown["location"]["commit"] == {"sha": "0" * 40}
