"""The gates of every kind, one by one: what is ready, and which gate each fault blocks and where."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packets import (
    ACTIVATION,
    APPROVAL,
    BILLING,
    DASHBOARD,
    EXPIRY,
    FOLLOWUP,
    READINESS,
    SUPPORT,
    VARIANTS,
    Packet,
    changed,
    digest,
    document,
    evaluate,
    failed,
    live,
)

from cavra_boundary.evidence import gates, kinds
from cavra_boundary.evidence.gates import Basis, CheckStatus, ResultStatus
from cavra_boundary.model import Severity

if TYPE_CHECKING:
    from cavra_boundary.evidence.document import Document

OTHER_DIGEST = "sha256:" + 64 * "0"
REMOVED = ...


@pytest.mark.parametrize(("kind", "chosen"), VARIANTS)
def test_a_live_sanitized_packet_of_every_kind_is_ready(kind: str, chosen: dict[str, str]) -> None:
    result = evaluate(live(kind, **chosen))
    assert (result.status, failed(result)) == (ResultStatus.READY, {})
    assert result.mode == "live"
    assert {check.name for check in result.checks} >= {"no_private_material", "required_fields", "sanitized"}


@pytest.mark.parametrize(("kind", "chosen"), VARIANTS)
def test_a_sample_shows_its_shape_only(kind: str, chosen: dict[str, str]) -> None:
    packet = changed(live(kind, **chosen), "/evidence_mode", "sample")
    for sanitized in (True, False):
        result = evaluate(changed(packet, "/sanitized", sanitized))
        assert result.status is ResultStatus.READY_WITH_WARNINGS
        assert (result.blocker_count, result.warning_count) == (0, 1)
        assert failed(result) == {"evidence_mode": ["/evidence_mode"]}


@pytest.mark.parametrize(("kind", "chosen"), VARIANTS)
def test_a_live_packet_has_to_be_sanitized(kind: str, chosen: dict[str, str]) -> None:
    result = evaluate(changed(live(kind, **chosen), "/sanitized", False))
    assert (result.status, failed(result)) == (ResultStatus.BLOCKED, {"sanitized": ["/sanitized"]})


GATES: list[tuple[str, dict[str, str], str, object, str]] = [
    (ACTIVATION, {}, "/readiness/status", "blocked", "readiness_evidence_ready"),
    (ACTIVATION, {}, "/readiness/status", "ready_with_warnings", "readiness_evidence_ready"),
    (ACTIVATION, {}, "/readiness_approval/decision", "pending", "readiness_approval_approved"),
    (ACTIVATION, {}, "/readiness_approval/decision", "rejected", "readiness_approval_approved"),
    (ACTIVATION, {}, "/readiness_approval/package_ref", "evidence://other", "approval_package_matches"),
    (ACTIVATION, {}, "/readiness_approval/package_digest", OTHER_DIGEST, "approval_package_matches"),
    (ACTIVATION, {}, "/readiness_approval/package_digest", REMOVED, "approval_package_matches"),
    (ACTIVATION, {}, "/readiness/package_ref", REMOVED, "approval_package_matches"),
    (ACTIVATION, {}, "/production_handoff", {"support_owner_ref": "x"}, "paid_pilot_plan_only"),
    (ACTIVATION, {"target": "production"}, "/paid_pilot_activation", {"a": 1}, "production_plan_only"),
    (ACTIVATION, {}, "/paid_pilot_activation/billing_handoff_ref", REMOVED, "target_references_present"),
    (ACTIVATION, {}, "/paid_pilot_activation/activation_owner_ref", "", "target_references_present"),
    (ACTIVATION, {}, "/paid_pilot_activation/activation_at", None, "target_references_present"),
    (
        ACTIVATION,
        {"target": "production"},
        "/production_handoff/target_go_live_at",
        REMOVED,
        "target_references_present",
    ),
    (FOLLOWUP, {}, "/expiry/status", "blocked", "expiry_evidence_ready"),
    (FOLLOWUP, {}, "/expiry_approval/decision", "rejected", "expiry_approval_approved"),
    (FOLLOWUP, {}, "/expiry_approval/package_ref", "evidence://other", "approval_package_matches"),
    (FOLLOWUP, {}, "/expiry_approval/package_digest", OTHER_DIGEST, "approval_package_matches"),
    (FOLLOWUP, {}, "/notification/notification_ref", REMOVED, "notification_present"),
    (FOLLOWUP, {}, "/notification/delivery_owner_ref", REMOVED, "notification_present"),
    (FOLLOWUP, {}, "/notification/delivery_tracking_ref", REMOVED, "notification_present"),
    (
        FOLLOWUP,
        {"outcome": "renewed"},
        "/handoff/grace_period_approval_ref",
        REMOVED,
        "grace_period_and_commercial_handoff",
    ),
    (
        FOLLOWUP,
        {"outcome": "escalated"},
        "/handoff/grace_period_approval_ref",
        REMOVED,
        "grace_period_and_commercial_handoff",
    ),
    (
        FOLLOWUP,
        {"outcome": "escalated"},
        "/handoff/commercial_handoff_ref",
        REMOVED,
        "grace_period_and_commercial_handoff",
    ),
    (FOLLOWUP, {"outcome": "revoked"}, "/handoff/closeout_handoff_ref", REMOVED, "closeout_handoff"),
    (FOLLOWUP, {}, "/handoff/customer_success_owner_ref", REMOVED, "owners_and_next_actions"),
    (FOLLOWUP, {}, "/handoff/sales_owner_ref", REMOVED, "owners_and_next_actions"),
    (FOLLOWUP, {}, "/handoff/support_owner_ref", REMOVED, "owners_and_next_actions"),
    (FOLLOWUP, {}, "/next_action_refs", [], "owners_and_next_actions"),
    *(
        (BILLING, {}, "/subscription_state", state, "subscription_carries_access")
        for state in ("past_due", "suspended", "expired", "cancelled", "unknown")
    ),
    *(
        (BILLING, {}, f"/health/{area}_status", state, "services_ready")
        for area in ("billing_provider", "entitlement_synchronization", "license_service", "revocation_check")
        for state in ("degraded", "blocked", "unknown")
    ),
    (BILLING, {}, "/references/revocation_check_ref", REMOVED, "references_present"),
    (BILLING, {}, "/references", REMOVED, "references_present"),
    (BILLING, {}, "/ownership/renewal_owner_ref", REMOVED, "owners_present"),
    (BILLING, {}, "/ownership/customer_success_acceptance_ref", REMOVED, "owners_present"),
    *(
        (DASHBOARD, {}, f"/{area}_status", state, "nothing_blocked")
        for area in (
            "dashboard",
            "billing",
            "license_service",
            "support_handoff",
            "customer_success",
            "escalation",
            "release_closeout",
        )
        for state in ("blocked", "unknown")
    ),
    (DASHBOARD, {}, "/blockers", ["escalation-pending"], "no_blockers"),
    *(
        (SUPPORT, {}, f"/{area}_status", "blocked", "nothing_blocked")
        for area in ("support", "customer_success", "escalation", "health_review", "dashboard")
    ),
    (SUPPORT, {}, "/blockers", ["dashboard-pending"], "no_blockers"),
    (READINESS, {}, "/status", "blocked", "conversion_ready"),
    (READINESS, {}, "/blocker_count", 1, "conversion_ready"),
    (EXPIRY, {}, "/blocker_count", True, "expiry_ready"),
    (EXPIRY, {}, "/status", "ready_with_warnings", "expiry_ready"),
    (APPROVAL, {}, "/decision", "pending", "decision_approved"),
]


@pytest.mark.parametrize(("kind", "chosen", "pointer", "value", "gate"), GATES)
def test_a_gate_that_is_not_met_blocks(
    kind: str, chosen: dict[str, str], pointer: str, value: object, gate: str
) -> None:
    result = evaluate(changed(live(kind, **chosen), pointer, value))
    assert (result.status, failed(result)) == (ResultStatus.BLOCKED, {gate: [pointer]})
    (check,) = [each for each in result.checks if each.name == gate]
    assert pointer in check.message
    assert check.next_step


WARNINGS: list[tuple[str, str, str, str]] = [
    (BILLING, "/subscription_state", "trial", "subscription_steady"),
    (BILLING, "/subscription_state", "grace_period", "subscription_steady"),
    (DASHBOARD, "/billing_status", "degraded", "nothing_degraded"),
    (SUPPORT, "/escalation_status", "degraded", "nothing_degraded"),
]


@pytest.mark.parametrize(("kind", "pointer", "value", "gate"), WARNINGS)
def test_a_gate_may_only_warn(kind: str, pointer: str, value: str, gate: str) -> None:
    result = evaluate(changed(live(kind), pointer, value))
    assert (result.status, failed(result)) == (ResultStatus.READY_WITH_WARNINGS, {gate: [pointer]})


def test_every_gate_of_every_kind_is_tested() -> None:
    tested = {(kind, gate) for kind, *_, gate in [*GATES, *WARNINGS]}
    with_companions = {(APPROVAL, "package_matches")}
    common = {"evidence_mode", "sanitized"}
    for kind in kinds.names():
        for gate in kinds.load(kind).gates:
            assert gate.name in common or (kind, gate.name) in tested | with_companions


@pytest.mark.parametrize(("kind", "chosen"), VARIANTS)
def test_every_required_field_is_missed(kind: str, chosen: dict[str, str]) -> None:
    packet = live(kind, **chosen)
    for field in kinds.load(kind).fields:
        pointer = "/" + "/".join(field.path)
        if field.name == "schema_version" or not _has(packet, field.path):
            continue
        result = evaluate(changed(packet, pointer))
        assert result.blocker_count, pointer
        missed = {place for places in failed(result).values() for place in places}
        assert pointer in missed, failed(result)


def _has(packet: Packet, path: tuple[str, ...]) -> bool:
    value: object = packet
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value is not None


@pytest.mark.parametrize(
    ("kind", "pointer"),
    [(ACTIVATION, "/conversion_target"), (FOLLOWUP, "/outcome"), (FOLLOWUP, "/notification/channel")],
)
@pytest.mark.parametrize("value", ["other", 3, ["paid_pilot"], {"outcome": "renewed"}])
def test_what_hangs_on_an_unknown_label_is_not_passed_over(kind: str, pointer: str, value: object) -> None:
    assert failed(evaluate(changed(live(kind), pointer, value))) == {"required_fields": [pointer]}


def test_what_a_gate_misses_is_missed_once() -> None:
    result = evaluate(changed(live(ACTIVATION), "/readiness/status"))
    assert failed(result) == {"readiness_evidence_ready": ["/readiness/status"]}


def test_a_flag_is_no_number_and_a_label_no_flag() -> None:
    for value in (1, "true"):
        assert failed(evaluate(changed(live(BILLING), "/sanitized", value))) == {"sanitized": ["/sanitized"]}


@pytest.mark.parametrize(
    ("worst", "status"),
    [(None, "pass"), (Severity.NOTE, "pass"), (Severity.WARNING, "warn"), (Severity.ERROR, "blocker")],
)
def test_what_must_not_be_there_weighs_as_it_was_found(worst: Severity | None, status: str) -> None:
    kind = kinds.load(BILLING)
    result = gates.evaluate(kind, document(live(BILLING)).root, {}, worst)
    assert result.checks[0] == result.checks[0]._replace(name="no_private_material", status=CheckStatus(status))


def trio(consumer: str, consumed: str, section: str) -> tuple[Packet, dict[str, Document], str]:
    """A packet with the evidence and approval that it consumes, digests included, and its companion's name."""
    packet, evidence, approval = live(consumer), live(consumed), live(APPROVAL, approves=consumed)
    name = section
    companions = {name: document(evidence), "approval": document(approval)}
    packet[section]["evidence_digest"] = digest(companions[name])
    packet[f"{section}_approval"]["approval_digest"] = digest(companions["approval"])
    return packet, companions, name


