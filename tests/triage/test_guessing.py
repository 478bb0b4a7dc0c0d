"""Which values nobody can guess: random ones in the usual alphabets, and none of those that people choose or know."""

from __future__ import annotations

import base64
import hashlib
import hmac
import random
import string
import uuid
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cavra_boundary.rules.samples import expand
from cavra_boundary.triage.guessing import UNGUESSABLE, guessing_bits, is_unguessable

if TYPE_CHECKING:
    from collections.abc import Callable

BASE62 = string.ascii_letters + string.digits

RANDOM = {
    "16 of base62": ("«base62:16»", 0.9),
    "24 of base62": ("«base62:24»", 0.98),
    "36 of base62 after a prefix": ("npm_«base62:36»", 0.99),
    "32 hex digits after a prefix": ("key-«hex:32»", 0.99),
    "64 hex digits after a prefix": ("dop_v1_«hex:64»", 0.99),
    "36 hex digits": ("«hex:36»", 0.99),
}


@pytest.mark.parametrize("kind", RANDOM)
def test_random_values_are_hard_to_guess(kind: str) -> None:
    """Nearly all: a few read like words by chance."""
    form, share = RANDOM[kind]
    hard = sum(is_unguessable(expand(form, f"{kind} {seed}").encode()) for seed in range(400))
    assert hard >= share * 400


def test_a_random_uuid_is_hard_to_guess_and_others_are_not() -> None:
    source = random.Random(4)
    random_ones = [uuid.UUID(int=source.getrandbits(128), version=4) for _ in range(50)]
    assert all(is_unguessable(str(each).encode()) for each in random_ones)
    assert not is_unguessable(str(uuid.uuid1()).encode())
    assert not is_unguessable(str(uuid.uuid5(uuid.NAMESPACE_DNS, "acme.example")).encode())


CHOSEN = [
    "Winter2024!",
    "correct-horse-battery-staple-1",
    "correcthorsebatterystaple",
    "Passw0rdPassw0rdPassw0rd1",
    "P@ssw0rd!2024#AbcSecure",
    "Adm1n1str4t0rP4ssw0rd",
    "MyS3cr3tP4ssw0rd4Pr0duct10n",
    "K8sPr0dDbAdm1nUs3rP4ssw0rd2024",
    "Sommer2019Winter2020Herbst2021",
    "ILoveMyCatMimi2011AndMyDogBello",
    "SchwarzwaldKirsch1987Torte",
    "Zebra7Quartz9Vortex3Jigsaw5",
    "qwertyuiopasdfghjkl",
    "1qaz2wsx3edc4rfv",
    "1q2w3e4r5t6y7u8i9o0p",
    "zaq12wsxcde34rfvbgt5",
    "abcdefghijklmnop1234567890",
    "0123456789abcdef0123456789abcdef",
    "deadbeefdeadbeefdeadbeefdeadbeef",
    "a" * 200,
]
KNOWN_FORMS = [
    "karin.mueller.x9f8a7b6c5d4e3f2@firma.example",
    "+49 170 1234567890",
    "tel:+1-202-555-0143;ext=0000001",
    "Müller & Söhne Großhandelsgesellschaft mbH",
    "Szczebrzeszyn Trading International GmbH",
    "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch",
    "Nguyễn Văn Thành 0912345678",
    "Hauptstraße 12a, 10115 Berlin",
    "2024-01-31T12:34:56.789Z/2025-01-31T12:34:56",
    "https://grafana.internal.acme.example/d/abc123/overview?orgId=1",
    "prd-cfg-svc-db01.k8s.mgmt.corp.acme.example",
    "postgres:" + "//app:Winter2024!@db.internal.acme.example:5432/prod",
    "postgres:" + "//app:Winter2024!@db-x9K2mQ7vLp4RtZ8wYb3N.rds.example/prod",
    "Server=x9K2mQ7vLp4RtZ8wYb3N;Pass" + "word=Winter2024!;",
    "CAVRA-ENT-2024-0001-ACMEHOLDING",
    "AcmeCorpERPv2SAPHANAdb01PRD",
    "WBA3A5C50EF123456",
    "1234567890" * 4,
]


@pytest.mark.parametrize("value", [*CHOSEN, *KNOWN_FORMS])
def test_what_people_choose_or_know_is_not(value: str) -> None:
    assert guessing_bits(value.encode()) < UNGUESSABLE


LISTED = ["card", "card:amex", "iban", "iban:GB", "iban:FR", "phone", "email", "name", "company", "aba", "host", "word"]


@pytest.mark.parametrize("kind", [*LISTED, "digits:40"])
def test_what_is_listed_or_counted_is_not(kind: str) -> None:
    values = [expand(f"«{kind}»", str(seed)) for seed in range(50)]
    assert [value for value in values if is_unguessable(value.encode())] == []
    assert [value for value in values if is_unguessable(value.replace(" ", "").encode())] == []


@pytest.mark.parametrize("kind", ["github-token", "npm-token", "pypi-token", "pem", "age-key", "putty-key"])
def test_tokens_and_keys_are_hard_to_guess(kind: str) -> None:
    values = [expand(f"«{kind}»", str(seed)).encode() for seed in range(50)]
    assert sum(map(is_unguessable, values)) >= 48


ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "base64": base64.b64encode,
    "base64 twice": lambda value: base64.b64encode(base64.b64encode(value)),
    "base64 of UTF-16": lambda value: base64.b64encode(value.decode().encode("utf-16le")),
    "base32": base64.b32encode,
    "hex": lambda value: value.hex().encode(),
    "percent": lambda value: "".join(f"%{byte:02x}" for byte in value).encode(),
    "escapes": lambda value: "".join(f"\\x{byte:02x}" for byte in value).encode(),
    "gzip": lambda value: base64.b64encode(__import__("gzip").compress(value)),
    "Basic": lambda value: b"Basic " + base64.b64encode(b"admin:" + value),
}


