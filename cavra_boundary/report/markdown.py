"""Markdown for a job summary or a pull request comment, on GitHub and GitLab.

It fits in a comment (65,536 characters on GitHub), and so in a job summary (1 MiB): the most severe findings come
first, and a line counts the rest. Tables are raw HTML, so untrusted text cannot escape a cell; in a Markdown table, a
`|` could, even inside code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cavra_boundary.model import Finding, Notice, Report, Skip, Status
from cavra_boundary.report import words
from cavra_boundary.report.base import TOOL_NAME, RenderContext, most_severe_first, reported, unscanned
from cavra_boundary.report.escape import commands_broken, printable
from cavra_boundary.report.markup import html, html_code

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# Characters; with the text around them, they stay below 65,536. What is cut is counted.
_FOR_FINDINGS = 36_000
_FOR_REMEDIES = 12_000
_FOR_SKIPS = 6_000
_FOR_NOTICES = 4_000
_FOR_RECEIPT = 3_000
_MAX_WORDS = 300  # characters of a path, message or other text


def render(report: Report, context: RenderContext) -> str:
    return commands_broken("\n".join(_blocks(report, context)), "&#35;", "&#58;")


def _blocks(report: Report, context: RenderContext) -> Iterator[str]:
    """Separate blocks; none contains a blank line, which would end its HTML (CommonMark 4.6)."""
    findings = sorted(reported(report), key=most_severe_first)
    (_, first), *others = words.verdict(report, context)
    yield f"## {TOOL_NAME}: {first}\n"
    for _, sentence in others:
        yield f"**{sentence}**\n"
    for choice in report.receipt.choices[:20]:
        yield f"<p>Chosen: {html(_elided(choice))}</p>\n"
    if findings:
        heads = "<tr><th></th><th>where</th><th>what</th></tr>"
        yield _table(heads, _fitting(map(_row, findings), _FOR_FINDINGS), len(findings), "findings")
        yield _details("How to fix", _list(_remedies(findings, context), _FOR_REMEDIES, "rules"))
    if missing := unscanned(report.receipt):
        yield _details("Requested but not scanned", _list(map(_skip, missing), _FOR_SKIPS, "files"), opened=True)
    if report.notices:
        yield _details("About the policy", _list(map(_notice, report.notices), _FOR_NOTICES, "notices"))
    yield _details("What was covered", _covered(report))


def _row(finding: Finding) -> str:
    position = finding.position
    place = html_code(_elided(finding.path)) + f"<br>line {position.line}, column {position.column}"
    if finding.introduced:
        place += f"<br>{html(_elided(words.introduced(finding)))}"
    if finding.via:
        place += f"<br>inside {html_code(_elided(' > '.join(finding.via)))}"
    reason = f"<br>{html(_elided(finding.reason))}" if finding.reason else ""
    names = f"{html_code(_elided(finding.rule))} {html_code(finding.fingerprint)}"
    return (
        f"<tr><td>{finding.severity.label}</td><td>{place}</td>"
        f"<td>{html(_elided(finding.message))}<br>{names}{reason}</td></tr>"
    )


def _remedies(findings: list[Finding], context: RenderContext) -> Iterator[str]:
    """What to do instead, once per rule, most severe first."""
    for finding in {(each.rule, each.remedy): each for each in reversed(findings)}.values():
        title = html(_elided(context.rule(finding).title))
        clause = context.clauses.get(finding.clause)
        crosses = html(_elided(f"{clause.title} ({clause.id})" if clause else finding.clause))
        yield f"<li><b>{title}</b> crosses {crosses}. Instead: {html(_elided(finding.remedy))}</li>"


def _skip(skip: Skip) -> str:
    return f"<li>{html_code(_elided(skip.path))}: {html(_elided(skip.reason))}</li>"


def _notice(notice: Notice) -> str:
    return f"<li>{html_code(_elided(notice.path))}, line {notice.line}: {html(_elided(notice.message))}</li>"


def _covered(report: Report) -> str:
    covered = html(_elided(words.covered(report.receipt), _FOR_RECEIPT // 10))
    allowed = len(report.findings) - len(reported(report))
    kinds = " and ".join(
        f"{sum(finding.status is status for finding in report.findings):,} {status}"
        for status in (Status.SUPPRESSED, Status.BASELINED)
    )
    return f"<p>{covered}</p>" + (f"<p>Allowed: {kinds}.</p>" if allowed else "")


def _table(heads: str, rows: list[str], count: int, noun: str) -> str:
    return "\n".join(("<table>", heads, *rows, "</table>", *_more(count - len(rows), noun), ""))


def _list(items: Iterable[str], budget: int, noun: str) -> str:
    every = list(items)
    shown = _fitting(every, budget)
    return "\n".join(("<ul>", *shown, "</ul>", *_more(len(every) - len(shown), noun)))


def _details(summary: str, body: str, *, opened: bool = False) -> str:
    return f"<details{' open' if opened else ''}><summary>{summary}</summary>\n{body}\n</details>\n"


def _more(count: int, noun: str) -> list[str]:
    return [f"<p>… and {count:,} more {noun}.</p>"] if count else []


def _fitting(lines: Iterable[str], budget: int) -> list[str]:
    """As many lines as fit."""
    fitting = []
    for line in lines:
        budget -= len(line) + 1
        if budget < 0:
            break
        fitting.append(line)
    return fitting


def _elided(text: str, most: int = _MAX_WORDS) -> str:
    shown = printable(text)
    return shown if len(shown) <= most else f"{shown[: most // 2]}…{shown[-(most // 2) :]}"