TRIOS = [(ACTIVATION, READINESS, "readiness"), (FOLLOWUP, EXPIRY, "expiry")]


@pytest.mark.parametrize(("consumer", "consumed", "section"), TRIOS)
def test_companions_are_compared(consumer: str, consumed: str, section: str) -> None:
    packet, companions, _ = trio(consumer, consumed, section)
    result = evaluate(packet, companions)
    assert (result.status, failed(result)) == (ResultStatus.READY, {})
    bases = {check.name: check.basis for check in result.checks}
    about = [f"{section}_evidence_ready", f"{section}_approval_approved", "approval_package_matches"]
    assert [bases.pop(name) for name in about] == [Basis.COMPARED] * 3
    assert {*bases.values()} == {Basis.PACKET}
    alone = {check.name: check.basis for check in evaluate(packet).checks}
    assert [alone[name] for name in about] == [Basis.STATED] * 3
    with_one = {check.name: check.basis for check in evaluate(packet, {section: companions[section]}).checks}
    assert [with_one[name] for name in about] == [Basis.COMPARED, Basis.STATED, Basis.STATED]


@pytest.mark.parametrize(("consumer", "consumed", "section"), TRIOS)
@pytest.mark.parametrize(
    ("which", "pointer", "value", "gate", "places"),
    [
        ("evidence", "/status", "blocked", "{0}_evidence_ready", ["/status"]),
        ("evidence", "/package_ref", "evidence://other", "approval_package_matches", ["/{0}/package_ref"]),
        ("evidence", "/package_digest", OTHER_DIGEST, "approval_package_matches", ["/{0}/package_digest"]),
        ("evidence", "/evidence_mode", "sample", "{0}_evidence_ready", ["/evidence_mode"]),
        ("evidence", "/blocker_count", 2, "{0}_evidence_ready", ["/blocker_count"]),
        ("approval", "/evidence_mode", "sample", "{0}_approval_approved", ["/evidence_mode"]),
        ("approval", "/decision", "pending", "{0}_approval_approved", ["/decision"]),
        ("approval", "/approves", "cavra.other.evidence.v1", "{0}_approval_approved", ["/approves"]),
        ("approval", "/package_ref", "evidence://other", "approval_package_matches", ["/{0}_approval/package_ref"]),
        ("approval", "/package_digest", REMOVED, "approval_package_matches", ["/package_digest"]),
    ],
)
def test_what_a_companion_says_otherwise(
    consumer: str, consumed: str, section: str, which: str, pointer: str, value: object, gate: str, places: list[str]
) -> None:
    packet, companions, name = trio(consumer, consumed, section)
    key, part, own = (name, section, "evidence") if which == "evidence" else ("approval", f"{section}_approval", which)
    content = live(consumed) if which == "evidence" else live(APPROVAL, approves=consumed)
    companions[key] = document(changed(content, pointer, value))
    packet[part][f"{own}_digest"] = digest(companions[key])
    assert failed(evaluate(packet, companions)) == {gate.format(section): [place.format(section) for place in places]}


