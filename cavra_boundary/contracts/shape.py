"""Shapes of documents as JSON Schema, and the one validator that checks every part of the contract.

A shape is a JSON Schema (draft 2020-12) made of the few keywords that `mistakes` knows, so what is published is what is
enforced. In messages, a value "must be" what its shape's `description` says.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from cavra_boundary.evidence.timestamps import DATE_TIME

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from enum import StrEnum

Shape = dict[str, Any]
Path = tuple[str | int, ...]

_TYPES: dict[str, type | tuple[type, ...]] = {
    "array": list,
    "boolean": bool,
    "null": type(None),
    "object": dict,
    "string": str,
}

SENSITIVE_FIELD = "sensitive field"
SENSITIVE_VALUE = "sensitive value"
_BEFORE_THE_FIELD = (SENSITIVE_FIELD, SENSITIVE_VALUE)


class Mistake(NamedTuple):
    """What is wrong with a document, and where. The message quotes nothing from the document."""

    path: Path
    message: str

    @property
    def pointer(self) -> str:
        """The place as a JSON pointer (RFC 6901): "" is the whole document."""
        return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in self.path)

    @property
    def field(self) -> str:
        """The place as a Python programmer would write it: `payload.required_checks[2]`."""
        return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.path).lstrip(".")

    def __str__(self) -> str:
        field = self.field or "the document"
        return f"{self.message} {field}" if self.message in _BEFORE_THE_FIELD else f"{field} {self.message}"


def one_of(words: type[StrEnum] | Sequence[str], what: str) -> Shape:
    """A word of a vocabulary."""
    values = [str(word) for word in words]
    return {"enum": values, "description": f"{what}: {', '.join(values)}"}


def constant(value: str) -> Shape:
    return {"const": value, "description": f'"{value}"'}


def listed(items: Shape, description: str, *, least: int = 0) -> Shape:
    limits = {"minItems": least} if least else {}
    return {"type": "array", "items": items, **limits, "maxItems": 100, "uniqueItems": True, "description": description}


def record(fields: dict[str, Shape], *, optional: Sequence[str] = (), strict: bool = True) -> Shape:
    """An object with these fields, and no others if `strict`."""
    return {
        "type": "object",
        "properties": fields,
        "required": [name for name in fields if name not in optional],
        **({"additionalProperties": False} if strict else {}),
        "description": "an object",
    }


# Python's `$` also matches before a final line feed, ECMAScript's does not; this means the same in both.
_END = r"$(?!\n)"

# Printable ASCII without `@`: enough for an opaque id, with no room for mail addresses and look-alike characters.
IDENTIFIER: Shape = {
    "type": "string",
    "pattern": r"^[!-?A-~](?:[ -?A-~]{0,126}[!-?A-~])?" + _END,
    "description": "an identifier: 1 to 128 printable ASCII characters without @",
}
LABEL: Shape = {
    "type": "string",
    "pattern": r"^[A-Za-z0-9](?:[A-Za-z0-9._:-]{0,62}[A-Za-z0-9])?" + _END,
    "description": "a label: 1 to 64 letters, digits and . _ : - between them",
}
TEXT: Shape = {
    "type": "string",
    "pattern": r"^[^\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]{1,200}" + _END,
    "description": "a public text: 1 to 200 characters on one line",
}
TIMESTAMP: Shape = {
    "type": ["string", "null"],
    "pattern": f"^{DATE_TIME}{_END}",
    "description": "an RFC 3339 timestamp, or null",
}
OBJECT: Shape = {"type": "object", "description": "an object"}
FLAG: Shape = {"type": "boolean", "description": "true or false"}
TEXTS = listed(TEXT, "a list of at most 100 public texts, without duplicates")


def mistakes(shape: Shape, value: object, at: Path = ()) -> Iterator[Mistake]:
    """Every way in which a JSON value differs from a shape, outermost first."""
    if not _fits(shape, value):
        yield Mistake(at, f"must be {shape['description']}")
        return
    if isinstance(value, dict):
        fields = shape.get("properties", {})
        for name in shape.get("required", ()):
            if name not in value:
                yield Mistake((*at, name), "is missing")
        for name, inner in value.items():
            if name in fields:
                yield from mistakes(fields[name], inner, (*at, name))
            elif shape.get("additionalProperties") is False:
                yield Mistake((*at, name), "is not a field of the contract")
    elif isinstance(value, list) and "items" in shape:
        for index, inner in enumerate(value):
            yield from mistakes(shape["items"], inner, (*at, index))


def _fits(shape: Shape, value: object) -> bool:
    """Whether the value itself, apart from its contents, fits the shape."""
    names = shape.get("type", ())
    if names and not any(isinstance(value, _TYPES[name]) for name in ([names] if isinstance(names, str) else names)):
        return False
    if "enum" in shape and not (isinstance(value, str) and value in shape["enum"]):
        return False
    if "const" in shape and value != shape["const"]:
        return False
    if isinstance(value, str) and "pattern" in shape:
        return re.search(shape["pattern"], value) is not None
    if isinstance(value, list):
        if not shape.get("minItems", 0) <= len(value) <= shape.get("maxItems", len(value)):
            return False
        if shape.get("uniqueItems"):
            return all(value.index(item) == index for index, item in enumerate(value))
    return True
