"""The public vocabularies: what may be said about a tenant's state without revealing anything about the tenant.

The contract and the kinds of evidence use them. They come from CAVRA's public documentation (docs/architecture/ in its
repository). Each member is its own wire value.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class SaaSOperation(StrEnum):
    """What a public client may ask the private control plane about."""

    CUSTOMER_OPERATING_DASHBOARD = "customer_operating_dashboard"
    SUPPORT_HANDOFF_READINESS = "support_handoff_readiness"


class SaaSResponseStatus(StrEnum):
    """The outcome of a request."""

    ACCEPTED = "accepted"
    UNAVAILABLE = "unavailable"
    REQUIRES_PRIVATE_SERVICE = "requires_private_service"


class ReadinessState(StrEnum):
    """Whether something can be relied on."""

    READY = "ready"
    DEGRADED = "degraded"
    BLOCKED = "blocked"
    UNKNOWN = "unknown"


class SubscriptionState(StrEnum):
    """The state of a subscription."""

    TRIAL = "trial"
    ACTIVE = "active"
    PAST_DUE = "past_due"
    GRACE_PERIOD = "grace_period"
    SUSPENDED = "suspended"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


class EntitlementState(StrEnum):
    """The state of an entitlement."""

    ACTIVE = "active"
    TRIAL = "trial"
    SUSPENDED = "suspended"
    EXPIRED = "expired"
    MISSING = "missing"
    UNKNOWN = "unknown"


class Edition(StrEnum):
    """The editions of the product."""

    COMMUNITY = "community"
    ENTERPRISE_TRIAL = "enterprise_trial"
    ENTERPRISE = "enterprise"


class NotificationChannel(StrEnum):
    """How an evaluator is told that a trial has ended."""

    EMAIL = "email"
    CUSTOMER_SUCCESS = "customer_success"
    SUPPORT_TICKET = "support_ticket"
    CRM_TASK = "crm_task"


class ConversionTarget(StrEnum):
    """What a trial is converted to."""

    PAID_PILOT = "paid_pilot"
    PRODUCTION = "production"


class ExpiryOutcome(StrEnum):
    """How a trial's access ended."""

    REVOKED = "revoked"
    RENEWED = "renewed"
    ESCALATED = "escalated"


VOCABULARIES: Mapping[str, type[StrEnum]] = {
    "operation": SaaSOperation,
    "response_status": SaaSResponseStatus,
    "readiness_state": ReadinessState,
    "subscription_state": SubscriptionState,
    "entitlement_state": EntitlementState,
    "edition": Edition,
    "notification_channel": NotificationChannel,
    "conversion_target": ConversionTarget,
    "expiry_outcome": ExpiryOutcome,
}
