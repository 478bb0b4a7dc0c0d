"""How hard a value is to guess, as a lower bound in bits: whether a published hash of it could be turned back.

The attacker knows the rule, so the form of the value, and has a list of everything people choose: words, names, years,
keyboard walks, known numbers, and all of these encoded, hashed or used as a key. What is left after taking those out
counts. The estimate errs on the low side: a random value may count as guessable, a guessable one should not count as
random.
"""

from __future__ import annotations

import re
from itertools import pairwise
from math import log2
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

UNGUESSABLE = 64.0
"""From this many bits on, nobody tries all values: 2^64 hashes take a thousand fast graphics cards three weeks."""

_MOST = 256
"""Bytes of the value that are looked at."""

_DEEPEST = 3
"""Encodings within one another that are opened."""

_WORD_BITS = 8.0
_WORDS_BITS = 24.0
"""What a word counts, and what all words of a value count at most."""

_NUMBER_BITS = 5.0
"""What a year counts, or a number of six digits and more: a date, a part of an account."""

_LITTLE_BITS = 2.0
_MOSTLY, _NEARLY_ALL = 0.7, 0.8
"""From which share of letters in words on a text is made of words: as it is, and read with digits as letters."""
_STEP_BITS = 1.0
"""What a character counts that follows from the two before it: `abc`, `987`, `qwe`, `aaa`, `1qaz`."""

_SHORTEST = 16
"""Bytes without which a value is never hard to guess."""

_SHORTEST_IN_ONE_CASE = 20
"""The same for letters of one case and digits: a vehicle's number has 17."""

_SHORTEST_ATOM = 6
"""Letters and digits in a row without which they are words, codes or abbreviations: `prd-eu-k8s-x7`."""

_FEWEST_DISTINCT = 8

_UUID = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-([0-9a-fA-F])[0-9a-fA-F]{3}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")
_RANDOM_UUIDS = {"4": 122, "7": 74}
"""Random bits by version (RFC 9562, sections 5.4 and 5.7); the other versions count, or hash a name."""

_ADDRESS = re.compile(r"[^\s@:/]+@[\w-]+(?:\.[\w-]+)+")
_ACCOUNT = re.compile(r"[A-Za-z]{2}[0-9]{2}(?:[ -]?[A-Za-z0-9]){11,30}")
"""An e-mail address; an account number in the form of ISO 13616 (IBAN)."""

_COMPOSED = re.compile(r"(?i)(?:pass(?:wor[dt]|wd|phrase)?|pwd|pin)[\"' ]{0,3}[=:]")
"""Something with a password in it, such as a connection string: what else is in it may be known."""

_SCHEME = r"(?:hmac|md[45]|sha-?[123]|sha-?(?:224|256|384|512)|sha3-\d{3}|ripemd-?160|blake2[bs]?|ntlm|pbkdf2)"
_BEFORE_DIGEST = rf"(?:(?<![\w-])|(?:(?<![A-Za-z0-9])(?i:{_SCHEME})[_-]?)+)"
_DIGEST = re.compile(
    rf"{_BEFORE_DIGEST}(?P<hex>[0-9a-f]{{32,128}}|[0-9A-F]{{32,128}})(?![\w-])"
    r"|(?<![A-Za-z0-9+/])(?:\$|(?i:pbkdf2|bcrypt|argon2|scrypt|sha1|md5)[\w-]{0,16}\$)[\w./+=,-]{1,64}\$[\w./+=,:$-]+"
    r"|\{(?i:ssha|smd5|sha|md5|crypt|pbkdf2|argon2|bcrypt|x-)[\w-]{0,16}\}[\w./+=:$-]+"
    r"|SCRAM-SHA-\d{1,3}\$\d{1,9}:[\w./+=:$-]+"
    r"|eyJ[\w-]{6,}(?:\.[\w-]*){1,4}"
)
"""What is computed from something: a digest in hex or in a form of crypt(3), RFC 2307 or RFC 5803, and signed JSON,
such as a JWT (RFC 7515). It looks random whatever it was made of: a weak password, also as the key of a signature."""

_DIGEST_DIGITS = frozenset((32, 40, 48, 56, 64, 96, 128))
"""Hex digits of MD5, SHA-1, RIPEMD-160, Tiger, SHA-2 and SHA-3; keys of these lengths cannot be told from them."""

