"""Samples are reproducible, and each is what it claims to be: its validator or kind confirms it without lowering it."""

from __future__ import annotations

from base64 import b64decode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cavra_boundary.detect.validators import VALIDATORS
from cavra_boundary.detect.values import is_kind
from cavra_boundary.detect.verdict import CONFIRMED
from cavra_boundary.errors import PackError
from cavra_boundary.rules.samples import SAMPLES, expand

VALIDATED = {
    "aba": ["aba"],
    "age-secret-key": ["age-key"],
    "aws-access-key-id": ["aws-key-id", "aws-key-id:ASIA"],
    "aws-secret-key": ["base64:40"],
    "azure-storage-key": ["base64-bytes:64"],
    "docker-auth": ["docker-auth"],
    "gcp-service-account": ["service-account"],
    "github-checksum": ["github-token", "github-token:ghs", "github-token:github_pat"],
    "iban": ["iban", "iban:GB", "iban:FR", "iban:NO"],
    "jwk-private": ["jwk"],
    "jwt": ["jwt", 'jwt:{"tenant":"x"}'],
    "luhn": ["card", "card:amex", "card:mastercard", "card:discover", "card:visa"],
    "minisign": ["minisign-key"],
    "not-placeholder": ["hex:40", "HEX:32", "base32:26", "base36:30", "base62:24", "base64:32", "base64url:43"],
    "npm-checksum": ["npm-token"],
    "openssh-private-key": ["openssh-key"],
    "pem-private-key": ["pem", *(f"pem:{kind}PRIVATE KEY" for kind in ("RSA ", "DSA ", "EC ", "ENCRYPTED "))],
    "pgp-private-key": ["pgp-key"],
    "putty-private-key": ["putty-key"],
    "pypi-token": ["pypi-token"],
    "uuid": ["uuid"],
}
KINDS = {"card": "card", "email": "email", "iban": "iban", "name": "name", "phone": "phone", "uuid": "uuid"}


@pytest.mark.parametrize(("validator", "mark"), [(name, mark) for name, marks in VALIDATED.items() for mark in marks])
def test_a_sample_is_confirmed_by_its_validator(validator: str, mark: str) -> None:
    for seed in "abcdefgh":
        assert VALIDATORS[validator](expand(f"«{mark}»", seed).encode()) == CONFIRMED


@pytest.mark.parametrize(("mark", "kind"), [*KINDS.items(), ("company", "name")])
def test_a_sample_is_a_fact_of_its_kind(mark: str, kind: str) -> None:
    for seed in "abcdefgh":
        assert is_kind(kind, expand(f"«{mark}»", seed)) == CONFIRMED


def test_samples_are_the_same_on_every_machine() -> None:
    assert expand("«hex:8» «word» «base62:6»", "seed") == "03631512 notpilgas 4wOu4B"


def test_each_mark_and_each_seed_gives_another_value() -> None:
    first, second = expand("«hex:40» «hex:40»", "a").split()
    assert len({first, second, expand("«hex:40»", "b")}) == 3


def test_marks_nest_and_joints_vanish() -> None:
    assert expand("AK«»IA", "s") == "AKIA"
    assert b64decode(expand("«base64-of:user:«digits:9»»", "s")).startswith(b"user:")
    escaped = expand("«json-text:«pem:RSA PRIVATE KEY»»", "s")
    assert "\n" not in escaped
    assert VALIDATORS["pem-private-key"](escaped.encode()) == CONFIRMED


@pytest.mark.parametrize(
    "template",
    [
        "«nope»",
        "«hex»",
        "«hex:x»",
        "«hex:0»",
        "«hex:99999999»",
        "«",
        "»«x",
        "«enterprise.packages»",
        "«iban:ZZ»",
        "«jwt:[»",
        "«jwt:[1]»",
        "«github-token:xyz»",
        "«pem:NO KEY»",
        "«card:diners»",
    ],
)
def test_a_wrong_mark_is_a_pack_error(template: str) -> None:
    with pytest.raises(PackError):
        expand(template, "s")


@settings(max_examples=100, deadline=None)
@given(st.text(st.sampled_from("«»:ahex4-{}\n"), max_size=30))
def test_any_template_expands_without_marks_or_is_a_pack_error(template: str) -> None:
    try:
        expanded = expand(template, "s")
    except PackError:
        return
    assert "«" not in expanded


def test_every_sample_is_described() -> None:
    assert all(sample.about for sample in SAMPLES.values())
