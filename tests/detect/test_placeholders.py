"""Placeholders are recognized by form, and random values and people's own passwords are not placeholders."""

from __future__ import annotations

import random
import time
from string import ascii_letters, ascii_lowercase, ascii_uppercase, digits

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cavra_boundary.detect.placeholders import is_template, placeholder_reason

PLACEHOLDERS = {
    "too short": ["", " ", "abc", "'x'"],
    "template reference": [
        *("${X}", "pre-${DB_PASSWORD}-post", "{{ x }}", "{{ .Values.key }}", "<your token>", "%X_Y%", "$(x)", "%(x)s"),
        *("#{x.y}", "__TOKEN__", "@TOKEN@", "$DB_PASSWORD", "{password}", "<%= key %>", "[YOUR TOKEN]", "$env:TOKEN"),
    ],
    "reference to a secret kept elsewhere": [
        *(
            "process.env.API_KEY",
            "os.environ['KEY']",
            "os.getenv('KEY')",
            "config('x')",
            "vault://a/b",
            "op://v/item/f",
        ),
        *(
            "secrets.NPM_TOKEN",
            "vault:secret/data/x",
            "tenant:opaque-7f3a",
            "ENV['KEY']",
            "self.password",
            "evidence://a/b",
        ),
        *("arn:aws:secretsmanager:eu-west-1:1:secret:x", "projects/p/secrets/s/versions/1", "ENC[AES256_GCM,data:x]"),
    ],
    "placeholder phrase": [
        *("changeme", "change-me-please", "your-api-key-here", "YOUR_TOKEN", "example", "AKIA" + "IOSFODNN7EXAMPLE"),
        *(
            "ghp_" + "x" * 36,
            "sk_live_xxxxxxxxxxxx",
            "********",
            "REDACTED",
            "insert_token_here",
            "not-a-real-key",
            "todo",
        ),
    ],
    "filler characters": [
        *("aaaaaaaa", "0000-0000-0000", "1234567890", "abcdefghijkl", "qwertyuiop", "deadbeefdeadbeef", "zyxwvuts"),
        *("0123456789abcdef0123456789abcdef", "AbCdAbCdAbCdAbCd", "1234567890abcdef", "asdfasdf", "AAAA-BBBB-CCCC"),
    ],
    "address without credentials": ["https://api.kestrelmoor.io/v1", "postgres://db:5432/app", "redis://cache"],
    "plain words": [
        *("password", "Password1!", "P@ssw0rd", "admin123", "secret", "apiKey", "getPassword()", "getUserById2"),
        *(
            "tenant_secret_token",
            "STRIPE_SECRET_KEY",
            "oauth2_token",
            "order.password.value",
            "/etc/ssl/private/server.pem",
        ),
        *("correct horse battery staple", "the customer chooses a password", "None", "false", "localhost", "postgres"),
    ],
}
ALPHABETS = {
    "hex": digits + "abcdef",
    "base32": ascii_uppercase + "234567",
    "base36": digits + ascii_lowercase,
    "base62": digits + ascii_letters,
    "base64": digits + ascii_letters + "+/",
    "base64url": digits + ascii_letters + "-_",
}
REAL = [
    *("Tr0ub4dor&3", "hunter2", "Summer2024!", "kJ8s9Dk2mNq4", "Xk9#mP2$vL5", "8Kd-92j-Qxz", "qlwkjzvbnxtr"),
    *(
        "s3cr3tP@55w0rd!x",
        "G7K2-9XQ4-M3TP-VW8Z",
        "postgres:/" + "/u:Kj82hs9@db/x",
        "Zx7!pQ",
        "pa$$w0rd9Kq",
        "m<4>kq9$zT",
    ),
]


@pytest.mark.parametrize(
    ("reason", "value"), [(reason, value) for reason, values in PLACEHOLDERS.items() for value in values]
)
def test_placeholders_and_why(reason: str, value: str) -> None:
    assert placeholder_reason(value.encode()) == reason
    assert is_template(value.encode()) == (reason == "template reference")


@pytest.mark.parametrize("value", REAL)
def test_real_secrets_are_no_placeholders(value: str) -> None:
    assert placeholder_reason(value.encode()) == ""


@pytest.mark.parametrize("alphabet", ALPHABETS)
def test_random_tokens_are_not_mistaken(alphabet: str) -> None:
    """Fewer than one in a thousand, at the shortest length, where chance is worst."""
    dice = random.Random(alphabet)
    tokens = ["".join(dice.choices(ALPHABETS[alphabet], k=20)).encode() for _ in range(3000)]
    assert sum(bool(placeholder_reason(token)) for token in tokens) < 3


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=600))
def test_any_bytes_have_an_answer_that_quotes_and_spaces_do_not_change(value: bytes) -> None:
    reason = placeholder_reason(value)
    assert reason in {"", *PLACEHOLDERS}
    assert placeholder_reason(b" " + value + b"\n") == reason or len(value) > 500


@pytest.mark.parametrize("unit", ["$(", "{{", "<%", "%(a", "a.", "1-", "aB", "a(", "://", "x", "$", "[["])
def test_cost_has_a_bound(unit: str) -> None:
    value = unit.encode() * 200_000
    began = time.perf_counter()
    placeholder_reason(value)
    assert time.perf_counter() - began < 0.2
