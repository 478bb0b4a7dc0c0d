"""Findings in a history, each once: a value in many versions of a file is reported with the commit that introduced it.

The policy's decision counts too: a value that is allowed in one version and not in another is two findings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from cavra_boundary.model import Finding, Introduced

_Key = tuple[object, ...]


class Once:
    """Collects findings and keeps only those of the first version.

    A version is an entry of a listing, identified by its position; `rank` orders positions by commit.
    """

    def __init__(self, rank: Callable[[int], int]) -> None:
        self._rank = rank
        self._first: dict[_Key, tuple[int, int]] = {}
        self._findings: dict[_Key, list[Finding]] = {}
        self._places: dict[_Key, list[int]] = {}

    def add(self, findings: Iterable[Finding], places: Iterable[int]) -> None:
        """Add findings, with the position of each one's entry."""
        for finding, place in zip(findings, places, strict=True):
            key = (finding.path, finding.rule, finding.identity, finding.status, finding.severity, finding.via)
            version = self._rank(place), place
            first = self._first.get(key, version)
            if version <= first:
                if version != first or key not in self._findings:
                    self._findings[key] = []
                self._first[key] = version
                self._findings[key].append(finding)
            places_ = self._places.setdefault(key, [])
            if not places_ or places_[-1] != place:
                places_.append(place)

    def places(self) -> list[Sequence[int]]:
        """For each distinct finding, the positions of all its entries."""
        return list(self._places.values())

    def findings(self, introduced: Iterable[Introduced | None]) -> list[Finding]:
        """The findings, given the commit for each of `places`."""
        commits = zip(self._places, introduced, strict=True)
        return [finding._replace(introduced=commit) for key, commit in commits for finding in self._findings[key]]
