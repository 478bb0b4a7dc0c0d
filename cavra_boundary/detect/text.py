"""Text rules: `regex` confirms the prefilter's candidates and gives exact spans, and validators confirm the secret.

Patterns are compiled when their rule first becomes a candidate: most runs need a few of the hundreds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cavra_boundary.detect.patterns import compiled
from cavra_boundary.detect.verdict import REFUTED, Verdict
from cavra_boundary.model import Match, Secret, Span, View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cavra_boundary.detect.kinds import Near, TextRule

_DELIMITERS = "\"'`=:;,/@<>()[]{} \t\r\n"
"""What a keyword may contain besides its word, to be rarer: `"re_` only finds a quoted token."""


def text_matches(view: View, rule: TextRule) -> Iterator[Match]:
    """The rule's matches in a view. OutOfTime when its patterns take longer than there is time."""
    data = view.data
    for hit in compiled(rule.pattern).finditer(data):
        span = Span(*hit.span("secret"))
        if span.start < 0:
            continue
        value = data[span.start : span.end]
        verdict = _judge(rule, value)
        if not verdict.confirmed or (rule.near and not _is_near(data, span, rule.near)):
            continue
        yield Match(
            rule=rule.id,
            span=span,
            value=Secret(value),
            redact=(span,),
            public=_public_prefix(rule, value),
            lowered=verdict.lowered,
        )


def _judge(rule: TextRule, value: bytes) -> Verdict:
    """The verdict of the rule's own checks: the first refusal, or confirmed with the first reason to lower it."""
    from cavra_boundary.detect.validators import VALIDATORS, shannon_entropy  # most runs have nothing to judge

    if rule.entropy and shannon_entropy(value) < rule.entropy:
        return REFUTED
    if any(compiled(allow).fullmatch(value) for allow in rule.allow):
        return REFUTED
    lowered = ""
    for name in rule.validators:
        verdict = VALIDATORS[name](value)
        if not verdict.confirmed:
            return REFUTED
        lowered = lowered or verdict.lowered
    return Verdict(confirmed=True, lowered=lowered)


def _is_near(data: bytes, secret: Span, near: Near) -> bool:
    if near.bytes is not None:
        start, end = max(0, secret.start - near.bytes), secret.end + near.bytes
    else:
        start, end = secret
        for _ in range((near.lines or 0) + 1):
            start = data.rfind(b"\n", 0, start) if start > 0 else -1
            end = data.find(b"\n", end + 1) if 0 <= end < len(data) else -1
        start, end = start + 1, end if end >= 0 else len(data)
    return compiled(near.pattern).search(data, start, end) is not None


def _public_prefix(rule: TextRule, value: bytes) -> int:
    """How many leading bytes are a keyword of the rule, which says what the value is but not its secret part."""
    lowered = value.lower()
    words = (word.lower().strip(_DELIMITERS).encode() for word in rule.keywords)
    return max((len(word) for word in words if lowered.startswith(word)), default=0)
