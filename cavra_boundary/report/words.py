"""Counts, sizes and verdicts, worded for people."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from cavra_boundary.errors import ExitCode
from cavra_boundary.model import Finding, Receipt, Report, Severity
from cavra_boundary.report.base import RenderContext, reported, unscanned
from cavra_boundary.report.escape import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

SEVERITIES = sorted(Severity, reverse=True)


def count(number: int, noun: str, plural: str = "") -> str:
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def size(byte_count: int) -> str:
    """A human-readable size, in powers of 1000."""
    if byte_count < 1000:
        return count(byte_count, "byte")
    value = float(byte_count)
    for unit in ("kB", "MB", "GB"):
        value /= 1000
        if value < 999.95:
            return f"{value:.1f} {unit}"
    return f"{value / 1000:,.1f} TB"


def by_severity(findings: list[Finding]) -> str:
    counts = Counter(finding.severity for finding in findings)
    return ", ".join(count(counts[severity], severity.label) for severity in SEVERITIES if counts[severity])


def covered(receipt: Receipt) -> str:
    """What was scanned, in one sentence; untrusted text in it is not escaped."""
    commits = f"{count(receipt.commits, 'commit')}, " if receipt.commits else ""
    text = (
        f"Scanned {' and '.join(receipt.sources)}: {commits}{count(receipt.files, 'file')}, {size(receipt.bytes)},"
        f" {count(receipt.rules, 'rule')}, {receipt.seconds:.2f} s"
    )
    known = ((receipt.settled, "commit"), (receipt.reused, "file"))
    if any(number for number, _ in known):
        text += f"; {' and '.join(count(number, what) for number, what in known if number)} known to be clean"
    if receipt.skipped:
        reasons = Counter(skip.reason for skip in receipt.skipped)
        parts = ", ".join(f"{reason} ({times:,})" for reason, times in reasons.most_common())
        text += f"; skipped {len(receipt.skipped):,}: {parts}"
    if receipt.excluded:
        text += f"; {receipt.excluded:,} excluded"
    return f"{text}."


def verdict(report: Report, context: RenderContext) -> Iterator[tuple[ExitCode, str]]:
    """The outcome, one sentence per part. While anything is missing, none of them sounds clean."""
    findings = reported(report)
    counts = by_severity(findings)
    missing = len(unscanned(report.receipt))
    if context.exit_code is ExitCode.FINDINGS:
        files = count(len({finding.path for finding in findings}), "file")
        yield ExitCode.FINDINGS, f"Boundary crossed: {counts} in {files}."
    if missing or context.exit_code is ExitCode.INCOMPLETE:
        sentence = f"INCOMPLETE: {count(missing, 'file')} could not be scanned; this is not a clean result."
        yield ExitCode.INCOMPLETE, sentence
    elif context.exit_code is ExitCode.CLEAN:
        below = f" ({counts}, below the failing severity: {context.fail_on.label})" if findings else ""
        nothing = not (report.receipt.files or report.receipt.reused or report.receipt.commits)
        yield ExitCode.CLEAN, f"{'Nothing to scan' if nothing else 'Boundary holds'}{below}."


def introduced(finding: Finding) -> str:
    """The commit that introduced a finding, as "since commit 1a2b3c4d5e of 2026-01-05"; empty if unknown."""
    origin = finding.introduced
    if origin is None:
        return ""
    commit, day = printable(origin.commit)[:10], printable(origin.date)[:10]
    return f"since commit {commit} of {day}{'' if origin.at_tip else ', gone from the tip'}"
