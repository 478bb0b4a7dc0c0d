"""`cavra-boundary allows`: every allow, what it hides today, and when it expires."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import click

from cavra_boundary.cache import Cache
from cavra_boundary.cli.judge import concealed, scan_all
from cavra_boundary.cli.parts import load_rules
from cavra_boundary.cli.places import ALL, locate
from cavra_boundary.cli.terminal import say
from cavra_boundary.errors import ExitCode
from cavra_boundary.model import Allow, Status
from cavra_boundary.policy import options, settings
from cavra_boundary.triage import ends_soon

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cavra_boundary.model import Finding, Report
    from cavra_boundary.policy.settings import Settings

_MOST_SHOWN = 5


@click.command("allows")
@options.scan_options("config", "packs", "exclude", "as_of", "jobs")
@click.option("--format", "format", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(format: str, config: Path | None, **flags: object) -> int:
    """List every allow with its reason, owner and expiry date, and what it hides in the working tree today.

    Exits 1 if an allow has expired, gives no reason, or hides nothing.
    """
    root, _ = locate([ALL])
    chosen = settings.load(root, config, flags)
    cache = Cache.of_user(root)
    rules = load_rules(chosen, cache)
    report = scan_all(chosen, root, rules, cache)
    listed = list(_listed(chosen, report))
    for entry in listed:
        words = [key for key in ("path", "value", "reason", "owner") if entry[key]]
        entry |= zip(words, concealed([entry[key] for key in words], chosen, root, rules, cache), strict=True)
    if format == "json":
        click.echo(json.dumps(listed, indent=2))
    else:
        say([line for entry in listed for line in _lines(entry)] or ["There are no allows."])
    return ExitCode.FINDINGS if any(entry["flaw"] for entry in listed) else ExitCode.CLEAN


def _listed(chosen: Settings, report: Report) -> Iterator[dict[str, Any]]:
    """The configuration's allows in order, then the inline ones by place."""
    hidden: defaultdict[str, list[Finding]] = defaultdict(list)
    for finding in report.findings:
        if finding.status is Status.SUPPRESSED:
            hidden[finding.decided_at].append(finding)
    today = chosen.as_of or datetime.now(UTC).date()
    for allow in chosen.allows:
        at = f"{chosen.source}:{allow.line}"
        findings = hidden.pop(at, [])
        yield {
            "at": at,
            "rule": allow.rule,
            "path": allow.path,
            "value": allow.value,
            "reason": allow.reason,
            "owner": allow.owner,
            "expires": str(allow.expires or ""),
            "flaw": _flaw(allow, today, findings),
            "ends_soon": ends_soon(allow, today),
            "hides": [finding.place for finding in findings],
        }
    for at, findings in sorted(hidden.items()):
        yield {
            "at": at,
            "rule": ", ".join(sorted({finding.rule for finding in findings})),
            "path": "",
            "value": "",
            "reason": findings[0].reason,
            "owner": "",
            "expires": "",
            "flaw": "",
            "ends_soon": False,
            "hides": [finding.place for finding in findings],
        }


def _flaw(allow: Allow, today: date, findings: list[Finding]) -> str:
    if not allow.reason:
        return "gives no reason"
    if allow.is_over(today):
        return "expired"
    return "" if findings else "hides nothing"


def _lines(entry: dict[str, Any]) -> Iterator[str]:
    named = " ".join(filter(None, (entry["path"], entry["value"])))
    yield f"{entry['at']}: {entry['rule']}{f' in {named}' if named else ''}"
    yield f"  reason:  {entry['reason'] or '(none)'}"
    if entry["owner"]:
        yield f"  owner:   {entry['owner']}"
    if entry["expires"]:
        yield f"  expires: {entry['expires']}{' (soon)' if entry['ends_soon'] else ''}"
    if entry["flaw"]:
        yield f"  flaw:    {entry['flaw']}"
    places = entry["hides"]
    for place in places[:_MOST_SHOWN]:
        yield f"  hides:   {place}"
    if len(places) > _MOST_SHOWN:
        yield f"           and {len(places) - _MOST_SHOWN:,} more"
    yield ""
