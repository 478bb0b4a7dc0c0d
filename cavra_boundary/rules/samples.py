"""Made-up values for the examples in packs: `«hex:40»`, `«github-token:ghp»`, `«pem:RSA PRIVATE KEY»`.

Examples must look like secrets to the rules and like nothing to other people's scanners, so a pack contains marks, and
the values are made when the pack is checked. A mark is `«name»` or `«name:argument»`; marks may be nested, and
the inner one is expanded first (`«base64-of:user:«base62:24»»`). A bare `«»` disappears. The same template and
seed give the same text on every machine.
"""

from __future__ import annotations

import re
from binascii import b2a_base64
from dataclasses import dataclass
from hashlib import shake_256
from typing import TYPE_CHECKING

from cavra_boundary.errors import PackError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_MARK = r"«(?:([a-zA-Z][a-zA-Z0-9-]*)(?::([^«»]*))?)?»"
_LONGEST = 100_000
_MOST_TRIES = 200

_DIGITS = "0123456789"
_LOWER = "abcdefghijklmnopqrstuvwxyz"
_UPPER = _LOWER.upper()
_ALPHABETS = {
    "digits": _DIGITS,
    "hex": _DIGITS + "abcdef",
    "HEX": _DIGITS + "ABCDEF",
    "lower": _LOWER,
    "upper": _UPPER,
    "base32": _UPPER + "234567",
    "base36": _DIGITS + _LOWER,
    "base62": _DIGITS + _UPPER + _LOWER,
    "base64": _UPPER + _LOWER + _DIGITS + "+/",
    "base64url": _UPPER + _LOWER + _DIGITS + "-_",
}


class Dice:
    """A reproducible source of randomness: SHAKE-256 over the seed, which no library update can change."""

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._block = 0
        self._left = b""

    def octets(self, count: int) -> bytes:
        while len(self._left) < count:
            self._left += shake_256(f"{self._seed}\0{self._block}".encode("utf-8", "surrogatepass")).digest(1024)
            self._block += 1
        taken, self._left = self._left[:count], self._left[count:]
        return taken

    def below(self, limit: int) -> int:
        """A number from 0 to `limit` - 1, for limits far below 2**64 (the bias is smaller than limit / 2**64)."""
        return int.from_bytes(self.octets(8)) % limit

    def text(self, alphabet: str, count: int) -> str:
        return "".join(alphabet[self.below(len(alphabet))] for _ in range(count))

    def one_of(self, choices: tuple[str, ...]) -> str:
        return choices[self.below(len(choices))]


@dataclass(frozen=True, slots=True)
class Sample:
    """A kind of made-up value. `make` takes the dice and the argument ("" when there is none)."""

    about: str
    make: Callable[[Dice, str], str]


def expand(template: str, seed: str) -> str:
    """The template with every mark replaced; PackError for a mark that is unknown or has a wrong argument."""
    made = 0

    def replace(match: re.Match[str]) -> str:
        nonlocal made
        made += 1
        return _make(match, f"{seed}\0{made}")

    while True:
        expanded = re.sub(_MARK, replace, template)
        if expanded == template:
            break
        template = expanded
    broken = re.search(r"«[^«»]{0,40}»?", template)
    if broken:
        raise PackError(
            f"no such sample: {broken[0]}", hint="the samples are listed in cavra_boundary/rules/samples.py"
        )
    return template


def _make(match: re.Match[str], seed: str) -> str:
    name, argument = match[1], match[2] or ""
    if name is None:
        return ""
    sample = SAMPLES.get(name)
    if sample is None:
        raise PackError(f"no such sample: {match[0]}", hint="the samples are listed in cavra_boundary/rules/samples.py")
    try:
        return sample.make(Dice(seed), argument)
    except (ValueError, KeyError) as error:
        raise PackError(f"wrong argument in {match[0]}", hint=f"{name}: {sample.about}") from error


def _likely(draw: Callable[[], str]) -> str:
    """The first draw that does not look like a placeholder, or the last one if all of them do."""
    from cavra_boundary.detect.placeholders import placeholder_reason

    value = draw()
    for _ in range(_MOST_TRIES):
        if not placeholder_reason(value.encode()):
            break
        value = draw()
    return value


