"""Record rules: which objects of a structured text hold real values in enough of a rule's fields.

A view is parsed once for all candidate rules. A record is checked in three steps, cheapest first: does it have enough
of a rule's keys, do they hold facts of the right kind, and is it a record at all rather than a schema?
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from cavra_boundary import clock
from cavra_boundary.detect.patterns import compiled
from cavra_boundary.detect.placeholders import is_template
from cavra_boundary.detect.values import CONCRETE, is_kind
from cavra_boundary.detect.verdict import CONFIRMED, REFUTED, Verdict
from cavra_boundary.model import Match, Secret, View, fold_key

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from cavra_boundary.detect.kinds import Field, RecordRule
    from cavra_boundary.structure import Leaf, Record

_PATTERN_SECONDS = 1.0
_MAX_VALUE = 4096
"""No field's value is longer (in characters) than this."""

_MAX_NAMES = 20_000
"""How many keys are remembered with the fields they may fill."""

_MAX_NAME = 200
"""How much of a key is compared."""

_MAX_DETAIL = 6
_MAX_AROUND = 16
_MAX_AROUND_LEAVES = 64
"""How much of a match's surroundings is checked, in records and leaves of each."""

_TELLING = (frozenset(("card", "email", "iban")), frozenset(("phone",)), frozenset(("name", "url")))
"""Kinds with reserved values, which made-up records use; the first of these groups found in a record decides."""

_CONTENT_KEYS = frozenset(("value", "text", "t", "content"))
"""Keys that mean the object's own name: `"email": {"value": …}`."""

_TYPE_KEYS = frozenset(("type", "fieldtype", "datatype"))
_TYPES = frozenset(
    (
        *("string", "number", "integer", "boolean", "bool", "object", "array", "null", "date", "datetime", "timestamp"),
        *("text", "int", "float", "double", "decimal", "varchar", "enumeration", "select", "picklist", "uuid"),
        *("textarea", "binary", "bytes"),
    )
)
_DESCRIPTIONS = {
    "openapi": re.compile(r"\A\s*3"),
    "swagger": re.compile(r"\A\s*2"),
    "asyncapi": re.compile(r"\A\s*\d"),
    "$schema": re.compile(r"json-schema\.org"),
}
"""Keys and values that mark a description of records."""

_TEST_MODE = "test mode"
_TEST_MODES = {
    "livemode": ("false",),
    "mode": ("test", "sandbox"),
    "environment": ("sandbox",),
    # Ends and beginnings of the cards that every provider documents for tests.
    "last4": ("4242", "1111"),
    "bin": ("424242", "411111", "555555"),
}
"""How providers mark test data (Stripe: docs.stripe.com/api/events/object)."""

_KEY_WORD = re.compile(r"[A-Za-z_$][A-Za-z0-9_$-]*")
_LITERAL = re.compile(r"(?i)[-+]?\.?\d[\w.:+-]*|true|false")
_TRIVIAL = re.compile(r"(?i)\s*|true|false|null|none|nil")

Place = tuple[int, int]
"""A field, as the index of its rule and its own index in the rule."""


@dataclass(frozen=True, slots=True)
class _Hit:
    """A match that waits for the end of the record around it. real: whether it is about somebody who is not made up."""

    record: Record
    rule: int
    match: Match
    real: bool


