"""The general rules of packets, one by one."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cavra_boundary.evidence import CHECKS, words
from cavra_boundary.evidence.document import Document, read
from cavra_boundary.evidence.fields import Role, read_name
from cavra_boundary.evidence.packet import Context, Fault, judge, shown
from cavra_boundary.policy.options import DEFAULT_MARKERS
from cavra_boundary.rules.files import shipped_folder
from cavra_boundary.rules.read import read_pack

DIGEST = "sha256:" + "0f" * 32


def faults(packet: Any, context: Context = Context()) -> list[Fault]:  # noqa: B008 - it cannot be changed
    found = read(json.dumps(packet).encode(), "packet.json")
    assert isinstance(found, Document)
    return list(judge(found.root, context))


def checks(packet: Any, context: Context = Context()) -> list[tuple[str, str]]:  # noqa: B008
    return [(fault.check, fault.pointer) for fault in faults(packet, context)]


def test_there_is_one_rule_for_each_check() -> None:
    pack = read_pack(shipped_folder() / "evidence.toml", DEFAULT_MARKERS)
    assert {rule.id for rule in pack.rules} == {f"evidence.{check}" for check in CHECKS}


@pytest.mark.parametrize(
    "value",
    [
        "ready",
        "past_due",
        "waiting for approval",
        "api key",
        "CAVRA Community v0.1.2",
        "cavra.approval.required",
        "tls_1_2",
        "v1.2.0",
        "3.9",
        "2026-07-01",
        "2026-W22",
        "2026-Q3",
        "P30D",
        "24h",
        "last-24h",
        "iac.production-change",
        "/health",
        "cavra-enterprise#146",
        "example.com",
        "github.com",
        "2026-07-04T14:46:20.577042+00:00",
        "2026-07-01T12:00:00Z",
        DIGEST,
        "",
        None,
        True,
        0,
        2555,
        0.9286,
        99.95,
        -1,
        [],
        {},
        "evidence://owner/release",
        "docs/closeout.md",
    ],
)
def test_forms_that_are_fine_in_a_field_that_promises_nothing(value: object) -> None:
    assert checks({"status": value, "steps": [value]}) == []


@pytest.mark.parametrize(
    ("value", "check"),
    [
        ("Ripley", "named-label"),
        ("weyland_yutani", "named-label"),
        ("ask Ripley about it", "free-text"),
        ("ready!", "free-text"),
        ("a" * 601, "long-text"),
        (" ".join(["ready"] * 30), "free-text"),
        ("0f" * 32, "private-value"),
        ("https://github.com/example/cavra", "reference-form"),
        ("1.2.3.4", "private-value"),
        ("415.555.0100", "private-value"),
        (10_000_001, "number"),
        (-101, "number"),
        (1234.56, "number"),
        (1e300, "number"),
    ],
)
def test_forms_that_are_not(value: object, check: str) -> None:
    assert {found for found, _ in checks({"status": value})} == {check}


def test_text_fields_hold_short_public_text() -> None:
    text = "Review the gates (see https://github.com/example/cavra), then hand over – by 2026-07-01, within 30 days."
    names = (
        "title",
        "message",
        "summary",
        "label",
        "description",
        "next_step",
        "next_steps",
        "reason",
        "prompt_summary",
    )
    assert checks(dict.fromkeys(names, text)) == []
    assert checks({"next_steps": [text, text + " " + "x" * 600]}) == [("long-text", "/next_steps/1")]


@pytest.mark.parametrize(
    "text",
    [
        "Grüße an das Team – 完成",
        "Naïve résumé of the year’s releases…",
        "Status: 3 of 5 gates; 99.9% of runs",
        "Release 1.2.0",
    ],
)
def test_text_may_be_in_any_language(text: str) -> None:
    assert checks({"summary": text}) == []


@pytest.mark.parametrize(
    "text",
    [
        "re\u0430dy",
        "ready\u200b",
        "\u202eydaer",
        "\uff52eady",
        "re\u00adady",
        "\u0664\u0664",
        "ready\x1b[31m",
        "\U0001d42beady",
    ],
)
def test_characters_that_hide_what_is_written_are_refused(text: str) -> None:
    for name in ("summary", "status", "owner_ref"):
        assert [pointer for _, pointer in checks({name: text})] == [f"/{name}"]


@pytest.mark.parametrize("name", ["smtp_password", "smtpPassword", "SMTP-Password", "smtp_password_value", "passwords"])
def test_names_are_read_however_they_are_written(name: str) -> None:
    assert checks({name: "ready"}) == [("private-field", f"/{name}")]


@pytest.mark.parametrize(
    "value",
    [False, None, 0, "", [], {}, "requires_cavra_enterprise", "metadata_only", "redacted", "vault://store/license"],
)
def test_a_private_name_is_fine_if_nothing_private_stands_there(value: object) -> None:
    assert checks({"license_key": value}) == []


@pytest.mark.parametrize(
    "name",
    [
        "license_key_included",
        "token_rotation_status",
        "license_service_status",
        "secret_scan_ref",
        "customer_success_state",
        "prompt_capture",
        "email_delivery",
        "package_digest",
        "crm_payload_refs",
        "password_policy",
    ],
)
def test_names_that_only_speak_of_private_things(name: str) -> None:
    assert read_name(name).private == ""


def test_references_may_be_listed_named_and_explained() -> None:
    packet = {
        "handoff_refs": {
            "support_ref": "runbook://support/handoff",
            "billing": "ticket://billing/handoff",
            "ready": True,
        },
        "evidence_refs": ["audit:opaque-7f", {"ref": "evidence://release/closeout", "label": "The closeout."}],
        "references": {"nested": {"audit_ref": "audit://release/opaque-7f"}},
    }
    assert checks(packet) == []


def test_what_stands_among_references_is_told_apart() -> None:
    packet = {
        "handoff_refs": {"support_ref": "runbook://support/handoff", "plan": "gold"},
        "evidence_refs": ["audit:opaque-7f", "ready", {"plan": "gold"}, 7],
        "owner_ref": {"status": "ready"},
    }
    assert checks(packet) == [
        ("not-a-reference", "/handoff_refs/plan"),
        ("not-a-reference", "/evidence_refs/1"),
        ("inline-object", "/evidence_refs/2"),
        ("wrong-type", "/evidence_refs/3"),
        ("inline-object", "/owner_ref"),
    ]


def test_paths_have_to_exist_where_that_can_be_known() -> None:
    context = Context(exists=lambda path: path == "docs/Weyland.md")
    assert checks({"report": "docs/Weyland.md", "report_ref": "docs/Weyland.md"}, context) == []
    assert checks({"report": "docs/closeout.md"}, context) == [("not-a-reference", "/report")]
    assert checks({"report": "docs/closeout.md"}) == []
    assert checks({"report": "docs/Weyland.md"}) == [("named-label", "/report")]


def test_the_mode_holds_for_what_is_inside() -> None:
    assert checks({"evidence_mode": "live", "result": {"sanitized": False}}) == [("unsanitized", "/result/sanitized")]
    assert checks({"evidence_mode": "live", "result": {"evidence_mode": "sample", "sanitized": False}}) == []
    assert checks({"sanitized": False}) == []
    assert checks({"evidence_mode": "live", "sanitized": "no"}) == [("wrong-type", "/sanitized")]


@pytest.mark.parametrize(
    "packet",
    [
        {"customer_email_sha256": "0f" * 32},
        {"customer": {"digest": DIGEST}},
        {"tenant_ref": DIGEST},
        {"card_number_hash": "0f" * 32},
        {"of": "phone", "digest": DIGEST},
    ],
)
def test_digests_that_can_be_reversed(packet: dict[str, object]) -> None:
    assert [check for check, _ in checks(packet)] == ["guessable-digest"]


@pytest.mark.parametrize(
    "packet",
    [
        {"package_digest": DIGEST},
        {"sha256": "0f" * 32},
        {"commit_sha": "0f" * 20},
        {"tenant_export": {"sha256": "0f" * 32}},
    ],
)
def test_digests_that_cannot(packet: dict[str, object]) -> None:
    assert checks(packet) == []


def test_the_engine_is_asked_of_every_string_and_name() -> None:
    context = Context(recognize=lambda text: "pack.rule" if b"marker" in text else "")
    packet = {"summary": "a marker", "status": "marker", "owner_ref": "evidence://owner/marker", "marker": True}
    assert checks(packet, context) == [
        ("private-value", "/summary"),
        ("private-value", "/status"),
        ("reference-payload", "/owner_ref"),
        ("field-name", "/marker"),
    ]
    assert "pack.rule" in faults(packet, context)[0].detail


@pytest.mark.parametrize(
    ("pointer", "printed"),
    [
        ("/checks/0/owner_ref", "/checks/0/owner_ref"),
        ("/someone@customer.example/name", "/…/name"),
        ("/a~1b/c", "/…/c"),
        ("/" + "aB3" * 12, "/…"),
        ("/4111111111111111", "/…"),
        ("/\x1b[31m", "/…"),
        ("", ""),
    ],
)
def test_a_pointer_shows_plain_names_only(pointer: str, printed: str) -> None:
    assert shown(pointer) == printed


def test_what_is_hidden_covers_the_value() -> None:
    data = json.dumps({"status": "ready", "someone@customer.example": {"seats": 5}, "owner": "Ripley!"}).encode()
    found = read(data, "packet.json")
    assert isinstance(found, Document)
    hidden = [data[slice(*span)] for fault in judge(found.root, Context()) for span in fault.redact]
    assert hidden == [b'"someone@customer.example"', b'{"seats": 5}', b'"Ripley!"']


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
        lambda inner: (
            st.lists(inner) | st.dictionaries(st.text() | st.sampled_from(("a_ref", "b_refs", "at", "sha256")), inner)
        ),
        max_leaves=12,
    )
)
@settings(max_examples=100, deadline=None)
def test_nothing_crashes(packet: object) -> None:
    data = json.dumps(packet).encode()
    found = read(data, "packet.json")
    if isinstance(found, Document):
        for fault in judge(found.root, Context()):
            assert fault.check in CHECKS
            assert 0 <= fault.span.start < fault.span.end <= len(data)
            assert shown(fault.pointer).replace("…", "").isascii()


def test_roles() -> None:
    assert read_name("approved_at").role is Role.MOMENT
    assert read_name("at").role is Role.ANY
    assert read_name("schema_version").role is Role.VERSION
    assert read_name("evidenceRefs").role is Role.REFERENCES
    assert read_name("size_bytes").measured


@pytest.mark.parametrize(
    "label",
    ["escalations", "renewed", "deactivation", "unsubscribed", "paidPilot", "SLOBreach", "opaque-7f3a9c", "p95", "q3"],
)
def test_neutral_labels(label: str) -> None:
    assert words.strange(label) == ""


@pytest.mark.parametrize(("label", "what"), [("weyland", "name"), ("7x9k2m4p8q1w5z3v7", "id"), ("123456789", "id")])
def test_strange_labels(label: str, what: str) -> None:
    assert words.strange(label) == what
    assert words.strange(label, {label}) == ""
