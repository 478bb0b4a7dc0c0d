"""Where credentials may be: the words in their names, and where values begin around the places that are found."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cavra_boundary.detect.gatewords import (
    CAMEL,
    CHARACTERS,
    LONG,
    PAIR_GATE,
    PASSWORD_GATE,
    SHORT,
    SHORTEST,
    WORD_GATES,
    Places,
)
from cavra_boundary.structure.naming import REACH

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

WORDS = re.compile(rf"(?i:{LONG})|(?<![A-Za-z])(?i:{SHORT})(?![A-Za-z])|(?<=[a-z0-9])(?:{CAMEL})(?![a-z])".encode())

_IS_RUN = bytes(ord("x" if re.match(f"[{CHARACTERS}]", chr(char)) else " ") for char in range(256))
_SHORTEST_RUN = b"x" * SHORTEST
_BEGINNING = re.compile(
    rb"[A-Za-z_+/.~-]{0,40}+[0-9]|[a-z]{16}|[A-Z]{16}|[A-Za-z]{0,40}?[a-z][A-Z]{1,3}[a-z]{1,2}[A-Z]"
)
"""The beginning of a token: it has a digit, or letters in a row that are not as words have them."""


def places(data: bytes) -> Places:
    """The same places as hyperscan finds, by `regex`."""
    import regex  # the prefilter does without

    words, pairs, passwords = (
        sorted(found.end() for gate in gates for found in regex.finditer(gate.encode(), data, overlapped=True))
        for gates in (WORD_GATES, (PAIR_GATE,), (PASSWORD_GATE,))
    )
    return Places(words, pairs, passwords, True)


def values(data: bytes, places: Places) -> Iterator[int]:
    """Where values begin that may be credentials: within reach of a word, or in a pair."""
    done = 0
    for start, end in _windows(places.words, len(data)):
        yield from _beginnings(data, max(start, done), end)
        done = end
    yield from (end - SHORTEST for end in places.pairs)


def _beginnings(data: bytes, start: int, end: int) -> Iterator[int]:
    """Where runs of the characters of tokens begin within a part of the data, if they begin as tokens do."""
    first = max(0, start - 1)
    # Searching for characters all alike is many times as fast as searching for the pattern.
    mask = data[first : end + _LONGEST_START].translate(_IS_RUN)
    at = mask.find(_SHORTEST_RUN, 0, end - first + SHORTEST - 1)
    while at >= 0:
        place = first + at
        if (at or not place) and _BEGINNING.match(data, place, end + _LONGEST_START):
            yield place
        at = mask.find(b" ", at + SHORTEST)
        at = mask.find(_SHORTEST_RUN, at, end - first + SHORTEST - 1) if at >= 0 else -1


_MARGIN = 16
"""How much further than `REACH` is looked, so that overlapping words make no difference."""

_LONGEST_START = 64


def _windows(ends: Sequence[int], size: int) -> Iterator[tuple[int, int]]:
    """The reaches of sorted places, joined where they overlap."""
    start = last = -1
    for end in ends:
        if end > last:
            if last >= 0:
                yield start, min(last, size)
            start = max(0, end - 1)
        last = end + REACH + _MARGIN
    if last >= 0:
        yield start, min(last, size)
