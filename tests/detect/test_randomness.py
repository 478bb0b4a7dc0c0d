"""Random values in every alphabet are generated, and nothing that people and programs write is."""

from __future__ import annotations

import base64
import random
import string
import time
import uuid
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cavra_boundary.detect.randomness import (
    LOOKED_AT,
    MODEL,
    STRONG_NAME,
    WEAK_NAME,
    is_generated,
    randomness,
    regularity,
    uuid_kind,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HEX, LOWER, UPPER = string.digits + "abcdef", string.ascii_lowercase, string.ascii_uppercase
BASE62 = string.ascii_letters + string.digits
SHORT = {
    "hex": (32, HEX),
    "upper-case hex": (32, HEX.upper()),
    "lower case": (18, LOWER),
    "lower case and digits": (20, LOWER + string.digits),
    "upper case and digits": (20, UPPER + string.digits),
    "base32": (16, UPPER + "234567"),
    "letters": (16, string.ascii_letters),
    "base62": (16, BASE62),
    "base64": (24, BASE62 + "+/"),
    "URL-safe base64": (22, BASE62 + "-_"),
    "with marks": (16, BASE62 + "!#$%&*+-=?@^_~"),
}
"""The alphabets, and the length from which nearly all values in them must be generated."""


def drawn(alphabet: str, length: int, seed: object, count: int = 400) -> Iterator[bytes]:
    dice = random.Random(f"{alphabet} {length} {seed}")
    for _ in range(count):
        yield "".join(dice.choices(alphabet, k=length)).encode()


@pytest.mark.parametrize("more", [0, 1, 4, 16, 40])
@pytest.mark.parametrize("alphabet", SHORT)
def test_random_values_are_generated(alphabet: str, more: int) -> None:
    length, characters = SHORT[alphabet]
    assert sum(map(is_generated, drawn(characters, length + more, ""))) >= 0.98 * 400


@pytest.mark.parametrize(
    ("alphabet", "length", "least"), [(BASE62, 10, 0.98), (LOWER + string.digits, 12, 0.97), (HEX, 16, 0.97)]
)
def test_short_ones_beside_a_strong_name_are_too(alphabet: str, length: int, least: float) -> None:
    found = [is_generated(value, STRONG_NAME) for value in drawn(alphabet, length, "")]
    assert sum(found) >= least * len(found)


@given(st.sampled_from(sorted(SHORT)), st.integers(0, 1 << 32), st.integers(0, 200))
def test_a_longer_value_is_no_less_random(alphabet: str, seed: int, more: int) -> None:
    length, characters = SHORT[alphabet]
    (value,) = drawn(characters, 2 * length + more, seed, 1)
    assert randomness(value) > WEAK_NAME


def test_prefixes_and_separators_do_not_hide_it() -> None:
    for value in drawn(BASE62, 24, "parts", 100):
        parts = (value[:8], value[8:16], value[16:])
        for written in (b"acme_live_" + value, b"-".join(parts), b".".join(parts), b"Bearer " + value):
            assert is_generated(written)


@pytest.mark.parametrize("prefix", ["key-", "EXO", "acme_v1_"])
@pytest.mark.parametrize("alphabet", [HEX, HEX.upper()])
def test_a_prefix_does_not_make_hex_digits_letters(prefix: str, alphabet: str) -> None:
    assert sum(is_generated(prefix.encode() + value) for value in drawn(alphabet, 24, prefix)) >= 0.95 * 400


# --- what is written

_WORDS = """
    account archive balance border camera certificate controller customer dashboard delivery device directory element
    frequency gallery handler invoice journey kernel language manager network observer packet quality registry schema
    template upgrade validator window zebra Rechnung Kundennummer Zwischenablage Schlüssel Straßenbahn uebersicht
    facture utilisateur écran téléchargement fiche chercher contraseña usuario ayuntamiento lavoro impiegato giornata
    hoeveelheid gebruiker skrivebord användare kullanıcı şifre użytkownik hasło wiadomość źródło jelszó felhasználó
    heslo uživatel parola utilizator lozinka slaptažodis parole lietotājs salasana mật_khẩu senha configuração
"""
WORDS = _WORDS.split()
_SHORT_WORDS = """
    api http xml json sql tcp db cfg mgr src dst tmp ctx req resp utf8 sha256 oauth2 jwt k8s i18n v2 x64
"""
ABBREVIATIONS = _SHORT_WORDS.split()


def camel(words: list[str]) -> str:
    return words[0].lower() + "".join(word.capitalize() for word in words[1:])


JOINED: dict[str, Callable[[list[str]], str]] = {
    "camel case": camel,
    "snake case": "_".join,
    "upper case": lambda words: "_".join(words).upper(),
    "kebab case": "-".join,
    "a path": lambda words: "/" + "/".join(words) + ".py",
    "a name with dots": ".".join,
    "prose": " ".join,
    "one word": lambda words: "".join(words).lower(),
    "with a number": lambda words: camel(words) + "2024",
    "with a version": lambda words: "-".join(words) + "@1.12.3-rc.1",
    "an address": lambda words: "https://www." + "-".join(words[:2]) + ".example/" + "/".join(words[2:]) + "?page=2",
}


@pytest.mark.parametrize("style", JOINED)
def test_identifiers_paths_and_words_are_not_generated(style: str) -> None:
    dice = random.Random(style)
    values = []
    for _ in range(2_000):
        words = dice.choices(WORDS, k=dice.randint(2, 5)) + dice.choices(ABBREVIATIONS, k=dice.randint(0, 2))
        dice.shuffle(words)
        values.append(JOINED[style](words).encode())
    # Rarer than in the measured code: nobody mixes ten languages and abbreviations in one path.
    assert sum(map(is_generated, values)) <= 0.005 * len(values)


@given(st.lists(st.sampled_from(WORDS), min_size=4, max_size=60), st.sampled_from([" ", "-", "", "."]))
def test_passphrases_of_any_length_are_not(words: list[str], between: str) -> None:
    assert not is_generated(between.join(words).encode())


REGULAR = [
    "abcdefghijklmnop1234",
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
    "0123456789abcdef" * 4,
    "fedcba9876543210fedcba9876543210",
    "a1b2c3d4e5f6g7h8i9j0",
    "ab12cd34ef56gh78ij90",
    "qwertyuiopasdfghjklzxcvbnm",
    "1qaz2wsx3edc4rfv5tgb",
    "1q2w3e4r5t6y7u8i9o0p",
    "zaq12wsxcde34rfv",
    "deadbeefcafebabefeedface",
    "DEADBEEF" * 4,
    "xK9fxK9fxK9fxK9fxK9fxK9f",
    "z" * 40,
    "00000000000000000000000000000001",
    "1234567890" * 3,
    "9876543210.123456",
    "+49 170 1234567890",
    "2024-01-02T03:04:05.123456Z",
    "20240102030405",
    "v1.2.3-rc.1+build.456",
    "1.0.0-beta.11",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "Adm1n1str4t0rP4ssw0rd",
    "MyS3cr3tP4ssw0rd4Pr0duct10n",
    "2001:db8:85a3::8a2e:370:7334",
    "01:23:45:ab:cd:ef",
    "%79%6f%75%72%2d%61%70%69%2d%6b%65%79",
    r"\u0079\u006f\u0075\u0072\u002d\u006b\u0065\u0079",
    "&#x79;&#x6f;&#x75;&#x72;&#45;&#107;&#101;&#121;",
]


@pytest.mark.parametrize("value", REGULAR)
def test_regular_values_are_not(value: str) -> None:
    assert not is_generated(value.encode(), STRONG_NAME)


def test_digests_that_say_so_are_not() -> None:
    for function, length in (("sha256:", 64), ("sha1=", 40), ("md5:", 32), ("SHA512:", 128), ("blake2b-", 64)):
        for digest in drawn(HEX, length, function, 20):
            assert is_generated(digest)
            assert regularity(function.encode() + digest) == "digest"
    for digest in drawn(BASE62, 43, "integrity", 20):
        assert not is_generated(b"sha256-" + digest + b"=")
        assert not is_generated(b"h1:" + digest + b"=")


ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "base64": base64.b64encode,
    "URL-safe base64": lambda text: base64.urlsafe_b64encode(text).rstrip(b"="),
    "base64 twice": lambda text: base64.b64encode(base64.b64encode(text)),
    "base64 of UTF-16": lambda text: base64.b64encode(text.decode().encode("utf-16le")),
    "base32": base64.b32encode,
    "hex": lambda text: text.hex().encode(),
    "percent": lambda text: "".join(f"%{byte:02X}" for byte in text).encode(),
}
TEXTS = [
    "your-api-key-goes-here",
    "https://example.com/path/to/page",
    '{"alg":"none","typ":"JWT"}',
    "hello world, hello",
]


