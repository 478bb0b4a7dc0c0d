"""Parses JSON or YAML into a tree in which every node knows its position.

Only the subset in which a document has one meaning: no duplicate keys, no anchors, aliases, tags or merge keys, no NaN,
one document per file, bounded in size, depth and number of nodes. Anything else is a `Refusal`, never an exception.
"""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from cavra_boundary.model import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_BYTES = 1 << 20
_MAX_DEPTH = 32
_MAX_NODES = 20_000
_MAX_KEY = 200
_MAX_NUMBER = 40

SYNTAX, AMBIGUOUS, OVERSIZED = "syntax", "ambiguous", "oversized"
"""The checks that a refused document fails."""

NodeKind = Literal["object", "list", "string", "number", "boolean", "null"]
Scalar = str | int | float | bool | None


class Node(NamedTuple):
    """One value of a document.

    pointer: its JSON pointer (RFC 6901); "" for the root. kind: tells an empty object from an empty list.
    value: members of an object, nodes of a list, or the scalar. span: its bytes in the document, quotes included.
    """

    pointer: str
    kind: NodeKind
    value: Scalar | tuple[Member, ...] | tuple[Node, ...]
    span: Span

    @property
    def members(self) -> tuple[Member, ...]:
        """The members of an object; empty for anything else."""
        return self.value if self.kind == "object" else ()  # type: ignore[return-value]

    @property
    def items(self) -> tuple[Node, ...]:
        """The nodes of a list; empty for anything else."""
        return self.value if self.kind == "list" else ()  # type: ignore[return-value]

    @property
    def text(self) -> str | None:
        """The value if it is a string, else None."""
        return self.value if isinstance(self.value, str) else None

    def get(self, key: str) -> Node | None:
        """The value under a key of this object; None if the key is absent or this is not an object."""
        return next((member.node for member in self.members if member.key == key), None)

    def walk(self) -> Iterator[Node]:
        """The node and everything below it, in document order."""
        yield self
        for member in self.members:
            yield from member.node.walk()
        for item in self.items:
            yield from item.walk()


class Member(NamedTuple):
    """A key of an object with its value. span: the key's bytes, quotes included."""

    key: str
    span: Span
    node: Node


class Document(NamedTuple):
    """A parsed document. data: the bytes that all spans refer to."""

    path: str
    data: bytes
    root: Node


class Refusal(NamedTuple):
    """Why a document was refused, and where. check: the rule's name, as in `Fault.check`.

    words: ours only, never the document's.
    """

    check: str
    span: Span
    words: str


def read(data: bytes, path: str) -> Document | Refusal:
    """The document in a file's bytes: YAML if its name says so or it does not start like JSON."""
    if len(data) > MAX_BYTES:
        return Refusal(OVERSIZED, Span(0, 0), f"larger than {MAX_BYTES >> 20} MiB")
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        return Refusal(SYNTAX, Span(error.start, error.end), "not UTF-8")
    name = path.lower()
    is_json = name.endswith(".json") or (
        not name.endswith((".yaml", ".yml")) and data.removeprefix(BOM_UTF8).lstrip().startswith((b"{", b"["))
    )
    try:
        return Document(path, data, _Json(data).document() if is_json else _Yaml(text).document())
    except _RefusedError as refused:
        return refused.refusal


class _RefusedError(Exception):
    """Stops parsing a document."""

    def __init__(self, check: str, span: Span, words: str) -> None:
        super().__init__(words)
        self.refusal = Refusal(check, span, words)


class _Builder:
    """Makes and counts nodes for both readers."""

    def __init__(self) -> None:
        self._nodes = 0

    def node(self, pointer: str, kind: NodeKind, value: Any, span: Span) -> Node:
        self._nodes += 1
        if self._nodes > _MAX_NODES:
            raise _RefusedError(OVERSIZED, span, f"more than {_MAX_NODES:,} values")
        return Node(pointer, kind, value, span)

    def number(self, pointer: str, text: str, span: Span) -> Node:
        """A decimal number. One too large for a float is refused, because readers disagree on its value."""
        if len(text) > _MAX_NUMBER:
            raise _RefusedError(OVERSIZED, span, f"a number of more than {_MAX_NUMBER} characters")
        value = float(text) if any(char in ".eE" for char in text) else int(text)
        if value in (float("inf"), float("-inf")):
            raise _RefusedError(SYNTAX, span, "a number that is too large")
        return self.node(pointer, "number", value, span)


def _check_depth(depth: int, span: Span) -> None:
    if depth > _MAX_DEPTH:
        raise _RefusedError(OVERSIZED, span, f"nested more than {_MAX_DEPTH} deep")


