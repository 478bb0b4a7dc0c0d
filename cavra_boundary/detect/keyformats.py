"""Private keys as files and as text pasted into code: PEM, OpenSSH, OpenPGP, PuTTY, age, minisign, JWK.

A key is confirmed by its structure. Nothing is decrypted and no number theory is done: a complete key with numbers
changed by hand is still worth a look.
"""

from __future__ import annotations

import re
from binascii import Error as Base64Error
from binascii import a2b_base64, crc_hqx
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_ARMOR = rb"(?s)-----BEGIN ([A-Z0-9 ]{3,40})-----(.*?)-----END ([A-Z0-9 ]{3,40})-----"
_ESCAPED_NEWLINE = rb"(?m)\\+(?:r\\+n|[nr])|\\+$"
_QUOTE = rb"[\"'`]"
_GLUE = rb"[\s+.,;()\[\]\\<&]*"  # what may separate the string literals of one value
_COMMENT = rb"^[ \t]*(?:#|//|\*|>|;|--|\|)[ \t]+"
_HEADER = rb"[A-Za-z][A-Za-z-]{2,30}: ?.{0,200}"
_BASE64 = rb"[A-Za-z0-9+/]+={0,2}"

# A key is random bytes: the shortest DER private key (Ed25519 in PKCS#8, 48 bytes) has far more distinct ones.
_LEAST_VARIETY = 16
_LONGEST_KEY = 1 << 18


def pem_private_key(text: bytes) -> bool:
    """Whether it holds a complete PEM private key (RFC 7468; RFC 1421 section 4.6 for the encrypted form)."""
    return any(
        label.endswith(b"PRIVATE KEY") and _is_key_body(label, headers, body) for label, headers, body in _armored(text)
    )


def openssh_private_key(text: bytes) -> bool:
    """Whether it holds a complete OpenSSH private key (openssh-portable, PROTOCOL.key)."""
    return any(label == b"OPENSSH PRIVATE KEY" and _is_openssh(body) for label, _, body in _armored(text))


def pgp_private_key(text: bytes) -> bool:
    """Whether it holds an armored OpenPGP secret key (RFC 9580 sections 6.2 and 5.5.1.3)."""
    return any(label == b"PGP PRIVATE KEY BLOCK" and is_pgp_secret_key(body) for label, _, body in _armored(text))


def is_pgp_secret_key(data: bytes) -> bool:
    """Whether bytes begin with an OpenPGP secret-key packet: tag 5, a known version and public-key algorithm."""
    if len(data) < 16:
        return False
    tag = data[0]
    if tag in (0x94, 0x95, 0x96):
        body = 1 + (1 << (tag & 3))
    elif tag == 0xC5:
        body = 2 if data[1] < 192 else 3 if data[1] < 224 else 6
    else:
        return False
    return data[body] in (3, 4, 5, 6) and data[body + 5] in (1, 2, 3, 16, 17, 18, 19, 22, 25, 26, 27, 28)


def putty_private_key(text: bytes) -> bool:
    """Whether it is a PuTTY key file with all its private lines (PuTTY manual, appendix C)."""
    lines = [line.strip() for line in re.sub(_ESCAPED_NEWLINE, b"\n", text[:_LONGEST_KEY]).splitlines()]
    if not lines or not re.match(rb"PuTTY-User-Key-File-[123]: \S", lines[0]):
        return False
    for at, line in enumerate(lines):
        count = re.fullmatch(rb"Private-Lines: ([1-9]\d{0,3})", line)
        if count:
            body = lines[at + 1 : at + 1 + int(count[1])]
            return len(body) == int(count[1]) and _is_random(_base64(b"".join(body)))
    return False


def age_secret_key(text: bytes) -> bool:
    """Whether it is an age identity: Bech32 with the prefix `AGE-SECRET-KEY-` over 32 bytes (age-encryption.org/v1)."""
    prefix, _, data = text.lower().rpartition(b"1")
    values = [_BECH32.find(char) for char in data]
    if prefix != b"age-secret-key-" or len(values) != 58 or min(values) < 0:
        return False
    return bech32_polymod([*bech32_prefix(prefix), *values]) == 1


_BECH32 = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l"


