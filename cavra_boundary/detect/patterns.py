"""Confirming patterns, compiled on first use: a run needs few of the hundreds, and importing `regex` takes 15 ms."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import regex


@cache
def compiled(pattern: str) -> regex.Pattern[bytes]:
    import regex

    return regex.compile(pattern.encode())
