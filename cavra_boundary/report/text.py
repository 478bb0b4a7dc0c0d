"""The text report, for people: what crosses the boundary, where, why, and what to do instead.

A full finding:

    error: npm access token [registry-tokens.npm-access-token]
      --> deploy/.npmrc:1:34
       |
     1 | //registry.npmjs.org/:_authToken=npm_********
       |                                  ^^^^^^^^^^^^
       = crosses: tokens of package registries (registry-token)
       = instead: revoke it on npmjs.com, then read it from the environment

Color only repeats what the words say. Widths are in terminal columns.
"""

from __future__ import annotations

import os
from bisect import bisect_left, bisect_right
from collections import Counter
from itertools import accumulate, groupby
from pathlib import Path
from typing import TYPE_CHECKING

from cavra_boundary.errors import ExitCode
from cavra_boundary.model import Finding, Notice, Receipt, Report, Severity, Skip, Status
from cavra_boundary.report import words
from cavra_boundary.report.base import TOOL_NAME, RenderContext, reported, unscanned
from cavra_boundary.report.escape import commands_broken, printable, printable_line
from cavra_boundary.report.words import SEVERITIES

if TYPE_CHECKING:
    from collections.abc import Iterator

_SHOWN_PER_RULE = 10  # findings of one rule in one file
_SHOWN_INCOMPLETE = 20
_LEAST_ROOM = 20  # minimum columns for a snippet
_TAB = 4

_BOLD, _DIM, _GREEN, _FRAME = "1", "2", "1;32", "1;34"
_SEVERITY_COLOR = {Severity.ERROR: "1;31", Severity.WARNING: "1;33", Severity.NOTE: "1;36"}
_VERDICT_COLOR = {
    ExitCode.CLEAN: _GREEN,
    ExitCode.FINDINGS: _SEVERITY_COLOR[Severity.ERROR],
    ExitCode.INCOMPLETE: _SEVERITY_COLOR[Severity.WARNING],
}


def render(report: Report, context: RenderContext) -> str:
    lines = _quiet(report, context) if context.verbosity < 0 else _full(report, context)
    return commands_broken("".join(f"{line}\n" for line in lines))


def _quiet(report: Report, context: RenderContext) -> Iterator[str]:
    if context.exit_code is ExitCode.CLEAN:
        return
    page = _Page(context)
    findings = reported(report)
    for finding in findings:
        yield page.one_line(finding)
    for skip in unscanned(report.receipt):
        yield f"{page.skip(skip)} [not scanned]"
    yield from page.verdict(report)


def _full(report: Report, context: RenderContext) -> Iterator[str]:
    page = _Page(context)
    shown = reported(report)
    sections = (
        *page.files(shown, report.receipt.sources),
        page.allowed([finding for finding in report.findings if finding.status is not Status.REPORTED]),
        page.notices(report.notices),
        page.summary(shown),
        page.skips(unscanned(report.receipt)),
        [*page.receipt(report.receipt), *page.verdict(report), *page.advice(shown)],
    )
    blank: list[str] = []
    for section in sections:
        if lines := list(section):
            yield from blank
            yield from lines
            blank = [""]


