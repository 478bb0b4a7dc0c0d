"""Validators confirm what is real, refute what only looks real, and lower what is documented as made up."""

from __future__ import annotations

import json
import shutil
import subprocess
from base64 import b64encode, urlsafe_b64encode
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cavra_boundary.detect.payments import iban_check_digits, luhn_digit
from cavra_boundary.detect.reserved import IBAN_EXAMPLES
from cavra_boundary.detect.validators import VALIDATORS, base62_crc32
from cavra_boundary.detect.verdict import CONFIRMED, REFUTED
from cavra_boundary.rules.samples import expand

if TYPE_CHECKING:
    from pathlib import Path


def check(name: str, value: str | bytes) -> str:
    verdict = VALIDATORS[name](value.encode() if isinstance(value, str) else value)
    return "refuted" if not verdict.confirmed else verdict.lowered or "confirmed"


def sample(mark: str) -> str:
    return expand(f"«{mark}»", "test")


def test_every_validator_says_what_it_checks() -> None:
    for name, validator in VALIDATORS.items():
        first, *_ = (validator.__doc__ or "").splitlines()
        assert first.endswith((".", ":")), name


@settings(max_examples=60, deadline=None)
@given(
    st.binary(max_size=200),
    st.sampled_from(["", "ghp_", "-----BEGIN " + "PRIVATE KEY-----\n", "PuTTY-User-Key-File-2: x\n", "{", "a://"]),
)
def test_any_bytes_get_a_verdict(value: bytes, prefix: str) -> None:
    for validator in VALIDATORS.values():
        verdict = validator(prefix.encode() + value)
        assert verdict.confirmed or not verdict.lowered


@pytest.mark.parametrize(
    "value", [b"[" * 200_000, b'{"a":' * 100_000, b"\xff" * 9, b"-" * 100_000, b"9" * 100_000, b"a." * 50_000]
)
def test_hostile_values_are_refuted_quickly(value: bytes) -> None:
    loose = {"not-placeholder", "not-dummy", "live-mode"}
    structured = set(VALIDATORS) - loose
    assert {name for name in structured if VALIDATORS[name](value) != REFUTED} <= {"base64-text"}


# --- payments


@pytest.mark.parametrize("form", ["{}{}{}{}", "{} {} {} {}", "{}-{}-{}-{}"])
def test_cards_as_written(form: str) -> None:
    digits = sample("card:visa")
    assert check("luhn", form.format(*(digits[at : at + 4] for at in range(0, 16, 4)))) == "confirmed"


@pytest.mark.parametrize(
    "number", ["4242424242424242", "378282246310005", "4111-1111-1111-1111", "5555 5555 5555 4444", "6011000990139424"]
)
def test_documented_test_cards_weigh_only_a_note(number: str) -> None:
    assert check("luhn", number) in ("documented test card", "patterned like a test card")


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10**11 - 1), st.integers(1, 9))
def test_one_wrong_digit_refutes_a_card(middle: int, change: int) -> None:
    digits = f"4539{middle:011}"
    last = luhn_digit(digits)
    assert VALIDATORS["luhn"](f"{digits}{last}".encode()).confirmed
    assert check("luhn", f"{digits}{(last + change) % 10}") == "refuted"


@pytest.mark.parametrize(
    "number", ["1234567890123452", "0000000000000000", "4539 57816-2945 6127", "1700000000000", "", "٤٢٤٢٤٢٤٢٤٢٤٢٤٢٤٢"]
)
def test_what_is_no_card(number: str) -> None:
    assert check("luhn", number) == "refuted"


@pytest.mark.parametrize(("country", "rest"), IBAN_EXAMPLES.items())
def test_the_registrys_examples_have_valid_check_digits_and_weigh_only_a_note(country: str, rest: str) -> None:
    assert iban_check_digits(country, rest[2:]) == rest[:2]
    assert check("iban", country + rest) == "documented sample IBAN"


def test_ibans() -> None:
    number = sample("iban:DE")
    assert check("iban", number) == "confirmed"
    assert check("iban", " ".join(number[at : at + 4] for at in range(0, len(number), 4))) == "confirmed"
    assert check("iban", number[:-1] + str((int(number[-1]) + 1) % 10)) == "refuted"
    assert check("iban", number[:-1]) == "refuted"
    assert check("iban", "ZZ" + number[2:]) == "refuted"


