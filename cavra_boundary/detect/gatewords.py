"""Where credentials may be: what the prefilter looks for. Every run imports this, so nothing is compiled here."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

LONG = (
    "secret|secr\\xc3|token|passw|passphrase|passcode|pwd|key|cred|auth|bearer|signature|session|sessid|cookie|licen[cs]e|jwt|hmac"
    "|mnemonic|webhook|psk|serial.?n|activation|unlock|requirepass"
    "|kennwort|contrase|senha|wachtwoord|mot_?de_?passe|has[l\\xc5]|clave|chave|chiave|clef|klucz|sleutel|nyckel|schl(?:ue|\\xc3.)ssel"
    "|geheim|segret|segredo|sekret|jeton|tajn|parol|salasana|l(?:o|\\xc3.)senord|heslo|jelszo"
    "|\\xd0\\xbf\\xd0\\xb0\\xd1\\x80\\xd0\\xbe\\xd0\\xbb|\\xd1\\x82\\xd0\\xbe\\xd0\\xba\\xd0\\xb5\\xd0\\xbd|\\xd0\\xba\\xd0\\xbb\\xd1\\x8e\\xd1\\x87"
    "|\\xe5\\xaf\\x86\\xe7\\xa0\\x81|\\xe5\\xaf\\x86\\xe9\\x92\\xa5|\\xe4\\xbb\\xa4\\xe7\\x89\\x8c"
)
SHORT = "pat|sas|otp|totp|dsn|pw|pass|psw|mdp|seed|salt|code|pin|login|hook|sid|cl\\xc3\\xa9|cle"
CAMEL = "Pat|Sas|Otp|Totp|Dsn|Pw|Pass|Psw|Mdp|Seed|Salt|Code|Pin|Login|Hook|Sid"
"""Words in the names of credentials: those that may stand anywhere in a name, whole words, and words in camelCase.

Those in other scripts (as UTF-8) are Russian for password, token and key, and Chinese for password, key and token.
"""

WORD_GATES = (f"(?i){LONG}", f"(?i)(?:^|[^a-z])(?:{SHORT})(?:[^a-z]|$)", f"[a-z0-9](?:{CAMEL})(?:[^a-z]|$)")
"""Each ends with such a word, or right after it."""

CHARACTERS = "A-Za-z0-9_+/.~-"
SHORTEST = 10
"""Characters of the shortest value that can be told from a word."""

PAIR_GATE = rf"(?i)(?:value|default)[\"'\s:=]{{1,9}}[{CHARACTERS}]{{{SHORTEST}}}"
"""Ends in a pair's value, as many characters behind its beginning as the shortest has; its name may come after it."""

PASSWORD_GATE = "(?i)(?:pass(?:wor[dt]|wd|phrase|code)|pwd|kennwort|contrase|senha|wachtwoord|requirepass)"  # noqa: S105
"""Ends with a word for a password."""


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
