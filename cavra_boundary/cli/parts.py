"""Builds the parts of a scan from settings: which rules to run, and what policy to apply."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from cavra_boundary.errors import UsageError
from cavra_boundary.evidence.fixtures import Scope
from cavra_boundary.policy import settings
from cavra_boundary.report.escape import printable
from cavra_boundary.rules.load import load_packs
from cavra_boundary.scan.scanner import Plan
from cavra_boundary.triage import Policy, baseline

if TYPE_CHECKING:
    from pathlib import Path

    from cavra_boundary.cache import Cache
    from cavra_boundary.policy.settings import Settings
    from cavra_boundary.rules.model import RuleSet


def load_rules(chosen: Settings, cache: Cache) -> RuleSet:
    """The rules that the settings ask for. PackError, ConfigError or UsageError when they cannot be loaded."""
    rules = load_packs(chosen.packs, chosen.enterprise, cache)
    settings.check_names(chosen, {rule.id for rule in rules.rules}, rules.clauses)
    return rules


def make_plan(chosen: Settings, rules: RuleSet, cache: Cache, root: Path) -> Plan:
    """The plan for a scan with these settings. UsageError when they leave no rule to run.

    root: of the working tree, where evidence may name files.
    """
    if chosen.verbose and cache.refused:
        click.echo(f"cavra-boundary: no cache is used: {printable(cache.refused)}", err=True)
    run = tuple(rule for rule in rules.rules if rule.id not in rules.off.union(chosen.skip_rules))
    selected = frozenset(
        rule.id
        for rule in run
        if (not chosen.only_rules or rule.id in chosen.only_rules)
        and (not chosen.only_clauses or rule.clause in chosen.only_clauses)
    )
    if not selected:
        raise UsageError("no rule is left to run", where="--only-rule, --only-clause, --skip-rule", hint="widen them")
    policy = Policy(
        rules={rule.id: rule for rule in rules.rules},
        selected=selected,
        severity=chosen.severity,
        allows=chosen.allows,
        config=str(chosen.source or ""),
        today=chosen.as_of or datetime.now(UTC).date(),
        baseline=baseline.read(chosen.baseline) if chosen.baseline else {},
        baseline_file=str(chosen.baseline or ""),
        show_secrets=chosen.show_secrets,
    )
    return Plan(
        rules=run,
        digest=rules.digest,
        policy=policy,
        cache=cache,
        prefilter=not chosen.no_prefilter,
        remember=not chosen.no_cache,
        evidence=Scope(chosen.evidence, **chosen.vocabulary, root=str(root)),
    )
