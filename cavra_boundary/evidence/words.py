"""The words of labels: which ones are neutral, and how a label is split into words.

A label is opaque when it is made of neutral words, numbers and short codes; any other word may be a name.
patterns/evidence/words.txt lists the words that every project may use.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from cavra_boundary.rules.files import shipped_folder

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

# `readyForReview`, `SLOBreach`, `p95`, `7f3a9c`: a part that mixes letters and digits stays whole.
_PART = re.compile(r"[^\W_]+")
_CAMEL = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^A-Za-z]+")
_LETTERS = re.compile(r"[A-Za-z]+")
_HEX = re.compile(r"[0-9a-f]+")

_SHORTEST_NAME = 3
_SHORTEST_STEM = 4
_LONGEST_CODE = 4
_LONGEST_NUMBER = 8
_LONGEST_ID = 16

# An ending, and what replaces it in the listed word.
_ENDINGS = (
    *(("ies", "y"), ("ied", "y"), ("iest", "y"), ("s", ""), ("es", ""), ("ed", ""), ("ed", "e"), ("ing", "")),
    *(("ing", "e"), ("er", ""), ("er", "e"), ("ers", ""), ("ers", "e"), ("or", ""), ("or", "e"), ("ors", "e")),
    *(("ly", ""), ("ally", ""), ("y", ""), ("al", ""), ("able", ""), ("able", "e"), ("ion", ""), ("ion", "e")),
    *(("ions", ""), ("ions", "e"), ("ation", "e"), ("ations", "e"), ("ment", ""), ("ments", ""), ("ness", "")),
)
_BEGINNINGS = (
    *("un", "re", "non", "pre", "post", "multi", "sub", "auto", "de", "dis", "mis", "over", "under", "out", "in"),
    *("inter", "cross", "up", "down", "back"),
)


@cache
def _neutral() -> frozenset[str]:
    text = (shipped_folder() / "evidence" / "words.txt").read_text(encoding="utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return frozenset(word for line in lines for word in line.split())


@lru_cache(maxsize=1 << 16)
def _is_neutral(word: str) -> bool:
    """Whether a lower-case word identifies no one."""
    known = _neutral()
    if len(word) < _SHORTEST_NAME or word in known or _undone(word, known):
        return True
    rests = (word[len(start) :] for start in _BEGINNINGS if word.startswith(start))
    return any(len(rest) >= _SHORTEST_STEM and (rest in known or _undone(rest, known)) for rest in rests)


def _undone(word: str, known: Collection[str]) -> bool:
    """Whether a word is a form of a known one."""
    for ending, instead in _ENDINGS:
        stem = word.removesuffix(ending)
        if stem == word or len(stem) < _SHORTEST_STEM - 1:
            continue
        if stem + instead in known or (not instead and stem[-1] == stem[-2] and stem[:-1] in known):
            return True
    return False


def split(text: str) -> list[str]:
    """The words of a label or key, in lower case: `licenseKey-v2` -> license, key, v2."""
    return list(_split(text))


def _split(text: str) -> Iterator[str]:
    for part in _PART.findall(text):
        if part.isalpha():
            yield from (word.lower() for word in _CAMEL.findall(part))
        else:
            yield part.lower()


def strange(text: str, own: Collection[str] = ()) -> str:
    """What in a label is neither a neutral word nor an opaque id: "name", "id" or "" for nothing.

    "name": a word that may be a proper name. "id": a part that may be an encoding or someone's number.
    """
    found = ""
    for word in split(text):
        if word in own:
            continue
        if word.isalpha():
            if not _is_neutral(word):
                return "name"
        elif not _is_opaque(word):
            found = "id"
    return found


def _is_opaque(part: str) -> bool:
    """Whether a part with digits is a number, a short code such as `q3` or `p95`, or looks like part of a digest."""
    if not part.isascii():
        return False
    if part.isdigit():
        return len(part) <= _LONGEST_NUMBER or is_day(part)
    if len(part) <= _LONGEST_CODE or _HEX.fullmatch(part):
        return True
    return len(part) <= _LONGEST_ID and all(
        len(letters) < _LONGEST_CODE or _is_neutral(letters) for letters in _LETTERS.findall(part)
    )


def is_day(digits: str) -> bool:
    """Whether digits are a date from 2000 to 2099, with or without a time: 20260701, 20260701120000."""
    return re.fullmatch(r"20\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:\d{4}|\d{6})?", digits) is not None
