"""What the tests of kinds share: valid packets of every kind, and what the gates say about a changed one."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from cavra_boundary.evidence import gates, kinds
from cavra_boundary.evidence.document import Document, read
from cavra_boundary.evidence.template import template

if TYPE_CHECKING:
    from collections.abc import Mapping

Packet = dict[str, Any]

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)

ACTIVATION = "cavra.trial-conversion-activation.evidence.v1"
FOLLOWUP = "cavra.trial-expired-followup.evidence.v1"
BILLING = "cavra.billing-subscription-readiness.evidence.v1"
DASHBOARD = "cavra.customer-operating-dashboard.evidence.v1"
SUPPORT = "cavra.support-handoff-readiness.evidence.v1"
READINESS = "cavra.trial-conversion-readiness.evidence.v1"
EXPIRY = "cavra.trial-access-expiry.evidence.v1"
APPROVAL = "cavra.trial-evidence.approval.v1"

VARIANTS: list[tuple[str, dict[str, str]]] = [
    (ACTIVATION, {"target": "paid_pilot"}),
    (ACTIVATION, {"target": "production"}),
    (FOLLOWUP, {"outcome": "renewed"}),
    (FOLLOWUP, {"outcome": "escalated"}),
    (FOLLOWUP, {"outcome": "revoked"}),
    (BILLING, {}),
    (DASHBOARD, {}),
    (SUPPORT, {}),
    (READINESS, {}),
    (EXPIRY, {}),
    (APPROVAL, {"approves": READINESS}),
    (APPROVAL, {"approves": EXPIRY}),
]
"""Every kind with every choice that affects what it must hold."""


def live(kind: str, **chosen: str) -> Packet:
    """A packet that is ready."""
    packet: Packet = json.loads(template(kinds.load(kind), chosen, NOW))
    packet["evidence_mode"] = "live"
    return packet


def changed(packet: Packet, pointer: str, value: object = ...) -> Packet:
    """A copy with another value at a pointer; without one, with that member removed."""
    copy: Packet = json.loads(json.dumps(packet))
    *sections, key = pointer.split("/")[1:]
    holder = copy
    for section in sections:
        holder = holder[section]
    if value is ...:
        del holder[key]
    else:
        holder[key] = value
    return copy


def document(packet: object, path: str = "packet.json") -> Document:
    found = read(json.dumps(packet, indent=2).encode(), path)
    assert isinstance(found, Document)
    return found


def digest(found: Document) -> str:
    return f"sha256:{sha256(found.data).hexdigest()}"


def evaluate(packet: Packet, companions: Mapping[str, Document] | None = None) -> gates.Result:
    kind = kinds.load(packet["schema_version"])
    return gates.evaluate(kind, document(packet).root, companions or {})


def failed(result: gates.Result) -> dict[str, list[str]]:
    """The pointers at which each gate failed."""
    return {
        check.name: [place.pointer for place in check.places]
        for check in result.checks
        if check.status is not gates.CheckStatus.PASS
    }
