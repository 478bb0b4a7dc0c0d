"""Evidence fixtures in a scan: which files count as packets, what is reported, and that nothing private is shown."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from cavra_boundary.evidence.fixtures import GLOBS, Fixtures, Scope
from cavra_boundary.globs import translate
from cavra_boundary.model import Blob, View
from cavra_boundary.policy.options import DEFAULT_MARKERS, EVIDENCE
from cavra_boundary.rules.files import shipped_folder
from cavra_boundary.rules.read import read_pack

if TYPE_CHECKING:
    from support import Tool

NAME = "Ripley" + " of Weyland!"
LEAK = {"schema_version": "cavra.trial.evidence.v1", "owner": NAME}


def scan(tool: Tool, *arguments: str, code: int) -> list[dict[str, Any]]:
    """The evidence findings of a scan that exits with `code`."""
    got = tool.scan("--only-clause", "evidence-payload", *arguments)
    assert got.code == code, got.err
    assert NAME not in got.out + got.err
    return got.findings("evidence.")


def matches(path: str, data: bytes) -> list[str]:
    """The rules that find something in a file, whatever else the scan finds."""
    fixtures = Fixtures(read_pack(shipped_folder() / "evidence.toml", DEFAULT_MARKERS).rules, Scope())
    return [match.rule for match in fixtures.matches(View(Blob.whole(path, data), data), lambda _: "")]


def test_a_scan_says_where_in_the_packet_and_the_file_something_is(tool: Tool) -> None:
    packet = {**LEAK, "own": "examples/packet.json", "report": "docs/none.md", "contact": "ripley@weyland.example"}
    tool.write("examples/packet.json", json.dumps(packet, indent=2))
    found = scan(tool, "examples", code=1)
    assert [(each["rule"], each["line"]) for each in found] == [
        ("evidence.free-text", 3),
        ("evidence.not-a-reference", 5),
        ("evidence.private-value", 6),
    ]
    assert "/owner" in found[0]["message"]
    assert {each["clause"] for each in found} == {"evidence-payload"}


def test_a_project_says_where_evidence_is_and_what_it_may_hold(tool: Tool) -> None:
    tool.write(
        ".cavra-boundary.toml",
        '[evidence]\nglobs = ["proof/"]\nwords = ["weyland"]\nschemes = ["jira"]\nkinds = ["cohort"]\n'
        'hosts = ["docs.weyland.example", "wiki.weyland.com"]\n[severity]\n"evidence.unmarked" = "error"\n',
    )
    fine = {
        "scope": "weyland",
        "a_ref": "jira://board/42",
        "b_ref": "cohort:spring",
        "url": "https://wiki.weyland.com/a",
    }
    for name, packet in {
        "proof/fine.json": fine,
        "proof/leak.json": {"owner": NAME},
        "evidence/leak.json": {"owner": NAME},
    }.items():
        tool.write(name, json.dumps(packet))
    assert [(each["rule"], each["path"]) for each in scan(tool, ".", code=1)] == [
        ("evidence.unmarked", "proof/leak.json")
    ]


def test_rules_on_evidence_are_rules_like_any_other(tool: Tool) -> None:
    tool.write("packet.json", json.dumps(LEAK))
    (found,) = scan(tool, ".", code=1)
    rule, fingerprint = found["rule"], found["fingerprint"]
    assert scan(tool, ".", "--skip-rule", rule, code=0) == []
    tool.write(".cavra-boundary.toml", f'[[allow]]\nrule = "{rule}"\nvalue = "{fingerprint}"\nreason = "a film"\n')
    assert [each["status"] for each in scan(tool, ".", code=0)] == ["suppressed"]
    tool.write(".cavra-boundary.toml", f'[severity]\n"{rule}" = "note"\n')
    assert [each["severity"] for each in scan(tool, ".", code=0)] == ["note"]


def test_two_flags_that_are_alike_are_told_apart(tool: Tool) -> None:
    packet = {
        "schema_version": "cavra.trial.evidence.v1",
        "customer_records_included": True,
        "source_code_included": True,
    }
    tool.write("packet.json", json.dumps(packet))
    assert len({each["fingerprint"] for each in scan(tool, ".", code=1)}) == 2


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32-be"])
def test_packets_in_other_encodings_are_read(tool: Tool, encoding: str) -> None:
    tool.write("packet.json", json.dumps(LEAK).encode(encoding))
    assert [each["rule"] for each in scan(tool, ".", code=1)] == ["evidence.free-text"]


def test_what_json_escapes_is_read_by_the_rules_of_the_packs(tool: Tool) -> None:
    token = "".join(f"\\u{ord(char):04x}" for char in "npm" + "_" + "aB3" * 12)
    tool.write("packet.json", f'{{"schema_version": "cavra.trial.evidence.v1", "summary": "see {token}"}}')
    assert [each["rule"] for each in scan(tool, ".", code=1)] == ["evidence.private-value"]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("docs/evidence/readme.md", f'{{"schema_version": "cavra.trial.v1", "owner": "{NAME}"}}'),
        ("src/evidence/packet.py", f'LEAK = {{"schema_version": "cavra.trial.v1", "owner": "{NAME}"}}'),
        ("data/people.json", json.dumps({"owner": NAME})),
        ("data/other.json", json.dumps({"schema_version": "2.0", "owner": NAME})),
        (
            "evidence/packet.schema.json",
            json.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema", "title": NAME * 40}),
        ),
        ("evidence/list.json", json.dumps([NAME, NAME])),
        ("evidence/text.yaml", "just a text"),
        ("charts/evidence/templates/deployment.yaml", "kind: {{ .Values.kind }}\nkind: {{ .Values.kind }}\n"),
        ("charts/evidence/values.yaml", "a: &a [1]\nb: *a\n"),
        ("evidence/comments.json", '{"a": 1, /* why */ "b": 2}'),
    ],
)
def test_what_is_no_packet_is_left_alone(path: str, text: str) -> None:
    assert matches(path, text.encode()) == []


@pytest.mark.parametrize(
    ("path", "text", "rules"),
    [
        ("any/where.JSON", json.dumps(LEAK), ["free-text"]),
        ("any/where.yml", f"schema_version: cavra.trial.v1\nowner: {NAME}\n", ["free-text"]),
        ("any/where.json", json.dumps([LEAK, LEAK]), ["free-text", "free-text"]),
        ("evidence/packet.json", json.dumps({"evidence_mode": "live", "owner": NAME}), ["free-text"]),
        ("my-evidence.yaml", f"schema_version: other.v1\nowner: {NAME}\n", ["free-text"]),
        ("evidence/people.json", json.dumps({"owner": NAME, "buyer": NAME}), ["unmarked"]),
        ("any/where.json", '{"schema_version": "cavra.trial.v1", ', ["syntax"]),
        ("any/where.json", '{"schema_version": "cavra.trial.v1"}' + " " * (1 << 20), ["oversized"]),
        ("any/where.yaml", "schema_version: cavra.trial.v1\na: &a 1\n", ["ambiguous"]),
        ("evidence/broken.json", '{"evidence_mode": "live", "a": 1, "a": 2}', ["ambiguous"]),
    ],
)
def test_what_is_a_packet_is_judged(path: str, text: str, rules: list[str]) -> None:
    assert matches(path, text.encode()) == [f"evidence.{rule}" for rule in rules]


def test_the_usual_globs_are_kept_translated() -> None:
    assert EVIDENCE[0].default == GLOBS
    own = translate(GLOBS)
    fixtures = Fixtures((), Scope())
    for path in (
        "evidence/a.json",
        "a/evidence/b/c.yaml",
        "a-evidence.json",
        "x/my-evidence-2.yml",
        "evidence.json",
        "evidences/a.json",
    ):
        assert fixtures.concern(path, b"") == own.match(path)


def test_a_rule_named_after_no_check_stops_the_scan(tool: Tool) -> None:
    tool.write(
        "own.toml",
        'name = "own"\ntitle = "Ours"\n[[rule]]\nname = "free-txt"\nkind = "evidence"\nclause = "evidence-payload"\n'
        'severity = "error"\ntitle = "T"\nwhy = "W"\nexamples = ["a", "b"]\ncounterexamples = ["c", "d"]\n',
    )
    got = tool.scan("--pack", "own.toml", ".")
    assert got.code == 2
    assert "free-txt" in got.err
    assert "free-text" in got.err


@pytest.mark.parametrize(
    "line", ['words = ["Weyland"]', 'schemes = ["a b"]', 'kinds = [""]', 'hosts = ["https://a.example"]', 'words = "a"']
)
def test_what_no_label_or_host_can_be_is_a_broken_configuration(tool: Tool, line: str) -> None:
    tool.write(".cavra-boundary.toml", f"[evidence]\n{line}\n")
    got = tool.scan(".")
    assert got.code == 2
    assert "evidence." in got.err
