"""gitleaks' rules and allowlists as a pack, from the `.gitleaks.toml` format that its README documents.

Carried over are a rule's pattern, secret group, keywords, simple path filters, and allowlists on the secret. A minimum
entropy, which asks whether the secret is random, becomes the validator that knows.
gitleaks has no clauses, severities or examples; the pack uses one clause and severity for all rules, and they need
examples to pass `rules check`.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from cavra_boundary.errors import PackError
from cavra_boundary.rules.importing.re2 import TranslationError, groups_of, translate
from cavra_boundary.rules.read import pattern_mistake
from cavra_boundary.toml.tables import line_of, parse_toml, read_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cavra_boundary.toml.lines import KeyPath

_SHORTEST_KEYWORD = 3


class LeftOut(NamedTuple):
    """What could not be carried over. line: in gitleaks' file."""

    line: int
    rule: str
    what: str


class Imported(NamedTuple):
    """A pack's text, how many rules it has, and what is missing from it."""

    text: str
    rules: int
    left_out: tuple[LeftOut, ...]


def convert(source: Path, *, name: str, clause: str, severity: str) -> Imported:
    """The rules of a gitleaks configuration as a pack of this name. PackError when the file is not one."""
    text, table = parse_toml(source, read_bytes(source))
    return _Importer(source, text, table).pack(name, clause, severity)