def test_routing_numbers() -> None:
    number = sample("aba")
    assert check("aba", number) == "confirmed"
    assert check("aba", number[:-1] + str((int(number[-1]) + 1) % 10)) == "refuted"
    assert check("aba", "110000000") == "documented sample routing number"
    assert check("aba", "000000000") == check("aba", "500000005") == "refuted"


# --- tokens


def test_the_published_github_example() -> None:
    """The random part and checksum from the example in the format's description."""
    assert base62_crc32(b"zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ") == b"0mLq17"


@pytest.mark.parametrize(("mark", "name"), [("github-token", "github-checksum"), ("npm-token", "npm-checksum")])
def test_a_changed_token_is_refuted(mark: str, name: str) -> None:
    token = sample(mark)
    assert check(name, token) == "confirmed"
    assert check(name, token[:10] + token[10:].swapcase()) == "refuted"
    assert check(name, token[:-1]) == check(name, token.replace("_", "-", 1)) == "refuted"


def jwt(header: object, claims: object, signature: bytes = b"\x13" * 32) -> str:
    parts = (json.dumps(header).encode(), json.dumps(claims).encode(), signature)
    return ".".join(urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


def test_json_web_tokens() -> None:
    assert check("jwt", jwt({"alg": "ES256"}, {"exp": 1})) == "confirmed"
    assert check("jwt", jwt({"alg": "HS256"}, {"sub": "1234567890", "name": "X"})) == "sample token from jwt.io"
    assert check("jwt", jwt({"alg": "none"}, {"sub": "x"}, b"")) == "refuted"
    assert check("jwt", jwt({"typ": "JWT"}, {})) == check("jwt", jwt({"alg": "HS256"}, [1])) == "refuted"
    assert check("jwt", "eyJhbGciOiJIUzI1NiJ9.e30") == check("jwt", "a.b.c") == "refuted"


def test_aws() -> None:
    assert check("aws-access-key-id", "AKIA" + "IOSFODNN7EXAMPLE") == "refuted"
    assert check("aws-access-key-id", sample("aws-key-id")[:-1] + "1") == "refuted"
    assert check("aws-secret-key", "wJalrXUtn" + "FEMI/K7MDENG/" + "bPxRfiCYEXAMPLEKEY") == "refuted"
    assert check("aws-secret-key", sample("hex:40")) == "refuted"


def test_stripe_and_slack_and_telegram() -> None:
    assert check("stripe-key", "sk_" + "live_" + sample("base62:24")) == "confirmed"
    assert check("stripe-key", "rk_" + "test_" + sample("base62:24")) == "test mode key"
    assert (
        check("stripe-key", "sk_" + "live_" + "x" * 24)
        == check("stripe-key", "pk_" + "live_" + "a1B2" * 6)
        == "refuted"
    )
    assert (
        check("slack-token", "xox" + f"b-{sample('digits:12')}-{sample('digits:12')}-{sample('base62:24')}")
        == "confirmed"
    )
    assert (
        check("slack-token", "https://hooks.slack.com/services/" + f"T0AB12CD9/B0AB12CE7/{sample('base62:24')}")
        == "confirmed"
    )
    assert check("slack-token", "https://hooks.slack.com/services/" + "T00000000/B00000000/" + "X" * 24) == "refuted"
    assert check("telegram-token", sample("digits:10") + ":" + "AA" + sample("base64url:33")) == "confirmed"


@pytest.mark.parametrize("prefix", ["sandbox-", "sk_sbox_", "FLWSECK_TEST-", "pdl_sdbx_", "test_"])
def test_keys_of_test_modes_weigh_only_a_note(prefix: str) -> None:
    key = sample("base62:32")
    assert check("live-mode", prefix + key) == "test mode key"
    assert check("live-mode", f"live_{key}") == check("live-mode", f"latest_{key}") == "confirmed"


def test_mail_addresses() -> None:
    assert check("email", sample("email")) == "confirmed"
    assert check("email", "jane@example.org") == "reserved example domain"
    assert check("email", "git@host") == "refuted"


def test_encodings() -> None:
    document = b64encode(b'{"a": 1}').decode()
    assert check("base64-json", document) == check("base64-text", document) == "confirmed"
    assert check("base64-json", b64encode(b"[1]")) == check("base64-text", b64encode(bytes(range(20)))) == "refuted"
    assert check("signed-json", f"key/{document}.{b64encode(bytes(range(64))).decode()}") == "confirmed"
    assert check("signed-json", document) == check("signed-json", f"{document}.{document}") == "refuted"


def test_uuids_and_what_was_generated() -> None:
    assert check("uuid", "123e4567-e89b-12d3-a456-426614174000") == "documented example UUID"
    assert check("uuid", "00000000-0000-0000-0000-000000000000") == "refuted"
    assert check("generated", expand("«base62:16»", "v")) == check("generated", expand("«hex:32»", "v")) == "confirmed"
    assert check("generated", "getCustomerDashboard") == check("generated", "0123456789abcdef") == "refuted"


def test_pypi_and_azure() -> None:
    assert check("pypi-token", "pypi-" + sample("base64url:120")) == "refuted"
    assert check("azure-storage-key", sample("base64-bytes:63")) == "refuted"


# --- credentials with a user


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgres://app:{}@db.kestrelmoor.io:5432/x", "confirmed"),
        ("redis://:{}@cache:6379", "confirmed"),
        ("https://u:%21{}@[2a01:4f8::1]/", "confirmed"),
        ("postgres://app:{}@localhost/x", "loopback address"),
        ("postgres://app:{}@127.0.0.1:5432/x", "loopback address"),
        ("https://u:{}@api.example.com", "reserved example domain"),
        ("https://u:{}@198.51.100.7", "documentation network"),
        ("https://u:{}@${{HOST}}/", "refuted"),
        ("https://{}.kestrelmoor.io/", "refuted"),
        ("https://u:password@db.kestrelmoor.io", "refuted"),
        ("https://u:${{PASSWORD}}@db.kestrelmoor.io", "refuted"),
        ("https://postgres:postgres@db.kestrelmoor.io", "refuted"),
    ],
)
def test_urls_with_passwords(url: str, expected: str) -> None:
    assert check("basic-auth-url", url.format(sample("base62:16"))) == expected


