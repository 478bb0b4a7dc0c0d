"""Packs, one by one and as the rules of a scan. Frozen types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from cavra_boundary.toml.tables import line_of

if TYPE_CHECKING:
    from pathlib import Path

    from cavra_boundary.model import Clause, Rule, Severity
    from cavra_boundary.toml.lines import KeyPath

Markers = Mapping[str, tuple[str, ...]]
"""The project's own names for private things: "packages" -> ("cavra_enterprise", …). Patterns name them as
`«enterprise.packages»`."""


class Example(NamedTuple):
    """A file that a rule must find, or must leave alone. severity: that of the match, if lowered."""

    path: str
    data: bytes
    severity: Severity | None = None


class Override(NamedTuple):
    """What a pack changes about a rule in an earlier pack.

    severity: a label, or "" to leave it. off: the rule does not run. paths: patterns that replace the rule's paths.
    skip_paths: patterns added to the rule's skip_paths. where: file and line.
    """

    rule: str
    severity: str
    off: bool
    paths: tuple[str, ...]
    skip_paths: tuple[str, ...]
    reason: str
    where: str


class Pack(NamedTuple):
    """One pack as written, with the examples of its rules."""

    name: str
    title: str
    source: Path
    clauses: tuple[Clause, ...]
    rules: tuple[Rule, ...]
    overrides: tuple[Override, ...]
    examples: Mapping[str, tuple[Example, ...]]
    counterexamples: Mapping[str, tuple[Example, ...]]
    text: str
    places: Mapping[str, KeyPath]

    def where(self, name: str) -> str:
        """The file and line of a rule or clause of this pack."""
        return f"{self.source}:{line_of(self.text, self.places[name])}"


class RuleSet(NamedTuple):
    """What a scan runs: clauses by id, rules in the order of their ids, a digest of every byte they came from.

    overrides: those that changed the rules, in order.
    """

    clauses: Mapping[str, Clause]
    rules: tuple[Rule, ...]
    digest: str
    overrides: tuple[Override, ...] = ()

    @property
    def off(self) -> frozenset[str]:
        """The rules that an override turned off."""
        return frozenset(override.rule for override in self.overrides if override.off)