class _Importer:
    def __init__(self, source: Path, text: str, table: dict[str, Any]) -> None:
        self._source = source
        self._text = text
        self._table = table
        self._left_out: list[LeftOut] = []
        self._names: set[str] = set()

    def pack(self, name: str, clause: str, severity: str) -> Imported:
        rules = self._table.get("rules")
        if not isinstance(rules, list) or not all(isinstance(rule, dict) for rule in rules):
            hint = "name a file such as .gitleaks.toml"
            raise PackError(
                "has no [[rules]], so it is not a gitleaks configuration", where=str(self._source), hint=hint
            )
        if "extend" in self._table:
            self._leave("", ("extend",), "the rules that it extends are not in this file")
        allowed = self._allowed("", self._allowlists(self._table, ("allowlist",), ("allowlists",)))
        written = [
            entry
            for index, rule in enumerate(rules)
            if (entry := self._rule(rule, ("rules", index), clause, severity, allowed))
        ]
        head = [
            f"# Imported from {self._source.name}. The rules have no examples yet: give each two examples and two",
            "# counterexamples (near misses), then run `cavra-boundary rules check` on this file.",
            *(
                f"# Left out, line {each.line}: {f'{each.rule}: ' if each.rule else ''}{each.what}"
                for each in self._left_out
            ),
            f"name = {_string(name)}",
            f"title = {_string(str(self._table.get('title') or f'Imported from {self._source.name}'))}",
        ]
        whole = "\n".join([*map(_one_line, head), *(f"\n{entry}" for entry in written)]) + "\n"
        return Imported(whole, len(written), tuple(self._left_out))

    def _rule(self, rule: dict[str, Any], at: KeyPath, clause: str, severity: str, allowed: list[str]) -> str:
        """One rule as TOML; empty if it cannot be carried over."""
        id_ = str(rule.get("id") or f"rule {at[-1]}")
        regex = rule.get("regex")
        globs = _globs_of(rule["path"]) if isinstance(rule.get("path"), str) else []
        title = str(rule.get("description") or id_)
        values: dict[str, Any] = {"name": self._name(id_), "kind": "text", "clause": clause, "severity": severity}
        values |= {"title": title, "why": f"The gitleaks rule {id_} looks for it."}
        if not isinstance(regex, str):
            if not globs:
                self._leave(id_, at, "it has no pattern, and its path cannot be written in .gitignore syntax")
                return ""
            return _table(values | {"kind": "path", "globs": globs, "examples": [], "counterexamples": []})
        try:
            pattern = self._pattern(id_, at, regex, rule.get("secretGroup", 0))
        except TranslationError as error:
            self._leave(id_, (*at, "regex"), f"its pattern {error}")
            return ""
        if "path" in rule and not globs:
            self._leave(id_, (*at, "path"), "its path filter, so it runs on all files")
        for key, what in (
            ("required", "the other rules that must match near it"),
            ("skipReport", "its `skipReport`, so its matches are reported"),
        ):
            if key in rule:
                self._leave(id_, (*at, key), what)
        allows, skipped = self._allowlisted(id_, rule, at)
        values |= {"pattern": pattern, "keywords": self._keywords(id_, rule, at)}
        values |= {"validators": ["generated"]} if _is_number(rule.get("entropy")) else {}
        values |= {"allow": [*allows, *allowed], "paths": globs, "skip_paths": skipped}
        kept = {key: value for key, value in values.items() if value != []}
        return _table(kept | {"examples": [], "counterexamples": []})

    def _pattern(self, id_: str, at: KeyPath, regex: str, group: object) -> str:
        secret = group if isinstance(group, int) else 0
        if secret == 0 and (groups := groups_of(regex)):
            # gitleaks takes the first group that is not empty.
            secret = 1 if groups == 1 else 0
            if groups > 1:
                self._leave(id_, (*at, "regex"), "which of its groups is the secret, so the whole match is")
        pattern = translate(regex, secret)
        if mistake := pattern_mistake(pattern):
            raise TranslationError(mistake)
        return pattern

    def _keywords(self, id_: str, rule: dict[str, Any], at: KeyPath) -> list[str]:
        words = [word.lower() for word in self._strings(rule, "keywords", at) if word]
        if any(len(word) < _SHORTEST_KEYWORD for word in words):
            # A rule without keywords is slower but finds the same.
            self._leave(id_, (*at, "keywords"), f"its keywords, as one is shorter than {_SHORTEST_KEYWORD} characters")
            return []
        return words

    def _allowlisted(self, id_: str, rule: dict[str, Any], at: KeyPath) -> tuple[list[str], list[str]]:
        """What a rule's own allowlists allow: patterns of secrets, and paths."""
        lists = list(self._allowlists(rule, (*at, "allowlist"), (*at, "allowlists")))
        paths = [glob for entry, place in lists for glob in self._skipped(id_, entry, place)]
        return self._allowed(id_, iter(lists)), paths

    def _allowlists(
        self, table: dict[str, Any], one: KeyPath, many: KeyPath
    ) -> Iterator[tuple[dict[str, Any], KeyPath]]:
        """The allowlists of a table, in gitleaks' older spelling and its newer one."""
        if isinstance(table.get("allowlist"), dict):
            yield table["allowlist"], one
        several = table.get("allowlists")
        for index, entry in enumerate(several if isinstance(several, list) else ()):
            if isinstance(entry, dict):
                yield entry, (*many, index)

    def _allowed(self, id_: str, lists: Iterator[tuple[dict[str, Any], KeyPath]]) -> list[str]:
        """Patterns of the secrets that allowlists allow."""
        patterns: list[str] = []
        for entry, at in lists:
            criteria = [key for key in ("commits", "paths", "regexes", "stopwords") if self._strings(entry, key, at)]
            if str(entry.get("condition", "OR")).upper() in ("AND", "&&") and len(criteria) > 1:
                self._leave(id_, at, "an allowlist with several conditions that must all be met")
                continue
            if "commits" in criteria:
                self._leave(id_, (*at, "commits"), "allowed commits")
            if "paths" in criteria and not id_:
                self._leave(id_, (*at, "paths"), "allowed paths: add them to `exclude`")
            if entry.get("targetRules"):
                self._leave(id_, (*at, "targetRules"), "an allowlist for some rules only")
                continue
            words = [re.escape(word) for word in self._strings(entry, "stopwords", at)]
            if words:
                patterns.append(f"(?is).*?(?:{'|'.join(words)}).*")
            if entry.get("regexTarget", "secret") not in ("", "secret"):
                self._leave(id_, (*at, "regexTarget"), f"allowed patterns that match the {entry['regexTarget']}")
                continue
            patterns += self._of_secrets(id_, entry, at)
        return patterns

    def _of_secrets(self, id_: str, entry: dict[str, Any], at: KeyPath) -> Iterator[str]:
        for index, regex in enumerate(self._strings(entry, "regexes", at)):
            try:
                # gitleaks searches anywhere in the secret; a pack's `allow` must match all of it.
                found = translate(regex).replace("(?P<secret>", "(?:", 1)
                flags = re.match(r"\(\?[ims]+\)", found)
                start = flags.end() if flags else 0
                whole = f"{found[:start]}[\\s\\S]*?{found[start:]}[\\s\\S]*"
                if mistake := pattern_mistake(whole):
                    raise TranslationError(mistake)
                yield whole
            except TranslationError as error:
                self._leave(id_, (*at, "regexes", index), f"an allowed pattern: it {error}")

    def _skipped(self, id_: str, entry: dict[str, Any], at: KeyPath) -> Iterator[str]:
        for index, path in enumerate(self._strings(entry, "paths", at)):
            globs = _globs_of(path)
            yield from globs
            if not globs:
                self._leave(id_, (*at, "paths", index), "an allowed path that cannot be written in .gitignore syntax")

    def _strings(self, table: dict[str, Any], key: str, at: KeyPath) -> list[str]:
        """The strings of a list that need not be there. PackError for anything else."""
        values = table.get(key, [])
        if isinstance(values, list) and all(isinstance(value, str) for value in values):
            return values
        where = f"{self._source}:{line_of(self._text, (*at, key))}"
        raise PackError(f"{key} is not a list of strings", where=where, hint="gitleaks does not read this either")

    def _name(self, id_: str) -> str:
        """The rule's name in the pack: its id, made a valid name and unique."""
        name = re.sub(r"[^a-z0-9]+", "-", id_.lower()).strip("-") or "rule"
        unique, number = name, 1
        while unique in self._names:
            number += 1
            unique = f"{name}-{number}"
        self._names.add(unique)
        return unique

    def _leave(self, rule: str, at: KeyPath, what: str) -> None:
        self._left_out.append(LeftOut(line_of(self._text, at), rule, what))


