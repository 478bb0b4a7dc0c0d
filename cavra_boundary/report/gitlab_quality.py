"""GitLab's Code Quality report: the subset of Code Climate's format in GitLab's documentation.

It cannot show allowed findings, so those are left out, nor an incomplete run, so anything that could not be scanned is
an issue of its own.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from cavra_boundary.errors import ExitCode
from cavra_boundary.model import Finding, Report, Severity, Skip, Status
from cavra_boundary.report.base import TOOL_NAME, RenderContext, numbered, stable_digest, unscanned
from cavra_boundary.report.escape import printable
from cavra_boundary.report.json_writing import json_pieces

if TYPE_CHECKING:
    from collections.abc import Iterator

_SEVERITIES = {Severity.ERROR: "critical", Severity.WARNING: "major", Severity.NOTE: "info"}


def render(report: Report, context: RenderContext) -> str:
    return "".join(pieces(report, context))


def pieces(report: Report, context: RenderContext) -> Iterator[str]:
    issues = (
        _issue(finding, number) for finding, number in numbered(report.findings) if finding.status is Status.REPORTED
    )
    yield from json_pieces(chain(issues, _not_scanned(report, context)))
    yield "\n"


def _issue(finding: Finding, number: int) -> dict[str, object]:
    position = finding.position
    return {
        "description": printable(finding.message),
        "check_name": printable(finding.rule),
        "fingerprint": stable_digest(finding, number),
        "severity": _SEVERITIES[finding.severity],
        "location": {
            "path": printable(finding.path),
            "lines": {"begin": max(position.line, 1), "end": max(position.end_line, position.line, 1)},
        },
    }


def _not_scanned(report: Report, context: RenderContext) -> Iterator[dict[str, object]]:
    from hashlib import sha256

    skips = unscanned(report.receipt)
    if context.exit_code is ExitCode.INCOMPLETE and not skips:
        skips = [Skip(".", "the run is incomplete", incomplete=True)]
    for skip in dict.fromkeys(skips):
        path, reason = printable(skip.path), printable(skip.reason)
        yield {
            "description": f"Requested but not scanned: {reason}",
            "check_name": f"{TOOL_NAME}.not-scanned",
            "fingerprint": sha256(f"not scanned\0{path}\0{reason}".encode()).hexdigest(),
            "severity": "blocker",
            "location": {"path": path, "lines": {"begin": 1}},
        }
