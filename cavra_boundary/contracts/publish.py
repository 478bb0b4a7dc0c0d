"""The contract for others to use: a full description, JSON Schemas, and validation of serialized documents."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from cavra_boundary.contracts.control_plane import (
    SAAS_CONTROL_PLANE_REQUEST_VERSION,
    SAAS_CONTROL_PLANE_RESPONSE_VERSION,
    SHAPES,
)
from cavra_boundary.contracts.guard import SaaSContractError, judge, plain
from cavra_boundary.contracts.operations import OPERATIONS
from cavra_boundary.contracts.shape import Mistake, Shape
from cavra_boundary.evidence.vocabulary import VOCABULARIES

if TYPE_CHECKING:
    from collections.abc import Sequence

SAAS_CONTROL_PLANE_CONTRACT_VERSION = "cavra.saas_control_plane.contract.v1"

DOCUMENTS = {"request": SAAS_CONTROL_PLANE_REQUEST_VERSION, "response": SAAS_CONTROL_PLANE_RESPONSE_VERSION}


def describe_public_contract() -> dict[str, Any]:
    """The whole contract as a plain document."""
    return {
        "schema_version": SAAS_CONTROL_PLANE_CONTRACT_VERSION,
        "documents": dict(DOCUMENTS),
        "operations": {
            str(name): {
                "required_checks": list(operation.checks),
                "scopes": dict(operation.scopes),
                "summary": {
                    field: shape["description"] for field, shape in operation.summary.shape()["properties"].items()
                },
                "private_modules_required": list(operation.private_modules),
                "next_step": operation.next_step,
            }
            for name, operation in OPERATIONS.items()
        },
        "vocabularies": {name: [word.value for word in words] for name, words in VOCABULARIES.items()},
    }


def schema(document: str) -> Shape:
    """The JSON Schema (draft 2020-12) of a "request" or a "response". KeyError for another document.

    It covers everything except that nothing private is in a document, which only the engine can check.
    """
    version = DOCUMENTS[document]
    shape = SHAPES[version](None)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"A {document} of the public control plane contract, {version}",
        **shape,
        "allOf": [
            {
                "if": {"properties": {"operation": {"const": str(operation)}}, "required": ["operation"]},
                "then": {"properties": {"payload": SHAPES[version](operation)["properties"]["payload"]}},
            }
            for operation in OPERATIONS
        ],
    }


def validate(content: bytes) -> Sequence[Mistake]:
    """What is wrong with a serialized request or response, told apart by `schema_version`; () if nothing is.

    Messages and paths show nothing private.
    """
    try:
        return _judge(plain(json.loads(content, object_pairs_hook=_unique, parse_constant=_refuse_constant)))
    except SaaSContractError as error:
        return [error.mistake]
    except (ValueError, RecursionError):  # not JSON, not Unicode, a number of 5,000 digits, 5,000 brackets
        return [Mistake((), "is not JSON")]


def _judge(document: object) -> Sequence[Mistake]:
    if not isinstance(document, dict):
        return [Mistake((), "must be an object")]
    version = document.get("schema_version")
    shape = SHAPES.get(version) if isinstance(version, str) else None
    if shape is None:
        return [Mistake(("schema_version",), f"must be one of {', '.join(SHAPES)}")]
    return judge(document, shape(document.get("operation")))


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) < len(pairs):
        raise SaaSContractError(Mistake((), "has an object with a duplicate key"))
    return table


def _refuse_constant(name: str) -> None:
    raise ValueError(name)
