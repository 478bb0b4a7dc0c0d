"""What CSV and SQL share: a row of cells under columns becomes a record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cavra_boundary.structure.base import Escapes, Leaf, Record, Tree
from cavra_boundary.structure.literals import embedded

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Cell = tuple[bytes, int, bool]
"""The raw content, where it starts, and whether it is a string."""


def record_of(columns: Sequence[str], cells: Sequence[Cell], escapes: Escapes, tree: Tree) -> Iterator[Record]:
    """The record of one row, after those found in JSON text in its cells. Cells without a column are left out."""
    if len(cells) < 2:
        return
    row = Record(cells[0][1], via=tree.via)
    for column, (raw, start, quoted) in zip(columns, cells, strict=False):
        end = start + len(raw)
        row.own.append(Leaf(column, escapes.decode(raw), start, end, quoted))
        if raw[:1] in (b"{", b"["):
            yield from embedded(tree, start, end, escapes)
    row.end = cells[-1][1] + len(cells[-1][0])
    yield row
