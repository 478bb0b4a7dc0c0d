"""YAML (yaml.org/spec/1.2.2), read line by line: block mappings, lists of them, flow collections, all scalar styles.

Only indentation shows what belongs together, so a file cut off on either side, a template or a broken document is read
as far as it goes. Tags and anchors are skipped and aliases are not followed: nothing is built, nothing expands.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cavra_boundary.clock import Steps
from cavra_boundary.structure.base import Escapes, Record, Tree, is_string
from cavra_boundary.structure.literals import BACKSLASH, YAML_FLOW, embedded, scan

if TYPE_CHECKING:
    from collections.abc import Iterator

_LINE = re.compile(
    rb"([ \t]*+)"  # 1: indentation
    rb"((?:-(?:[ \t]++|(?=\r?\n|\Z)))*+)"  # 2: dashes
    rb"(?:(?:\"((?:[^\"\\\n]++|\\.)*+)\"|'((?:[^'\n]++|'')*+)'"  # 3, 4: quoted key
    rb"|((?![\"'#{}\[\],&*!|>%@`])(?:[^:\n#]++|:(?=[^\s])|(?<=\S)#)++))"  # 5: plain key
    rb"[ \t]*+:(?=\s|\Z)[ \t]*+)?+"
    rb"((?:[&!][^\s,\[\]{}]*+[ \t]*+)*+)"  # 6: tag, anchor
    rb"([^\n]*+)\n?"  # 7: the rest
)
_PLAIN = re.compile(rb"(?:[^#\n]++|(?<=\S)#)*+")
_BLOCK = re.compile(rb"[|>][-+0-9]*+[ \t]*+(?:#[^\n]*+)?\r?\Z")
_MARK = re.compile(rb"(?:---|\.\.\.)(?=\s|\Z)")
_INDENT = re.compile(rb"[ \t]*+")
_BLANKS = re.compile(rb"(?:[ \t]*+\r?\n)++")


def _unescape_double(match: re.Match[bytes]) -> bytes:
    escape = match[0]
    if escape[:1] != b"\\":
        return b" "
    if escape[-1:] in b"\n \t":
        return b""
    return {b"e": b"\x1b", b"_": b"\xc2\xa0"}.get(escape[1:]) or BACKSLASH.replace(match)


def _unescape_single(match: re.Match[bytes]) -> bytes:
    return b"'" if match[0] == b"''" else b" "


_QUOTES = {
    b'"': (
        re.compile(rb'"([^"\\]*+(?:\\.[^"\\]*+)*+)"?', re.DOTALL),
        Escapes(
            re.compile(rb"\\\r?\n[ \t]*+|\r?\n[ \t]*+|" + BACKSLASH.pattern.pattern),
            _unescape_double,
        ),
    ),
    b"'": (
        re.compile(rb"'([^']*+(?:''[^']*+)*+)'?"),
        Escapes(re.compile(rb"''|\r?\n[ \t]*+"), _unescape_single),
    ),
}
_NO_ESCAPES = Escapes(re.compile(rb"(?!)"), lambda match: match[0])


def read(data: bytes, head: bytes) -> Iterator[Record]:
    """The mappings of all documents in `data`."""
    tree = Tree(data)
    columns: list[int] = []  # of the mappings open in `tree`
    key: str | None
    pending: str | None = None  # the key whose value is still to come
    position = 0
    extents = _Extents(data)
    steps = Steps()
    while position < len(data):
        steps.step()
        line = _LINE.match(data, position)
        assert line is not None  # noqa: S101 - every part of the pattern is optional
        begin, position = position, line.end()
        dashes = line[2]
        named = line[5] or line[3] or line[4]
        if not named and not dashes:
            rest = line[7]
            if not line[1] and _MARK.match(rest):
                while columns:
                    columns.pop()
                    tree.close(begin)
                yield from tree.drain()
                pending = None
                continue
            if rest[:1] not in (b"{", b"["):
                continue
        indent = line.end(1) - begin
        column = line.end(2) - begin
        floor = indent if dashes else column
        while columns and columns[-1] > floor:
            columns.pop()
            tree.close(begin)
        yield from tree.drain()
        key = None
        if named:
            if not columns or columns[-1] < column or dashes:
                tree.open(line.end(2), None if dashes else pending)
                columns.append(column)
            key = _key(line)
        pending = None
        at, end = line.span(7)
        first = data[at : at + 1] if at < end else b""
        if not first or first in b"#\r":
            pending = key
        elif first in b"{[":
            end = extents.end(position, column if named else floor - 1)
            at = yield from scan(tree, YAML_FLOW, at, end, value_of=key, one_value=True)
            position = max(position, _next_line(data, at))
        elif first in b"|>" and _BLOCK.match(line[7]):
            end = extents.end(position, column if named else floor)
            if key is not None:
                text = b"\n".join(part.strip() for part in data[position:end].splitlines())
                tree.leaf(key, text.decode("utf-8", "replace"), position, end)
            yield from embedded(tree, position, end, _NO_ESCAPES)
            position = end
        elif first in _QUOTES:
            pattern, escapes = _QUOTES[first]
            quoted = pattern.match(data, at, end)
            if quoted and quoted.end(1) == quoted.end():  # no closing quote on this line
                quoted = pattern.match(data, at, extents.end(position, column if named else floor))
            if quoted:
                at, end = quoted.span(1)
                if key is not None:
                    tree.leaf(key, escapes.decode(quoted[1]), at, end)
                yield from embedded(tree, at, end, escapes)
                position = max(position, _next_line(data, quoted.end()))
        elif key is not None and first != b"*":
            plain = _PLAIN.match(data, at, end)
            raw = plain[0].rstrip() if plain else b""
            text_value = raw.decode("utf-8", "replace")
            tree.leaf(key, text_value, at, at + len(raw), is_string(text_value))
    while columns:
        columns.pop()
        tree.close(len(data))
    yield from tree.drain()
    tree.finish()


def _key(line: re.Match[bytes]) -> str:
    plain, double, single = line.group(5, 3, 4)
    if plain is not None:
        return plain.rstrip().decode("utf-8", "replace")
    if double is not None:
        return BACKSLASH.decode(double)
    return single.replace(b"''", b"'").decode("utf-8", "replace")


def _next_line(data: bytes, position: int) -> int:
    found = data.find(b"\n", position)
    return len(data) if found < 0 else found + 1


class _Extents:
    """Where blocks end by their indentation.

    Many values of one indentation have the same end, and blank lines belong to blocks of every indentation. Both are
    remembered: a line is looked at once for each column that it is indented by, so all takes linear time.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._ends: dict[int, tuple[int, int]] = {}  # by column: of the last block, from where on the end is known
        self._blanks: dict[int, int] = {}  # where a run of blank lines ends, by its beginning
        self._steps = Steps()

    def end(self, position: int, column: int) -> int:
        """The end of the lines, from the line start `position` on, that are blank or indented by more than `column`.

        A line that only closes brackets belongs to what it closes.
        """
        known_from, known = self._ends.get(column, (0, 0))
        if not known_from <= position < known:
            known_from, known = position, self._found(position, column)
            self._ends[column] = known_from, known
        return known

    def _found(self, position: int, column: int) -> int:
        data = self._data
        while position < len(data):
            self._steps.step()
            indent = _INDENT.match(data, position)
            start = indent.end() if indent else position
            first = data[start : start + 1]
            if first in b"\r\n":
                position = self._blank(position)
            elif start - position <= column:
                return _next_line(data, position) if first in b"]}" else position
            else:
                position = _next_line(data, position)
        return position

    def _blank(self, position: int) -> int:
        """The end of the blank lines that begin here."""
        if position not in self._blanks:
            run = _BLANKS.match(self._data, position)
            self._blanks[position] = run.end() if run and run.end() > position else _next_line(self._data, position)
        return self._blanks[position]
