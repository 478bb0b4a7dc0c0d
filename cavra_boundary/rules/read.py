"""One pack: a TOML file (docs/packs.md) to validated rules and their examples.

A mistake is a PackError with its line: a rule that was asked for and cannot run must stop the run.
"""

from __future__ import annotations

import json
import re
import warnings
from itertools import chain, product
from typing import TYPE_CHECKING, Any

from cavra_boundary.detect.kinds import Field, Near
from cavra_boundary.detect.names import fold
from cavra_boundary.detect.shapes import shape_pattern
from cavra_boundary.errors import nearest
from cavra_boundary.globs import Globs, translate
from cavra_boundary.model import Clause, Rule, Severity
from cavra_boundary.rules import forms
from cavra_boundary.rules.kinds import GLOB_FIELDS, KINDS
from cavra_boundary.rules.model import Example, Markers, Override, Pack
from cavra_boundary.toml.tables import TomlReader, line_of, parse_toml, read_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from cavra_boundary.toml.lines import KeyPath


EXAMPLE_PATH = "example.txt"
"""The path of an example that does not name one."""

_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\Z")
_MARKER = re.compile(r"«enterprise\.(\w*)»")


def parse_pack(source: Path, content: bytes, markers: Markers, *, lint: bool = True) -> Pack:
    """One pack. `lint` also compiles every pattern (2 ms each), which packs with tests for that can skip at startup."""
    text, table = parse_toml(source, content, trusted=not lint)
    return _Reader(source, text, markers, lint).pack(table)


def read_pack(source: Path, markers: Markers, *, lint: bool = True) -> Pack:
    """The pack in this file."""
    return parse_pack(source, read_bytes(source), markers, lint=lint)


_COMMON: dict[str, type] = {
    "name": str,
    "kind": str,
    "clause": str,
    "severity": str,
    "title": str,
    "why": str,
    "remedy": str,
    "generic": bool,
    "paths": list,
    "skip_paths": list,
    "examples": list,
    "counterexamples": list,
}
_REQUIRED = ("name", "clause", "severity", "title", "why", "examples", "counterexamples")
_OF_KIND: dict[str, dict[str, type]] = {
    "text": {
        "pattern": str,
        "keywords": list,
        "validators": list,
        "near": dict,
        "allow": list,
    },
    "credential": {"value": list, "of": list, "names": list, "validators": list, "lines": int, "source": str},
    "record": {"fields": list, "at_least": int, "kinds": int, "keywords": list},
    "path": {"globs": list, "contains": str, "unless": str, "min_bytes": int},
    "content": {"types": list, "globs": list},
    "policy": {},
    "evidence": {},
}
_SHARED: dict[str, type] = {"clause": str, "severity": str, "why": str, "remedy": str}
_GROUPS: dict[str, tuple[dict[str, type], tuple[str, ...], Callable[[dict[str, Any]], dict[str, Any]]]] = {
    "tokens": (
        {"name": str, "title": str, "form": object, "check": list, "near": list, "examples": list},
        ("name", "title", "form"),
        forms.token_rule,
    ),
    "providers": (
        {"name": str, "title": str, "value": list, "of": list, "names": list, "source": str},
        ("name", "title", "value", "of", "source"),
        forms.provider_rule,
    ),
}
"""Tables of rules in rows: the fields of a row, those it must have, and the rule that it stands for."""
_REQUIRED_OF_KIND = {
    "text": ("pattern",),
    "credential": ("value",),
    "record": ("fields", "at_least"),
    "path": ("globs",),
    "content": ("types",),
    "policy": (),
    "evidence": (),
}