@pytest.mark.parametrize(("consumer", "consumed", "section"), TRIOS)
def test_another_file_than_the_packet_names_is_told_by_its_bytes(consumer: str, consumed: str, section: str) -> None:
    packet, companions, name = trio(consumer, consumed, section)
    for key, gate, pointer in (
        (name, f"{section}_evidence_ready", f"/{section}/evidence_digest"),
        ("approval", f"{section}_approval_approved", f"/{section}_approval/approval_digest"),
    ):
        touched = companions[key]._replace(data=companions[key].data + b"\n")
        assert failed(evaluate(packet, companions | {key: touched})) == {gate: [pointer]}


def test_an_approval_is_checked_with_what_it_approves() -> None:
    for approved, other in ((READINESS, EXPIRY), (EXPIRY, READINESS)):
        approval = live(APPROVAL, approves=approved)
        assert failed(evaluate(approval, {"evidence": document(live(approved))})) == {}
        assert failed(evaluate(approval, {"evidence": document(live(other))})) == {"package_matches": ["/approves"]}
        for key, value in (
            ("package_ref", "evidence://other"),
            ("package_digest", OTHER_DIGEST),
            ("evidence_mode", "sample"),
        ):
            evidence = changed(live(approved), f"/{key}", value)
            assert failed(evaluate(approval, {"evidence": document(evidence)})) == {"package_matches": [f"/{key}"]}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "ready", "live", "paid_pilot"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["status", "a"]), inner, max_size=2),
    max_leaves=4,
)


@given(data=st.data())
def test_gates_answer_whatever_the_packet_holds(data: st.DataObject) -> None:
    kind, chosen = data.draw(st.sampled_from(VARIANTS))
    packet = live(kind, **chosen)
    for field in data.draw(st.lists(st.sampled_from(kinds.load(kind).fields), max_size=4)):
        if _has(packet, field.path):
            packet = changed(packet, "/" + "/".join(field.path), data.draw(JSON))
    result = gates.evaluate(kinds.load(kind), document(packet).root, {})
    assert result.blocker_count == sum(check.status is CheckStatus.BLOCKER for check in result.checks)
    assert (result.status is ResultStatus.BLOCKED) == bool(result.blocker_count)
    for check in result.checks:
        assert (check.status is CheckStatus.PASS) == (not check.next_step)


@pytest.mark.parametrize("root", [None, [], "text", 3, {}])
def test_what_is_no_packet_at_all_is_blocked(root: object) -> None:
    result = gates.evaluate(kinds.load(ACTIVATION), document(root).root, {})
    assert (result.status, result.mode) == (ResultStatus.BLOCKED, "")
