"""The public contract with the private control plane: shapes and vocabularies, with nothing private.

Names, arguments and values are those of CAVRA's documented public contract, so its users can switch by changing an
import; docs/contracts.md describes them. Every request, response and summary is checked on creation: a mistake, or
private material anywhere in it, raises a `SaaSContractError` that names the field. The first check loads the packs,
which takes 0.1 to 0.2 s (seconds if the user's cache is empty); later ones take milliseconds. All of it is thread-safe.
"""

from cavra_boundary.contracts.control_plane import (
    SAAS_CONTROL_PLANE_REQUEST_VERSION,
    SAAS_CONTROL_PLANE_RESPONSE_VERSION,
    SaaSControlPlaneRequest,
    SaaSControlPlaneResponse,
    build_customer_operating_dashboard_request,
    build_customer_operating_dashboard_response,
    build_support_handoff_readiness_request,
    build_support_handoff_readiness_response,
)
from cavra_boundary.contracts.guard import SaaSContractError
from cavra_boundary.contracts.operations import CUSTOMER_OPERATING_DASHBOARD_CHECKS, SUPPORT_HANDOFF_READINESS_CHECKS
from cavra_boundary.contracts.publish import SAAS_CONTROL_PLANE_CONTRACT_VERSION, describe_public_contract
from cavra_boundary.contracts.summaries import CustomerOperatingDashboardSummary, SupportHandoffReadinessSummary
from cavra_boundary.evidence.vocabulary import (
    ConversionTarget,
    Edition,
    EntitlementState,
    ExpiryOutcome,
    NotificationChannel,
    ReadinessState,
    SaaSOperation,
    SaaSResponseStatus,
    SubscriptionState,
)

__all__ = [
    "CUSTOMER_OPERATING_DASHBOARD_CHECKS",
    "SAAS_CONTROL_PLANE_CONTRACT_VERSION",
    "SAAS_CONTROL_PLANE_REQUEST_VERSION",
    "SAAS_CONTROL_PLANE_RESPONSE_VERSION",
    "SUPPORT_HANDOFF_READINESS_CHECKS",
    "ConversionTarget",
    "CustomerOperatingDashboardSummary",
    "Edition",
    "EntitlementState",
    "ExpiryOutcome",
    "NotificationChannel",
    "ReadinessState",
    "SaaSContractError",
    "SaaSControlPlaneRequest",
    "SaaSControlPlaneResponse",
    "SaaSOperation",
    "SaaSResponseStatus",
    "SubscriptionState",
    "SupportHandoffReadinessSummary",
    "build_customer_operating_dashboard_request",
    "build_customer_operating_dashboard_response",
    "build_support_handoff_readiness_request",
    "build_support_handoff_readiness_response",
    "describe_public_contract",
]
