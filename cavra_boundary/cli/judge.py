"""What hooks and CI share: scanning sources that they have chosen themselves, by the usual options."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

from cavra_boundary import scan
from cavra_boundary.ci import together
from cavra_boundary.cli import in_git
from cavra_boundary.cli.output import context_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from cavra_boundary.cli.governing import Governing
    from cavra_boundary.model import Report
    from cavra_boundary.report.base import RenderContext
    from cavra_boundary.sources.base import Source

OPTIONS = (
    "config",
    "packs",
    "only_rules",
    "skip_rules",
    "only_clauses",
    "exclude",
    "allow_shallow",
    "formats",
    "fail_on",
    "baseline",
    "policy_from",
    "jobs",
    "max_file_size",
    "no_cache",
    "quiet",
    "verbose",
)
"""The options of `scan` that do not say what to scan."""


def judge(sources: Sequence[Source], governs: Governing, root: Path) -> tuple[Report, RenderContext]:
    """One report of these sources, the tree first if there is one, and what renderers may know of it."""
    chosen = governs.settings
    choices = in_git.choices(chosen)
    reports = [scan.scan(each, governs.plan, jobs=chosen.jobs, everything=False, choices=choices) for each in sources]
    report = governs.completed(reduce(together, reports))
    return report, context_of(report, chosen, governs.rules, root)
