"""The line shown to a person, with every secret on it redacted, whichever rule found it."""

from __future__ import annotations

from bisect import bisect_left
from itertools import pairwise
from typing import TYPE_CHECKING

from cavra_boundary.model import Match, Span

if TYPE_CHECKING:
    from collections.abc import Iterable

MASK = "********"
"""Replaces a secret of any length."""

_CONTEXT = 80
"""Bytes of the line shown before and after a match."""


class Redaction:
    """The ranges of a view that must not be shown."""

    def __init__(self, matches: Iterable[Match], others: Iterable[Span] = ()) -> None:
        own = (Span(span.start + match.public, span.end) for match in matches for span in match.redact)
        self._ranges = sorted([*own, *others])
        self._hidden = _merged(self._ranges)

    def within(self, data: bytes, span: Span) -> str:
        """Part of the data, with the secrets that begin in it redacted.

        A secret that begins before it may be a record's whole value, whose part is shown on purpose.
        """
        first, last = bisect_left(self._ranges, span), bisect_left(self._ranges, Span(span.end, 0))
        text, at = "", span.start
        for start, end in _merged(self._ranges[first:last]):
            text += data[at:start].decode(errors="replace") + MASK
            at = end
        return text + data[at : max(at, span.end)].decode(errors="replace")

    def snippet(self, data: bytes, span: Span) -> tuple[str, Span]:
        """An excerpt of the line on which a span starts, and the span's position in it, in characters.

        Undecodable bytes are surrogate escapes; an ellipsis marks what is cut off.
        """
        line_start = data.rfind(b"\n", 0, span.start) + 1
        line_end = data.find(b"\n", span.start)
        line_end = len(data) if line_end < 0 else line_end
        start = max(line_start, span.start - _CONTEXT)
        end = min(line_end, max(span.end, span.start) + _CONTEXT)
        while start > line_start and _is_continuation(data[start]):
            start -= 1
        pieces = _Pieces(data, span)
        pieces.plain("…" if start > line_start else "")
        at = start
        for hidden in self._hidden[max(0, bisect_left(self._hidden, Span(start, start)) - 1) :]:
            if hidden.start >= end:
                break
            if hidden.end <= at:
                continue
            pieces.shown(at, max(at, hidden.start))
            pieces.masked(max(at, hidden.start), min(hidden.end, end))
            at = min(hidden.end, end)
        pieces.shown(at, end)
        pieces.plain("…" if end < line_end else "")
        return pieces.text.rstrip("\r"), Span(pieces.caret_start, max(pieces.caret_end, pieces.caret_start))


def _merged(ranges: Iterable[Span]) -> list[Span]:
    """Sorted ranges, with overlapping ones merged."""
    merged: list[Span] = []
    for start, end in ranges:
        if start >= end:
            continue
        if merged and start < merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(end, merged[-1].end))
        else:
            merged.append(Span(start, end))
    return merged


class _Pieces:
    """Builds a snippet, and tracks the positions of the span's first and last character in it."""

    def __init__(self, data: bytes, span: Span) -> None:
        self._data = data
        self._span = span
        self.text = ""
        self.caret_start = self.caret_end = 0

    def plain(self, text: str) -> None:
        self.text += text

    def shown(self, start: int, end: int) -> None:
        """Add a range unchanged."""
        cuts = sorted({start, end, *(at for at in self._span if start < at < end)})
        for one, other in pairwise(cuts):
            self._add(one, other, self._data[one:other].decode(errors="surrogateescape"))

    def masked(self, start: int, end: int) -> None:
        self._add(start, end, MASK)

    def _add(self, start: int, end: int, text: str) -> None:
        if start <= self._span.start < end:
            self.caret_start = len(self.text)
        self.text += text
        if start < self._span.end and self._span.start < end:
            self.caret_end = len(self.text)


def _is_continuation(byte: int) -> bool:
    return byte & 0xC0 == 0x80
