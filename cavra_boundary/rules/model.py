"""What packs are, one by one and as the rules of a scan. Frozen types."""

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
    """A file that a rule must find, or must leave alone. severity: what the match is to weigh, if lowered."""

    path: str
    data: bytes
    severity: Severity | None = None


class Override(NamedTuple):
    """What a pack changes of a rule in a pack before it.

    severity: a label, or "" to leave it. off: the rule does not run. paths, skip_paths: patterns that take the place
    of the rule's paths, and that are added to its skip_paths. where: file and line.
    """

    rule: str
    severity: str
    off: bool
    paths: tuple[str, ...]
    skip_paths: tuple[str, ...]
    reason: str
    where: str


class Pack(NamedTuple):
    """One pack as written, with what its rules promise."""

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
        """The file and line at which a rule or clause of this pack stands."""
        return f"{self.source}:{line_of(self.text, self.places[name])}"


class RuleSet(NamedTuple):
    """What a scan runs: clauses by id, rules in the order of their ids, a digest of every byte they came from.

    overrides: those that changed the rules, in the order in which they did.
    """

    clauses: Mapping[str, Clause]
    rules: tuple[Rule, ...]
    digest: str
    overrides: tuple[Override, ...] = ()

    @property
    def off(self) -> frozenset[str]:
        """The rules that an override turned off."""
        return frozenset(override.rule for override in self.overrides if override.off)
