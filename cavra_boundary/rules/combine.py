"""Packs as one set of rules, in which later packs may override rules of earlier ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cavra_boundary.errors import PackError, nearest
from cavra_boundary.globs import translate
from cavra_boundary.model import Clause, Rule, Severity
from cavra_boundary.rules.model import Override, Pack, RuleSet

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


def combine(packs: Sequence[Pack], digest: str) -> RuleSet:
    """Packs as one set of rules. PackError for two with the same name and for a rule with an unknown clause."""
    clauses: dict[str, Clause] = {}
    sources: dict[str, Path] = {}
    for pack in packs:
        if (other := sources.setdefault(pack.name, pack.source)) != pack.source:
            raise PackError(f"a pack named {pack.name!r} is also at {other}", where=str(pack.source), hint="rename one")
        for clause in pack.clauses:
            if clause.id in clauses:
                hint = "rename or remove one"
                raise PackError(f"clause {clause.id!r} is defined twice", where=pack.where(clause.id), hint=hint)
            clauses[clause.id] = clause
    for pack in packs:
        for rule in pack.rules:
            if rule.clause not in clauses:
                hint = nearest(rule.clause, clauses)
                raise PackError(f"unknown clause {rule.clause!r}", where=pack.where(rule.id), hint=hint)
    rules: dict[str, Rule] = {}
    for pack in packs:
        for override in pack.overrides:
            rules[override.rule] = _overridden(rules, override)
        for rule in pack.rules:
            rules[rule.id] = rule if rule.remedy else rule.replaced(remedy=clauses[rule.clause].instead)
    overrides = tuple(override for pack in packs for override in pack.overrides)
    return RuleSet(clauses, tuple(rules[id_] for id_ in sorted(rules)), digest, overrides)


def _overridden(rules: Mapping[str, Rule], override: Override) -> Rule:
    """The rule with the override applied; the rule must be in an earlier pack."""
    if override.rule not in rules:
        hint = nearest(override.rule, rules)
        raise PackError(f"no pack before this one has a rule {override.rule!r}", where=override.where, hint=hint)
    rule = rules[override.rule]
    if override.severity:
        rule = rule.replaced(severity=Severity.of(override.severity))
    if override.paths:
        rule = rule.replaced(paths=translate(override.paths))
    if override.skip_paths:
        rule = rule.replaced(skip_paths=translate((*rule.skip_paths.patterns, *override.skip_paths)))
    return rule
