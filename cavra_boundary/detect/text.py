"""Text rules: `regex` confirms the prefilter's candidates and gives exact spans, and validators confirm the secret.

Patterns are compiled when their rule first becomes a candidate: most runs need a few of the hundreds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cavra_boundary.detect.borders import Borderless, Surroundings, borderless, escapes_before_words
from cavra_boundary.detect.patterns import compiled
from cavra_boundary.detect.taken import Taken
from cavra_boundary.detect.verdict import REFUTED, Verdict
from cavra_boundary.model import PERSONAL, Match, Secret, Span, View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cavra_boundary.detect.kinds import Near, TextRule

_DELIMITERS = "\"'`=:;,/@<>()[]{} \t\r\n"
"""What a keyword may contain besides its word, to be rarer: `"re_` only finds a quoted token."""


def text_matches(view: View, rule: TextRule) -> Iterator[Match]:
    """The rule's matches in a view. OutOfTime when its patterns take longer than there is time."""
    data = view.data
    near = _Near(data, rule.near) if rule.near else None
    for span in _spans(view, rule):
        value = data[span.start : span.end]
        verdict = _judge(rule, value, data, span)
        if not verdict.confirmed or (near and not near.holds_for(span)):
            continue
        yield Match(
            rule=rule.id,
            span=span,
            value=Secret(value),
            redact=(span,),
            public=_public_prefix(rule, value),
            lowered=verdict.lowered,
            around=_line_of(data, span) if rule.clause in PERSONAL else None,
        )


def _line_of(data: bytes, span: Span) -> Span:
    end = data.find(b"\n", span.end)
    return Span(data.rfind(b"\n", 0, span.start) + 1, end if end >= 0 else len(data))


def _spans(view: View, rule: TextRule) -> Iterator[Span]:
    """What the rule's pattern matches; then, where it has borders, what it matches without them and may."""
    found = []
    for span in _hits(view.data, rule.pattern):
        found.append(span)
        yield span
    free = borderless(rule.pattern)
    if not free:
        return
    taken = Taken(found)
    for span in _without_borders(view, rule, free):
        if not taken.overlaps(span):
            taken.add(span)
            yield span


def _without_borders(view: View, rule: TextRule, free: Borderless) -> Iterator[Span]:
    data = view.data
    if free.escaped:
        pattern = compiled(free.escaped)
        for at in escapes_before_words(data):
            hit = pattern.match(data, at)
            if hit and hit.start("secret") >= 0:
                yield Span(*hit.span("secret"))
    surroundings = Surroundings(view, rule.validators)
    if free.left:
        for span in _hits(data, free.left):
            if surroundings.need_no_border(span, _public_prefix(rule, data[span.start : span.end])):
                yield span
    if free.bare and surroundings.may_need_no_end:
        for span in _hits(data, free.bare):
            if surroundings.need_no_end(span, _public_prefix(rule, data[span.start : span.end])):
                yield span


def _hits(data: bytes, pattern: str) -> Iterator[Span]:
    for hit in compiled(pattern).finditer(data):
        span = Span(*hit.span("secret"))
        if span.start >= 0:
            yield span


def _judge(rule: TextRule, value: bytes, data: bytes, span: Span) -> Verdict:
    """The verdict of the rule's own checks: the first refusal, or confirmed with the first reason to lower it."""
    from cavra_boundary.detect.context import IN_CONTEXT  # most runs have nothing to judge
    from cavra_boundary.detect.validators import VALIDATORS

    if any(compiled(allow).fullmatch(value) for allow in rule.allow):
        return REFUTED
    lowered = ""
    for name in rule.validators:
        verdict = IN_CONTEXT[name](data, span) if name in IN_CONTEXT else VALIDATORS[name](value)
        if not verdict.confirmed:
            return REFUTED
        lowered = lowered or verdict.lowered
    return Verdict(confirmed=True, lowered=lowered)


class _Near:
    """Whether the other pattern of a rule is near its secrets. Many secrets on one long line are looked at once."""

    def __init__(self, data: bytes, near: Near) -> None:
        self._data = data
        self._near = near
        self._pattern = compiled(near.pattern)
        self._line = Span(0, -1)
        self._is_on_line = False

    def holds_for(self, secret: Span) -> bool:
        if self._near.bytes is not None:
            start, end = max(0, secret.start - self._near.bytes), secret.end + self._near.bytes
            return self._pattern.search(self._data, start, end) is not None
        if not (self._line.start <= secret.start and secret.end < self._line.end):
            self._line = self._line_of(secret)
            self._is_on_line = self._pattern.search(self._data, *self._around(secret)) is not None
        return self._is_on_line

    def _line_of(self, secret: Span) -> Span:
        """The line of a secret; empty if it goes up to the end, where the next line counts too."""
        line = _line_of(self._data, secret)
        return line if line.end > secret.end else Span(line.start, 0)

    def _around(self, secret: Span) -> Span:
        data = self._data
        start, end = secret
        for _ in range((self._near.lines or 0) + 1):
            start = data.rfind(b"\n", 0, start) if start > 0 else -1
            end = data.find(b"\n", end + 1) if 0 <= end < len(data) else -1
        return Span(start + 1, end if end >= 0 else len(data))


def _public_prefix(rule: TextRule, value: bytes) -> int:
    """How many leading bytes are a keyword of the rule, which says what the value is but not its secret part."""
    lowered = value.lower()
    words = (word.lower().strip(_DELIMITERS).encode() for word in rule.keywords)
    return max((len(word) for word in words if lowered.startswith(word)), default=0)