def test_docker_auth() -> None:
    assert check("docker-auth", b64encode(b"user:password")) == check("docker-auth", b64encode(b"user")) == "refuted"


# --- private keys

PEM_LABELS = ["RSA PRIVATE KEY", "EC PRIVATE KEY", "PRIVATE KEY", "ENCRYPTED PRIVATE KEY"]


def as_json(pem: str) -> str:
    return json.dumps({"key": pem})


def as_source(pem: str) -> str:
    return " +\n".join(f'    "{line}\\n"' for line in pem.splitlines())


def as_comment(pem: str) -> str:
    return "\n".join(f"  # {line}" for line in pem.splitlines())


def as_yaml(pem: str) -> str:
    return "\r\n".join(f"      {line}" for line in pem.splitlines())


def as_one_line(pem: str) -> str:
    return pem.replace("\n", " ")


@pytest.mark.parametrize("label", PEM_LABELS)
@pytest.mark.parametrize("written", [str, as_json, as_source, as_comment, as_yaml, as_one_line])
def test_pem_keys_as_people_paste_them(label: str, written: type[str]) -> None:
    assert check("pem-private-key", written(sample(f"pem:{label}"))) == "confirmed"


@pytest.mark.parametrize("label", PEM_LABELS)
def test_broken_pem_keys_are_refuted(label: str) -> None:
    lines = sample(f"pem:{label}").splitlines()
    assert check("pem-private-key", "\n".join(lines[:-1])) == "refuted"
    assert check("pem-private-key", "\n".join([lines[0], lines[1][:-4], *lines[2:]])) == "refuted"
    assert check("pem-private-key", "\n".join([lines[0], "...", lines[-1]])) == "refuted"
    assert check("pem-private-key", "\n".join([lines[0], "A" * 64, lines[-1]])) == "refuted"
    assert check("pem-private-key", "\n".join([lines[0], *lines[1:-1], lines[-1].replace("KEY", "KEYS")])) == "refuted"


def test_encrypted_pem_of_the_old_form() -> None:
    first, *_body, last = sample("pem:RSA PRIVATE KEY").splitlines()
    headers = ["Proc-Type: 4,ENCRYPTED", "DEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF", ""]
    random_body = sample("base64-bytes:128")
    assert check("pem-private-key", "\n".join([first, *headers, random_body, last])) == "confirmed"
    assert check("pem-private-key", "\n".join([first, random_body, last])) == "refuted"
    assert check("pem-private-key", "\n".join([first, *headers, "A" * 64, last])) == "refuted"


