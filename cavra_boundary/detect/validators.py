"""Named checks that confirm a match: checksums, structures, and values known not to be secrets.

Each takes the bytes of the `secret` group and returns a `Verdict`. A rule names them in its `validators`; all of them
must confirm. `rules show` prints the first line of a validator's docstring; the rest gives the source of the fact.

Modules that cost start-up time (json, urllib) are imported where they are needed.
"""

from __future__ import annotations

import re
from binascii import Error as Base64Error
from binascii import a2b_base64
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING
from zlib import crc32

from cavra_boundary.detect import keyformats, payments
from cavra_boundary.detect.context import IN_CONTEXT
from cavra_boundary.detect.placeholders import is_template, placeholder_reason
from cavra_boundary.detect.randomness import STRONG_NAME, is_generated
from cavra_boundary.detect.reserved import host_reason
from cavra_boundary.detect.verdict import CONFIRMED, REFUTED, Verdict, synthetic

if TYPE_CHECKING:
    from typing import Any

Validator = Callable[[bytes], Verdict]

BASE62 = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

# No base64 or JSON has to be longer than this to be recognized.
_LONGEST_PARSED = 1 << 18


# --- what it takes to be a secret at all


def not_placeholder(value: bytes) -> Verdict:
    """Looks real: no placeholder word, template, filler, identifier, path or plain URL."""
    return REFUTED if placeholder_reason(value) else CONFIRMED


def generated(value: bytes) -> Verdict:
    """Was generated: far likelier drawn from its alphabet than written by a person or program (docs/value-model.md).

    For a value whose own form or name speaks for it, so from `randomness.STRONG_NAME` on.
    """
    return _verdict(is_generated(value, STRONG_NAME))


def not_dummy(value: bytes) -> Verdict:
    """May be a person's password: as not-placeholder, but words that mean no secret and no test do not count."""
    return REFUTED if placeholder_reason(value, password=True) else CONFIRMED


def live_mode(value: bytes) -> Verdict:
    """Is for a live account: a key that begins with the name of a test or sandbox mode is only a note."""
    of_test = re.search(rb"(?:^|[_-])(?:test|sandbox|sdbx|sbox)[_-]", value[:_LONGEST_PREFIX].lower())
    return synthetic("test mode key") if of_test else CONFIRMED


_LONGEST_PREFIX = 24


# --- encodings


def base64_text(value: bytes) -> Verdict:
    """Base64 (plain or URL-safe) of printable UTF-8 text."""
    data = _decode_base64(value)
    return _verdict(bool(data) and _is_printable(data))


def base64_json(value: bytes) -> Verdict:
    """Base64 (plain or URL-safe) of a JSON object."""
    return _verdict(_json_object(_decode_base64(value)) is not None)


def signed_json(value: bytes) -> Verdict:
    """A signed document: base64 of a JSON object, a dot, and base64 of a signature of 32 bytes or more.

    The form of offline license keys (keygen.sh/docs/api/cryptography, "Cryptographic keys": `key/DATA.SIGNATURE`) and
    of signed cookies; an optional `key/` or `license/` comes before it.
    """
    payload, _, signature = value.rpartition(b"/")[2].rpartition(b".")
    return _verdict(_json_object(_decode_base64(payload)) is not None and len(_decode_base64(signature)) >= 32)