@pytest.mark.parametrize("encoder", ENCODERS)
@pytest.mark.parametrize("text", TEXTS)
def test_encoded_text_is_as_generated_as_what_it_encodes(text: str, encoder: str) -> None:
    assert not is_generated(ENCODERS[encoder](text.encode()))


@pytest.mark.parametrize("encoder", ENCODERS)
def test_encoded_tokens_are_generated(encoder: str) -> None:
    values = [ENCODERS[encoder](b"admin:" + token) for token in drawn(BASE62, 32, encoder, 100)]
    assert sum(map(is_generated, values)) >= 98


def test_a_signed_token_is_generated_for_its_signature() -> None:
    head = base64.urlsafe_b64encode(b'{"alg":"HS256","typ":"JWT"}').rstrip(b"=")
    body = base64.urlsafe_b64encode(b'{"sub":"customer","admin":true}').rstrip(b"=")
    (signature,) = drawn(BASE62, 43, "signature", 1)
    assert is_generated(head + b"." + body + b"." + signature)
    assert not is_generated(head + b"." + body + b".")


# --- UUIDs


def test_uuids_by_kind() -> None:
    dice = random.Random(7)
    for _ in range(50):
        made = str(uuid.UUID(int=dice.getrandbits(128), version=4)).encode()
        for written in (made, made.upper(), b"{" + made + b"}", b"urn:uuid:" + made):
            assert uuid_kind(written) == "random"
            assert is_generated(written)
    timed, named = str(uuid.uuid1()).encode(), str(uuid.uuid5(uuid.NAMESPACE_DNS, "acme.example")).encode()
    assert (uuid_kind(timed), uuid_kind(named)) == ("time", "name")
    assert not is_generated(timed)
    assert not is_generated(named)


