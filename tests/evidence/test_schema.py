"""The JSON Schemas of kinds: valid packets conform, packets with one fault in shape do not."""

from __future__ import annotations

import pytest
from jsonschema import Draft202012Validator
from packets import ACTIVATION, BILLING, DASHBOARD, FOLLOWUP, VARIANTS, Packet, changed, document, live

from cavra_boundary.evidence import kinds, strict
from cavra_boundary.evidence.conditions import Case
from cavra_boundary.evidence.reference import Grammar
from cavra_boundary.evidence.schema import schema


def validator(kind: str) -> Draft202012Validator:
    return Draft202012Validator(schema(kinds.load(kind)), format_checker=Draft202012Validator.FORMAT_CHECKER)


@pytest.mark.parametrize("kind", kinds.names())
def test_it_is_a_schema(kind: str) -> None:
    found = schema(kinds.load(kind))
    Draft202012Validator.check_schema(found)
    assert found["$schema"].endswith("2020-12/schema")
    assert found["properties"]["schema_version"] == {"description": "the kind", "enum": [kind]}


@pytest.mark.parametrize(("kind", "chosen"), VARIANTS)
def test_valid_packets_keep_to_it(kind: str, chosen: dict[str, str]) -> None:
    packet = live(kind, **chosen)
    errors = [error.message for error in validator(kind).iter_errors(packet)]
    assert errors == []
    flagged = changed(packet, "/license_key_included", False)
    assert validator(kind).is_valid(flagged)
    assert not validator(kind).is_valid(changed(flagged, "/license_key_included", True))


@pytest.mark.parametrize(("kind", "chosen"), VARIANTS)
def test_it_misses_what_the_gates_miss_and_refuses_other_types(kind: str, chosen: dict[str, str]) -> None:
    packet = live(kind, **chosen)
    checks = validator(kind)
    for field in kinds.load(kind).fields:
        pointer = "/" + "/".join(field.path)
        holder = packet.get(field.section) if field.section else packet
        if holder is None or field.path[-1] not in holder:
            continue
        without = changed(packet, pointer)
        assert checks.is_valid(without) == (not _missing(without)), pointer
        assert not checks.is_valid(changed(packet, pointer, 3.5)), pointer
        assert not checks.is_valid(changed(packet, pointer, "Not of any type")), pointer


def _missing(packet: Packet) -> list[str]:
    # Without its version a packet has no kind; here it counts as the kind it was made from.
    kind = kinds.load(packet.get("schema_version", ACTIVATION))
    return [*Case(kind, document(packet).root, {}).missing()] or ["schema_version"] * ("schema_version" not in packet)


@pytest.mark.parametrize(
    ("kind", "pointer", "value"),
    [
        (ACTIVATION, "/trial_ref", "trial:opaque-7f3a"),
        (ACTIVATION, "/readiness/evidence_ref", "docs/evidence.md"),
        (ACTIVATION, "/readiness/evidence_ref", "cavra://evidence/redacted/readiness"),
        (ACTIVATION, "/readiness/evidence_ref", "just-a-label"),
        (ACTIVATION, "/readiness/evidence_ref", "text of somebody"),
        (ACTIVATION, "/readiness_approval/approver_ref", "opaque-7f3a"),
        (ACTIVATION, "/readiness_approval/approver_ref", "somebody"),
        (ACTIVATION, "/generated_at", "2026-01-31T12:00:00+01:00"),
        (ACTIVATION, "/generated_at", "2026-01-31"),
        (ACTIVATION, "/readiness/package_digest", "sha384:" + 96 * "0"),
        (ACTIVATION, "/readiness/package_digest", "sha256:" + 96 * "0"),
        (FOLLOWUP, "/task_tracking_refs", ["ticket://support/next"]),
        (FOLLOWUP, "/notification/channel", "pigeon"),
        (BILLING, "/subscription_state", "cancelled"),
        (BILLING, "/subscription_state", "paused"),
        (DASHBOARD, "/blockers", ["escalation-pending"]),
        (DASHBOARD, "/blockers", ["escalation pending"]),
        (DASHBOARD, "/dashboard_scope", 65 * "a"),
        (DASHBOARD, "/production_handoff", {}),
    ],
)
def test_schema_and_tool_judge_alike(kind: str, pointer: str, value: object) -> None:
    packet = changed(live(kind), pointer, value)
    assert validator(kind).is_valid(packet) == (not [*strict.judge(kinds.load(kind), document(packet).root, Grammar())])
