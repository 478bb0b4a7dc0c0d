"""The HTML report: one file that a release manager can open, read, print and archive, without a network.

All content is plain HTML that can be read without scripts; the script only filters and sorts it. The page's own
policy (CSP) only allows this style and this script, each by its hash.
"""

from __future__ import annotations

from collections import Counter
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from cavra_boundary.errors import ExitCode
from cavra_boundary.model import Notice, Report, Skip, Status
from cavra_boundary.report import words
from cavra_boundary.report.base import TOOL_NAME, RenderContext, numbered, stable_digest, unscanned
from cavra_boundary.report.escape import commands_broken
from cavra_boundary.report.html_charts import Bar, bars, columns, history
from cavra_boundary.report.html_findings import Entry, Findings, Tally, anchor, by_clause, clause_of, folder_of, tally
from cavra_boundary.report.html_tags import Html, element, lines, together
from cavra_boundary.report.words import SEVERITIES, count

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_ASSETS = Path(__file__).with_name("html_assets")

_MOST_LISTED = 1000  # rows of any other list
_MOST_BARS = 12

_VERDICTS = {ExitCode.CLEAN: "clean", ExitCode.FINDINGS: "crossed", ExitCode.INCOMPLETE: "incomplete"}


def render(report: Report, context: RenderContext) -> str:
    return commands_broken(_Page(report, context).html(), "&#35;", "&#58;")


class _Page:
    """The sections of the page, each empty if there is nothing to show."""

    def __init__(self, report: Report, context: RenderContext) -> None:
        entries = [Entry(each, f"f-{stable_digest(each, number)[:16]}") for each, number in numbered(report.findings)]
        self._report = report
        self._context = context
        self._reported = [entry for entry in entries if entry.finding.status is Status.REPORTED]
        self._allowed = [entry for entry in entries if entry.finding.status is not Status.REPORTED]

    def html(self) -> Html:
        style, script = ((_ASSETS / name).read_text(encoding="utf-8") for name in ("page.css", "page.js"))
        sections = [
            ("missing", "Not scanned", self._missing()),
            ("overview", "Overview", self._overview()),
            ("findings", "Findings", Findings(self._report, self._context, self._reported).html()),
            ("fix", "How to fix", self._remedies()),
            ("allowed", "Allowed", self._allowances()),
            ("coverage", "What was covered", self._coverage()),
        ]
        shown = [section for section in sections if section[2]]
        verdict = list(words.verdict(self._report, self._context))
        head = element(
            "head",
            lines(
                Html(""),
                element("meta", charset="utf-8"),
                element("meta", http_equiv="Content-Security-Policy", content=_policy(style, script)),
                element("meta", name="viewport", content="width=device-width, initial-scale=1"),
                element("meta", name="color-scheme", content="light dark"),
                element("meta", name="referrer", content="no-referrer"),
                element("title", f"{verdict[0][1]} {self._context.root.name} · {TOOL_NAME}"),
                Html(f"<style>{style}</style>"),
                Html(""),
            ),
        )
        body = element(
            "body",
            lines(
                Html(""),
                element("a", "Skip to the findings", class_="skip", href="#findings"),
                self._header(verdict, [(name, title) for name, title, _ in shown]),
                element("main", lines(Html(""), *(_section(*section) for section in shown), Html(""))),
                Html(f"<script>{script}</script>"),
                Html(""),
            ),
        )
        return lines(Html("<!doctype html>"), element("html", head, body, lang="en"), Html(""))

    def _header(self, verdict: Sequence[tuple[ExitCode, str]], sections: Sequence[tuple[str, str]]) -> Html:
        (kind, first), *others = verdict
        finished = self._context.finished
        stamp = element("time", f"{finished:%Y-%m-%d %H:%M} UTC", datetime=f"{finished:%Y-%m-%dT%H:%M:%SZ}")
        links = (element("li", element("a", title, href=f"#{name}")) for name, title in sections)
        return element(
            "header",
            element("p", element("strong", self._context.root.name), " · ", stamp, class_="of"),
            element("h1", first),
            *(element("p", sentence, class_="also") for _, sentence in others),
            element("p", words.covered(self._report.receipt), class_="covered"),
            *(
                element("p", element("strong", "Chosen: "), each, class_="also")
                for each in self._report.receipt.choices
            ),
            element("nav", element("ul", *links), aria_label="On this page"),
            class_=_VERDICTS[kind],
        )

    def _missing(self) -> Html:
        missing = unscanned(self._report.receipt)
        if not missing:
            return Html("")
        said = "This was requested but could not be scanned. Anything in it is missing from this report."
        return together(element("p", said), _listed(map(_skip, missing), len(missing)))

    def _overview(self) -> Html:
        if not self._reported:
            return Html("")
        findings = [entry.finding for entry in self._reported]
        clauses, folders = tally(findings, clause_of), tally(findings, folder_of)
        charts = [bars("By clause", map(self._clause_bar, _longest(clauses))), bars("By folder", _folder_bars(folders))]
        if over_time := history(each.introduced for each in findings if each.introduced):
            charts.append(columns("When the findings were introduced", over_time))
        legend = (element("li", f"{severity.label.capitalize()}s", class_=severity.label) for severity in SEVERITIES)
        return together(element("ul", *legend, class_="legend"), element("div", *charts, class_="charts"))

    def _clause_bar(self, tally: Tally) -> Bar:
        name, counts = tally
        return Bar(element("a", self._context.clause(name).title or name, href=f"#{anchor('clause', name)}"), counts)

    def _remedies(self) -> Html:
        if not self._reported:
            return Html("")
        explain = element("code", f"{TOOL_NAME} explain RULE")
        return lines(
            element(
                "p",
                "Whatever was pushed is public for good: revoke or replace credentials first, then remove them."
                " Removing something from the newest version leaves it in the history, and rewriting history does not"
                " recall copies that others have.",
            ),
            element("p", "A false alarm? ", explain, " shows how to allow it, with a reason and an expiry date."),
            *(self._remedies_of(name, entries) for name, entries in by_clause(self._reported)),
        )

    def _remedies_of(self, name: str, entries: Sequence[Entry]) -> Html:
        """What to do instead, with the rules of a clause that share the remedy, most frequent first."""
        clause = self._context.clause(name)
        first = {entry.finding.rule: entry.finding for entry in reversed(entries)}
        of_remedy: dict[str, list[Html]] = {}
        for rule, times in Counter(entry.finding.rule for entry in entries).most_common():
            title = element("strong", self._context.rule(first[rule]).title)
            number = element("span", f"{times:,}", class_="count")
            term = (title, " ", number, element("br"), element("code", rule))
            of_remedy.setdefault(first[rule].remedy, []).append(element("dt", *term, id=anchor("fix", name, rule)))
        blocks = [element("div", *terms, element("dd", remedy)) for remedy, terms in of_remedy.items()]
        written = [element("p", f"Written in: {clause.written_in}", class_="about")] * bool(clause.written_in)
        return element(
            "section", element("h3", clause.title or name), *written, element("dl", *blocks), class_="remedies"
        )

    def _allowances(self) -> Html:
        if not self._allowed and not self._report.notices:
            return Html("")
        parts: list[Html] = []
        if self._report.notices:
            notices = self._report.notices
            parts += [element("h3", "Needs attention"), _listed(map(_notice, notices), len(notices))]
        if self._allowed:
            heads = (element("th", head, scope="col") for head in ("What", "Where", "Allowed because"))
            rows = map(self._allowance, self._allowed[:_MOST_LISTED])
            table = element("table", element("thead", element("tr", *heads)), element("tbody", *rows), class_="allowed")
            parts += [
                element("h3", "Allowed findings"),
                element("div", table, class_="wide"),
                *_more(len(self._allowed)),
            ]
        return together(*parts)

    def _allowance(self, entry: Entry) -> Html:
        finding = entry.finding
        decided = [together(" ", element("code", finding.decided_at))] * bool(finding.decided_at)
        return element(
            "tr",
            element("td", self._context.rule(finding).title, element("br"), element("code", finding.rule)),
            element("td", element("code", element("bdi", finding.path), f":{finding.position.line}")),
            element("td", element("span", finding.status, class_="status"), " ", finding.reason, *decided),
            id=entry.anchor,
        )

    def _coverage(self) -> Html:
        receipt = self._report.receipt
        said = [
            ("Sources", ", ".join(receipt.sources)),
            ("Commits", f"{receipt.commits:,}" if receipt.commits else ""),
            ("Files", f"{receipt.files:,}"),
            ("Files not rescanned", f"{receipt.reused:,}, known to be clean" if receipt.reused else ""),
            ("Commits not rescanned", f"{receipt.settled:,}, known to be clean" if receipt.settled else ""),
            ("Bytes", words.size(receipt.bytes)),
            ("Excluded", f"{count(receipt.excluded, 'file')} by the configuration" if receipt.excluded else ""),
            ("Rules", f"{receipt.rules:,}"),
            ("Packs", receipt.packs_digest),
            ("Fails on", f"{self._context.fail_on.label} and above"),
            ("Time", f"{receipt.seconds:.2f} s"),
            ("Made by", f"{TOOL_NAME} {self._context.version}"),
        ]
        facts = element("dl", *(together(element("dt", term), element("dd", each)) for term, each in said if each))
        of_reason: dict[str, list[Html]] = {}
        for skip in receipt.skipped:
            if not skip.incomplete:
                of_reason.setdefault(skip.reason, []).append(element("li", element("code", skip.path)))
        groups = [
            element("details", element("summary", f"{reason} ({len(rows):,})"), _listed(rows, len(rows)))
            for reason, rows in sorted(of_reason.items())
        ]
        heading = [element("h3", "Skipped")] * bool(groups)
        return together(facts, *heading, *groups)


