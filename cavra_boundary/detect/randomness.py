"""How much likelier a value is to be generated than written: the only measure of randomness.

The model in `randomness.bin` says how likely each character is after the two before it in what people and programs
write: identifiers, words of many languages, paths, versions, abbreviations, prose. `randomness` compares that with
drawing each character from the value's alphabet. The rest of this module knows what such a model cannot: sequences,
keyboard walks, repeats, hex words, text in an encoding, digests that say so, UUIDs that count time.

`python -m benchmarks.randomness` trains the model and measures it; docs/value-model.md has its errors.
"""

from __future__ import annotations

import re
from binascii import Error as Base64Error
from binascii import a2b_base64
from functools import cache
from itertools import pairwise
from math import log
from operator import getitem
from pathlib import Path
from typing import TYPE_CHECKING
from zlib import decompress

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

WEAK_NAME = 16.0
"""Nats from which a value is generated where a vague name, or none, speaks for it: 16 characters and more."""

STRONG_NAME = 10.0
"""The same where a name such as `api_key` speaks for it, which makes values of 10 to 15 characters credible."""

LOOKED_AT = 512
"""Bytes of a value that are judged."""

MODEL = Path(__file__).with_name("randomness.bin")
"""A line of JSON that says what it was trained on, and the packed table: see `costs`."""

# --- the model

UNIT = 4
"""Steps of the table in a nat."""

_LOWER, _UPPER, _DIGITS = b"abcdefghijklmnopqrstuvwxyz", b"ABCDEFGHIJKLMNOPQRSTUVWXYZ", b"0123456789"
_ALONE = _LOWER + _UPPER + _DIGITS + b"_-./:=+@"
_TOGETHER = (b"()[]{}<>\"'`", b"!#$%^&*~|\\?;,", bytes(range(128, 256)))
"""Characters that are symbols of the model by themselves, and those that share one. All others are its edge, 0."""


def _symbols() -> bytes:
    table = bytearray(256)
    for number, characters in enumerate((*(bytes((one,)) for one in _ALONE), *_TOGETHER), start=1):
        for one in characters:
            table[one] = number
    return bytes(table)


SYMBOLS = _symbols()
"""A symbol for each byte."""

SHARING = (1,) * (1 + len(_ALONE)) + tuple(map(len, _TOGETHER))
"""How many characters share each symbol."""


Costs = list[list[bytes]]
"""What each symbol costs after two others, in steps: by the first, the second, and its own number."""


def costs(table: bytes) -> Costs:
    """The costs in a table: the negative logarithms of the probabilities of single characters, a byte each.

    That of symbol c after a and b is at (b * n + c) * n + a, where n = len(SHARING): in this order it packs best.
    """
    count = len(SHARING)
    planes = [table[at : at + count * count] for at in range(0, count**3, count * count)]
    return [[plane[first::count] for plane in planes] for first in range(count)]


@cache
def _model() -> Costs:
    return costs(decompress(MODEL.read_bytes().partition(b"\n")[2]))


def randomness(value: bytes, model: Costs | None = None) -> float:
    r"""The likelihood ratio of "drawn from its alphabet" against "written by people and programs", in nats.

    Above `WEAK_NAME` for nearly all random tokens of 16 characters, below 0 for most of what is written. Escapes
    (percent, `\u00e4`, `&#228;`) count as what they stand for. Linear in the value's length, up to `LOOKED_AT`.
    model: other costs than the shipped ones, for training.
    """
    value = value[:LOOKED_AT]
    if b"%" in value or b"\\" in value or b"&" in value:
        value = _unescaped(value)
    text = b"\0\0" + value.translate(SYMBOLS)
    before = text[1:]
    steps = sum(map(getitem, map(getitem, map((model or _model()).__getitem__, text), before), before[1:]))
    return steps / UNIT - len(value) * _LOGARITHMS[_alphabet(value)]


_LOGARITHMS = (0.0, *map(log, range(1, 257)))
_SEPARATORS = b"_-./:=+@ "


def _alphabet(value: bytes) -> int:
    """How many characters a value is drawn from, if it is random: the smallest usual alphabet that has all of them."""
    bare = value.translate(None, _SEPARATORS)
    size = 10 if bare.translate(None, _DIGITS) != bare else 0
    upper, lower = bare.lower() != bare, bare.upper() != bare
    if size and upper != lower and not bare.translate(None, b"0123456789abcdefABCDEF"):
        size = 16
    else:
        size += 26 * upper + 26 * lower
    if len(bare) != len(value):
        size += len(set(value.translate(None, _LOWER + _UPPER + _DIGITS)).intersection(_SEPARATORS))
    if not bare.isalnum() and bare:
        size += 32 + (64 if not bare.isascii() else 0)
    return size


