"""What is public by design is known by its form, its name and its neighbors; what may open something is not."""

from __future__ import annotations

import random
import time
from string import ascii_letters, digits

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cavra_boundary.detect.public import AROUND, name_opens_nothing, public_reason, words_of

dice = random.Random("public")


def text(count: int, letters: str = digits + ascii_letters) -> str:
    return "".join(dice.choices(letters, k=count))


def hexes(count: int) -> str:
    return text(count, "0123456789abcdef")


OPENING_NOTHING = """
    clientId client_id GOOGLE_CLIENT_ID clientid appId access_key_id keyId measurement_id tracking_id userName
    primaryKey foreign_key sortKey partition_key cacheKey RowKey s3_object_key idempotencyKey i18nKey translation_key
    publicKey public_key VAPID_PUBLIC_KEY publishableKey siteKey sitekey RECAPTCHA_SITE_KEY analytics_key passwordHash
    password_hash commit_sha sha256 integrity etag nonce fingerprint md5 checksum contentDigest index cursor
    nextPageToken csrfToken cancellationToken max_tokens eos_token token_url tokenEndpoint apiKeyName secret_name
    token_type password_field passwordMinLength secretPath key_file publickey tls.key.path token.expiry passwordSalt
    user_salt __RequestVerificationToken tokenProgram token_mint verify_key verificationKey public_signing_key
    wrappedKey encrypted_key encryptedPassword encrypted_client_secret sealed_secret_v2 secretCiphertext
    password_encryption
    """
OPENING = """
    api_key apiKey token secret SECRET_KEY client_secret private_key privateKey master_key db_password AUTH_TOKEN
    signing.key access_token secret_access_key VAULT_SECRET_ID session_id api_hash webhook_url license_key storage_key
    account_key shared_key encryption_key refresh_token salt dsn pat bearer passphrase credential routing_key signature
    flickr_secret twist_key OVH_CONSUMER_KEY cookieValidationKey secret_key_base public_client_secret VAPID_PRIVATE_KEY
    analytics_secret DATABASE_URL GITLAB_LICENSE integration_key pwd sas auth AUTH_SALT hashids_salt
    email_verification_token decrypted_password unencrypted_secret key_encryption_key
    """


@pytest.mark.parametrize("name", OPENING_NOTHING.split())
def test_names_that_open_nothing(name: str) -> None:
    assert name_opens_nothing(words_of(name))
    assert public_reason([name], text(32).encode(), b"")


@pytest.mark.parametrize("name", OPENING.split())
def test_names_that_may_open_something(name: str) -> None:
    assert name_opens_nothing(words_of(name)) == ""
    assert public_reason([name], text(32).encode(), b"") == ""


def test_names_are_split_into_words() -> None:
    assert words_of("NEXT_PUBLIC_apiKey2") == ["next", "public", "api", "key", "2"]
    assert words_of("spring.datasource.i18nKey") == ["spring", "datasource", "i18n", "key"]
    assert words_of("clientid") == ["client", "id"]
    assert words_of("") == []


