"""Path and content rules: forbidden file names and paths, and bytes of a forbidden type.

Both point at the file as a whole, so their matches have an empty span at its start and nothing to redact.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cavra_boundary.detect.patterns import compiled
from cavra_boundary.model import Blob, Match, Secret, Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cavra_boundary.detect.kinds import ContentRule, PathRule

_HEAD = 64 * 1024
"""How much of a file `contains` and `unless` look at, in bytes."""


def path_match(blob: Blob, rule: PathRule) -> Iterator[Match]:
    """The match of a candidate file, if its name and content meet the rule."""
    if not rule.globs.match(blob.path) or len(blob.data) < rule.min_bytes:
        return
    head = blob.data[:_HEAD]
    if rule.contains and not compiled(rule.contains).search(head):
        return
    if rule.unless and compiled(rule.unless).search(head):
        return
    yield _whole_file(rule.id, blob)


def content_matches(blob: Blob, type_: str, rules: Sequence[ContentRule]) -> Iterator[Match]:
    """The matches of a file of this content type, for the rules that forbid it here."""
    for rule in rules:
        here = not rule.globs.patterns or rule.globs.match(blob.path)
        if type_ in rule.types and here and rule.runs_on(blob.path):
            yield _whole_file(rule.id, blob, detail=type_)


def _whole_file(rule: str, blob: Blob, detail: str = "") -> Match:
    name = blob.path.encode(errors="surrogateescape")
    return Match(rule=rule, span=Span(0, 0), value=Secret(name), redact=(), detail=detail)