class _Reader(TomlReader):
    """Reads one pack's tables, and reports each mistake with its line and the nearest valid name."""

    manual = "docs/packs.md"

    def __init__(self, source: Path, text: str, markers: Markers, lint: bool) -> None:
        super().__init__(source, text)
        self._markers = markers
        self._lint = lint
        self._places: dict[str, KeyPath] = {}

    def pack(self, table: dict[str, Any]) -> Pack:
        known = {"name": str, "title": str, "clause": list, "rule": list, "override": list} | dict.fromkeys(
            _GROUPS, list
        )
        self._check(table, known, ("name", "title"), ())
        name = self._name(table, "name", ())
        clauses = tuple(self._clause(entry, at) for entry, at in self._tables(table, "clause", ()))
        rules: list[Rule] = []
        examples: dict[str, tuple[Example, ...]] = {}
        counterexamples: dict[str, tuple[Example, ...]] = {}
        for entry, at in chain(self._tables(table, "rule", ()), self._rows(table)):
            kind = entry.get("kind", "")
            if not isinstance(kind, str) or kind not in KINDS:
                raise self._error(f"unknown kind {kind!r}", (*at, "kind"), nearest(str(kind), KINDS))
            required = (*_REQUIRED, *_REQUIRED_OF_KIND[kind])
            self._check(entry, _COMMON | _OF_KIND[kind], required, at)
            rule_id = f"{name}.{self._name(entry, 'name', at)}"
            self._note_place(rule_id, at)
            if not self._has_markers(entry, at):
                continue
            rules.append(self._rule(entry, at, rule_id))
            examples[rule_id] = self._examples(entry, "examples", at, rule_id)
            counterexamples[rule_id] = self._examples(entry, "counterexamples", at, rule_id)
        return Pack(
            name=name,
            title=table["title"],
            source=self._source,
            clauses=clauses,
            rules=tuple(rules),
            overrides=tuple(self._override(entry, at) for entry, at in self._tables(table, "override", ())),
            examples=examples,
            counterexamples=counterexamples,
            text=self._text,
            places=self._places,
        )

    def _rows(self, table: dict[str, Any]) -> Iterator[tuple[dict[str, Any], KeyPath]]:
        """The rule of each row, as a pack would spell it out; a row's own fields win over its group's."""
        for key, (fields, required, rule_of) in _GROUPS.items():
            for group, place in self._tables(table, key, ()):
                self._check(group, _SHARED | {"rows": list}, ("rows",), place)
                shared = {name: value for name, value in group.items() if name != "rows"}
                for row, at in self._tables(group, "rows", place):
                    self._check(row, _SHARED | fields, required, at)
                    try:
                        yield shared | rule_of(row), at
                    except (TypeError, ValueError) as error:
                        raise self._error(str(error), (*at, required[2]), "see docs/packs.md") from None

    def _clause(self, entry: dict[str, Any], at: KeyPath) -> Clause:
        keys = Clause._fields
        self._check(entry, dict.fromkeys(keys, str), keys, at)
        self._note_place(self._name(entry, "id", at), at)
        return Clause(**entry)

    def _override(self, entry: dict[str, Any], at: KeyPath) -> Override:
        known = {"rule": str, "severity": str, "off": bool, "paths": list, "skip_paths": list, "reason": str}
        self._check(entry, known, ("rule", "reason"), at)
        if not entry["reason"].strip():
            raise self._error("an override needs a reason", (*at, "reason"), "say why for the next reader")
        if not entry.keys() - {"rule", "reason"}:
            raise self._error("an override changes nothing", at, "give it severity, off, paths or skip_paths")
        if "severity" in entry:
            self._severity(entry["severity"], at)
        globs = {key: tuple(self._strings(entry.get(key, ()), (*at, key))) for key in ("paths", "skip_paths")}
        for key, patterns in globs.items():
            self._globs(patterns, (*at, key))
        where = f"{self._source}:{line_of(self._text, at)}"
        return Override(
            entry["rule"],
            entry.get("severity", ""),
            entry.get("off", False),
            **globs,
            reason=entry["reason"],
            where=where,
        )

    def _severity(self, label: str, at: KeyPath) -> Severity:
        labels = [severity.label for severity in Severity]
        if label not in labels:
            raise self._error(f"unknown severity {label!r}", (*at, "severity"), nearest(label, labels))
        return Severity.of(label)

    def _rule(self, entry: dict[str, Any], at: KeyPath, rule_id: str) -> Rule:
        values = {key: entry[key] for key in entry if key not in ("name", "kind", "examples", "counterexamples")}
        values |= {"id": rule_id, "severity": self._severity(entry["severity"], at), "remedy": entry.get("remedy", "")}
        for key in ("keywords", "validators", "types", "allow", "value", "of", "names", *GLOB_FIELDS):
            if key in values:
                values[key] = tuple(self._strings(values[key], (*at, key)))
        for key in GLOB_FIELDS:
            if key in values:
                values[key] = self._globs(values[key], (*at, key))
        for key in ("pattern", "contains", "unless"):
            if key in values:
                values[key] = self._pattern(values[key], (*at, key), secret=key == "pattern")
        if "allow" in values:
            values["allow"] = tuple(self._pattern(each, (*at, "allow")) for each in values["allow"])
        for shape in values.get("value", ()):
            try:
                self._pattern(shape_pattern(shape), (*at, "value"))
            except ValueError as error:
                raise self._error(str(error), (*at, "value"), "see docs/packs.md for the shapes") from None
        for key in ("of", "names"):
            for word in values.get(key, ()):
                if word != fold(word):
                    raise self._error(f"{word!r} can never match", (*at, key), f"write it as {fold(word)!r}")
        if "near" in values:
            values["near"] = self._near(values["near"], (*at, "near"))
        if "fields" in values:
            values["fields"] = self._fields(values, at)
        return KINDS[entry["kind"]](**values)

    def _fields(self, values: dict[str, Any], at: KeyPath) -> tuple[Field, ...]:
        known: dict[str, type] = {"keys": list, "value": str, "pattern": str, "required": bool}
        found = []
        for entry, place in self._tables(values, "fields", at):
            self._check(entry, known, ("keys",), place)
            if ("value" in entry) == ("pattern" in entry):
                raise self._error(
                    "a field needs either `value` or `pattern`", place, "name a kind of fact, or a pattern"
                )
            entry = entry | {"keys": tuple(self._strings(entry["keys"], place))}
            if "pattern" in entry:
                entry["pattern"] = self._pattern(entry["pattern"], place)
            found.append(Field(**entry))
        if not 1 <= values["at_least"] <= len(found):
            hint = f"from 1 to {len(found)}, the number of fields"
            raise self._error(f"at_least = {values['at_least']} can never be met", (*at, "at_least"), hint)
        return tuple(found)

    def _near(self, entry: dict[str, Any], at: KeyPath) -> Near:
        self._check(entry, {"pattern": str, "lines": int, "bytes": int}, ("pattern",), at)
        if ("lines" in entry) == ("bytes" in entry):
            raise self._error("`near` needs either `lines` or `bytes`", at, "say how far away it may be")
        return Near(**entry | {"pattern": self._pattern(entry["pattern"], at)})

    def _examples(self, entry: dict[str, Any], key: str, at: KeyPath, rule_id: str) -> tuple[Example, ...]:
        found = []
        for index, example in enumerate(entry[key]):
            place = (*at, key)
            if isinstance(example, str):
                example = {"text": example}
            if not isinstance(example, dict):
                raise self._error(f"{key} {index + 1} is neither a string nor a table", place, "see docs/packs.md")
            self._check(example, {"path": str, "text": str, "hex": str, "severity": str}, (), place)
            try:
                severity = Severity.of(example["severity"]) if "severity" in example else None
                data = bytes.fromhex(example.get("hex", "")) or example.get("text", "").encode()
            except (KeyError, ValueError):
                raise self._error(f"{key} {index + 1} is broken", place, "check its `hex` and `severity`") from None
            found.append(Example(example.get("path", EXAMPLE_PATH), data, severity))
        return tuple(found)

    def _pattern(self, pattern: str, at: KeyPath, *, secret: bool = False) -> str:
        expanded = _MARKER.sub(lambda mark: self._alternatives(mark[1]), pattern)
        if self._lint and (mistake := pattern_mistake(expanded)):
            raise self._error(f"pattern {mistake}", at, "see docs/packs.md")
        if secret and "(?P<secret>" not in pattern:
            raise self._error("pattern has no group named secret", at, "mark what to redact: (?P<secret>…)")
        return expanded

    def _alternatives(self, marker: str) -> str:
        return "(?:" + "|".join(re.escape(value) for value in self._markers[marker]) + ")"

    def _globs(self, patterns: Iterable[str], at: KeyPath) -> Globs:
        try:
            return translate(patterns)
        except ValueError as error:
            raise self._error(str(error), at, "use .gitignore syntax, without `!`") from None

    def _strings(self, values: Iterable[object], at: KeyPath) -> Iterator[str]:
        """The strings, one with a marker repeated for each of the marker's values."""
        for value in values:
            if not isinstance(value, str) or not value:
                raise self._error(f"{value!r} is not a string", at, "list strings only")
            pieces = _MARKER.split(value)
            choices = [self._markers[piece] if index % 2 else (piece,) for index, piece in enumerate(pieces)]
            yield from map("".join, product(*choices))

    def _has_markers(self, entry: dict[str, Any], at: KeyPath) -> bool:
        """Whether every marker that the rule uses has a value in this project."""
        used = _MARKER.findall(
            json.dumps({key: entry[key] for key in entry if "examples" not in key}, ensure_ascii=False)
        )
        for name in used:
            if name not in self._markers:
                raise self._error(f"unknown marker «enterprise.{name}»", at, nearest(name, self._markers))
        return all(self._markers[name] for name in used)

    def _name(self, table: dict[str, Any], key: str, at: KeyPath) -> str:
        name: str = table[key]
        if not _NAME.match(name):
            raise self._error(f"{name!r} is not a valid name", (*at, key), "use lower-case-words-with-hyphens")
        return name

    def _note_place(self, name: str, at: KeyPath) -> None:
        if name in self._places:
            raise self._error(f"{name!r} is defined twice", at, "rename or remove one")
        self._places[name] = at


def pattern_mistake(pattern: str) -> str:
    """Why a pattern is not in the common subset of `re` and PCRE (hyperscan's syntax); "" when it is.

    In that subset a pattern means the same to the prefilter and to the confirming match.
    """
    if not pattern.isascii():
        return "is not ASCII: it matches bytes; write other characters as \\x.."
    if re.search(r"(?<!\\)\{,\d", pattern):
        return "has {,n}, which PCRE takes literally: write {0,n}"
    with warnings.catch_warnings():
        warnings.simplefilter("error", FutureWarning)
        try:
            re.compile(pattern.encode())
        except (re.error, FutureWarning, OverflowError, RecursionError) as error:
            return f"does not compile: {error}"
    return ""
