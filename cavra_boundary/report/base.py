"""What every report format has in common: the shape of `render`, and what it may know besides the report."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple, Protocol

from cavra_boundary.model import Clause, Finding, Receipt, Report, Severity, Skip, Status
from cavra_boundary.report.escape import commands_broken, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    from cavra_boundary.errors import ExitCode

TOOL_NAME = "cavra-boundary"


class RuleText(NamedTuple):
    """What a report says of a rule; `severity` is what policy makes it weigh."""

    id: str
    clause: str
    severity: Severity
    title: str
    why: str
    remedy: str


class RenderContext(NamedTuple):
    """Everything a renderer may know besides the report; the CLI decides it all, no renderer looks around.

    version: the tool's version.
    clauses: the clauses in force, by id; a report may name others.
    rules: those that the findings name, by id; one may be missing.
    exit_code: what the run will exit with, never `ExitCode.USAGE`; the verdict is worded from it.
    fail_on: the least severity that stops a commit.
    finished: when the scan ended, in UTC and whole seconds.
    root: the folder that the report's paths are relative to, absolute.
    cwd: the folder that the reader stands in, absolute; paths for people are relative to it.
    width: columns to lay out text in.
    verbosity: -1 quiet, 0 usual, 1 verbose.
    color, hyperlinks: whether ANSI colours and OSC 8 links may be used.
    """

    version: str
    clauses: Mapping[str, Clause]
    rules: Mapping[str, RuleText]
    exit_code: ExitCode
    fail_on: Severity
    finished: datetime
    root: Path
    cwd: Path
    width: int = 80
    verbosity: int = 0
    color: bool = False
    hyperlinks: bool = False

    def rule(self, finding: Finding) -> RuleText:
        """What there is to say of a finding's rule."""
        known = self.rules.get(finding.rule)
        return known or RuleText(
            finding.rule, finding.clause, finding.severity, finding.rule, finding.message, finding.remedy
        )

    def clause(self, name: str) -> Clause:
        """The clause of this name, with nothing to say if it is not known."""
        return self.clauses.get(name, Clause(name, "", "", "", ""))


class Render(Protocol):
    """Turns a report into the text of one format: no I/O, and the same text for the same arguments.

    Findings are shown in the report's own order, or the gravest first; who makes a report sorts them by
    `Finding.order`. Whatever was asked for and not scanned shows in every format.
    """

    def __call__(self, report: Report, context: RenderContext, /) -> str: ...


def reported(report: Report) -> list[Finding]:
    """Leave out the findings that policy allows."""
    return [finding for finding in report.findings if finding.status is Status.REPORTED]


def gravity(finding: Finding) -> tuple[bool, int]:
    """Sorts the gravest findings first: reported before allowed ones, then by severity."""
    return finding.status is not Status.REPORTED, -finding.severity


def unscanned(receipt: Receipt) -> list[Skip]:
    """What was asked for and could not be scanned."""
    return [skip for skip in receipt.skipped if skip.incomplete]


def numbered(findings: Iterable[Finding]) -> Iterator[tuple[Finding, int]]:
    """Each finding, and the how-manieth it is, from 1, of its fingerprint in its file.

    Path, fingerprint and number name one finding, and still do when its line has moved.
    """
    met: Counter[tuple[str, str]] = Counter()
    for finding in findings:
        met[finding.path, finding.fingerprint] += 1
        yield finding, met[finding.path, finding.fingerprint]


def stable_digest(finding: Finding, number: int) -> str:
    """64 hexadecimal digits that name a finding, given its number (see `numbered`), for platforms that want such."""
    from hashlib import sha256

    parts = (finding.rule, finding.path, finding.fingerprint, str(number))
    return sha256("\0".join(map(printable, parts)).encode()).hexdigest()


def json_text(value: object, indent: int | None = 2) -> str:
    r"""JSON in ASCII, its strings with JSON's own escapes, also where a CI system would read a command in them."""
    import json

    return commands_broken(json.dumps(value, indent=indent), r"\u0023")
