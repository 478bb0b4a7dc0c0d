"""The values that rules found, masked wherever they occur in something that is shown, in any usual encoding."""

from __future__ import annotations

import re
from binascii import Error as BinasciiError
from binascii import a2b_base64, unhexlify
from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple

from cavra_boundary.model import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

MASK = "********"
"""Replaces a secret of any length."""

LEAST = 4
"""Bytes in the shortest value that is looked for. A shorter one is only masked where a rule found it."""

LONGEST = 128
"""Bytes in the longest one. Of a longer value, parts are looked for; of a value of several lines, each line."""

_PART = 64
_MOST = 64 * 1024
"""Bytes of a value that are looked for."""

_LAYERS = 2
"""How many encodings around one another are opened."""

_FEW = 32
"""With more values than this, they are found by their first bytes."""

_Escapes = tuple[re.Pattern[bytes], "Callable[[re.Match[bytes]], bytes]"]

_PERCENT: _Escapes = (re.compile(rb"%[0-9A-Fa-f]{2}"), lambda found: unhexlify(found[0][1:]))
_QUOTED_PRINTABLE: _Escapes = (re.compile(rb"=[0-9A-F]{2}"), lambda found: unhexlify(found[0][1:]))
_WIDE: _Escapes = (re.compile(rb"\0+"), lambda _: b"")
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{6,}")
_HEX = re.compile(rb"(?:[0-9A-Fa-f]{2}[:. -]?){4,}")
_URL_SAFE = bytes.maketrans(b"-_", b"+/")
_BREAK = re.compile(rb"\r?\n|(?:\\r)?\\n")
_PUBLIC_LINE = b"-----"


class _Reading(NamedTuple):
    """A text with its escapes decoded, and where its pieces are in the original: ranges of both, in order."""

    text: bytes
    inner: list[int]
    outer: list[Span]

    def original(self, span: Span) -> Span:
        first = bisect_right(self.inner, span.start) - 1
        last = bisect_right(self.inner, span.end - 1) - 1
        start, end = self.outer[first], self.outer[last]
        # A piece that is as long as its original is unescaped text.
        begin = start.start + (span.start - self.inner[first] if self._is_plain(first) else 0)
        finish = end.start + span.end - self.inner[last] if self._is_plain(last) else end.end
        return Span(begin, finish)

    def _is_plain(self, piece: int) -> bool:
        following = self.inner[piece + 1] if piece + 1 < len(self.inner) else len(self.text)
        start, end = self.outer[piece]
        return following - self.inner[piece] == end - start


class Hidden:
    """Values to mask. Like a `Secret`, it does not show what it holds."""

    __slots__ = ("_by_start", "_values")

    def __init__(self, values: Iterable[bytes] = ()) -> None:
        self._values: set[bytes] = set()
        self._by_start: dict[bytes, list[bytes]] = {}
        for value in values:
            self._add(value)

    def __bool__(self) -> bool:
        return bool(self._values)

    def __repr__(self) -> str:
        return f"Hidden(<{len(self._values)} values>)"

    def __reduce__(self) -> str:
        raise TypeError("secrets stay in the process that read them")

    @property
    def longest(self) -> int:
        return max(map(len, self._values), default=0)

    def _add(self, value: bytes) -> None:
        for line in _BREAK.split(value[:_MOST]):
            for form in (line, *(pattern.sub(replace, line) for pattern, replace in _escapes_in(line))):
                plain = form.strip()
                if len(plain) < LEAST or plain.startswith(_PUBLIC_LINE):
                    continue
                last = max(0, len(plain) - _PART)
                starts = (*range(0, last, _PART), last) if len(plain) > LONGEST else (0,)
                for start in starts:
                    part = plain[start : start + _PART] if len(plain) > LONGEST else plain
                    if part not in self._values:
                        self._values.add(part)
                        self._by_start.setdefault(part[:LEAST], []).append(part)

    def ranges(self, text: bytes) -> list[Span]:
        """Where the values occur in a text, as they are or encoded; may overlap."""
        return list(self._ranges(text, _LAYERS)) if self._values else []

    def text(self, text: str) -> str:
        """A text with the values in it masked."""
        if not self._values:
            return text
        data = text.encode(errors="surrogateescape")
        return masked(data, sorted(self.ranges(data))).decode(errors="surrogateescape")

    def _ranges(self, text: bytes, layers: int) -> Iterator[Span]:
        yield from self._plain(text)
        if not layers:
            return
        for escapes in _escapes_in(text):
            reading = _read(text, escapes)
            if reading:
                for span in self._ranges(reading.text, layers - 1):
                    yield reading.original(span)
        for run in _BASE64.finditer(text):
            if any(self._occurs(decoded, layers - 1) for decoded in _from_base64(run[0])):
                yield Span(*run.span())
        for run in _HEX.finditer(text):
            if any(self._occurs(decoded, layers - 1) for decoded in _from_hex(run[0])):
                yield Span(*run.span())

    def _occurs(self, text: bytes, layers: int) -> bool:
        return next(self._ranges(text, layers), None) is not None

    def _plain(self, text: bytes) -> Iterator[Span]:
        if len(self._values) <= _FEW:
            for value in self._values:
                at = text.find(value)
                while at >= 0:
                    yield Span(at, at + len(value))
                    at = text.find(value, at + 1)
            return
        for at in range(len(text) - LEAST + 1):
            for value in self._by_start.get(text[at : at + LEAST], ()):
                if text.startswith(value, at):
                    yield Span(at, at + len(value))


