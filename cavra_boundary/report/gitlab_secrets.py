"""GitLab's secret detection report (security-report-schemas 15.x, `artifacts:reports:secret_detection`).

GitLab cannot show allowed findings, so those are left out. So is `raw_source_code_extract`: GitLab sends it to
providers to have a token revoked, and ours is redacted.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from cavra_boundary.errors import ExitCode
from cavra_boundary.model import Finding, Report, Severity, Status
from cavra_boundary.report import words
from cavra_boundary.report.base import TOOL_NAME, RenderContext, numbered, stable_digest, unscanned
from cavra_boundary.report.escape import printable
from cavra_boundary.report.json_writing import json_pieces
from cavra_boundary.report.markup import code_span, markdown

if TYPE_CHECKING:
    from collections.abc import Iterator

SCHEMA_VERSION = "15.1.4"

_SEVERITIES = {Severity.ERROR: "High", Severity.WARNING: "Medium", Severity.NOTE: "Info"}
_NO_COMMIT = "0" * 40  # what GitLab's own analyzer writes for an unknown commit
_MAX_NAME = 255
_MAX_SOLUTION = 7_000
_MAX_MESSAGES = 1_000


def render(report: Report, context: RenderContext) -> str:
    return "".join(pieces(report, context))


def pieces(report: Report, context: RenderContext) -> Iterator[str]:
    tool = {
        "id": TOOL_NAME,
        "name": TOOL_NAME,
        "version": printable(context.version) or "unknown",
        "vendor": {"name": TOOL_NAME},
    }
    complete = report.receipt.complete and context.exit_code is not ExitCode.INCOMPLETE
    document = {
        "version": SCHEMA_VERSION,
        "scan": {
            "type": "secret_detection",
            "status": "success" if complete else "failure",
            "start_time": _time(context, before=round(report.receipt.seconds, 3)),
            "end_time": _time(context),
            "analyzer": tool,
            "scanner": tool,
            "messages": list(_messages(report, context)),
        },
        "vulnerabilities": (
            _vulnerability(finding, number, context)
            for finding, number in numbered(report.findings)
            if finding.status is Status.REPORTED
        ),
    }
    yield from json_pieces(document)
    yield "\n"


def _messages(report: Report, context: RenderContext) -> Iterator[dict[str, str]]:
    for kind, sentence in words.verdict(report, context):
        yield {"level": "fatal" if kind is ExitCode.INCOMPLETE else "info", "value": sentence}
    missing = unscanned(report.receipt)
    for skip in missing[:_MAX_MESSAGES]:
        yield {"level": "fatal", "value": printable(f"{skip.path}: {skip.reason}")}
    if len(missing) > _MAX_MESSAGES:
        yield {"level": "fatal", "value": f"{len(missing) - _MAX_MESSAGES:,} more could not be scanned"}
    for choice in report.receipt.choices:
        yield {"level": "warn", "value": printable(f"Chosen: {choice}")}
    for notice in report.notices[:_MAX_MESSAGES]:
        yield {"level": "warn", "value": printable(f"{notice.path}:{notice.line}: {notice.message}")}


def _vulnerability(finding: Finding, number: int, context: RenderContext) -> dict[str, object]:
    rule, clause = (printable(name) or "unknown" for name in (finding.rule, finding.clause))
    digest = stable_digest(finding, number)
    position = finding.position
    commit = {"sha": _NO_COMMIT}
    if finding.introduced and finding.introduced.commit:
        commit = {"sha": printable(finding.introduced.commit), "date": printable(finding.introduced.date)}
    return {
        "id": "-".join((digest[:8], digest[8:12], digest[12:16], digest[16:20], digest[20:32])),
        "name": printable(context.rule(finding).title)[:_MAX_NAME],
        "description": f"{markdown(finding.message)} Fingerprint: {code_span(finding.fingerprint)}",
        "severity": _SEVERITIES[finding.severity],
        "solution": printable(finding.remedy)[:_MAX_SOLUTION],
        "identifiers": [
            {"type": "cavra_boundary_rule", "name": f"{TOOL_NAME} {rule}", "value": rule},
            {"type": "cavra_boundary_clause", "name": f"clause {clause}", "value": clause},
        ],
        "location": {
            "file": printable(finding.path),
            "start_line": max(position.line, 1),
            "end_line": max(position.end_line, position.line, 1),
            "commit": commit,
        },
    }


def _time(context: RenderContext, before: float = 0) -> str:
    return (context.finished - timedelta(seconds=before)).strftime("%Y-%m-%dT%H:%M:%S")
