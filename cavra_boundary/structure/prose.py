"""Records that people paste into prose: lines of `Name: value`, Markdown tables, `name=value` pairs on a log line.

Labels and values may be emphasized, quoted, or list items; a blank line, or one of another form, ends a record.
Tables are those of GitHub Flavored Markdown (github.github.com/gfm, "Tables"). Prose also contains JSON and object
literals, so these are read first.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cavra_boundary.clock import watched
from cavra_boundary.structure import literals
from cavra_boundary.structure.base import TOO_WIDE, Leaf, Record, Tree

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST_COLUMNS = 500
_MARKS = rb"[*_`~]{0,3}+"
_LABELLED = re.compile(
    rb"^[ \t>]*+(?:[-*+][ \t]++|\d{1,3}[.)][ \t]++)?+"
    + _MARKS
    + rb"([A-Za-z][\w /().'-]{0,40}+)"
    + _MARKS
    # The value: everything after the marks, up to the end of the line.
    + rb"[ \t]*+:"
    + _MARKS
    + rb"[ \t]++([^\r\n]++)\r?(?:\n|\Z)",
    re.MULTILINE,
)
_RULE = re.compile(
    rb"^[ \t>]*+\|?+[ \t]*+:?+-{2,}+:?+[ \t]*+(?:\|[ \t]*+:?+-{2,}+:?+[ \t]*+)*+\|?+[ \t]*+\r?(?:\n|\Z)", re.MULTILINE
)
_CELL = re.compile(rb"(?:[^|\\\r\n]++|\\.)*+")
_PAIR = re.compile(rb"(?<![\w.-])([A-Za-z][\w.-]{0,60}+)=(?:\"([^\"\n]*+)\"|'([^'\n]*+)'|([^\s\"',;&|(){}\[\]<>]++))")
_LINK = re.compile(rb"\[([^\[\]\n]++)\]\([^()\n]*+\)")


def read(data: bytes, head: bytes) -> Iterator[Record]:
    """The records of a text. `head` is not empty for a later window."""
    tree = Tree(data)
    yield from literals.read_into(tree, head)
    yield from _labelled_lines(data)
    yield from _tables(tree)
    yield from _lines_of_pairs(data)
    tree.finish()


def _labelled_lines(data: bytes) -> Iterator[Record]:
    record = Record(-1)
    for line in watched(_LABELLED.finditer(data)):
        if line.start() != record.end:
            yield from _of_two(record)
            record = Record(line.start())
        record.own.append(_leaf(line[1].decode().strip(), data, *line.span(2)))
        record.end = line.end()
    yield from _of_two(record)


def _tables(tree: Tree) -> Iterator[Record]:
    data = tree.data
    position = 0
    for rule in watched(_RULE.finditer(data)):
        if rule.start() < position:  # a row of the table before
            continue
        header = data.rfind(b"\n", 0, max(0, rule.start() - 1)) + 1
        if rule.start() == 0 or b"|" not in data[header : rule.start()]:
            continue
        names = [data[start:end].decode("utf-8", "replace").strip(" \t*_`") for start, end in _cells(data, header)]
        if len(names) == _MOST_COLUMNS:
            tree.leave_out(TOO_WIDE)
        position = rule.end()
        while position < len(data):
            end = data.find(b"\n", position)
            end = len(data) if end < 0 else end
            if b"|" not in data[position:end]:
                break
            row = Record(position)
            cells = zip(names, _cells(data, position), strict=False)
            row.own += (_leaf(name, data, *cell) for name, cell in cells if name)
            row.end = end
            yield from _of_two(row)
            position = end + 1


def _cells(data: bytes, position: int) -> Iterator[tuple[int, int]]:
    """The spans of the cells of the line at `position`. A bar at the beginning of the line opens the first."""
    while data[position : position + 1] in (b" ", b"\t", b">"):
        position += 1
    position += data[position : position + 1] == b"|"
    for _ in range(_MOST_COLUMNS):
        cell = _CELL.match(data, position)
        if cell is None:
            return
        yield cell.span()
        position = cell.end() + 1
        if data[cell.end() : position] != b"|":
            return


def _lines_of_pairs(data: bytes) -> Iterator[Record]:
    record = Record(-1)
    for pair in watched(_PAIR.finditer(data)):
        if record.start < 0 or b"\n" in data[record.end : pair.start()]:
            yield from _of_two(record)
            record = Record(pair.start())
        group = pair.lastindex or 4
        record.own.append(_leaf(pair[1].decode(), data, *pair.span(group)))
        record.end = pair.end()
    yield from _of_two(record)


def _leaf(name: str, data: bytes, start: int, end: int) -> Leaf:
    """A leaf with the text between these offsets, without the blanks and marks around it or a link's target."""
    raw = data[start:end]
    if link := _LINK.search(raw):
        start, end = start + link.start(1), start + link.end(1)
        raw = link[1]
    bare = raw.strip(b" \t\r*_`\"'<>,;")
    start += raw.find(bare)
    return Leaf(name, bare.decode("utf-8", "replace"), start, start + len(bare), True)


def _of_two(record: Record) -> Iterator[Record]:
    """The record, if it has at least two leaves."""
    if len(record.own) > 1:
        yield record
