"""Dummies: values that people make up to stand for a secret, told by the words and runs that they are spelled of.

`P@ssw0rd2024!`, `fakeApiKey0123`, `s3cr3t_t0ken`, `qwerty123`, `contraseña1`: words that mean a secret, a test or
nothing at all, runs of the alphabet or the keyboard, and counted numbers, in any order, separated or not, with letters
replaced by digits and signs that look like them. `Winter2024!` and `Tr0ub4dor&3` are none: their words mean nothing of
the kind, so they are a person's weak passwords.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Words that say of themselves that they are a secret, or no real one: the names of secrets in the languages that most
# code is written in, defaults of well-known products, words for tests and examples. With one of them a password is a
# dummy.
_SPEAKING = _words(
    """
    abc access admin administrator anonymous apikey apikeys auth authorization bar base64 baz bearer blank bogus cert
    certificate change changed changeit changeme cookie cred credential credentials creds default demo disabled dummy
    empty drowssap example examples fake fixture foo foobar guest hello hidden insecure invalid jwt key keys letmein
    license licence login lorem ipsum masked mock mysecret none null obscured oauth pass passcode passphrase passwd
    passwords password passw pin placeholder private pswd pw pwd qux qwerty azerty redacted removed root salt sample
    secret secretkey secrets secure sekret sentinel signature sso stub supersecret superuser temp temporary test
    tested tester testing testkey testpass testpassword tests terces tmp todo token tokens toor topsecret undefined
    unset unused user username users value values welcome whatever wrong xxx xyz xxxx passwort kennwort losung geheim
    geheimnis schlussel schluessel zugang contrasena contrasenia clave secreto contrasenya llave motdepasse mdp jeton
    secrete cle clef motpasse senha segredo chave palavra palavrapasse parola chiave segreto chiavesegreta wachtwoord
    geheime sleutel haslo tajne tajny klucz sekretne losenord hemligt hemlig nyckel adgangskode hemmelig kodeord
    passord nokkel salasana salainen avain sifre parola gizli anahtar heslo tajemstvi tajne klic jelszo titkos kulcs
    parool salasona slaptazodis lozinka geslo parole kodikos matkhau katasandi sandi rahasia parol sekret klyuch mima
    mimapassword miyao mishi himitsu anshou pasuwado bimilbeonho bimil postgres postgresql mysql mariadb mongo mongodb
    redis rabbitmq minio minioadmin wordpress grafana jenkins keycloak elastic kibana kafka airflow superset odoo
    magento drupal joomla nextcloud gitlab vagrant ubuntu raspberry oracle tomcat wildfly jboss weblogic cassandra
    neo4j couchdb influxdb timescale clickhouse hasura supabase directus strapi
    """
)

# Words that stand beside them. A value of only these is a generated secret's placeholder, but may be a password.
_GLUE = _words(
    """
    acc account acct alice and anon any api app application apps are aws as ask at authentication azure backend basic
    be bearer best bin bit bits bob block bool bot box build by byte bytes call can cfg char character characters
    chars check ci cid cipher client cloud code com common company conf confidential config configuration conn connect
    connection consumer content correct create cross crt crypto csr csrf custom customer data database date db dbadmin
    dbuser dec decode decrypt dev developer development device dev1 digest digit digits directory django do docker
    docs doe domain download dsn edit else email enable enabled encode encoded encrypt encrypted encryption end
    endpoint enter enterprise entropy env environment exists external false field file find firebase first flask for
    forgot format frontend from full function gcp generate generated generator get git github go goes good google
    group has hash have header here hex hmac home host html http https hub id identity idp if iis image in index info
    init input insert int integer integration internal into is issuer it item iv jane jdbc job john json just keep kid
    keyid keyring keystore kubernetes label last ldap left length letters level lib line link list live load local
    localhost location log long machine mail main make manager master max md5 me message min missing mobile mode model
    my name named need needed needs never new next nil no node nonce not now npm num number of off omitted on one only
    open openai openid ops option optional options oauth2 or org organization other our out output own owner page
    param parameter part path payload pem person personal phone phrase plain plaintext please plus policy port pre
    prefix prod product production profile project prompt provide provided provider proxy pub public publishable put
    pypi python qa quick quux rabbit random raw re react read real really recovery ref refresh region register
    registry remember remove replace repo repository request required reset resource response retry right role rsa run
    runner s3 same sandbox save scope script security see selector send sendgrid sensitive serial server service
    session set setting settings setup sha sha1 sha256 sha512 share shared short should sign signed signing simple
    site size slack small smtp some source spam eggs sql ssh ssl stage staging start state stg store str string stripe
    strong sub super subject such suffix support sure system table tenant text that the then there these this thing
    this time title tls to tool true trust ts two twilio txt type unique unknown unsafe up update upload uri url us
    usage use used usr uuid val valid var variable vault verify version very view wait want was we web webhook
    webhooks with without word words work worker world write ws yes yet you your yours etc fetch ini js keyfile mnt
    opt p12 pfx src toml xml yaml yml an
    """
)
DUMMY_WORDS = _SPEAKING | _GLUE
_LONGEST_WORD = max(map(len, DUMMY_WORDS))

_LEET = bytes.maketrans(b"@48(3961!|0$57+2", b"aabceggiilossttz")
# The same signs, read otherwise: `he11o`, `l!cense`.
_OTHER_LEET = bytes.maketrans(b"@48(3961!|0$57+2", b"aabcegglliossttz")

_LONGEST = 80
"""Characters of a dummy; people do not type more."""


def is_dummy(text: str, *, password: bool) -> bool:
    """Whether a text is spelled of dummy words, runs and counted numbers.

    password: it is to be a person's password, so one of its words has to say that it is none: `dataserver7` is one.
    """
    lowered = plain_letters(text)
    if not 3 <= len(lowered) <= _LONGEST:
        return False
    return _is_spelled(text, lowered, password=password)


# Parts of the names of algorithms, their modes and character sets, without their numbers.
_OF_ALGORITHMS = _words(
    """
    a aes argon argon2 argon2d argon2i argon2id ascii base bcrypt blake blake2b blake2s blake3 cbc ccm chacha
    chacha20 cp ctr des dh ecb ecdh ecdsa ed25519 eddsa es euc gb gbk gcm hkdf hmac hs iso jp koi8 kr kw latin md
    md4 md5 none oaep pbkdf pbkdf2 pkcs pkcs1 pkcs5 pkcs7 plus poly1305 ps pss r rs rsa s s256 scram scrypt sha sha1
    shift sig siv ssha u ucs utf v windows with x25519 xchacha20
    """
)


def is_algorithm(text: bytes) -> bool:
    """Whether a text names an algorithm or a character set: `scram-sha-256`, `AES/GCM/NoPadding`, `latin1`.

    In names of RFC 7518 parts are joined by numbers: `A128CBC-HS256`.
    """
    if len(text) > _LONGEST_ALGORITHM or not text[:1].isalpha():
        return False
    parts = re.split(r"[-_/.+:]", text.decode("latin-1").lower().removesuffix("padding"))
    return all(
        (part.isdigit() and len(part) <= 5)
        or part in _OF_ALGORITHMS
        or _OF_ALGORITHMS.issuperset(filter(None, re.split(r"[0-9]+", part)))
        for part in parts
    )


_LONGEST_ALGORITHM = 40


def names_a_secret(text: str) -> bool:
    """Whether a longer word for a secret, in any of the languages, is a part of a text: `invalidPassword`."""
    lowered = plain_letters(text)
    return re.search(_NAMES, lowered) is not None


_NAMES = (
    r"passw(?:or[dt]|d)|passphrase|secret|token|credential|api_?key|kennwort|schlus+el|contrasena|mot[ -]?de[ -]?passe"
    r"|jeton|wachtwoord|losenord|passord|adgangskode|palavra[ -]?passe|senha\b|haslo|salasana|jelszo|heslo|lozinka"
    r"|parol\w?\b|sifre"
)


def plain_letters(text: str) -> str:
    """Lower-case letters without their accents: `Contraseña` is `contrasena`, `Schlüssel` `schlussel`."""
    if text.isascii():
        return text.lower()
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in parts if not unicodedata.combining(char)).replace("ł", "l").replace("ø", "o")


def _is_spelled(text: str, lowered: str, *, password: bool) -> bool:
    """Whether words, runs, numbers and punctuation cover the whole, half of its letters by words of three or more.

    One pass: for each place that can be reached, how many characters of words lead there at most, and whether a word
    that speaks for itself is among them. Ends at the first place that nothing leads beyond, as random tokens do early.
    """
    size = len(lowered)
    if len(text) != size:
        return False  # letters that are longer in lower case, such as İ
    readings = {lowered}
    if lowered.isascii():
        raw = lowered.encode()
        readings |= {raw.translate(_LEET).decode(), raw.translate(_OTHER_LEET).decode()}
    best, speaks = [-1] * (size + 1), [False] * (size + 1)
    best[0] = reached = 0
    for at in range(size):
        if best[at] < 0:
            if at > reached:
                return False
            continue
        for end, worth, speaking in _pieces(text, lowered, readings, at):
            reached = max(reached, end)
            best[end] = max(best[end], best[at] + worth)
            speaks[end] = speaks[end] or speaks[at] or speaking
    letters = sum(map(str.isalpha, lowered))
    return best[size] > 0 and 2 * best[size] >= letters and (speaks[size] or not password)


def _pieces(text: str, lowered: str, readings: set[str], at: int) -> Iterator[tuple[int, int, bool]]:
    """What can be read at a place: its end, the characters that it is worth, and whether it speaks for itself."""
    first = lowered[at]
    if not first.isalnum():
        yield at + 1, 0, False
    elif first.isdigit() and (at == 0 or not lowered[at - 1].isdigit()):
        number = _DIGITS.match(lowered, at)
        end = number.end() if number else at
        edge = at == 0 or end == len(lowered) or not (lowered[at - 1] + lowered[end]).isalnum()
        if end - at <= 2 or (end - at <= 4 and edge) or is_counted(lowered[at:end]):
            yield end, 0, False
    for end in range(at + 3, _run_end(lowered, at) + 1):
        yield end, 0, False
    for reading in readings:
        for end in range(at + 2, min(len(reading), at + _LONGEST_WORD) + 1):
            word = reading[at:end]
            if word in DUMMY_WORDS and _may_stand(text, lowered, word, at):
                yield end, end - at if end - at > 2 else 0, word in _SPEAKING


def _may_stand(text: str, lowered: str, word: str, at: int) -> bool:
    """Whether a word may be read here: a short one stands alone, and a disguised one keeps half of its letters."""
    end = at + len(word)
    if lowered[at:end] != word:
        return (len(word) >= 4 or _stands_alone(text, at, end)) and 2 * sum(map(str.isalpha, lowered[at:end])) >= len(
            word
        )
    return len(word) > 2 or word in _SHORT or _stands_alone(text, at, end)


_DIGITS = re.compile(r"\d+")
_SHORT = _words("my db pw id no is it to of in on")
"""Words of two letters that people write together with others: `mypassword`, `dbpass`."""


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Whether a short word has an edge on both sides: a sign, a digit, or a change from small to capital letters."""
    before, after = text[start - 1 : start], text[end : end + 1]
    left = not before.isalnum() or (before.islower() and text[start].isupper())
    return left and (not after.isalnum() or (text[end - 1].islower() and after.isupper()))