_NAMES = r"(?:\(\?:|\()?(?P<{}>[\w-]+(?:\|[\w-]+)*)\)?"
_ENDING = re.compile(r"(?:\(\?i\))?(?:\.\*)?\\\." + _NAMES.format("names") + r"\$")
_FILE = re.compile(r"(?:\(\?i\))?(?:\(\?:\^\|/\)|\(\^\|/\)|\^|/)?(?P<file>[\w/-]+(?:\\\.[\w-]+)*)\$")
_FOLDER = re.compile(r"(?:\(\?:\^\|/\)|\(\^\|/\)|/)?(?P<folder>[\w-]+(?:\\\.[\w-]+)*)/(?:\.\*\$?)?")


def _globs_of(path: str) -> list[str]:
    r"""The most common path patterns (`\.(json|yml)$`, `(^|/)go\.sum$`, `vendor/`) in .gitignore syntax; else []."""
    if ending := _ENDING.fullmatch(path):
        return [f"*.{name}" for name in ending["names"].split("|")]
    if file := _FILE.fullmatch(path):
        return [
            ("/" if path.startswith("^") else "**/" if "/" in file["file"] else "") + file["file"].replace("\\", "")
        ]
    if folder := _FOLDER.fullmatch(path):
        return [folder["folder"].replace("\\", "") + "/"]
    return []


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e9


def _table(values: dict[str, Any]) -> str:
    return "\n".join(["[[rule]]", *(f"{key} = {_written(value)}" for key, value in values.items())])


def _written(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_written, value))}]"
    return _string(value) if isinstance(value, str) else json.dumps(value)


def _string(text: str) -> str:
    """As TOML: a literal string where possible, which makes patterns easier to read."""
    if text.isprintable() and "'" not in text:
        return f"'{text}'" if "\\" in text or '"' in text else f'"{text}"'
    # A JSON string is a TOML string, except for DEL.
    return json.dumps(text).replace("\x7f", "\\u007f")


def _one_line(text: str) -> str:
    return " ".join(text.split()) if text.startswith("#") else text
