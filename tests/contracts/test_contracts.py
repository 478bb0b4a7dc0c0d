"""The public contract as its users see it: names, values, errors, and the JSON round trip."""

from __future__ import annotations

import dataclasses
import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from cavra_boundary import contracts
from cavra_boundary.contracts import (
    CUSTOMER_OPERATING_DASHBOARD_CHECKS,
    SUPPORT_HANDOFF_READINESS_CHECKS,
    CustomerOperatingDashboardSummary,
    ReadinessState,
    SaaSContractError,
    SaaSControlPlaneRequest,
    SaaSControlPlaneResponse,
    SaaSOperation,
    SaaSResponseStatus,
    SupportHandoffReadinessSummary,
    build_customer_operating_dashboard_request,
    build_customer_operating_dashboard_response,
    build_support_handoff_readiness_request,
    build_support_handoff_readiness_response,
    describe_public_contract,
)
from cavra_boundary.contracts.operations import OPERATIONS
from cavra_boundary.evidence.vocabulary import VOCABULARIES

if TYPE_CHECKING:
    from collections.abc import Callable


def dashboard(**changes: Any) -> CustomerOperatingDashboardSummary:
    states: dict[str, Any] = {
        "tenant_id": "tenant-demo",
        "dashboard_status": "ready",
        "billing_status": "ready",
        "license_service_status": "degraded",
        "support_handoff_status": "ready",
        "customer_success_status": "ready",
        "escalation_status": "blocked",
        "release_closeout_status": ReadinessState.UNKNOWN,
        "latest_dashboard_at": "2026-06-02T00:00:00Z",
        "blockers": ("escalation route approval pending",),
    }
    return CustomerOperatingDashboardSummary(**{**states, **changes})


def handoff(**changes: Any) -> SupportHandoffReadinessSummary:
    made = SupportHandoffReadinessSummary("tenant-demo", "ready", "ready", "degraded", "ready", "blocked")
    return dataclasses.replace(made, **changes)


def dashboard_request(**changes: Any) -> SaaSControlPlaneRequest:
    return build_customer_operating_dashboard_request(**{"tenant_id": "tenant-demo", **changes})


def handoff_request(**changes: Any) -> SaaSControlPlaneRequest:
    return build_support_handoff_readiness_request(**{"tenant_id": "tenant-demo", **changes})


def test_a_dashboard_request_says_what_is_asked() -> None:
    made = dashboard_request().to_dict()
    assert re.fullmatch("saas-[0-9a-f]{12}", made.pop("correlation_id"))
    assert made == {
        "schema_version": "cavra.saas_control_plane.request.v1",
        "operation": "customer_operating_dashboard",
        "tenant_id": "tenant-demo",
        "requested_by": "community",
        "private_implementation_required": True,
        "payload": {
            "dashboard_scope": "tenant-operating",
            "evidence_window": "last-24h",
            "required_checks": [
                "dashboard_visibility",
                "billing_observability",
                "license_service_telemetry",
                "support_handoff",
                "customer_success_health",
                "escalation_readiness",
                "release_acceptance",
            ],
            "dashboard_boundary": "public request shape only; customer operating dashboards are private",
        },
    }


def test_a_handoff_request_says_what_is_asked() -> None:
    assert handoff_request(requested_by="console").to_dict()["payload"] == {
        "handoff_scope": "hosted-saas-support",
        "support_tier": "enterprise",
        "required_checks": [
            "support_owner_assignment",
            "customer_success_owner_assignment",
            "escalation_routing",
            "customer_health_review",
            "handoff_dashboard",
            "release_owner_acceptance",
        ],
        "handoff_boundary": "public request shape only; support and customer-success handoff is private",
    }


def test_a_dashboard_response_says_what_only_the_private_edition_can_do() -> None:
    request = dashboard_request()
    response = build_customer_operating_dashboard_response(request, dashboard())
    assert response.correlation_id == request.correlation_id
    made = response.to_dict()
    assert made["status"] == "requires_private_service"
    assert made["private_implementation_required"] is True
    assert made["schema_version"] == "cavra.saas_control_plane.response.v1"
    assert made["message"].startswith("Customer operating dashboard status requires private billing")
    assert made["payload"] == {
        "summary": {
            "tenant_id": "tenant-demo",
            "dashboard_status": "ready",
            "billing_status": "ready",
            "license_service_status": "degraded",
            "support_handoff_status": "ready",
            "customer_success_status": "ready",
            "escalation_status": "blocked",
            "release_closeout_status": "unknown",
            "latest_dashboard_at": "2026-06-02T00:00:00Z",
            "dashboard_scope": "tenant-operating",
            "blockers": ["escalation route approval pending"],
            "private_validation_required": True,
        },
        "private_modules_required": [
            "billing observability",
            "license-service telemetry",
            "support handoff",
            "customer-success health",
            "escalation routing",
            "release closeout",
            "operating dashboard",
        ],
        "next_step": "See docs/architecture/customer-operating-dashboard-support-handoff-contract.md",
    }


