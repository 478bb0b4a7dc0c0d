"""Evidence kinds: reads the TOML files (docs/evidence-kinds.md) that define each kind's fields and gates.

A file is named after its kind, which is the `schema_version` of its packets, so only the kind in question is read.
`common.toml` holds what all kinds share.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from cavra_boundary.errors import UsageError, nearest
from cavra_boundary.evidence.conditions import TESTS
from cavra_boundary.evidence.fieldtypes import TYPES
from cavra_boundary.evidence.gates import ResultStatus
from cavra_boundary.evidence.model import Companion, Condition, Field, Gate, Kind
from cavra_boundary.evidence.vocabulary import VOCABULARIES
from cavra_boundary.rules.files import shipped_folder
from cavra_boundary.toml.tables import TomlReader, parse_toml, read_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from enum import StrEnum
    from pathlib import Path

    from cavra_boundary.evidence.document import Node
    from cavra_boundary.toml.lines import KeyPath

COMMON = "common"
VERSION = "schema_version"


_Named = TypeVar("_Named", Field, Gate, Companion)


@cache
def names() -> tuple[str, ...]:
    """The names of all kinds."""
    return tuple(sorted(file.stem for file in _folder().glob("cavra.*.toml")))


def find(name: str) -> Kind | None:
    """The kind with this name; None if it is unknown. PackError if its file is invalid."""
    return load(name) if name in names() else None


def of_packet(packet: Node) -> Kind | None:
    """The kind that a packet names; None if it is unknown. PackError if its file is invalid."""
    version = packet.get(VERSION)
    return find(version.text) if version and version.text else None


def resolve(name: str) -> Kind:
    """The kind with this name or short name (`trial-conversion-activation`). UsageError if there is none."""
    for known in names():
        if name in (known, known.split(".")[1]):
            return load(known)
    hint = nearest(name, [*names(), *(known.split(".")[1] for known in names())])
    raise UsageError(f"unknown kind {name!r}", where="KIND", hint=hint)


@cache
def load(name: str) -> Kind:
    """The kind in the shipped file of this name. PackError if that is invalid."""
    return read(_folder() / f"{name}.toml", _folder() / f"{COMMON}.toml")


def read(source: Path, common: Path) -> Kind:
    """The kind in a file, with what `common` adds to it."""
    shared = _Reader(common, _PUBLIC)
    shared.check_keys(_PART, ())
    return _Reader(source, shared.part()).kind(source.stem)


def _folder() -> Path:
    return shipped_folder() / "evidence"


class _Part(NamedTuple):
    """What both the common file and a kind's own file may hold."""

    vocabularies: Mapping[str, tuple[str, ...]]
    fields: tuple[Field, ...]
    gates: tuple[Gate, ...]


_VOCABULARIES: dict[str, type[StrEnum]] = {**VOCABULARIES, "result_status": ResultStatus}
_PUBLIC = _Part({name: tuple(word.value for word in words) for name, words in _VOCABULARIES.items()}, (), ())
"""What all kinds can name: the vocabularies of the public contract, and the result statuses of gates."""

_PART: dict[str, type] = {"vocabularies": dict, "fields": list, "section": list, "gate": list}
_KIND: dict[str, type] = {"title": str, "about": str, "written_in": str, "companion": list, **_PART}
_COMPANION: dict[str, type] = {"name": str, "title": str, "kinds": list}
_SECTION: dict[str, type] = {"name": str, "about": str, "optional": bool, "when": list, "fields": list}
_FIELD: dict[str, type] = {
    "name": str,
    "type": str,
    "about": str,
    "of": object,
    "optional": bool,
    "when": list,
    "option": str,
    "sample": str,
}
_GATE: dict[str, type] = {
    "name": str,
    "level": str,
    "when": list,
    "pass": str,
    "fail": str,
    "next_step": str,
    "all": list,
}
_LEVELS = ("blocker", "warn")
_NAME = re.compile("[a-z][a-z0-9_]*")

# A condition has exactly one of these keys, with the fields in it or next to it.
_OF_LIST: dict[str, type] = {"present": list, "absent": list, "complete": list}
_OF_FIELDS: dict[str, type] = {"equals": object, "one_of": list, "matches": str, "digest_of": str}
_CONDITION: dict[str, type] = {"with": str, "field": str, "fields": list, **_OF_LIST, **_OF_FIELDS}
_OF_A_FIELD = ("equals", "one_of")  # the tests allowed in `when`, because a JSON Schema has them too


