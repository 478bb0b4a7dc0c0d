"""Requests to the private control plane and its responses, as the public side makes and reads them."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cavra_boundary.contracts.guard import Document, SaaSContractError, refuse
from cavra_boundary.contracts.operations import (
    CUSTOMER_OPERATING_DASHBOARD_CHECKS,
    OPERATIONS,
    SUPPORT_HANDOFF_READINESS_CHECKS,
)
from cavra_boundary.contracts.shape import FLAG, IDENTIFIER, OBJECT, TEXT, Mistake, Shape, constant, one_of, record
from cavra_boundary.evidence.vocabulary import SaaSOperation, SaaSResponseStatus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cavra_boundary.contracts.summaries import (
        CustomerOperatingDashboardSummary,
        Summary,
        SupportHandoffReadinessSummary,
    )

SAAS_CONTROL_PLANE_REQUEST_VERSION = "cavra.saas_control_plane.request.v1"
SAAS_CONTROL_PLANE_RESPONSE_VERSION = "cavra.saas_control_plane.response.v1"


def request_shape(operation: object) -> Shape:
    """The shape of a request for this operation; if that is unknown, its payload can be any object."""
    known = OPERATIONS.get(operation) if isinstance(operation, str) else None
    return record(
        {
            "schema_version": constant(SAAS_CONTROL_PLANE_REQUEST_VERSION),
            "operation": one_of(tuple(OPERATIONS), "an operation"),
            "tenant_id": IDENTIFIER,
            "requested_by": IDENTIFIER,
            "correlation_id": IDENTIFIER,
            "private_implementation_required": FLAG,
            "payload": known.request_payload() if known else OBJECT,
        }
    )


def response_shape(operation: object) -> Shape:
    """The shape of a response for this operation; if that is unknown, its payload can be any object."""
    known = OPERATIONS.get(operation) if isinstance(operation, str) else None
    return record(
        {
            "schema_version": constant(SAAS_CONTROL_PLANE_RESPONSE_VERSION),
            "operation": one_of(tuple(OPERATIONS), "an operation"),
            "status": one_of(SaaSResponseStatus, "a response status"),
            "message": TEXT,
            "correlation_id": IDENTIFIER,
            "private_implementation_required": FLAG,
            "payload": known.response_payload() if known else OBJECT,
        }
    )


SHAPES = {
    SAAS_CONTROL_PLANE_REQUEST_VERSION: request_shape,
    SAAS_CONTROL_PLANE_RESPONSE_VERSION: response_shape,
}
"""What a document with this schema version is checked against."""


def _correlation_id() -> str:
    return f"saas-{os.urandom(6).hex()}"


@dataclass(frozen=True, slots=True)
class SaaSControlPlaneRequest(Document):
    """A public client's request. SaaSContractError if it does not fit the operation or holds private material."""

    operation: SaaSOperation
    tenant_id: str
    requested_by: str
    payload: dict[str, Any]
    correlation_id: str = field(default_factory=_correlation_id)
    schema_version: str = SAAS_CONTROL_PLANE_REQUEST_VERSION
    private_implementation_required: bool = True

    def __post_init__(self) -> None:
        document = self.to_dict()
        refuse(document, request_shape(document["operation"]))
        object.__setattr__(self, "operation", SaaSOperation(self.operation))
        object.__setattr__(self, "payload", document["payload"])


@dataclass(frozen=True, slots=True)
class SaaSControlPlaneResponse(Document):
    """The public side's response. SaaSContractError if it does not fit the operation or holds private material.

    The public side has no service to ask, so it answers with what only the private edition can do.
    """

    operation: SaaSOperation
    status: SaaSResponseStatus
    message: str
    correlation_id: str
    payload: dict[str, Any]
    schema_version: str = SAAS_CONTROL_PLANE_RESPONSE_VERSION
    private_implementation_required: bool = True

    def __post_init__(self) -> None:
        document = self.to_dict()
        refuse(document, response_shape(document["operation"]))
        object.__setattr__(self, "operation", SaaSOperation(self.operation))
        object.__setattr__(self, "status", SaaSResponseStatus(self.status))
        object.__setattr__(self, "payload", document["payload"])