def _check_key(key: str, known: set[str], span: Span) -> None:
    if key in known:
        raise _RefusedError(AMBIGUOUS, span, "a duplicate key")
    if len(key) > _MAX_KEY:
        raise _RefusedError(OVERSIZED, span, f"a key of more than {_MAX_KEY} characters")
    known.add(key)


def _below(pointer: str, step: str | int) -> str:
    """The pointer of a member or item (RFC 6901 section 3)."""
    return f"{pointer}/{str(step).replace('~', '~0').replace('/', '~1')}"


_SPACE = re.compile(rb"[ \t\r\n]*+")
_STRING = re.compile(rb'"[^"\\\x00-\x1f]*+(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*+)*+"')
_NUMBER = re.compile(rb"-?(?:0|[1-9]\d*+)(?:\.\d++)?(?:[eE][+-]?\d++)?(?![\w.+-])")
_WORD = re.compile(rb"[-+]?[A-Za-z]+")
_WORDS: dict[bytes, tuple[NodeKind, bool | None]] = {
    b"true": ("boolean", True),
    b"false": ("boolean", False),
    b"null": ("null", None),
}
_SURROGATE = re.compile("[\ud800-\udfff]")


class _Json(_Builder):
    """Reads JSON (RFC 8259). The standard library's parser gives no positions and accepts duplicate keys and NaN."""

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self._data = data
        self._at = len(BOM_UTF8) if data.startswith(BOM_UTF8) else 0

    def document(self) -> Node:
        self._skip_space()
        root = self._value("", 1)
        self._skip_space()
        if self._at < len(self._data):
            raise self._broken("content after the end of the document")
        return root

    def _value(self, pointer: str, depth: int) -> Node:
        data, start = self._data, self._at
        match data[start : start + 1]:
            case b"{":
                _check_depth(depth, Span(start, start + 1))
                return self._object(pointer, depth, start)
            case b"[":
                _check_depth(depth, Span(start, start + 1))
                return self._list(pointer, depth, start)
            case b'"':
                text, span = self._string()
                return self.node(pointer, "string", text, span)
        if found := _NUMBER.match(data, start):
            self._at = found.end()
            return self.number(pointer, found[0].decode(), Span(*found.span()))
        if found := _WORD.match(data, start):
            if found[0] not in _WORDS:
                raise _RefusedError(SYNTAX, Span(*found.span()), "a word that is not a JSON value, such as NaN")
            self._at = found.end()
            return self.node(pointer, *_WORDS[found[0]], Span(*found.span()))
        raise self._broken("not a JSON value")

    def _object(self, pointer: str, depth: int, start: int) -> Node:
        members: list[Member] = []
        known: set[str] = set()
        self._at += 1
        self._skip_space()
        while not self._take(b"}"):
            if members:
                self._expect(b",")
            key, span = self._string()
            _check_key(key, known, span)
            self._skip_space()
            self._expect(b":")
            members.append(Member(key, span, self._value(_below(pointer, key), depth + 1)))
            self._skip_space()
        return self.node(pointer, "object", tuple(members), Span(start, self._at))

    def _list(self, pointer: str, depth: int, start: int) -> Node:
        items: list[Node] = []
        self._at += 1
        self._skip_space()
        while not self._take(b"]"):
            if items:
                self._expect(b",")
            items.append(self._value(_below(pointer, len(items)), depth + 1))
            self._skip_space()
        return self.node(pointer, "list", tuple(items), Span(start, self._at))

    def _string(self) -> tuple[str, Span]:
        import json

        found = _STRING.match(self._data, self._at)
        if not found:
            raise self._broken("not a JSON string")
        self._at = found.end()
        span = Span(*found.span())
        text: str = json.loads(found[0])
        if _SURROGATE.search(text):
            raise _RefusedError(SYNTAX, span, "half of a surrogate pair")
        return text, span

    def _skip_space(self) -> None:
        self._at = _SPACE.match(self._data, self._at).end()  # type: ignore[union-attr]

    def _take(self, char: bytes) -> bool:
        if self._data[self._at : self._at + 1] != char:
            return False
        self._at += 1
        return True

    def _expect(self, char: bytes) -> None:
        if not self._take(char):
            raise self._broken(f"{char.decode()!r} is missing")
        self._skip_space()

    def _broken(self, words: str) -> _RefusedError:
        return _RefusedError(SYNTAX, Span(self._at, min(self._at + 1, len(self._data))), words)


# The core schema of YAML 1.2 (section 10.3.2). YAML 1.1 reads `yes`, `0777` and `12:30` differently; as strings they
# are neither flags nor counts, so it does not matter which version a reader follows.
_YAML_NULL = frozenset(("", "~", "null", "Null", "NULL"))
_YAML_BOOLEANS = {
    word: value
    for value, words in {True: ("true", "True", "TRUE"), False: ("false", "False", "FALSE")}.items()
    for word in words
}
_YAML_NUMBER = re.compile(r"[-+]?(?:0|[1-9]\d*|(?:0|[1-9]\d*)?\.\d+|(?:0|[1-9]\d*)\.)(?:[eE][-+]?\d+)?", re.ASCII)
_YAML_NO_NUMBER = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")