def test_a_handoff_response_says_what_only_the_private_edition_can_do() -> None:
    made = build_support_handoff_readiness_response(
        handoff_request(), handoff(), status=SaaSResponseStatus.UNAVAILABLE
    ).to_dict()
    assert (made["operation"], made["status"]) == ("support_handoff_readiness", "unavailable")
    assert made["message"].startswith("Support handoff readiness requires private support")
    assert made["payload"]["summary"]["handoff_scope"] == "hosted-saas-support"
    assert made["payload"]["summary"]["blockers"] == []
    assert made["payload"]["private_modules_required"] == [
        "support ownership",
        "customer-success ownership",
        "escalation routing",
        "customer health review",
        "handoff dashboard",
        "release owner acceptance",
    ]


@pytest.mark.parametrize(
    "make",
    [
        dashboard_request,
        handoff_request,
        lambda: build_customer_operating_dashboard_response(dashboard_request(), dashboard()),
        lambda: build_support_handoff_readiness_response(handoff_request(), handoff()),
    ],
    ids=["dashboard request", "handoff request", "dashboard response", "handoff response"],
)
def test_what_is_made_survives_json(make: Callable[[], SaaSControlPlaneRequest | SaaSControlPlaneResponse]) -> None:
    made = make()
    written = json.loads(json.dumps(made.to_dict()))
    again = type(made)(**written)
    assert again == made
    assert again.operation is made.operation
    assert type(written["operation"]) is str
    with pytest.raises(dataclasses.FrozenInstanceError):
        made.schema_version = "other"  # type: ignore[misc]


def test_a_document_owns_its_payload() -> None:
    checks = ["dashboard_visibility"]
    request = dashboard_request(required_checks=checks)
    checks.append("handoff_dashboard")
    request.to_dict()["payload"]["required_checks"].append("handoff_dashboard")
    assert request.payload["required_checks"] == ["dashboard_visibility"]


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: dashboard_request(required_checks=()), "payload.required_checks must be a list of at least one check"),
        (lambda: handoff_request(required_checks=[]), "payload.required_checks must be a list of at least one check"),
        (
            lambda: dashboard_request(required_checks=("handoff_dashboard",)),
            "payload.required_checks[0] must be a check: dashboard_visibility",
        ),
        (lambda: handoff_request(required_checks="handoff_dashboard"), "payload.required_checks must be a list"),
        (
            lambda: handoff_request(required_checks=("handoff_dashboard",) * 2),
            "payload.required_checks must be a list of at least one check, without duplicates",
        ),
        (lambda: dashboard_request(tenant_id=""), "tenant_id must be an identifier"),
        (lambda: dashboard_request(tenant_id="  "), "tenant_id must be an identifier"),
        (lambda: dashboard_request(tenant_id=7), "tenant_id must be an identifier"),
        (lambda: dashboard_request(tenant_id="a" * 129), "tenant_id must be an identifier"),
        (lambda: dashboard_request(tenant_id="tenant\x1b[0m"), "tenant_id must be an identifier"),
        (lambda: dashboard_request(requested_by="somebody@example.com"), "requested_by must be an identifier"),
        (lambda: handoff_request(requested_by=None), "requested_by must be an identifier"),
        (lambda: dashboard_request(evidence_window=24), "payload.evidence_window must be a label"),
        (lambda: dashboard_request(dashboard_scope="all of them"), "payload.dashboard_scope must be a label"),
        (lambda: handoff_request(support_tier=""), "payload.support_tier must be a label"),
        (
            lambda: dashboard(billing_status="granted"),
            "billing_status must be a readiness state: ready, degraded, blocked, unknown",
        ),
        (
            lambda: handoff(health_review_status=None),
            "health_review_status must be a readiness state",
        ),
        (lambda: handoff(tenant_id=""), "tenant_id must be an identifier"),
        (
            lambda: dashboard(latest_dashboard_at="yesterday"),
            "latest_dashboard_at must be an RFC 3339 timestamp",
        ),
        (lambda: dashboard(blockers="approval pending"), "blockers must be a list"),
        (lambda: dashboard(blockers=("two\nlines",)), "blockers[0] must be a public text"),
        (
            lambda: handoff(private_validation_required="yes"),
            "private_validation_required must be true or false",
        ),
        (
            lambda: build_customer_operating_dashboard_response(handoff_request(), dashboard()),
            "request.operation must be customer_operating_dashboard",
        ),
        (
            lambda: build_support_handoff_readiness_response(dashboard_request(), handoff()),
            "request.operation must be support_handoff_readiness",
        ),
        (
            lambda: build_support_handoff_readiness_response(handoff_request(), dashboard()),  # type: ignore[arg-type]
            "summary must be a SupportHandoffReadinessSummary",
        ),
        (
            lambda: build_support_handoff_readiness_response(handoff_request(tenant_id="another"), handoff()),
            "summary.tenant_id must be the same as in the request",
        ),
        (
            lambda: build_support_handoff_readiness_response(handoff_request(), handoff(), status="done"),  # type: ignore[arg-type]
            "status must be a response status: accepted, unavailable, requires_private_service",
        ),
        (
            lambda: dataclasses.replace(dashboard_request(), operation="billing"),  # type: ignore[arg-type]
            "operation must be an operation: customer_operating_dashboard",
        ),
        (lambda: dataclasses.replace(dashboard_request(), payload={}), "payload.dashboard_scope is missing"),
        (lambda: dataclasses.replace(dashboard_request(), payload=[]), "payload must be an object"),  # type: ignore[arg-type]
        (lambda: dataclasses.replace(dashboard_request(), schema_version="v2"), 'must be "cavra.saas_control_plane'),
        (lambda: dataclasses.replace(dashboard_request(), correlation_id=""), "correlation_id must be an identifier"),
    ],
)
def test_an_error_names_the_field(make: Any, said: str) -> None:
    with pytest.raises(SaaSContractError, match=re.escape(said)) as raised:
        make()
    assert isinstance(raised.value, ValueError)