def build_customer_operating_dashboard_request(
    tenant_id: str,
    *,
    requested_by: str = "community",
    dashboard_scope: str = "tenant-operating",
    evidence_window: str = "last-24h",
    required_checks: Sequence[str] = CUSTOMER_OPERATING_DASHBOARD_CHECKS,
) -> SaaSControlPlaneRequest:
    """Ask whether a customer's operations are ready. SaaSContractError names what is wrong with an argument."""
    scopes = {"dashboard_scope": dashboard_scope, "evidence_window": evidence_window}
    return _request(SaaSOperation.CUSTOMER_OPERATING_DASHBOARD, tenant_id, requested_by, scopes, required_checks)


def build_support_handoff_readiness_request(
    tenant_id: str,
    *,
    requested_by: str = "community",
    handoff_scope: str = "hosted-saas-support",
    support_tier: str = "enterprise",
    required_checks: Sequence[str] = SUPPORT_HANDOFF_READINESS_CHECKS,
) -> SaaSControlPlaneRequest:
    """Ask whether support can take over a customer. SaaSContractError names what is wrong with an argument."""
    scopes = {"handoff_scope": handoff_scope, "support_tier": support_tier}
    return _request(SaaSOperation.SUPPORT_HANDOFF_READINESS, tenant_id, requested_by, scopes, required_checks)


def build_customer_operating_dashboard_response(
    request: SaaSControlPlaneRequest,
    summary: CustomerOperatingDashboardSummary,
    *,
    status: SaaSResponseStatus = SaaSResponseStatus.REQUIRES_PRIVATE_SERVICE,
) -> SaaSControlPlaneResponse:
    """Answer a dashboard request. SaaSContractError if the request is for another operation or tenant."""
    return _response(SaaSOperation.CUSTOMER_OPERATING_DASHBOARD, request, summary, status)


def build_support_handoff_readiness_response(
    request: SaaSControlPlaneRequest,
    summary: SupportHandoffReadinessSummary,
    *,
    status: SaaSResponseStatus = SaaSResponseStatus.REQUIRES_PRIVATE_SERVICE,
) -> SaaSControlPlaneResponse:
    """Answer a handoff request. SaaSContractError if the request is for another operation or tenant."""
    return _response(SaaSOperation.SUPPORT_HANDOFF_READINESS, request, summary, status)


def _request(
    operation: SaaSOperation, tenant_id: str, requested_by: str, scopes: dict[str, str], checks: Sequence[str]
) -> SaaSControlPlaneRequest:
    boundary, words = OPERATIONS[operation].boundary
    payload = {**scopes, "required_checks": checks, boundary: words}
    return SaaSControlPlaneRequest(operation, tenant_id, requested_by, payload)


def _response(
    operation: SaaSOperation, request: SaaSControlPlaneRequest, summary: Summary, status: SaaSResponseStatus
) -> SaaSControlPlaneResponse:
    known = OPERATIONS[operation]
    if request.operation is not operation:
        raise SaaSContractError(Mistake(("request", "operation"), f"must be {operation}"))
    if not isinstance(summary, known.summary):
        raise SaaSContractError(Mistake(("summary",), f"must be a {known.summary.__name__}"))
    if summary.tenant_id != request.tenant_id:
        raise SaaSContractError(Mistake(("summary", "tenant_id"), "must be the same as in the request"))
    payload = {
        "summary": summary.to_dict(),
        "private_modules_required": known.private_modules,
        "next_step": known.next_step,
    }
    return SaaSControlPlaneResponse(operation, status, known.message, request.correlation_id, payload)
