"""Finds what must not be in a packet, in whatever field: in plain text, disguised or encoded."""

from __future__ import annotations

import re
import unicodedata
from binascii import Error as Base64Error
from binascii import a2b_base64
from functools import lru_cache
from typing import TYPE_CHECKING

from cavra_boundary.evidence.signs import sign

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_TEXT = 600
"""Maximum length of a string, in text fields too. Longer ones are refused, so nothing here looks further."""

_LAYERS = 2
"""How many times a text is decoded."""

# --- characters that hide what is written

_ALPHABETS = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC", "LISU")
_DISGUISED = ("FULLWIDTH", "MATHEMATICAL", "CIRCLED", "PARENTHESIZED", "SQUARED", "NEGATIVE", "SMALL ", "DOUBLE-STRUCK")
_LETTER_RUN = re.compile(r"[^\W\d_]+")


def disguise(text: str) -> str:
    """How a text looks different from what it says, in words; "" if it does not."""
    if text.isascii() and text.isprintable():
        return ""
    for char in text:
        if char in "\n\t" or 32 <= ord(char) < 127:
            continue
        category = unicodedata.category(char)
        if category in ("Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"):
            return "invisible characters"
        if category == "Nd" or unicodedata.name(char, "").startswith(_DISGUISED):
            return "look-alike characters"
    for word in _LETTER_RUN.findall(text):
        if not word.isascii() and len({_alphabet(letter) for letter in word} - {""}) > 1:
            return "a word that mixes alphabets"
    return ""


def _alphabet(letter: str) -> str:
    name = unicodedata.name(letter, "")
    return next((alphabet for alphabet in _ALPHABETS if name.startswith(alphabet)), "")


# --- what is encoded

_PERCENT = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
# A run of lower-case letters is far more often a word than base64.
_BASE64 = re.compile(r"(?<![\w+/=-])(?=[a-z_-]*[A-Z0-9+/=])[A-Za-z0-9+/_-]{8,}={0,2}(?![\w+/=-])")
_HEX = re.compile(r"(?<![0-9A-Za-z])(?:[0-9A-Fa-f]{2}){8,}(?![0-9A-Za-z])")
_READABLE = re.compile(r"[\w@.,:;/+ \t\n{}\[\]\"'()<>=&?!$%*#-]{6,}", re.ASCII)


def layers(text: str) -> Iterator[str]:
    """A text with its percent-encoding, base64 and hexadecimal decoded, at most twice."""
    layer = [text[:MAX_TEXT]]
    for _ in range(_LAYERS):
        layer = [inner for outer in layer for inner in _decoded(outer)]
        yield from layer


def _decoded(text: str) -> Iterator[str]:
    if "%" in text:
        plain = _PERCENT.sub(lambda run: bytes.fromhex(run[0].replace("%", "")).decode("utf-8", "replace"), text)
        if plain != text:
            yield plain
    for run in _BASE64.findall(text):
        if inner := _readable(_from_base64(run)):
            yield inner
    for run in _HEX.findall(text):
        if inner := _readable(bytes.fromhex(run)):
            yield inner


def _from_base64(run: str) -> bytes:
    bare = run.rstrip("=").replace("-", "+").replace("_", "/")
    if len(bare) % 4 == 1:
        return b""
    try:
        return a2b_base64(bare + "=" * (-len(bare) % 4))
    except Base64Error:
        return b""


def _readable(data: bytes) -> str:
    """The bytes as text; "" if they are not readable."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return ""
    return text if _READABLE.fullmatch(text) and any(map(str.isalnum, text)) else ""


@lru_cache(maxsize=4096)
def private_reason(text: str, hosts: frozenset[str]) -> str:
    """What in a text is private, in our own words; "" for nothing. hosts: where links may lead."""
    text = text[:MAX_TEXT]
    if words := disguise(text):
        return words
    if words := sign(unicodedata.normalize("NFKC", text), hosts):
        return words
    for layer in layers(text):
        return f"{sign(layer, hosts) or 'text'}, encoded"
    return ""
