"""The rules that a scan runs: read and combined, or from the cache when the same files were read before.

The cache holds JSON and is not trusted: if no rules can be made from it, the packs are read again.
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from cavra_boundary import __version__
from cavra_boundary.detect.kinds import ContentRule, CredentialRule, Field, Near, RecordRule, TextRule
from cavra_boundary.errors import PackError, nearest
from cavra_boundary.globs import Globs
from cavra_boundary.model import Clause, Rule, Severity
from cavra_boundary.rules.combine import combine
from cavra_boundary.rules.files import pack_files, shipped_folder
from cavra_boundary.rules.kinds import GLOB_FIELDS, KINDS
from cavra_boundary.rules.model import Override, RuleSet
from cavra_boundary.toml.tables import read_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from cavra_boundary.cache import Cache
    from cavra_boundary.rules.model import Markers


def load_packs(extra: Sequence[Path], markers: Markers, cache: Cache) -> RuleSet:
    """The shipped packs and the extra ones as rules. PackError for a broken pack, or two with the same name."""
    contents = [(file, read_bytes(file)) for file in pack_files([shipped_folder(), *extra])]
    digest = sha256(json.dumps([__version__, sorted(markers.items())]).encode())
    for file, content in contents:
        digest.update(b"%d:%s:%d:%s" % (len(file.name), file.name.encode(), len(content), content))
    key = digest.hexdigest()
    if (kept := cache.read(f"rules-{key}")) and (rules := _revive(kept, key)):
        return rules
    from cavra_boundary.rules.read import parse_pack

    own = shipped_folder()
    packs = [parse_pack(file, content, markers, lint=file.parent != own) for file, content in contents]
    rules = combine(packs, key)
    for rule in rules.rules:
        check_names(rule)
    cache.write(f"rules-{key}", _freeze(rules))
    return rules


def check_names(rule: Rule) -> None:
    """PackError when a rule names a validator, kind of value or content type that does not exist."""
    from cavra_boundary.detect.content import CONTENT_TYPES
    from cavra_boundary.detect.validators import CHECKS, VALIDATORS
    from cavra_boundary.detect.values import KINDS

    asked: Iterator[tuple[str, str, Iterable[str]]] = iter(())
    if isinstance(rule, TextRule):
        asked = (("validator", name, CHECKS) for name in rule.validators)
    elif isinstance(rule, CredentialRule):
        asked = (("validator", name, VALIDATORS) for name in rule.validators)
    elif isinstance(rule, RecordRule):
        asked = (("kind of value", each.value, KINDS) for each in rule.fields if each.value)
    elif isinstance(rule, ContentRule):
        asked = (("content type", name, CONTENT_TYPES) for name in rule.types)
    for what, name, known in asked:
        if name not in known:
            raise PackError(f"unknown {what} {name!r}", where=f"rule {rule.id}", hint=nearest(name, known))


def _freeze(rules: RuleSet) -> bytes:
    """As JSON, without fields left at their defaults; `_revive` is the inverse.

    Rules with the same fields are kept together, and texts that many rules share are kept once: fewer words to read.
    """
    texts: dict[str, int] = {}
    alike: dict[tuple[str, ...], list[tuple[int, list[Any]]]] = {}
    kinds = {of: name for name, of in KINDS.items()}
    for place, rule in enumerate(rules.rules):
        given = rule.given
        shared = {name: texts.setdefault(given[name], len(texts)) for name in _SHARED & given.keys()}
        fields = (kinds[type(rule)], *given)
        alike.setdefault(fields, []).append((place, [*(given | shared).values()]))
    groups = [[fields, *zip(*members, strict=True)] for fields, members in alike.items()]
    return json.dumps([[*rules.clauses.values()], [*texts], groups, rules.overrides]).encode()


def _revive(kept: bytes, digest: str) -> RuleSet | None:
    """The cached rules; None when a different version of the code wrote them."""
    try:
        clauses, texts, groups, overrides = json.loads(kept)
        rules: dict[int, Rule] = {}
        for (kind, *names), places, members in groups:
            columns = [
                [*map(_REVIVED[name], column)]
                if name in _REVIVED
                else [texts[each] for each in column]
                if name in _SHARED
                else column
                for name, column in zip(names, zip(*members, strict=True), strict=True)
            ]
            rules.update(zip(places, KINDS[kind].alike(names, zip(*columns, strict=True)), strict=True))
        return RuleSet(
            {clause.id: clause for clause in map(Clause._make, clauses)},
            tuple(rules[place] for place in range(len(rules))),
            digest,
            tuple(Override._make(_tupled(override)) for override in overrides),
        )
    except (AttributeError, LookupError, TypeError, ValueError):
        return None


def _tupled(values: list[Any]) -> list[Any]:
    return [tuple(value) if isinstance(value, list) else value for value in values]


_SHARED = frozenset(("clause", "why", "remedy"))
"""Texts that many rules share."""

_SEVERITIES = {int(severity): severity for severity in Severity}

_REVIVED: dict[str, Callable[[Any], Any]] = {
    "severity": _SEVERITIES.__getitem__,
    **dict.fromkeys(("keywords", "validators", "allow", "types", "value", "of", "names"), tuple),
    **dict.fromkeys(GLOB_FIELDS, lambda kept: Globs(tuple(kept[0]), kept[1])),
    "near": Near._make,
    "fields": lambda kept: tuple(Field(tuple(keys), *rest) for keys, *rest in kept),
}
"""Restores values of types that JSON does not have."""