class RecordMatcher:
    """Finds the records that record rules describe. Keeps only names of keys from what it has read."""

    def __init__(self, rules: Sequence[RecordRule]) -> None:
        self._rules = tuple(rules)
        self._places: dict[str, tuple[Place, ...]] = {}
        for rule_index, rule in enumerate(rules):
            for field_index, field in enumerate(rule.fields):
                for key in {fold_key(key) for key in field.keys}:
                    self._places[key] = (*self._places.get(key, ()), (rule_index, field_index))

    def matches(self, view: View, rules: Collection[RecordRule], cut_short: list[str] | None = None) -> Iterator[Match]:
        """The matches of the candidate `rules`, which must be among those the matcher was made with.

        An object around one that matches a rule is not reported for that rule as well. A decoded view (base64, UTF-16)
        is read without the file's head, which is not its own, and one decoded from a part of the file also without its
        name. A rule with a pattern that takes longer than a second gives up and is named in `cut_short`. After
        everything that was found: OutOfTime when reading takes longer than there is time, UnreadError when something in
        the view is beyond the limits of its reader.
        """
        from cavra_boundary.structure import UnreadError, records  # most runs have no candidate and need no reader

        wanted = {rule.id for rule in rules}
        active = frozenset(index for index, rule in enumerate(self._rules) if rule.id in wanted)
        places = _PlacesOfLeaves(self._places, active)
        waiting: list[_Hit] = []
        head = b"" if view.via else view.blob.head
        path = view.blob.path if all(step.startswith("utf-") for step in view.via) else ""
        slow: set[int] = set()
        try:
            for record in clock.watched(records(view.data, path, head)):
                for rule, candidates in self._candidates(record, places):
                    if rule in slow or any(hit.rule == rule for hit in _inside(record, waiting)):
                        continue
                    try:
                        found = _judge(self._rules[rule], candidates, record)
                    except clock.OutOfTime:
                        slow.add(rule)
                        continue
                    if found:
                        waiting.append(_Hit(record, rule, *found))
                if waiting and not record.nests:
                    # Inner records come first, so the hits in this one are at the end.
                    ready = sum(1 for _ in _inside(record, waiting))
                    yield from _settled(waiting[len(waiting) - ready :])
                    del waiting[len(waiting) - ready :]
        except (clock.OutOfTime, UnreadError):
            yield from _settled(waiting)
            raise
        finally:
            if cut_short is not None:
                cut_short += (f"{self._rules[rule].id} has a pattern that took too long" for rule in sorted(slow))
        yield from _settled(waiting)

    def _candidates(self, record: Record, places: _PlacesOfLeaves) -> Iterator[tuple[int, Mapping[int, list[Leaf]]]]:
        """The rules for which a record has enough keys, with the leaves that may fill each field."""
        found: dict[int, dict[int, list[Leaf]]] = {}
        for leaf in record.leaves:
            for rule, field in places.of(leaf):
                found.setdefault(rule, {}).setdefault(field, []).append(leaf)
        for index, candidates in found.items():
            rule_fields = self._rules[index].fields
            if len(candidates) >= self._rules[index].at_least and all(
                place in candidates for place, field in enumerate(rule_fields) if field.required
            ):
                yield index, candidates


class _PlacesOfLeaves:
    """The fields of active rules that a leaf may fill, by its name alone; cached for each name."""

    def __init__(self, places: Mapping[str, tuple[Place, ...]], active: Collection[int]) -> None:
        self._places = places
        self._active = active
        self._known: dict[tuple[tuple[str, ...], str], tuple[Place, ...]] = {}

    def of(self, leaf: Leaf) -> tuple[Place, ...]:
        name = (leaf.path, leaf.key)
        known = self._known.get(name)
        if known is None:
            if len(self._known) > _MAX_NAMES:
                self._known.clear()
            named = (place for alias in _aliases(leaf) for place in self._places.get(alias, ()))
            found = (place for place in named if place[0] in self._active)
            known = self._known[name] = tuple(dict.fromkeys(found))
        return known


def _aliases(leaf: Leaf) -> Iterator[str]:
    """The folded names a leaf may go by: its own, and its own prefixed with those of the objects around it."""
    key = leaf.key[:_MAX_NAME]
    name = fold_key(key)
    yield name
    if "." in key:
        yield fold_key(key.rpartition(".")[2])
    if leaf.path and name in _CONTENT_KEYS:
        yield fold_key(leaf.path[-1][:_MAX_NAME])
    for around in reversed(leaf.path):
        name = fold_key(around[:_MAX_NAME]) + name
        yield name


def _inside(record: Record, waiting: Sequence[_Hit]) -> Iterator[_Hit]:
    """The hits in the record that has just ended, latest first."""
    for hit in reversed(waiting):
        if hit.record.start < record.start:
            return
        yield hit


def _settled(hits: Collection[_Hit]) -> Iterator[Match]:
    """The matches, dropped or lowered if their surroundings, which have all been read by now, say so.

    That is a word, and anybody can write it next to somebody's record. So it does not count against a real party.
    """
    for hit in hits:
        context = CONFIRMED if hit.real else _context(hit.record)
        if context.confirmed:
            match = hit.match
            yield match._replace(lowered=context.lowered) if context.lowered and not match.lowered else match


