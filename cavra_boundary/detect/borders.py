r"""What a pattern demands of the bytes next to a secret, and where it may do without.

Patterns begin and end with conditions such as `(?<![\w-])`, so that no part of a longer word is taken for a token. They
look at raw bytes. But in `\nTOKEN` of a string, in `%3DTOKEN` of a query, in `ESC[32mTOKEN` of a log and in a line
`-TOKEN` of a patch, the byte before the token looks like a part of it and is none. In binary formats it may be a
length, or the end of another string. And a token that proves itself needs no border at all.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from cavra_boundary.model import Span, View

_CHECKED = frozenset({"github-checksum", "npm-checksum"})
"""Validators that no part of another word passes: the value holds a checksum of the rest of it."""

_LEAST_PREFIX = 3
"""Bytes in the shortest beginning of a value that says what it is."""

_TELLING_PREFIX = 4
"""The same within text, where such a beginning may be the end of another word."""

_SURELY = 40.0
"""Nats from which what follows a telling prefix is random, whatever it touches."""

_LONGEST_REPEAT = 512
"""A pattern with a longer repeat keeps a border: without, a hostile file could make each byte cost as much."""

_UNLESS_LONG = r"(?<![\w-]{2})"
"""The border that is kept: the one byte before a value may be its length."""

_SECRET = "(?P<secret>"  # noqa: S105 - a group of patterns
_LITERAL = re.compile(r"(?:\(\?:)*(?:[^\[\\(.]|\\[^\w])")
"""How the secret begins where there are few places to try: with a character, not with any of a class."""

_LEADING = re.compile(r"((?:\(\?[a-z]+\))?)((?:\(\?<!(?:\[(?:\\.|[^\]\\])+\]|\\.|[^()\\\[|])+\)|\\b)+)")
_NOT_AFTER = re.compile(r"\(\?<!\[([^^](?:\\.|[^\]\\])*)\]\)", re.DOTALL)
"""A border of one class of characters."""

_TOKEN = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|[()]", re.DOTALL)
_ATOM = re.compile(r"(?:\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|.)(?:([*+]|\{\d+,\})|\{(?:\d*,)?(\d+)\})?", re.DOTALL)
"""A character, a class or a bracket, with the repeat after it: 1 one without an end, 2 the end of another."""

_ESCAPES = (
    # Of many backslashes, the last: the others are layers of strings around it.
    r"\\(?:u[0-9A-Fa-f]{4}|u\{[0-9A-Fa-f]{1,6}\}|x[0-9A-Fa-f]{2}|[0-7]{3}|[abefnrtv0\"'/])(?:\[[0-9;]{0,16}m)?",
    r"%(?:25){0,3}[0-9A-Fa-f]{2}",
    r"\x1b\[[0-9;]{0,16}m",
    r"&(?:amp;){0,3}(?:#[0-9]{1,5}|#[xX][0-9A-Fa-f]{1,4}|[A-Za-z]{2,8});",
    r"\n[+-]{1,3}[ \t]?",
)
"""Escapes of strings, URLs, terminals and markup, and the sign of a line in a patch.