@pytest.mark.parametrize(
    "value",
    [
        "00000000-0000-0000-0000-000000000000",
        "ffffffff-ffff-ffff-ffff-ffffffffffff",
        "12345678-1234-1234-1234-123456789012",
        "11111111-2222-4333-8444-555555555555",
        "deadbeef-dead-beef-dead-beefdeadbeef",
    ],
)
def test_patterned_uuids(value: str) -> None:
    assert uuid_kind(value.encode()) == "patterned"
    assert not is_generated(value.encode())


@given(st.text(string.hexdigits + "-{}", max_size=50))
def test_nothing_else_is_a_uuid(value: str) -> None:
    try:
        uuid.UUID(value.strip("{}"))
    except ValueError:
        assert uuid_kind(value.encode()) == ""


# --- promises


@given(st.binary(max_size=700))
def test_any_bytes_are_judged(value: bytes) -> None:
    assert abs(randomness(value)) <= 10 * LOOKED_AT
    assert isinstance(regularity(value), str)
    if is_generated(value):
        assert is_generated(value, STRONG_NAME)


@pytest.mark.parametrize("value", [b"a" * 10**6, b"A7" * 10**6, b"%41" * 10**6, b"\xff" * 10**6, b"eyJh" * 10**6])
def test_hostile_values_cost_what_their_beginning_costs(value: bytes) -> None:
    start = time.process_time()
    is_generated(value)
    assert time.process_time() - start < 0.5


def test_the_model_is_small_and_says_what_it_was_trained_on() -> None:
    import json

    head, _, table = MODEL.read_bytes().partition(b"\n")
    assert len(head) + len(table) <= 150_000
    packages = json.loads(head)["packages"]
    assert len(packages) >= 30
    assert all(len(digest) == 64 for digest in packages.values())
