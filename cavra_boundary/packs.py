"""Pattern packs: TOML files (docs/packs.md) to validated rules.

`load` gives the rules a scan runs, from the cache when the same files were read before. `parse` reads one pack
with its examples, for the commands that show and check packs. Both raise `PackError` for a broken pack: a rule that
was asked for and cannot run must stop the run.
"""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cavra_boundary import __version__
from cavra_boundary.errors import PackError, nearest
from cavra_boundary.globs import translate
from cavra_boundary.model import (
    Clause,
    ContentRule,
    Field,
    Globs,
    Near,
    PathRule,
    RecordRule,
    Rule,
    Severity,
    TextRule,
)
from cavra_boundary.toml_lines import KeyPath, key_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from cavra_boundary.cache import Cache

Markers = Mapping[str, tuple[str, ...]]
"""The project's own names for private things: "packages" -> ("cavra_enterprise", …). Patterns name them as
`«enterprise.packages»`."""

KINDS: dict[str, type[Rule]] = {"text": TextRule, "record": RecordRule, "path": PathRule, "content": ContentRule}

CLAUSES = "boundary.toml"
"""The shipped pack that holds the clauses."""

_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\Z")
_MARKER = re.compile(r"«enterprise\.(\w*)»")
_GLOBS = ("paths", "skip_paths", "globs")
_MAX_PACK_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Example:
    """A file that a rule must find, or must leave alone. severity: what the match is to weigh, if lowered."""

    path: str
    data: bytes
    severity: Severity | None = None


@dataclass(frozen=True, slots=True)
class Pack:
    """One pack as written, with what its rules promise."""

    name: str
    title: str
    source: Path
    clauses: tuple[Clause, ...]
    rules: tuple[Rule, ...]
    examples: Mapping[str, tuple[Example, ...]]
    counterexamples: Mapping[str, tuple[Example, ...]]
    text: str
    places: Mapping[str, KeyPath]

    def where(self, name: str) -> str:
        """The file and line at which a rule or clause of this pack stands."""
        return f"{self.source}:{_line_of(self.text, self.places[name])}"


@dataclass(frozen=True, slots=True)
class RuleSet:
    """What a scan runs: clauses by id, rules in the order of their ids, a digest of every byte they came from."""

    clauses: Mapping[str, Clause]
    rules: tuple[Rule, ...]
    digest: str


def shipped_folder() -> Path:
    """Where the tool's own packs are: inside the wheel, or the repository's folder for an editable install."""
    installed = Path(__file__).parent / "patterns"
    return installed if installed.is_dir() else Path(__file__).parent.parent / "patterns"


def pack_files(places: Iterable[Path]) -> tuple[Path, ...]:
    """The pack files at these places, each a file or a folder of `*.toml`. PackError for a place that has none."""
    found: list[Path] = []
    for place in places:
        files = sorted(place.glob("*.toml")) if place.is_dir() else [place] if place.is_file() else []
        if not files:
            raise PackError("no pack here", where=str(place), hint="name a .toml file or a folder of them")
        found += files
    return tuple(dict.fromkeys(found))


def load(extra: Sequence[Path], markers: Markers, cache: Cache, verify: Callable[[Rule], None]) -> RuleSet:
    """The shipped packs and the extra ones as rules. PackError for a broken pack, or two that share a name.

    verify: raises PackError for a rule that nothing can run; asked of rules that are not in the cache.
    """
    contents = [(file, _read(file)) for file in pack_files([shipped_folder(), *extra])]
    digest = sha256(json.dumps([__version__, sorted(markers.items())]).encode())
    for file, content in contents:
        digest.update(b"%d:%s:%d:%s" % (len(file.name), file.name.encode(), len(content), content))
    key = digest.hexdigest()
    if (kept := cache.read(f"rules-{key}")) and (rules := _revive(kept, key)):
        return rules
    own = shipped_folder()
    packs = [parse(file, content, markers, lint=file.parent != own) for file, content in contents]
    rules = combine(packs, key)
    for rule in rules.rules:
        verify(rule)
    cache.write(f"rules-{key}", _freeze(rules))
    return rules


def combine(packs: Sequence[Pack], digest: str) -> RuleSet:
    """Packs as one set of rules. PackError for two that share a name and for a rule of an unknown clause."""
    clauses: dict[str, Clause] = {}
    sources: dict[str, Path] = {}
    for pack in packs:
        if (other := sources.setdefault(pack.name, pack.source)) != pack.source:
            raise PackError(f"a pack named {pack.name!r} is also at {other}", where=str(pack.source), hint="rename one")
        for clause in pack.clauses:
            if clause.id in clauses:
                hint = "rename or remove one"
                raise PackError(f"clause {clause.id!r} is defined twice", where=pack.where(clause.id), hint=hint)
            clauses[clause.id] = clause
    for pack in packs:
        for rule in pack.rules:
            if rule.clause not in clauses:
                hint = nearest(rule.clause, clauses)
                raise PackError(f"unknown clause {rule.clause!r}", where=pack.where(rule.id), hint=hint)
    rules = (
        rule if rule.remedy else rule._replace(remedy=clauses[rule.clause].instead)
        for pack in packs
        for rule in pack.rules
    )
    return RuleSet(clauses, tuple(sorted(rules, key=lambda rule: rule.id)), digest)


