"""Shapes that a value can have, as rules write them: `hex:32`, `base62:20-40`, `uuid`, `re:…`."""

from __future__ import annotations

import re
from functools import cache

ALPHABETS = {
    "hex": "0-9a-f",
    "HEX": "0-9A-F",
    "digits": "0-9",
    "lower": "a-z",
    "upper": "A-Z",
    "letters": "A-Za-z",
    "lower36": "a-z0-9",
    "upper36": "A-Z0-9",
    "base32": "A-Z2-7",
    "base58": "1-9A-HJ-NP-Za-km-z",
    "base62": "A-Za-z0-9",
    "base64": "A-Za-z0-9+/",
    "base64url": "A-Za-z0-9_-",
}
"""The characters of each alphabet, as a regular expression writes them in a class."""

JUDGED = frozenset(("generated", "password"))
"""Shapes that no regular expression tells."""

FIXED = {
    "uuid": "(?i:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})",
    "jwt": r"eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{16,}",
}
_SHAPE = re.compile(r"(?P<alphabet>\w+):(?P<least>\d{1,4})(?:-(?P<most>\d{1,4}))?")


def shape_pattern(shape: str) -> str:
    """The regular expression of a shape, for the whole value. ValueError when it is none.

    A length counts the `=` at the end of base64.
    """
    if shape in JUDGED:
        return ""
    if shape in FIXED:
        return FIXED[shape]
    if shape.startswith("re:"):
        return shape[3:]
    found = _SHAPE.fullmatch(shape)
    if not found or found["alphabet"] not in ALPHABETS:
        raise ValueError(f"unknown shape {shape!r}")
    least, most = int(found["least"]), int(found["most"] or found["least"])
    if not 0 < least <= most:
        raise ValueError(f"shape {shape!r} has no length")
    one = f"[{ALPHABETS[found['alphabet']]}]"
    if found["alphabet"] == "base64":
        return rf"(?=.{{{least},{most}}}\Z){one}{{{max(1, least - 2)},{most}}}={{0,2}}"
    return f"{one}{{{least},{most}}}"


@cache
def has_shape(shapes: tuple[str, ...]) -> re.Pattern[bytes]:
    """A pattern whose full match says that a value has one of the shapes, those that are judged left out."""
    told = [shape for shape in shapes if shape not in JUDGED]
    return re.compile("|".join(f"(?:{shape_pattern(shape)})" for shape in told).encode())
