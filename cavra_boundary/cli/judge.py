"""Runs scans: from sources, settings and a plan to a report."""

from __future__ import annotations

import os
import sys
from functools import reduce
from typing import TYPE_CHECKING

from cavra_boundary.cli.output import context_of
from cavra_boundary.cli.parts import make_plan
from cavra_boundary.cli.places import ALL
from cavra_boundary.cli.sources import make_source
from cavra_boundary.cli.terminal import width
from cavra_boundary.policy.config import NAME
from cavra_boundary.report.progress import Progress, is_welcome
from cavra_boundary.scan.pipeline import Expected, scan, together
from cavra_boundary.scan.scanner import Scanner

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from cavra_boundary.cache import Cache
    from cavra_boundary.cli.governing import Governing
    from cavra_boundary.model import Finding, Report
    from cavra_boundary.policy.settings import Settings
    from cavra_boundary.report.base import RenderContext
    from cavra_boundary.rules.model import RuleSet
    from cavra_boundary.scan.scanner import Plan
    from cavra_boundary.sources.base import Source

    Emit = Callable[[list[Finding]], None]

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
"""The options of `scan` that hooks and CI also have; what to scan, they choose themselves."""


def judge(
    sources: Sequence[Source], governs: Governing, root: Path, *, everything: bool = False, emit: Emit | None = None
) -> tuple[Report, RenderContext]:
    """One report of these sources, the tree first if there is one, and the context for renderers.

    everything, emit: see `pipeline.scan`.
    """
    chosen = governs.settings
    choices = (*_choices(chosen), *governs.choices)
    reports = [_scan(each, chosen, governs.plan, everything=everything, emit=emit, choices=choices) for each in sources]
    report = governs.completed(reduce(together, reports), emit)
    return report, context_of(report, chosen, governs.rules, root)


def scan_all(chosen: Settings, root: Path, rules: RuleSet, cache: Cache) -> Report:
    """Scan all of a working tree for a command that does more than report its findings."""
    plan = make_plan(chosen, rules, cache, root)
    return _scan(make_source(chosen, root, (ALL,)), chosen, plan, everything=True)


def concealed(texts: Sequence[str], chosen: Settings, root: Path, rules: RuleSet, cache: Cache) -> list[str]:
    """Lines or other short texts from the policy, with everything masked that a rule finds in them."""
    return Scanner(make_plan(chosen, rules, cache, root)).concealed(texts)


def _scan(
    source: Source,
    chosen: Settings,
    plan: Plan,
    *,
    everything: bool,
    emit: Emit | None = None,
    choices: tuple[str, ...] = (),
) -> Report:
    welcome = is_welcome(sys.stderr, os.environ) and not chosen.quiet and not (emit and sys.stdout.isatty())
    with Progress(sys.stderr, enabled=welcome, width=width(sys.stderr)) as progress:
        return scan(
            source,
            plan,
            jobs=chosen.jobs,
            everything=everything,
            progress=progress,
            emit=emit,
            expected=Expected(chosen.expect_files, chosen.expect_commits or 0),
            choices=choices,
            unread=NAME,
        )


def _choices(chosen: Settings) -> tuple[str, ...]:
    """The settings that make the scan cover less."""
    return ("--allow-shallow: commits that a shallow clone lacks are not scanned",) if chosen.allow_shallow else ()
