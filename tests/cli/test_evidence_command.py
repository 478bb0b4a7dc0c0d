"""`evidence check`, `new`, `schema`, `kinds` and `explain`."""

from __future__ import annotations

import json
import re
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from cavra_boundary.evidence import kinds

if TYPE_CHECKING:
    from support import Repo, Tool
    from syrupy.assertion import SnapshotAssertion

SCHEMAS = Path(__file__).parents[2] / "docs/schemas"
NAMES = ("report.schema.json", "evidence-report.schema.json")
SCAN, EVIDENCE = (json.loads((SCHEMAS / name).read_text(encoding="utf-8")) for name in NAMES)
REPORT = Draft202012Validator(EVIDENCE, registry=Registry().with_resource(NAMES[0], Resource.from_contents(SCAN)))

ACTIVATION = "trial-conversion-activation"
CHOICES = [
    (ACTIVATION, ["--target", "paid_pilot"]),
    (ACTIVATION, ["--target", "production"]),
    *(("trial-expired-followup", ["--outcome", outcome]) for outcome in ("renewed", "escalated", "revoked")),
    *((name.split(".")[1], []) for name in kinds.names()),
]


def write(tool: Tool, name: str, kind: str, *choices: str, **changes: object) -> Path:
    """A kind's template in a file, with some fields changed."""
    got = tool.run("evidence", "new", kind, *choices)
    assert (got.code, got.err) == (0, "")
    packet = json.loads(got.out) | {"generated_at": "2026-01-31T12:00:00Z"} | changes
    return tool.write(name, json.dumps(packet, indent=2) + "\n")


def check(tool: Tool, *arguments: str) -> dict[str, Any]:
    got = tool.run("evidence", "check", "--format", "json", *arguments)
    assert got.err == ""
    report = json.loads(got.out)
    REPORT.validate(report)
    return {"code": got.code, **report}


def failing(found: dict[str, Any]) -> list[tuple[str, str, str | None]]:
    """What did not pass, in all packets: gate, status, pointer."""
    return [
        (each["name"], each["status"], each["pointer"])
        for packet in found["packets"]
        for each in packet["checks"]
        if each["status"] != "pass"
    ]


@pytest.mark.parametrize(("kind", "choices"), CHOICES)
def test_a_new_packet_passes_its_own_check_and_keeps_to_its_schema(tool: Tool, kind: str, choices: list[str]) -> None:
    got = tool.run("evidence", "new", kind, *choices, "--output", "new.evidence.json")
    assert (got.code, got.out, got.err) == (0, "", "")
    found = check(tool)
    assert (found["code"], found["verdict"], found["scan"]["findings"]) == (0, "clean", [])
    assert [packet["status"] for packet in found["packets"]] == ["ready_with_warnings"]
    assert failing(found) == [("evidence_mode", "warn", "/evidence_mode")]
    schema = json.loads(tool.run("evidence", "schema", kind).out)
    Draft202012Validator(schema).validate(json.loads((tool.folder / "new.evidence.json").read_text()))


def test_a_live_sanitized_packet_is_ready(tool: Tool) -> None:
    write(tool, "a.evidence.json", ACTIVATION, evidence_mode="live")
    found = check(tool, "a.evidence.json")
    (packet,) = found["packets"]
    assert (found["code"], packet["status"], packet["blocker_count"], packet["warning_count"]) == (0, "ready", 0, 0)
    assert (packet["path"], packet["kind"], packet["evidence_mode"]) == (
        *("a.evidence.json", f"cavra.{ACTIVATION}.evidence.v1", "live"),
    )


def test_what_the_gates_say_is_placed(tool: Tool) -> None:
    write(tool, "docs/evidence/a.json", ACTIVATION, evidence_mode="live", sanitized=False, readiness={})
    found = check(tool)
    assert found["code"] == 1
    (packet,) = found["packets"]
    sanitized = next(each for each in packet["checks"] if each["name"] == "sanitized")
    assert sanitized["places"] == [
        {"path": "docs/evidence/a.json", "pointer": "/sanitized", "line": 5, "column": 16},
    ]
    assert {each["rule"] for each in found["scan"]["findings"]} == {"evidence.unsanitized"}
    missed = next(each for each in packet["checks"] if each["name"] == "required_fields")
    assert {place["pointer"] for place in missed["places"]} >= {"/readiness"}