Each begins with one character: it is searched for many times as fast as a choice of them.
"""

_BEFORE_WORDS = tuple(re.compile(f"{escape}(?=[0-9A-Za-z])".encode()) for escape in _ESCAPES)
_AFTER_ESCAPE = re.compile(f"(?:{'|'.join(_ESCAPES)})\\Z".encode())
_LONGEST_ESCAPE = 24

_AROUND = 64
"""Bytes before a value that show whether binary data surround it."""

_HEAD = 4096
"""Bytes of a file in which a zero byte makes it binary."""

_CONTINUATIONS = bytes(range(0x80, 0xC0))
_CONTROL = re.compile(rb"[\x00-\x07\x0e-\x1a\x1c-\x1f\x7f]")

_RUN = 128
"""Base64 characters in a row, before or after a value, of which it is one part that only looks like a value."""

_BASE64 = re.compile(rb"[A-Za-z0-9+/=]{%d}" % _RUN)

_HEXADECIMAL = re.compile(rb"[0-9a-f]+")
"""A beginning that stands within every other digest."""

_NAMES = frozenset(["access", "api", "app", "auth", "client", "key", "password", "private", "secret", "token", "user"])
"""Beginnings of values that may just as well be the end of a name: `cache-key-…`."""


class Borderless(NamedTuple):
    """A pattern without its borders.

    escaped: what to look for right after escapes only. left: has no border on the left, or little of one; what it finds
    may need one. bare: has none on either side. Those that are of no use are empty.
    """

    escaped: str = ""
    left: str = ""
    bare: str = ""


@cache
def borderless(pattern: str) -> Borderless | None:
    """The pattern without its borders; None if it does not begin with one."""
    leading = _LEADING.match(pattern)
    if not leading:
        return None
    flags, body = leading[1], pattern[leading.end() :]
    if not body.startswith(_SECRET) or not _LITERAL.match(body, len(_SECRET)):
        return Borderless(escaped=flags + body)
    if _longest_repeat(body) > _LONGEST_REPEAT:
        return Borderless(escaped=flags + body, left=f"{flags}{_UNLESS_LONG}{body}")
    bare = body[: _end_of_last(body)]
    return Borderless(left=flags + body, bare=flags + bare if bare != body else "")


def loosest(pattern: str) -> str:
    """A pattern that matches wherever this one does, with its borders or, where it may do without, without.

    It has no conditions on what is around it, which hyperscan does not have.
    """
    leading = _LEADING.match(pattern)
    if not leading:
        return pattern
    flags, body = leading[1], pattern[leading.end() :]
    if body.startswith(_SECRET) and _LITERAL.match(body, len(_SECRET)):
        return flags + body[: _end_of_last(body)]
    border = _NOT_AFTER.match(leading[2])
    return f"{flags}(?:\\A|[^{border[1]}]|{'|'.join(_ESCAPES)}){body}" if border else flags + body


@lru_cache(maxsize=1)
def escapes_before_words(data: bytes) -> list[int]:
    """Where escapes end in the data that a letter or digit follows."""
    return sorted(found.end() for escape in _BEFORE_WORDS for found in escape.finditer(data))


class Surroundings:
    """Where the values stand that a pattern matches without borders, and whether they may stand there."""

    def __init__(self, view: View, validators: tuple[str, ...]) -> None:
        """`validators`: those that the values have to pass."""
        self._data = view.data
        head = view.data if view.via else view.blob.head or view.data
        self._is_binary_file = head.find(b"\0", 0, _HEAD) >= 0
        self._has_checksum = not _CHECKED.isdisjoint(validators)

    def need_no_border(self, span: Span, prefix: int) -> bool:
        """Whether a value may touch what is before it: an escape, or it begins and goes on tellingly.

        prefix: how many bytes of it say what it is.
        """
        data, (start, end) = self._data, span
        if self._has_checksum or _AFTER_ESCAPE.search(data, max(0, start - _LONGEST_ESCAPE), start):
            return True
        if _BASE64.match(data, max(0, start - _RUN), start) or _BASE64.match(data, end):
            return False
        if self._is_binary(start):
            return prefix >= _LEAST_PREFIX and _is_mixed(data[start + prefix : end])
        words = re.split(r"[\W_]", data[start : start + prefix].decode("latin-1").lower().strip("_-"))
        if prefix < _TELLING_PREFIX or _NAMES.issuperset(words) or _HEXADECIMAL.fullmatch(data, start, start + prefix):
            return False
        from cavra_boundary.detect.randomness import is_generated  # most runs have nothing to judge

        rest = data[start + prefix : end]
        # Numbers before the random part, such as an account's, would make the whole look less random.
        return is_generated(rest, _SURELY) or is_generated(rest.rpartition(b"-")[2], _SURELY)

    @property
    def may_need_no_end(self) -> bool:
        """Whether `need_no_end` can be true of any value."""
        return self._has_checksum or self._is_binary_file or _has_binary(self._data)

    def need_no_end(self, span: Span, prefix: int) -> bool:
        """Whether a value may also touch what follows it."""
        return (self._has_checksum or self._is_binary(span.start)) and self.need_no_border(span, prefix)

    def _is_binary(self, start: int) -> bool:
        """Whether binary data surround a value: there are control characters before it, or bytes that are no text."""
        if self._is_binary_file:
            return True
        first = max(0, start - _AROUND)
        return _has_binary(self._data[first:start].lstrip(_CONTINUATIONS if first else b""))


def _has_binary(data: bytes) -> bool:
    if _CONTROL.search(data):
        return True
    try:
        data.decode()
    except UnicodeDecodeError:
        return True
    return False


def _is_mixed(text: bytes) -> bool:
    """Whether a text has at least two of small letters, capitals and digits."""
    return sum(re.search(kind, text) is not None for kind in (rb"[a-z]", rb"[A-Z]", rb"[0-9]")) > 1


def _end_of_last(body: str) -> int:
    """Where the conditions on what follows begin, which end the pattern."""
    opened: list[int] = []
    ends, last = [0], 0
    for token in _TOKEN.finditer(body):
        if token[0] == "(":
            opened.append(token.start())
        elif token[0] == ")" and opened:
            start = opened.pop()
            if not opened:
                last = start
                ends.append(token.end())
    if body.endswith(r"\b"):
        return len(body) - 2
    return last if ends[-1] == len(body) and body.startswith("(?!", last) else len(body)


def _longest_repeat(body: str) -> int:
    return max(_LONGEST_REPEAT + 1 if each[1] else int(each[2] or 1) for each in _ATOM.finditer(body))
