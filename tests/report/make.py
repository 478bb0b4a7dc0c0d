"""Reports to render: small factories whose defaults make a plausible finding, receipt and context."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from cavra_boundary.errors import ExitCode
from cavra_boundary.model import Clause, Finding, Notice, Position, Receipt, Report, Severity, Skip, Span, Status
from cavra_boundary.report.base import RenderContext

CLAUSES = {
    clause.id: clause
    for clause in (
        Clause("registry-token", "Tokens of package registries", "", "", "SECURITY.md"),
        Clause("billing-record", "Invoices, subscriptions and payments of real customers", "", "", "CONTRIBUTING.md"),
    )
}

_SNIPPET = "//registry.npmjs.org/:_authToken=npm_********"

FINDING = Finding(
    rule="registry-tokens.npm-access-token",
    clause="registry-token",
    severity=Severity.ERROR,
    path="deploy/.npmrc",
    position=Position(1, 34, 1, 46),
    message="npm access token: anyone who reads it can publish packages as its owner",
    remedy="Revoke it on npmjs.com, then read it from the environment.",
    snippet=_SNIPPET,
    caret=Span(33, 45),
    fingerprint="3fa1-09bd2c",
    status=Status.REPORTED,
    reason="",
    origin="worktree",
    via=(),
)

RECEIPT = Receipt(
    sources=("worktree",),
    files=1204,
    bytes=13_400_000,
    rules=221,
    packs_digest="b2:77aa",
    excluded=0,
    skipped=(),
    seconds=0.8249,
)


def finding(line: int = 1, **changes: Any) -> Finding:
    position = Position(line, FINDING.position.column, line, FINDING.position.end_column)
    return FINDING._replace(**{"position": position, **changes})


def report(*findings: Finding, notices: tuple[Notice, ...] = (), skipped: tuple[Skip, ...] = ()) -> Report:
    return Report(findings, notices, RECEIPT._replace(skipped=skipped))


def context(exit_code: ExitCode = ExitCode.FINDINGS, **changes: Any) -> RenderContext:
    root = Path("/srv/cavra")
    made = RenderContext(
        version="1.2.3", clauses=CLAUSES, exit_code=exit_code, fail_on=Severity.WARNING, root=root, cwd=root
    )
    return replace(made, **changes)


def everything() -> Report:
    """Make a report that has one of everything."""
    return Report(
        findings=(
            *(finding(line) for line in range(1, 13)),
            finding(
                14,
                rule="billing-records.invoice",
                clause="billing-record",
                severity=Severity.WARNING,
                path="docs/examples/請求書.json",
                message="record of an invoice: 5 fields with real values (amount_due, customer_email, due_date,"
                " invoice_number, total)",
                remedy="Use a sample with `example.com` addresses and amounts of 0, or a reference to the evidence.",
                snippet='\t\t{"顧客": "株式会社サンプル", "customer_email": "****", "invoice_number": "****"}',
                caret=Span(2, 72),
                position=Position(14, 3, 19, 4),
            ),
            finding(
                3,
                path="examples/packet.json",
                severity=Severity.NOTE,
                reason="the address is in a reserved e-mail domain",
                via=("utf-16", "base64"),
            ),
            finding(1, path="keys/trial.lic", message="a license key by its name", snippet="", caret=Span(0, 0)),
            finding(7, path="tests/test_token.py", status=Status.SUPPRESSED, reason="made up for the test"),
            finding(8, path="tests/test_token.py", status=Status.BASELINED, reason="known since 2026-01-05"),
        ),
        notices=(Notice("boundary.toml", 12, "the allow for 3fa1-09bd2c expired on 2026-10-01"),),
        receipt=RECEIPT._replace(
            excluded=14,
            skipped=(
                Skip("data/dump.sql", "larger than 1 GB", incomplete=True),
                Skip("img/logo.png", "binary"),
                Skip("img/icon.png", "binary"),
            ),
        ),
    )