def _policy(style: str, script: str) -> str:
    """The page's Content-Security-Policy: only this style and this script, and nothing leaves the page."""
    return (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; base-uri 'none';"
        " form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )


def _hash(text: str) -> str:
    from binascii import b2a_base64
    from hashlib import sha256

    return f"'sha256-{b2a_base64(sha256(text.encode()).digest(), newline=False).decode()}'"


def _section(name: str, title: str, body: Html) -> Html:
    return element("section", lines(Html(""), element("h2", title), body, Html("")), id=name)


def _skip(skip: Skip) -> Html:
    return element("li", element("code", skip.path), f": {skip.reason}")


def _notice(notice: Notice) -> Html:
    return element("li", element("code", f"{notice.path}:{notice.line}"), f": {notice.message}")


def _listed(rows: Iterable[Html], total: int) -> Html:
    return together(element("ul", *islice(rows, _MOST_LISTED), class_="rows"), *_more(total))


def _more(total: int) -> list[Html]:
    return [element("p", f"… and {total - _MOST_LISTED:,} more.")] * (total > _MOST_LISTED)


def _longest(tallies: list[Tally]) -> list[Tally]:
    return sorted(tallies, key=lambda tally: -tally[1].total())


def _folder_bars(tallies: list[Tally]) -> Iterator[Bar]:
    most, rest = _longest(tallies)[:_MOST_BARS], _longest(tallies)[_MOST_BARS:]
    for folder, counts in most:
        yield Bar(element("a", element("code", folder), href="#findings", data_folder=folder), counts)
    if rest:
        yield Bar(Html(f"{len(rest):,} other folders"), sum((counts for _, counts in rest), Counter()))
