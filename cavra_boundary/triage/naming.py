"""The name that speaks of a value: the key, flag or element directly before it on its line.

It is part of a public fingerprint, so it must not depend on the value. Only what is before the value's whole token is
read, since a pattern may have matched a part of it only, and only words in the form of a name: nothing else on the
line, which may hold values that no rule found.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from itertools import accumulate
from typing import TYPE_CHECKING

from cavra_boundary.triage.tokens import open_strings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cavra_boundary.model import Span

_LOOK_BACK = 400
"""Bytes before a value in which its token may begin."""

_LONGEST = 160
"""Bytes before a token in which its name is."""

_OF_OBJECTS, _OF_QUERIES, _NONE = re.compile(rb"[,({\[]"), re.compile(rb"[?&;]"), re.compile(rb"(?!)")

_SIGN = re.compile(rb"[=:>]")
_NAME = re.compile(
    rb"(?:(?P<flag>(?<![\w-])-{1,2}[A-Za-z][\w-]{0,63})[=\s]"
    rb"|(?P<phrase>\b[A-Za-z][a-z]{0,31}(?: [a-z]{1,32}){1,2})[\"'`*_\\]{0,4}\s{0,40}[=:]{1,2}>?"
    rb"|(?P<key>(?<![\w.$])[A-Za-z_$][\w.$-]{0,63}+)[\"'`\])*\\]{0,4}\s{0,40}(?:[=:]{1,2}>?|>|\())[\s\"'`(\[{<\\]{0,40}\Z"
)
"""A name and the sign that ties it to a value: `--password …`, `card number: …`, `key = …`, `<key>…`, `key(…`.

A phrase is lower-case after its first letter: people's names are not.
"""

_PERSON = re.compile(rb"[A-Z][\w.-]{0,31},? [A-Z][a-z-]{1,32}\Z")


class FoundRanges:
    """The ranges of a view that any rule found."""

    def __init__(self, ranges: Iterable[Span]) -> None:
        ordered = sorted(ranges)
        self._starts = [span.start for span in ordered]
        self._ends = list(accumulate((span.end for span in ordered), max))

    def overlaps(self, start: int, end: int) -> bool:
        before = bisect_left(self._starts, end)
        return before > 0 and self._ends[before - 1] > start


def name_before(data: bytes, at: int, found: FoundRanges) -> str:
    """The name that speaks of the value at an offset; "" if there is none, or a rule found something in it."""
    start = max(data.rfind(b"\n", max(0, at - _LOOK_BACK), at) + 1, at - _LOOK_BACK)
    token = _token_start(data, start, at)
    start = max(start, token - _LONGEST)
    before = data[start:token]
    name = _NAME.search(before)
    if not name:
        return ""
    assert name.lastgroup  # noqa: S101 - one of the three groups matched
    first, end = name.span(name.lastgroup)
    if found.overlaps(start + first, start + end) or _PERSON.search(before, max(0, end - 68), end):
        return ""
    return name[name.lastgroup].decode(errors="replace")


def _token_start(data: bytes, start: int, at: int) -> int:
    """Where the token begins that the byte at an offset is a part of: at a quote, or after a sign or a space."""
    if data[at - 1 : at] in (b'"', b"'", b"`") and not data[at - 2 : at - 1].isalnum():
        return at - 2 if data[at - 2 : at - 1] == b"\\" else at - 1
    opened = next((place for quote, place in open_strings(data[start:at]) if len(quote) == 1), None)
    if opened is not None:
        return start + opened
    token = max(start, *(data.rfind(space, start, at) + 1 for space in (b" ", b"\t")))
    if _NAME.search(data, max(start, token - _LONGEST), token):
        return token
    for separator in _separators(data[token:at]).finditer(data, token, at):
        token = separator.end()
    sign = _SIGN.search(data, token, at)
    return sign.end() if sign else token


def _separators(token: bytes) -> re.Pattern[bytes]:
    """What is before a key in the middle of a token of this form."""
    if token[:1] in (b"{", b"[", b"("):
        return _OF_OBJECTS
    return _OF_QUERIES if b"?" in token.partition(b"=")[0] else _NONE