def uuid(value: bytes) -> Verdict:
    """A UUID that is neither nil, max, patterned nor a documented example (RFC 9562)."""
    text = value.strip(b"{}").lower()
    if not _is(rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", text):
        return REFUTED
    if text in _UUID_EXAMPLES:
        return synthetic("documented example UUID")
    return REFUTED if placeholder_reason(text) else CONFIRMED


_UUID_EXAMPLES = frozenset(
    {
        b"123e4567-e89b-12d3-a456-426614174000",  # Wikipedia
        b"550e8400-e29b-41d4-a716-446655440000",
        b"f81d4fae-7dec-11d0-a765-00a0c91e6bf6",  # RFC 4122 section 3, RFC 9562 section 4
        b"f47ac10b-58cc-4372-a567-0e02b2c3d479",  # RFC 9562 appendix A.3
        b"3fa85f64-5717-4562-b3fc-2c963f66afa6",  # Swagger UI's default
        b"6ba7b810-9dad-11d1-80b4-00c04fd430c8",  # name spaces, RFC 9562 section 6.6
        b"6ba7b811-9dad-11d1-80b4-00c04fd430c8",
        b"6ba7b812-9dad-11d1-80b4-00c04fd430c8",
        b"6ba7b814-9dad-11d1-80b4-00c04fd430c8",
    }
)


def email(value: bytes) -> Verdict:
    """An email address; one at a reserved domain, or of a role or placeholder, is only a note (RFC 5321, RFC 2606)."""
    from cavra_boundary.detect import values  # the kinds of fact are needed by few rules for text

    return values.email(value.decode("latin-1"))


# --- payments


def luhn(value: bytes) -> Verdict:
    """A payment card number: issuing range, length, grouping and Luhn digit (ISO/IEC 7812-1)."""
    return payments.card(value.decode("latin-1"))


def iban(value: bytes) -> Verdict:
    """An IBAN: the country's length and MOD 97-10 check digits (ISO 13616-1)."""
    return payments.iban(value.decode("latin-1"))


def aba(value: bytes) -> Verdict:
    """A US bank routing number: Federal Reserve district and checksum (ANSI X9.100-160)."""
    return payments.aba(value.decode("latin-1"))


# --- tokens with a checksum or structure of their own


def base62_crc32(entropy: bytes) -> bytes:
    """The six characters that GitHub and npm append to a token's random part: its CRC-32 in base62, zero-padded."""
    check = crc32(entropy)
    digits = bytearray()
    for _ in range(6):
        check, digit = divmod(check, 62)
        digits.append(BASE62[digit])
    return bytes(reversed(digits))


def github_checksum(value: bytes) -> Verdict:
    """A GitHub token (ghp_, gho_, ghu_, ghs_, ghr_) ending in the CRC-32 of the rest, in six characters.

    GitHub engineering blog, "Behind GitHub's new authentication token formats" (2021). The fine-grained `github_pat_`
    form has no documented checksum; its grammar and variety are checked instead.
    """
    if value.startswith(b"github_pat_"):
        return _token(rb"github_pat_([0-9A-Za-z]{22}_[0-9A-Za-z]{59})", value)
    return _checksummed(rb"gh[opsur]_([0-9A-Za-z]{30})([0-9A-Za-z]{6})", value)


def npm_checksum(value: bytes) -> Verdict:
    """An npm token ending in the CRC-32 of the rest, in six characters.

    GitHub changelog, "npm has a new access token format" (2021-09-23): the scheme of GitHub's own tokens.
    """
    return _checksummed(rb"npm_([0-9A-Za-z]{30})([0-9A-Za-z]{6})", value)


def pypi_token(value: bytes) -> Verdict:
    """A PyPI or TestPyPI API token: `pypi-` and a macaroon with the index as its location.

    warehouse, `macaroons/services.py`: version 2 of libmacaroons' binary format, which begins with byte 2, then the
    location as field type 1, a length, and the text.
    """
    data = _decode_base64(value.removeprefix(b"pypi-")) if value.startswith(b"pypi-") else b""
    located = _is(rb"\x02\x01.(?:test\.)?pypi\.org\x02.*", data)
    return _verdict(located and len(data) >= 40 and len(set(data)) >= 16)


def hex_checksum(value: bytes) -> Verdict:
    """A Hex.pm API key: `hex_`, 16 bytes in hex and their CRC-32 in hex (hexpm, pull request 1536)."""
    match = re.fullmatch(rb"hex_([0-9a-f]{32})([0-9a-f]{8})", value)
    return _verdict(match is not None and b"%08x" % crc32(bytes.fromhex(match[1].decode())) == match[2])


def jwt(value: bytes) -> Verdict:
    """A signed JSON Web Token: header with `alg`, claims as a JSON object, a signature (RFC 7519, RFC 7515).

    An expired token is confirmed: it still shows whom it was for. The samples in jwt.io and RFC 7519 are only a note.
    """
    parts = value.split(b".")
    if len(parts) != 3:
        return REFUTED
    header, claims = _json_object(_decode_base64(parts[0])), _json_object(_decode_base64(parts[1]))
    if header is None or claims is None or not isinstance(header.get("alg"), str):
        return REFUTED
    if header["alg"].lower() == "none" or len(_decode_base64(parts[2])) < 16:
        return REFUTED
    if claims.get("sub") == "1234567890" or claims.get("name") in ("John Doe", "Jane Doe"):
        return synthetic("sample token from jwt.io")
    if claims.get("iss") in ("joe", "supabase-demo") or "http://example.com/is_root" in claims:
        return synthetic("documented sample token")
    return CONFIRMED


def aws_access_key_id(value: bytes) -> Verdict:
    """An AWS access key id: a four-letter prefix and 16 base32 characters, not AWS's `…EXAMPLE` ids.

    AWS IAM user guide, "IAM identifiers", unique identifiers: AKIA for long-term and ASIA for temporary keys.
    """
    return _token(rb"(?:AKIA|ASIA|ABIA|ACCA)([A-Z2-7]{16})", value)


def aws_secret_key(value: bytes) -> Verdict:
    """An AWS secret access key: 40 mixed base64 characters, not a hash or a path."""
    if not _is(rb"[A-Za-z0-9+/]{40}", value) or _is(rb"[0-9a-f]+|[0-9A-F]+", value) or placeholder_reason(value):
        return REFUTED
    mixed = all(re.search(each, value) for each in (rb"[a-z]", rb"[A-Z]", rb"[0-9]"))
    return _verdict(mixed and is_generated(value))


def azure_storage_key(value: bytes) -> Verdict:
    """An Azure storage or Cosmos DB account key: base64 of exactly 64 bytes; the emulators' fixed keys are only a note.

    learn.microsoft.com, "Manage storage account access keys" and "Use the Azurite emulator", "well-known account".
    """
    data = _decode_base64(value)
    if len(value) != 88 or len(data) != 64 or len(set(data)) < 16:
        return REFUTED
    return (
        synthetic("emulator's well-known key")
        if value.startswith((b"Eby8vdM02xNO", b"C2y6yDjf5/R+ob0N"))
        else CONFIRMED
    )


def stripe_key(value: bytes) -> Verdict:
    """A Stripe secret, restricted or webhook key of plausible length; test mode is only a note.

    docs.stripe.com/keys: `sk_` and `rk_` with `live_` or `test_`; `whsec_` signs webhooks.
    """
    verdict = _token(rb"(?:[rs]k_(?:live|test)_|whsec_)([0-9A-Za-z+/=]{16,247})", value)
    return synthetic("test mode key") if verdict.confirmed and value[2:8] == b"_test_" else verdict


def slack_token(value: bytes) -> Verdict:
    """A Slack token or webhook address with its ids and random part (docs.slack.dev/authentication/tokens)."""
    numbered = rb"xox[abeoprs](?:\.xox[bp])?-(?:\d+-){0,4}([0-9A-Za-z-]{10,250})"
    app = rb"xapp-\d-A[0-9A-Z]{6,14}-\d{8,16}-([0-9a-f]{32,80})"
    hook = rb"(?:https://)?hooks\.slack(?:-gov)?\.com/(?:services|workflows|triggers)/[0-9A-Z]{6,14}/[0-9A-Z]{6,20}/([0-9A-Za-z/]{16,60})"
    return next(filter(_confirmed, (_token(form, value) for form in (numbered, app, hook))), REFUTED)


def telegram_token(value: bytes) -> Verdict:
    """A Telegram bot token: the bot's number, a colon, 35 characters (core.telegram.org/bots/api, "Authorizing")."""
    return _token(rb"\d{8,12}:([0-9A-Za-z_-]{35})", value)


# --- credentials with a user


def docker_auth(value: bytes) -> Verdict:
    """The `auth` of a Docker config: base64 of `user:password` with a real password (Docker docs, `docker login`)."""
    user, _, password = _decode_base64(value).partition(b":")
    return _verdict(bool(user) and _is_printable(user + password) and not placeholder_reason(password, password=True))


def basic_login(value: bytes) -> Verdict:
    """The credentials of HTTP Basic authentication: base64 of `user:password` with a real password (RFC 7617).

    Services that take a token for the user's name leave the password empty or write a letter there.
    """
    user, colon, password = _decode_base64(value).partition(b":")
    if not colon or not _is_printable(user + password):
        return REFUTED
    secret = user if password in _NO_PASSWORD else password
    return _verdict(bool(user) and (password != user or secret is user) and not placeholder_reason(secret))


_NO_PASSWORD = (b"", b"x", b"X", b"api_token", b"x-oauth-basic")


def unguessable_address(value: bytes) -> Verdict:
    """An address at somebody's own host with a part that cannot be guessed: a UUID, or random letters and digits."""
    verdict = private_address(value)
    if not verdict.confirmed:
        return REFUTED
    path = re.split(rb"[/?&#]", value[:_LONGEST_ADDRESS])[3:]
    before = b""
    for part in path:
        name, _, word = part.rpartition(b"=")
        if before not in _CODE_PLACES and name not in (b"ref", b"sha") and _is_random_word(word.rstrip(b".;")):
            return verdict
        before = part
    return REFUTED


_LONGEST_ADDRESS = 600
_CODE_PLACES = (b"commit", b"commits", b"blob", b"tree", b"raw", b"archive", b"blame", b"compare")


def _is_random_word(word: bytes) -> bool:
    if _is(rb"(?i)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", word):
        return not placeholder_reason(word)
    bare = word.replace(b"_", b"").replace(b"-", b"")
    classes = sum(bool(re.search(each, bare)) for each in (rb"[a-z]", rb"[A-Z]", rb"[0-9]"))
    digits = len(re.findall(rb"[0-9]", bare))
    mixed = (len(word) >= 20 and classes == 3) or (len(word) >= 24 and classes == 2 and digits >= 3)
    return mixed and _is(rb"[A-Za-z0-9_-]+", word) and word.count(b"-") <= 2 and not placeholder_reason(word)


def private_address(value: bytes) -> Verdict:
    """An address at a host of somebody's own; one at a reserved or documentation host is only a note (RFC 2606)."""
    match = re.match(rb"(?i)https?://(?:[^/@\s]{0,200}@)?([a-z0-9.-]{1,253})", value)
    if match is None or is_template(value) or b"." not in match[1]:
        return REFUTED
    why = host_reason(match[1].decode().lower())
    return synthetic(why) if why else CONFIRMED


def otp_seed(value: bytes) -> Verdict:
    """The seed of one-time passwords: base32 of 10 bytes or more; those in manuals are only a note (RFC 4226)."""
    return _seed(b"".join(value.split()).replace(b"-", b"").upper())


def otp_link(value: bytes) -> Verdict:
    """The address that an authenticator app is given, with a seed (Google Authenticator, "Key Uri Format")."""
    match = re.search(rb"[?&]secret=([A-Za-z2-7%=-]{16,200})", value)
    return _seed(match[1].replace(b"%3D", b"").rstrip(b"=").upper()) if match else REFUTED


def _seed(text: bytes) -> Verdict:
    text = text.rstrip(b"=")
    if not _is(rb"[A-Z2-7]{16,160}", text) or len(text) % 8 not in _BASE32_ENDS or len(set(text)) < 8:
        return REFUTED
    if text.startswith(_OTP_EXAMPLES) or placeholder_reason(text):
        return synthetic("seed from a manual")
    return CONFIRMED


_BASE32_ENDS = (0, 2, 4, 5, 7)  # how many characters of base32 can follow whole groups of eight (RFC 4648 section 6)

# The key URI format's example, the seed of RFC 4226 and RFC 6238 (`12345678901234567890`), and the alphabet.
_OTP_EXAMPLES = (
    b"JBSWY3DPEHPK3PXP",
    b"GEZDGNBVGY3TQOJQ",
    b"ABCDEFGHIJKLMNOP",
    b"HXDMVJEC" + b"JJWSRB3H",
    b"NB2W45DFOIZA",
)


def basic_auth_url(value: bytes) -> Verdict:
    """A URL with a user's real password; only a note for this machine or an example host (RFC 3986, 3.2.1)."""
    from urllib.parse import unquote_to_bytes

    match = re.match(rb"[A-Za-z][A-Za-z0-9+.-]{0,30}:(?://)?([^/?#\s]{1,1000})", value)
    userinfo, _, host = match[1].rpartition(b"@") if match else (b"", b"", b"")
    user, _, password = userinfo.partition(b":")
    password = unquote_to_bytes(password)
    if not host or not password or is_template(host) or password == user or not not_dummy(password).confirmed:
        return REFUTED
    if len(password) < _SHORTEST_WORD and password.isalpha():
        return REFUTED  # a name, as manuals write it: `scott:tiger`
    bare = host.partition(b"]")[0] if host.startswith(b"[") else host.partition(b":")[0]
    why = host_reason(bare.strip(b"[]").decode("utf-8", "replace"))
    return synthetic(why) if why else CONFIRMED


_SHORTEST_WORD = 8
"""Letters of a word that somebody may use as a password where a login needs one."""


# --- licenses


def product_key(value: bytes) -> Verdict:
    """A Microsoft product key: 25 of its 24 letters and digits; keys that Microsoft publishes are only a note.

    learn.microsoft.com, "KMS client activation and product keys" and "GVLKs for KMS activation of Office".
    """
    groups = value.upper().split(b"-")
    if len(groups) != 5 or placeholder_reason(value) or len(set(value)) < 10:
        return REFUTED
    return synthetic("setup key that Microsoft publishes") if groups[0] in _PUBLISHED_KEYS else CONFIRMED


# The first groups of the generic volume license keys, and of the keys that Windows setup itself installs.
_PUBLISHED_KEYS = frozenset(
    b"""
    2F77B 2WH4N 33PXH 3KHY7 489J6 6NMRW 73KQT 74YFP 7HNRX 7M67G 84NGF 92NFX BN3D2 C2FG9 CB7KF D2N9P D764K DCPHK DPH2V
    FDNH6 FJ82H FXYTK GCRJD GNBB8 HB9NX J484Y JCKRF K9FYF KBKQT KDX7X KPTMH M7XTQ MH37W MHF9N MRPKT N69G4 NG4HW NMMKJ
    NPPR9 NW6C2 PVMJN QFFDN QFND9 RC8FX TM24T TT4HM TVRH6 TX9XD VDYBN VK7JG VYBBJ W269N W3GGN W82YF WC2BQ WMDGN WNMTR
    WVDHN WX4NM XCVCF XGN3F XGVPP XQNVK YC6KT YC7DK YDRBP YGX6F YNMGQ YTMG3
    """.split()
)


def license_json(value: bytes) -> Verdict:
    """Encoded JSON that says what was licensed, to whom, until when: base64 that begins with it, signature or not."""
    text = b"".join(value.replace(b"\\n", b"").split())
    data = _decode_leading(text)
    if not data.startswith(b"{"):
        return REFUTED
    for inner in re.findall(rb'"(eyJ[A-Za-z0-9+/_-]{40,4000}={0,2})"', data[:_LONGEST_PARSED])[:4]:
        data += _decode_leading(inner)
    if (sealed := _json_object(data)) is not None and sealed.keys() == {"data", "key", "iv"}:
        return CONFIRMED  # GitLab's: the license encrypted, its key, and the initialization vector
    said = sum(bool(re.search(words, data.lower())) for words in _LICENSE_FACTS)
    return _verdict(said >= 3 and not placeholder_reason(text))


# What a license says, as JSON: what for, until when, for whom, and that it is signed.
_LICENSE_FACTS = (
    rb'"[a-z_]{0,12}(?:licen[cs]e|plan|edition|tier|sku|seats?|features?|products?|quota|nodes|users|qty|quantity)'
    rb'[a-z_]{0,8}"\s*:|"(?:plan|edition|tier):',
    rb'"(?:exp|e|[a-z_]{0,12}(?:expir|valid_?(?:un)?til|valid_?to|paid_?up_?to|end_?date|ends_?at)[a-z_]{0,12})"\s*:',
    rb'"(?:sub|[a-z_]{0,12}(?:customer|company|licensee|issued_?to|organi[sz]ation|assignee|owner|email)[a-z_]{0,8})"\s*:',
    rb'"(?:sig|signature|[a-z_]{0,8}signature|issued_?at|iat|issue_?date[a-z_]{0,10}|licenseid|license_?id)"\s*:',
)


def _decode_leading(text: bytes) -> bytes:
    """What the text decodes to up to where it stops being base64: a dot, padding, or its end."""
    match = re.match(rb"[A-Za-z0-9+/_-]+", text[:_LONGEST_PARSED])
    bare = match[0].translate(_URL_SAFE) if match else b""
    bare = bare[: len(bare) - (len(bare) % 4 == 1)]
    try:
        return a2b_base64(bare + b"=" * (-len(bare) % 4))
    except Base64Error:
        return b""


# --- private keys


def pem_private_key(value: bytes) -> Verdict:
    """A complete PEM private key, also as pasted into code: labels agree, base64 decodes, DER fits (RFC 7468)."""
    return _verdict(keyformats.pem_private_key(value))


def openssh_private_key(value: bytes) -> Verdict:
    """A complete OpenSSH private key (openssh-portable, PROTOCOL.key)."""
    return _verdict(keyformats.openssh_private_key(value))


def pgp_private_key(value: bytes) -> Verdict:
    """An armored OpenPGP secret key: its first packet has tag 5 (RFC 9580, 5.5.1.3)."""
    return _verdict(keyformats.pgp_private_key(value))


def der_private_key(value: bytes) -> Verdict:
    """A private key as bare base64: DER of PKCS#1, PKCS#8 or SEC 1 (RFC 8017, RFC 5958, RFC 5915)."""
    return _verdict(keyformats.der_private_key(value))


def nkey_seed(value: bytes) -> Verdict:
    """A seed of NATS with its CRC-16 (nats.io, ADR-14, "JWT library free of sensitive fields"; nkeys, `crc16.go`)."""
    return _verdict(keyformats.nkey_seed(value))


def kubeadm_token(value: bytes) -> Verdict:
    """A bootstrap token: six characters, a dot, sixteen; the one in the manual is only a note (kubernetes.io)."""
    match = re.fullmatch(rb"([a-z0-9]{6})\.([a-z0-9]{16})", value)
    if match is None or not re.search(rb"[0-9]", match[2]) or not re.search(rb"[a-z]", match[2]):
        return REFUTED
    if match[2] == b"0123456789abcdef":
        return synthetic("token from the manual")
    return _verdict(not placeholder_reason(match[2]))


def putty_private_key(value: bytes) -> Verdict:
    """A PuTTY .ppk file with all its private lines (PuTTY manual, appendix C)."""
    return _verdict(keyformats.putty_private_key(value))


def age_secret_key(value: bytes) -> Verdict:
    """An age identity with a valid Bech32 checksum (age-encryption.org/v1, BIP 173)."""
    return _verdict(keyformats.age_secret_key(value))


def minisign_secret_key(value: bytes) -> Verdict:
    """A minisign or signify secret key of the documented layout (jedisct1.github.io/minisign)."""
    return _verdict(keyformats.minisign_secret_key(value))


def jwk_private(value: bytes) -> Verdict:
    """A private JSON Web Key: `d` of an RSA, EC or OKP key, `k` of a symmetric one (RFC 7518 section 6, RFC 8037)."""
    key = _json_object(value)
    if key is None:
        return REFUTED
    member = {"RSA": "d", "EC": "d", "OKP": "d", "oct": "k"}.get(str(key.get("kty")), "")
    secret = key.get(member)
    return _verdict(isinstance(secret, str) and len(set(_decode_base64(secret.encode("utf-8", "replace")))) >= 12)


def gcp_service_account(value: bytes) -> Verdict:
    """A Google Cloud service account key: the JSON file with a complete private key.

    cloud.google.com/iam/docs/keys-create-delete, "Create a service account key".
    """
    account = _json_object(value)
    if account is None or account.get("type") != "service_account":
        return REFUTED
    return _verdict(keyformats.pem_private_key(str(account.get("private_key")).encode("utf-8", "replace")))


VALIDATORS: Mapping[str, Validator] = {
    "aba": aba,
    "age-secret-key": age_secret_key,
    "aws-access-key-id": aws_access_key_id,
    "aws-secret-key": aws_secret_key,
    "azure-storage-key": azure_storage_key,
    "base64-json": base64_json,
    "base64-text": base64_text,
    "basic-auth-url": basic_auth_url,
    "basic-login": basic_login,
    "der-private-key": der_private_key,
    "docker-auth": docker_auth,
    "email": email,
    "gcp-service-account": gcp_service_account,
    "generated": generated,
    "github-checksum": github_checksum,
    "hex-checksum": hex_checksum,
    "iban": iban,
    "jwk-private": jwk_private,
    "jwt": jwt,
    "kubeadm-token": kubeadm_token,
    "license-json": license_json,
    "live-mode": live_mode,
    "luhn": luhn,
    "minisign": minisign_secret_key,
    "nkey-seed": nkey_seed,
    "not-dummy": not_dummy,
    "not-placeholder": not_placeholder,
    "npm-checksum": npm_checksum,
    "openssh-private-key": openssh_private_key,
    "otp-link": otp_link,
    "otp-seed": otp_seed,
    "pem-private-key": pem_private_key,
    "pgp-private-key": pgp_private_key,
    "private-address": private_address,
    "product-key": product_key,
    "putty-private-key": putty_private_key,
    "pypi-token": pypi_token,
    "signed-json": signed_json,
    "slack-token": slack_token,
    "stripe-key": stripe_key,
    "telegram-token": telegram_token,
    "unguessable-address": unguessable_address,
    "uuid": uuid,
}

CHECKS: Mapping[str, Callable[..., Verdict]] = {**VALIDATORS, **IN_CONTEXT}
"""What a rule may name in its `validators`: those that judge a value alone, and those that look around it."""


# --- shared by the validators above


def _is(pattern: bytes, value: bytes) -> bool:
    return re.fullmatch(pattern, value, re.DOTALL) is not None


def _verdict(confirmed: bool) -> Verdict:
    return CONFIRMED if confirmed else REFUTED


def _confirmed(verdict: Verdict) -> bool:
    return verdict.confirmed


def _token(form: bytes, value: bytes) -> Verdict:
    """Whether a value has a token's form and its random part, group 1, looks random."""
    match = re.fullmatch(form, value)
    return _verdict(match is not None and not placeholder_reason(match[1]))


def _checksummed(form: bytes, value: bytes) -> Verdict:
    """Whether a value has a token's form and group 2 is the base62 CRC-32 of group 1."""
    match = re.fullmatch(form, value)
    return _verdict(match is not None and base62_crc32(match[1]) == match[2])


def _decode_base64(text: bytes) -> bytes:
    """Base64, plain or URL-safe, padded or not, wrapped or not; b"" for anything else."""
    text = b"".join(text[:_LONGEST_PARSED].split()).translate(_URL_SAFE).rstrip(b"=")
    try:
        return a2b_base64(text + b"=" * (-len(text) % 4), strict_mode=True)
    except Base64Error:
        return b""


_URL_SAFE = bytes.maketrans(b"-_", b"+/")


def _json_object(text: bytes) -> dict[str, Any] | None:
    """The text as a JSON object, None for anything else, however deep or broken."""
    import json

    if not text.lstrip().startswith(b"{"):
        return None
    try:
        value = json.loads(text[:_LONGEST_PARSED])
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _is_printable(data: bytes) -> bool:
    """Whether bytes are UTF-8 text of printable characters, spaces and line ends."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return False
    return all(char.isprintable() or char in "\t\r\n" for char in text)
