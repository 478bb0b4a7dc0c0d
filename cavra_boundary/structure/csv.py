"""Comma-, semicolon-, tab- and bar-separated values with a header line (RFC 4180 and its relatives).

The header names the leaves, so a later window of a large file needs the file's head. A line with fewer than half as
many cells as the header is not a row. A quoted field may span lines.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from cavra_boundary.clock import Steps, watched
from cavra_boundary.structure.base import Escapes, Leaf, Record, Tree
from cavra_boundary.structure.rows import Cell, record_of

if TYPE_CHECKING:
    from collections.abc import Iterator

_DELIMITERS = b",;\t|"
_MAX_COLUMNS = 2000
_DOUBLED = Escapes(re.compile(rb'""'), lambda _: b'"')
_LINE = re.compile(rb"[^\r\n]*+(?:\r?\n|\r|\Z)")
_NAME = re.compile(r"[^\W\d][\w .:/()#$%*?-]{0,79}")

_FIELDS = {
    delimiter: re.compile(
        # A quoted field, else everything before the next delimiter; then what ends it.
        rb'(?:"([^"]*+(?:""[^"]*+)*+)"(?=[%b\r\n]|\Z)|([^%b\r\n]*+))(%b|\r?\n|\r|\Z)' % ((re.escape(delimiter),) * 3)
    )
    for delimiter in (_DELIMITERS[i : i + 1] for i in range(len(_DELIMITERS)))
}


def header(head: bytes) -> tuple[bytes, tuple[str, ...]] | None:
    """The delimiter and column names in the first line of a file, or None when it is not a header."""
    found = _LINE.match(head.removeprefix(b"\xef\xbb\xbf"), 0, 1 << 16)
    line = found[0].rstrip(b"\r\n") if found else b""
    counts = Counter(line.translate(None, bytes(set(range(256)) - set(_DELIMITERS))))
    if not counts:
        return None
    delimiter = bytes([counts.most_common(1)[0][0]])
    names = []
    for field in _FIELDS[delimiter].finditer(line):
        names.append((field[1] or field[2] or b"").decode("utf-8", "replace").replace('""', '"').strip())
        if not field[3]:
            break
    plausible = [name for name in names if _NAME.fullmatch(name)]
    if len(names) > _MAX_COLUMNS or len(plausible) < 2 or len(plausible) * 4 < len(names) * 3:
        return None
    return delimiter, tuple(names)


def looks_like(head: bytes) -> bool:
    """Whether the first lines are a header and rows with as many cells."""
    found = header(head)
    if found is None:
        return False
    delimiter, columns = found
    lines = [line for line in head[:4096].splitlines()[1:6] if line.strip()]
    whole = lines[:-1] if len(head) > 4096 else lines
    return bool(whole) and all(line.count(delimiter) >= len(columns) - 1 for line in whole)


def read(data: bytes, head: bytes) -> Iterator[Record]:
    """The rows of `data`. `head` is the file's beginning when `data` is a later window."""
    found = header(head or data)
    if found is None:
        return
    delimiter, columns = found
    # A later window begins with the rest of a row.
    first = _LINE.match(data)
    position = first.end() if first else len(data)
    tree = Tree(data)
    field = _FIELDS[delimiter]
    least = max(2, len(columns) // 2)
    steps = Steps()
    while position < len(data):
        steps.step()
        line = _LINE.match(data, position)
        if line is None:
            break
        text = line[0]
        if b'"' in text:
            cells: list[Cell] = []
            for cell in watched(field.finditer(data, position)):
                group = 2 if cell[1] is None else 1
                if len(cells) < _MAX_COLUMNS:
                    cells.append((cell[group], cell.start(group), True))
                position = cell.end()
                if cell[3] != delimiter:
                    break
            if len(cells) >= least:
                yield from record_of(columns, cells, _DOUBLED, tree)
            continue
        start, position = position, line.end()
        raw = text.rstrip(b"\r\n").split(delimiter, _MAX_COLUMNS)
        if len(raw) < least:
            continue
        row = Record(start)
        leaves = row.own
        at = start
        for column, value in zip(columns, raw, strict=False):
            leaves.append(Leaf(column, value.decode("utf-8", "replace"), at, at + len(value), True))
            at += len(value) + 1
        row.end = start + len(text)
        yield row
    tree.finish()