def test_it_reads_as_people_like_it(tool: Tool, snapshot: SnapshotAssertion) -> None:
    write(tool, "docs/evidence/blocked.json", "billing-subscription-readiness", subscription_state="suspended")
    write(tool, "docs/evidence/other.json", ACTIVATION, schema_version=f"cavra.{ACTIVATION}.evidence.v2")
    write(tool, "docs/evidence/ready.json", ACTIVATION, "--target", "production", evidence_mode="live")
    got = tool.run("evidence", "check", "docs")
    assert (got.code, got.err) == (1, "")
    assert got.out == snapshot
    assert tool.run("evidence", "check", "docs", "--verbose", "--color", "always").out == snapshot(name="verbose")
    assert tool.run("evidence", "check", "docs", "--quiet").out == snapshot(name="quiet")


@pytest.mark.parametrize("name", [ACTIVATION, "trial-expired-followup", "customer-operating-dashboard"])
def test_a_kind_explains_itself(tool: Tool, name: str, snapshot: SnapshotAssertion) -> None:
    got = tool.run("evidence", "explain", name)
    assert (got.code, got.err) == (0, "")
    assert got.out == snapshot


def test_kinds_are_listed(tool: Tool) -> None:
    got = tool.run("evidence", "kinds")
    assert [line.split()[0] for line in got.out.splitlines()] == [*kinds.names()]


def test_a_leak_in_a_packet_blocks_it_and_is_a_finding(tool: Tool) -> None:
    write(tool, "a.evidence.json", ACTIVATION, evidence_mode="live", billing_note="Call +1 415 555 " + "0123")
    found = check(tool)
    assert found["code"] == 1
    assert {each["rule"].partition(".")[0] for each in found["scan"]["findings"]} >= {"evidence"}
    assert ("no_private_material", "blocker", None) in failing(found)
    assert "0123" not in json.dumps(found)


def test_an_unknown_key_of_a_known_kind_is_a_finding(tool: Tool) -> None:
    write(tool, "a.evidence.json", ACTIVATION, evidence_mode="live", readiness_state="ready")
    found = check(tool)
    assert [each["rule"] for each in found["scan"]["findings"]] == ["evidence.unknown-key"]
    assert "/readiness_state" in found["scan"]["findings"][0]["message"]


def test_what_may_weigh_less_blocks_less(tool: Tool) -> None:
    write(tool, "a.evidence.json", ACTIVATION, evidence_mode="live", readiness_state="ready")
    tool.write(".cavra-boundary.toml", '[severity]\n"evidence.unknown-key" = "note"\n')
    found = check(tool)
    assert (found["code"], failing(found)) == (0, [])


def test_only_evidence_is_looked_at(repo: Repo) -> None:
    write(repo, "docs/a.json", ACTIVATION)  # claims to be a packet of ours
    write(repo, "docs/evidence/b.json", ACTIVATION, schema_version="acme.release.v1")
    repo.write("package.json", '{"name": "demo", "email": "somebody"}')
    repo.write("docs/evidence/notes.md", "Text.")
    repo.write("docs/evidence/page.json", '{"title": "A page"}')
    found = check(repo)
    assert [packet["path"] for packet in found["packets"]] == ["docs/a.json", "docs/evidence/b.json"]
    assert [packet["kind"] for packet in found["packets"]] == [f"cavra.{ACTIVATION}.evidence.v1", None]


@pytest.mark.parametrize(
    ("path", "content", "why"),
    [
        ("package.json", '{"name": "demo"}', "no schema_version that begins with cavra."),
        ("docs/evidence/page.json", '{"title": "A page"}', "no schema_version that begins with cavra."),
        ("docs/evidence/packet.txt", '{"schema_version": "cavra.release.v1"}', "its name does not end in .json"),
    ],
)
def test_a_file_that_is_named_has_to_hold_a_packet(repo: Repo, path: str, content: str, why: str) -> None:
    repo.write(path, content)
    found = check(repo, path)
    assert (found["code"], found["verdict"], found["packets"]) == (3, "incomplete", [])
    (skip,) = found["scan"]["receipt"]["skipped"]
    assert (skip["path"], skip["incomplete"], why in skip["reason"]) == (path, True, True)
    got = repo.run("evidence", "check", path)
    assert (got.code, f"{path}: not an evidence packet: {why}" in got.out) == (3, True)
    found = check(repo, "--pass-over", path)
    assert (found["code"], found["scan"]["receipt"]["skipped"][0]["incomplete"]) == (0, False)
    assert repo.run("evidence", "check", "--pass-over", path).out == "No evidence packets found.\n"
    folder = check(repo)
    assert (folder["code"], folder["scan"]["receipt"]["skipped"]) == (0, [])