def parse(source: Path, content: bytes, markers: Markers, *, lint: bool = True) -> Pack:
    """One pack. `lint` also tries every pattern (2 ms each), which packs whose tests do so can spare at start-up."""
    import tomllib

    try:
        text = content.decode()
        if lint:
            key_lines(text)  # refuses the nesting over which `tomllib` would take forever
        table = tomllib.loads(text)
    except UnicodeDecodeError as error:
        raise PackError("not UTF-8 text", where=str(source), hint=f"byte {error.start} is not") from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise PackError(f"not TOML: {error}", where=str(source), hint="correct the syntax") from None
    return _Reader(source, text, markers, lint).pack(table)


def read_pack(source: Path, markers: Markers, *, lint: bool = True) -> Pack:
    """The pack in this file."""
    return parse(source, _read(source), markers, lint=lint)


def _read(source: Path) -> bytes:
    try:
        with source.open("rb") as file:
            content = file.read(_MAX_PACK_BYTES + 1)
    except OSError as error:
        raise PackError(f"cannot be read: {error.strerror}", where=str(source), hint="check the path") from None
    if len(content) > _MAX_PACK_BYTES:
        raise PackError("larger than 4 MiB", where=str(source), hint="split the pack")
    return content


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
        "entropy": float,
        "near": dict,
        "allow": list,
    },
    "record": {"fields": list, "at_least": int, "kinds": int, "keywords": list},
    "path": {"globs": list, "contains": str, "unless": str, "min_bytes": int},
    "content": {"types": list, "globs": list},
}
_REQUIRED_OF_KIND = {"text": ("pattern",), "record": ("fields", "at_least"), "path": ("globs",), "content": ("types",)}
_TYPE_NAMES = {
    str: "a string",
    list: "a list",
    dict: "a table",
    bool: "true or false",
    int: "a number",
    float: "a number",
}


class _Reader:
    """Reads one pack's tables, and says of each mistake where it stands and which valid name is nearest."""

    def __init__(self, source: Path, text: str, markers: Markers, lint: bool) -> None:
        self._source = source
        self._text = text
        self._markers = markers
        self._lint = lint
        self._places: dict[str, KeyPath] = {}

    def pack(self, table: dict[str, Any]) -> Pack:
        self._check(table, {"name": str, "title": str, "clause": list, "rule": list}, ("name", "title"), ())
        name = self._name(table, "name", ())
        clauses = tuple(self._clause(entry, at) for entry, at in self._tables(table, "clause", ()))
        rules: list[Rule] = []
        examples: dict[str, tuple[Example, ...]] = {}
        counterexamples: dict[str, tuple[Example, ...]] = {}
        for entry, at in self._tables(table, "rule", ()):
            kind = entry.get("kind", "")
            if kind not in KINDS:
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
            examples=examples,
            counterexamples=counterexamples,
            text=self._text,
            places=self._places,
        )

    def _clause(self, entry: dict[str, Any], at: KeyPath) -> Clause:
        keys = Clause._fields
        self._check(entry, dict.fromkeys(keys, str), keys, at)
        self._note_place(self._name(entry, "id", at), at)
        return Clause(**entry)

    def _rule(self, entry: dict[str, Any], at: KeyPath, rule_id: str) -> Rule:
        labels = [severity.label for severity in Severity]
        if entry["severity"] not in labels:
            hint = nearest(entry["severity"], labels)
            raise self._error(f"unknown severity {entry['severity']!r}", (*at, "severity"), hint)
        values = {key: entry[key] for key in entry if key not in ("name", "kind", "examples", "counterexamples")}
        values |= {"id": rule_id, "severity": Severity.of(entry["severity"]), "remedy": entry.get("remedy", "")}
        for key in ("keywords", "validators", "types", "allow", *_GLOBS):
            if key in values:
                values[key] = tuple(self._strings(values[key], (*at, key)))
        for key in _GLOBS:
            if key in values:
                values[key] = self._globs(values[key], (*at, key))
        for key in ("pattern", "contains", "unless"):
            if key in values:
                values[key] = self._pattern(values[key], (*at, key), secret=key == "pattern")
        if "allow" in values:
            values["allow"] = tuple(self._pattern(each, (*at, "allow")) for each in values["allow"])
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
            found.append(Example(example.get("path", "example.txt"), data, severity))
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
        """The strings, with one for each of a marker's values where one stands in them."""
        for value in values:
            if not isinstance(value, str) or not value:
                raise self._error(f"{value!r} is not a string", at, "list strings only")
            pieces = _MARKER.split(value)
            choices = [self._markers[piece] if index % 2 else (piece,) for index, piece in enumerate(pieces)]
            yield from map("".join, product(*choices))

    def _has_markers(self, entry: dict[str, Any], at: KeyPath) -> bool:
        """Whether every marker that the rule is made of has a value in this project."""
        used = _MARKER.findall(
            json.dumps({key: entry[key] for key in entry if "examples" not in key}, ensure_ascii=False)
        )
        for name in used:
            if name not in self._markers:
                raise self._error(f"unknown marker «enterprise.{name}»", at, nearest(name, self._markers))
        return all(self._markers[name] for name in used)

    def _tables(self, table: dict[str, Any], key: str, at: KeyPath) -> Iterator[tuple[dict[str, Any], KeyPath]]:
        for index, entry in enumerate(table.get(key, ())):
            if not isinstance(entry, dict):
                raise self._error(f"{key} {index + 1} is not a table", (*at, key), "see docs/packs.md")
            yield entry, (*at, key, index)

    def _name(self, table: dict[str, Any], key: str, at: KeyPath) -> str:
        name: str = table[key]
        if not _NAME.match(name):
            raise self._error(f"{name!r} is no name", (*at, key), "use lower-case-words-with-hyphens")
        return name

    def _note_place(self, name: str, at: KeyPath) -> None:
        if name in self._places:
            raise self._error(f"{name!r} is defined twice", at, "rename or remove one")
        self._places[name] = at

    def _check(self, table: dict[str, Any], known: Mapping[str, type], required: Iterable[str], at: KeyPath) -> None:
        for key, value in table.items():
            if key not in known:
                raise self._error(f"unknown key {key!r}", (*at, key), nearest(key, known))
            wanted = (int, float) if known[key] is float else known[key]
            if not isinstance(value, wanted) or (isinstance(value, bool) and known[key] is not bool):
                raise self._error(f"{key} is not {_TYPE_NAMES[known[key]]}", (*at, key), "see docs/packs.md")
        for key in required:
            if key not in table:
                raise self._error(f"{key} is missing", at, "see docs/packs.md")

    def _error(self, what: str, at: KeyPath, hint: str) -> PackError:
        return PackError(what, where=f"{self._source}:{_line_of(self._text, at)}", hint=hint)


