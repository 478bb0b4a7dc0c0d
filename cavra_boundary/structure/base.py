"""What every reader of structured text produces: records, with leaves that know their offsets.

A reader walks over the bytes once and tells a `Tree` where objects open and close; the tree turns them into
`Record`s. Nothing here knows a format. Offsets are bytes of the outermost text, even for values found inside a
string of a string.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple

from cavra_boundary.errors import UnreadError
from cavra_boundary.model import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_LEVELS = 3
"""How many levels of directly nested objects still belong to an object."""

_COLLECTION = 32
"""An object that holds more objects than this is a collection of records, not a record with parts."""


MAX_DEPTH = 10_000
"""Records inside more brackets or elements than this are left out."""

TOO_DEEP = f"nests deeper than {MAX_DEPTH:,} levels, which are read"
TOO_WIDE = "has more columns than are read"


class Leaf(NamedTuple):
    """A scalar with a name.

    key: as written. value: decoded text. start, end: its bytes, without quotes.
    quoted: a string, as opposed to a bare number, boolean, null or a word of program code.
    path: the keys of the objects it is in, nearest last, up to the nearest list, three at most.
    """

    key: str
    value: str
    start: int
    end: int
    quoted: bool
    path: tuple[str, ...] = ()

    @property
    def span(self) -> Span:
        return Span(self.start, self.end)


class Record:
    """An object: its own leaves, and those of the objects nested directly in it, lists excluded.

    key: the name it has in the object around it; None at the top and in a list.
    own: the leaves directly in the object. parent: the nearest object or list around it; a list has no leaves, and one
    that is still being read only knows what comes before this record.
    via: the layers around it (`("json-string",)`), outermost first.

    A reader yields a record when it ends, so inner ones come first; one that `nests` is part of a record still to come.
    """

    __slots__ = ("_held", "_names", "_nested", "end", "key", "own", "parent", "path", "start", "via")

    def __init__(
        self, start: int, key: str | None = None, parent: Record | None = None, via: tuple[str, ...] = ()
    ) -> None:
        self.start = start
        self.end = start
        self.key = key
        self.parent = parent
        self.via = via
        self.own: list[Leaf] = []
        self.path: tuple[str, ...] = () if key is None or parent is None else (*parent.path[1 - _LEVELS :], key)
        self._nested: tuple[list[Leaf], ...] | None = None
        self._names: set[str] | None = None
        self._held = 0

    @property
    def span(self) -> Span:
        return Span(self.start, self.end)

    @property
    def lines(self) -> Span:
        """From the first to the last byte of the record and its fields, which may be columns named before it."""
        leaves = self.leaves
        start = min(self.start, min(leaf.start for leaf in leaves))
        return Span(start, max(self.end, start + 1, max(leaf.end for leaf in leaves)))

    @property
    def nests(self) -> bool:
        """Whether the record around this one has these leaves too."""
        return self.key is not None and self.parent is not None and self.via == self.parent.via

    @property
    def leaves(self) -> list[Leaf]:
        """Its own leaves, then the nested ones, level by level."""
        if self._nested is None:
            return self.own
        return [*self.own, *(leaf for level in self._nested for leaf in level)]

    def enclosing(self) -> Iterator[Record]:
        """The records and lists around this one, nearest first."""
        around = self.parent
        while around is not None:
            yield around
            around = around.parent

    def adopt(self, child: Record) -> None:
        """Takes over the leaves of an object nested in this one, unless this one turns out to be a collection."""
        if self._held > _COLLECTION or child.key is None:
            return
        self._held += 1 + child._held
        names = self._names = self._names or set()
        if child.key in names or self._held > _COLLECTION:
            self._held = _COLLECTION + 1
            self._nested = self._names = None
            return
        names.add(child.key)
        nested = self._nested = self._nested or tuple([] for _ in range(_LEVELS))
        for level, leaves in zip(nested, (child.own, *(child._nested or ())), strict=False):
            level.extend(leaves)


class Escapes(NamedTuple):
    """The escape sequences of a format. `replace` returns UTF-8."""

    pattern: re.Pattern[bytes]
    replace: Callable[[re.Match[bytes]], bytes]

    def decode(self, raw: bytes) -> str:
        return self.pattern.sub(self.replace, raw).decode("utf-8", "replace")


class Tree:
    """The objects open at this point of a text, and the records complete so far.

    data: the text being read. via: the layers it is in. locate: maps an offset in `data` to one in the outermost text;
    None when they are the same.
    """

    __slots__ = ("_around", "_complete", "_unread", "data", "depth", "locate", "top", "via")

    def __init__(
        self,
        data: bytes,
        via: tuple[str, ...] = (),
        locate: Callable[[int], int] | None = None,
        around: Record | None = None,
        unread: set[str] | None = None,
    ) -> None:
        self.data = data
        self.via = via
        self.locate = locate
        self.top: Record | None = None
        self.depth = 0
        self._around = around
        self._complete: list[Record] = []
        self._unread: set[str] = set() if unread is None else unread

    def leave_out(self, why: str) -> None:
        """Notes that something is not read, here or in a text around this one."""
        self._unread.add(why)

    def finish(self) -> None:
        """UnreadError if anything was left out."""
        if self._unread:
            raise UnreadError("; ".join(sorted(self._unread)))

    def open(self, start: int, key: str | None = None) -> Record:
        """Begins an object or list at `start`, under `key` of the object that is open."""
        start = self.locate(start) if self.locate else start
        record = Record(start, key if self.top else None, self.top or self._around, self.via)
        self.top = record
        self.depth += 1
        return record

    def close(self, end: int) -> None:
        """Ends the innermost open object or list, if there is one."""
        record = self.top
        if record is None:
            return
        record.end = self.locate(end) if self.locate else end
        self.depth -= 1
        self.top = record.parent if self.depth else None
        if record.own or record._nested:
            if self.top is not None:
                self.top.adopt(record)
            self._complete.append(record)

    def leaf(self, key: str, value: str, start: int, end: int, quoted: bool = True) -> None:
        """Adds a scalar to the innermost open object, if there is one."""
        if self.top is not None:
            if self.locate:
                start, end = self.locate(start), self.locate(end)
            self.top.own.append(Leaf(key, value, start, end, quoted, self.top.path))

    def drain(self) -> list[Record]:
        """The records completed since the last call."""
        complete = self._complete
        if complete:
            self._complete = []
        return complete

    def within(self, start: int, end: int, escapes: Escapes, layer: str) -> Tree:
        """A tree for the text inside the string `data[start:end]`, its offsets mapped back through the escapes."""
        raw = self.data[start:end]
        pieces: list[bytes] = []
        inner, outer = [0], [start]
        done = size = 0
        for escape in escapes.pattern.finditer(raw):
            plain, text = raw[done : escape.start()], escapes.replace(escape)
            pieces += (plain, text)
            done = escape.end()
            inner += (size + len(plain), size + len(plain) + len(text))
            outer += (start + escape.start(), start + done)
            size = inner[-1]
        pieces.append(raw[done:])
        further = self.locate

        def locate(offset: int) -> int:
            at = bisect_right(inner, offset) - 1
            position = outer[at] + offset - inner[at]
            return further(position) if further else position

        return Tree(b"".join(pieces), (*self.via, layer), locate, self.top or self._around, self._unread)


NUMBER = re.compile(r"[-+]?(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
BARE = re.compile(rf"(?i:{NUMBER.pattern}|true|false|null|nil|none|undefined|yes|no|on|off|~)")
"""Plain scalars that are not strings (YAML 1.1 and 1.2, SQL, TOML and what programming languages add)."""


def is_string(plain: str) -> bool:
    """Whether a format with unquoted strings reads `plain` as one."""
    return BARE.fullmatch(plain) is None