@pytest.mark.parametrize(
    ("mark", "name"),
    [("openssh-key", "openssh-private-key"), ("putty-key", "putty-private-key"), ("pgp-key", "pgp-private-key")],
)
def test_other_key_files_lose_a_line(mark: str, name: str) -> None:
    lines = sample(mark).splitlines()
    assert check(name, "\\n".join(lines)) == "confirmed"
    assert check(name, "\n".join(lines[: len(lines) // 2])) == "refuted"


@pytest.mark.skipif(not shutil.which("ssh-keygen"), reason="needs ssh-keygen")
def test_a_key_that_openssh_made(tmp_path: Path) -> None:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "key")], check=True)
    assert VALIDATORS["openssh-private-key"]((tmp_path / "key").read_bytes()) == CONFIRMED


@pytest.mark.skipif(not shutil.which("openssl"), reason="needs openssl")
@pytest.mark.parametrize(
    "algorithm", [["-algorithm", "ed25519"], ["-algorithm", "rsa", "-pkeyopt", "rsa_keygen_bits:1024"]]
)
def test_a_key_that_openssl_made(algorithm: list[str]) -> None:
    made = subprocess.run(["openssl", "genpkey", *algorithm], check=True, capture_output=True)
    assert VALIDATORS["pem-private-key"](made.stdout) == CONFIRMED


def test_age_and_minisign_and_jwk() -> None:
    key = sample("age-key")
    assert check("age-secret-key", key[:-1] + ("Q" if key[-1] != "Q" else "P")) == "refuted"
    assert check("minisign", sample("minisign-key")[:-8]) == "refuted"
    public = json.loads(sample("jwk"))
    del public["d"]
    assert check("jwk-private", json.dumps(public)) == "refuted"
    assert check("jwk-private", json.dumps({"kty": "oct", "k": "AAAA"})) == "refuted"


def test_service_accounts_need_their_key() -> None:
    account = json.loads(sample("service-account"))
    assert check("gcp-service-account", json.dumps({**account, "private_key": "redacted"})) == "refuted"
    assert check("gcp-service-account", json.dumps({**account, "type": "authorized_user"})) == "refuted"


# --- formats with a structure of their own


@pytest.mark.parametrize("kind", ["", "account", "operator"])
def test_nats_seeds_carry_a_checksum(kind: str) -> None:
    seed = sample(f"nkey-seed:{kind}" if kind else "nkey-seed")
    assert len(seed) == 58
    assert check("nkey-seed", seed) == "confirmed"
    changed = seed[:20] + ("A" if seed[20] != "A" else "B") + seed[21:]
    assert check("nkey-seed", changed) == "refuted"
    assert check("nkey-seed", "U" + seed[1:]) == "refuted"  # a public key


def test_hex_pm_keys_carry_a_checksum() -> None:
    key = sample("hex-key")
    assert check("hex-checksum", key) == "confirmed"
    assert check("hex-checksum", key[:-1] + ("0" if key[-1] != "0" else "1")) == "refuted"
    assert check("hex-checksum", key.removeprefix("hex_")) == "refuted"


