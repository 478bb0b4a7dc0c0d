r"""The shape of a pack as a JSON Schema, so that editors can complete and check packs.

`rules check` checks more: whether patterns compile, names are known, and examples are found. docs/packs.md documents
the keys.
"""

from __future__ import annotations

from typing import Any

from cavra_boundary.detect.content import CONTENT_TYPES
from cavra_boundary.detect.shapes import ALPHABETS, FIXED, JUDGED
from cavra_boundary.detect.validators import CHECKS
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

# What a group of tokens may say once for all its rows, and each row for itself.
_OF_GROUP = {
    "clause": {**_TEXT, "description": "The clause that matches cross."},
    "severity": {**_SEVERITY, "description": "How severe a match is."},
    "why": {**_TEXT, "description": "One sentence for the contributor who is stopped."},
    "remedy": {**_TEXT, "description": "What to do instead, if it differs from the clause's `instead`."},
}

_CREDENTIAL = {"value": _SHAPES, "of": _OF, "names": _NAMES, "source": _SOURCE}

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
                "tokens": {"type": "array", "items": _table({**_OF_GROUP, "rows": _tokens()}, "rows")},
                "providers": {"type": "array", "items": _table({**_OF_GROUP, "rows": _providers()}, "rows")},
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


def _providers() -> Schema:
    """The schema of services whose keys do not speak for themselves, one row each."""
    row = {
        "name": {**_NAME, "description": "The rule's id is the pack's name, a dot and this."},
        "title": {**_TEXT, "description": "What the rule finds, in a few words."},
        **_CREDENTIAL,
    }
    return {"type": "array", "items": _table({**_OF_GROUP, **row}, "name", "title", "of", "value", "source")}


def _tokens() -> Schema:
    """The schema of tokens that speak for themselves, one row each."""
    form = {**_TEXT, "minLength": 4}
    row = {
        "name": {**_NAME, "description": "The rule's id is the pack's name, a dot and this."},
        "title": {**_TEXT, "description": "What the rule finds, in a few words."},
        "form": {
            "anyOf": [form, {"type": "array", "items": form, "minItems": 1}],
            "description": "Text, marks such as «hex:40» or «base62:20-40», and alternatives in parentheses.",
        },
        "near": {**_TEXTS, "description": "One of these words must be within five lines."},
        "check": {
            "type": "array",
            "items": {"oneOf": _validators()},
            "description": "Validators that must confirm it.",
        },
        "examples": {
            "$ref": "#/$defs/examples",
            "description": "What it must find, where no random text is right.",
        },
    }
    return {"type": "array", "items": _table({**_OF_GROUP, **row}, "name", "title", "form")}


def _validators() -> list[Schema]:
    return [{"const": name, "description": _first_line(check.__doc__)} for name, check in CHECKS.items()]


def _kinds() -> dict[str, Schema]:
    """The schema of a rule, by kind."""
    return {
        "text": _rule(
            "text",
            {
                "pattern": {"type": "string", "pattern": r"\(\?P<secret>", "description": "With a group named secret."},
                "keywords": _KEYWORDS,
                "validators": {
                    "type": "array",
                    "items": {"oneOf": _validators()},
                    "description": "All must confirm it.",
                },
                "near": {"$ref": "#/$defs/near", "description": "Another pattern that must match close by."},
                "allow": {**_TEXTS, "description": "A secret that one of these matches whole is allowed."},
            },
            "pattern",
        ),
        "credential": _rule(
            "credential",
            {
                **_CREDENTIAL,
                "validators": {
                    "type": "array",
                    "items": {"oneOf": _validators()},
                    "description": "All must confirm it.",
                },
                "lines": {**_COUNT, "description": "How many lines away a provider's name may be; 0: in a name."},
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
