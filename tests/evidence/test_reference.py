"""References: opaque ones pass, and ones that carry data do not."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cavra_boundary.evidence.reference import Grammar, Problem, Reference, parse_reference

USUAL = Grammar()


@pytest.mark.parametrize(
    ("text", "name", "labels"),
    [
        ("evidence://trial/readiness-2026-q3", "evidence", ("trial", "readiness-2026-q3")),
        ("sample://ai-red-team/prompt_injection_override", "sample", ("ai-red-team", "prompt_injection_override")),
        ("cavra://evidence/redacted/license-blocked", "cavra", ("evidence", "redacted", "license-blocked")),
        ("audit://20260701120000", "audit", ("20260701120000",)),
        ("docs://wiki/Trial-Access.md", "docs", ("wiki", "Trial-Access.md")),
        ("tenant:opaque-7f3a9c", "tenant", ("opaque-7f3a9c",)),
        ("recipient-policy:opaque-delivery", "recipient-policy", ("opaque-delivery",)),
        ("role:security-admin", "role", ("security-admin",)),
        ("docs:architecture", "docs", ("architecture",)),
        ("sha256:" + "0f" * 32, "sha256", ("sha256:" + "0f" * 32,)),
        ("sha256:redacted-public-contract", "sha256", ("redacted-public-contract",)),
        ("docs/evidence/README.md", "", ("docs/evidence/README.md",)),
        (".github/workflows/release.yml", "", (".github/workflows/release.yml",)),
    ],
)
def test_opaque_references(text: str, name: str, labels: tuple[str, ...]) -> None:
    assert parse_reference(text, USUAL) == Reference(name, labels)


@pytest.mark.parametrize(
    ("text", "check"),
    [
        ("", "not-a-reference"),
        ("ready", "not-a-reference"),
        ("the release owner", "not-a-reference"),
        ("/etc/passwd", "not-a-reference"),
        ("../private/customers.json", "not-a-reference"),
        ("docs/../../customers.json", "not-a-reference"),
        ("C:\\customers.json", "not-a-reference"),
        ("gopher://support/handoff", "reference-form"),
        ("EVIDENCE://support/handoff", "reference-form"),
        ("evidence://", "reference-form"),
        ("evidence://support//handoff", "reference-form"),
        ("evidence://support/../handoff", "reference-form"),
        ("evidence://support/Handoff", "reference-form"),
        ("evidence://support/hand off", "reference-form"),
        ("evidence://support/handoff?state=open", "reference-form"),
        ("evidence://support/handoff#state", "reference-form"),
        ("evidence://owner@support/handoff", "reference-form"),
        ("evidence://support.internal/handoff", "reference-form"),
        ("evidence://support:8443/handoff", "reference-form"),
        ("evidence://" + "/".join(["review"] * 11), "reference-form"),
        ("evidence://" + "review/" * 60, "reference-form"),
        ("whatever:handoff", "reference-form"),
        ("https://example.com/handoff", "reference-form"),
        ("tenant:weyland", "reference-payload"),
        ("tenant:opaque-weyland-yutani", "reference-payload"),
        ("evidence://customers/weyland/readiness", "reference-payload"),
        ("evidence://handoff/weyland", "named-label"),
        ("evidence://handoff/" + "q7x2k9m4w8z3p5v1" * 2, "reference-payload"),
        ("evidence://handoff/" + "1234567890", "reference-payload"),
        ("evidence://h\u0430ndoff/ready", "reference-payload"),
        ("evidence://handoff\u200b/ready", "reference-payload"),
        ("evidence://handoff/ready\n", "reference-form"),
        ("evidence://handoff/ready\x00", "reference-payload"),
    ],
)
def test_what_is_none(text: str, check: str) -> None:
    found = parse_reference(text, USUAL)
    assert isinstance(found, Problem)
    assert found.check == check


def test_a_project_adds_schemes_kinds_and_words() -> None:
    own = USUAL._replace(
        schemes=USUAL.schemes | {"jira"}, kinds=USUAL.kinds | {"cohort"}, words=frozenset({"weyland", "huzefaaa2"})
    )
    for text in ("jira://board/42", "cohort:spring", "tenant:weyland", "evidence://handoff/huzefaaa2"):
        assert isinstance(parse_reference(text, USUAL), Problem)
        assert isinstance(parse_reference(text, own), Reference)


@given(st.text(max_size=400))
@settings(max_examples=200, deadline=None)
def test_nothing_crashes_and_the_words_are_ours(text: str) -> None:
    for whole in (text, f"evidence://{text}", f"tenant:{text}"):
        found = parse_reference(whole, USUAL)
        assert isinstance(found, Reference) or found.words.isascii()
