"""Values of secrets: shapes, each in several lengths and alphabets, and passwords as people choose them."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from collections.abc import Callable

    from cavra_boundary.rules.samples import Dice

_DIGITS = "0123456789"
_LOWER = "abcdefghijklmnopqrstuvwxyz"
_UPPER = _LOWER.upper()

_ALPHABETS = {
    "hex": (_DIGITS + "abcdef", (20, 24, 32, 40, 48, 64, 96, 128)),
    "HEX": (_DIGITS + "ABCDEF", (32, 40, 64)),
    "lower": (_LOWER, (17, 20, 24, 32, 40)),
    "lower36": (_LOWER + _DIGITS, (16, 20, 25, 32, 40)),
    "upper36": (_UPPER + _DIGITS, (16, 20, 32, 40)),
    "base32": (_UPPER + "234567", (16, 26, 32, 52)),
    "letters": (_LOWER + _UPPER, (20, 32, 40)),
    "base58": ("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz", (22, 44, 64)),
    "base62": (_DIGITS + _UPPER + _LOWER, (16, 20, 22, 24, 32, 36, 40, 64)),
    "base64url": (_UPPER + _LOWER + _DIGITS + "-_", (22, 32, 43, 64, 86)),
}
_OCTETS = (16, 24, 32, 48, 64)


def _text(alphabet: str, lengths: tuple[int, ...]) -> Callable[[Dice], str]:
    return lambda dice: dice.text(alphabet, lengths[dice.below(len(lengths))])


def _base64(dice: Dice) -> str:
    return b64encode(dice.octets(_OCTETS[dice.below(len(_OCTETS))])).decode()


def _uuid(dice: Dice) -> str:
    return str(UUID(bytes=dice.octets(16), version=4))


def _groups(dice: Dice) -> str:
    return "-".join(dice.text(_UPPER + _DIGITS, 5) for _ in range(5))


def _prefixed(dice: Dice) -> str:
    """An invented prefix, as providers begin their tokens, and a random rest."""
    prefix = dice.text("bdfgklmnprstvz", 1) + dice.text("aeiou", 1) + dice.text("lmnrstvx", 1)
    sep = "_" if dice.below(2) else "-"
    stage = dice.one_of(("live", "prod", "v1", "at", "key"))
    return f"{prefix}{sep}{stage}{sep}{dice.text(_DIGITS + _UPPER + _LOWER, (24, 32, 40)[dice.below(3)])}"


def _two_parts(dice: Dice) -> str:
    """An id and a secret with a point or colon between them."""
    return dice.text(_DIGITS, 8) + dice.one_of((".", ":")) + dice.text(_DIGITS + _UPPER + _LOWER, 32)


SHAPES: dict[str, Callable[[Dice], str]] = {
    **{name: _text(*described) for name, described in _ALPHABETS.items()},
    "base64": _base64,
    "uuid": _uuid,
    "groups": _groups,
    "prefixed": _prefixed,
    "two parts": _two_parts,
}
"""Values that nobody would write by hand, 16 characters at least."""

_WORDS = tuple(
    """
    sommer ballon sturm katze abeja lluvia fuego playa soleil chaton bougie fenetre cavallo estate gelato kaars fiets
    molen zomer praia coelho manga kwiat zamek zebra kolibri pinguin bergen fjord skog rakuda sakura kotiki moroz zvezda
    guitar rocket pepper biscuit thunder marble walnut falcon velvet saddle hockey tunnel coffee wizard dragon mustang
    """.split()  # noqa: SIM905
)
_SPECIALS = "!?*#@$%&+-_.="
_LEET = str.maketrans("aeiost", "431057")


def _word_and_year(dice: Dice) -> str:
    return f"{dice.one_of(_WORDS).title()}{1975 + dice.below(50)}{dice.text(_SPECIALS, 1)}"


def _two_words(dice: Dice) -> str:
    return f"{dice.one_of(_WORDS)}{dice.text('.-_+', 1)}{dice.one_of(_WORDS).title()}{dice.below(90) + 10}"


def _leet(dice: Dice) -> str:
    word = dice.one_of(_WORDS) + dice.one_of(_WORDS)
    return word.translate(_LEET).title() + dice.text(_SPECIALS, 1)


def _typed(dice: Dice) -> str:
    """Nine to fourteen characters of a careful person, or of a small generator."""
    return dice.text(_LOWER, 1) + dice.text(_LOWER + _UPPER + _DIGITS + _SPECIALS, 8 + dice.below(6))


def _four_words(dice: Dice) -> str:
    return "-".join(dice.one_of(_WORDS) for _ in range(4))


PEOPLES: dict[str, Callable[[Dice], str]] = {
    "word, year, sign": _word_and_year,
    "two words": _two_words,
    "letters as digits": _leet,
    "typed": _typed,
    "four words": _four_words,
}
"""Passwords as people choose them; no dummies."""


def draw(dice: Dice, shapes: dict[str, Callable[[Dice], str]], unsafe: str = "") -> tuple[str, str]:
    """A shape and a value of it, without characters that the syntax around it would have to escape."""
    shape = dice.one_of(tuple(shapes))
    value = shapes[shape](dice)
    while any(sign in value for sign in unsafe):
        shape = dice.one_of(tuple(shapes))
        value = shapes[shape](dice)
    return shape, value