def test_a_packet_in_a_wide_encoding_or_inside_another_document_is_one(tool: Tool) -> None:
    packet = json.loads(write(tool, "a.json", ACTIVATION, license_key_included=True).read_text())
    tool.write("a.json", json.dumps(packet).encode("utf-16"))
    tool.write("b.json", json.dumps({"bundle": {"packets": [packet]}}))
    found = check(tool, "a.json", "b.json")
    assert found["code"] == 1
    assert [(each["path"], each["pointer"], each["status"]) for each in found["packets"]] == [
        ("a.json", "", "blocked"),
        ("b.json", "/bundle/packets/0", "blocked"),
    ]
    assert {(each["path"], each["rule"]) for each in found["scan"]["findings"]} == {
        ("a.json", "evidence.included"),
        ("b.json", "evidence.included"),
        ("b.json", "evidence.unmarked"),
    }


def test_yaml_and_lists_of_packets_are_packets_too(tool: Tool) -> None:
    one = json.loads(write(tool, "a.evidence.json", "trial-conversion-readiness").read_text())
    lines = [f"{key}: {json.dumps(value)}" for key, value in one.items()]
    tool.write("b.evidence.yaml", "\n".join(lines))
    tool.write("c.evidence.json", json.dumps([one, one | {"status": "blocked"}]))
    found = check(tool)
    assert [(packet["path"], packet["pointer"], packet["status"]) for packet in found["packets"]] == [
        ("a.evidence.json", "", "ready_with_warnings"),
        ("b.evidence.yaml", "", "ready_with_warnings"),
        ("c.evidence.json", "/0", "ready_with_warnings"),
        ("c.evidence.json", "/1", "blocked"),
    ]
    assert ("conversion_ready", "blocker", "/1/status") in failing(found)


def test_paths_are_shown_from_where_the_reader_stands(repo: Repo) -> None:
    write(repo, "docs/evidence/a.json", ACTIVATION)
    inside = type(repo)(repo.folder / "docs", repo.pack)
    assert inside.run("evidence", "check").out.startswith("evidence/a.json: ready with warnings\n")
    assert [packet["path"] for packet in check(inside)["packets"]] == ["docs/evidence/a.json"]


def test_what_cannot_be_read_as_a_packet_is_a_finding(tool: Tool) -> None:
    text = write(tool, "a.evidence.json", ACTIVATION).read_text()
    tool.write("a.evidence.json", text.replace('"product"', '"sanitized": false, "product"'))
    found = check(tool)
    assert (found["code"], failing(found)) == (1, [("readable", "blocker", "")])
    assert [each["rule"] for each in found["scan"]["findings"]] == ["evidence.ambiguous"]
    assert "cannot be read: a duplicate key" in tool.run("evidence", "check").out
    tool.write(".cavra-boundary.toml", '[severity]\n"evidence.ambiguous" = "note"\n')
    assert check(tool)["code"] == 1


def test_what_cannot_be_read_at_all_is_incomplete(tool: Tool) -> None:
    write(tool, "a.evidence.json", ACTIVATION)
    tool.write("b.evidence.json", 3000 * b" ")
    tool.write(".cavra-boundary.toml", 'max-file-size = "2900"\n')
    found = check(tool)
    assert (found["code"], found["verdict"], len(found["packets"])) == (3, "incomplete", 1)


# --- with the documents that a packet refers to


def trio(tool: Tool, **changes: object) -> list[str]:
    """A packet with the evidence and approval it refers to, and the arguments that check them together."""
    kind = "cavra.trial-conversion-readiness.evidence.v1"
    readiness = write(tool, "readiness.json", kind, **{"evidence_mode": "live", **changes})
    approval = write(tool, "approval.json", "trial-evidence", "--approves", kind, evidence_mode="live")
    packet = json.loads(write(tool, "packet.json", ACTIVATION, evidence_mode="live").read_text())
    for section, key, file in (("readiness", "evidence", readiness), ("readiness_approval", "approval", approval)):
        packet[section][f"{key}_digest"] = f"sha256:{sha256(file.read_bytes()).hexdigest()}"
    tool.write("packet.json", json.dumps(packet))
    return ["packet.json", "--with", "readiness.json", "--with", "approval.json"]


def test_a_packet_is_compared_with_what_it_is_about(tool: Tool) -> None:
    arguments = trio(tool)
    found = check(tool, *arguments)
    assert (found["code"], failing(found)) == (0, [])
    assert [each["basis"] for each in found["packets"][0]["checks"]].count("compared") == 3
    assert "--with" not in tool.run("evidence", "check", *arguments).out
    assert "3 of them rely on what the packet says" in tool.run("evidence", "check", "packet.json").out