_ESCAPE = re.compile(rb"(?i)%([0-9a-f]{2})|\\x([0-9a-f]{2})|\\u00([0-9a-f]{2})|&#x([0-9a-f]{2});|&#([0-9]{2,3});")
_NAMED = re.compile(rb"&(?:amp|lt|gt|quot|apos|nbsp);")


def _unescaped(value: bytes) -> bytes:
    """A value with its escapes replaced by what they stand for."""

    def character(match: re.Match[bytes]) -> bytes:
        code = int(match[5]) if match[5] else int(match[match.lastindex or 0], 16)
        return bytes((code,)) if code < 256 else b"?"

    return _NAMED.sub(b"&", _ESCAPE.sub(character, value))


# --- what the model cannot know


def is_generated(value: bytes, least: float = WEAK_NAME) -> bool:
    """Whether nobody would have written a value: `least` nats of randomness, none of it explained by `regularity`.

    Random UUIDs are generated; those that count time or hash a name are not. Base64, base32 or hex is as generated as
    the text that it encodes.
    """
    return randomness(value) >= least and not regularity(value, least)


def regularity(value: bytes, least: float = WEAK_NAME) -> str:
    """What makes a value that is random by its letters no generated secret, in a few words; "" for nothing."""
    value = value[:LOOKED_AT]
    if kind := uuid_kind(value):
        return "" if kind == "random" else f"{kind} UUID"
    if _DIGEST.match(value):
        return "digest"
    if b"%" in value or b"\\" in value or b"&" in value:
        value = _unescaped(value)
    told = bytearray(len(value))
    if why := _decoded_marks(value, told, least):
        return why
    encoded = sum(told)
    _walk_marks(value.lower(), told)
    covered = sum(told)
    if covered and randomness(value) * (1 - covered / len(value)) < least:
        return "encoded text" if 2 * encoded > covered else "sequence or repeat"
    return ""


_UUID = re.compile(
    rb"\{?(?:urn:uuid:)?([0-9a-fA-F]{8}-[0-9a-fA-F]{4}-([0-9a-fA-F])[0-9a-fA-F]{3}-([0-9a-fA-F])[0-9a-fA-F]{3}-[0-9a-fA-F]{12})\}?"
)
_UUID_KINDS = {b"1": "time", b"2": "time", b"3": "name", b"5": "name", b"6": "time"}


def uuid_kind(value: bytes) -> str:
    """Which kind of UUID a value is: `random`, `time`, `name` (a hash of one) or `patterned`; "" for anything else.

    RFC 9562, section 4.2: the first digit of the third group is the version, in the variant 8 to b. Version 7 has 74
    random bits after its time; what has no known version or variant may be 16 random bytes in this form. Both are
    `random`. Braces and `urn:uuid:` may stand around it.
    """
    if not 36 <= len(value) <= 47 or not (match := _UUID.fullmatch(value)):
        return ""
    digits = match[1].replace(b"-", b"").lower()
    told = bytearray(len(digits))
    _walk_marks(digits, told)
    if len(set(digits)) < _FEWEST_DIGITS or 2 * sum(told) >= len(digits):
        return "patterned"
    return _UUID_KINDS.get(match[2], "random") if match[3].lower() in b"89ab" else "random"


_FEWEST_DIGITS = 8
"""Different digits in a UUID or hex number; 16 random bytes have fewer once in ten million."""

_DIGEST = re.compile(
    rb"(?i)(?:sha-?(?:1|224|256|384|512|3-\d{3}|512[/-]256)|shake(?:128|256)|md[45]|blake(?:2[bs]|3)|crc32c?|xxh(?:32|64|3|128)|h1)"
    rb"(?:-?base64)?[:=$@-]"
)
"""A digest that names its function: `sha256:…`, `sha512-…` (integrity, Nix), `h1:…` (go.sum)."""


def _decoded_marks(value: bytes, told: bytearray, least: float) -> str:
    """Mark what encodes written text in `told`, a flag for each byte; or say what else a value is the encoding of."""
    for run in _ENCODED.finditer(value):
        for data in _decodings(run[0]):
            if data.startswith(_MAGIC):
                return "packed or picture data"
            letters = data.replace(b"\0", b"")
            if len(letters) >= _SHORTEST_TEXT and _is_text(letters) and not is_generated(letters, least):
                told[run.start() : run.end()] = b"\1" * len(run[0])
                break
    return ""


_ENCODED = re.compile(rb"[A-Za-z0-9+/_-]{12,}={0,2}")
_SHORTEST_TEXT = 8
"""Bytes that are text by chance once in 2,500 values."""

_MAGIC = (
    b"\x89PNG\r\n",
    b"GIF8",
    b"\xff\xd8\xff",
    b"wOFF",
    b"wOF2",
    b"OTTO",
    b"\0\1\0\0\0",
    b"RIFF",
    b"%PDF",
    b"PK\3\4",
    b"\x1f\x8b\x08",
    b"\0asm",
    b"BZh",
    b"\xfd7zXZ",
    b"\x28\xb5\x2f\xfd",
)
"""How pictures, fonts, archives and packed data begin: random to look at, and no secrets by themselves."""


