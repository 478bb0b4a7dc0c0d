"""The general rules of a packet: every leaf is a reference, a label or something else that may be public.

What a field's name promises (`fields.Role`) decides what its value must be. If it promises nothing, a string must have
a fixed form such as a date; or it must hold nothing private and be a reference, a path, an issue number or a label of
public words.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from cavra_boundary.evidence.fields import Name, Role, is_guessable, read_name
from cavra_boundary.evidence.private import MAX_TEXT, private_reason
from cavra_boundary.evidence.reference import (
    DIGEST_LENGTHS,
    Grammar,
    Problem,
    Reference,
    is_digest,
    looks_like_reference,
    parse_reference,
)
from cavra_boundary.evidence.signs import is_allowed_host
from cavra_boundary.evidence.timestamps import DATE, TIME
from cavra_boundary.evidence.words import split, strange

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cavra_boundary.evidence.document import Member, Node
    from cavra_boundary.model import Span

_NAME = "a word that may be a name"
_STRANGE_ID = "a part that is neither words nor an opaque id"

_MAX_LABEL = 120
MAX_COUNT = 1_000_000
_MAX_MEASURE = 10**12
_MAX_SHARE = 100


class Fault(NamedTuple):
    """Something in a packet that must not be there.

    check: the name of the rule it breaks: the rule's id is `evidence.<check>`.
    pointer: the JSON pointer of what is wrong; print it only through `shown`.
    span: what to point at. detail: our own words only, never the document's.
    redact: the bytes of the document that must not be shown.
    """

    check: str
    pointer: str
    span: Span
    detail: str
    redact: tuple[Span, ...] = ()


class Context(NamedTuple):
    """What a packet is judged by, apart from its own contents.

    grammar: what the project allows. exists: whether a path exists in the repository; None if that is unknown.
    recognize: the id of a rule that finds something in these bytes, "" for none; the engine of `detect` is passed in.
    """

    grammar: Grammar = Grammar()
    exists: Callable[[str], bool] | None = None
    recognize: Callable[[bytes], str] = lambda _: ""


# --- the forms of a leaf

# From 1900 to 2099, and as RFC 3339 allows, also in lower case or with a space between date and time.
_MOMENT = re.compile(f"(?=19|20){DATE}(?:[T ]{TIME})?", re.IGNORECASE)
# Months, quarters and weeks, and durations (ISO 8601-1, sections 5.2.3 and 5.5.2).
_PERIOD = re.compile(
    r"(?:19|20)\d\d-(?:0[1-9]|1[0-2]|Q[1-4]|W[0-5]\d)"
    r"|P(?=.)(?:\d{1,4}[YMWD])*(?:T(?:\d{1,4}[HMS])+)?|\d{1,4}[smhdwy]",
    re.ASCII,
)
_VERSION = re.compile(
    r"v?\d{1,4}(?:\.\d{1,3}){0,2}(?:[-+.]?(?:a|b|c|rc|alpha|beta|dev|post|pre)[.-]?\d{0,3})?", re.ASCII
)
_SCHEMA_VERSION = re.compile(r"[a-z][a-z0-9]*(?:[._-][a-z0-9]+)*", re.ASCII)
_HEX_DIGEST = re.compile("[0-9a-f]+")
_BARE_HEX = re.compile("(?<![0-9A-Za-z:-])[0-9A-Fa-f]{32,}(?![0-9A-Za-z])")
_ISSUE = re.compile(r"([a-z0-9-]+(?:/[a-z0-9-]+)?)#\d{1,6}")
_LABEL = re.compile(r"/?[A-Za-z0-9](?:[A-Za-z0-9_.,:/+&#() -]*[A-Za-z0-9)])?")
_SLUG = re.compile(r"[A-Za-z0-9_.:/#-]+")
_FILE_NAME = re.compile(r".*/[^/]*\.[A-Za-z0-9]{1,8}", re.DOTALL)
# Values that say something private is absent, such as the marker `requires_cavra_enterprise`.
_ABSENT = re.compile(
    r"requires_[a-z_]{2,60}|not_(?:applicable|available|collected|included|present|public|recorded|shared|stored)"
    r"|(?:[a-z]+_)*(?:disabled|excluded|omitted|redacted|withheld)|(?:[a-z]+_)+only|absent|none"
)

_EXACT = (_MOMENT, _PERIOD, _VERSION)


def _is_exact(text: str, name: Name) -> bool:
    """Whether a text has a fixed form that leaves no room for private content."""
    return any(form.fullmatch(text) for form in _EXACT) or _is_digest(text, name)


def _is_digest(text: str, name: Name) -> bool:
    """Whether a text is a digest, with its algorithm or in a field whose name says that it is one."""
    is_bare = name.names_digest and len(text) in DIGEST_LENGTHS.values() and _HEX_DIGEST.fullmatch(text)
    return bool(is_bare) or is_digest(text)


def shown(pointer: str) -> str:
    """A pointer fit to print, without steps that are not plain names, because those may be private themselves."""
    return "/".join(step if _is_plain(step) else "…" for step in pointer.split("/"))


def _is_plain(step: str) -> bool:
    return (
        len(step) <= 100
        and step.isascii()
        and all(len(word) <= 24 if word.isalpha() else len(word) <= 6 for word in split(step))
        and re.fullmatch(r"[A-Za-z0-9_$-]*", step) is not None
    )


def judge(packet: Node, context: Context) -> Iterator[Fault]:
    """What is wrong with a packet, in document order."""
    yield from _Judge(context).node(packet, read_name(""), "")


class _Judge:
    def __init__(self, context: Context) -> None:
        self._context = context
        self._grammar = context.grammar

    def node(self, node: Node, name: Name, mode: str) -> Iterator[Fault]:
        """Judges a value. mode: the `evidence_mode` of the enclosing object."""
        match node.kind:
            case "object":
                yield from self._object(node, name, mode)
            case "list":
                for item in node.items:
                    yield from self.node(item, name, mode)
            case "string":
                yield from self._string(node, name)
            case "number":
                yield from self._number(node, name)

    def _object(self, node: Node, name: Name, mode: str) -> Iterator[Fault]:
        if name.role is Role.REFERENCE or (name.role is Role.REFERENCES and not _holds_references(node)):
            yield Fault("inline-object", node.pointer, node.span, "an object where a reference belongs", (node.span,))
            return
        if (own := node.get("evidence_mode")) and own.text:
            mode = own.text.strip().lower()
        about = _about(node)
        for member in node.members:
            yield from self._member(member, name, mode, about)

    def _member(self, member: Member, outer: Name, mode: str, about: bool) -> Iterator[Fault]:
        node, name = member.node, read_name(member.key)
        if fault := self._key(member):
            yield fault
            if fault.check != "named-label":
                return
        if name.private and not _is_harmless(node, name):
            words = f"declares {name.private}"
            yield Fault("private-field", node.pointer, member.span, words, _hidden(member))
        elif name.role is Role.INCLUDED and node.kind in ("string", "number", "boolean"):
            if node.kind != "boolean":
                yield Fault("wrong-type", node.pointer, node.span, "a redaction flag that is not false", (node.span,))
            elif node.value:
                yield Fault("included", node.pointer, node.span, "says that private material is included")
        elif name.role is Role.FLAG and node.kind in ("string", "number", "boolean"):
            if node.kind != "boolean":
                yield Fault("wrong-type", node.pointer, node.span, "must be true or false", (node.span,))
            elif not node.value and mode == "live":
                yield Fault("unsanitized", node.pointer, node.span, "live evidence that is not sanitized")
        else:
            if name.names_digest and not split(member.key)[:-1]:
                name = name._replace(guessable=outer.guessable)
            if outer.role is Role.REFERENCES and name.role is Role.ANY:
                name = name._replace(role=Role.REFERENCES)
            yield from self.node(node, name._replace(guessable=name.guessable or about), mode)

    def _key(self, member: Member) -> Fault | None:
        """What is wrong with a field's name, which can leak as much as its value."""
        key, pointer, span = member.key, member.node.pointer, member.span
        if words := private_reason(key, self._grammar.hosts) or _foreign(self._context.recognize(key.encode())):
            return Fault("field-name", pointer, span, f"holds {words}", _hidden(member))
        if len(key) > _MAX_LABEL or not _LABEL.fullmatch(key.lstrip("$@_.")):
            return Fault("field-name", pointer, span, "not a plain name", _hidden(member))
        match strange(key, self._grammar.words):
            case "name":
                return Fault("named-label", pointer, span, _NAME, (span,))
            case "id" if not _is_digest(key, read_name("digest")):
                return Fault("field-name", pointer, span, _STRANGE_ID, _hidden(member))
        return None

    def _number(self, node: Node, name: Name) -> Iterator[Fault]:
        value = node.value
        assert isinstance(value, int | float)  # noqa: S101 - the reader guarantees it
        most = _MAX_MEASURE if name.measured else MAX_COUNT
        is_count = value == int(value) and 0 <= value <= most
        is_share = -_MAX_SHARE <= value <= _MAX_SHARE and round(value, 4) == value
        if not (is_count or is_share):
            yield Fault("number", node.pointer, node.span, "not a small count or share", (node.span,))
        elif name.role not in (Role.ANY, Role.TEXT):
            yield Fault("wrong-type", node.pointer, node.span, f"must be {name.role.value}", (node.span,))

    def _string(self, node: Node, name: Name) -> Iterator[Fault]:
        text = node.text or ""
        if name.guessable and _is_digest(text, name):
            words = "of something that is easy to guess"
            yield Fault("guessable-digest", node.pointer, node.span, words, (node.span,))
        elif text and (problem := self._problem(text, name)):
            yield Fault(problem.check, node.pointer, node.span, problem.words, (node.span,))

    def _problem(self, text: str, name: Name) -> Problem | None:
        """What is wrong with a non-empty string."""
        if len(text) > MAX_TEXT:
            return Problem("long-text", f"longer than {MAX_TEXT} characters")
        match name.role:
            case Role.REFERENCE:
                return self._reference(text)
            case Role.MOMENT:
                return None if _MOMENT.fullmatch(text) or _PERIOD.fullmatch(text) else self._broken(text, name)
            case Role.VERSION:
                return None if _SCHEMA_VERSION.fullmatch(text) or _VERSION.fullmatch(text) else self._broken(text, name)
        if _is_exact(text, name):
            return None
        is_pointer = looks_like_reference(text) or _is_path(text)
        if name.role is Role.REFERENCES or (is_pointer and name.role is not Role.TEXT):
            return self._reference(text)
        if found := self._private(text):
            return Problem("private-value", found)
        if name.role is Role.TEXT:
            return None
        reference = parse_reference(text, self._grammar)
        if isinstance(reference, Reference) and reference.name:
            return None
        return self._label(text, name, reference)

    def _broken(self, text: str, name: Name) -> Problem:
        """The problem with a text that is not what its field's name promises."""
        if found := self._private(text):
            return Problem("private-value", found)
        return Problem("wrong-type", f"must be {name.role.value}")

    def _reference(self, text: str) -> Problem | None:
        found = parse_reference(text, self._grammar)
        if isinstance(found, Problem):
            return found
        if rule := self._recognized(text):
            return Problem("reference-payload", rule)
        return None if found.name else self._path(text)

    def _path(self, text: str) -> Problem | None:
        """A path that exists in the repository is public; one that does not is judged by its words."""
        exists = self._context.exists
        if exists and exists(text):
            return None
        if strange(text, self._grammar.words) == "name":
            return Problem("named-label", _NAME)
        return Problem("not-a-reference", "a path that does not exist in the repository") if exists else None

    def _label(self, text: str, name: Name, reference: Reference | Problem) -> Problem | None:
        if is_allowed_host(text, self._grammar.hosts):
            return None
        if issue := _ISSUE.fullmatch(text):
            text = issue[1]
        if len(text) > _MAX_LABEL or not _LABEL.fullmatch(text):
            return Problem("free-text", "more than a label of public words")
        payload = reference if isinstance(reference, Problem) and reference.check == "reference-payload" else None
        found = strange(text, self._grammar.words)
        if not found:
            return payload
        if found == "id":
            return Problem("private-value", _STRANGE_ID)
        if not _SLUG.fullmatch(text):
            return Problem("free-text", "more than a label of public words")
        if name.guessable:
            return Problem("private-value", "a name where only an opaque id is allowed")
        return payload or Problem("named-label", _NAME)

    def _private(self, text: str) -> str:
        if found := private_reason(text, self._grammar.hosts):
            return found
        return "a digest or key without its algorithm" if _BARE_HEX.search(text) else self._recognized(text)

    def _recognized(self, text: str) -> str:
        return _foreign(self._context.recognize(text.encode()))


