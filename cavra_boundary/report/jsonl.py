"""JSON Lines: one JSON object per line, findings first, the receipt last; streamed while the scan runs.

A line is `{"type": "finding", …}` with the keys of a finding in the JSON report, `{"type": "notice", …}` or, last,
`{"type": "receipt", …}` with verdict and receipt. A stream that does not end with a receipt was cut off.

On standard output, findings are streamed in the order in which the source lists their files, which differs slightly
from other formats (those in a history come at the end, when their first commit is known). In a file they are in the
usual order. The findings are the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cavra_boundary.report.json_report import finding_object, header, notice_object, receipt_object
from cavra_boundary.report.json_writing import json_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cavra_boundary.model import Finding, Report
    from cavra_boundary.report.base import RenderContext


def render(report: Report, context: RenderContext) -> str:
    return "".join(pieces(report, context))


def pieces(report: Report, context: RenderContext) -> Iterator[str]:
    for finding in report.findings:
        yield findings([finding])
    yield ending(report, context)


def findings(found: Iterable[Finding]) -> str:
    """The lines for some findings."""
    return "".join(_line("finding", finding_object(finding)) for finding in found)


def ending(report: Report, context: RenderContext) -> str:
    """The lines after the last finding."""
    notices = "".join(_line("notice", notice_object(notice)) for notice in report.notices)
    return notices + _line("receipt", header(report, context) | receipt_object(report.receipt))


def _line(type: str, value: dict[str, object]) -> str:
    return json_text({"type": type} | value, indent=None) + "\n"
