"""Inline allows: `cavra-boundary: allow[rule] reason` in a comment of any language.

At the end of a line it covers that line; on a line of its own, the next one. Separate several rules with commas;
`rule@fingerprint` names one value of a rule.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from cavra_boundary.model import Span, Trigger

if TYPE_CHECKING:
    from collections.abc import Callable

TRIGGER = Trigger(
    "cavra-boundary.allow",
    r"(?P<secret>cavra-boundary:[ \t]{0,4}allow\[[^\]\r\n]{1,300}\][^\r\n]{0,300})",
    ("cavra-boundary:",),
)
"""Finds inline allows, so that files without one cost nothing."""

_ALLOW = re.compile(rb"cavra-boundary:[ \t]*allow\[(?P<names>[^\]]+)\](?P<rest>.*)", re.DOTALL)
# What may precede an allow on a line of its own: the start of a comment in some language.
_OPENING = re.compile(rb"[^A-Za-z0-9]*(?:(?:rem|dnl|comment)\b[^A-Za-z0-9]*)?\Z", re.IGNORECASE)
_CLOSING = re.compile(r"\s*(?:\*/|-->|--%>|%>|#\}|-\}|\*\)|\|#?|\"\"\"|'''|[\"',;)\]}]+)\s*\Z")
_LONGEST_LINE = 1000


class InlineAllow(NamedTuple):
    """A parsed allow comment. names: rule id -> fingerprint, "" for any value. covers: a line number."""

    names: dict[str, str]
    reason: str
    line: int
    covers: int


def parse(data: bytes, span: Span, line: int, shown: Callable[[Span], str]) -> InlineAllow:
    """Parse the allow that `TRIGGER` found at a span of a view's data, on this line. shown: redacts a range."""
    found = _ALLOW.match(data, *span)
    assert found, "the trigger's pattern is stricter"  # noqa: S101
    names = {}
    for name in found["names"].decode(errors="replace").split(","):
        rule, _, fingerprint = name.strip().partition("@")
        names[rule] = fingerprint
    line_start = data.rfind(b"\n", max(0, span.start - _LONGEST_LINE), span.start) + 1
    alone = _OPENING.match(data[max(line_start, span.start - _LONGEST_LINE) : span.start]) is not None
    reason = _CLOSING.sub("", shown(Span(*found.span("rest")))).strip(" \t:-–—")
    return InlineAllow(names, reason, line, line + 1 if alone else line)