# A check of a pack asks for the line of every rule in it.
_lines = lru_cache(maxsize=1)(key_lines)


def _line_of(text: str, at: KeyPath) -> int:
    """The line of a place in a document, or of the nearest thing around it."""
    lines = _lines(text)
    return next((lines[at[:end]] for end in range(len(at), 0, -1) if at[:end] in lines), 1)


def pattern_mistake(pattern: str) -> str:
    """Why a pattern is not in the common subset of `re` and PCRE (hyperscan's syntax); "" when it is.

    In that subset a pattern means the same to the prefilter and to the confirming match.
    """
    if not pattern.isascii():
        return "is not ASCII: it runs over bytes; write others as \\x.."
    if re.search(r"(?<!\\)\{,\d", pattern):
        return "has {,n}, which PCRE takes literally: write {0,n}"
    with warnings.catch_warnings():
        warnings.simplefilter("error", FutureWarning)
        try:
            re.compile(pattern.encode())
        except (re.error, FutureWarning, OverflowError, RecursionError) as error:
            return f"does not compile: {error}"
    return ""


def _freeze(rules: RuleSet) -> bytes:
    """As JSON; `_revive` is the inverse."""
    kinds = {of: name for name, of in KINDS.items()}
    return json.dumps([[*rules.clauses.values()], [[kinds[type(rule)], *rule] for rule in rules.rules]]).encode()


def _revive(kept: bytes, digest: str) -> RuleSet | None:
    """The rules as kept; None when another state of the code kept them."""
    try:
        clauses, rules = json.loads(kept)
        revived = tuple(_revive_rule(KINDS[kind], values) for kind, *values in rules)
        return RuleSet({clause.id: clause for clause in map(Clause._make, clauses)}, revived, digest)
    except (LookupError, TypeError, ValueError):
        return None


def _revive_rule(kind: type[Rule], values: list[Any]) -> Rule:
    rule = kind._make(tuple(value) if isinstance(value, list) else value for value in values)
    changed: dict[str, Any] = {"severity": Severity(rule.severity)}
    for name in _GLOBS:
        if name not in kind._fields:
            continue
        patterns, regex = getattr(rule, name)
        changed[name] = Globs(tuple(patterns), regex)
    if isinstance(rule, TextRule) and rule.near:
        changed["near"] = Near._make(rule.near)
    if isinstance(rule, RecordRule):
        changed["fields"] = tuple(Field._make([tuple(keys), *rest]) for keys, *rest in rule.fields)
    return rule._replace(**changed)