def bech32_prefix(prefix: bytes) -> list[int]:
    """The human-readable part, expanded for the Bech32 checksum (BIP 173)."""
    return [char >> 5 for char in prefix] + [0] + [char & 31 for char in prefix]


def bech32_polymod(values: list[int]) -> int:
    """The Bech32 checksum (BIP 173); 1 for a complete string."""
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            if top >> bit & 1:
                check ^= generator
    return check


def bech32_encode(prefix: bytes, data: bytes) -> bytes:
    """`prefix`, "1", `data` in groups of five bits, and the checksum (BIP 173)."""
    bits = "".join(f"{byte:08b}" for byte in data)
    values = [int(bits[at : at + 5].ljust(5, "0"), 2) for at in range(0, len(bits), 5)]
    check = bech32_polymod([*bech32_prefix(prefix), *values, 0, 0, 0, 0, 0, 0]) ^ 1
    values += [check >> 5 * (5 - place) & 31 for place in range(6)]
    return prefix + b"1" + bytes(_BECH32[value] for value in values)


def minisign_secret_key(text: bytes) -> bool:
    """Whether it is a minisign (158 bytes) or signify (104 bytes) secret key: `Ed`, a KDF, then the key."""
    data = _base64(text.strip().splitlines()[-1].strip()) if text.strip() else b""
    minisign = len(data) == 158 and data[:2] == b"Ed" and data[2:4] in (b"Sc", b"\0\0") and data[4:6] == b"B2"
    return (minisign or (len(data) == 104 and data[:4] == b"EdBK")) and _is_random(data)


