"""Keeps private material out of the contract: what a document may be made of, and what must not be in it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import Enum
from math import isfinite
from typing import TYPE_CHECKING, Any, NamedTuple

from cavra_boundary.contracts.material import Unsearchable, declares, decoded, findings, looks_private
from cavra_boundary.contracts.shape import SENSITIVE_FIELD, SENSITIVE_VALUE, Mistake, Path, Shape, mistakes

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_DEPTH = 16
MAX_TEXT = 4096
MAX_VALUES = 5000

HIDDEN = "***"
"""Shown in place of a key that must not be shown."""

_SHOWN_KEY = re.compile(r"[A-Za-z0-9_.$-]{1,64}")


class SaaSContractError(ValueError):
    """A violation of the contract. The message names the field and never shows its value; `mistake` has the path."""

    def __init__(self, mistake: Mistake) -> None:
        super().__init__(str(mistake))
        self.mistake = mistake


@dataclass(frozen=True, slots=True)
class Document:
    """A document that JSON can represent."""

    def to_dict(self) -> dict[str, Any]:
        """A plain copy: enums by value, tuples as lists. SaaSContractError for what JSON cannot represent."""
        return {field.name: plain(getattr(self, field.name), (field.name,)) for field in fields(self)}


def plain(value: object, at: Path = ()) -> Any:
    """A copy of a value in plain JSON types. SaaSContractError for what JSON cannot represent.

    Also for anything nested more than `MAX_DEPTH` deep, so that later code cannot recurse too far.
    """
    if isinstance(value, Enum):
        value = value.value
    if value is None or isinstance(value, bool | int) or (isinstance(value, float) and isfinite(value)):
        return value
    if isinstance(value, str):
        if len(value) > MAX_TEXT:
            raise SaaSContractError(Mistake(_shown(at), f"must be at most {MAX_TEXT:,} characters long"))
        return value
    if len(at) > MAX_DEPTH:
        raise SaaSContractError(Mistake(_shown(at), f"must be nested at most {MAX_DEPTH} deep"))
    if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        return {str(key): plain(inner, (*at, str(key))) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner, (*at, index)) for index, inner in enumerate(value)]
    raise SaaSContractError(Mistake(_shown(at), "must be a JSON value"))


def refuse(document: dict[str, Any], shape: Shape) -> None:
    """Raise a SaaSContractError for the first mistake or private thing in a plain document."""
    for mistake in mistakes(shape, document):
        raise SaaSContractError(mistake)
    found, _ = _private(document)
    for mistake in found:
        raise SaaSContractError(mistake)


def judge(document: dict[str, Any], shape: Shape) -> list[Mistake]:
    """Everything wrong with a plain document, with paths fit to be shown; SaaSContractError as in `_private`."""
    found, hidden = _private(document)
    return [*found, *(Mistake(_shown(path, hidden), message) for path, message in mistakes(shape, document))]


class _Node(NamedTuple):
    """One line of a document: its path and value, and the column at which the value starts."""

    path: Path
    value: object
    column: int
    line: str


_CLOSING = object()
"""The value of a line that only closes an object or a list."""


def _private(document: dict[str, Any]) -> tuple[list[Mistake], frozenset[str]]:
    """The private things in a plain document, with paths fit to be shown, and the keys that are private themselves.

    SaaSContractError if part of the document could not be searched.
    """
    nodes = list(_nodes(document, (), "", ""))
    if len(nodes) > MAX_VALUES:
        raise SaaSContractError(Mistake((), f"must have at most {MAX_VALUES:,} values"))
    declared: dict[Path, None] = {}
    keys: dict[Path, None] = {}
    values: dict[Path, None] = {}
    try:
        for path, value, _, line in nodes:
            key = path[-1] if path else 0
            if isinstance(key, str) and value is not _CLOSING:
                if declares(key, value):
                    declared[path] = None
                if _holds(key, line):
                    keys[path] = None
            if isinstance(value, str) and _holds(value, line):
                values[path] = None
        for number, column in findings("payload.json", "\n".join(node.line for node in nodes)):
            node = nodes[min(number, len(nodes)) - 1]
            (keys if column < node.column else values)[node.path] = None
    except Unsearchable:
        raise SaaSContractError(Mistake((), "could not be searched for private material")) from None
    hidden = frozenset(path[-1] for path in keys if isinstance(path[-1], str))
    found = [Mistake(_shown(path, hidden), SENSITIVE_FIELD) for path in declared]
    found += [Mistake(_shown(path, hidden), SENSITIVE_VALUE) for path in keys | values if path not in declared]
    return found, hidden


def _holds(text: str, line: str) -> bool:
    """Whether a text holds something private that the rules cannot see in its line of JSON."""
    if looks_private(text) or (text not in line and any(findings("payload", text))):
        return True
    return any(looks_private(inner) or any(findings("payload", inner)) for inner in decoded(text))


def _nodes(value: object, at: Path, key: str, end: str) -> Iterator[_Node]:
    """The document as JSON, line by line."""
    column = len(key) + 1
    if isinstance(value, dict):
        yield _Node(at, value, column, f"{key}{{")
        for count, (name, inner) in enumerate(value.items(), 1):
            yield from _nodes(inner, (*at, name), f"{_json(name)}: ", "," * (count < len(value)))
        yield _Node(at, _CLOSING, 0, f"}}{end}")
    elif isinstance(value, list):
        yield _Node(at, value, column, f"{key}[")
        for count, inner in enumerate(value, 1):
            yield from _nodes(inner, (*at, count - 1), "", "," * (count < len(value)))
        yield _Node(at, _CLOSING, 0, f"]{end}")
    else:
        yield _Node(at, value, column, f"{key}{_json(value)}{end}")


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _shown(path: Path, hidden: frozenset[str] = frozenset()) -> Path:
    """A path with `HIDDEN` for the keys that are private or too unusual to be shown."""
    return tuple(
        HIDDEN if isinstance(step, str) and (step in hidden or not _SHOWN_KEY.fullmatch(step)) else step
        for step in path
    )
