"""`cavra-boundary explain`: why something is forbidden, what to do instead, and how to allow it properly."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

from cavra_boundary.cache import Cache
from cavra_boundary.cli.describe import describe_clause
from cavra_boundary.cli.judge import scan_all
from cavra_boundary.cli.parts import load_rules
from cavra_boundary.cli.places import ALL, locate
from cavra_boundary.cli.terminal import say
from cavra_boundary.errors import ExitCode, UsageError, nearest
from cavra_boundary.model import FINGERPRINT_PATTERN
from cavra_boundary.policy import options, settings
from cavra_boundary.triage import fingerprints

if TYPE_CHECKING:
    from pathlib import Path

    from cavra_boundary.model import Finding


@click.command("explain")
@click.argument("subject", metavar="RULE-OR-FINGERPRINT")
@options.scan_options("config", "packs")
def command(subject: str, config: Path | None, **flags: object) -> int:
    """Explain a rule, or the findings in this repository that have a fingerprint.

    A fingerprint is looked up by scanning again: nothing is stored between runs.

    \b
    Examples:
      cavra-boundary explain registry-tokens.npm-access-token
      cavra-boundary explain v2-9f2c04d1a37be658
    """  # noqa: D301 - \b is click's mark for a block that keeps its lines
    root, _ = locate([ALL])
    chosen = settings.load(root, config, flags)
    cache = Cache.of_user(root)
    rules = load_rules(chosen, cache)
    by_id = {rule.id: rule for rule in rules.rules}
    findings: list[Finding] = []
    if re.fullmatch(FINGERPRINT_PATTERN, subject):
        report = scan_all(chosen, root, rules, cache)
        findings = [finding for finding in report.findings if subject in (finding.fingerprint, finding.renamed)]
        if not findings:
            raise UsageError(f"nothing in {root} has the fingerprint {subject}", hint=_hint(subject))
    elif subject not in by_id:
        raise UsageError(f"unknown rule {subject!r}", hint=nearest(subject, by_id))
    rule = by_id[findings[0].rule if findings else subject]
    lines = [*describe_clause(rule, rules.clauses[rule.clause]), ""]
    for finding in findings:
        lines += _where(finding)
    lines += _how_to_allow(rule.id, findings)
    say(lines)
    return ExitCode.CLEAN


def _hint(fingerprint: str) -> str:
    if fingerprints.is_first_version(fingerprint):
        return "fingerprints of version 1 are known only where an allow or the baseline has them; scan again"
    return "scan again: it may be gone"


def _where(finding: Finding) -> list[str]:
    """Why this one fired."""
    status = f" ({finding.status}: {finding.reason})" if finding.reason else ""
    return [
        f"Found at:    {finding.place}{status}",
        f"             {finding.snippet.strip()}",
        f"             {finding.message}",
        "",
    ]


def _how_to_allow(rule: str, findings: list[Finding]) -> list[str]:
    path = findings[0].path if findings else "docs/example.md"
    named = f'value = "{findings[0].fingerprint}"' if findings else 'value = "…"  # the fingerprint of a finding'
    return [
        "If it is meant to be public, say so where reviewers see it. On its line, or the line above:",
        "    # cavra-boundary: "  # split, so that this line is not an allow
        f"allow[{rule}] the reason",
        "or, with an owner and an expiry date, in .cavra-boundary.toml:",
        "    [[allow]]",
        f'    rule = "{rule}"',
        f'    path = "{path}"',
        f"    {named}",
        '    reason = "…"',
        '    owner = "…"',
        "    expires = 2027-01-31",
    ]