def nested(depth: int) -> object:
    value: object = 1
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (float("nan"), "payload.more must be a JSON value"),
        (object(), "payload.more must be a JSON value"),
        (b"bytes", "payload.more must be a JSON value"),
        ({1: 2}, "payload.more must be a JSON value"),
        (nested(100_000), "must be nested at most 16 deep"),
        ("x" * 5000, "payload.more must be at most 4,096 characters long"),
        (list(range(6000)), "the document must have at most 5,000 values"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_payload_holds_what_json_holds_and_not_too_much(value: object, said: str) -> None:
    request = dashboard_request()
    with pytest.raises(SaaSContractError, match=re.escape(said)):
        dataclasses.replace(request, payload={**request.payload, "more": value})


def test_the_description_has_every_operation_and_word() -> None:
    contract = describe_public_contract()
    assert json.loads(json.dumps(contract)) == contract
    assert contract["schema_version"] == contracts.SAAS_CONTROL_PLANE_CONTRACT_VERSION
    assert contract["operations"].keys() == {*SaaSOperation} == OPERATIONS.keys()
    dashboard = contract["operations"]["customer_operating_dashboard"]
    assert tuple(dashboard["required_checks"]) == CUSTOMER_OPERATING_DASHBOARD_CHECKS
    handoff = contract["operations"]["support_handoff_readiness"]
    assert tuple(handoff["required_checks"]) == SUPPORT_HANDOFF_READINESS_CHECKS
    assert contract["vocabularies"] == {
        "operation": ["customer_operating_dashboard", "support_handoff_readiness"],
        "response_status": ["accepted", "unavailable", "requires_private_service"],
        "readiness_state": ["ready", "degraded", "blocked", "unknown"],
        "subscription_state": [
            "trial",
            "active",
            "past_due",
            "grace_period",
            "suspended",
            "expired",
            "cancelled",
            "unknown",
        ],
        "entitlement_state": ["active", "trial", "suspended", "expired", "missing", "unknown"],
        "edition": ["community", "enterprise_trial", "enterprise"],
        "notification_channel": ["email", "customer_success", "support_ticket", "crm_task"],
        "conversion_target": ["paid_pilot", "production"],
        "expiry_outcome": ["revoked", "renewed", "escalated"],
    }


def test_all_public_names_are_there() -> None:
    assert {*contracts.__all__} <= {*dir(contracts)}
    assert {words.__name__ for words in VOCABULARIES.values()} <= {*contracts.__all__}
