"""What all report formats share: the signature of `render`, and its context besides the report."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple, Protocol

from cavra_boundary.model import Clause, Finding, Receipt, Report, Severity, Skip, Status
from cavra_boundary.report.escape import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    from cavra_boundary.errors import ExitCode

TOOL_NAME = "cavra-boundary"


class RuleText(NamedTuple):
    """What a report says about a rule; `severity` is the one that policy gives it."""

    id: str
    clause: str
    severity: Severity
    title: str
    why: str
    remedy: str


class RenderContext(NamedTuple):
    """Everything a renderer may use besides the report; the CLI sets it, and renderers read nothing else.

    version: the tool's version.
    clauses: the clauses in force, by id; a report may name others.
    rules: the rules that the findings name, by id; some may be missing.
    exit_code: the run's exit code, never `ExitCode.USAGE`; it decides the verdict.
    fail_on: the lowest severity that fails a run.
    finished: when the scan ended, in UTC and whole seconds.
    root: the folder that the report's paths are relative to, absolute.
    cwd: the reader's current folder, absolute; paths for people are relative to it.
    width: columns for text.
    verbosity: -1 quiet, 0 normal, 1 verbose.
    color, hyperlinks: whether ANSI colors and OSC 8 links may be used.
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
        """The text of a finding's rule, made from the finding if the rule is unknown."""
        known = self.rules.get(finding.rule)
        return known or RuleText(
            finding.rule, finding.clause, finding.severity, finding.rule, finding.message, finding.remedy
        )

    def clause(self, name: str) -> Clause:
        """The clause with this id; an empty one if it is unknown."""
        return self.clauses.get(name, Clause(name, "", "", "", ""))


class Render(Protocol):
    """Turns a report into text in one format: no I/O, and the same text for the same arguments.

    Findings are shown in the report's own order, by `Finding.order`, or most severe first. Every format shows what was
    requested but not scanned.
    """

    def __call__(self, report: Report, context: RenderContext, /) -> str: ...


def reported(report: Report) -> list[Finding]:
    """The findings that policy does not allow."""
    return [finding for finding in report.findings if finding.status is Status.REPORTED]


def most_severe_first(finding: Finding) -> tuple[bool, int]:
    """A sort key: reported findings before allowed ones, then by severity."""
    return finding.status is not Status.REPORTED, -finding.severity


def unscanned(receipt: Receipt) -> list[Skip]:
    """What was requested but could not be scanned."""
    return [skip for skip in receipt.skipped if skip.incomplete]


def numbered(findings: Iterable[Finding]) -> Iterator[tuple[Finding, int]]:
    """Each finding, and its number, from 1, among those with the same fingerprint in its file.

    Path, fingerprint and number identify a finding even after its line has moved.
    """
    met: Counter[tuple[str, str]] = Counter()
    for finding in findings:
        met[finding.path, finding.fingerprint] += 1
        yield finding, met[finding.path, finding.fingerprint]


def stable_digest(finding: Finding, number: int) -> str:
    """64 hex digits that identify a finding, given its number (see `numbered`), for platforms that need them."""
    from hashlib import sha256

    parts = (finding.rule, finding.path, finding.fingerprint, str(number))
    return sha256("\0".join(map(printable, parts)).encode()).hexdigest()
