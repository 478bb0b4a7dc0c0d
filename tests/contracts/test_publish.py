"""The published schemas and the validation of serialized documents agree with the classes."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from cavra_boundary.contracts import (
    CustomerOperatingDashboardSummary,
    SaaSContractError,
    SaaSControlPlaneRequest,
    SaaSControlPlaneResponse,
    SupportHandoffReadinessSummary,
    build_customer_operating_dashboard_request,
    build_customer_operating_dashboard_response,
    build_support_handoff_readiness_request,
    build_support_handoff_readiness_response,
)
from cavra_boundary.contracts.operations import OPERATIONS, Operation
from cavra_boundary.contracts.publish import describe_public_contract, schema, validate
from cavra_boundary.contracts.shape import Mistake
from cavra_boundary.contracts.summaries import Summary

VALIDATORS = {name: Draft202012Validator(schema(name)) for name in ("request", "response")}
CLASSES = {"request": SaaSControlPlaneRequest, "response": SaaSControlPlaneResponse}


@pytest.fixture(scope="module")
def documents() -> list[tuple[str, dict[str, Any]]]:
    """One document of each sort, and which it is."""
    dashboard = build_customer_operating_dashboard_request("tenant-demo")
    handoff = build_support_handoff_readiness_request("tenant-demo")
    states = CustomerOperatingDashboardSummary("tenant-demo", *["ready"] * 7, blockers=("approval pending",))
    readiness = SupportHandoffReadinessSummary("tenant-demo", *["blocked"] * 5)
    return [
        ("request", dashboard.to_dict()),
        ("request", handoff.to_dict()),
        ("response", build_customer_operating_dashboard_response(dashboard, states).to_dict()),
        ("response", build_support_handoff_readiness_response(handoff, readiness).to_dict()),
    ]


def verdict(document: object) -> list[tuple[str, str]]:
    return [(mistake.pointer, mistake.message) for mistake in validate(json.dumps(document).encode())]


@pytest.mark.parametrize("name", VALIDATORS)
def test_the_schemas_are_schemas(name: str) -> None:
    Draft202012Validator.check_schema(schema(name))


def test_what_the_builders_make_keeps_to_the_contract(documents: list[tuple[str, dict[str, Any]]]) -> None:
    for name, document in documents:
        VALIDATORS[name].validate(document)
        assert verdict(document) == []


def steps(value: object, at: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Every place in a document, except the whole."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for key, each in inner for place in ((*at, key), *steps(each, (*at, key)))]


odd = st.sampled_from(
    [None, True, 0, 1.5, "", "ready", "no word of any vocabulary", "a\n", " a", "a@b", "é", "a" * 201, [], ["a"], {}]
)


@given(which=st.integers(0, 3), data=st.data())
def test_schema_classes_and_verdict_agree(
    documents: list[tuple[str, dict[str, Any]]], which: int, data: st.DataObject
) -> None:
    name, document = copy.deepcopy(documents[which])
    place = data.draw(st.sampled_from(steps(document)))
    at: Any = document
    for step in place[:-1]:
        at = at[step]
    if data.draw(st.booleans()) and isinstance(at, dict):
        del at[place[-1]]
    else:
        at[place[-1]] = data.draw(odd)
    right = VALIDATORS[name].is_valid(document)
    assert (verdict(document) == []) is right
    if document.keys() == documents[which][1].keys():
        if right:
            assert CLASSES[name](**document).to_dict() == document
        else:
            with pytest.raises(SaaSContractError):
                CLASSES[name](**document)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", Mistake((), "is not JSON")),
        (b"\xff", Mistake((), "is not JSON")),
        (b'{"a": NaN}', Mistake((), "is not JSON")),
        (b"[" * 100_000, Mistake((), "is not JSON")),
        (b"[]", Mistake((), "must be an object")),
        (b'{"a": 1, "a": 2}', Mistake((), "has an object with a duplicate key")),
        (b'{"a": ' + b"[" * 30 + b"]" * 30 + b"}", Mistake(("a", *[0] * 16), "must be nested at most 16 deep")),
    ],
)
def test_what_is_no_document_is_one_mistake(content: bytes, said: Mistake) -> None:
    assert validate(content) == [said]


def test_the_schema_version_tells_what_it_is() -> None:
    ((pointer, said),) = verdict({"schema_version": "cavra.saas_control_plane.request.v2"})
    assert pointer == "/schema_version"
    assert said == "must be one of cavra.saas_control_plane.request.v1, cavra.saas_control_plane.response.v1"


def test_each_mistake_has_its_pointer(documents: list[tuple[str, dict[str, Any]]]) -> None:
    document = copy.deepcopy(documents[2][1])
    document["payload"]["summary"]["billing_status"] = "granted"
    document["payload"]["summary"]["billing/state~"] = "ready"
    document["payload"]["summary"]["api_key"] = "none"
    del document["payload"]["summary"]["tenant_id"]
    document["correlation_id"] = ""
    assert sorted(verdict(document)) == [
        ("/correlation_id", "must be an identifier: 1 to 128 printable ASCII characters without @"),
        ("/payload/summary/***", "is not a field of the contract"),
        ("/payload/summary/api_key", "is not a field of the contract"),
        ("/payload/summary/api_key", "sensitive field"),
        ("/payload/summary/billing_status", "must be a readiness state: ready, degraded, blocked, unknown"),
        ("/payload/summary/tenant_id", "is missing"),
    ]


def test_another_operation_is_an_entry_of_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = Operation(
        checks=("route_check",),
        scopes={"route_scope": "all"},
        boundary=("route_boundary", "public shape only"),
        summary=Summary,
        message="Routes are private.",
        private_modules=("routing",),
        next_step="See docs/routes.md",
    )
    monkeypatch.setitem(OPERATIONS, "routing", entry)  # type: ignore[arg-type]
    document = {
        "schema_version": "cavra.saas_control_plane.request.v1",
        "operation": "routing",
        "tenant_id": "tenant-demo",
        "requested_by": "console",
        "correlation_id": "saas-example",
        "private_implementation_required": True,
        "payload": {"route_scope": "all", "required_checks": ["route_check"]},
    }
    assert verdict(document) == []
    assert Draft202012Validator(schema("request")).is_valid(document)
    assert describe_public_contract()["operations"]["routing"]["required_checks"] == ["route_check"]
    document["payload"] = {"route_scope": "all", "required_checks": ["handoff_dashboard"]}
    assert verdict(document) == [("/payload/required_checks/0", "must be a check: route_check")]
    assert not Draft202012Validator(schema("request")).is_valid(document)
