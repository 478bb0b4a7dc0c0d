"""The line shown to a person, with every secret on it redacted, whichever rule found it."""

from __future__ import annotations

import re
from binascii import Error as BinasciiError
from binascii import a2b_base64
from bisect import bisect_left
from contextlib import suppress
from itertools import pairwise
from typing import TYPE_CHECKING

from cavra_boundary.model import Match, Span
from cavra_boundary.triage.hidden import MASK, Hidden, masked, merged
from cavra_boundary.triage.tokens import token_around

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_CONTEXT = 80
"""Bytes of the line shown before and after a match."""

_EXPANSION = 6
"""How many times longer than a value its encoded form may be (`\\u0041`)."""

_COMMONPLACE = re.compile(rb"[a-z_-]{0,12}|[A-Z]{0,3}|[\d.,]{0,4}")
"""Values of fields that say nothing about anybody, such as `paid` and `EUR`."""


_LOGIN = re.compile(rb"://[^/@:\s]{0,200}:([^\s/\"'<>]{1,200})@")
_BASE64_LOGIN = re.compile(rb"[A-Za-z0-9+/]{8,400}={0,2}")


def secrets_in(data: bytes, matches: Iterable[Match]) -> Iterator[bytes]:
    """The values that matches in a view found, without their public parts, and the passwords inside of them."""
    for value in _found_in(data, matches):
        yield value
        yield from (each for each in _passwords_in(value) if not _COMMONPLACE.fullmatch(each))


def _passwords_in(value: bytes) -> Iterator[bytes]:
    """The password of a login in a URL, or in the base64 of HTTP's Basic scheme (RFC 7617)."""
    yield from _LOGIN.findall(value)
    if _BASE64_LOGIN.fullmatch(value):
        with suppress(BinasciiError):
            _, colon, password = a2b_base64(value).partition(b":")
            if colon and password.isascii():
                yield password


def _found_in(data: bytes, matches: Iterable[Match]) -> Iterator[bytes]:
    for match in matches:
        if match.around:
            fields = match.value.reveal().split(b"\0")
        elif match.bounded or match.redact == (match.span,):
            for start, end in hidden_by(data, match):
                yield data[start:end]
                yield data[max(start, match.span.start + match.public) : match.span.end]
            continue
        else:
            fields = [data[start:end].strip(b"\"'") for start, end in match.redact]
        yield from (value for value in fields if not _COMMONPLACE.fullmatch(value))


def hidden_by(data: bytes, match: Match) -> Iterator[Span]:
    """The ranges that a match hides."""
    for span in match.redact:
        if match.bounded or match.around or span != match.span or span.start == span.end:
            yield Span(span.start + match.public, span.end)
            continue
        token = token_around(data, span)
        yield token if token.start < span.start else Span(span.start + match.public, token.end)


class Redaction:
    """What must not be shown of a view, and of anything that is said about it.

    others: more ranges to hide, because of other views of the same blob. hidden: the values found in the whole blob.
    """

    def __init__(
        self, data: bytes, matches: Iterable[Match], others: Iterable[Span] = (), hidden: Hidden | None = None
    ) -> None:
        matches = tuple(matches)
        self._data = data
        self._ranges = sorted([*(span for match in matches for span in hidden_by(data, match)), *others])
        self._merged = merged(self._ranges)
        self._hidden = hidden or Hidden(secrets_in(data, matches))
        self._margin = _EXPANSION * self._hidden.longest
        self._records, self._keys = _records(matches)

    def text(self, text: str) -> str:
        """A text about the view, such as its path, with the values masked."""
        return self._hidden.text(text)

    def whole(self) -> str:
        """All of the data, if it is one short text, with the secrets masked."""
        hidden = sorted([*self._ranges, *self._occurrences(0, len(self._data))])
        return masked(self._data, hidden).decode(errors="surrogateescape")

    def within(self, span: Span) -> str:
        """Part of the data, with the secrets that begin in it redacted.

        A secret that begins before it may be a record's whole value, whose part is shown on purpose.
        """
        first, last = bisect_left(self._ranges, span), bisect_left(self._ranges, Span(span.end, 0))
        text, at = "", span.start
        for start, end in merged(sorted([*self._ranges[first:last], *self._occurrences(*span)])):
            text += self._data[at:start].decode(errors="replace") + MASK
            at = end
        return text + self._data[at : max(at, span.end)].decode(errors="replace")

    def snippet(self, span: Span) -> tuple[str, Span]:
        """An excerpt of the line on which a span starts, and the span's position in it, in characters.

        Undecodable bytes are surrogate escapes; an ellipsis marks what is cut off.
        """
        data = self._data
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
        for hidden in self._hidden_on(Span(line_start, line_end), Span(start, end)):
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

    def _hidden_on(self, line: Span, shown: Span) -> list[Span]:
        """The ranges to hide in a line's excerpt, merged."""
        first = max(0, bisect_left(self._merged, Span(shown.start, shown.start)) - 1)
        last = bisect_left(self._merged, Span(shown.end, 0))
        hidden = self._merged[first:last]
        for gap in self._gaps(hidden, shown):
            hidden += self._occurrences(
                max(line.start, gap.start - self._margin), min(line.end, gap.end + self._margin)
            )
        if self._has_record(line):
            from cavra_boundary.triage.skeleton import unstructured  # most findings are no records

            hidden += unstructured(self._data, line, shown, self._keys)
        return merged(sorted(hidden))

    def _gaps(self, hidden: Iterable[Span], shown: Span) -> list[Span]:
        """What is not hidden yet of an excerpt. What is less than two margins apart counts as one."""
        gaps: list[Span] = []
        at = shown.start
        for start, end in (*hidden, Span(shown.end, shown.end)):
            if start > at:
                if gaps and at - gaps[-1].end <= 2 * self._margin:
                    gaps[-1] = Span(gaps[-1].start, start)
                else:
                    gaps.append(Span(at, start))
            at = max(at, end)
        return gaps

    def _occurrences(self, start: int, end: int) -> list[Span]:
        return [Span(start + one, start + other) for one, other in self._hidden.ranges(self._data[start:end])]

    def _has_record(self, line: Span) -> bool:
        at = bisect_left(self._records, Span(line.end, 0))
        return at > 0 and self._records[at - 1].end > line.start


def _records(matches: Iterable[Match]) -> tuple[list[Span], frozenset[bytes]]:
    """Where the records are, and the keys in them that are plain words."""
    found = [match for match in matches if match.around]
    spans = merged(sorted(match.around for match in found if match.around))
    return spans, frozenset().union(*(match.keys for match in found))


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
