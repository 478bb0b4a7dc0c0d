"""What every report format has in common: the shape of `render`, and what it may know besides the report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from cavra_boundary.model import Clause, Finding, Report, Severity, Status

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from cavra_boundary.errors import ExitCode

TOOL_NAME = "cavra-boundary"


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderContext:
    """Everything a renderer may know besides the report; the CLI decides it all, no renderer looks around.

    version: the tool's version.
    clauses: the clauses in force, by id; a report may name others.
    exit_code: what the run will exit with, never `ExitCode.USAGE`; the verdict is worded from it.
    fail_on: the least severity that stops a commit.
    root: the folder that the report's paths are relative to, absolute.
    cwd: the folder that the reader stands in, absolute; paths for people are relative to it.
    width: columns to lay out text in.
    verbosity: -1 quiet, 0 usual, 1 verbose.
    color, hyperlinks: whether ANSI colours and OSC 8 links may be used.
    """

    version: str
    clauses: Mapping[str, Clause]
    exit_code: ExitCode
    fail_on: Severity
    root: Path
    cwd: Path
    width: int = 80
    verbosity: int = 0
    color: bool = False
    hyperlinks: bool = False


class Render(Protocol):
    """Turns a report into the text of one format: no I/O, and the same text for the same arguments.

    Findings are shown in the report's own order; who makes a report sorts them by `Finding.order`.
    """

    def __call__(self, report: Report, context: RenderContext, /) -> str: ...


def reported(report: Report) -> list[Finding]:
    """Leave out the findings that policy allows."""
    return [finding for finding in report.findings if finding.status is Status.REPORTED]