def _judge(rule: RecordRule, candidates: Mapping[int, list[Leaf]], record: Record) -> tuple[Match, bool] | None:
    """The match, if enough fields hold what they should and the record does not just describe records.

    And whether somebody real is in it.
    """
    facts: list[tuple[Field, Leaf, Verdict]] = []
    for index, field in enumerate(rule.fields):
        fact = _fact(field, candidates.get(index, ()))
        if fact:
            facts.append((field, *fact))
        elif field.required:
            return None
    concrete = {field.value or field.pattern for field, _, _ in facts if field.pattern or field.value in CONCRETE}
    leaves = {leaf.start: leaf for _, leaf, _ in facts}
    if len(leaves) < rule.at_least or len(concrete) < rule.kinds:
        return None
    party = _party(facts)
    if not party.confirmed and _is_definition(record):
        return None
    values = [leaf.value.encode("utf-8", "replace") for _, leaf, _ in facts]
    match = Match(
        rule=rule.id,
        span=leaves[min(leaves)].span,
        value=Secret(b"\0".join(values)),
        redact=tuple(sorted({leaf.span for leaf in record.leaves if not _TRIVIAL.fullmatch(leaf.value)})),
        detail=", ".join(field.keys[0] for field, _, _ in facts[:_MAX_DETAIL]),
        lowered=_TEST_MODE if not party.confirmed and _is_of_tests(facts, record) else party.lowered,
        via=record.via,
        names=tuple(rule.fields[index].keys[0] for index in sorted(candidates)),
        around=record.lines,
        keys=_plain_keys(candidates),
    )
    return match, party.confirmed


def _plain_keys(candidates: Mapping[int, list[Leaf]]) -> frozenset[bytes]:
    """The words of the keys that name a field of the rule, which may be shown."""
    words = (word for leaves in candidates.values() for leaf in leaves for word in _KEY_WORD.findall(leaf.key))
    return frozenset(word.encode() for word in words)


def _fact(field: Field, leaves: Sequence[Leaf]) -> tuple[Leaf, Verdict] | None:
    """The first leaf that holds what the field asks for, preferably a real one over one known to be made up."""
    made_up = None
    for leaf in leaves:
        verdict = _holds(field, leaf)
        if verdict.confirmed and not verdict.lowered:
            return leaf, verdict
        if verdict.confirmed and made_up is None:
            made_up = leaf, verdict
    return made_up


def _holds(field: Field, leaf: Leaf) -> Verdict:
    value = leaf.value
    if len(value) > _MAX_VALUE or _TRIVIAL.fullmatch(value) or not (leaf.quoted or _LITERAL.fullmatch(value)):
        return REFUTED
    if field.value:
        return is_kind(field.value, value)
    raw = value.strip().encode("utf-8", "replace")
    matched = compiled(field.pattern).fullmatch(raw, most=_PATTERN_SECONDS)
    return CONFIRMED if matched and not is_template(raw) else REFUTED


def _party(facts: Sequence[tuple[Field, Leaf, Verdict]]) -> Verdict:
    """Whether a match says something about somebody real; if all that it says is made up, why."""
    for kinds in _TELLING:
        verdicts = [verdict for field, _, verdict in facts if field.value in kinds]
        if verdicts:
            made_up = all(verdict.lowered for verdict in verdicts)
            return Verdict(False, verdicts[0].lowered) if made_up else CONFIRMED
    return REFUTED


def _is_of_tests(facts: Sequence[tuple[Field, Leaf, Verdict]], record: Record) -> bool:
    """Whether a provider's object has an id of its test mode."""
    return any(fold_key(leaf.key) == "object" for leaf in record.own) and any(
        "_test_" in leaf.value for _, leaf, _ in facts
    )


def _is_definition(record: Record) -> bool:
    """Whether an object describes records instead of being one: a JSON schema, a model, a CRM's field definition."""
    own = {fold_key(leaf.key): leaf.value.lower() for leaf in record.own}
    if "fieldtype" in own or (own.get("type") in _TYPES and "label" in own):
        return True
    typed = set()
    for leaf in record.leaves:
        if leaf.path and fold_key(leaf.key[:_MAX_NAME]) in _TYPE_KEYS and leaf.value.lower() in _TYPES:
            typed.add(leaf.path)
    return len(typed) > 1 or (bool(typed) and own.get("type") == "object")


def _context(record: Record) -> Verdict:
    """What a record and those around it show: that it is part of an API description or schema, or from a test mode."""
    lowered = _TEST_MODE if any(map(_says_test_mode, record.leaves)) else ""
    for around in (record, *islice(record.enclosing(), _MAX_AROUND)):
        for leaf in around.own[:_MAX_AROUND_LEAVES]:
            if leaf.key in _DESCRIPTIONS and _DESCRIPTIONS[leaf.key].search(leaf.value):
                return REFUTED
            if _says_test_mode(leaf):
                lowered = _TEST_MODE
    return Verdict(True, lowered)


def _says_test_mode(leaf: Leaf) -> bool:
    return leaf.value.lower() in _TEST_MODES.get(fold_key(leaf.key[:_MAX_NAME]), ())
