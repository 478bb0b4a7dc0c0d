"""Would this repository's own configuration stop anything? A canary for every clause, through the effective policy.

One mistake in a configuration can silently switch everything off: `exclude = ["*"]`, an allow for all paths, severities
below `fail-on`. So each clause gets made-up content that its rules are known to find, in the usual places for files,
and has to fire in at least one of them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from cavra_boundary.model import Severity, Status
from cavra_boundary.policy.pack_check import made
from cavra_boundary.policy.weakening import weaknesses
from cavra_boundary.rules.kinds import PolicyRule
from cavra_boundary.scan.scanner import Scanner
from cavra_boundary.sources.walk import Excludes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cavra_boundary.model import Blob, Rule
    from cavra_boundary.policy.effective import Policy
    from cavra_boundary.rules.model import Pack
    from cavra_boundary.scan.scanner import Plan

PLACES = ("", "src/", "docs/", "tests/", "examples/", "config/", ".github/")
"""Where files usually are; "" is the root."""

_TRIES = 4
"""Canaries per clause, each from a different rule, since one rule may be off on purpose."""


class Outcome(NamedTuple):
    """The result of a clause's canaries.

    rule: the one that fired; empty if none did. place: where. why_not: why the others did not fire, each reason once.
    """

    clause: str
    rule: str
    place: str
    why_not: tuple[str, ...]

    @property
    def fires(self) -> bool:
        return bool(self.rule)


def blind_places(exclude: Sequence[str]) -> tuple[str, ...]:
    """The usual places where nothing would be scanned."""
    excludes = Excludes(exclude)
    return tuple(place for place in PLACES if excludes.match(f"{place}canary.txt"))


def selftest(packs: Sequence[Pack], policy: Policy, plan: Plan, seed: str) -> Iterator[Outcome]:
    """The outcome for each clause. packs: those that the plan's rules come from, with their examples."""
    canaries = _Canaries(packs, policy, plan, seed)
    for clause in policy.rules.clauses:
        if any(rule.clause == clause for pack in packs for rule in pack.rules):
            yield canaries.of_clause(clause)


class _Canaries:
    def __init__(self, packs: Sequence[Pack], policy: Policy, plan: Plan, seed: str) -> None:
        self._packs = packs
        self._policy = policy
        self._seed = seed
        self._scanner = Scanner(plan)
        self._excludes = Excludes(policy.settings.exclude)

    def of_clause(self, clause: str) -> Outcome:
        """The first canary that fires, or why none does."""
        reasons: dict[str, None] = {}
        of_clause = [(pack, rule) for pack in self._packs for rule in pack.rules if rule.clause == clause]
        # The rules that are most severe by their packs are the ones that have to fire.
        of_clause.sort(key=lambda each: -each[1].severity)
        for pack, rule in of_clause[:_TRIES]:
            for place in PLACES if not isinstance(rule, PolicyRule) else PLACES[:1]:
                why_not = self._why_not(pack, rule, place)
                if not why_not:
                    return Outcome(clause, rule.id, place, ())
                reasons[why_not] = None
        return Outcome(clause, "", "", tuple(reasons))

    def _why_not(self, pack: Pack, rule: Rule, place: str) -> str:
        """Why a rule's canary stops nothing at a place; empty if it does."""
        severity = self._policy.severity_of(rule.id)
        if severity is None:
            return f"{rule.id} is turned off"
        if isinstance(rule, PolicyRule):
            return "" if self._is_reported() else f"{rule.id} is not reported"
        if severity < self._policy.settings.fail_on:
            return f"{rule.id} has severity {severity.label}, below fail-on {self._policy.settings.fail_on.label}"
        example = next(each for each in pack.examples[rule.id] if each.severity is not Severity.NOTE)
        blob = made(example, f"{self._seed} {rule.id} {place}")
        blob = blob._replace(path=place + blob.path)
        if self._excludes.match(blob.path):
            return f"{blob.path} is excluded"
        return self._outcome(blob, rule)

    def _outcome(self, blob: Blob, rule: Rule) -> str:
        part = self._scanner.blob(blob)
        found = [finding for finding in part.triaged.findings if finding.clause == rule.clause]
        if any(finding.fails(self._policy.settings.fail_on) for finding in found):
            return ""
        for finding in found:
            if finding.status is not Status.REPORTED:
                return f"{finding.rule} is {finding.status}, see {finding.decided_at}"
        return f"{rule.id} is not found at {blob.path}" if not found else f"{rule.id} is lowered at {blob.path}"

    def _is_reported(self) -> bool:
        """Whether a policy that excludes more is reported as weaker."""
        settings = self._policy.settings
        weaker = replace(self._policy, settings=settings._replace(exclude=(*settings.exclude, "canary/")))
        return any(weaknesses(self._policy, weaker))
