"""The HTML report: one file that a release manager can open, read, print and file, without a network.

All of it is plain HTML that can be read without a script; the script in it only filters and sorts what is there. The
page's own policy (CSP) lets nothing run or load but this style and this script, each named by its hash.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from cavra_boundary.errors import ExitCode
from cavra_boundary.model import Clause, Finding, Notice, Report, Skip, Status
from cavra_boundary.report import words
from cavra_boundary.report.base import TOOL_NAME, RenderContext, gravity, numbered, stable_digest, unscanned
from cavra_boundary.report.escape import commands_broken, printable_line
from cavra_boundary.report.html_charts import Bar, bars, columns, history
from cavra_boundary.report.html_tags import Html, element, lines, together
from cavra_boundary.report.words import SEVERITIES, count

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from cavra_boundary.model import Severity

_ASSETS = Path(__file__).with_name("html_assets")

_MOST_FINDINGS = 5000  # shown in full; a browser takes a second for so many
_MOST_LISTED = 1000  # rows of any other list
_MOST_BARS = 12
_MOST_SNIPPET = 400  # characters of a line
_LEAD = 120  # of them before what is marked

_KEYS = (element("kbd", "/"), " search, ", element("kbd", "j"), " and ", element("kbd", "k"), " next and previous")

_VERDICTS = {ExitCode.CLEAN: "clean", ExitCode.FINDINGS: "crossed", ExitCode.INCOMPLETE: "incomplete"}


def render(report: Report, context: RenderContext) -> str:
    return commands_broken(_Page(report, context).html(), "&#35;", "&#58;")


Tally = tuple[str, "Counter[Severity]"]
"""A kind of finding, and how many there are of each severity."""


class _Entry(NamedTuple):
    """A finding, and the name by which the page links to it. The name outlives moved lines."""

    finding: Finding
    anchor: str


class _Page:
    """The sections of the page, each empty where there is nothing to say."""

    def __init__(self, report: Report, context: RenderContext) -> None:
        entries = [_Entry(each, f"f-{stable_digest(each, number)[:16]}") for each, number in numbered(report.findings)]
        self._report = report
        self._context = context
        self._reported = [entry for entry in entries if entry.finding.status is Status.REPORTED]
        self._allowed = [entry for entry in entries if entry.finding.status is not Status.REPORTED]
        self._shown = sorted(self._reported, key=lambda entry: gravity(entry.finding))[:_MOST_FINDINGS]

    def html(self) -> Html:
        style, script = ((_ASSETS / name).read_text(encoding="utf-8") for name in ("page.css", "page.js"))
        sections = [
            ("missing", "Not scanned", self._missing()),
            ("overview", "Overview", self._overview()),
            ("findings", "Findings", self._findings()),
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
        said = "This was asked for and could not be scanned. Whatever it holds is not in this report."
        return together(element("p", said), _listed(map(_skip, missing), len(missing)))

    def _overview(self) -> Html:
        if not self._reported:
            return Html("")
        findings = [entry.finding for entry in self._reported]
        clauses, folders = _tally(findings, _clause_of), _tally(findings, _folder_of)
        charts = [bars("By clause", map(self._clause_bar, _longest(clauses))), bars("By folder", _folder_bars(folders))]
        if over_time := history(each.introduced for each in findings if each.introduced):
            charts.append(columns("When the findings began", over_time))
        legend = (element("li", f"{severity.label.capitalize()}s", class_=severity.label) for severity in SEVERITIES)
        return together(element("ul", *legend, class_="legend"), element("div", *charts, class_="charts"))

    def _clause_bar(self, tally: Tally) -> Bar:
        name, counts = tally
        return Bar(element("a", self._clause(name).title or name, href=f"#{_anchor('clause', name)}"), counts)

    def _findings(self) -> Html:
        if not self._reported:
            what = "all that was scanned" if self._report.receipt.complete else "what could be scanned"
            return element("p", f"Nothing that the boundary forbids was found in {what}.")
        groups = [self._group(name, entries) for name, entries in self._by_clause(self._shown)]
        hidden = len(self._reported) - len(self._shown)
        cut = [element("p", f"… and {count(hidden, 'finding')} that weigh no more; the JSON report has them all.")]
        empty = element("p", "No finding matches the filter.", id="none", hidden=True)
        return element(
            "div", self._filter(), element("div", *groups, empty, *cut * (hidden > 0), id="list"), class_="sides"
        )

    def _by_clause(self, entries: Sequence[_Entry]) -> Iterator[tuple[str, list[_Entry]]]:
        """Entries by clause, the gravest clause first, and in the order of every report."""
        for name, _ in _tally((entry.finding for entry in entries), _clause_of):
            of_clause = [entry for entry in entries if entry.finding.clause == name]
            yield name, sorted(of_clause, key=lambda entry: entry.finding.order)

    def _filter(self) -> Html:
        findings = [entry.finding for entry in self._shown]
        weights = Counter(finding.severity for finding in findings)
        boxes = [
            element(
                "label",
                element("input", type="checkbox", name="severity", value=severity.label, checked=True),
                f" {severity.label.capitalize()}s ",
                element("span", f"{weights[severity]:,}", class_="count"),
            )
            for severity in SEVERITIES
            if weights[severity]
        ]
        clauses = [(name, self._clause(name).title or name) for name, _ in _tally(findings, _clause_of)]
        folders = sorted({_folder_of(finding) for finding in findings})
        orders = [("clause", "Clause"), ("path", "Path"), ("severity", "Gravest first")]
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

    def _group(self, name: str, entries: Sequence[_Entry]) -> Html:
        clause = self._clause(name)
        heading = element("h3", clause.title or name, " ", element("span", f"{len(entries):,}", class_="count"))
        about = [element("p", clause.covers, class_="about")] * bool(clause.covers)
        return element(
            "section",
            lines(Html(""), heading, *about, *map(self._article, entries), Html("")),
            class_="group",
            id=_anchor("clause", name),
            data_clause=name,
        )

    def _article(self, entry: _Entry) -> Html:
        finding = entry.finding
        rule = self._context.rule(finding)
        message, why = finding.message, ""
        if rule.why and message.endswith(f": {rule.why}"):
            message, why = message.removesuffix(f": {rule.why}"), rule.why
        position = finding.position
        place = element("code", element("bdi", finding.path), f":{position.line}:{position.column}")
        facts = [
            element("a", "How to fix", href=f"#{_anchor('fix', finding.clause, finding.rule)}"),
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
            data_folder=_folder_of(finding),
            data_severity=finding.severity.label,
            data_date=finding.introduced.date if finding.introduced else "",
        )

    def _remedies(self) -> Html:
        if not self._reported:
            return Html("")
        explain = element("code", f"{TOOL_NAME} explain RULE")
        return lines(
            element(
                "p",
                "What was pushed is public for good: first replace what opens something, then take it out. Removing it"
                " from the newest version leaves it in the history, and rewriting the history calls no copy back.",
            ),
            element("p", "A false alarm? ", explain, " says how to allow it, with a reason and an end."),
            *(self._remedies_of(name, entries) for name, entries in self._by_clause(self._reported)),
        )

    def _remedies_of(self, name: str, entries: Sequence[_Entry]) -> Html:
        """What to do instead, with the rules of a clause for which it is the same, the most frequent first."""
        clause = self._clause(name)
        first = {entry.finding.rule: entry.finding for entry in reversed(entries)}
        of_remedy: dict[str, list[Html]] = {}
        for rule, times in Counter(entry.finding.rule for entry in entries).most_common():
            title = element("strong", self._context.rule(first[rule]).title)
            number = element("span", f"{times:,}", class_="count")
            term = (title, " ", number, element("br"), element("code", rule))
            of_remedy.setdefault(first[rule].remedy, []).append(element("dt", *term, id=_anchor("fix", name, rule)))
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
            parts += [element("h3", "Needs a look"), _listed(map(_notice, notices), len(notices))]
        if self._allowed:
            heads = (element("th", head, scope="col") for head in ("What", "Where", "Allowed because"))
            rows = map(self._allowance, self._allowed[:_MOST_LISTED])
            table = element("table", element("thead", element("tr", *heads)), element("tbody", *rows), class_="allowed")
            parts += [element("h3", "Let through"), element("div", table, class_="wide"), *_more(len(self._allowed))]
        return together(*parts)

    def _allowance(self, entry: _Entry) -> Html:
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
            ("Not read again", f"{receipt.reused:,}, known to bear nothing" if receipt.reused else ""),
            ("Commits not listed again", f"{receipt.settled:,}, known to bear nothing" if receipt.settled else ""),
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

    def _clause(self, name: str) -> Clause:
        return self._context.clauses.get(name, Clause(name, "", "", "", ""))


def _policy(style: str, script: str) -> str:
    """The page's Content-Security-Policy: nothing but this style and this script, and no way out of the page."""
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


