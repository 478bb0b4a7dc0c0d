r"""Rows in SQL: `INSERT INTO t (columns) VALUES (…), (…)` and PostgreSQL's `COPY t (columns) FROM stdin`.

An INSERT without columns takes them from the `CREATE TABLE` before it, as mysqldump writes it. Strings end at `'`;
`''` and `\'` are a quote inside one.

COPY's text format: postgresql.org/docs/current/sql-copy.html.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cavra_boundary.clock import Steps, watched
from cavra_boundary.structure.base import TOO_WIDE, Escapes, Record, Tree
from cavra_boundary.structure.literals import BACKSLASH
from cavra_boundary.structure.rows import Cell, record_of

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

_MAX_CELLS = 2000
_NAME = rb'(?:[\w$\x80-\xff]{1,128}|"[^"\n]{1,128}"|`[^`\n]{1,128}`|\[[^\]\n]{1,128}\])'
_TABLE = rb"(%b(?:\s{0,9}\.\s{0,9}%b){0,3})" % (_NAME, _NAME)
STATEMENT = re.compile(
    rb"(?i)\b(?:(INSERT|REPLACE)\s{1,99}(?:[A-Z_]{1,20}\s{1,99}){0,3}?INTO\s{1,99}%b\s{0,99}"
    rb"(?:\(([^()]{1,20000})\)\s{0,99})?(?:OVERRIDING\s{1,9}\w{1,9}\s{1,9}VALUE\s{1,9})?VALUES?\s{0,99}(?=\()"
    rb"|(COPY)\s{1,99}%b\s{0,99}\(([^()]{1,20000})\)\s{1,99}FROM\s{1,99}stdin[^\n;]{0,200};?[ \t]{0,99}\r?\n"
    rb"|(CREATE)\s{1,99}(?:[A-Z]{1,20}\s{1,99}){0,3}?TABLE\s{1,99}(?:IF\s{1,9}NOT\s{1,9}EXISTS\s{1,9})?%b\s{0,99}\()"
    % (_TABLE, _TABLE, _TABLE)
)
_IDENTIFIER = re.compile(_NAME)
_TOKEN = re.compile(
    rb"(?:\b[eEnN](?='))?'([^'\\]*+(?:(?:\\.|'')[^'\\]*+)*+)'?"  # 1: a string
    rb'|"([^"\\\n]*+(?:(?:\\.|"")[^"\\\n]*+)*+)"?'  # 2: a string of MySQL
    rb"|([(),;])"  # 3
    rb"|([^\s'\"(),;]++)",  # 4: a number, a word
    re.DOTALL,
)
_NO_COLUMNS = frozenset(
    (b"primary", b"key", b"unique", b"constraint", b"index", b"foreign", b"check", b"fulltext", b"spatial", b"exclude")
)
_COPY_END = re.compile(rb"^\\\.|\Z", re.MULTILINE)


def _unescape(match: re.Match[bytes]) -> bytes:
    return match[0][:1] if match[0] in (b"''", b'""') else BACKSLASH.replace(match)


_STRING = Escapes(re.compile(BACKSLASH.pattern.pattern + rb"|''|\"\""), _unescape)


def read(data: bytes, head: bytes) -> Iterator[Record]:
    """The rows of all statements in `data`. A window that begins inside a statement is read from the next one on."""
    tables: dict[bytes, tuple[str, ...]] = {}
    tree = Tree(data)
    position = 0
    steps = Steps()
    while found := STATEMENT.search(data, position):
        steps.step()
        position = found.end()
        if found[1]:
            columns = _names(found[3]) if found[3] else tables.get(_bare(found[2]), ())
            position = yield from _insert(tree, columns, position)
        elif found[4]:
            position = yield from _copy(tree, _names(found[6]), position)
        else:
            definition, position = _definition(data, position)
            tables[_bare(found[8])] = definition
    tree.finish()


def _bare(table: bytes) -> bytes:
    """A table's name without schema and quotes."""
    names: list[bytes] = _IDENTIFIER.findall(table)
    return names[-1].strip(b'"`[]').lower()


def _names(columns: bytes) -> tuple[str, ...]:
    return tuple(name.strip(b'"`[]').decode("utf-8", "replace") for name in _IDENTIFIER.findall(columns))


def _definition(data: bytes, position: int) -> tuple[tuple[str, ...], int]:
    """The columns of a CREATE TABLE, read from after its opening bracket, and where it ends."""
    depth = 1
    begins = True
    names: list[str] = []
    for token in watched(_TOKEN.finditer(data, position)):
        position = token.end()
        mark = token[3]
        if mark == b"(":
            depth += 1
        elif mark == b")":
            depth -= 1
        if not depth or mark == b";":
            break
        if depth == 1:
            if begins and mark is None:
                name = (token[2] or token[4] or b"").strip(b"`[]")
                if name.lower() not in _NO_COLUMNS:
                    names.append(name.decode("utf-8", "replace"))
            begins = mark == b","
    return tuple(names), position


def _insert(tree: Tree, columns: tuple[str, ...], position: int) -> Generator[Record, None, int]:
    """The rows after VALUES; returns where they end."""
    depth = 0
    cells: list[Cell] = []
    fresh = True
    for token in watched(_TOKEN.finditer(tree.data, position)):
        last = token.lastindex or 4
        mark = token[3]
        if mark is None:
            if not depth:
                break  # ON CONFLICT, RETURNING, the next statement
            if len(cells) >= _MAX_CELLS:
                tree.leave_out(TOO_WIDE)
            elif depth == 1 and fresh:
                cells.append((token[last], token.start(last), last != 4))
                fresh = False
        elif mark == b"(":
            depth += 1
            if depth == 1:
                cells, fresh = [], True
            elif fresh:
                cells.append((b"", token.start(), False))
                fresh = False
        elif mark == b")":
            depth -= 1
            if depth < 0:
                break
            if not depth:
                yield from record_of(columns, cells, _STRING, tree)
        elif mark == b",":
            fresh = fresh or depth == 1
        else:
            break
        position = token.end()
    return position


def _copy(tree: Tree, columns: tuple[str, ...], position: int) -> Generator[Record, None, int]:
    r"""The tab-separated lines up to `\.`; returns where they end."""
    data = tree.data
    found = _COPY_END.search(data, position)
    end = found.start() if found else len(data)
    steps = Steps()
    while position < end:
        steps.step()
        stop = data.find(b"\n", position, end)
        stop = end if stop < 0 else stop
        cells: list[Cell] = []
        at = position
        for raw in data[position:stop].rstrip(b"\r").split(b"\t", _MAX_CELLS):
            cells.append((b"", at, False) if raw == rb"\N" else (raw, at, True))
            at += len(raw) + 1
        yield from record_of(columns, cells, BACKSLASH, tree)
        position = stop + 1
    return position