class _Reader(TomlReader):
    """Reads one file's tables; errors give the line and the nearest valid name.

    A name must be defined before it is used.
    """

    manual = "docs/evidence-kinds.md"

    def __init__(self, source: Path, common: _Part) -> None:
        text, self._table = parse_toml(source, read_bytes(source))
        super().__init__(source, text)
        self._vocabularies = dict(common.vocabularies)
        self._fields = {field.name: field for field in common.fields}
        self._gates = {gate.name: gate for gate in common.gates}
        self._companions: dict[str, Companion] = {}

    def check_keys(self, known: Mapping[str, type], required: tuple[str, ...]) -> None:
        self._check(self._table, known, required, ())

    def kind(self, name: str) -> Kind:
        self.check_keys(_KIND, ("title", "about", "written_in"))
        version = Field((VERSION,), "label", "the kind", of=(name,))
        self._fields = {VERSION: version, **self._fields}
        for entry, at in self._tables(self._table, "companion", ()):
            self._check(entry, _COMPANION, tuple(_COMPANION), at)
            kinds = self._strings(entry["kinds"], (*at, "kinds"))
            self._define(self._companions, Companion(entry["name"], entry["title"], kinds), at)
        _, fields, gates = self.part()
        head = {key: self._table[key] for key in ("title", "about", "written_in")}
        return Kind(name, **head, fields=fields, gates=gates, companions=tuple(self._companions.values()))

    def part(self) -> _Part:
        for name, labels in self._table.get("vocabularies", {}).items():
            self._vocabularies[name] = self._strings(labels, ("vocabularies", name))
        self._read_fields(self._table, (), ())
        for entry, at in self._tables(self._table, "section", ()):
            self._check(entry, _SECTION, ("name", "about", "fields"), at)
            section = self._field(entry | {"type": "section"}, (), at)
            self._read_fields(entry, section.path, at)
        for entry, at in self._tables(self._table, "gate", ()):
            self._define(self._gates, self._gate(entry, at), at)
        return _Part(self._vocabularies, tuple(self._fields.values()), tuple(self._gates.values()))

    def _read_fields(self, table: dict[str, Any], section: tuple[str, ...], at: KeyPath) -> None:
        for entry, place in self._tables(table, "fields", at):
            self._check(entry, _FIELD, ("name", "type", "about"), place)
            self._field(entry, section, place)

    def _field(self, entry: dict[str, Any], section: tuple[str, ...], at: KeyPath) -> Field:
        if not _NAME.fullmatch(entry["name"]):
            raise self._error(f"{entry['name']!r} is not a valid name", (*at, "name"), "use lower_case_words")
        labels = self._labels(entry.get("of", []), (*at, "of"))
        field = Field(
            path=(*section, entry["name"]),
            type=self._known(entry["type"], TYPES, "type", (*at, "type")),
            about=entry["about"],
            of=labels,
            optional=entry.get("optional", False),
            when=self._conditions(entry, "when", at, _OF_A_FIELD),
            option=entry.get("option", ""),
            sample=self._known(entry["sample"], labels, "label", (*at, "sample")) if "sample" in entry else "",
        )
        self._define(self._fields, field, at)
        return field

    def _labels(self, of: object, at: KeyPath) -> tuple[str, ...]:
        """A list of labels, or those of the named vocabulary."""
        if isinstance(of, str):
            return self._vocabularies[self._known(of, self._vocabularies, "vocabulary", at)]
        return self._strings(of, at)

    def _gate(self, entry: dict[str, Any], at: KeyPath) -> Gate:
        self._check(entry, _GATE, ("name", "pass", "fail", "next_step", "all"), at)
        return Gate(
            name=entry["name"],
            warns=self._known(entry.get("level", "blocker"), _LEVELS, "level", (*at, "level")) == "warn",
            passed=entry["pass"],
            failed=entry["fail"],
            next_step=entry["next_step"],
            when=self._conditions(entry, "when", at, _OF_A_FIELD),
            conditions=self._conditions(entry, "all", at, tuple(TESTS)),
        )

    def _conditions(
        self, table: dict[str, Any], key: str, at: KeyPath, tests: tuple[str, ...]
    ) -> tuple[Condition, ...]:
        return tuple(self._condition(entry, place, tests) for entry, place in self._tables(table, key, at))

    def _condition(self, entry: dict[str, Any], at: KeyPath, tests: tuple[str, ...]) -> Condition:
        self._check(entry, _CONDITION, (), at)
        asked = [key for key in entry if key in TESTS]
        if len(asked) != 1 or asked[0] not in tests:
            raise self._error("a condition needs exactly one test", at, f"one of {', '.join(tests)}")
        (test,) = asked
        companion = entry.get("with", "")
        if companion:
            self._known(companion, self._companions, "companion", at)
            if test in ("digest_of", "complete"):
                raise self._error(f"{test} applies only to the packet itself", at, "remove `with`")
        if test in _OF_LIST:
            names, expected = entry[test], ()
        else:
            names = entry.get("fields", [entry["field"]] if "field" in entry else [])
            expected = tuple(entry[test]) if test == "one_of" else (entry[test],)
            if not expected or not all(isinstance(value, str | int) for value in expected):
                raise self._error(f"{test} needs labels, counts or flags", at, f"see {self.manual}")
        if test == "matches":
            self._known(entry[test], self._fields, "field", at)
        if test == "digest_of":
            self._known(entry[test], self._companions, "companion", at)
        names = self._strings(names, at)
        if not names or (test in ("matches", "digest_of") and len(names) != 1):
            raise self._error(f"{test} needs a field", at, f"see {self.manual}")
        if not companion:  # a companion's own kind defines its fields
            for name in names:
                self._known(name, self._fields, "field", at)
        return Condition(test, names, expected, companion)

    def _known(self, name: str, known: Iterable[str], what: str, at: KeyPath) -> str:
        if name not in known:
            raise self._error(f"unknown {what} {name!r}", at, nearest(name, known))
        return name

    def _define(self, known: dict[str, _Named], new: _Named, at: KeyPath) -> None:
        if new.name in known:
            raise self._error(f"{new.name!r} is defined twice", at, "rename or remove one")
        known[new.name] = new

    def _strings(self, values: object, at: KeyPath) -> tuple[str, ...]:
        if not isinstance(values, list) or not all(isinstance(value, str) and value for value in values):
            raise self._error(f"{at[-1]} is not a list of strings", at, f"see {self.manual}")
        return tuple(values)