def _field(label: str, name: str, control: Html) -> Html:
    return element("p", element("label", label, for_=name), control)


def _select(name: str, choices: Iterable[tuple[str, str]]) -> Html:
    return element("select", *(element("option", label, value=value) for value, label in choices), id=name)


def _snippet(finding: Finding) -> Html:
    """The line, or what of it stands around the mark."""
    line, caret = printable_line(finding.snippet, finding.caret)
    start = max(0, caret.start - _LEAD) if len(line) > _MOST_SNIPPET else 0
    end = start + _MOST_SNIPPET
    before, marked, after = line[start : caret.start], line[caret.start : min(caret.end, end)], line[caret.end : end]
    code = together(
        "…" * (start > 0), before, *[element("mark", marked)] * bool(marked), after, "…" * (end < len(line))
    )
    return element("pre", element("code", code))


def _skip(skip: Skip) -> Html:
    return element("li", element("code", skip.path), f": {skip.reason}")


def _notice(notice: Notice) -> Html:
    return element("li", element("code", f"{notice.path}:{notice.line}"), f": {notice.message}")


def _listed(rows: Iterable[Html], total: int) -> Html:
    return together(element("ul", *islice(rows, _MOST_LISTED), class_="rows"), *_more(total))


def _more(total: int) -> list[Html]:
    return [element("p", f"… and {total - _MOST_LISTED:,} more.")] * (total > _MOST_LISTED)