FIREBASE = b"authDomain: 'demo.firebaseapp.com', messagingSenderId: '123'"
PUBLIC = [
    ("STRIPE_KEY", "pk_live_" + text(24), b""),
    ("stripeKey", "pk_test_" + text(24), b""),
    ("mapboxgl.accessToken", f"pk.eyJ{text(40)}.{text(22)}", b""),
    ("licenseKey", f"NRJS-{hexes(19)}", b""),
    ("licenseKey", f"NRBR-{hexes(19)}", b""),
    ("licenseKey", hexes(10), b'NREUM.info={beacon:"bam.nr-data.net"}'),
    ("licenseKey", hexes(10), b"agentID: '1', applicationID: '2'"),
    ("SENTRY_DSN", f"https://{hexes(32)}@o12.ingest.sentry.io/34", b""),
    ("dsn", f"https://{hexes(32)}@sentry.kestrelmoor.dev/app/3", b""),
    ("apiKey", f"AIza{text(35)}", FIREBASE),
    ("current_key", f"AIza{text(35)}", b'"mobilesdk_app_id": "1:23:android:45"'),
    ("API_KEY", f"AIza{text(35)}", b"<key>GCM_SENDER_ID</key>"),
    ("siteKey", f"6L{text(38)}", b""),
    ("key", f"6L{text(38)}", b'<div class="g-recaptcha" data-sitekey='),
    ("algolia_search_key", hexes(32), b""),
    ("apiKey", hexes(32), b"appId: 'K9', indexName: 'docs'"),
    ("apiKey", hexes(32), b"docsearch({"),
    ("applicationServerKey", "B" + text(86), b""),
    ("key", "B" + text(86), b"vapid"),
    *((f"{prefix}API_KEY", text(32), b"") for prefix in ("NEXT_PUBLIC_", "VITE_", "REACT_APP_", "EXPO_PUBLIC_")),
    *((f"{prefix}MAP_TOKEN", text(32), b"") for prefix in ("NUXT_PUBLIC_", "GATSBY_", "PUBLIC_", "VUE_APP_")),
    ("process.env.NEXT_PUBLIC_TOKEN", text(32), b""),
    ("token", f"{text(12, digits)}-{text(32, 'abcdef12')}.apps.googleusercontent.com", b""),
    ("token", f"0x{hexes(40)}", b""),
    ("sessionId", f"{hexes(8)}-{hexes(4)}-{hexes(4)}-{hexes(4)}-{hexes(12)}", b""),
    ("License", f"GPLv3+~{text(8)}", b""),
    ("license", "BSD-3-Clause", b""),
]
NOT_PUBLIC = [
    ("STRIPE_KEY", "sk_live_" + text(24), b""),
    ("accessToken", f"sk.eyJ{text(40)}.{text(22)}", b""),
    ("license_key", hexes(40), b"app_name: My app"),
    ("SENTRY_DSN", f"https://{hexes(32)}:{hexes(32)}@o12.ingest.sentry.io/34", b""),
    ("apiKey", f"AIza{text(35)}", b"maps"),
    ("recaptcha_secret", f"6L{text(38)}", b"data-sitekey="),
    ("algolia_admin_key", hexes(32), b"appId: 'K9', indexName: 'docs'"),
    ("apiKey", hexes(32), b"appId: 'K9'"),
    ("vapid_private_key", text(43), b"vapid"),
    ("VITE_CLIENT_SECRET", text(32), b""),
    ("NEXT_PUBLIC_ADMIN_PASSWORD", text(32), b""),
    ("API_KEY", text(32), b"NEXT_PUBLIC_"),
    ("token", f"0x{hexes(64)}", b""),
    ("session_id", text(32), b""),
    ("license", text(32), b""),
    ("secret", f"{hexes(8)}-{hexes(4)}-{hexes(4)}-{hexes(4)}-{hexes(12)}", b""),
    ("token_url", f"https://app:{text(12)}@kestrelmoor.dev/token", b""),
]


@pytest.mark.parametrize(("name", "value", "around"), PUBLIC)
def test_public_by_design(name: str, value: str, around: bytes) -> None:
    assert public_reason([name], value.encode(), around)


@pytest.mark.parametrize(("name", "value", "around"), NOT_PUBLIC)
def test_not_public(name: str, value: str, around: bytes) -> None:
    assert public_reason([name], value.encode(), around) == ""


def test_without_a_name_only_form_and_neighbors_count() -> None:
    assert public_reason([], f"pk_live_{text(24)}".encode(), b"")
    assert public_reason([], text(32).encode(), b"") == ""


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text(max_size=40), max_size=10), st.binary(max_size=300), st.binary(max_size=300))
def test_any_input_has_an_answer(names: list[str], value: bytes, around: bytes) -> None:
    assert isinstance(public_reason(names, value, around), str)


@pytest.mark.parametrize("unit", ["a", "aB", "_", "1", "indexName ", "appId", "1:1", "pk_live_", "a@", "a:", "NREUM"])
def test_cost_has_a_bound(unit: str) -> None:
    around = (unit * AROUND)[: 2 * AROUND].encode()
    began = time.perf_counter()
    for name in ("apiKey", "licenseKey", unit * 50_000):
        for value in (unit.encode() * 50_000, f"AIza{text(35)}".encode(), hexes(32).encode()):
            public_reason([name] * 20, value, around)
    assert time.perf_counter() - began < 0.3