def _decodings(text: bytes) -> Iterable[bytes]:
    """What a text may be the encoding of, from the narrowest alphabet on."""
    bare = text.rstrip(b"=")
    if not bare.translate(None, b"0123456789abcdefABCDEF"):
        even = bare[: len(bare) & ~1]
        yield bytes.fromhex(even.decode())
    if not bare.translate(None, b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"):
        from base64 import b32decode

        yield b32decode(bare[: len(bare) & ~7])
    try:
        # Cut off inside a group of four, such as by `LOOKED_AT`, it decodes up to there.
        yield a2b_base64(bare[: len(bare) & ~3].translate(_URL_SAFE))
    except Base64Error:
        return


_URL_SAFE = bytes.maketrans(b"-_", b"+/")


def _is_text(data: bytes) -> bool:
    """Whether bytes are printable UTF-8 but for a character that is cut off, and mostly ASCII or letters."""
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        if error.start < len(data) - 3:
            return False
        text = data[: error.start].decode()
    return all(char.isprintable() or char in "\t\r\n" for char in text)


_SEQUENCES = ("abcdefghijklmnopqrstuvwxyz", "01234567890")
_KEYBOARDS = (
    "qwertyuiop asdfghjkl zxcvbnm qwertzuiop yxcvbnm azertyuiop qsdfghjklm wxcvbn 1qaz 2wsx 3edc 4rfv 5tgb 6yhn 7ujm "
    "8ik, 9ol. 0p;/ zaq1 1qay 2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p 1q2w3e4r5t6y7u8i9o0p qawsedrftgyhujikolp !@#$%^&*()_+"
)
_HEX_WORDS = re.compile(
    rb"dead(?:beef|babe|c0de|code|f00d|food|10cc)|(?:bad|bead|face|feed|fade|cafe|c0de|code|f00d|food|beef|b00c)+"
    rb"|cafebabe|baadf00d|badc0(?:ff)?ee?|c0ffee(?:babe)?|coffee|feedface|defec8ed|facade|decade|efface|deface"
)
"""Words that the hex digits spell (catb.org/jargon, "DEADBEEF", and its kin)."""

_SHORTEST_RUN, _SHORTEST_SPLIT_RUN, _SHORTEST_REPEAT = 3, 5, 4


def _walk_marks(text: bytes, told: bytearray) -> None:
    """Mark the characters of a lower-case text that those before it tell, in `told`.

    They belong to runs (`aaa`, `456`, `cba`, `asdf`), also of its letters or digits alone (`a1b2c3d4e5`,
    `ab12cd34ef56`), to hex words, or repeat four characters or more that were there before.
    """
    _run_marks(text, range(len(text)), _SHORTEST_RUN, told)
    letters = [at for at, char in enumerate(text) if 97 <= char <= 122]
    digits = [at for at, char in enumerate(text) if 48 <= char <= 57]
    if letters and digits:
        _run_marks(bytes(text[at] for at in letters), letters, _SHORTEST_SPLIT_RUN, told)
        _run_marks(bytes(text[at] for at in digits), digits, _SHORTEST_SPLIT_RUN, told)
    for word in _HEX_WORDS.finditer(text):
        told[word.start() : word.end()] = b"\1" * len(word[0])
    seen: dict[bytes, int] = {}
    for at in range(len(text) - _SHORTEST_REPEAT + 1):
        piece = text[at : at + _SHORTEST_REPEAT]
        before = seen.setdefault(piece, at)
        if before + _SHORTEST_REPEAT <= at:
            told[at : at + _SHORTEST_REPEAT] = b"\1" * _SHORTEST_REPEAT


def _run_marks(text: bytes, places: Sequence[int], shortest: int, told: bytearray) -> None:
    """Mark runs of `shortest` characters; places: where each character of the text stands in `told`."""
    steps = _steps()
    start, kind = 0, -1
    for at, pair in enumerate(pairwise(text)):
        step = steps.get(pair, -1)
        if step != kind:
            if kind >= 0 and at + 1 - start >= shortest:
                _mark(places[start : at + 1], told)
            start, kind = at, step
    if kind >= 0 and len(text) - start >= shortest:
        _mark(places[start:], told)


def _mark(places: Sequence[int], told: bytearray) -> None:
    for place in places:
        told[place] = 1


@cache
def _steps() -> dict[tuple[int, int], int]:
    """Two neighbors in a run, and which run: 0 for a repeated character, then up, down and across a keyboard."""
    steps = {(char, char): 0 for char in range(256)}
    for lines, kind in ((_SEQUENCES, 1), (_KEYBOARDS.split(), 3)):
        for line in lines:
            for pair in pairwise(line.encode()):
                steps.setdefault(pair, kind)
                steps.setdefault((pair[1], pair[0]), kind + 1)
    return steps
