r"""JSON, JSON lines, JSON5, and the object literals of Python, JavaScript, Ruby and PHP, anywhere in a text.

One scanner serves them all: it looks for `key: value` and `key => value` between brackets and skips everything else, so
JSON in prose, commented-out records and files cut off on either side are read as far as they go. A string ends at the
end of its line at the latest, which limits the damage of a stray quote.

JSON: RFC 8259. JSON5: spec.json5.org.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from cavra_boundary.clock import STRIDE, check
from cavra_boundary.structure.base import MAX_DEPTH, TOO_DEEP, Escapes, Leaf, Record, Tree, is_string

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

_MAX_LAYERS = 16
"""How many levels of strings inside strings are opened."""

_MAX_NAMES = 5000
"""How many decoded keys are remembered."""

_PARITY_SAMPLES = 64
"""How many quotes decide whether a window begins inside a string."""

_OPENING = frozenset((b"{", b"[", b" ", b"\n"))
"""What a string that holds JSON may begin with."""

_DOUBLE = r'"([^"\\\n]*+(?:\\.[^"\\\n]*+)*+)"?'
_SINGLE = r"'([^'\\\n]*+(?:\\.[^'\\\n]*+)*+)'?"


class Syntax(NamedTuple):
    """A dialect. `tokens` has the groups 1-3 key, 4-5 quoted value, 6 opening bracket, 7 bare value, 8 lone bracket."""

    tokens: re.Pattern[bytes]
    plain_strings: bool


def _syntax(*, word: str, separator: str, bare: str, prefix: str = "", plain_strings: bool = False) -> Syntax:
    """Compiles a dialect. No part of the pattern can fail after a long match, which keeps the scan linear."""
    # An apostrophe inside a word does not open a string.
    key = rf"(?:{prefix}{_DOUBLE}|(?<![\w\x80-\xff]){prefix}{_SINGLE}|({word}))"
    value = rf"(?:{prefix}(?:{_DOUBLE}|{_SINGLE})|([{{\[])|({bare}))"
    pattern = rf"(?:\"\"\"|'''|{key}(?:\s*+{separator}\s*+{value})?+|([{{}}\[\]]))[\s,]*+"
    return Syntax(re.compile(pattern.encode("latin-1")), plain_strings)


LITERAL = _syntax(
    word=r"[\w$@\x80-\xff]++",
    separator="(?:=>|:)",
    bare=r"[^\s,;{}\[\]()\"'`]++",
    prefix=r"(?:[bBrRuU]{1,2}(?=[\"']))?",
)

YAML_FLOW = _syntax(
    word=r"(?![&*!|>%@`:#])[^\s,{}\[\]\"':][^,{}\[\]\n:]*+",
    separator=":",
    bare=r"[^\s,{}\[\]\"'][^,{}\[\]\n]*+",
    plain_strings=True,
)
TOML = _syntax(
    word=r"[\w-]++(?:[ \t]{0,9}\.[ \t]{0,9}[\w-]++)*+",
    separator="=",
    bare=r"[^\s,{}\[\]\"'#]++",
)


def _unbackslash(match: re.Match[bytes]) -> bytes:
    escape = match[0]
    letter = escape[1:2]
    if letter in b"uUx" and len(escape) > 2:
        text = escape[2:].strip(b"{}")
        if len(escape) == 12 and letter == b"u":
            high, low = int(escape[2:6], 16), int(escape[8:12], 16)
            return chr(0x10000 + ((high - 0xD800) << 10) + low - 0xDC00).encode()
        code = int(text, 16)
        return b"\xef\xbf\xbd" if code > 0x10FFFF or 0xD800 <= code < 0xE000 else chr(code).encode()
    return _LETTERS.get(letter, letter)


_LETTERS = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f", b"v": b"\v", b"0": b"\0"}
BACKSLASH = Escapes(
    re.compile(
        rb"\\(?:u[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}|u[\da-fA-F]{4}|u\{[\da-fA-F]{1,6}\}"
        rb"|U[\da-fA-F]{8}|x[\da-fA-F]{2}|[^\n])"
    ),
    _unbackslash,
)

_EMBEDDED = re.compile(rb"\s*+[{\[]\s*+(?:[{\[\"'&\\]|[\w$]++\s*+:)")


def embedded(tree: Tree, start: int, end: int, escapes: Escapes = BACKSLASH) -> Iterator[Record]:
    """The records of the JSON text in the string `tree.data[start:end]`, if there is one."""
    if not _EMBEDDED.match(tree.data, start, end):
        return
    if len(tree.via) >= _MAX_LAYERS:
        tree.leave_out(f"has text in more than {_MAX_LAYERS} layers of strings")
    else:
        yield from scan(tree.within(start, end, escapes, "json-string"), LITERAL)


def read(data: bytes, head: bytes) -> Iterator[Record]:
    """The records of a text that contains JSON or object literals. `head` is not empty for a later window."""
    tree = Tree(data)
    yield from read_into(tree, head)
    tree.finish()


def read_into(tree: Tree, head: bytes) -> Iterator[Record]:
    """The same, for a reader that goes on to read something else."""
    yield from scan(tree, LITERAL, _outside_strings(tree.data) if head else 0)


_AFTER_QUOTE = re.compile(rb'(?<!\\)"([^"\\\n]*+(?:\\.[^"\\\n]*+)*+)')
_BETWEEN_STRINGS = re.compile(rb"[\s\]}]*+(?:[:,]|\Z)")


def _outside_strings(data: bytes) -> int:
    """Where to start reading a window that may begin inside a string.

    If it does, JSON's punctuation follows every other quote, from the first on.
    """
    samples = [found for found, _ in zip(_AFTER_QUOTE.finditer(data), range(_PARITY_SAMPLES), strict=False)][::2]
    between = sum(_BETWEEN_STRINGS.match(sample[1]) is not None for sample in samples)
    return samples[0].start() + 1 if between * 2 > len(samples) else 0


_OBJECT, _LIST, _TABLE, _DEEP, _CUT = b"{", b"[", b"[=", b"{{", b""
"""What is open: an object, a list, a list that turned out to have keys (PHP), an object too deep to matter, and an
object whose beginning was cut off."""

_CLOSER = {_OBJECT: b"}", _DEEP: b"}", _LIST: b"]", _TABLE: b"]", _CUT: b""}


class _Brackets:
    """The open brackets, each paired with a record in `tree` if it may hold leaves."""

    __slots__ = ("_list", "_open", "kinds", "tree")

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.kinds: list[bytes] = []
        self._open = {b"}": 0, b"]": 0, b"": 0}
        self._list: tuple[int, int, str | None] = (0, 0, None)

    def open(self, kind: bytes, at: int, key: str | None) -> None:
        kinds = self.kinds
        if kind == _LIST:
            self._list = (len(kinds), at, key)
        elif len(kinds) >= MAX_DEPTH:
            kind = _DEEP
            self.tree.leave_out(TOO_DEEP)
        else:
            self.tree.open(at, key)
        kinds.append(kind)
        self._open[_CLOSER[kind]] += 1

    def turn_into_table(self) -> None:
        """Makes the innermost list an object, because it contains a key."""
        depth, at, key = self._list
        self.kinds[-1] = _TABLE
        if depth + 1 == len(self.kinds):
            self.tree.open(at, key)
        else:
            self.tree.open(at)

    def close(self, closer: bytes, end: int) -> None:
        """Closes everything up to the matching bracket; without one, the object that was cut off, or nothing."""
        kinds = self.kinds
        if not self._open[closer]:
            if not kinds or kinds[-1] != _CUT:
                return
            closer = b""
        while self._pop(end) != closer:
            pass

    def close_all(self, end: int) -> None:
        while self.kinds:
            self._pop(end)

    def _pop(self, end: int) -> bytes:
        kind = self.kinds.pop()
        if kind != _LIST and kind != _DEEP:
            self.tree.close(end)
        closer = _CLOSER[kind]
        self._open[closer] -= 1
        return closer


def scan(
    tree: Tree,
    syntax: Syntax,
    start: int = 0,
    end: int | None = None,
    *,
    value_of: str | None = None,
    one_value: bool = False,
) -> Generator[Record, None, int]:
    """Reads `tree.data[start:end]` into `tree`, yields the records completed, and returns where it stopped.

    value_of: the key that the first bracket is the value of.
    one_value: stop when the first bracket is closed again.
    """
    data = tree.data
    end = len(data) if end is None else end
    names: dict[bytes, str] = {}
    brackets = _Brackets(tree)
    kinds = brackets.kinds
    for count, token in enumerate(syntax.tokens.finditer(data, start, end)):
        if count % STRIDE == 0:  # cheaper than `watched`, for the reader that most bytes go through
            check()
        last = token.lastindex
        if last is None or last == 3:
            continue
        if last < 3:
            if token[last][:1] in _OPENING:
                yield from embedded(tree, *token.span(last))
            continue
        if last == 8:
            bracket, at = token[8], token.start(8)
            if bracket in b"{[":
                brackets.open(bracket, at, value_of)
                value_of = None
                continue
            brackets.close(bracket, at + 1)
            yield from tree.drain()
            if one_value and not kinds:
                return at + 1
            continue
        double, single, word = token.group(1, 2, 3)
        name = double or single or word or b""
        key = names.get(name)
        if key is None:
            if len(names) > _MAX_NAMES:
                names.clear()
            key = names[name] = BACKSLASH.decode(name)
        if kinds and kinds[-1] == _LIST and len(kinds) < MAX_DEPTH:
            brackets.turn_into_table()
        if tree.top is None and word is None:
            brackets.open(_CUT, token.start(), None)
        if last == 6:
            brackets.open(token[6], token.start(6), key)
            continue
        top = tree.top
        if len(kinds) > MAX_DEPTH:
            tree.leave_out(TOO_DEEP)
            continue
        if top is None:
            continue
        value = token[last]
        at, to = token.span(last)
        if last == 7:
            value = value.rstrip()
            to = at + len(value)
            text = value.decode("utf-8", "replace")
            quoted = syntax.plain_strings and is_string(text)
        else:
            quoted = True
            if value[:1] in _OPENING:
                yield from embedded(tree, at, to)
            text = BACKSLASH.decode(value) if b"\\" in value else value.decode("utf-8", "replace")
        if tree.locate:
            at, to = tree.locate(at), tree.locate(to)
        top.own.append(Leaf(key, text, at, to, quoted, top.path))
    brackets.close_all(end)
    yield from tree.drain()
    return end
