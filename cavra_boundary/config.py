"""Finds and reads the configuration file: TOML in, a table that knows the line of every key out.

What the keys mean is `settings`' business. The file is written by strangers: it is bounded in size and depth, must be
a regular file (a link is not followed), and whatever is wrong with it is a `ConfigError` naming a line.
"""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from cavra_boundary.errors import ConfigError
from cavra_boundary.git import top_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

NAME = ".cavra-boundary.toml"
PROJECT = "pyproject.toml"
TABLE = ("tool", "cavra-boundary")

MAX_BYTES = 1 << 20
# `tomllib` recurses on nested values and takes quadratic time on long dotted keys.
MAX_DEPTH = 32

KeyPath = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A configuration file's own table, and the 1-based line of every key path from the file's top.

    root: the key path of `table` in the file, `TABLE` in a pyproject.toml.
    """

    path: Path
    table: Mapping[str, object]
    lines: Mapping[KeyPath, int]
    root: KeyPath = ()

    def line(self, *key: str | int) -> int:
        """The line of this key path below the table, or of the nearest thing around it."""
        whole = self.root + key
        return next((self.lines[whole[:end]] for end in range(len(whole), 0, -1) if whole[:end] in self.lines), 1)

    def where(self, *key: str | int) -> str:
        return f"{self.path}:{self.line(*key)}"


def find(start: Path) -> Document | None:
    """The configuration that governs `start`, a file or folder: the nearest one up to its repository's top.

    In one folder `.cavra-boundary.toml` wins over pyproject.toml; a pyproject.toml without our table is passed over.
    Outside a repository only the folder itself is looked at.
    """
    for folder in _folders(start):
        own = folder / NAME
        data = _bytes(own)
        if data is not None:
            return _parse(_shown(own), data)
        project = folder / PROJECT
        data = _bytes(project)
        # Most projects configure other tools only: the name's absence saves parsing their file.
        if data is not None and TABLE[-1].encode() in data:
            document = _parse(_shown(project), data)
            if document is not None:
                return document
    return None


def read(path: Path) -> Document:
    """The configuration in this very file: a whole file of ours, or the table in a file named pyproject.toml."""
    data = _bytes(path)
    if data is None:
        raise ConfigError("no such file", where=str(path))
    document = _parse(path, data)
    if document is None:
        raise ConfigError(f"has no [{'.'.join(TABLE)}] table", where=str(path))
    return document


def key_lines(text: str) -> dict[KeyPath, int]:
    """The 1-based line on which every key, table and array element of a TOML document first stands.

    Elements of an array have their 0-based index in the path: `("allow", 0, "rule")`. Runs in linear time on any text;
    of a text that is not TOML it only says something about the part before the first error.
    Raises RecursionError for a document nested deeper than `MAX_DEPTH`.
    """
    keys = _Keys()
    for kind, lexeme, line in _tokens(text):
        keys.take(kind, lexeme, line)
    keys.end()
    return keys.lines


def _folders(start: Path) -> list[Path]:
    here = Path(os.path.realpath(start))
    if not here.is_dir():
        here = here.parent
    top = top_of(here) or here
    return [folder for folder in (here, *here.parents) if folder.is_relative_to(top)]


def _shown(path: Path) -> Path:
    cwd = Path.cwd()
    return path.relative_to(cwd) if path.is_relative_to(cwd) else path


def _bytes(path: Path) -> bytes | None:
    """The file's content; None if there is no such file."""
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            raise ConfigError(
                "is not a regular file; links are not followed",
                where=str(path),
                hint="name the file itself with --config",
            )
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", where=str(path)) from None
    if len(data) > MAX_BYTES:
        raise ConfigError(f"is larger than {MAX_BYTES >> 20} MiB", where=str(path))
    return data


def _parse(path: Path, data: bytes) -> Document | None:
    """The document; None for a pyproject.toml without our table."""
    import tomllib

    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise ConfigError("is not UTF-8", where=f"{path}:{line}") from None
    try:
        lines = key_lines(text)
        whole = tomllib.loads(text)
    except RecursionError:
        raise ConfigError(f"is nested deeper than {MAX_DEPTH} levels", where=str(path)) from None
    except tomllib.TOMLDecodeError as error:
        raise _syntax_error(path, str(error)) from None
    except ValueError:
        raise ConfigError("holds a number with too many digits", where=str(path)) from None
    if path.name != PROJECT:
        return Document(path, whole, lines)
    table: object = whole
    for key in TABLE:
        table = table.get(key) if isinstance(table, dict) else None
    if table is None:
        return None
    if not isinstance(table, dict):
        raise ConfigError(f"{'.'.join(TABLE)} must be a table", where=Document(path, {}, lines, TABLE).where())
    return Document(path, table, lines, TABLE)


def _syntax_error(path: Path, message: str) -> ConfigError:
    """`tomllib` says where only in words: "Invalid value (at line 3, column 7)", "… (at end of document)"."""
    what, _, place = message.rpartition(" (at ")
    numbers = re.fullmatch(r"line (\d+), column (\d+)\)", place)
    where = f"{path}:{numbers[1]}:{numbers[2]}" if numbers else str(path)
    ending = "" if numbers else ", at the end of the file"
    return ConfigError(f"is not valid TOML: {(what or message)[:120]}{ending}", where=where)


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
    """One pass over a document's tokens, remembering where keys stand."""

    def __init__(self) -> None:
        self.lines: dict[KeyPath, int] = {}
        self._table: KeyPath = ()
        self._brackets = 0  # of a header
        self._key: list[str] = []
        self._key_line = 1
        self._value: KeyPath | None = None  # whose value is being read; None while a key is
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
        """Back to the value the bracket stood for; its own container's comma or the line's end moves on from it."""
        self._value = self._open.pop().path
        self._key = []

    def end(self) -> None:
        """A line without a value ended, or the document: it was `[table]`, `[[array]]`, or nothing."""
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
        """The path of a dotted key, each step of it remembered; an array of tables means its latest element."""
        path = base
        for part in parts:
            path = (*path, part)
            self.lines.setdefault(path, self._key_line)
            if path in self._last:
                path = (*path, self._last[path])
        return path


def _unquoted(part: str) -> str:
    """A key's part as it is meant: bare, 'literal' or "basic", the last with escapes."""
    if part[0] not in "\"'":
        return part
    if part[0] == '"' and "\\" in part:
        import tomllib

        try:
            return str(tomllib.loads(f"key = {part}")["key"])
        except tomllib.TOMLDecodeError:
            return part
    return part[1:-1]