def _tally(findings: Iterable[Finding], kind: Callable[[Finding], str]) -> list[Tally]:
    """How many findings of each severity there are of each kind, the gravest kind first."""
    tally: dict[str, Counter[Severity]] = {}
    for finding in findings:
        tally.setdefault(kind(finding), Counter())[finding.severity] += 1
    return sorted(tally.items(), key=lambda item: ([-item[1][severity] for severity in SEVERITIES], item[0]))


def _longest(tallies: list[Tally]) -> list[Tally]:
    return sorted(tallies, key=lambda tally: -tally[1].total())


def _folder_bars(tallies: list[Tally]) -> Iterator[Bar]:
    most, rest = _longest(tallies)[:_MOST_BARS], _longest(tallies)[_MOST_BARS:]
    for folder, counts in most:
        yield Bar(element("a", element("code", folder), href="#findings", data_folder=folder), counts)
    if rest:
        yield Bar(Html(f"{len(rest):,} other folders"), sum((counts for _, counts in rest), Counter()))


def _clause_of(finding: Finding) -> str:
    return finding.clause


def _folder_of(finding: Finding) -> str:
    """The folder that a finding is counted under: at most two names deep."""
    *folders, _ = finding.path.split("/")
    return "/".join(folders[:2]) + "/" if folders else "./"


def _anchor(kind: str, *names: str) -> str:
    """A name for an element that is no stranger's text."""
    from hashlib import sha256

    name = ".".join(names)
    plain = re.fullmatch(r"[a-z0-9.-]{1,200}", name)
    return f"{kind}-{name if plain else sha256(name.encode(errors='surrogatepass')).hexdigest()[:16]}"
