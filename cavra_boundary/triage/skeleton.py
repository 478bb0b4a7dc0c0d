"""What may be shown of a line with a record on it: its structure. Keys and punctuation stay, everything else is masked.

A record's fields are masked where the reader found them. This covers what is between them and belongs to nobody's
field: list items, cells without a column, comments, keys that are values, and the text around the record.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cavra_boundary.model import Span

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

_WORD = re.compile(rb"[^\s{}\[\]()<>,;:=\"'`|\\]+")
_PLAIN = re.compile(rb"/?[*_$@-]{0,3}([A-Za-z_$][\w$-]*(?:\.[A-Za-z_$][\w$-]*)*)[*_]{0,3}/?")
_LONGEST_KEY = 64
_DIGITS = re.compile(rb"\d{5}")
_BEFORE_KEY = re.compile(rb"(?:[{\[(,;&?|>]|^|[-*])[ \t>*#/-]*\Z|^[ \t]+\Z")
_QUOTED = (b'"', b"'", b"`")
_AFTER_KEY = re.compile(rb"\s{0,9}(?::(?!//)|=)")
_BEFORE_TAG = re.compile(rb"</?\Z")
_PUNCTUATION = re.compile(rb"[!-/:-@\[-`{-~]+")
_WORDS = frozenset(
    b"insert into values copy from stdin replace create table null true false none nil undefined "
    b"const let var return export default new function def class import".split()
)
"""Words of languages that data is written in."""

_AROUND = 256
"""How many bytes before a word decide whether it is a key."""


def unstructured(data: bytes, line: Span, shown: Span, keys: Collection[bytes]) -> Iterator[Span]:
    """The ranges of a line's excerpt that are neither keys nor punctuation. keys: those of the records on the line."""
    start = end = -1
    begin = shown.start
    while begin > line.start and _WORD.match(data, begin - 1, begin) and shown.start - begin < _AROUND:
        begin -= 1  # a word that is cut off is judged as a whole
    for word in _WORD.finditer(data, begin, line.end):
        if word.start() >= shown.end:
            break
        if _is_structure(data, line, Span(*word.span()), keys):
            continue
        if start >= 0 and not data[end : word.start()].strip(b" \t"):
            end = word.end()
            continue
        if start >= 0:
            yield Span(start, end)
        start, end = word.span()
    if start >= 0:
        yield Span(start, end)


def _is_structure(data: bytes, line: Span, word: Span, keys: Collection[bytes]) -> bool:
    text = data[word.start : word.end]
    if _PUNCTUATION.fullmatch(text):
        return True
    plain = _PLAIN.fullmatch(text)
    if plain is None or len(text) > _LONGEST_KEY or _DIGITS.search(text):
        return False
    name = plain[1]
    if name in keys or name.lower() in _WORDS:
        return True
    before = data[max(line.start, word.start - _AROUND) : word.start]
    after = data[word.end : min(line.end, word.end + 16)]
    if _BEFORE_TAG.search(before):
        return True
    quote = before[-1:]
    if quote in _QUOTED:
        slashes = b"\\" if after.startswith(b"\\") else b""
        return after.startswith(slashes + quote) and _AFTER_KEY.match(after, len(slashes) + 1) is not None
    if after.startswith(b"="):
        return before[-1:].isspace() or _BEFORE_KEY.search(before) is not None
    return _AFTER_KEY.match(after) is not None and _BEFORE_KEY.search(before) is not None