class _Yaml(_Builder):
    """Reads YAML from PyYAML's events, so that an alias is refused before it is resolved."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text
        self._offsets = [0] if text.isascii() else [0, *accumulate(len(char.encode()) for char in text)]
        self._shift = 0

    def document(self) -> Node:
        import yaml

        # libyaml does not count the byte order mark as a character, but we do.
        self._shift = int(self._text.startswith("\ufeff"))
        # libyaml's parser, if PyYAML was built with it, is fifty times as fast.
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        try:
            self._events = yaml.parse(self._text[self._shift :], Loader=loader)
            return self._document(yaml)
        except yaml.MarkedYAMLError as error:
            at = error.problem_mark.index if error.problem_mark else 0
            raise _RefusedError(SYNTAX, self._span(at, at), "not YAML") from None
        except yaml.YAMLError:
            raise _RefusedError(SYNTAX, Span(0, 0), "a character that YAML does not allow") from None

    def _document(self, yaml: Any) -> Node:
        root: Node | None = None
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                if root is not None:
                    raise _RefusedError(SYNTAX, self._place(event), "a second document in the file")
                if event.version or event.tags:
                    raise _RefusedError(AMBIGUOUS, self._place(event), "a directive")
            elif isinstance(event, yaml.NodeEvent):
                root = self._value(yaml, event, "", 1)
        if root is None:
            raise _RefusedError(SYNTAX, Span(0, 0), "an empty document")
        return root

    def _value(self, yaml: Any, event: Any, pointer: str, depth: int) -> Node:
        span = self._place(event)
        self._check_plain(yaml, event, span)
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, pointer, span)
        _check_depth(depth, span)
        if isinstance(event, yaml.SequenceStartEvent):
            items: list[Node] = []
            while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
                items.append(self._value(yaml, event, _below(pointer, len(items)), depth + 1))
            return self.node(pointer, "list", tuple(items), self._around(span, items, event))
        members: list[Member] = []
        known: set[str] = set()
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            members.append(self._member(yaml, event, pointer, depth, known))
        nodes = [member.node for member in members]
        return self.node(pointer, "object", tuple(members), self._around(span, nodes, event))

    def _member(self, yaml: Any, event: Any, pointer: str, depth: int, known: set[str]) -> Member:
        span = self._place(event)
        self._check_plain(yaml, event, span)
        if not isinstance(event, yaml.ScalarEvent):
            raise _RefusedError(SYNTAX, span, "a key that is not text")
        key = event.value
        if key == "<<" and not event.style:
            raise _RefusedError(AMBIGUOUS, span, "a merge key")
        _check_key(key, known, span)
        return Member(key, span, self._value(yaml, next(self._events), _below(pointer, key), depth + 1))

    def _scalar(self, event: Any, pointer: str, span: Span) -> Node:
        text = event.value
        if not event.style:
            if text in _YAML_NULL:
                return self.node(pointer, "null", None, span)
            if text in _YAML_BOOLEANS:
                return self.node(pointer, "boolean", _YAML_BOOLEANS[text], span)
            if _YAML_NO_NUMBER.fullmatch(text):
                raise _RefusedError(SYNTAX, span, "infinity or NaN")
            if _YAML_NUMBER.fullmatch(text):
                return self.number(pointer, text, span)
        return self.node(pointer, "string", text, span)

    def _check_plain(self, yaml: Any, event: Any, span: Span) -> None:
        if isinstance(event, yaml.AliasEvent):
            raise _RefusedError(AMBIGUOUS, span, "an alias")
        if event.anchor is not None:
            raise _RefusedError(AMBIGUOUS, span, "an anchor")
        if event.tag is not None:
            raise _RefusedError(AMBIGUOUS, span, "a tag")

    def _around(self, start: Span, nodes: list[Node], end: Any) -> Span:
        """From the start of a collection to its closing bracket, or in block style to the end of its last item."""
        closed = self._place(end)
        last = nodes[-1].span.end if nodes else start.end
        return Span(start.start, closed.end if closed.end > closed.start else last)

    def _place(self, event: Any) -> Span:
        return self._span(event.start_mark.index, event.end_mark.index)

    def _span(self, start: int, end: int) -> Span:
        start, end = start + self._shift, end + self._shift
        offsets = self._offsets
        return Span(start, end) if len(offsets) == 1 else Span(offsets[start], offsets[end])
