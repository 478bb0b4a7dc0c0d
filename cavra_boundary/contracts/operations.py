"""The operations of the contract, one entry of `OPERATIONS` each; everything else is derived from these."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cavra_boundary.contracts.shape import LABEL, TEXT, TEXTS, Shape, listed, one_of, record
from cavra_boundary.contracts.summaries import (
    CustomerOperatingDashboardSummary,
    Summary,
    SupportHandoffReadinessSummary,
)
from cavra_boundary.evidence.vocabulary import SaaSOperation

if TYPE_CHECKING:
    from collections.abc import Mapping

CUSTOMER_OPERATING_DASHBOARD_CHECKS = (
    "dashboard_visibility",
    "billing_observability",
    "license_service_telemetry",
    "support_handoff",
    "customer_success_health",
    "escalation_readiness",
    "release_acceptance",
)
SUPPORT_HANDOFF_READINESS_CHECKS = (
    "support_owner_assignment",
    "customer_success_owner_assignment",
    "escalation_routing",
    "customer_health_review",
    "handoff_dashboard",
    "release_owner_acceptance",
)


class Operation(NamedTuple):
    """One thing that a public client may ask about.

    checks: what a request may ask for, and asks for by default. scopes: the request's labels and their defaults.
    boundary: the field and the words in which a request says what it is not. summary: what a response is made of.
    message, private_modules, next_step: what a response says about what only the private edition can do.
    """

    checks: tuple[str, ...]
    scopes: Mapping[str, str]
    boundary: tuple[str, str]
    summary: type[Summary]
    message: str
    private_modules: tuple[str, ...]
    next_step: str

    def request_payload(self) -> Shape:
        checks = listed(one_of(self.checks, "a check"), "a list of at least one check, without duplicates", least=1)
        labels = dict.fromkeys(self.scopes, LABEL)
        boundary, _ = self.boundary
        return record({**labels, "required_checks": checks, boundary: TEXT}, optional=(boundary,), strict=False)

    def response_payload(self) -> Shape:
        """Only the summary is required, as in the published examples."""
        fields = {"summary": self.summary.shape(), "private_modules_required": TEXTS, "next_step": TEXT}
        return record(fields, optional=("private_modules_required", "next_step"), strict=False)


_PAGE = "See docs/architecture/customer-operating-dashboard-support-handoff-contract.md"

OPERATIONS: Mapping[str, Operation] = {
    SaaSOperation.CUSTOMER_OPERATING_DASHBOARD: Operation(
        checks=CUSTOMER_OPERATING_DASHBOARD_CHECKS,
        scopes={"dashboard_scope": "tenant-operating", "evidence_window": "last-24h"},
        boundary=("dashboard_boundary", "public request shape only; customer operating dashboards are private"),
        summary=CustomerOperatingDashboardSummary,
        message="Customer operating dashboard status requires private billing, license-service, support,"
        " customer-success, escalation, and release closeout validation.",
        private_modules=(
            "billing observability",
            "license-service telemetry",
            "support handoff",
            "customer-success health",
            "escalation routing",
            "release closeout",
            "operating dashboard",
        ),
        next_step=_PAGE,
    ),
    SaaSOperation.SUPPORT_HANDOFF_READINESS: Operation(
        checks=SUPPORT_HANDOFF_READINESS_CHECKS,
        scopes={"handoff_scope": "hosted-saas-support", "support_tier": "enterprise"},
        boundary=("handoff_boundary", "public request shape only; support and customer-success handoff is private"),
        summary=SupportHandoffReadinessSummary,
        message="Support handoff readiness requires private support, customer-success, escalation, health-review,"
        " and dashboard validation.",
        private_modules=(
            "support ownership",
            "customer-success ownership",
            "escalation routing",
            "customer health review",
            "handoff dashboard",
            "release owner acceptance",
        ),
        next_step=_PAGE,
    ),
}