def _count(argument: str, default: int | None = None) -> int:
    if not argument and default is not None:
        return default
    count = int(argument)
    if not 1 <= count <= _LONGEST:
        raise ValueError(argument)
    return count


def _characters(name: str) -> Sample:
    alphabet = _ALPHABETS[name]

    def make(dice: Dice, argument: str) -> str:
        count = _count(argument)
        return _likely(lambda: dice.text(alphabet, count))

    return Sample(f"random characters of {alphabet}; argument: how many", make)


def _base64(data: bytes) -> str:
    return b2a_base64(data, newline=False).decode()


def _base64url(data: bytes) -> str:
    return _base64(data).rstrip("=").replace("+", "-").replace("/", "_")


def _lines(text: str, width: int) -> str:
    return "\n".join(text[at : at + width] for at in range(0, len(text), width))


def _armor(label: str, body: str) -> str:
    dashes = "-" * 5
    return f"{dashes}BEGIN {label}{dashes}\n{body}\n{dashes}END {label}{dashes}"


# --- words, people, places


def _word(dice: Dice, argument: str) -> str:
    """Syllables: pronounceable, but not a word and nobody's domain."""
    syllables = (dice.text("bdfgklmnprstvz", 1) + dice.text("aeiou", 1) + dice.text("lmnrst", 1) for _ in range(3))
    return "".join(syllables)


_FIRST_NAMES = (
    "Marta",
    "Jonas",
    "Ingrid",
    "Pavel",
    "Chiara",
    "Tomasz",
    "Noor",
    "Henrik",
    "Salma",
    "Dmitri",
    "Aiko",
    "Luís",
)
_LAST_NAMES = (
    "Lindqvist",
    "Okonjo",
    "Vasquez",
    "Brandt",
    "Kowalczyk",
    "Moreau",
    "Tanaka",
    "Haugen",
    "Petrov",
    "Castellano",
)
_LEGAL_FORMS = ("GmbH", "Ltd", "Inc.", "AG", "B.V.", "S.A.")


def _name(dice: Dice, argument: str) -> str:
    return f"{dice.one_of(_FIRST_NAMES)} {dice.one_of(_LAST_NAMES)}"


def _company(dice: Dice, argument: str) -> str:
    return f"{_word(dice, '').capitalize()} {dice.one_of(_LEGAL_FORMS)}"


def _host(dice: Dice, argument: str) -> str:
    return f"{_word(dice, '')}{dice.text(_DIGITS, 3)}.com"


def _email(dice: Dice, argument: str) -> str:
    return f"{_word(dice, '')}.{_word(dice, '')}@{_host(dice, '')}"


def _phone(dice: Dice, argument: str) -> str:
    """In an area code of the form N9X, which NANPA keeps for a future expansion, so it reaches nobody."""
    return f"+1 (29{dice.text('1234', 1)}) {dice.text('34678', 1)}{dice.text('2468', 2)}-{dice.text('13579', 4)}"


def _uuid(dice: Dice, argument: str) -> str:
    def draw() -> str:
        digits = list(dice.text(_ALPHABETS["hex"], 32))
        digits[12], digits[16] = "4", "89ab"[dice.below(4)]
        text = "".join(digits)
        return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))

    return _likely(draw)


# --- payments

_CARD_PREFIXES = {"": "4539", "visa": "4539", "mastercard": "5312", "amex": "3787", "discover": "6011"}


def _card(dice: Dice, argument: str) -> str:
    from cavra_boundary.detect.payments import card, luhn_digit

    prefix = _CARD_PREFIXES[argument]
    length = 15 if argument == "amex" else 16
    while True:
        digits = prefix + dice.text(_DIGITS, length - 1 - len(prefix))
        number = digits + str(luhn_digit(digits))
        if not card(number).lowered:
            return number


def _iban(dice: Dice, argument: str) -> str:
    from cavra_boundary.detect.payments import iban, iban_check_digits
    from cavra_boundary.detect.reserved import IBAN_EXAMPLES

    country = argument or "DE"
    shape = IBAN_EXAMPLES[country][2:]
    while True:
        account = "".join(dice.text(_DIGITS if char.isdigit() else _UPPER, 1) for char in shape)
        number = country + iban_check_digits(country, account) + account
        if not iban(number).lowered:
            return number