@pytest.mark.parametrize("label", ["PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "ENCRYPTED PRIVATE KEY"])
@pytest.mark.parametrize("between", ["", "\n", "\\n", "\r\n    ", '" +\n      "', '"\n  "'])
def test_bare_private_keys_are_read_as_they_are_written(label: str, between: str) -> None:
    key = sample(f"der-key:{label}")
    written = between.join(key[at : at + 48] for at in range(0, len(key), 48))
    assert check("der-private-key", written) == "confirmed"
    assert check("der-private-key", written + between + "and prose") == "confirmed"
    assert check("der-private-key", key[: len(key) // 2]) == "refuted"
    assert check("der-private-key", key[1:]) == "refuted"


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl")
@pytest.mark.parametrize(
    "command",
    ["genrsa 2048", "genrsa -traditional 2048", "genpkey -algorithm ed25519", "ecparam -genkey -noout -name secp384r1"],
)
def test_bare_private_keys_of_openssl(command: str) -> None:
    made = subprocess.run(["openssl", *command.split()], check=True, capture_output=True, text=True).stdout
    assert check("der-private-key", "".join(made.splitlines()[1:-1])) == "confirmed"


def basic(text: str) -> str:
    return b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("credentials", "verdict"),
    [
        ("ops:w7Rk-pQ92m.Zt", "confirmed"),
        ("tok_8fK2mQ9zL4vX7nB1:", "confirmed"),
        ("8fK2mQ9zL4vX7nB1:x-oauth-basic", "confirmed"),
        ("user:password", "refuted"),
        ("ops:${PASSWORD}", "refuted"),
        ("ops:ops", "refuted"),
        ("username:", "refuted"),
        (":w7Rk-pQ92m.Zt", "refuted"),
        ("no colon at all", "refuted"),
        ("ops:\x00\x01\x02binary", "refuted"),
    ],
)
def test_basic_logins(credentials: str, verdict: str) -> None:
    assert check("basic-login", basic(credentials)) == verdict


@pytest.mark.parametrize(
    ("value", "verdict"),
    [
        ("{seed}", "confirmed"),
        ("{seed}====", "confirmed"),
        ("JBSWY3DPEHPK3PXP", "seed from a manual"),
        ("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "seed from a manual"),
        ("AAAAAAAAAAAAAAAAAAAAAAAA", "refuted"),
        ("MFRGGZDF", "refuted"),
        ("abc0189", "refuted"),
    ],
)
def test_seeds_of_one_time_passwords(value: str, verdict: str) -> None:
    seed = value.format(seed=sample("otp-seed"))
    assert check("otp-seed", seed) == verdict
    assert check("otp-seed", seed.lower()) == verdict
    assert check("otp-link", f"otpauth://totp/Acme:ops?issuer=Acme&secret={seed}&digits=6") == verdict


def test_a_link_without_a_seed_is_refuted() -> None:
    assert check("otp-link", "otpauth://totp/Acme:ops?issuer=Acme&secret={secret}") == "refuted"
    assert check("otp-link", "otpauth://totp/Acme:ops?issuer=Acme") == "refuted"


def test_kubeadm_tokens() -> None:
    assert check("kubeadm-token", f"{sample('base36:6')}.a1{sample('base36:14')}") == "confirmed"
    assert check("kubeadm-token", "abcdef." + "0123456789abcdef") == "token from the manual"
    assert check("kubeadm-token", "module.exportsomethings") == "refuted"
    assert check("kubeadm-token", "a1b2c3.0000000000000001") == "refuted"


def test_product_keys() -> None:
    assert check("product-key", "BC2DF-" + "GH3JK-" + "MP4QR-TV6WX-Y7BCD") == "confirmed"
    assert check("product-key", "W269N-" + "GH3JK-" + "MP4QR-TV6WX-Y7BCD") == "setup key that Microsoft publishes"
    assert check("product-key", "XXXXX-XXXXX-XXXXX-XXXXX-XXXXX") == "refuted"


def licensed(**members: object) -> str:
    return b64encode(json.dumps(members).encode()).decode()


def test_encoded_licenses_say_what_was_licensed() -> None:
    info = licensed(v=1, t=["plan:enterprise-1"], u=500, e="2027-01-01T00:00:00Z")
    plain = licensed(sub="Big GmbH", qty=20, exp="2027-01-01", plan="enterprise")
    assert check("license-json", plain) == "confirmed"
    assert check("license-json", plain.rstrip("=") + "." + sample("base64url:300")) == "confirmed"
    assert check("license-json", plain + sample("base64:300")) == "confirmed"
    assert check("license-json", licensed(sig={"Blob": sample("base64:200")}, info=info)) == "confirmed"
    assert check("license-json", licensed(alg="RS256", typ="JWT")) == "refuted"
    assert check("license-json", licensed(name="left-pad", version="1.0.0", license="MIT")) == "refuted"
    assert check("license-json", "eyJub3QganNvbg") == "refuted"


@pytest.mark.parametrize(
    ("address", "verdict"),
    [
        ("https://flows.northwind.dev/webhook/{uuid}", "confirmed"),
        ("https://api.northwind.dev/hooks?token={b62}", "confirmed"),
        ("https://api.northwind.dev/hooks/{hex}", "confirmed"),
        ("https://flows.example.com/webhook/{uuid}", "reserved example domain"),
        ("http://localhost:3000/webhook/{uuid}", "refuted"),
        ("https://github.com/northwind/hooks/commit/{hex}", "refuted"),
        ("https://api.northwind.dev/webhooks/getting-started-with-webhooks-in-2026", "refuted"),
        ("https://api.northwind.dev/hooks/${{TOKEN}}", "refuted"),
        ("https://api.northwind.dev/hooks/00000000-0000-0000-0000-000000000000", "refuted"),
        ("ftp://api.northwind.dev/hooks/{uuid}", "refuted"),
    ],
)
def test_addresses_that_cannot_be_guessed(address: str, verdict: str) -> None:
    made = address.format(uuid=sample("uuid"), b62=sample("base62:32"), hex=sample("hex:40"))
    assert check("unguessable-address", made) == verdict
