"""Where credentials may be: what the prefilter looks for, and the words in the names of credentials."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from cavra_boundary.structure.naming import REACH

if TYPE_CHECKING:
    from collections.abc import Sequence

_LONG = (
    "secret|token|passw|passphrase|passcode|pwd|key|cred|auth|bearer|signature|session|cookie|licen[cs]e|jwt|hmac|mnemonic"
    "|webhook|psk|serial.?n|activation|unlock|kennwort|contrase|senha|wachtwoord|mot_?de_?passe|has[l\\xc5]|requirepass"
)
_SHORT = "pat|sas|otp|totp|dsn|pw|pass|psw|mdp|seed|salt|code|pin|login|hook"
"""Words in the names of credentials: anywhere in a name, and those that have to be whole words."""

_TOKEN = "A-Za-z0-9_+/.~-"
SHORTEST = 10
"""Characters of the shortest value that can be told from a word."""

_RUN = f"[^{_TOKEN}][{_TOKEN}]{{{SHORTEST}}}"
GATES = (
    rf"(?i)(?:{_LONG})[\s\S]{{0,{REACH}}}{_RUN}",
    rf"(?i)(?:^|[^a-z])(?:{_SHORT})(?:[^a-z][\s\S]{{0,{REACH}}})?{_RUN}",
    rf"(?i)(?:value|default)[\"'\s:=]{{1,9}}{_RUN}",
)
"""Each ends in a value that may be a credential, as many characters behind its beginning as the shortest has."""

PASSWORD_GATE = "(?i)(?:pass(?:wor[dt]|wd|phrase|code)|pwd|kennwort|contrase|senha|wachtwoord|requirepass)"
"""Ends with a word for a password."""

WORDS = re.compile(rf"{_LONG}|(?<![a-z])(?:{_SHORT})(?![a-z])".encode(), re.I)


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
