"""Private material is refused anywhere in the contract, and public words are never mistaken for it."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cavra_boundary.contracts import (
    CustomerOperatingDashboardSummary,
    SaaSContractError,
    SaaSControlPlaneRequest,
    SaaSControlPlaneResponse,
    build_customer_operating_dashboard_request,
    build_customer_operating_dashboard_response,
    build_support_handoff_readiness_request,
)
from cavra_boundary.contracts.publish import validate
from cavra_boundary.evidence.vocabulary import VOCABULARIES
from cavra_boundary.rules.samples import expand

REQUEST: dict[str, Any] = {
    "schema_version": "cavra.saas_control_plane.request.v1",
    "operation": "customer_operating_dashboard",
    "tenant_id": "tenant-demo",
    "requested_by": "console",
    "correlation_id": "saas-example",
    "private_implementation_required": True,
    "payload": {
        "dashboard_scope": "hosted-saas-operations",
        "evidence_window": "last-7d",
        "required_checks": ["dashboard_visibility", "billing_observability"],
    },
}

# Values that must be refused anywhere. Made at run time, so that no scanner flags this file.
SECRETS = {
    "GitHub token": "«github-token»",
    "GitHub token that cannot be real": "gh«»p_«base62:20»",
    "fine-grained GitHub token": "«github-token:github_pat»",
    "npm token": "«npm-token»",
    "PyPI token": "«pypi-token»",
    "GitLab token": "glpat-«base62:20»",
    "Slack token": "xox«»b-«digits:12»-«digits:12»-«base62:24»",
    "Slack webhook": "https://hooks.slack.com/services/T«upper:8»/B«upper:8»/«base62:24»",
    "Stripe live key": "sk_«»live_«base62:24»",
    "Stripe webhook secret": "whsec_«base62:32»",
    "AWS key": "«aws-key-id»",
    "Google API key": "AIza«base62:35»",
    "OpenAI key": "sk-«base62:48»",
    "JSON Web Token": "«jwt»",
    "PEM key": "«pem:RSA PRIVATE KEY»",
    "PEM key without line feeds": "«json-text:«pem:EC PRIVATE KEY»»",
    "OpenSSH key": "«openssh-key»",
    "PGP key": "«pgp-key»",
    "PuTTY key": "«putty-key»",
    "age identity": "«age-key»",
    "private JSON Web Key": "«jwk»",
    "service account": "«service-account»",
    "database address": "postgres://svc:«base62:20»@db.«word».io:5432/app",
    "bearer header": "Authorization: Bearer «base62:38»7k",
    "card": "«card»",
    "card among words": "charged «card» again",
    "IBAN": "«iban»",
    "mail address": "«email»",
    "mail address among words": "ask <«email»>, please",
    "telephone": "«phone»",
    "token in base64": "«base64-of:«github-token»»",
    "variable in base64": "«base64url-of:NPM_TOKEN=«npm-token»»",
    "token in hex": "«hex-of:«pypi-token»»",
    "mail address in base64": "«base64-of:«email»»",
}
DECLARED = (
    "password",
    "secret",
    "apiKey",
    "api-key",
    "APIKey",
    "apikey",
    "private_key",
    "smtp_password",
    "connection_string",
    "raw_model",
    "model_weights",
    "training_data",
    "dataset_rows",
    "prompt_samples",
    "source_code",
    "customer_data",
    "tenant_name",
    "customerEmail",
    "accessTokens",
    "license_key",
    "signing_material",
    "webhook_url",
    "health_score",
    "connector_credentials",
    "account_ids",
    "accountIds",
    "account_ids_list",
    "SMTPPASSWORD",
    "token_count2",
    "api2_key",
    "ｐａｓｓｗｏｒｄ",
)
HARMLESS: dict[str, Any] = {
    "package_token_included": False,
    "license_key_included": False,
    "secrets_redacted": True,
    "license_service_status": "ready",
    "token_status": "rotated",
    "credential_ref": "vault://package/opaque-7f3a",
    "license_key_refs": ["license:opaque-9c1d", "license:opaque-77aa"],
    "token_count": 0,
    "private_validation_required": True,
    "customer_success_status": "ready",
    "notification_channel": "email",
    "contract_visibility": "public_contract",
    "license_service": "requires_cavra_enterprise",
    "support_contact": "support@example.com",
    "digest": "sha256:" + "0" * 64,
    "step": "publish with pypi-publishing-workflow, npm_config_registry_address and sk-learn-based-pipelines",
    "reason": "basic authentication-settings-review and bearer authentication-settings-review pending",
}

fillers = st.recursive(
    st.sampled_from([*HARMLESS.values(), *(word.value for words in VOCABULARIES.values() for word in words), 3, None]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "notes", "b-c", "checks_run"]), inner)
    ),
    max_leaves=5,
)


def places(value: object, at: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Everywhere a value could be put: in place of a leaf, as a new member, or at the end of a list."""
    if isinstance(value, dict):
        return [(*at, "more"), *(place for key, inner in value.items() for place in places(inner, (*at, key)))]
    if isinstance(value, list):
        return [place for index, inner in enumerate(value) for place in places(inner, (*at, index))]
    return [at]


def put(document: dict[str, Any], place: tuple[str | int, ...], value: object) -> None:
    at: Any = document
    for step in place[:-1]:
        at = at[step]
    at[place[-1]] = value


