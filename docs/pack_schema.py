r"""The shape of a pack as a JSON Schema, so that editors can complete and check packs.

`rules check` checks more: whether patterns compile, names are known, and examples are found. docs/packs.md documents
the keys.
"""

from __future__ import annotations

from typing import Any

from cavra_boundary.detect.content import CONTENT_TYPES
from cavra_boundary.detect.shapes import ALPHABETS, FIXED, JUDGED
from cavra_boundary.detect.validators import VALIDATORS
from cavra_boundary.detect.values import KINDS as FACTS
from cavra_boundary.model import Clause, Severity

Schema = dict[str, Any]

# Without `\Z`: JSON Schema uses ECMAScript regular expressions.
_NAME: Schema = {"type": "string", "pattern": "^[a-z0-9]+(?:-[a-z0-9]+)*$"}
_TEXT: Schema = {"type": "string"}
_TEXTS: Schema = {"type": "array", "items": {"type": "string", "minLength": 1}}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_SEVERITY: Schema = {"enum": [severity.label for severity in sorted(Severity, reverse=True)]}

_KEYWORDS = {**_TEXTS, "description": "At least one of these, in any case, must be in the file."}

_FIXED_SHAPES = "|".join(sorted(JUDGED | FIXED.keys()))
_SHAPES = {
    "type": "array",
    "minItems": 1,
    "items": {
        "type": "string",
        "pattern": f"^(?:{_FIXED_SHAPES}|re:.+|(?:{'|'.join(ALPHABETS)}):[0-9]{{1,4}}(?:-[0-9]{{1,4}})?)$",
    },
    "description": "Shapes, any of which the whole value must have: hex:32, base62:20-40, uuid, re:…, generated …",
}
_FOLDED: Schema = {"type": "array", "items": {"type": "string", "pattern": "^[a-z0-9]+$"}}
_OF = {**_FOLDED, "description": "The provider, in words without case and separators; one must stand near the value."}
_NAMES = {**_FOLDED, "description": "What the value's name must contain, without case and separators; any of these."}
_SOURCE = {**_TEXT, "description": "Where the provider documents the shape, or another public source of the fact."}

_CLAUSE = {
    "id": {**_NAME, "description": "The name by which rules refer to the clause."},
    "title": {**_TEXT, "description": "What is forbidden, in a few words."},
    "covers": {**_TEXT, "description": "What it covers, and what it does not."},
    "instead": {**_TEXT, "description": "What to do instead."},
    "written_in": {**_TEXT, "description": "Where the boundary says so."},
}
_FIELD = {
    "keys": {**_TEXTS, "description": "The field's names; case and separators are ignored."},
    "value": {"enum": sorted(FACTS), "description": "The kind of fact in the field."},
    "pattern": {**_TEXT, "description": "What the whole value must match, instead of a kind of fact."},
    "required": {"type": "boolean", "description": "Whether a record must have this field."},
}
_NEAR = {
    "pattern": {**_TEXT, "description": "What must match near the secret, on either side."},
    "lines": {"type": "integer", "description": "Within this many lines."},
    "bytes": {"type": "integer", "description": "Within this many bytes."},
}
_EXAMPLE = {
    "path": {**_TEXT, "description": "The file's name, if it matters."},
    "text": {**_TEXT, "description": "The file's content; «hex:40» expands to 40 made-up digits."},
    "hex": {"type": "string", "pattern": r"^[0-9A-Fa-f\s]*$", "description": "The file's content in hexadecimal."},
    "severity": {**_SEVERITY, "description": "The match's severity, if it is lowered."},
}

_OVERRIDE = {
    "rule": {**_TEXT, "description": "The id of a rule in an earlier pack."},
    "severity": {**_SEVERITY, "description": "The rule's new severity."},
    "off": {"type": "boolean", "description": "Whether the rule is turned off."},
    "paths": {**_TEXTS, "description": "The rule runs only on these files; replaces its own `paths`."},
    "skip_paths": {**_TEXTS, "description": "The rule does not run on these files; added to its own `skip_paths`."},
    "reason": {**_TEXT, "description": "Why."},
}

_EVERY_RULE = {
    "name": {**_NAME, "description": "The rule's id is the pack's name, a dot and this."},
    "clause": {**_TEXT, "description": "The clause that matches cross, from boundary.toml or this pack."},
    "severity": {**_SEVERITY, "description": "Errors and warnings stop a commit by default, notes do not."},
    "title": {**_TEXT, "description": "What the rule finds, in a few words."},
    "why": {**_TEXT, "description": "One sentence for the contributor who is stopped."},
    "remedy": {**_TEXT, "description": "What to do instead, if it differs from the clause's `instead`."},
    "generic": {"type": "boolean", "description": "Whether it yields where another rule matches the same bytes."},
    "paths": {**_TEXTS, "description": "The rule runs only on these files, in .gitignore syntax."},
    "skip_paths": {**_TEXTS, "description": "The rule never runs on these files, in .gitignore syntax."},
    "examples": {"$ref": "#/$defs/examples", "description": "What the rule must find."},
    "counterexamples": {"$ref": "#/$defs/examples", "description": "Near misses that it must not match."},
}
_PROVIDERS = {key: _EVERY_RULE[key] for key in ("severity", "why", "remedy")}
_ROW = {
    **{key: _EVERY_RULE[key] for key in ("name", "title", "clause", "severity")},
    **{"of": {**_OF, "minItems": 1}, "names": _NAMES, "value": _SHAPES, "source": _SOURCE},
}
_REQUIRED_OF_ROW = ("name", "title", "clause", "value", "of", "source")
_REQUIRED = ("name", "kind", "clause", "severity", "title", "why", "examples", "counterexamples")