def der_private_key(text: bytes) -> bool:
    """Whether it begins with the base64 of a complete DER private key, on one line, wrapped, or in several literals."""
    bare = re.sub(_BETWEEN_LINES, b"", text[:_LONGEST_KEY])
    start = _leading_base64(bare[:_LONGEST_DER_HEAD])
    length = _der_length(start)
    data = _leading_base64(bare[: -(-length // 3) * 4])[:length]
    if length < 40 or len(data) < length or not _is_random(data):
        return False
    return is_der_private_key(data) or (_PBES2 in data[:48] and is_der_private_key(data, encrypted=True))


_BETWEEN_LINES = rb"(?:\\+[rn]|[\"'`]\s{0,20}[+.,&]?\s{0,40}[\"'`]|[\s\\])+(?=[A-Za-z0-9+/=\"'`])"
_LONGEST_DER_HEAD = 16  # characters of base64 that hold any SEQUENCE's head
_PBES2 = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0d"  # RFC 8018 appendix A.4


def _leading_base64(text: bytes) -> bytes:
    """The decoded bytes of as much of the text as is base64, without a last group that is cut short."""
    match = re.match(rb"[A-Za-z0-9+/]*={0,2}", text)
    bare = match[0] if match else b""
    return a2b_base64(bare[: len(bare) // 4 * 4])


def _der_length(data: bytes) -> int:
    """How long the SEQUENCE at the start is, head included; 0 when there is none."""
    if len(data) < 4 or data[0] != 0x30:
        return 0
    if data[1] < 0x80:
        return 2 + data[1]
    size = data[1] & 0x7F
    return 2 + size + int.from_bytes(data[2 : 2 + size]) if 1 <= size <= 2 else 0


def nkey_seed(text: bytes) -> bool:
    """Whether it is a NATS seed: base32 of two bytes for the kind of key, 32 of seed, and their CRC-16/XMODEM."""
    from base64 import b32decode

    if not re.fullmatch(rb"S[ACNOUX]A[A-Z2-7]{55}", text):
        return False
    data = b32decode(text + b"======")
    return crc_hqx(data[:34], 0) == int.from_bytes(data[34:36], "little") and _is_random(data[2:34])


def nkey_encode(kind: int, seed: bytes) -> bytes:
    """The seed of a key of this kind (0 for an account, 20 for a user): the inverse of what `nkey_seed` checks."""
    from base64 import b32encode

    head = bytes([18 << 3 | kind >> 2, (kind & 3) << 6])
    body = head + seed
    return b32encode(body + crc_hqx(body, 0).to_bytes(2, "little")).rstrip(b"=")


def _armored(text: bytes) -> Iterator[tuple[bytes, bytes, bytes]]:
    r"""(label, headers, decoded body) of every armored block with matching labels and a base64 body.

    Blocks may be indented, commented out, quoted line by line, or on one line with `\\n` escapes.
    """
    for match in re.finditer(_ARMOR, text[:_LONGEST_KEY]):
        label, raw, closing = match.groups()
        if label != closing:
            continue
        headers = []
        body: list[bytes] = []
        for chunk in _lines(raw):
            if not body and re.fullmatch(_HEADER, chunk):
                headers.append(chunk)
            elif chunk.startswith(b"=") and len(chunk) == 5:
                break  # OpenPGP's CRC-24, which RFC 9580 section 6.1 says to ignore
            else:
                body.append(chunk)
        data = _base64(b"".join(b"".join(body).split()))
        if data:
            yield label, b"\n".join(headers), data


def _lines(raw: bytes) -> Iterator[bytes]:
    """The non-empty lines of an armored block, without the quotes and comment marks of the code around it."""
    for line in raw.splitlines():
        if re.search(_QUOTE, line):
            pieces = [piece for piece in re.split(_QUOTE, line) if not re.fullmatch(_GLUE, piece)]
            line = max(pieces, key=len, default=b"")
        for chunk in re.sub(_ESCAPED_NEWLINE, b"\n", re.sub(_COMMENT, b"", line)).splitlines():
            if chunk.strip():
                yield chunk.strip()


def _base64(text: bytes) -> bytes:
    """The decoded bytes, or b"" if the text is not complete base64."""
    if not re.fullmatch(_BASE64, text):
        return b""
    try:
        return a2b_base64(text, strict_mode=True)
    except Base64Error:
        return b""


def _is_random(data: bytes) -> bool:
    return len(set(data)) >= _LEAST_VARIETY


def _is_key_body(label: bytes, headers: bytes, body: bytes) -> bool:
    if label == b"OPENSSH PRIVATE KEY":
        return _is_openssh(body)
    if not _is_random(body):
        return False
    if b"ENCRYPTED" in headers:
        return len(body) % 8 == 0
    return is_der_private_key(body, encrypted=label.startswith(b"ENCRYPTED"))


def is_der_private_key(data: bytes, *, encrypted: bool = False) -> bool:
    """Whether the bytes are exactly one DER SEQUENCE that begins like a private key.

    PKCS#1 and SEC 1 keys and PKCS#8 (RFC 5958) begin with a version, INTEGER 0 or 1; an encrypted PKCS#8 key begins
    with its algorithm, a SEQUENCE that holds an OBJECT IDENTIFIER.
    """
    start = der_sequence(data)
    if not start:
        return False
    if encrypted:
        inner = der_sequence(data[start:], whole=False)
        return bool(inner) and data[start + inner :].startswith(b"\x06")
    return data[start : start + 3] in (b"\x02\x01\x00", b"\x02\x01\x01")


def der_sequence(data: bytes, *, whole: bool = True) -> int:
    """Where the content of the SEQUENCE at the start begins (X.690 section 8.1.3), 0 when there is none.

    `whole`: it must fill `data` exactly; otherwise it only has to fit.
    """
    if len(data) < 4 or data[0] != 0x30:
        return 0
    if data[1] < 0x80:
        start, length = 2, data[1]
    else:
        start = 2 + (data[1] & 0x7F)
        if not 3 <= start <= 6 or len(data) < start:
            return 0
        length = int.from_bytes(data[2:start])
    rest = len(data) - start
    return start if rest == length or (not whole and length <= rest) else 0


def _is_openssh(body: bytes) -> bool:
    """Whether magic, cipher, KDF, options, number of keys (one), public key and private part all fit."""
    magic = b"openssh-key-v1\0"
    if not body.startswith(magic):
        return False
    at = len(magic)
    field = b""
    for name in ("cipher", "kdf", "options", "count", "public", "private"):
        length = int.from_bytes(body[at : at + 4])
        if name == "count":
            if length != 1:
                return False
            length = 0
        at += 4
        field = body[at : at + length]
        at += length
    return at <= len(body) and _is_random(field)