class _Page:
    """The parts of the report, each as lines laid out and colored for one reader."""

    def __init__(self, context: RenderContext) -> None:
        self._context = context
        self._verbose = context.verbosity > 0
        try:
            self._folder = Path(os.path.relpath(context.root, context.cwd))
        except ValueError:  # on another drive of a Windows machine
            self._folder = context.root

    def files(self, findings: list[Finding], sources: tuple[str, ...]) -> Iterator[list[str]]:
        """Lay out findings file by file, with one section per run of findings that say the same."""
        gutter = max((len(str(finding.position.line)) for finding in findings), default=1) + 1
        for path, in_file in groupby(findings, key=lambda finding: finding.path):
            met: Counter[str] = Counter()
            shown = []
            for finding in in_file:
                met[finding.rule] += 1
                if self._verbose or met[finding.rule] <= _SHOWN_PER_RULE:
                    shown.append(finding)
            explained: set[str] = set()
            for _, alike in groupby(shown, key=_says):
                run = list(alike)
                yield self._run(run, gutter, sources, explain=self._verbose or run[0].rule not in explained)
                explained.add(run[0].rule)
            for rule, count in met.items():
                if count > _SHOWN_PER_RULE and not self._verbose:
                    more = f"… and {count - _SHOWN_PER_RULE:,} more of {printable(rule)} in {self._path(path)}"
                    yield list(self._paragraph(f"{more} (--verbose shows all)", _DIM))

    def _run(self, findings: list[Finding], gutter: int, sources: tuple[str, ...], *, explain: bool) -> list[str]:
        first = findings[0]
        bar = " " * gutter + self._ink(" |", _FRAME)
        lines = list(self._headline(first))
        for finding in findings:
            place = self._place(finding) + self._circumstances(finding, sources)
            lines.append(" " * gutter + f"{self._ink('-->', _FRAME)} {place}")
            if finding.snippet:
                code, underline = _excerpt(finding, max(self._context.width - gutter - 3, _LEAST_ROOM))
                marks = underline.lstrip(" ")
                indent = underline.removesuffix(marks)
                lines += [
                    bar,
                    f"{self._ink(f'{finding.position.line:>{gutter}} |', _FRAME)} {code}",
                    f"{bar} {indent}{self._ink(marks, _SEVERITY_COLOR[finding.severity])}",
                ]
        lines += self._remark(gutter, "because", first.reason)
        if explain:
            lines += self._remark(gutter, "crosses", self._clause(first.clause))
            lines += self._remark(gutter, "instead", first.remedy)
        return lines

    def _headline(self, finding: Finding) -> Iterator[str]:
        label = f"{finding.severity.label}: "
        rule = f"[{printable(finding.rule)}]"
        *firsts, last = _wrap(printable(finding.message), self._context.width - len(label))
        lines = [self._ink(line, _BOLD) for line in (*firsts, last)]
        if len(label) + _width(last) + 1 + _width(rule) <= self._context.width:
            lines[-1] += f" {self._ink(rule, _DIM)}"
        else:
            lines.append(self._ink(rule, _DIM))
        yield self._ink(label.rstrip(), _SEVERITY_COLOR[finding.severity]) + " " + lines[0]
        yield from (" " * len(label) + line for line in lines[1:])

    def _circumstances(self, finding: Finding, sources: tuple[str, ...]) -> str:
        position = finding.position
        parts = [] if sources == (finding.origin,) else [finding.origin]
        if finding.via:
            parts.append("in " + " in ".join(reversed(finding.via)))
        if position.end_line > position.line:
            parts.append(f"to line {position.end_line}")
        if finding.introduced:
            parts.append(words.introduced(finding))
        if self._verbose:
            parts.append(f"fingerprint {finding.fingerprint}")
        return self._ink(f" ({printable(', '.join(parts))})", _DIM) if parts else ""

    def _clause(self, clause_id: str) -> str:
        clause = self._context.clause(clause_id)
        title = f"{clause.title} ({clause.id})" if clause.title else clause.id
        return f"{title}, written in {clause.written_in}" if self._verbose and clause.written_in else title

    def _remark(self, gutter: int, label: str, text: str) -> Iterator[str]:
        if not text:
            return
        first, *rest = _wrap(printable(text), self._context.width - gutter - len(f" = {label}: "))
        yield " " * gutter + f" {self._ink('=', _FRAME)} {self._ink(f'{label}:', _BOLD)} {first}"
        yield from (" " * (gutter + len(f" = {label}: ")) + line for line in rest)

    def one_line(self, finding: Finding) -> str:
        """`path:line:column: severity: message [rule]`, like a compiler; an allowed finding shows its status."""
        if finding.status is Status.REPORTED:
            label = self._ink(f"{finding.severity.label}:", _SEVERITY_COLOR[finding.severity])
        else:
            label = self._ink(f"{finding.status}:", _DIM)
        rule = self._ink(f"[{printable(finding.rule)}]", _DIM)
        return f"{self._place(finding)}: {label} {printable(finding.message)} {rule}"

    def allowed(self, findings: list[Finding]) -> Iterator[str]:
        if not findings:
            return
        if self._verbose:
            for finding in findings:
                yield self.one_line(finding)
                yield from (f"    {line}" for line in _wrap(printable(finding.reason), self._context.width - 4))
            return
        counts = Counter(finding.status.value for finding in findings)
        parts = ", ".join(f"{count:,} {status}" for status, count in sorted(counts.items()))
        yield from self._paragraph(f"Allowed: {parts} (--verbose lists them)", _DIM)

    def notices(self, notices: tuple[Notice, ...]) -> Iterator[str]:
        for notice in notices:
            label = self._ink("notice:", _SEVERITY_COLOR[Severity.NOTE])
            place = self._link(notice.path, f"{self._path(notice.path)}:{notice.line}")
            yield f"{place}: {label} {printable(notice.message)}"

    def summary(self, findings: list[Finding]) -> Iterator[str]:
        """A table of clauses and severities, worst clause first; none for a single finding."""
        if len(findings) < 2:
            return
        counts: dict[str, Counter[Severity]] = {}
        for finding in findings:
            counts.setdefault(finding.clause, Counter())[finding.severity] += 1
        columns = [f"  {severity.label}s" for severity in SEVERITIES]
        room = max(self._context.width - sum(map(len, columns)), 8)
        names = {clause: _elide(printable(clause), room) for clause in counts}
        first = max(len("clause"), *map(_width, names.values()))
        yield self._ink("clause".ljust(first) + "".join(columns), _DIM)
        for clause in sorted(counts, key=lambda clause: ([-counts[clause][each] for each in SEVERITIES], clause)):
            row = names[clause] + " " * (first - _width(names[clause]))
            for severity, column in zip(SEVERITIES, columns, strict=True):
                count = counts[clause][severity]
                cell = f"{count or '-':>{len(column)}}"
                row += self._ink(cell, _SEVERITY_COLOR[severity] if count else _DIM)
            yield row

    def skips(self, incomplete: list[Skip]) -> Iterator[str]:
        """List what should have been scanned but was not."""
        if not incomplete:
            return
        yield self._ink("Requested but not scanned:", _SEVERITY_COLOR[Severity.ERROR])
        named = incomplete if self._verbose else incomplete[:_SHOWN_INCOMPLETE]
        for skip in named:
            yield f"  {self.skip(skip)}"
        if len(incomplete) > len(named):
            yield self._ink(f"  … and {len(incomplete) - len(named):,} more (--verbose shows all)", _DIM)

    def skip(self, skip: Skip) -> str:
        return f"{self._link(skip.path, self._path(skip.path))}: {printable(skip.reason)}"

    def receipt(self, receipt: Receipt) -> Iterator[str]:
        yield from self._paragraph(printable(words.covered(receipt)), _DIM)
        for choice in receipt.choices:
            yield from self._paragraph(printable(f"Chosen: {choice}"), _SEVERITY_COLOR[Severity.WARNING])

    def verdict(self, report: Report) -> Iterator[str]:
        for kind, sentence in words.verdict(report, self._context):
            yield from self._paragraph(sentence, _VERDICT_COLOR[kind])

    def advice(self, findings: list[Finding]) -> Iterator[str]:
        rules = {finding.rule for finding in findings if finding.severity >= self._context.fail_on}
        if rules:
            rule = printable(rules.pop()) if len(rules) == 1 else "RULE"
            why, command = "For details, or to allow a false alarm:", f"{TOOL_NAME} explain {rule}"
            # A command broken over two lines cannot be copied.
            one_line = _width(why) + 1 + _width(command) <= self._context.width
            yield from [f"{why} {command}"] if one_line else [why, f"  {command}"]

    def _paragraph(self, text: str, color: str) -> Iterator[str]:
        return (self._ink(line, color) for line in _wrap(text, self._context.width))

    def _place(self, finding: Finding) -> str:
        position = finding.position
        return self._link(finding.path, f"{self._path(finding.path)}:{position.line}:{position.column}")

    def _path(self, path: str) -> str:
        return printable(str(self._folder / path))

    def _link(self, path: str, label: str) -> str:
        # A name with escapes in it is not the file's name, so a link to it would not work.
        if not self._context.hyperlinks or printable(path) != path:
            return label
        return f"\x1b]8;;{(self._context.root / path).as_uri()}\x1b\\{label}\x1b]8;;\x1b\\"

    def _ink(self, text: str, color: str) -> str:
        return f"\x1b[{color}m{text}\x1b[0m" if self._context.color else text