@pytest.mark.parametrize("kind", SECRETS)
@settings(max_examples=5)
@given(filler=fillers, seed=st.integers(0, 1000), data=st.data())
def test_a_secret_is_refused_anywhere_and_not_shown(kind: str, filler: object, seed: int, data: st.DataObject) -> None:
    value = expand(SECRETS[kind], f"{kind}{seed}")
    document = copy.deepcopy(REQUEST)
    payload = document["payload"]
    payload["extra"] = copy.deepcopy(filler)
    put(payload, data.draw(st.sampled_from(places(payload))), value)
    with pytest.raises(SaaSContractError) as raised:
        SaaSControlPlaneRequest(**document)
    said = [str(mistake) + mistake.pointer for mistake in validate(json.dumps(document).encode())]
    assert said
    for words in (str(raised.value), *said):
        assert value not in words


@pytest.mark.parametrize("kind", [kind for kind in SECRETS if "key" not in kind.lower()])
def test_a_secret_is_refused_as_a_key_and_not_shown(kind: str) -> None:
    value = expand(SECRETS[kind], kind)
    document = {**REQUEST, "payload": {**REQUEST["payload"], "extra": {value: [1, {"password": 2}]}}}
    mistakes = validate(json.dumps(document).encode())
    assert [each for each in mistakes if each.pointer == "/payload/extra/***" and each.message.startswith("sensitive ")]
    assert not [each for each in mistakes if value in str(each)]
    with pytest.raises(SaaSContractError, match=r"payload\.extra\.\*\*\*"):
        SaaSControlPlaneRequest(**document)


@pytest.mark.parametrize("key", DECLARED)
def test_a_key_that_declares_private_material_is_refused_whatever_its_value(key: str) -> None:
    for value in ("x", "", None, 1, {"a": 1}, [True]):
        document = {**REQUEST, "payload": {**REQUEST["payload"], "extra": {key: value}}}
        with pytest.raises(SaaSContractError, match=r"sensitive field payload\.extra\."):
            SaaSControlPlaneRequest(**document)


def test_a_flag_that_says_it_is_included_is_refused() -> None:
    document = {**REQUEST, "payload": {**REQUEST["payload"], "package_token_included": True}}
    with pytest.raises(SaaSContractError, match=r"sensitive field payload\.package_token_included"):
        SaaSControlPlaneRequest(**document)


@given(filler=fillers, extras=st.dictionaries(st.sampled_from([*HARMLESS]), st.none()))
def test_public_words_are_never_refused(filler: object, extras: dict[str, None]) -> None:
    payload = {**REQUEST["payload"], "extra": filler, **{key: HARMLESS[key] for key in extras}}
    made = SaaSControlPlaneRequest(**{**REQUEST, "payload": payload})
    assert validate(json.dumps(made.to_dict()).encode()) == []


def test_every_other_field_is_searched_too() -> None:
    token = expand(SECRETS["GitHub token"], "fields")
    with pytest.raises(SaaSContractError, match="sensitive value tenant_id"):
        build_support_handoff_readiness_request(token)
    with pytest.raises(SaaSContractError, match="sensitive value requested_by"):
        build_support_handoff_readiness_request("tenant-demo", requested_by=token)
    with pytest.raises(SaaSContractError, match=r"sensitive value payload\.evidence_window"):
        build_customer_operating_dashboard_request("tenant-demo", evidence_window=token)
    with pytest.raises(SaaSContractError, match=r"sensitive value blockers\[0\]"):
        CustomerOperatingDashboardSummary("tenant-demo", *["ready"] * 7, blockers=(f"renew {token}",))
    request = build_customer_operating_dashboard_request("tenant-demo")
    response = build_customer_operating_dashboard_response(
        request, CustomerOperatingDashboardSummary("tenant-demo", *["ready"] * 7)
    )
    with pytest.raises(SaaSContractError, match="sensitive value message"):
        SaaSControlPlaneResponse(**{**response.to_dict(), "message": token})


def test_an_allow_in_the_text_counts_for_nothing() -> None:
    token = expand(SECRETS["npm token"], "allow")
    text = f"{token} # cavra-boundary: " + "allow[registry-tokens.npm-access-token] it is mine"  # split: no allow here
    with pytest.raises(SaaSContractError, match="sensitive value"):
        SaaSControlPlaneRequest(**{**REQUEST, "payload": {**REQUEST["payload"], "extra": text}})


def test_a_record_of_harmless_looking_fields_is_refused() -> None:
    record = expand(
        '{"invoice_no": "INV-2024-00«digits:3»", "amount_due": "1249.50", "currency": "EUR",'
        ' "due_date": "2024-11-30", "bill_to": "«company»"}',
        "invoice",
    )
    with pytest.raises(SaaSContractError, match=r"sensitive value payload\.extra"):
        SaaSControlPlaneRequest(**{**REQUEST, "payload": {**REQUEST["payload"], "extra": json.loads(record)}})


def test_what_cannot_be_searched_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cavra_boundary.detect.engine.MOST_MATCHES", 0)
    tokens = [expand(SECRETS["npm token"], str(number)) for number in range(3)]
    document = {**REQUEST, "payload": {**REQUEST["payload"], "extra": tokens}}
    assert validate(json.dumps(document).encode())
    with pytest.raises(SaaSContractError, match="the document could not be searched for private material"):
        SaaSControlPlaneRequest(**document)
