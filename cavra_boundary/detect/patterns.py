"""Confirming patterns: every pattern of a pack runs here, with the time that is left as its timeout.

They are compiled on first use: a run needs few of the hundreds, and importing `regex` takes 15 ms.
"""

from __future__ import annotations

from functools import cache
from math import inf
from typing import TYPE_CHECKING

from cavra_boundary import clock

if TYPE_CHECKING:
    from collections.abc import Iterator

    import regex


class Pattern:
    """A pattern of a pack. Its methods are those of `re`, and raise OutOfTime when the clock says so.

    most: how many seconds a call may take, if less than what is left.
    """

    __slots__ = ("_compiled",)

    def __init__(self, pattern: str) -> None:
        import regex

        self._compiled: regex.Pattern[bytes] = regex.compile(pattern.encode())

    def finditer(self, data: bytes) -> Iterator[regex.Match[bytes]]:
        try:
            yield from self._compiled.finditer(data, timeout=_timeout(inf))
        except TimeoutError:
            raise clock.OutOfTime from None

    def search(
        self, data: bytes, start: int = 0, end: int | None = None, *, most: float = inf
    ) -> regex.Match[bytes] | None:
        try:
            return self._compiled.search(data, start, len(data) if end is None else end, timeout=_timeout(most))
        except TimeoutError:
            raise clock.OutOfTime from None

    def match(self, data: bytes, start: int) -> regex.Match[bytes] | None:
        try:
            return self._compiled.match(data, start, timeout=_timeout(inf))
        except TimeoutError:
            raise clock.OutOfTime from None

    def fullmatch(self, data: bytes, *, most: float = inf) -> regex.Match[bytes] | None:
        try:
            return self._compiled.fullmatch(data, timeout=_timeout(most))
        except TimeoutError:
            raise clock.OutOfTime from None


def _timeout(most: float) -> float | None:
    seconds = min(most, clock.left())
    return None if seconds == inf else seconds


compiled = cache(Pattern)
