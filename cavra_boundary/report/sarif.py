"""SARIF 2.1.0 (OASIS, errata 01), for GitHub code scanning and other viewers.

GitHub reads a subset and sets limits ("SARIF support for code scanning", "SARIF results exceed limits" in its
documentation): the report stays within them, most severe findings first, and a notification says what was left out.
GitHub does not read `suppressions`; to close suppressed alerts, a workflow must filter them or use an action such as
advanced-security/dismiss-alerts.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

from cavra_boundary.errors import ExitCode
from cavra_boundary.model import Finding, Receipt, Report, Severity, Status
from cavra_boundary.report import words
from cavra_boundary.report.base import TOOL_NAME, RenderContext, RuleText, most_severe_first, numbered
from cavra_boundary.report.escape import printable, printable_line, relative_uri
from cavra_boundary.report.json_writing import json_text
from cavra_boundary.report.markup import code_span, markdown

if TYPE_CHECKING:
    from collections.abc import Iterator

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

_MAX_RESULTS = 25_000  # of which GitHub shows the first 5,000
_MAX_COMPRESSED = 9_500_000  # bytes; GitHub takes 10 MB of gzip
_MAX_NAMED = 1_000  # skips with their own notification
_MAX_WORDS = 1_000  # characters of a message; GitHub shows 1,024 of a rule's description
_MAX_STEPS = 1_000  # of a code flow

_SOURCE_ROOT = "%SRCROOT%"
_MASK = "********"

# GitHub reads 7.0 to 8.9 as high, 4.0 to 6.9 as medium, 0.1 to 3.9 as low.
_SECURITY_SEVERITY = {Severity.ERROR: "8.0", Severity.WARNING: "5.0", Severity.NOTE: "2.0"}

_NOTIFICATIONS = {
    "not-scanned": "Something that was requested could not be scanned.",
    "skipped": "Something that cannot contain what the rules look for was not scanned.",
    "choice": "The user chose to scan less.",
    "policy": "Something is wrong with the policy itself.",
    "cut": "Findings were left out to stay within GitHub's limits.",
}


def render(report: Report, context: RenderContext) -> str:
    findings = sorted(numbered(report.findings), key=lambda numbered: most_severe_first(numbered[0]))
    kept = min(len(findings), _MAX_RESULTS)
    text = _log(report, context, findings, kept)
    while kept and _compressed_size(text) > _MAX_COMPRESSED:
        kept //= 2
        text = _log(report, context, findings, kept)
    return text


def _compressed_size(text: str) -> int:
    if len(text) <= _MAX_COMPRESSED:
        return len(text)
    import zlib

    return len(zlib.compress(text.encode(), 6))


def _log(report: Report, context: RenderContext, findings: list[tuple[Finding, int]], kept: int) -> str:
    receipt = report.receipt
    shown = findings[:kept]
    rules = {finding.rule: context.rule(finding) for finding, _ in reversed(shown)}
    index = {rule: at for at, rule in enumerate(sorted(rules, key=printable))}
    run = {
        "tool": {
            "driver": {
                "name": TOOL_NAME,
                "version": printable(context.version),
                "semanticVersion": printable(context.version),
                "rules": [_rule(rules[rule], context) for rule in index],
                "notifications": [_descriptor(name, text) for name, text in _NOTIFICATIONS.items()],
            }
        },
        "invocations": [
            {
                "executionSuccessful": receipt.complete and context.exit_code is not ExitCode.INCOMPLETE,
                "exitCode": int(context.exit_code),
                "exitCodeDescription": " ".join(sentence for _, sentence in words.verdict(report, context)),
                "startTimeUtc": _time(context, before=round(receipt.seconds, 3)),
                "endTimeUtc": _time(context),
                "toolExecutionNotifications": [*_not_scanned(receipt), *_choices(receipt), *_cut(len(findings) - kept)],
                "toolConfigurationNotifications": [
                    _notification("policy", "warning", notice.message, notice.path, max(notice.line, 1))
                    for notice in report.notices
                ],
            }
        ],
        "originalUriBaseIds": {_SOURCE_ROOT: {"description": {"text": "The root of what was scanned."}}},
        "columnKind": "unicodeCodePoints",
        "redactionTokens": [_MASK],
        "results": [_result(finding, number, index[finding.rule]) for finding, number in shown],
        "properties": {
            "sources": [printable(source) for source in receipt.sources],
            "files": receipt.files,
            "bytes": receipt.bytes,
            "commits": receipt.commits,
            "reused": receipt.reused,
            "settled": receipt.settled,
            "rules": receipt.rules,
            "packsDigest": printable(receipt.packs_digest),
            "excluded": receipt.excluded,
        },
    }
    # Indented, it would be twice as long and take ten times as long to write.
    return json_text({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=None) + "\n"


def _rule(rule: RuleText, context: RenderContext) -> dict[str, object]:
    clause = context.clauses.get(rule.clause)
    crosses = f"{clause.title} ({rule.clause})" if clause else rule.clause
    written = clause.written_in if clause else ""
    explain = f"{TOOL_NAME} explain {rule.id}"
    return {
        "id": printable(rule.id),
        "name": "".join(filter(str.isalnum, printable(rule.id).rpartition(".")[2].title())),
        "shortDescription": {"text": _text(rule.title)},
        "fullDescription": {"text": _text(rule.why)},
        "help": {
            "text": _text(f"{rule.why} Instead: {rule.remedy} Details: {explain}"),
            "markdown": "\n\n".join(
                (
                    markdown(rule.why),
                    f"**Crosses:** {markdown(crosses)}{f', written in {markdown(written)}' if written else ''}",
                    f"**Instead:** {markdown(rule.remedy)}",
                    f"For details, or to allow a false alarm: {code_span(explain)}",
                )
            ),
        },
        "defaultConfiguration": {"level": rule.severity.label},
        "properties": {
            "security-severity": _SECURITY_SEVERITY[rule.severity],
            "tags": ["security", printable(rule.clause)],
        },
    }


def _descriptor(name: str, text: str) -> dict[str, object]:
    """What a kind of notification means, in all the fields that GitHub requires."""
    message = {"text": text}
    return {"id": name, "shortDescription": message, "fullDescription": message, "help": message}


def _result(finding: Finding, number: int, rule_index: int) -> dict[str, object]:
    location = _location(finding)
    fingerprint = printable(finding.fingerprint)
    properties: dict[str, object] = {"clause": printable(finding.clause), "origin": printable(finding.origin)}
    if finding.reason:
        properties["reason"] = printable(finding.reason)
    if finding.introduced:
        properties["introduced"] = {
            "commit": printable(finding.introduced.commit),
            "date": printable(finding.introduced.date),
            "atTip": finding.introduced.at_tip,
        }
    return {
        "ruleId": printable(finding.rule),
        "ruleIndex": rule_index,
        "level": finding.severity.label,
        "message": {"text": _text(f"{finding.message} Instead: {finding.remedy}")},
        "locations": [location],
        # GitHub recognizes an alert by its path and the first of these.
        "partialFingerprints": {
            "primaryLocationLineHash": f"{fingerprint}:{number}",
            "boundaryFingerprint/v2": fingerprint,
        },
        "suppressions": _suppressions(finding),
        "properties": properties,
    } | ({"codeFlows": [_through_layers(finding, location)]} if finding.via else {})


def _suppressions(finding: Finding) -> list[dict[str, object]]:
    """How policy allows the finding; an empty list means that it does not (3.27.23)."""
    if finding.status is Status.REPORTED:
        return []
    made: dict[str, object] = {
        "kind": "external",
        "status": "accepted",
        "justification": printable(finding.reason or f"{finding.status}, without a reason"),
    }
    path, _, line = finding.decided_at.rpartition(":")
    if line.isascii() and line.isdecimal() and len(line) < 10:
        inside = printable(path) == printable(finding.path)
        made["kind"] = "inSource" if inside else "external"
        artifact = _artifact(finding.path if inside else printable(path))
        made["location"] = {"physicalLocation": {"artifactLocation": artifact, "region": {"startLine": int(line) or 1}}}
    return [made]


def _location(finding: Finding) -> dict[str, object]:
    start, end = finding.position[:2], finding.position[2:]
    line, column = max(start[0], 1), max(start[1], 1)
    physical: dict[str, object] = {"artifactLocation": _artifact(finding.path)}
    if not finding.snippet:  # the file as a whole
        return {"physicalLocation": physical | {"region": {"startLine": line}}}
    region: dict[str, object] = {"startLine": line, "startColumn": column}
    if end > (line, column):
        region |= {"endLine": end[0], "endColumn": max(end[1], 1)}
    physical["region"] = region
    if end[0] <= line:
        snippet, caret = printable_line(finding.snippet, finding.caret)
        region["snippet"] = {"text": snippet[caret.start : caret.end]}
        physical["contextRegion"] = {"startLine": line, "endLine": line, "snippet": {"text": snippet}}
    return {"physicalLocation": physical}


def _through_layers(finding: Finding, location: dict[str, object]) -> dict[str, object]:
    """The path to a finding inside decoded layers: all steps have the same place, each one level deeper."""
    steps = [*(f"inside this: {layer}" for layer in finding.via), finding.message]
    locations = [
        {"location": location | {"message": {"text": _text(step)}}, "nestingLevel": level, "executionOrder": level + 1}
        for level, step in enumerate(steps[:_MAX_STEPS])
    ]
    return {"threadFlows": [{"locations": locations}]}


def _not_scanned(receipt: Receipt) -> Iterator[dict[str, object]]:
    """A notification for each skip, those that make the run incomplete first; beyond a limit they are counted."""
    skips = sorted(receipt.skipped, key=lambda skip: not skip.incomplete)
    for skip in skips[:_MAX_NAMED]:
        name, level = ("not-scanned", "error") if skip.incomplete else ("skipped", "note")
        yield _notification(name, level, skip.reason, skip.path)
    more = Counter((skip.incomplete, skip.reason) for skip in skips[_MAX_NAMED:])
    for (incomplete, reason), times in more.items():
        name, level = ("not-scanned", "error") if incomplete else ("skipped", "note")
        yield _notification(name, level, f"{times:,} more: {reason}")


def _choices(receipt: Receipt) -> Iterator[dict[str, object]]:
    for choice in receipt.choices:
        yield _notification("choice", "warning", choice)


def _cut(cut: int) -> Iterator[dict[str, object]]:
    if cut:
        text = f"{words.count(cut, 'finding')} left out, the least severe, to stay within GitHub's limits"
        yield _notification("cut", "warning", text)


def _notification(name: str, level: str, text: str, path: str = "", line: int = 0) -> dict[str, object]:
    made: dict[str, object] = {
        "descriptor": {"id": name, "index": list(_NOTIFICATIONS).index(name)},
        "level": level,
        "message": {"text": _text(f"{path}: {text}" if path else text)},
    }
    if path:
        region = {"region": {"startLine": line}} if line else {}
        made["locations"] = [{"physicalLocation": {"artifactLocation": _artifact(path)} | region}]
    return made


def _artifact(path: str) -> dict[str, str]:
    return {"uri": relative_uri(path), "uriBaseId": _SOURCE_ROOT}


def _time(context: RenderContext, before: float = 0) -> str:
    return (context.finished - timedelta(seconds=before)).strftime("%Y-%m-%dT%H:%M:%SZ")


def _text(text: str) -> str:
    """A plain text message: no placeholders (3.11.5), no embedded links (3.11.6), limited length."""
    shown = printable(text)
    if len(shown) > _MAX_WORDS:
        shown = shown[: _MAX_WORDS - 1] + "…"
    # Viewers without placeholder support show doubled braces as they are, so only text like a placeholder is escaped.
    if re.search(r"\{[0-9]+\}", shown):
        shown = shown.replace("{", "{{").replace("}", "}}")
    return re.sub(r"([\\\[\]])", r"\\\1", shown) if "](" in shown else shown
