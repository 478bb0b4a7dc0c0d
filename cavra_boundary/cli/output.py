"""Writes one report in every requested format, each to its destination."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from cavra_boundary import __version__
from cavra_boundary.cli.streams import print_commands
from cavra_boundary.cli.terminal import color_wanted, links_wanted, width
from cavra_boundary.report import blocks, renderer
from cavra_boundary.report.base import RenderContext, RuleText
from cavra_boundary.scan import pipeline

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from cavra_boundary.model import Finding, Report
    from cavra_boundary.policy.option_kinds import Output
    from cavra_boundary.policy.settings import Settings
    from cavra_boundary.rules.model import RuleSet


def context_of(report: Report, chosen: Settings, rules: RuleSet, root: Path) -> RenderContext:
    """What renderers need besides the report of a scan of `root` that has just ended."""
    named = {finding.rule for finding in report.findings}
    return RenderContext(
        version=__version__,
        clauses=rules.clauses,
        rules={
            rule.id: RuleText(
                rule.id,
                rule.clause,
                rule.severity_under(chosen.severity),
                rule.title,
                rule.why,
                rule.remedy,
            )
            for rule in rules.rules
            if rule.id in named
        },
        exit_code=pipeline.exit_code(report, chosen.fail_on),
        fail_on=chosen.fail_on,
        finished=datetime.now(UTC).replace(microsecond=0),
        root=root,
        cwd=Path.cwd(),
        width=width(sys.stdout),
        verbosity=chosen.verbose - chosen.quiet,
        color=color_wanted(chosen.color, sys.stdout),
        hyperlinks=links_wanted(sys.stdout),
    )


def streaming(outputs: Iterable[Output]) -> Callable[[list[Finding]], None] | None:
    """Writes findings while the scan is still running; None unless JSON Lines go to standard output."""
    if not any(output == ("jsonl", None) for output in outputs):
        return None
    from cavra_boundary.report import jsonl

    def emit(found: list[Finding]) -> None:
        if found:
            sys.stdout.write(jsonl.findings(sorted(found, key=lambda finding: finding.order)))
            sys.stdout.flush()

    return emit


def write(report: Report, context: RenderContext, outputs: Iterable[Output], *, streamed: bool = False) -> None:
    """Write the report to its files, then to standard output. UsageError for a file that cannot be written.

    Files are plain, whatever the terminal can show. streamed: the findings are already on standard output.
    """
    for output in sorted(outputs, key=lambda output: output.file is None):
        if output.file:
            from cavra_boundary.report.write import write_atomically

            plain = context._replace(color=False, hyperlinks=False)
            write_atomically(output.file, (block.encode() for block in blocks(output.format, report, plain)))
            continue
        if streamed:
            from cavra_boundary.report import jsonl

            sys.stdout.write(jsonl.ending(report, context))
        elif output.format == "github":
            print_commands(renderer("github")(report, context))
        else:
            sys.stdout.writelines(blocks(output.format, report, context))
        sys.stdout.flush()
