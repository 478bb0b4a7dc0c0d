"""What a response says about a tenant, one class per operation.

A field's annotation is its shape: instances are checked against it, and the published schema and description use it.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Annotated, get_type_hints

from cavra_boundary.contracts.guard import Document, refuse
from cavra_boundary.contracts.shape import FLAG, IDENTIFIER, LABEL, TEXTS, TIMESTAMP, Shape, one_of, record
from cavra_boundary.evidence.vocabulary import ReadinessState

Identifier = Annotated[str, IDENTIFIER]
Label = Annotated[str, LABEL]
Readiness = Annotated[str, one_of(ReadinessState, "a readiness state")]
Timestamp = Annotated[str | None, TIMESTAMP]
Texts = Annotated[tuple[str, ...], TEXTS]
Flag = Annotated[bool, FLAG]


@dataclass(frozen=True, slots=True)
class Summary(Document):
    """The base of all summaries: checked on creation, with a SaaSContractError that names the field."""

    tenant_id: Identifier

    def __post_init__(self) -> None:
        refuse(self.to_dict(), type(self).shape())

    @classmethod
    def shape(cls) -> Shape:
        hints = get_type_hints(cls, include_extras=True)
        return record({field.name: hints[field.name].__metadata__[0] for field in fields(cls)})


@dataclass(frozen=True, slots=True)
class CustomerOperatingDashboardSummary(Summary):
    """Whether a customer's operations are ready, in public words. `latest_dashboard_at`: RFC 3339."""

    dashboard_status: Readiness
    billing_status: Readiness
    license_service_status: Readiness
    support_handoff_status: Readiness
    customer_success_status: Readiness
    escalation_status: Readiness
    release_closeout_status: Readiness
    latest_dashboard_at: Timestamp = None
    dashboard_scope: Label = "tenant-operating"
    blockers: Texts = ()
    private_validation_required: Flag = True


@dataclass(frozen=True, slots=True)
class SupportHandoffReadinessSummary(Summary):
    """Whether support can take over a customer, in public words."""

    support_status: Readiness
    customer_success_status: Readiness
    escalation_status: Readiness
    health_review_status: Readiness
    dashboard_status: Readiness
    support_tier: Label = "enterprise"
    handoff_scope: Label = "hosted-saas-support"
    blockers: Texts = ()
    private_validation_required: Flag = True