def merged(ranges: Iterable[Span]) -> list[Span]:
    """Sorted ranges, with overlapping ones merged."""
    result: list[Span] = []
    for start, end in ranges:
        if start >= end:
            continue
        if result and start < result[-1].end:
            result[-1] = Span(result[-1].start, max(end, result[-1].end))
        else:
            result.append(Span(start, end))
    return result


def masked(data: bytes, ranges: Iterable[Span]) -> bytes:
    """Bytes with sorted ranges masked."""
    pieces, at = [], 0
    for start, end in merged(ranges):
        pieces += [data[at:start], MASK.encode()]
        at = end
    return b"".join([*pieces, data[at:]])


def _escapes_in(text: bytes) -> Iterator[_Escapes]:
    """The kinds of escapes that a text may have."""
    if b"%" in text:
        yield _PERCENT
    if b"=" in text:
        yield _QUOTED_PRINTABLE
    if b"\0" in text:
        yield _WIDE
    if b"\\" in text:
        from cavra_boundary.structure.literals import BACKSLASH  # few lines have any, and most runs need no reader

        yield BACKSLASH
    if b"&" in text:
        from cavra_boundary.structure.xml import ENTITIES

        yield ENTITIES


def _read(text: bytes, escapes: _Escapes) -> _Reading | None:
    """The text with one kind of escape decoded; None if it has none."""
    pattern, replace = escapes
    pieces: list[bytes] = []
    inner: list[int] = []
    outer: list[Span] = []
    done = size = 0

    def add(piece: bytes, start: int, end: int) -> None:
        nonlocal size
        if piece:
            pieces.append(piece)
            inner.append(size)
            outer.append(Span(start, end))
            size += len(piece)

    for found in pattern.finditer(text):
        add(text[done : found.start()], done, found.start())
        add(replace(found), *found.span())
        done = found.end()
    if not done:
        return None
    add(text[done:], done, len(text))
    return _Reading(b"".join(pieces), inner, outer)


def _from_base64(run: bytes) -> Iterator[bytes]:
    """What a run of base64 may decode to; where its first whole group begins is unknown if it is cut off."""
    bare = run.translate(_URL_SAFE)
    for skip in range(4):
        part = bare[skip:]
        part = part[: len(part) - (len(part) % 4 == 1)]
        try:
            yield a2b_base64(part + b"=" * (-len(part) % 4))
        except BinasciiError:
            continue


def _from_hex(run: bytes) -> Iterator[bytes]:
    digits = run.translate(None, b":. -")
    for skip in range(2):
        yield unhexlify(digits[skip : len(digits) - (len(digits) - skip) % 2])