def _foreign(rule: str) -> str:
    return f"a match for rule {rule}" if rule else ""


def _is_path(text: str) -> bool:
    """Whether a text names a file in a folder."""
    return _FILE_NAME.fullmatch(text) is not None and isinstance(parse_reference(text, Grammar()), Reference)


def _is_harmless(node: Node, name: Name) -> bool:
    """Whether a field that declares something private only says that it is absent, where it is, or how many."""
    match node.kind:
        case "null" | "boolean":
            return True
        case "number":
            return not name.private_numbers or not node.value
        case "string":
            text = node.text or ""
            return not text or _ABSENT.fullmatch(text) is not None or looks_like_reference(text) or ":opaque-" in text
    return not node.value or _is_all_references(node)


def _holds_references(node: Node) -> bool:
    """Whether an object or list has references in it, so that its values can be judged one by one."""
    if node.kind == "list":
        return all(_is_reference_like(item) or _holds_references(item) for item in node.items)
    return any(
        read_name(member.key).role in (Role.REFERENCE, Role.REFERENCES)
        or _is_reference_like(member.node)
        or _holds_references(member.node)
        for member in node.members
    )


def _is_all_references(node: Node) -> bool:
    """Whether the leaves of an object or list are references and flags."""
    return all(each.kind in ("object", "list", "boolean", "null") or _is_reference_like(each) for each in node.walk())


def _is_reference_like(node: Node) -> bool:
    text = node.text
    return text is not None and (looks_like_reference(text) or ":opaque-" in text or _is_path(text))


def _about(node: Node) -> bool:
    """Whether an object says that it is about something guessable: `{"field": "email", "digest": …}`."""
    return any(
        member.key in ("field", "kind", "type", "of", "subject", "what") and is_guessable(split(member.node.text or ""))
        for member in node.members
    )


def _hidden(member: Member) -> tuple[Span, ...]:
    """A member's value, and its name unless that is plain."""
    return (member.node.span,) if _is_plain(member.key) else (member.span, member.node.span)