def test_what_it_is_about_may_say_otherwise(tool: Tool) -> None:
    found = check(tool, *trio(tool, status="blocked", package_ref="evidence://another-package"))
    assert found["code"] == 1
    assert failing(found) == [
        ("readiness_evidence_ready", "blocker", "/status"),
        ("approval_package_matches", "blocker", "/readiness/package_ref"),
    ]
    blocked = found["packets"][0]["checks"][4]
    assert blocked["message"].endswith("ready: /status of the readiness file is not ready.")
    (place,) = blocked["places"]
    assert (place["path"], place["line"]) == ("readiness.json", 7)


def test_one_changed_byte_is_told(tool: Tool) -> None:
    arguments = trio(tool)
    file = tool.folder / "approval.json"
    file.write_bytes(file.read_bytes() + b"\n")
    found = check(tool, *arguments)
    assert failing(found) == [("readiness_approval_approved", "blocker", "/readiness_approval/approval_digest")]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--with", "missing.json"], 2, "no such file"),
        (["--with", "expiry.json"], 2, "no packet refers to a document of this kind (they refer to cavra.trial-"),
        (["--with", "packet.json"], 2, "no packet refers to a document of this kind"),
        (["--with", "unknown.json"], 2, "unknown kind of document"),
        (["--with", "readiness.json", "--with", "copy.json"], 2, "a second readiness evidence"),
        (["--with", "broken.json"], 3, "cannot be read: not a JSON value"),
        (["--with", "."], 3, "cannot be read"),
    ],
)
def test_a_companion_has_to_be_one(tool: Tool, arguments: list[str], code: int, said: str) -> None:
    trio(tool)
    write(tool, "expiry.json", "trial-access-expiry")
    write(tool, "copy.json", "trial-conversion-readiness")
    tool.write("unknown.json", '{"schema_version": "cavra.other.evidence.v1"}')
    tool.write("broken.json", "{\n")
    got = tool.run("evidence", "check", "packet.json", *arguments)
    assert (got.code, got.out) == (code, "")
    assert said in got.err.replace("not a JSON string", "not a JSON value")
    assert got.err.count("\n") == 1


def test_an_approval_is_checked_with_what_it_approves(tool: Tool) -> None:
    trio(tool)
    assert check(tool, "approval.json", "--with", "readiness.json")["code"] == 0
    write(tool, "expiry.json", "trial-access-expiry", evidence_mode="live")
    found = check(tool, "approval.json", "--with", "expiry.json")
    assert ("package_matches", "blocker", "/approves") in failing(found)


# --- usage errors


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["check", "-"], "packets are only read from files"),
        (["check", "missing.json"], "no such file or folder"),
        (["new", "trial-conversion"], "did you mean 'trial-conversion-"),
        (["new", "trial-access-expiry", "--target", "production"], "has no such choice"),
        (["new", ACTIVATION, "--target", "trial"], "'trial' is not one of"),
        (["new", ACTIVATION, "--output", "no/such/folder.json"], "cannot be written"),
        (["schema", "nothing"], "unknown kind 'nothing'"),
        (["explain", "nothing"], "unknown kind 'nothing'"),
    ],
)
def test_wrong_use(tool: Tool, arguments: list[str], said: str) -> None:
    got = tool.run("evidence", *arguments)
    assert (got.code, got.out) == (2, "")
    assert said in got.err


def test_a_new_packet_replaces_no_file(tool: Tool) -> None:
    tool.write("a.json", "mine")
    assert tool.run("evidence", "new", ACTIVATION, "--output", "a.json").code == 2
    assert (tool.folder / "a.json").read_text() == "mine"


def test_hostile_names_are_escaped(tool: Tool) -> None:
    write(tool, "docs/evidence/a\x1b[31m.json", ACTIVATION)
    for format_ in ("text", "json"):
        got = tool.run("evidence", "check", "--format", format_)
        assert got.code == 0
        assert "\x1b" not in got.out
        assert "x1b[31m.json" in got.out


def test_nothing_that_a_ci_system_obeys_is_printed(tool: Tool) -> None:
    write(tool, "::error::a.evidence.json", ACTIVATION)
    for format_ in ("text", "json"):
        assert not re.search(r"^\s*::", tool.run("evidence", "check", "--format", format_).out, re.MULTILINE)