@pytest.mark.parametrize("encoder", ENCODERS)
@pytest.mark.parametrize("value", ["Winter2024!", "correct-horse-battery-staple-1", "Karin Mueller 1999"])
def test_an_encoding_makes_nothing_harder_to_guess(value: str, encoder: str) -> None:
    assert not is_unguessable(ENCODERS[encoder](value.encode()))


def _jwt(key: str) -> str:
    parts = (b'{"alg":"HS256","typ":"JWT"}', b'{"sub":"admin","iss":"https://auth.acme.example","iat":1700000000}')
    signed = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)
    signature = hmac.new(key.encode(), signed, "sha256").digest()
    return f"{signed.decode()}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"


def _of_hash(name: str) -> Callable[[str], str]:
    return lambda value: hashlib.new(name, value.encode()).hexdigest()


DERIVED: dict[str, Callable[[str], str]] = {
    **{name: _of_hash(name) for name in ("md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha3_256")},
    "upper case": lambda value: _of_hash("sha256")(value).upper(),
    "named": lambda value: f"sha256:{_of_hash('sha256')(value)}",
    "PostgreSQL": lambda value: f"md5{_of_hash('md5')(value)}",
    "MySQL": lambda value: f"*{_of_hash('sha1')(value).upper()}",
    "GitHub's header": lambda value: f"sha256={_of_hash('sha256')(value)}",
    "with a user": lambda value: f"admin:{_of_hash('sha1')(value)}",
    "after a login's colon": lambda value: "postgres" + f"://app:{_of_hash('md5')(value)}@db.corp.example/x",
    "base64 of hex": lambda value: base64.b64encode(_of_hash("sha256")(value).encode()).decode(),
    "Basic": lambda value: "Basic " + base64.b64encode(b"app:" + _of_hash("md5")(value).encode()).decode(),
    "htpasswd": lambda value: "{SHA}" + base64.b64encode(hashlib.sha1(value.encode()).digest()).decode(),
    "LDAP": lambda value: "{SSHA512}" + base64.b64encode(hashlib.sha512(value.encode()).digest()).decode(),
    "crypt, MD5": lambda value: "$1$" + f"ab12cd34${_crypt(value, 22)}",
    "crypt, apr1": lambda value: "$apr1$" + f"ab12cd34${_crypt(value, 22)}",
    "crypt, SHA-512": lambda value: "$6$rounds=5000$" + f"ab12cd34ef56gh78${_crypt(value, 86)}",
    "crypt, bcrypt": lambda value: "$2b$12$" + _crypt(value, 53),
    "crypt, argon2": lambda value: "$argon2id$v=19$m=65536,t=3,p=4$" + f"{_crypt(value, 22)}${_crypt(value, 43)}",
    "crypt, yescrypt": lambda value: "$y$j9T$" + f"{_crypt(value, 22)}${_crypt(value, 43)}",
    "Django": lambda value: "pbkdf2_sha256$600000$" + f"{_crypt(value, 22)}${_crypt(value, 43)}=",
    "SCRAM": lambda value: "SCRAM-SHA-256$4096:" + f"{_crypt(value, 22)}==${_crypt(value, 43)}=:{_crypt(value, 43)}=",
    "JWT": _jwt,
    "JWT in a header": lambda value: f"Bearer {_jwt(value)}",
    "signed cookie": lambda value: f"eyJhIjoxfQ.aBcDeF.{_crypt(value, 27)}",
}


def _crypt(value: str, count: int) -> str:
    return base64.b64encode(hashlib.sha512(value.encode()).digest()).decode().replace("+", ".")[:count]


@pytest.mark.parametrize("form", DERIVED)
@pytest.mark.parametrize("value", ["Winter2024!", "secret", "correct-horse-battery-staple-1"])
def test_what_is_computed_from_a_value_is_as_easy_to_guess(value: str, form: str) -> None:
    """Whoever has the fingerprint can compute the same of a list of passwords."""
    assert not is_unguessable(DERIVED[form](value).encode())


WORDS = ["winter", "Sommer", "DRAGON", "london", "Berlin", "acme", "prod", "admin", "Passwort", "mueller", "secret"]


@given(
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=6),
    st.lists(st.sampled_from(["1", "99", "2024", "!", "#", "-", "_", ".", "123", "$"]), min_size=6, max_size=6),
)
def test_words_with_numbers_and_signs_between_them_are_not(words: list[str], between: list[str]) -> None:
    value = "".join(word + sign for word, sign in zip(words, between, strict=False))
    assert not is_unguessable(value.encode())


@given(st.binary(max_size=600))
def test_any_bytes_have_a_number_of_bits_that_no_alphabet_exceeds(value: bytes) -> None:
    assert 0 <= guessing_bits(value) <= 8 * len(value)


@given(st.text(BASE62, max_size=15))
def test_short_values_are_not(value: str) -> None:
    assert guessing_bits(value.encode()) == 0
