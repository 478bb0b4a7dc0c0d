"""Placeholders are recognized by form, and random values and people's own passwords are not placeholders."""

from __future__ import annotations

import random
import time
from base64 import b64encode, urlsafe_b64encode
from string import ascii_letters, ascii_lowercase, ascii_uppercase, digits
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cavra_boundary.detect.placeholders import is_template, placeholder_reason

if TYPE_CHECKING:
    from collections.abc import Callable

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
        *("arn:aws:secretsmanager:eu-west-1:1:secret:x", "projects/p/secrets/s/versions/1", "kv:App1/x", "akv:name1"),
        *("gsm:name1", "k8s:ns/name#Key1", "consul:a/Key2", "akeyless:/p/Key1", "dsv:team:db", "bws:0f3c-1", "kv/App1"),
        *("ref+vault://kv/prod#/Pass1", "*default_api_key", "!reference [.a, key]"),
        *("@Microsoft.KeyVault(SecretUri=https://x/y)", "Deno.env.get('K1')", "Rails.application.credentials.key2"),
        *("$this->apiKey2", "req.body.password", "getpass()", "getPassword()", "order.password.value", "Optional[str]"),
        *(
            "&'static str",
            "[]byte",
            "string | undefined",
            "os.Getenv('K1')",
            "Field(alias='DB_PASSWORD_2')",
            ":secret_key1",
        ),
        *(
            "app.config['SECRET_KEY1']",
            "crypto.randomBytes(32).toString('hex')",
            'data.app.data["ApiKey1"]',
            "+ apiKey2 +",
        ),
    ],
    "encrypted": [
        *("ENC[AES256_GCM,data:x]", "ENC[PKCS7,MIIB", "ENC(Kj82hs9x)", "$ANSIBLE_VAULT;1.1;AES256", "EJ[1:Kj82:hs9x]"),
        *(
            "AQICAH" + "hq8Yv2m0Q" * 5,
            "AgB" + "Kj82hs9xQ" * 30,
            "encrypted:BKj82hs9x",
            "{cipher}0f3c9a",
            "U2FsdGVkX1" + "9Kj82hs9xQ0f3",
        ),
        *("v1:Kj82hs9xQ0f3c9aZ:Kj82hs9xQ0f3c9aZ1", "-----BEGIN " + "PGP MESSAGE-----", "YWdlLWVuY3J5cHRpb24ub3JnL3Yx"),
        "Kj82hs9xQ0f3c9aZKj82hs9xQ--Kj82hs9xQ0f3c9aZ--Kj82hs9xQ0f3c9aZhs9xQ0==",
    ],
    "file": [
        *(
            "/run/secrets/db_Password1",
            "./certs/Key1",
            "~/.ssh/id_ed25519_2",
            "C:\\keys\\prod1.pfx",
            "db-password1.txt",
        ),
        *("@/run/secrets/Key1", "@token-file.txt", "/etc/ssl/private/server.pem"),
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
        *("password", "Password1!", "P@ssw0rd", "admin123", "secret", "apiKey", "getUserById2"),
        *(
            "tenant_secret_token",
            "STRIPE_SECRET_KEY",
            "oauth2_token",
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


DUMMY_PASSWORDS = """
    P@ssw0rd2024! Passw0rd!2024 Str0ngP@ssw0rd! S3cr3tP@ssw0rd My!P@ssw0rd1 Admin@12345 ch4ng3m3 s3cr3t t3st-k3y
    my-placeholder-0001 fakeApiKey0123456789 dev-secret-key-12345 notarealpassword123 testtoken123 your-256-bit-secret
    abc123xyz 1qaz@WSX qwerty123! passwort1 Contraseña123 motdepasse senha123 wachtwoord hasło1 пароль123 密码123456
    パスワード1 Schlüssel1 t0k3n_s3cr3t root1234 toor postgres123 Pa$$w0rd123 pa55word Welcome123! dbpassword1 drowssap
    mysql_root_password invalidPassword dbUserPwd mypassword2024 user.password.label supersecretpassword Secret#2025
    """
WEAK_PASSWORDS = """
    Winter2024! Tr0ub4dor&3 correcthorse9battery rex2019 fluffy123 hunter2 liverpool1 s3cr3tP@55w0rd!x pa$$w0rd9Kq
    Acme2019 Sommer2023! Bärchen77 dragon monkey12 kestrelmoor bluewhale42 Berlin1987 johnny99 mango-tango-9
    dataserver7 john1987
    """


@pytest.mark.parametrize("value", DUMMY_PASSWORDS.split())
def test_words_that_mean_a_secret_or_nothing_are_dummies_however_they_are_spelled(value: str) -> None:
    assert placeholder_reason(value.encode())
    assert placeholder_reason(value.encode(), password=True)


@pytest.mark.parametrize("value", WEAK_PASSWORDS.split())
def test_a_weak_password_is_one(value: str) -> None:
    assert placeholder_reason(value.encode(), password=True) == ""


def _escaped(text: str) -> str:
    return "".join(f"\\u{ord(char):04x}" for char in text)


ENCODINGS: dict[str, Callable[[str], str]] = {
    "base64": lambda text: b64encode(text.encode()).decode(),
    "base64url": lambda text: urlsafe_b64encode(text.encode()).decode().rstrip("="),
    "base64 twice": lambda text: b64encode(b64encode(text.encode())).decode(),
    "hex": lambda text: text.encode().hex(),
    "HEX": lambda text: text.encode().hex().upper(),
    "unicode": _escaped,
    "bytes": lambda text: "".join(f"\\x{byte:02x}" for byte in text.encode()),
    "percent": lambda text: "".join(f"%{byte:02X}" for byte in text.encode()),
    "entities": lambda text: "".join(f"&#{ord(char)};" for char in text),
}


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("text", ["dummy-api-key", "P@ssw0rd2024!", "<YOUR_API_KEY>", "Введите пароль", "changeme\n"])
def test_a_placeholder_is_one_in_any_encoding(encoding: str, text: str) -> None:
    encoded = ENCODINGS[encoding](text).encode()
    assert placeholder_reason(encoded)
    assert placeholder_reason(encoded, password=True)


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("text", ["Xk9#mP2$vL5", "Kj82hs9xQ0f3c9aZ", "Winter2024!"])
def test_a_secret_is_one_in_any_encoding(encoding: str, text: str) -> None:
    assert placeholder_reason(ENCODINGS[encoding](text).encode(), password=True) == ""


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
