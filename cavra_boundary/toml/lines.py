"""The lines of the keys in a TOML document, which `tomllib` does not provide.

A mistake in a configuration or a pack is reported with its line.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

KeyPath = tuple[str | int, ...]
"""A place in a document: ("rule", 3, "pattern")."""

# `tomllib` recurses on nested values and takes quadratic time on long dotted keys.
MAX_DEPTH = 32

# Compiled only when there is a file to read.
_LEXEME = r'''
      (?P<comment> \#[^\n]* )
    | (?P<text> """ (?: [^"\\] | \\. | "{1,2}(?!") )*+ "{3,5}
              | \'\'\' (?: [^'] | '{1,2}(?!') )*+ '{3,5}
              | "(?!"") (?: [^"\\\n] | \\[^\n] )*+ "
              | '(?!'') [^'\n]* '
              | [^\s\#"'\[\]{},=.]+ )
    | (?P<mark> [\[\]{},=.\n] )
    | (?P<unclosed> ["'] )
'''


def key_lines(text: str) -> dict[KeyPath, int]:
    """The 1-based line on which every key, table and array element of a TOML document first appears.

    Elements of an array have their 0-based index in the path: `("allow", 0, "rule")`. Runs in linear time on any text;
    if the text is not TOML, only the part before the first error is covered.
    Raises RecursionError for a document nested deeper than `MAX_DEPTH`.
    """
    keys = _Keys()
    for kind, lexeme, line in _tokens(text):
        keys.take(kind, lexeme, line)
    keys.end()
    return keys.lines


def _tokens(text: str) -> Iterator[tuple[str, str, int]]:
    """Kind ("text" for a key's part, a scalar or a string; "mark"), lexeme, line; up to the first unclosed string."""
    line = 1
    for token in re.finditer(_LEXEME, text, re.VERBOSE | re.DOTALL):
        kind = token.lastgroup
        if kind == "unclosed":
            return
        if kind != "comment":
            yield str(kind), token[0], line
        line += token[0].count("\n")


class _Open(NamedTuple):
    """A bracket that is not closed yet: an array and the index of its current element; or an inline table."""

    path: KeyPath
    element: int | None

    @property
    def current(self) -> KeyPath:
        return self.path if self.element is None else (*self.path, self.element)


class _Keys:
    """One pass over a document's tokens, remembering the lines of keys."""

    def __init__(self) -> None:
        self.lines: dict[KeyPath, int] = {}
        self._table: KeyPath = ()
        self._brackets = 0  # of a header
        self._key: list[str] = []
        self._key_line = 1
        self._value: KeyPath | None = None  # the key whose value is being read; None while a key is
        self._open: list[_Open] = []
        self._last: dict[KeyPath, int] = {}  # the index of the latest table of an array of tables

    def take(self, kind: str, lexeme: str, line: int) -> None:
        if self._value is None:
            self._in_key(kind, lexeme, line)
        else:
            self._in_value(self._value, lexeme, line)

    def _in_key(self, kind: str, lexeme: str, line: int) -> None:
        if kind == "text":
            if not self._key:
                self._key_line = line
            self._key.append(_unquoted(lexeme))
            if len(self._key) > MAX_DEPTH:
                raise RecursionError
        elif lexeme == "=":
            base = self._open[-1].current if self._open else self._table
            self._value = self._remember(base, self._key)
            self._key = []
        elif lexeme == "}" and self._open:
            self._close()
        elif lexeme == "[":
            self._brackets += 1
        elif lexeme == "\n" and not self._open:
            self.end()

    def _in_value(self, value: KeyPath, lexeme: str, line: int) -> None:
        inside = self._open[-1] if self._open else None
        if lexeme == "\n":
            if inside is None:
                self._value = None
            return
        if lexeme in ("]", "}"):
            if inside is not None:
                self._close()
            return
        if lexeme == ",":
            if inside is None:
                return
            if inside.element is None:
                self._value = None
            else:
                self._open[-1] = _Open(inside.path, inside.element + 1)
                self._value = self._open[-1].current
            return
        self.lines.setdefault(value, line)
        if lexeme in ("[", "{"):
            if len(self._open) == MAX_DEPTH:
                raise RecursionError
            opened = _Open(value, 0 if lexeme == "[" else None)
            self._open.append(opened)
            self._value = opened.current if lexeme == "[" else None

    def _close(self) -> None:
        """Back to the value that the bracket began; its container's comma or the end of the line moves on from it."""
        self._value = self._open.pop().path
        self._key = []

    def end(self) -> None:
        """At the end of a line without a value, or of the document: it was `[table]`, `[[array]]`, or nothing."""
        if self._brackets and self._key:
            *outer, name = self._key
            path = (*self._remember((), outer), name)
            if self._brackets > 1:
                self._last[path] = self._last.get(path, -1) + 1
                self.lines.setdefault(path, self._key_line)
                path = (*path, self._last[path])
            self.lines.setdefault(path, self._key_line)
            self._table = path
        self._brackets = 0
        self._key = []

    def _remember(self, base: KeyPath, parts: list[str]) -> KeyPath:
        """The path of a dotted key, remembering each step of it; an array of tables means its latest element."""
        path = base
        for part in parts:
            path = (*path, part)
            self.lines.setdefault(path, self._key_line)
            if path in self._last:
                path = (*path, self._last[path])
        return path


def _unquoted(part: str) -> str:
    """A key's part without quotes and escapes: it may be bare, 'literal' or "basic", the last with escapes."""
    if part[0] not in "\"'":
        return part
    if part[0] == '"' and "\\" in part:
        import tomllib

        try:
            return str(tomllib.loads(f"key = {part}")["key"])
        except tomllib.TOMLDecodeError:
            return part
    return part[1:-1]
