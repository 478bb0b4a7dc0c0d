"""A kind as a JSON Schema (draft 2020-12): the shape of its packets, for editors and other tools.

Gates decide what is ready; a schema cannot compare fields or digests.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cavra_boundary.evidence.fieldtypes import TYPES
from cavra_boundary.evidence.strict import REDACTION_FLAG

if TYPE_CHECKING:
    from cavra_boundary.evidence.model import Condition, Field, Kind

Schema = dict[str, Any]

DRAFT = "https://json-schema.org/draft/2020-12/schema"


def schema(kind: Kind) -> Schema:
    """The JSON Schema of a kind's packets."""
    conditional: list[Schema] = []
    whole = _object(kind, "", conditional)
    return {
        "$schema": DRAFT,
        "title": kind.title,
        "description": kind.about,
        **whole,
        **({"allOf": conditional} if conditional else {}),
    }


def _object(kind: Kind, section: str, conditional: list[Schema]) -> Schema:
    """The shape of an object; conditionally required fields are added to `conditional`."""
    fields = kind.inside(section)
    for field in fields:
        if field.when and not field.optional:
            conditional.append({"if": _all(field.when), "then": _requires(field)})
    return {
        "type": "object",
        "properties": {field.path[-1]: _field(kind, field, conditional) for field in fields},
        "patternProperties": {f"{REDACTION_FLAG}$": {"const": False}},
        "required": [field.path[-1] for field in fields if not field.optional and not field.when],
        "additionalProperties": False,
    }


def _field(kind: Kind, field: Field, conditional: list[Schema]) -> Schema:
    shape = _object(kind, field.name, conditional) if field.type == "section" else TYPES[field.type].schema(field)
    return {"description": field.about, **shape}


def _requires(field: Field) -> Schema:
    """Requires a field if its section is present."""
    required: Schema = {"required": [field.path[-1]]}
    return {"properties": {field.section: required}} if field.section else required


def _all(conditions: tuple[Condition, ...]) -> Schema:
    return {"allOf": [_holds(name, condition) for condition in conditions for name in condition.fields]}


def _holds(name: str, condition: Condition) -> Schema:
    *sections, key = name.split(".")
    shape: Schema = {"properties": {key: {"enum": list(condition.expected)}}, "required": [key]}
    for section in reversed(sections):
        shape = {"properties": {section: shape}, "required": [section]}
    return shape
