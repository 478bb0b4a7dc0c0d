"""What a name says of its value: whether it means something that opens something.

A name is an identifier, a key path, a header, a flag or a few words. It is split into words, whatever the convention,
and its last words decide: `aws_secret_access_key_prod` is a key, `token_count` a count.
"""

from __future__ import annotations

import re
from collections import defaultdict
from enum import IntEnum
from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING

from cavra_boundary.detect.public import name_opens_nothing, words_of

if TYPE_CHECKING:
    from collections.abc import Iterable


class Meaning(IntEnum):
    """How clearly a name says that its value is a credential."""

    NOTHING = 0
    """It names something that opens nothing: an id, a count, a public key."""
    NEUTRAL = 1
    """It does not say."""
    WEAK = 2
    """It may: `key`, `signature`, `twist_key`."""
    STRONG = 3
    """It does: `client_secret`, `authToken`, `X-Api-Key`."""
    PASSWORD = 4
    """It is chosen by people, so its value may be a word."""


_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


def _table(words: str) -> frozenset[str]:
    return frozenset(words.split())


_PASSWORDS = _table(
    """
    password passwd passwort pwd passphrase passcode pass pw passw psw pswd userpass dbpass dbpassword mypassword
    kennwort contrasena contraseña senha wachtwoord haslo hasło motdepasse mdp parola lozinka heslo salasana losenord
    lösenord adgangskode parool jelszo requirepass userpassword rootpassword adminpassword passe adminpw rootpw bindpw
    userpw dbpw
    """
)
_SECRETS = _table(
    """
    secret secrets token tokens credential credentials creds cred apikey apikeys apitoken apisecret authtoken
    accesstoken accesskey secretkey bearer authorization psk pat jwt sas mnemonic hmac otp totp cookie
    refreshtoken sessionid sessiontoken clientsecret appsecret appkey authkey privatekey privkey signingkey
    encryptionkey masterkey licensekey licencekey sharedkey dsn auth oauth otpsecret jeton geheimnis schluessel
    sessid phpsessid jsessionid xoxd
    secreto secreta segreto segreta segredo secrete geheim sekret tajny tajne salaisuus
    """
)
_WEAK = _table(
    """
    key keys session sessions signature sig sign code license licence seed access ticket webhook
    hook login identity magic
    """
)
_KEYS_ABROAD = _table(
    """
    clave chave chiave cle clef klucz sleutel nyckel schlussel schluessel avain kulcs klic nokkel nogle
    """
)
_KEYS = _table(
    """
    access account admin aes api app application auth authentication authorization bot cipher client consumer
    crypt crypto customer data decrypt decryption deploy deployment dev developer device encrypt encryption
    enrollment external function gateway hmac host hub ingest ingestion integration internal jwt jwk license licence
    live master merchant oauth partner personal private priv prod production project provisioning push rest
    root routing sandbox sec secret secure security server service session shared sign signing ssh ssl ssn
    storage stream subscription symmetric sync system team tenant test tls token transaction upload user validation
    verification vault vpn wallet web webhook workspace write x
    """
)
"""Words that make a following `key` a secret."""

_QUALIFIERS = _table(
    """
    value values val string str raw plain plaintext data text b64 base64 hex enc encoded default prod production
    live dev development staging stage qa uat sandbox demo local primary secondary old new current previous next main
    here const constant literal override ro rw v base
    """
)
"""Last words that say nothing of what a value is."""

_IN_NAMES = _table(
    """
    secret password passwd token credential passphrase kennwort passwort contrasena senha wachtwoord haslo
    """
)
"""Words that make a name one of a credential wherever they stand in it."""

_COMPOUND_ENDS = (
    *("password", "passwd", "passphrase", "passcode", "passwort", "pwd"),
    *("secret", "token", "apikey", "secretkey", "accesskey", "privatekey", "authkey", "credentials", "credential"),
)
_ABROAD = re.compile("пароль|токен|ключ|секрет|密码|密钥|令牌|口令|秘密|パスワード|トークン|秘密鍵|비밀|토큰")
_LONGEST = 120


def fold(name: str) -> str:
    """A name without case and separators, as providers' names are compared: `API_Layer` -> apilayer."""
    return re.sub(r"[^a-z0-9]+", "", name.lower())


class Providers:
    """Words of providers, folded, of which it is told quickly which ones a text has."""

    def __init__(self, words: Iterable[str]) -> None:
        by_head: defaultdict[int, defaultdict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for word in words:
            head = word[:_HEAD]
            by_head[len(head)][head].append(word)
        self._heads = [*by_head.items()]

    def within(self, text: str) -> frozenset[str]:
        """The words that begin where a word of the text does: `hubspot` in `HUBSPOT_KEY`, not `hapi` in `touch_api`."""
        words = [word.lower() for word in _WORD.findall(text)]
        folded = "".join(words)
        starts = [0, *accumulate(map(len, words))]
        return frozenset(
            word
            for length, heads in self._heads
            for start in starts
            if (head := folded[start : start + length]) in heads
            for word in heads[head]
            if folded.startswith(word, start)
        )


_HEAD = 4
"""Characters by which words are told apart first."""


@lru_cache(maxsize=4096)
def meaning(name: str) -> Meaning:
    """What a name says of its value."""
    words = words_of(name)
    if not words:
        return Meaning.STRONG if _ABROAD.search(name) else Meaning.NEUTRAL
    while len(words) > 1 and (words[-1] in _QUALIFIERS or words[-1].isdigit()):
        words.pop()
    last = words[-1]
    before = words[-2] if len(words) > 1 else ""
    if before == "hashed" or name_opens_nothing(words):
        return Meaning.NOTHING
    if last in _PASSWORDS:
        return Meaning.WEAK if before == "encrypted" else Meaning.PASSWORD
    if last in ("key", "keys"):
        return _meaning_of_key(words[:-1])
    if last == "signature" and before == "access":
        return Meaning.STRONG
    if _KEYS_ABROAD.intersection(words):  # what kind of key stands behind it in most languages: `clave_api`
        return Meaning.STRONG if len(words) > 1 else Meaning.WEAK
    if last in _SECRETS or (last in ("sid", "id") and words[-2:-1] in (["auth"], ["session"], ["connect"])):
        return Meaning.STRONG
    if last in _WEAK:
        return Meaning.WEAK
    if any(last.endswith(end) for end in _COMPOUND_ENDS):
        return Meaning.PASSWORD if last.endswith(_COMPOUND_ENDS[:6]) else Meaning.STRONG
    if last.endswith("key"):
        return Meaning.WEAK
    if _IN_NAMES.intersection(words):
        return Meaning.WEAK if _IN_NAMES.isdisjoint(words[-3:]) else Meaning.STRONG
    if {"key", "apikey", "auth", "bearer", "pwd"}.intersection(words):
        return Meaning.WEAK
    return Meaning.NEUTRAL


def _meaning_of_key(before: list[str]) -> Meaning:
    if not before:
        return Meaning.WEAK
    if before[-1] in _KEYS:
        return Meaning.STRONG
    if before[-1] == "s3":
        return Meaning.NOTHING
    return Meaning.STRONG if _SECRETS.intersection(before) else Meaning.WEAK
