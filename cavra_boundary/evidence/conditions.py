"""The conditions that kinds are written in: each tests fields of a packet or of one of its companions.

A condition's key names its test: `{ field = "outcome", equals = "renewed" }`, `{ present = ["a", "b"] }`. Every failure
says which fields failed and why, in the kind's words and never the packet's.
"""

from __future__ import annotations

from hashlib import new
from typing import TYPE_CHECKING, NamedTuple

from cavra_boundary.evidence.model import DIGESTS, Condition

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from cavra_boundary.evidence.document import Document, Node
    from cavra_boundary.evidence.model import Kind


class Place(NamedTuple):
    """Where a condition failed. companion: its name; "" for the packet. pointer: a JSON pointer of known keys."""

    pointer: str
    companion: str = ""


class Failure(NamedTuple):
    """Why a condition does not hold."""

    places: tuple[Place, ...]
    reason: str


class Case(NamedTuple):
    """What conditions are tested on. companions: the documents that were given, by name."""

    kind: Kind
    packet: Node
    companions: Mapping[str, Document]

    def node(self, field: str, companion: str = "") -> Node | None:
        """The value of a field; None if it is absent."""
        found: Node | None = self.companions[companion].root if companion else self.packet
        for key in field.split("."):
            found = found.get(key) if found else None
        return found

    def holds(self, conditions: Iterable[Condition]) -> bool:
        """Whether all of these conditions hold."""
        return not any(self.ask(condition) for condition in conditions)

    def ask(self, condition: Condition) -> Failure | None:
        """Why a condition does not hold; None if it does. Its companions must be given."""
        return TESTS[condition.test](condition, self)

    def has(self, field: str, companion: str = "") -> bool:
        """Whether a field has a value other than null and an empty string, list or object."""
        node = self.node(field, companion)
        return node is not None and node.value not in (None, "", ())

    def missing(self) -> Iterator[str]:
        """The names of required fields that are missing or hold an unknown label.

        Fields that depend on such a label are not checked. A missing section is reported instead of its fields.
        """
        asked = {""}
        for field in self.kind.fields:
            if field.section not in asked or not self.holds(field.when):
                continue
            if self.has(field.name) and self.holds(field.known):
                asked.add(field.name)
            elif not field.optional:
                yield field.name


def pointer(field: str) -> str:
    """A dotted name as a JSON pointer."""
    return "/" + field.replace(".", "/")


def _equals(condition: Condition, case: Case) -> Failure | None:
    wrong = [
        field
        for field in condition.fields
        if _scalar(case.node(field, condition.companion)) not in _typed(condition.expected)
    ]
    choice = f"not one of {', '.join(map(_shown, condition.expected))}" if len(condition.expected) > 1 else ""
    return _failure(wrong, condition, f"{_are(wrong, condition)} {choice or f'not {_or(condition.expected)}'}")


def _matches(condition: Condition, case: Case) -> Failure | None:
    (field,), other = condition.fields, str(condition.expected[0])
    if not case.has(other):
        return Failure((Place(pointer(other)),), f"{pointer(other)} is missing")
    if not case.has(field, condition.companion):
        return _failure([field], condition, f"{_are([field], condition)} missing")
    if _scalar(case.node(field, condition.companion)) == _scalar(case.node(other)):
        return None
    # A companion is taken as given; the packet is what can be fixed.
    place = Place(pointer(other if condition.companion else field))
    return Failure((place,), f"{_named([field], condition)} differs from {pointer(other)}")


def _digest_of(condition: Condition, case: Case) -> Failure | None:
    (field,), companion = condition.fields, str(condition.expected[0])
    node = case.node(field, condition.companion)
    algorithm, _, digits = ((node and node.text) or "").partition(":")
    if algorithm in DIGESTS and digits == new(algorithm, case.companions[companion].data).hexdigest():
        return None
    return _failure([field], condition, f"{pointer(field)} is not the digest of the {companion} file's bytes")


def _present(condition: Condition, case: Case) -> Failure | None:
    missing = [field for field in condition.fields if not case.has(field, condition.companion)]
    return _failure(missing, condition, f"{_are(missing, condition)} missing")


def _absent(condition: Condition, case: Case) -> Failure | None:
    there = [field for field in condition.fields if case.has(field, condition.companion)]
    return _failure(there, condition, f"{_are(there, condition)} not empty")


def _complete(condition: Condition, case: Case) -> Failure | None:
    missing = [name for name in case.missing() if name.split(".")[0] in condition.fields]
    return _failure(missing, condition, f"{_are(missing, condition)} missing")


TESTS: Mapping[str, Callable[[Condition, Case], Failure | None]] = {
    "equals": _equals,
    "one_of": _equals,
    "matches": _matches,
    "digest_of": _digest_of,
    "present": _present,
    "absent": _absent,
    "complete": _complete,
}


def _failure(fields: list[str], condition: Condition, reason: str) -> Failure | None:
    places = tuple(Place(pointer(field), condition.companion) for field in fields)
    return Failure(places, reason) if places else None


def _scalar(node: Node | None) -> tuple[type, object]:
    """A value with its type, because in Python 1 equals True."""
    value = node.value if node else None
    return type(value), value


def _typed(values: tuple[str | int | bool, ...]) -> list[tuple[type, object]]:
    return [(type(value), value) for value in values]


def _named(fields: list[str], condition: Condition) -> str:
    of = f" of the {condition.companion} file" if condition.companion else ""
    return ", ".join(map(pointer, fields)) + of


def _are(fields: list[str], condition: Condition) -> str:
    return f"{_named(fields, condition)} {'are' if len(fields) > 1 else 'is'}"


def _or(values: tuple[str | int | bool, ...]) -> str:
    return " or ".join(map(_shown, values))


def _shown(value: str | int | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


_IN_WORDS = {
    "equals": "{fields} {are} {expected}",
    "one_of": "{fields} {are} {expected}",
    "matches": "{fields} {are} the same as {expected}",
    "digest_of": "{fields} {are} the digest of the {expected} file",
    "present": "{fields} {are} present",
    "absent": "{fields} {are} empty or absent",
    "complete": "all required fields of {fields} are present",
}


def in_words(condition: Condition) -> str:
    """What a condition requires, as a sentence without the period."""
    said = _IN_WORDS[condition.test].format(
        fields=", ".join(condition.fields),
        are="are" if len(condition.fields) > 1 else "is",
        expected=_or(condition.expected),
    )
    return f"in the {condition.companion} file, {said}" if condition.companion else said