def _says(finding: Finding) -> tuple[str, Severity, str, str, str]:
    """What a finding says, apart from its place."""
    return (finding.rule, finding.severity, finding.message, finding.remedy, finding.reason)


def _width(text: str) -> int:
    """Columns of printable text in a terminal: wide characters take two, combining marks none (UAX #11)."""
    if text.isascii():
        return len(text)
    from unicodedata import category, east_asian_width

    return sum(
        0 if category(each) in ("Mn", "Me") else 2 if east_asian_width(each) in ("W", "F") else 1 for each in text
    )


def _elide(text: str, room: int) -> str:
    if _width(text) <= room:
        return text
    ends = accumulate(map(_width, text))
    return text[: sum(end < room for end in ends)] + "…"


def _wrap(text: str, room: int) -> list[str]:
    """Break the text into lines of at most `room` columns; a longer word gets its own line."""
    lines: list[str] = []
    left = 0
    for word in text.split():
        width = _width(word)
        if lines and width < left:
            lines[-1] += f" {word}"
            left -= width + 1
        else:
            lines.append(word)
            left = room - width
    return lines or [""]


def _excerpt(finding: Finding, room: int) -> tuple[str, str]:
    """Cut the finding's snippet, and the line of carets under it, to `room` columns around the caret."""
    line, caret = printable_line(finding.snippet, finding.caret)
    cells: list[str] = []
    columns = [0]  # columns[i] is where character i starts
    for char in line:
        cell = " " * (_TAB - columns[-1] % _TAB) if char == "\t" else char
        cells.append(cell)
        columns.append(columns[-1] + _width(cell))

    first, last = 0, len(cells)
    before = after = ""
    if columns[last] > room:
        # Keep the caret's start in view, and as much of the rest as fits, with at most a third to its left.
        marked = columns[caret.end] - columns[caret.start]
        lead = min(room // 3, max(room - 2 - marked, 0))
        if columns[caret.end] >= room:
            start = min(columns[caret.start] - lead, columns[last] - room + 1)
            # The last character at that column: those before it are combining marks of what is cut off.
            first = bisect_right(columns, columns[bisect_left(columns, start)]) - 1
            before = "…" if first else ""
        end = columns[first] + room - len(before)
        if columns[last] > end:
            last, after = bisect_right(columns, end - 1) - 1, "…"

    code = before + "".join(cells[first:last]) + after
    indent = len(before) + columns[caret.start] - columns[first]
    marked = columns[min(caret.end, last)] - columns[caret.start]
    return code.rstrip(), " " * indent + "^" * max(marked, 1)