def is_counted(digits: str) -> bool:
    """Whether a number is one that people count or date with: `12345`, `0001`, `000000`, `2024`, `20240131`."""
    steps = {(int(after) - int(before)) % 10 for before, after in itertools.pairwise(digits)}
    if not steps or steps in ({0}, {1}, {9}):
        return True
    if re.fullmatch(r"0+\d{0,3}|(?:19|20)\d\d(?:0[1-9]|1[0-2])?(?:[0-2]\d|3[01])?", digits):
        return True
    return len(digits) % 3 == 0 and digits[:3] * (len(digits) // 3) == digits and len(digits) > 3


# Runs that people type and manuals print, in either direction.
RUNS = _words(
    """
    0123456789012345678901234567890 abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz qwertyuiop asdfghjkl zxcvbnm
    qwertzuiop azertyuiop qsdfghjklm 1q2w3e4r5t6y7u8i9o0p 1qaz2wsx3edc4rfv5tgb6yhn7ujm abc123def456ghi789jkl
    a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6q7r8s9t0u1v2w3x4y5z6 !@#$%^&*() qazwsxedcrfvtgbyhnujm
    """
)


@cache
def _triples() -> frozenset[str]:
    """Every three characters that follow each other in a run, forward or backward, or repeat one."""
    runs = (*RUNS, *(run[::-1] for run in RUNS), *(char * 3 for char in map(chr, range(256))))
    return frozenset(run[at : at + 3] for run in runs for at in range(len(run) - 2))


def run_length(text: str) -> int:
    """How many characters belong to runs of three or more: `aaa`, `345`, `cba`, `asdf`."""
    triples = _triples()
    total = end = 0
    for at in range(len(text) - 2):
        if text[at : at + 3] in triples:
            total += at + 3 - max(at, end)
            end = at + 3
    return total


def _run_end(text: str, at: int) -> int:
    """Where a run ends that begins at a place; the place itself if none does."""
    triples = _triples()
    end = at
    while text[end : end + 3] in triples:
        end += 1
    return end + 2 if end > at else at
