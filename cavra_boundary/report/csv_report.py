"""CSV (RFC 4180): a row for each finding, and one for each thing that was requested but could not be scanned.

Spreadsheets take a cell that begins with `=`, `+`, `-`, `@` or the like for a formula; such a cell is prefixed with an
apostrophe, as OWASP's "CSV Injection" page advises. Numbers are left alone.
"""

from __future__ import annotations

import csv
import io
from itertools import chain
from typing import TYPE_CHECKING

from cavra_boundary.report.base import unscanned
from cavra_boundary.report.escape import commands_broken, printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cavra_boundary.model import Finding, Report, Skip
    from cavra_boundary.report.base import RenderContext

COLUMNS = (
    "status",
    "severity",
    "clause",
    "rule",
    "path",
    "line",
    "column",
    "end_line",
    "end_column",
    "message",
    "remedy",
    "fingerprint",
    "reason",
    "decided_at",
    "origin",
    "via",
    "commit",
    "commit_date",
    "at_tip",
    "snippet",
)

NOT_SCANNED = "not scanned"
"""The status of a row that is not a finding."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")  # also their full-width forms


def render(report: Report, context: RenderContext) -> str:
    return "".join(pieces(report, context))


def pieces(report: Report, context: RenderContext) -> Iterator[str]:
    stream = io.StringIO()
    writer = csv.DictWriter(stream, COLUMNS, restval="", quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    writer.writeheader()
    for row in chain(map(_finding, report.findings), map(_skip, unscanned(report.receipt))):
        writer.writerow({name: _cell(value) for name, value in row.items()})
        yield commands_broken(stream.getvalue())
        stream.seek(0)
        stream.truncate()
    yield stream.getvalue()


def _finding(finding: Finding) -> dict[str, str | int]:
    row: dict[str, str | int] = {
        "status": finding.status.value,
        "severity": finding.severity.label,
        "clause": finding.clause,
        "rule": finding.rule,
        "path": finding.path,
        "line": finding.position.line,
        "column": finding.position.column,
        "end_line": finding.position.end_line,
        "end_column": finding.position.end_column,
        "message": finding.message,
        "remedy": finding.remedy,
        "fingerprint": finding.fingerprint,
        "reason": finding.reason,
        "decided_at": finding.decided_at,
        "origin": finding.origin,
        "via": " > ".join(finding.via),
        "snippet": finding.snippet,
    }
    if finding.introduced:
        row["commit"] = finding.introduced.commit
        row["commit_date"] = finding.introduced.date
        row["at_tip"] = "yes" if finding.introduced.at_tip else "no"
    return row


def _skip(skip: Skip) -> dict[str, str | int]:
    return {"status": NOT_SCANNED, "path": skip.path, "message": skip.reason}


def _cell(value: str | int) -> str | int:
    if isinstance(value, int):
        return value
    shown = printable(value)
    return f"'{shown}" if shown.lstrip().startswith(_FORMULA) else shown
