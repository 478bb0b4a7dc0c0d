"""Where credentials may be: what the prefilter looks for, and the words in the names of credentials."""

from __future__ import annotations

import re
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
    """All places where hyperscan finds one, and more."""
    runs = re.finditer(rb"(?<![%b])[%b]{%d}" % (_TOKEN.encode(), _TOKEN.encode(), SHORTEST), data)
    return Places([run.end() for run in runs], [word.end() for word in re.finditer(PASSWORD_GATE.encode(), data)], True)
