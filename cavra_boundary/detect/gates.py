"""Where credentials may be: what the prefilter looks for, and the words in the names of credentials."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from cavra_boundary.structure.naming import REACH

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_LONG = (
    "secret|secr\\xc3|token|passw|passphrase|passcode|pwd|key|cred|auth|bearer|signature|session|sessid|cookie|licen[cs]e|jwt|hmac"
    "|mnemonic|webhook|psk|serial.?n|activation|unlock|requirepass"
    "|kennwort|contrase|senha|wachtwoord|mot_?de_?passe|has[l\\xc5]|clave|chave|chiave|clef|klucz|sleutel|nyckel|schl(?:ue|\\xc3.)ssel"
    "|geheim|segret|segredo|sekret|jeton|tajn|parol|salasana|l(?:o|\\xc3.)senord|heslo|jelszo"
    "|\\xd0\\xbf\\xd0\\xb0\\xd1\\x80\\xd0\\xbe\\xd0\\xbb|\\xd1\\x82\\xd0\\xbe\\xd0\\xba\\xd0\\xb5\\xd0\\xbd|\\xd0\\xba\\xd0\\xbb\\xd1\\x8e\\xd1\\x87"
    "|\\xe5\\xaf\\x86\\xe7\\xa0\\x81|\\xe5\\xaf\\x86\\xe9\\x92\\xa5|\\xe4\\xbb\\xa4\\xe7\\x89\\x8c"
)
_SHORT = "pat|sas|otp|totp|dsn|pw|pass|psw|mdp|seed|salt|code|pin|login|hook|sid|cl\\xc3\\xa9|cle"
_CAMEL = "Pat|Sas|Otp|Totp|Dsn|Pw|Pass|Psw|Mdp|Seed|Salt|Code|Pin|Login|Hook|Sid"
"""Words in the names of credentials: those that may stand anywhere in a name, whole words, and words in camelCase.

Those in other scripts (as UTF-8) are Russian for password, token and key, and Chinese for password, key and token.
"""

WORD_GATES = (f"(?i){_LONG}", f"(?i)(?:^|[^a-z])(?:{_SHORT})(?:[^a-z]|$)", f"[a-z0-9](?:{_CAMEL})(?:[^a-z]|$)")
"""Each ends with such a word, or right after it."""

_CHARACTERS = "A-Za-z0-9_+/.~-"
SHORTEST = 10
"""Characters of the shortest value that can be told from a word."""

PAIR_GATE = rf"(?i)(?:value|default)[\"'\s:=]{{1,9}}[{_CHARACTERS}]{{{SHORTEST}}}"
"""Ends in a pair's value, as many characters behind its beginning as the shortest has; its name may come after it."""

PASSWORD_GATE = "(?i)(?:pass(?:wor[dt]|wd|phrase|code)|pwd|kennwort|contrase|senha|wachtwoord|requirepass)"  # noqa: S105
"""Ends with a word for a password."""

WORDS = re.compile(rf"(?i:{_LONG})|(?<![A-Za-z])(?i:{_SHORT})(?![A-Za-z])|(?<=[a-z0-9])(?:{_CAMEL})(?![a-z])".encode())

_RUN = re.compile(
    rb"(?<![%b])(?=[%b]{%d})"
    rb"(?:[A-Za-z_+/.~-]{0,40}+[0-9]|[a-z]{16}|[A-Z]{16}|[A-Za-z]{0,40}?[a-z][A-Z]{1,3}[a-z]{1,2}[A-Z])"
    % (_CHARACTERS.encode(), _CHARACTERS.encode(), SHORTEST)
)
"""Characters of a token with a digit, or letters in a row that are not as words have them."""


class Places(NamedTuple):
    """Where to look in a view.

    The ends of words in names, of the values of pairs and of words for passwords; whether it may have tables.
    """

    words: Sequence[int]
    pairs: Sequence[int]
    passwords: Sequence[int]
    tables: bool

    def __bool__(self) -> bool:
        return bool(self.words or self.pairs or self.passwords)


def places(data: bytes) -> Places:
    """The same places as hyperscan finds, by `re`."""
    words, pairs, passwords = (
        sorted(found.end() for gate in gates for found in re.finditer(gate.encode(), data))
        for gates in (WORD_GATES, (PAIR_GATE,), (PASSWORD_GATE,))
    )
    return Places(words, pairs, passwords, True)


def values(data: bytes, places: Places) -> Iterator[int]:
    """Where values begin that may be credentials: within reach of a word, or in a pair."""
    done = 0
    for start, end in _windows(places.words, len(data)):
        for run in _RUN.finditer(data, max(start, done), end + _LONGEST_START):
            if run.start() < end:
                yield run.start()
        done = end
    yield from (end - SHORTEST for end in places.pairs)


_MARGIN = 16
"""How much further than `REACH` is looked, so that overlapping words make no difference."""

_LONGEST_START = 64


def _windows(ends: Sequence[int], size: int) -> Iterator[tuple[int, int]]:
    """The reaches of sorted places, joined where they overlap."""
    start = last = -1
    for end in ends:
        if end > last:
            if last >= 0:
                yield start, min(last, size)
            start = max(0, end - 1)
        last = end + REACH + _MARGIN
    if last >= 0:
        yield start, min(last, size)