def _aba(dice: Dice, argument: str) -> str:
    from cavra_boundary.detect.payments import aba, aba_checksum

    while True:
        digits = f"{1 + dice.below(12):02}{dice.text(_DIGITS, 6)}"
        number = digits + str(-aba_checksum(digits + "0") % 10)  # the last digit has weight 1
        if not aba(number).lowered:
            return number


# --- tokens


def _checksummed(dice: Dice, prefix: str) -> str:
    from cavra_boundary.detect.validators import base62_crc32

    entropy = _likely(lambda: dice.text(_ALPHABETS["base62"], 30))
    return f"{prefix}_{entropy}{base62_crc32(entropy.encode()).decode()}"


def _github_token(dice: Dice, argument: str) -> str:
    prefix = argument or "ghp"
    if prefix == "github_pat":
        return "_".join((prefix, dice.text(_ALPHABETS["base62"], 22), dice.text(_ALPHABETS["base62"], 59)))
    if prefix not in ("ghp", "gho", "ghu", "ghs", "ghr"):
        raise ValueError(prefix)
    return _checksummed(dice, prefix)


def _jwt(dice: Dice, argument: str) -> str:
    import json

    claims = (
        json.loads(argument) if argument else {"iss": _host(dice, ""), "sub": _uuid(dice, ""), "exp": 1_735_689_600}
    )
    if not isinstance(claims, dict):
        raise ValueError(argument)
    parts = [
        _base64url(json.dumps(part, separators=(",", ":")).encode())
        for part in ({"alg": "HS256", "typ": "JWT"}, claims)
    ]
    return ".".join((*parts, _base64url(dice.octets(32))))


def _pypi_token(dice: Dice, argument: str) -> str:
    """A macaroon's version, location and identifier, then random bytes for its caveats and signature."""
    location, identifier = b"pypi.org", _uuid(dice, "").encode()
    fields = b"".join(
        (b"\x02", b"\x01", bytes([len(location)]), location, b"\x02", bytes([len(identifier)]), identifier)
    )
    return "pypi-" + _base64url(fields + b"\x00\x02" + dice.octets(80))


def _aws_key_id(dice: Dice, argument: str) -> str:
    prefix = argument or "AKIA"
    return prefix + _likely(lambda: dice.text(_ALPHABETS["base32"], 16))


def _docker_auth(dice: Dice, argument: str) -> str:
    password = _likely(lambda: dice.text(_ALPHABETS["base62"], 24))
    return _base64(f"{_word(dice, '')}:{password}".encode())


# --- private keys


def _der(tag: int, *content: bytes) -> bytes:
    """One DER value (X.690 section 8.1)."""
    body = b"".join(content)
    if len(body) < 0x80:
        return bytes([tag, len(body)]) + body
    size = (len(body).bit_length() + 7) // 8
    return bytes([tag, 0x80 | size]) + len(body).to_bytes(size) + body


def _der_integer(dice: Dice, size: int) -> bytes:
    return _der(0x02, b"\x7f", dice.octets(size - 1))


def _rsa_body(dice: Dice) -> bytes:
    """RFC 8017 appendix A.1.2 with random numbers of the sizes of a 1024-bit key."""
    numbers = (_der_integer(dice, size) for size in (128, 128, 64, 64, 64, 64, 64))
    modulus, private, *rest = numbers
    return _der(0x30, b"\x02\x01\x00", modulus, b"\x02\x03\x01\x00\x01", private, *rest)


def _pkcs8_body(dice: Dice) -> bytes:
    """RFC 8410 section 7: an Ed25519 key."""
    return _der(0x30, b"\x02\x01\x00", _der(0x30, b"\x06\x03\x2b\x65\x70"), _der(0x04, _der(0x04, dice.octets(32))))


def _ec_body(dice: Dice) -> bytes:
    """RFC 5915 section 3 on the curve P-256."""
    curve = _der(0xA0, b"\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07")
    return _der(0x30, b"\x02\x01\x01", _der(0x04, dice.octets(32)), curve)


