"""The findings in the HTML report: by clause, each a linkable article, with a form that filters them."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from cavra_boundary.report import words
from cavra_boundary.report.base import most_severe_first
from cavra_boundary.report.escape import printable_line
from cavra_boundary.report.html_tags import Html, element, lines, together
from cavra_boundary.report.words import SEVERITIES, count

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from cavra_boundary.model import Finding, Report, Severity
    from cavra_boundary.report.base import RenderContext

_MOST_FINDINGS = 5000  # shown in full; a browser takes a second for that many
_MOST_SNIPPET = 400  # characters of a line
_LEAD = 120  # of them before the mark

_KEYS = (element("kbd", "/"), " search, ", element("kbd", "j"), " and ", element("kbd", "k"), " next and previous")

Tally = tuple[str, "Counter[Severity]"]
"""A kind of finding, and its counts by severity."""


class Entry(NamedTuple):
    """A finding, and the anchor that the page links to. The anchor stays the same when lines move."""

    finding: Finding
    anchor: str


class Findings:
    """The section of reported findings; if there are very many, only the most severe."""

    def __init__(self, report: Report, context: RenderContext, reported: Sequence[Entry]) -> None:
        self._report = report
        self._context = context
        self._reported = reported
        self._shown = sorted(reported, key=lambda entry: most_severe_first(entry.finding))[:_MOST_FINDINGS]

    def html(self) -> Html:
        if not self._reported:
            what = "what was scanned" if self._report.receipt.complete else "what could be scanned"
            return element("p", f"Nothing that crosses the boundary was found in {what}.")
        groups = [self._group(name, entries) for name, entries in by_clause(self._shown)]
        hidden = len(self._reported) - len(self._shown)
        cut = [element("p", f"… and {count(hidden, 'more finding')}, none more severe; the JSON report has them all.")]
        empty = element("p", "No finding matches the filter.", id="none", hidden=True)
        return element(
            "div", self._filter(), element("div", *groups, empty, *cut * (hidden > 0), id="list"), class_="sides"
        )

    def _filter(self) -> Html:
        findings = [entry.finding for entry in self._shown]
        counts = Counter(finding.severity for finding in findings)
        boxes = [
            element(
                "label",
                element("input", type="checkbox", name="severity", value=severity.label, checked=True),
                f" {severity.label.capitalize()}s ",
                element("span", f"{counts[severity]:,}", class_="count"),
            )
            for severity in SEVERITIES
            if counts[severity]
        ]
        clauses = [(name, self._context.clause(name).title or name) for name, _ in tally(findings, clause_of)]
        folders = sorted({folder_of(finding) for finding in findings})
        orders = [("clause", "Clause"), ("path", "Path"), ("severity", "Most severe first")]
        if any(finding.introduced for finding in findings):
            orders.append(("date", "Newest first"))
        search = element("input", type="search", id="q", placeholder="Path, rule or words", autocomplete="off")
        return element(
            "form",
            _field("Search", "q", search),
            element("fieldset", element("legend", "Severity"), *boxes),
            _field("Clause", "clause", _select("clause", [("", "All clauses"), *clauses])),
            _field("Folder", "folder", _select("folder", [("", "All folders"), *zip(folders, folders, strict=True)])),
            _field("Order", "order", _select("order", orders)),
            element("p", "", id="shown", role="status"),
            element("button", "Show all", type="reset"),
            element("p", *_KEYS, class_="keys"),
            id="filter",
            role="search",
            aria_label="Filter and order the findings",
            hidden=True,
        )

    def _group(self, name: str, entries: Sequence[Entry]) -> Html:
        clause = self._context.clause(name)
        heading = element("h3", clause.title or name, " ", element("span", f"{len(entries):,}", class_="count"))
        about = [element("p", clause.covers, class_="about")] * bool(clause.covers)
        return element(
            "section",
            lines(Html(""), heading, *about, *map(self._article, entries), Html("")),
            class_="group",
            id=anchor("clause", name),
            data_clause=name,
        )

    def _article(self, entry: Entry) -> Html:
        finding = entry.finding
        rule = self._context.rule(finding)
        message, why = finding.message, ""
        if rule.why and message.endswith(f": {rule.why}"):
            message, why = message.removesuffix(f": {rule.why}"), rule.why
        position = finding.position
        place = element("code", element("bdi", finding.path), f":{position.line}:{position.column}")
        facts = [
            element("a", "How to fix", href=f"#{anchor('fix', finding.clause, finding.rule)}"),
            element("span", "rule ", element("code", finding.rule)),
            element("span", "fingerprint ", element("code", finding.fingerprint)),
        ]
        if finding.via:
            facts.append(element("span", f"in {' in '.join(reversed(finding.via))}"))
        if position.end_line > position.line:
            facts.append(element("span", f"to line {position.end_line}"))
        if self._report.receipt.sources != (finding.origin,):
            facts.append(element("span", f"from {finding.origin}"))
        if finding.introduced:
            facts.append(element("span", words.introduced(finding)))
        return element(
            "article",
            element("h4", element("span", finding.severity.label, class_="severity"), " ", message),
            element("p", element("a", place, href=f"#{entry.anchor}"), class_="place"),
            *[_snippet(finding)] * bool(finding.snippet),
            *[element("p", why, class_="why")] * bool(why),
            *[element("p", finding.reason, class_="why")] * bool(finding.reason),
            element("ul", *(element("li", fact) for fact in facts), class_="facts"),
            class_=finding.severity.label,
            id=entry.anchor,
            tabindex="-1",
            data_path=finding.path,
            data_folder=folder_of(finding),
            data_severity=finding.severity.label,
            data_date=finding.introduced.date if finding.introduced else "",
        )


def by_clause(entries: Sequence[Entry]) -> Iterator[tuple[str, list[Entry]]]:
    """Entries by clause, most severe clause first, and in report order within it."""
    for name, _ in tally((entry.finding for entry in entries), clause_of):
        of_clause = [entry for entry in entries if entry.finding.clause == name]
        yield name, sorted(of_clause, key=lambda entry: entry.finding.order)


def tally(findings: Iterable[Finding], kind: Callable[[Finding], str]) -> list[Tally]:
    """Counts of findings by severity for each kind, most severe kind first."""
    counts: dict[str, Counter[Severity]] = {}
    for finding in findings:
        counts.setdefault(kind(finding), Counter())[finding.severity] += 1
    return sorted(counts.items(), key=lambda item: ([-item[1][severity] for severity in SEVERITIES], item[0]))


def clause_of(finding: Finding) -> str:
    """The clause that a finding is counted under."""
    return finding.clause


def folder_of(finding: Finding) -> str:
    """The folder that a finding is counted under: at most two names deep."""
    *folders, _ = finding.path.split("/")
    return "/".join(folders[:2]) + "/" if folders else "./"


def anchor(kind: str, *names: str) -> str:
    """An element's id, which never contains untrusted text."""
    from hashlib import sha256

    name = ".".join(names)
    plain = re.fullmatch(r"[a-z0-9.-]{1,200}", name)
    return f"{kind}-{name if plain else sha256(name.encode(errors='surrogatepass')).hexdigest()[:16]}"


def _field(label: str, name: str, control: Html) -> Html:
    return element("p", element("label", label, for_=name), control)


def _select(name: str, choices: Iterable[tuple[str, str]]) -> Html:
    return element("select", *(element("option", label, value=value) for value, label in choices), id=name)


def _snippet(finding: Finding) -> Html:
    """The line, or the part of it around the mark."""
    line, caret = printable_line(finding.snippet, finding.caret)
    start = max(0, caret.start - _LEAD) if len(line) > _MOST_SNIPPET else 0
    end = start + _MOST_SNIPPET
    before, marked, after = line[start : caret.start], line[caret.start : min(caret.end, end)], line[caret.end : end]
    code = together(
        "…" * (start > 0), before, *[element("mark", marked)] * bool(marked), after, "…" * (end < len(line))
    )
    return element("pre", element("code", code))
