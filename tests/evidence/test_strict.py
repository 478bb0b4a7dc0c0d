"""What a packet of a known kind must not hold: unknown keys and values of the wrong type, each at its place."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packets import ACTIVATION, BILLING, DASHBOARD, FOLLOWUP, VARIANTS, Packet, changed, document, live

from cavra_boundary.evidence import CHECKS, kinds, strict
from cavra_boundary.evidence.fixtures import judge as judge_all
from cavra_boundary.evidence.packet import Context, judge
from cavra_boundary.evidence.reference import Grammar


def faults(packet: Packet) -> list[tuple[str, str]]:
    kind = kinds.load(packet["schema_version"])
    return [(fault.check, fault.pointer) for fault in strict.judge(kind, document(packet).root, Grammar())]


@pytest.mark.parametrize(("kind", "chosen"), VARIANTS)
def test_a_valid_packet_has_no_fault_in_general_or_of_its_kind(kind: str, chosen: dict[str, str]) -> None:
    packet = live(kind, **chosen)
    general = list(judge(document(packet).root, Context()))
    assert (general, faults(packet)) == ([], [])


@pytest.mark.parametrize(("kind", "chosen"), VARIANTS)
def test_an_unknown_key_is_a_fault_wherever_it_stands(kind: str, chosen: dict[str, str]) -> None:
    packet = live(kind, **chosen)
    for section in ("", *(f"/{key}" for key, value in packet.items() if isinstance(value, dict))):
        assert faults(changed(packet, f"{section}/handoff_notes", "ready")) == [
            ("unknown-key", f"{section}/handoff_notes")
        ]


def test_redaction_flags_are_known_everywhere() -> None:
    packet = changed(live(ACTIVATION), "/license_key_included", False)
    assert faults(changed(packet, "/readiness/customer_data_included", False)) == []


WRONG: dict[str, list[object]] = {
    "reference": [None, True, 3, "", "just-a-label", "text of somebody", [], {}, {"ref": "evidence://a"}],
    "references": [None, "evidence://a", {}, ["evidence://a", 3], ["just-a-label"], [[]]],
    "opaque": [None, 3, "just-a-label", "opaque-", "Opaque-Label", {}],
    "label": [None, True, 3, "", "Not A Label", "neither", [], "ready\n"],
    "labels": [None, "a-label", [3], ["Not a label"], {}],
    "timestamp": [None, 3, "", "2026-01-31", "2026-02-30T12:00:00Z", "2026-01-31T12:00:00", "tomorrow", []],
    "digest": [None, 3, "", 64 * "0", "sha256:" + 63 * "0", "md5:" + 32 * "0", "sha256:" + 64 * "G", {}],
    "text": [None, 3, "", 501 * "a", [], {}],
    "count": [None, True, -1, 1_000_001, 1.5, "1", []],
    "flag": [None, 0, "true", []],
    "section": [None, True, "evidence://a", []],
}


@pytest.mark.parametrize(("kind", "chosen"), VARIANTS)
def test_a_value_of_another_type_is_a_fault_at_its_pointer(kind: str, chosen: dict[str, str]) -> None:
    packet = live(kind, **chosen)
    met: set[str] = set()
    for field in kinds.load(kind).fields:
        if field.name == "schema_version" or field.optional or not _stands_in(packet, field):
            continue
        pointer = "/" + "/".join(field.path)
        first = field.type not in met
        met.add(field.type)
        for value in WRONG[field.type] if first else WRONG[field.type][:2]:
            if value == "neither" and not field.of:
                continue
            assert faults(changed(packet, pointer, value)) == [("wrong-type", pointer)], (pointer, value)


def _stands_in(packet: Packet, field: kinds.Field) -> bool:
    holder = packet.get(field.section) if field.section else packet
    return holder is not None and field.path[-1] in holder


@pytest.mark.parametrize(
    ("kind", "pointer", "value"),
    [
        (ACTIVATION, "/readiness/evidence_ref", "audit://trial/readiness"),
        (ACTIVATION, "/trial_ref", "trial:opaque-7f3a"),
        (ACTIVATION, "/summary", "Ready for the pilot."),
        (ACTIVATION, "/readiness_approval/approver_ref", "opaque-7f3a"),
        (ACTIVATION, "/readiness_approval/approver_ref", "owner:opaque-7f3a"),
        (ACTIVATION, "/generated_at", "2026-01-31T12:00:00.25+01:00"),
        (ACTIVATION, "/readiness/package_digest", "sha512:" + 128 * "a"),
        (FOLLOWUP, "/task_tracking_refs", ["ticket://support/next", "crm:opaque-7f3a"]),
        (BILLING, "/subscription_state", "unknown"),
        (DASHBOARD, "/blockers", []),
        (DASHBOARD, "/blockers", ["escalation-route-pending"]),
    ],
)
def test_a_value_of_its_type_is_none(kind: str, pointer: str, value: object) -> None:
    assert faults(changed(live(kind), pointer, value)) == []


def test_what_the_general_rules_say_is_not_said_again() -> None:
    packet = changed(live(ACTIVATION), "/readiness/evidence_ref", {"customer": "somebody"})
    assert faults(packet) == [("wrong-type", "/readiness/evidence_ref")]
    (fault,) = judge_all(document(packet).root, Context())
    assert (fault.check, fault.pointer) == ("inline-object", "/readiness/evidence_ref")


@pytest.mark.parametrize("packet", [{"schema_version": "cavra.other.evidence.v1"}, {"schema_version": 3}, {}, [], None])
def test_a_packet_may_be_of_no_known_kind(packet: object) -> None:
    assert kinds.of_packet(document(packet).root) is None


LEAKS: list[object] = [
    "somebody" + "@" + "customer.example",
    "EUR 12,500.00",
    "+49 30 " + "5550 1234",
    "Send it to 12 Main Street",
    {"name": "somebody", "plan": "enterprise"},
    [{"row": 1}],
    "evidence://tenant/" + "6f9619ff-8b86-d011-b42d-00cf4fc964ff",
    "eyJ" + 40 * "hbGci",
    3.14159265,
]


@given(data=st.data())
def test_a_leak_in_any_field_of_any_kind_is_found_there(data: st.DataObject) -> None:
    kind, chosen = data.draw(st.sampled_from(VARIANTS))
    packet = changed(live(kind, **chosen), "/summary", "Ready.")
    leaf = data.draw(st.sampled_from([field for field in kinds.load(kind).fields[1:] if _stands_in(packet, field)]))
    pointer = "/" + "/".join(leaf.path)
    leaking = document(changed(packet, pointer, data.draw(st.sampled_from(LEAKS))))
    found = judge_all(leaking.root, Context())
    assert {fault.pointer for fault in found if fault.pointer.startswith(pointer)}, found
    assert all(fault.pointer.startswith(pointer) for fault in found)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=8,
)


@given(data=st.data())
def test_faults_point_into_the_document_and_quote_nothing_of_it(data: st.DataObject) -> None:
    kind, chosen = data.draw(st.sampled_from(VARIANTS))
    packet = live(kind, **chosen)
    packet[data.draw(st.sampled_from([*packet, "zebra"]))] = data.draw(ANYTHING)
    packet["schema_version"] = kind
    found = document(packet)
    for fault in strict.judge(kinds.load(kind), found.root, Grammar()):
        assert fault.check in CHECKS
        assert found.data[fault.span.start : fault.span.end]
        assert fault.redact == (fault.span,)
        assert "zebra" not in fault.detail
        json.loads(found.data[fault.span.start : fault.span.end])
