"""Where credentials may be: what the prefilter looks for, and the words in the names of credentials."""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING, NamedTuple

from cavra_boundary.structure.naming import REACH

if TYPE_CHECKING:
    from collections.abc import Sequence

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

_TOKEN = "A-Za-z0-9_+/.~-"
SHORTEST = 10
"""Characters of the shortest value that can be told from a word."""

_RUN = f"[^{_TOKEN}][{_TOKEN}]{{{SHORTEST}}}"
GATES = (
    rf"(?i)(?:{_LONG})[\s\S]{{0,{REACH}}}{_RUN}",
    rf"(?i)(?:^|[^a-z])(?:{_SHORT})(?:[^a-z][\s\S]{{0,{REACH}}})?{_RUN}",
    rf"[a-z0-9](?:{_CAMEL})(?:[^a-z][\s\S]{{0,{REACH}}})?{_RUN}",
    rf"(?i)(?:value|default)[\"'\s:=]{{1,9}}{_RUN}",
)
"""Each ends in a value that may be a credential, as many characters behind its beginning as the shortest has."""

PASSWORD_GATE = "(?i)(?:pass(?:wor[dt]|wd|phrase|code)|pwd|kennwort|contrase|senha|wachtwoord|requirepass)"
"""Ends with a word for a password."""

WORDS = re.compile(rf"(?i:{_LONG})|(?<![A-Za-z])(?i:{_SHORT})(?![A-Za-z])|(?<=[a-z0-9])(?:{_CAMEL})(?![a-z])".encode())


class Places(NamedTuple):
    """Where to look in a view: the ends of the `GATES`' matches, those of `PASSWORD_GATE`'s, whether it may have tables."""

    values: Sequence[int]
    passwords: Sequence[int]
    tables: bool

    def __bool__(self) -> bool:
        return bool(self.values or self.passwords)


def places(data: bytes) -> Places:
    """The places that hyperscan finds, found without it."""
    words = [found.end(1) for found in _AT_LONG.finditer(data)]
    whole = [found.end(found.lastindex or 0) for found in _AT_WHOLE.finditer(data)]
    values = []
    for run in _AT_RUN.finditer(data):
        gap = run.start() - 1  # of one byte at least, which is no part of the value
        if (
            _is_within(words, gap - REACH, gap)
            or _is_within(whole, gap - REACH - 1, gap)
            or _AT_VALUE.search(data, max(0, gap - _LONGEST_VALUE_WORD), gap)
        ):
            values.append(run.end())
    return Places(values, [word.end() for word in _AT_PASSWORD.finditer(data)], True)


def _is_within(numbers: list[int], least: int, most: int) -> bool:
    """Whether one of the ascending numbers is from `least` to `most`."""
    at = bisect_left(numbers, least)
    return at < len(numbers) and numbers[at] <= most


# Words may overlap, so each is looked for at every byte. None of them is the beginning of another one.
_AT_LONG = re.compile(rf"(?i)(?=({_LONG}))".encode())
_AT_WHOLE = re.compile(
    rf"(?<![A-Za-z])(?=((?i:{_SHORT}))(?![A-Za-z]))|(?<=[a-z0-9])(?=((?-i:{_CAMEL}))(?![a-z]))".encode()
)
_AT_RUN = re.compile(rf"(?<=[^{_TOKEN}])[{_TOKEN}]{{{SHORTEST}}}".encode())
_AT_VALUE = re.compile(rb"(?i)(?:value|default)[\"'\s:=]{1,9}\Z")
_AT_PASSWORD = re.compile(PASSWORD_GATE.encode())
_LONGEST_VALUE_WORD = 17