def pack_schema() -> Schema:
    """The schema of one pack file, as JSON Schema draft 2020-12."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Pattern pack of cavra-boundary",
        **_table(
            {
                "name": {**_NAME, "description": "The first half of the ids of the pack's rules."},
                "title": {**_TEXT, "description": "What the pack is about."},
                "clause": {"type": "array", "items": _table(_CLAUSE, *Clause._fields)},
                "override": {"type": "array", "items": _table(_OVERRIDE, "rule", "reason")},
                "providers": {
                    **_table(
                        {**_PROVIDERS, "rows": {"type": "array", "items": _table(_ROW, *_REQUIRED_OF_ROW)}},
                        *_PROVIDERS,
                        "rows",
                    ),
                    "description": "Services whose keys do not speak for themselves, a credential rule for each row.",
                },
                "rule": {"type": "array", "items": {"oneOf": [{"$ref": f"#/$defs/{kind}"} for kind in _kinds()]}},
            },
            "name",
            "title",
        ),
        "$defs": {
            **_kinds(),
            "field": {
                **_table(_FIELD, "keys"),
                "oneOf": [{"required": ["value"]}, {"required": ["pattern"]}],
            },
            "near": {**_table(_NEAR, "pattern"), "oneOf": [{"required": ["lines"]}, {"required": ["bytes"]}]},
            "examples": {"type": "array", "minItems": 2, "items": {"anyOf": [_TEXT, _table(_EXAMPLE)]}},
        },
    }


def _kinds() -> dict[str, Schema]:
    """The schema of a rule, by kind."""
    validators = [{"const": name, "description": _first_line(check.__doc__)} for name, check in VALIDATORS.items()]
    return {
        "text": _rule(
            "text",
            {
                "pattern": {"type": "string", "pattern": r"\(\?P<secret>", "description": "With a group named secret."},
                "keywords": _KEYWORDS,
                "validators": {"type": "array", "items": {"oneOf": validators}, "description": "All must confirm it."},
                "entropy": {"type": "number", "description": "Minimum Shannon entropy in bits per character."},
                "near": {"$ref": "#/$defs/near", "description": "Another pattern that must match close by."},
                "allow": {**_TEXTS, "description": "A secret that one of these matches whole is allowed."},
            },
            "pattern",
        ),
        "credential": _rule(
            "credential",
            {
                "value": _SHAPES,
                "of": _OF,
                "names": _NAMES,
                "validators": {"type": "array", "items": {"oneOf": validators}, "description": "All must confirm it."},
                "lines": {**_COUNT, "description": "How many lines away a word of `of` may be.", "default": 3},
                "source": _SOURCE,
            },
            "value",
        ),
        "record": _rule(
            "record",
            {
                "fields": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/field"}},
                "at_least": {"type": "integer", "minimum": 1, "description": "How many fields an object must have."},
                "kinds": {**_COUNT, "description": "How many kinds of concrete fact they must show.", "default": 2},
                "keywords": _KEYWORDS,
            },
            "fields",
            "at_least",
        ),
        "path": _rule(
            "path",
            {
                "globs": {**_TEXTS, "description": "Forbidden names and paths, in .gitignore syntax."},
                "contains": {**_TEXT, "description": "A pattern that the file's first 64 KiB must match."},
                "unless": {**_TEXT, "description": "A pattern that exempts a file whose first 64 KiB match."},
                "min_bytes": {**_COUNT, "description": "Smaller files do not match.", "default": 1},
            },
            "globs",
        ),
        "content": _rule(
            "content",
            {
                "types": {"type": "array", "items": {"enum": sorted(CONTENT_TYPES)}, "description": "What it must be."},
                "globs": {**_TEXTS, "description": "Where that type is forbidden, if not everywhere."},
            },
            "types",
        ),
        "policy": _rule("policy", {}),
        "evidence": _rule("evidence", {}),
    }


def _rule(kind: str, keys: dict[str, Schema], *required: str) -> Schema:
    return _table({"kind": {"const": kind}, **_EVERY_RULE, **keys}, *_REQUIRED, *required)


def _table(keys: dict[str, Schema], *required: str) -> Schema:
    return {"type": "object", "properties": keys, "required": list(required), "additionalProperties": False}


def _first_line(text: str | None) -> str:
    return (text or "").strip().partition("\n")[0]