def _encrypted_body(dice: Dice) -> bytes:
    """RFC 5958 section 3 with the algorithm PBES2 (RFC 8018 appendix A.4)."""
    algorithm = _der(0x30, b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0d", _der(0x30, _der(0x04, dice.octets(16))))
    return _der(0x30, algorithm, _der(0x04, dice.octets(144)))


_PEM_BODIES = {
    "RSA PRIVATE KEY": _rsa_body,
    "DSA PRIVATE KEY": _rsa_body,
    "EC PRIVATE KEY": _ec_body,
    "PRIVATE KEY": _pkcs8_body,
    "ENCRYPTED PRIVATE KEY": _encrypted_body,
}


def _pem(dice: Dice, argument: str) -> str:
    label = argument or "PRIVATE KEY"
    return _armor(label, _lines(_base64(_PEM_BODIES[label](dice)), 64))


def _openssh_key(dice: Dice, argument: str) -> str:
    """openssh-portable, PROTOCOL.key: an unencrypted Ed25519 key."""

    def field(data: bytes) -> bytes:
        return len(data).to_bytes(4) + data

    public = field(b"ssh-ed25519") + field(dice.octets(32))
    private = dice.octets(4) * 2 + public + field(dice.octets(64)) + field(b"") + b"\x01\x02\x03"
    body = b"openssh-key-v1\0" + field(b"none") * 2 + field(b"") + (1).to_bytes(4) + field(public) + field(private)
    return _armor("OPENSSH PRIVATE KEY", _lines(_base64(body), 70))


def _pgp_packet(dice: Dice) -> bytes:
    """RFC 9580 section 5.5.3: a version 4 Ed25519 (EdDSALegacy) secret-key packet."""
    content = b"\x04" + dice.octets(4) + b"\x16" + dice.octets(60)
    return b"\x95" + len(content).to_bytes(2) + content


def _pgp_key(dice: Dice, argument: str) -> str:
    return _armor("PGP PRIVATE KEY BLOCK", "\n" + _lines(_base64(_pgp_packet(dice)), 64))


def _putty_key(dice: Dice, argument: str) -> str:
    """PuTTY manual, appendix C: version 3, not encrypted."""
    public, private = _lines(_base64(dice.octets(51)), 64), _lines(_base64(dice.octets(72)), 64)
    head = ("PuTTY-User-Key-" + "File-3: ssh-ed25519", "Encryption: none", f"Comment: {_word(dice, '')}")
    count = 1 + private.count("\n")
    tail = (f"Public-Lines: {1 + public.count(chr(10))}", public, f"Private-Lines: {count}", private)
    return "\n".join((*head, *tail, f"Private-MAC: {dice.text(_ALPHABETS['hex'], 64)}"))


def _age_key(dice: Dice, argument: str) -> str:
    from cavra_boundary.detect.keyformats import bech32_encode

    return bech32_encode(b"age-secret-key-", dice.octets(32)).decode().upper()


def _minisign_key(dice: Dice, argument: str) -> str:
    body = b"EdScB2" + dice.octets(152)
    return f"untrusted comment: minisign encrypted {'secret'} key\n{_base64(body)}"


def _service_account(dice: Dice, argument: str) -> str:
    import json

    project = f"{_word(dice, '')}-{dice.text(_DIGITS, 6)}"
    account = {
        "type": "service_account",
        "project_id": project,
        "private_key_id": dice.text(_ALPHABETS["hex"], 40),
        "private_key": _pem(dice, "PRIVATE KEY") + "\n",
        "client_email": f"{_word(dice, '')}@{project}.iam.gserviceaccount.com",
        "client_id": dice.text(_DIGITS, 21),
    }
    return json.dumps(account, indent=2)


def _jwk(dice: Dice, argument: str) -> str:
    import json

    point = {member: _base64url(dice.octets(32)) for member in ("x", "y", "d")}
    return json.dumps({"kty": "EC", "crv": "P-256", **point})


# --- regular expressions


def random_match(pattern: str, dice: Dice) -> str:
    """A string that a pattern over bytes matches: literals, classes, groups, alternatives and bounded repeats."""
    from importlib import import_module
    from typing import Any

    parser: Any = import_module("re._parser")  # what `re` itself parses patterns with

    def of(sequence: Any) -> str:
        return "".join(node(str(code), argument) for code, argument in sequence)

    def node(name: str, argument: Any) -> str:
        match name:
            case "LITERAL":
                return chr(argument)
            case "IN":
                return one_of(argument)
            case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
                least, most, part = argument
                count = least + dice.below(min(int(most), least + 8) - least + 1)
                return "".join(of(part) for _ in range(count))
            case "BRANCH":
                return of(argument[1][dice.below(len(argument[1]))])
            case "SUBPATTERN":
                return of(argument[3])
            case "ASSERT" | "ASSERT_NOT" | "AT":
                return ""
        raise ValueError(pattern)

    def one_of(members: Any) -> str:
        choices = [
            chr(char)
            for code, argument in members
            for char in ([argument] if str(code) == "LITERAL" else range(argument[0], argument[1] + 1))
        ]
        return choices[dice.below(len(choices))]

    return of(parser.parse(pattern))


# --- wrapping what another sample made


def _json_text(dice: Dice, argument: str) -> str:
    import json

    return json.dumps(argument)[1:-1]


def _shape(dice: Dice, argument: str) -> str:
    """A value of a rule's shape (detect/shapes.py)."""
    from cavra_boundary.detect.shapes import shape_pattern

    if argument == "uuid":
        return _uuid(dice, "")
    if argument == "jwt":
        return _jwt(dice, "")
    alphabet, _, count = argument.partition(":")
    if alphabet == "base64" and count.partition("-")[0].isdecimal():
        length = int(count.partition("-")[0])
        return _likely(lambda: _base64(dice.octets(length * 3 // 4))[:length])
    return _likely(lambda: random_match(shape_pattern(argument), dice))


SAMPLES: Mapping[str, Sample] = {
    **{name: _characters(name) for name in _ALPHABETS},
    "aba": Sample("a US bank routing number", _aba),
    "age-key": Sample("an age identity", _age_key),
    "aws-key-id": Sample("an AWS access key id; argument: its prefix, AKIA by default", _aws_key_id),
    "base64-bytes": Sample(
        "base64 of random bytes; argument: how many", lambda dice, size: _base64(dice.octets(_count(size)))
    ),
    "base64-of": Sample("base64 of the argument", lambda _, text: _base64(text.encode())),
    "base64url-of": Sample("URL-safe base64 of the argument", lambda _, text: _base64url(text.encode())),
    "card": Sample("a payment card number; argument: visa, mastercard, amex, discover", _card),
    "company": Sample("a company's name", _company),
    "docker-auth": Sample("base64 of a user and password", _docker_auth),
    "email": Sample("an email address", _email),
    "github-token": Sample("a GitHub token; argument: ghp (default), gho, ghu, ghs, ghr, github_pat", _github_token),
    "hex-of": Sample("the argument's UTF-8 bytes in hex", lambda _, text: text.encode().hex()),
    "host": Sample("a host name", _host),
    "iban": Sample("an IBAN; argument: its country, DE by default", _iban),
    "json-text": Sample("the argument escaped for a JSON string", _json_text),
    "jwk": Sample("a private JSON Web Key", _jwk),
    "jwt": Sample("a signed JSON Web Token; argument: its claims in JSON", _jwt),
    "minisign-key": Sample("a minisign secret key file", _minisign_key),
    "name": Sample("a person's name", _name),
    "npm-token": Sample("an npm access token", lambda dice, _: _checksummed(dice, "npm")),
    "openssh-key": Sample("an OpenSSH private key", _openssh_key),
    "pem": Sample("a PEM private key; argument: its label, PRIVATE KEY by default", _pem),
    "pgp-key": Sample("an armored OpenPGP secret key", _pgp_key),
    "phone": Sample("a telephone number", _phone),
    "putty-key": Sample("a PuTTY key file", _putty_key),
    "pypi-token": Sample("a PyPI API token", _pypi_token),
    "service-account": Sample("a Google Cloud service account key file", _service_account),
    "shape": Sample("a value of a credential rule's shape; argument: the shape", _shape),
    "uuid": Sample("a random UUID", _uuid),
    "word": Sample("a made-up word", _word),
}
