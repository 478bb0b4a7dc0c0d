"""The types of fields: what each accepts, how messages put that, its JSON Schema, and a sample for templates."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

from cavra_boundary.evidence.model import DIGESTS
from cavra_boundary.evidence.packet import MAX_COUNT
from cavra_boundary.evidence.private import MAX_TEXT
from cavra_boundary.evidence.reference import Grammar, Reference, parse_reference
from cavra_boundary.evidence.timestamps import DATE_TIME

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from cavra_boundary.evidence.document import Node
    from cavra_boundary.evidence.model import Field

_SLUG = "[a-z0-9]+(?:[-_][a-z0-9]+)*"
_OPAQUE = f"opaque-{_SLUG}"
# These also appear in the schemas, so they use only syntax that ECMAScript shares.
_DIGEST = "(?:" + "|".join(f"{name}:[0-9a-f]{{{digits}}}" for name, digits in DIGESTS.items()) + ")"
_REFERENCE = r"[A-Za-z0-9][A-Za-z0-9+._-]*(?::(?://)?[A-Za-z0-9._~%@+-]|/[A-Za-z0-9._@+-])[A-Za-z0-9._~%@+/-]*"
_MAX_SLUG = 64


class FieldType(NamedTuple):
    """One type.

    expects: completes "must be …". accepts: whether a value has this type. schema: its JSON Schema. sample: a value of
    this type, given the time at which the packet is written.
    """

    expects: str
    accepts: Callable[[Node, Field, Grammar], bool]
    schema: Callable[[Field], dict[str, Any]]
    sample: Callable[[Field, datetime], object]


def expectation(field: Field) -> str:
    """What a field must be, in words."""
    choice = f": {', '.join(field.of)}" if field.of else ""
    return TYPES[field.type].expects + choice


def _is_reference(node: Node, _field: Field, grammar: Grammar) -> bool:
    """Whether a value is meant as a reference. The general rules report what is wrong with it."""
    found = parse_reference(node.text, grammar) if node.text is not None else None
    return found is not None and (isinstance(found, Reference) or found.check != "not-a-reference")


def _is_opaque(node: Node, field: Field, grammar: Grammar) -> bool:
    return _text_matches(node, _OPAQUE) or _is_reference(node, field, grammar)


def _is_label(node: Node, field: Field, _grammar: Grammar) -> bool:
    if field.of:
        return node.text in field.of
    return _text_matches(node, _SLUG) and len(node.text or "") <= _MAX_SLUG


def _is_timestamp(node: Node, _field: Field, _grammar: Grammar) -> bool:
    from datetime import datetime

    if not _text_matches(node, DATE_TIME):
        return False
    try:
        datetime.fromisoformat(str(node.value))
    except ValueError:
        return False
    return True


def _is_count(node: Node, _field: Field, _grammar: Grammar) -> bool:
    return type(node.value) is int and 0 <= node.value <= MAX_COUNT


def _list_of(accepts: Callable[[Node, Field, Grammar], bool]) -> Callable[[Node, Field, Grammar], bool]:
    return lambda node, field, grammar: (
        node.kind == "list" and all(accepts(item, field, grammar) for item in node.items)
    )


def _text_matches(node: Node, pattern: str) -> bool:
    return node.text is not None and re.fullmatch(pattern, node.text) is not None


def _label_schema(field: Field) -> dict[str, Any]:
    return {"enum": list(field.of)} if field.of else {**_pattern(_SLUG), "maxLength": _MAX_SLUG}


def _pattern(pattern: str) -> dict[str, Any]:
    return {"type": "string", "pattern": f"^{pattern}$"}


def _list_schema(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items, "minItems": 1}


def _sample_reference(field: Field, _now: datetime) -> str:
    """A reference made of the field's own words, which are public."""
    name = re.sub("_(?:refs?|id)$", "", field.path[-1])
    owner = name.removesuffix("_owner")
    return f"evidence://owner/{_slug(owner)}" if owner != name else f"evidence://{_slug(name)}"


def _sample_digest(field: Field, _now: datetime) -> str:
    """A digest of the field's name alone, so that one package has the same digest in every section."""
    return f"sha256:{sha256(field.path[-1].encode()).hexdigest()}"


def _slug(name: str) -> str:
    return name.replace("_", "-")


TYPES: dict[str, FieldType] = {
    "reference": FieldType("a reference", _is_reference, lambda _: _pattern(_REFERENCE), _sample_reference),
    "references": FieldType(
        "a list of references",
        _list_of(_is_reference),
        lambda _: _list_schema(_pattern(_REFERENCE)),
        lambda field, now: [_sample_reference(field, now)],
    ),
    "opaque": FieldType(
        "a reference or an opaque label",
        _is_opaque,
        lambda _: _pattern(f"(?:{_OPAQUE}|{_REFERENCE})"),
        _sample_reference,
    ),
    "label": FieldType(
        "a label",
        _is_label,
        _label_schema,
        lambda field, _: field.sample or (field.of[0] if field.of else "default"),
    ),
    "labels": FieldType(
        "a list of labels",
        _list_of(_is_label),
        lambda field: {"type": "array", "items": _label_schema(field)},
        lambda field, _: list(field.of[:1]),
    ),
    "timestamp": FieldType(
        "a timestamp such as 2026-01-31T12:00:00Z",
        _is_timestamp,
        lambda _: {**_pattern(DATE_TIME), "format": "date-time"},
        lambda _, now: now.strftime("%Y-%m-%dT%H:%M:%SZ"),
    ),
    "digest": FieldType(
        "a digest such as sha256: and 64 hexadecimal digits",
        lambda node, _field, _grammar: _text_matches(node, _DIGEST),
        lambda _: _pattern(_DIGEST),
        _sample_digest,
    ),
    "text": FieldType(
        "a short text",
        lambda node, _field, _grammar: node.text is not None and 0 < len(node.text) <= MAX_TEXT,
        lambda _: {"type": "string", "minLength": 1, "maxLength": MAX_TEXT},
        lambda field, _: field.about,
    ),
    "count": FieldType(
        "a count",
        _is_count,
        lambda _: {"type": "integer", "minimum": 0, "maximum": MAX_COUNT},
        lambda _field, _now: 0,
    ),
    "flag": FieldType(
        "true or false",
        lambda node, _field, _grammar: isinstance(node.value, bool),
        lambda _: {"type": "boolean"},
        lambda _field, _now: True,
    ),
    "section": FieldType(
        "an object",
        lambda node, _field, _grammar: node.kind == "object",
        lambda _: {"type": "object"},
        lambda _field, _now: {},
    ),
}
