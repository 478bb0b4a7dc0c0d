"""TOML (toml.io/en/v1.0.0): tables, arrays of tables, inline tables.

A table's header is found by its line; the scanner for object literals reads what is below it, with `=`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cavra_boundary.clock import watched
from cavra_boundary.structure.base import Record, Tree
from cavra_boundary.structure.literals import TOML, scan

if TYPE_CHECKING:
    from collections.abc import Iterator

_KEY = rb"(?:[\w-]{1,200}|\"[^\"\n]{1,200}\"|'[^'\n]{1,200}')"
HEADER = re.compile(
    rb"^[ \t]*+(\[{1,2})[ \t]*+(%b(?:[ \t]{0,9}\.[ \t]{0,9}%b){0,99})[ \t]*+\]{1,2}[ \t]*+(?:#[^\n]*+)?\r?$"
    % (_KEY, _KEY),
    re.MULTILINE,
)
_PART = re.compile(_KEY)


def read(data: bytes, head: bytes) -> Iterator[Record]:
    """The tables of `data`; what comes before the first header is a table too, and holds the others."""
    tree = Tree(data)
    tree.open(0)
    open_names: list[tuple[bytes, ...]] = [()]
    position = 0
    for found in watched(HEADER.finditer(data)):
        yield from scan(tree, TOML, position, found.start())
        position = found.end()
        name = tuple(part.strip(b"\"'") for part in _PART.findall(found[2]))
        while name[: len(open_names[-1])] != open_names[-1] or (name == open_names[-1]):
            tree.close(found.start())
            open_names.pop()
        yield from tree.drain()
        in_list = found[1] == b"[["
        tree.open(found.start(), None if in_list else name[-1].decode("utf-8", "replace"))
        open_names.append(name)
    yield from scan(tree, TOML, position, len(data))
    while tree.depth:
        tree.close(len(data))
    yield from tree.drain()
    tree.finish()
