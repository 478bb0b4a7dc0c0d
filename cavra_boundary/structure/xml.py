"""XML, and HTML as far as it looks like it: elements are objects, attributes and elements with only text are leaves.

`<field name="email">…</field>`, as in database dumps, is a leaf `email`. Only the five predefined entities and
character references are decoded; a document's own are not expanded (so no entity bombs), and nothing external is read.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cavra_boundary.clock import Steps, watched
from cavra_boundary.structure.base import MAX_DEPTH, TOO_DEEP, Escapes, Record, Tree
from cavra_boundary.structure.literals import embedded

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAME = rb"[\w\x80-\xff][\w\x80-\xff.:-]*+"
_TAG = re.compile(
    rb"<(?:(%b)((?:[^<>\"']++|\"[^<\"]*+\"|'[^<']*+')*+)>"  # 1, 2: an opening tag and its attributes
    rb"|/(%b)\s*+>"  # 3: a closing tag
    rb"|!--|!\[CDATA\[)" % (_NAME, _NAME)
)
_ATTRIBUTE = re.compile(rb"(?<![\w\x80-\xff.:-])(%b)\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)')" % _NAME)
_CDATA = re.compile(rb"\s*+<!\[CDATA\[(.*?)(?:\]\]>\s*+\Z|\Z)", re.DOTALL)
_SPACE = b" \t\r\n"
_NAMING = frozenset((b"field", b"column", b"property", b"param", b"entry", b"attribute", b"data", b"item", b"string"))
_PREDEFINED = {b"amp": b"&", b"lt": b"<", b"gt": b">", b"quot": b'"', b"apos": b"'"}


def _character(match: re.Match[bytes]) -> bytes:
    name = match[1]
    if name[:1] != b"#":
        return _PREDEFINED[name]
    code = int(name[2:], 16) if name[1:2] in b"xX" else int(name[1:])
    return b"\xef\xbf\xbd" if code > 0x10FFFF or 0xD800 <= code < 0xE000 else chr(code).encode()


ENTITIES = Escapes(re.compile(rb"&(amp|lt|gt|quot|apos|#[xX][\da-fA-F]{1,6}|#\d{1,7});"), _character)


def read(data: bytes, head: bytes) -> Iterator[Record]:
    """The elements of `data` that have leaves."""
    tree = Tree(data)
    opened: list[_Element] = []
    waiting: dict[bytes, int] = {}
    position = 0
    steps = Steps()
    while found := _TAG.search(data, position):
        steps.step()
        position = found.end()
        if found[1]:
            if opened:
                opened[-1].has_children = True
            attributes = list(_attributes(data, *found.span(2))) if found[2] else []
            element = _Element(found[1], position, _key(data, found[1], attributes))
            waiting[found[1]] = waiting.get(found[1], 0) + 1
            opened.append(element)
            if len(opened) > MAX_DEPTH:
                tree.leave_out(TOO_DEEP)
            else:
                tree.open(found.start(), element.key)
                for name, at, to in attributes:
                    tree.leaf(_local(name), ENTITIES.decode(data[at:to]), at, to)
            if not found[2].endswith(b"/"):
                continue
            closing = found[1]
        elif found[3]:
            closing = found[3]
        else:
            # In a CDATA section, what looks like a tag is text. In a comment, tags are still read.
            if found[0] == b"<![CDATA[":
                end = data.find(b"]]>", position)
                position = len(data) if end < 0 else end + 3
            continue
        if not waiting.get(closing):
            continue
        while opened:
            element = opened.pop()
            waiting[element.tag] -= 1
            if len(opened) < MAX_DEPTH:
                tree.close(position)
                if not element.has_children and element.tag == closing:
                    yield from _text(tree, element.key, element.begin, found.start())
            if element.tag == closing:
                break
        yield from tree.drain()
    while tree.depth:
        tree.close(len(data))
    yield from tree.drain()
    tree.finish()


class _Element:
    """An open tag. begin: where its content begins."""

    __slots__ = ("begin", "has_children", "key", "tag")

    def __init__(self, tag: bytes, begin: int, key: str) -> None:
        self.tag = tag
        self.begin = begin
        self.key = key
        self.has_children = False


def _attributes(data: bytes, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Name and bounds of every quoted attribute."""
    for found in watched(_ATTRIBUTE.finditer(data, start, end)):
        yield found[1], *found.span(found.lastindex or 2)


def _key(data: bytes, tag: bytes, attributes: list[tuple[bytes, int, int]]) -> str:
    """The name of an element: its tag, or its `name` attribute where the tag only says that it is a field."""
    if tag.lower() in _NAMING:
        for name, start, end in attributes:
            if name.lower() in (b"name", b"key"):
                return data[start:end].decode("utf-8", "replace")
    return _local(tag)


def _local(name: bytes) -> str:
    return name.rpartition(b":")[2].decode("utf-8", "replace")


def _text(tree: Tree, key: str, start: int, end: int) -> Iterator[Record]:
    """Adds an element's text, if it has any, as a leaf of the element around it."""
    data = tree.data
    if start >= end:
        return
    section = _CDATA.match(data, start, end)
    if section:
        start, end = section.span(1)
        tree.leaf(key, data[start:end].decode("utf-8", "replace"), start, end)
    else:
        raw = data[start:end]
        start += len(raw) - len(raw.lstrip(_SPACE))
        text = raw.strip(_SPACE)
        end = start + len(text)
        if not text:
            return
        tree.leaf(key, ENTITIES.decode(text), start, end)
    yield from embedded(tree, start, end, ENTITIES)