_ESCAPE = re.compile(r"%([0-9a-fA-F]{2})|\\x([0-9a-fA-F]{2})|\\u00([0-9a-fA-F]{2})")
_ENCODED = re.compile(r"[A-Za-z0-9+/_-]{8,}={0,2}")
_ATOM = re.compile(r"[A-Za-z0-9]+")
_HEX = re.compile(r"(?:[0-9a-f]+|[0-9A-F]+)\Z")
_PIECE = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|[0-9]+")
_LETTERS = re.compile(r"[^\W\d_]{3,}")
_VOWEL = re.compile(r"[aeiouy]")
_CONSONANT = re.compile(r"[b-df-hj-np-tv-z]")
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_PRINTED = bytes((*range(32, 127), *b"\t\r\n"))
_PACKED = (b"\x1f\x8b", b"x\x01", b"x\x5e", b"x\x9c", b"x\xda", b"BZh", b"\xfd7zXZ", b"PK\x03\x04", b"\x28\xb5\x2f\xfd")
_LEET = re.compile(r"(?<![0-9])[013457](?![0-9])")
_LETTER_OF = dict(zip("013457", "oieast", strict=True))
_ROWS = ("1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "yxcvbnm", "azertyuiop", "qsdfghjklm")
_COLUMNS = ("1qaz", "2wsx", "3edc", "4rfv", "5tgb", "6yhn", "7ujm", "8ik", "9ol", "0p", "1qay", "6zhn")
_DIAGONALS = ("1q2w3e4r5t6y7u8i9o0p", "qawsedrftgyhujikolp", "azsxdcfvgbhnjmk", "a1s2d3f4g5h6j7k8l9")

_FOLLOWING = {
    "a": "bcdefghiklmnprstuvwyz",
    "b": "aeiloruy",
    "c": "aehiklortuyz",
    "d": "aeioruyz",
    "e": "abcdefgiklmnoprstuvwxyz",
    "f": "aefilortu",
    "g": "aehilnorsu",
    "h": "aeilnortuy",
    "i": "abcdefgklmnoprstuvz",
    "j": "aeou",
    "k": "aeilorsu",
    "l": "adefiklostuy",
    "m": "abeimopsuy",
    "n": "acdefgiknorstuvyz",
    "o": "abcdefghiklmnoprstuvwxy",
    "p": "aehiloprstu",
    "q": "u",
    "r": "abcdefgiklmnoprstuvyz",
    "s": "acehiklmnopstuwyz",
    "t": "aehilorstuwyz",
    "u": "abcdefgiklmnprst",
    "v": "aeio",
    "w": "aehios",
    "x": "aipt",
    "y": "aelnos",
    "z": "aeiouyz",
}
"""After each letter, those that often follow it in words and names of European languages: two fifths of all pairs."""


def is_unguessable(value: bytes) -> bool:
    """Whether nobody could find the value by trying."""
    return guessing_bits(value) >= UNGUESSABLE


def guessing_bits(value: bytes) -> float:
    """A lower bound of the value's guessing entropy, in bits; 0 for what is short or of a known kind."""
    return _bits(value[:_MOST].decode("utf-8", "replace").strip(), _DEEPEST)


def _bits(text: str, depth: int) -> float:
    if _ESCAPE.search(text):
        text = _ESCAPE.sub(lambda found: chr(int(next(filter(None, found.groups())), 16)), text)
    text = _DIGEST.sub(_digest_removed, text)
    if len(text) < _SHORTEST or _ADDRESS.search(text) or _COMPOSED.search(text) or _is_account(text):
        return 0.0
    if uuid := _UUID.fullmatch(text):
        return _uuid_bits(uuid[0], uuid[1])
    plain, opened = _opened(text, depth)
    words = _WORD_BITS * len(_LETTERS.findall(plain)) if depth < _DEEPEST else 0.0
    random = 0.0
    for found in _ATOM.finditer(plain):
        some_words, some_random = _atom(found[0])
        words += some_words
        random += some_random
    return opened + random + min(words, _WORDS_BITS)


def _digest_removed(found: re.Match[str]) -> str:
    return found[0] if found["hex"] and len(found["hex"]) not in _DIGEST_DIGITS else " "


def _is_account(text: str) -> bool:
    """Whether it is a number and nothing else, or an account number whose check digits are right."""
    bare = re.sub(r"[\W_]", "", text).upper()
    if bare.isdigit():
        return True
    if not _ACCOUNT.fullmatch(text) or not (text.isupper() or text.islower()):
        return False
    return int("".join(str(int(c, 36)) for c in bare[4:] + bare[:4])) % 97 == 1


def _uuid_bits(uuid: str, version: str) -> float:
    digits = uuid.replace("-", "").lower()
    if len(set(digits)) < _FEWEST_DISTINCT:
        return 0.0
    return _hex_bits(digits) * _RANDOM_UUIDS.get(version, 0) / 128


def _opened(text: str, depth: int) -> tuple[str, float]:
    """The text without what is encoded in it, and the bits of that."""
    bits, rest, at = 0.0, [], 0
    for found in _ENCODED.finditer(text):
        for inner in _decoded(found[0]):
            if inner.startswith(_PACKED):
                break  # whatever is packed may be small
            letters = inner.replace(b"\0", b"")
            if letters and len(letters.translate(None, _PRINTED)) <= 0.1 * len(letters):
                bits += _bits(letters.decode("utf-8", "replace"), depth - 1) if depth else 0.0
                break
        else:
            continue
        rest.append(text[at : found.start()])
        at = found.end()
    return " ".join((*rest, text[at:])), bits


def _decoded(text: str) -> list[bytes]:
    """What a text may be the encoding of, from the narrowest alphabet on."""
    from base64 import b32decode, urlsafe_b64decode

    found = []
    bare = text.rstrip("=")
    if _HEX.match(bare) and len(bare) % 2 == 0:
        found.append(bytes.fromhex(bare))
    if re.fullmatch("[A-Z2-7]+", bare) and len(bare) % 8 not in (1, 3, 6):
        found.append(b32decode(bare + "=" * (-len(bare) % 8)))
    if len(bare) % 4 != 1:
        found.append(urlsafe_b64decode(bare.replace("+", "-").replace("/", "_") + "=" * (-len(bare) % 4)))
    return found


def _atom(atom: str) -> tuple[float, float]:
    """What the words in letters and digits in a row count, and what the rest of them counts."""
    lowered = atom.lower()
    if len(atom) < _SHORTEST_ATOM or atom.isdigit() or len(set(lowered)) < _FEWEST_DISTINCT:
        return 0.0, 0.0
    if _HEX.match(atom):
        return 0.0, _hex_bits(lowered)
    one_case = atom.islower() or atom.isupper()
    pieces = _PIECE.findall(atom)
    # Random letters and digits change kind all the time; words with a number at their end do not.
    if len(pieces) < max(4, len(atom) / 5) or (one_case and len(atom) < _SHORTEST_IN_ONE_CASE):
        return _WORD_BITS * len(pieces), 0.0
    full = log2(10 * any(map(str.isdigit, pieces)) + (26 if one_case else 52))
    disguised = _LEET.sub(_letter, atom)
    if disguised != atom:
        hidden = _PIECE.findall(disguised)
        words = _words(hidden)
        if sum(map(len, words)) > _NEARLY_ALL * _letters(hidden):
            return _counted(hidden, words, disguised.lower(), full)
    return _counted(pieces, _words(pieces), lowered, full)


def _hex_bits(digits: str) -> float:
    return sum(_STEP_BITS if step else 4.0 for step in _steps(digits))


def _letter(digit: re.Match[str]) -> str:
    return _LETTER_OF[digit[0]]


def _letters(pieces: Sequence[str]) -> int:
    return sum(len(piece) for piece in pieces if not piece[0].isdigit())


def _words(pieces: Sequence[str]) -> list[str]:
    return [piece for piece in pieces if len(piece) > 2 and _is_word(piece.lower())]


def _is_word(piece: str) -> bool:
    """Whether lower-case letters read like a word, or a part of one."""
    if not _VOWEL.search(piece) or not _CONSONANT.search(piece):
        return False
    common = 0
    for one, other in pairwise(piece):
        common += other in _FOLLOWING[one]
    return common >= (1.0 if len(piece) < 4 else 0.66) * (len(piece) - 1)


def _counted(pieces: Sequence[str], words: Sequence[str], text: str, full: float) -> tuple[float, float]:
    """What the words of a text count, and the rest. full: the bits of a random character."""
    if sum(map(len, words)) > _MOSTLY * _letters(pieces):
        full = _LITTLE_BITS  # what is between words is short words and numbers
    steps = _steps(text)
    random, at = 0.0, 0
    for piece in pieces:
        end = at + len(piece)
        if piece in words:
            pass
        elif _YEAR.fullmatch(piece) or (len(piece) > 5 and piece.isdigit()):
            random += _NUMBER_BITS
        else:
            followed = sum(steps[at:end])
            random += followed * _STEP_BITS + (len(piece) - followed) * full
        at = end
    return _WORD_BITS * len(words), random


def _steps(text: str) -> list[bool]:
    """For each character of a lower-case text, whether it follows from what is before it."""
    steps = [False] * len(text)
    seen: set[str] = set()
    near = False
    for at in range(1, len(text)):
        was_near, near = near, text[at - 1] == text[at] or text[at - 1 : at + 1] in _NEIGHBORS
        three = text[at - 2 : at + 1] if at > 1 else ""
        steps[at] = (near and was_near) or three in seen
        if three:
            seen.add(three)
    return steps


def _neighbors() -> frozenset[str]:
    lines = (*_ROWS, *_COLUMNS, *_DIAGONALS, "abcdefghijklmnopqrstuvwxyz", "0123456789")
    pairs = {line[at : at + 2] for line in lines for at in range(len(line) - 1)}
    return frozenset(pairs | {pair[::-1] for pair in pairs})


_NEIGHBORS = _neighbors()
