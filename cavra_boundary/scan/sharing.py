"""Keeps many findings in little memory: what is equal in them is kept once."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from cavra_boundary.model import Finding, Span

if TYPE_CHECKING:
    from collections.abc import Iterable

_SHARED = frozenset({str, tuple, Span})
_MOST_KNOWN = 4096


class Sharing:
    """Replaces the parts of findings by equal ones that it has seen before.

    Those from other processes share nothing with each other, and even in one process each has a message of its own.
    """

    def __init__(self) -> None:
        self._known: dict[Any, Any] = {}

    def shared(self, findings: Iterable[Finding]) -> list[Finding]:
        """The same findings."""
        known = self._known
        if len(known) > _MOST_KNOWN:  # most parts that repeat do so soon
            known.clear()
        kept = []
        for finding in findings:
            # By type, since a status equals its text.
            parts: list[Any] = [known.setdefault(part, part) if type(part) in _SHARED else part for part in finding]
            kept.append(Finding(*parts))
        return kept


def in_order(findings: list[Finding]) -> tuple[Finding, ...]:
    """The findings, sorted. Sources list files in order, so there is seldom anything to do, or to take memory."""
    if any(later < earlier for earlier, later in pairwise(finding.order for finding in findings)):
        findings.sort(key=lambda finding: finding.order)
    return tuple(findings)
