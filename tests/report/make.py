"""Reports to render: small factories with defaults for a plausible finding, receipt and context."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cavra_boundary.errors import ExitCode
from cavra_boundary.model import (
    Clause,
    Finding,
    Introduced,
    Notice,
    Position,
    Receipt,
    Report,
    Severity,
    Skip,
    Span,
    Status,
)
from cavra_boundary.report.base import RenderContext, RuleText

CLAUSES = {
    clause.id: clause
    for clause in (
        Clause("registry-token", "Tokens of package registries", "", "", "SECURITY.md"),
        Clause("billing-record", "Invoices, subscriptions and payments of real customers", "", "", "CONTRIBUTING.md"),
    )
}

RULES = {
    rule.id: rule
    for rule in (
        RuleText(
            "registry-tokens.npm-access-token",
            "registry-token",
            Severity.ERROR,
            "npm access token",
            "Anyone who reads it can publish packages as its owner.",
            "Revoke it on npmjs.com, then read it from the environment.",
        ),
        RuleText(
            "billing-records.invoice",
            "billing-record",
            Severity.WARNING,
            "record of an invoice",
            "It says what a customer paid.",
            "Use a sample with `example.com` addresses and amounts of 0, or a reference to the evidence.",
        ),
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
    seconds=0.825,
)


def finding(line: int = 1, **changes: Any) -> Finding:
    position = Position(line, FINDING.position.column, line, FINDING.position.end_column)
    return FINDING._replace(**{"position": position, **changes})


def report(*findings: Finding, notices: tuple[Notice, ...] = (), skipped: tuple[Skip, ...] = ()) -> Report:
    return Report(findings, notices, RECEIPT._replace(skipped=skipped))


def context(exit_code: ExitCode = ExitCode.FINDINGS, **changes: Any) -> RenderContext:
    root = Path("/srv/cavra")
    made = RenderContext(
        version="1.2.3",
        clauses=CLAUSES,
        rules=RULES,
        exit_code=exit_code,
        fail_on=Severity.WARNING,
        finished=datetime(2026, 1, 5, 12, 30, 0, tzinfo=UTC),
        root=root,
        cwd=root,
    )
    return made._replace(**changes)


def everything() -> Report:
    """Make a report with one of everything."""
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
            finding(
                5,
                path="src/old.py",
                origin="history",
                introduced=Introduced("0123456789abcdef0123456789abcdef01234567", "2025-11-30T08:15:00+01:00", False),
            ),
            finding(
                7,
                path="tests/test_token.py",
                status=Status.SUPPRESSED,
                reason="made up for the test",
                decided_at="tests/test_token.py:6",
            ),
            finding(8, path="tests/test_token.py", status=Status.BASELINED, reason="known since 2026-01-05"),
        ),
        notices=(Notice("boundary.toml", 12, "the allow for 3fa1-09bd2c expired on 2026-10-01"),),
        receipt=RECEIPT._replace(
            sources=("worktree", "history"),
            excluded=14,
            commits=5572,
            reused=300,
            choices=("--allow-shallow: history before 1a2b3c4d5e is not scanned",),
            skipped=(
                Skip("data/dump.sql", "larger than 1 GB", incomplete=True),
                Skip("img/logo.png", "binary"),
                Skip("img/icon.png", "binary"),
            ),
        ),
    )
