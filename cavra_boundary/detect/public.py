"""What is public by design: values that their provider says everybody may see, and names that open nothing.

The only place that knows them. Three kinds of evidence, each enough: the value's own prefix (`pk.eyJ…`), the words of
its name (`primaryKey`, `NEXT_PUBLIC_…`, `checksum`), and what stands beside it (a Firebase `apiKey` and its
`authDomain`). It is for values that are known by their names; a secret that speaks for itself (`sk_live_…`) is one
whatever its name.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cavra_boundary.detect.shapes import has_shape

if TYPE_CHECKING:
    from collections.abc import Sequence


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


AROUND = 2000
"""How many bytes on either side of a value may say what it is: as far as the entries of one configuration object go."""


def public_reason(names: Sequence[str], value: bytes, around: bytes) -> str:
    """Why a value is public by design, in a few words; "" when nothing says so.

    names: the names that speak of it, the nearest first, as they are written (`NEXT_PUBLIC_API_KEY`, `apiKey`).
    around: the text near it, at most `AROUND` bytes on either side; the value may be a part of it.
    """
    value = value[:_LONGEST].strip(b" \t\"'`")
    split = [words_of(name) for name in names[:_MOST_NAMES]]
    if why := _by_form(value):
        return why
    nearest = split[0] if split else []
    if nearest[-2:] in (["session", "id"], ["sess", "id"]) and has_shape(("uuid",)).fullmatch(value):
        return "identifier of a session"
    if nearest[-1:] in (["license"], ["licence"]) and re.match(_LICENSE, value):
        return "name of a license"
    if re.search(
        rb"(?i)(?:badge|shields)[\w./-]{0,40}\?[^\s\"'<>]{0,80}\Z", around.partition(value)[0] if value else b""
    ):
        return "token of a badge"
    if why := _by_neighbors(split, value, around):
        return why
    if why := _by_prefix(names[0] if names else "", nearest):
        return why
    why = name_opens_nothing(nearest)
    return "" if why == _ADDRESS and re.match(_LOGIN, value) else why


_LONGEST = 2048
_MOST_NAMES = 8
# Licenses as SPDX and Debian's copyright files name them.
_LICENSE = (
    rb"(?i)(?:[AL]?GPL|GFDL|BSD|MIT|Apache|MPL|EPL|EUPL|CDDL|CC0|CC-BY|Artistic|BSL|OFL|PSF|Zlib|Expat|ISC|WTFPL|OpenSSL)"
    rb"(?:[-_ ]?v?\d|[-+~_ ]|\Z)"
)
_LOGIN = rb"[A-Za-z][\w+.-]{0,30}:(?://)?[^/\s:@]{0,200}:[^/\s@]{1,200}@"

# --- the value's own form

# Of the providers' documentation: Stripe, Clerk and Paystack ("Publishable keys"), Mapbox ("Access tokens", the
# public ones), New Relic ("Browser keys"), Google, Square and Amazon (client and application ids), Sentry ("DSN",
# which has had no secret half since 2018), PostHog ("Project API key"), Datadog ("Client tokens"), Supabase and Lob
# ("Publishable keys"), Cloudflare ("Turnstile", site keys), Flutterwave, Mercado Pago and Razorpay (public keys and
# key ids), Braintree and Adyen (tokenization and client keys).
_FORMS = {
    "publishable key": rb"pk_(?:live|test|prod|sandbox)_[\w=$-]{8,250}|sb_publishable_[\w-]{16,80}|pk(?:lv|ts)_\w{8,80}"
    rb"|FLWPUBK(?:_TEST)?-[\w-]{16,80}|rzp_(?:live|test)_[A-Za-z0-9]{14}|sandbox_[a-z0-9]{8}_[a-z0-9]{16}"
    rb"|production_[a-z0-9]{8}_[a-z0-9]{16}|(?:live|test)_[A-Z0-9]{32}|key_pub_\w{10,60}"
    rb"|(?:APP_USR|TEST)-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
    "public token of Mapbox": rb"pk\.eyJ[\w-]{10,400}\.[\w-]{10,100}",
    "browser key of New Relic": rb"NR(?:JS|BR)-[0-9a-f]{19}",
    "project key of PostHog": rb"phc_[A-Za-z0-9]{32,64}",
    "client token of Datadog": rb"pub[0-9a-f]{32}",
    "site key of Turnstile": rb"0x4AAAAAAA[\w-]{14}",
    "OAuth client id": rb"\d{6,20}(?:-[a-z0-9]{20,40})?\.apps\.googleusercontent\.com|sq0id[pb]-[\w-]{16,60}"
    rb"|amzn1\.application-oa2-client\.[0-9a-f]{32}",
    "DSN without a secret": rb"https?://[0-9a-f]{32}@[\w.-]{1,200}(?::\d{1,5})?(?:/[\w.-]{1,80}){0,4}/\d{1,20}/?",
    "address of a blockchain": rb"0x[0-9a-fA-F]{40}",
    "public key": rb"ssh-(?:rsa|ed25519|dss)[ ]AAAA.{0,2000}|ecdsa-sha2-nistp\d{3}[ ]AAAA.{0,2000}|age1[a-z0-9]{58}"
    rb"|-----BEGIN (?:RSA |EC |SSH2 )?(?:PUBLIC KEY|CERTIFICATE|PGP PUBLIC KEY BLOCK)-----.{0,2000}"
    rb"|RW[QRT][A-Za-z0-9+/]{53}",
}


def _by_form(value: bytes) -> str:
    return next((why for why, form in _FORMS.items() if re.fullmatch(form, value, re.DOTALL)), "")


# --- what stands beside it


def _by_neighbors(names: Sequence[Sequence[str]], value: bytes, around: bytes) -> str:
    """Whether others beside a value say which public one it is. A name that means a secret is believed instead."""
    if names and _SECRET_WORDS.intersection(names[0]):
        return ""
    nearest = set(names[0]) if names else set()
    said = nearest.union(*names)
    if re.fullmatch(rb"AIza[\w-]{35}", value) and re.search(_FIREBASE, around):
        return "client configuration of Firebase"
    if re.fullmatch(rb"6L[\w-]{38}", value) and (
        nearest & {"site", "sitekey", "public"}
        or re.search(rb"(?i)data-sitekey|grecaptcha\.(?:execute|render)|api\.js\?render=", around)
    ):
        return "site key of reCAPTCHA"
    if re.fullmatch(rb"[0-9a-f]{32}", value) and not nearest & {"admin", "write", "monitoring", "usage"}:
        search_only = {"algolia", "search"} <= said or (nearest & {"search"} and re.search(rb"(?i)algolia", around))
        if search_only or ({"api", "key"} <= nearest and _are_beside(_ALGOLIA, around)):
            return "search key of Algolia"
    if {"license", "key"} <= nearest and _are_beside(_NEW_RELIC, around):
        return "browser key of New Relic"
    if re.fullmatch(rb"B[\w-]{86}=?", value) and (
        said & {"vapid", "push"}
        or {"application", "server", "key"} <= nearest
        or re.search(rb"(?i)vapid|applicationServerKey", around)
    ):
        return "public key of web push"
    return ""


# A Firebase client's object, its Android (google-services.json) and its Apple form (GoogleService-Info.plist).
_FIREBASE = (
    rb"(?i)auth_?Domain\b|messaging_?Sender_?Id|\bstorage_?Bucket\b|measurement_?Id\b|mobilesdk_app_id|GCM_SENDER_ID"
    rb"|GOOGLE_APP_ID|\.firebase(?:app|io|storage)\.(?:com|app)|FirebaseOptions\(|initializeApp\("
    rb"|(?<![\w:])1:\d{6,14}:(?:web|android|ios):[0-9a-f]{10,40}"
)
# Either says it alone, or these two together.
_ALGOLIA = (
    rb"(?i)docsearch|algoliasearch|instantsearch|search-?only",
    rb"(?i)index_?Name",
    rb"(?i)app(?:lication)?_?Id",
)
_NEW_RELIC = (rb"NREUM|\.nr-data\.net", rb"(?i)application_?ID", rb"(?i)(?:agent|account)_?ID")


def _are_beside(signs: tuple[bytes, bytes, bytes], around: bytes) -> bool:
    alone, one, other = signs
    return bool(re.search(alone, around) or (re.search(one, around) and re.search(other, around)))


# --- its name

_ADDRESS = "address"

# Of the frameworks' documentation: their build writes such variables into what every visitor downloads.
_PREFIXES = (
    "NEXT_PUBLIC_", "VITE_", "REACT_APP_", "EXPO_PUBLIC_", "NUXT_PUBLIC_", "NUXT_ENV_PUBLIC_", "GATSBY_", "PUBLIC_",
    "VUE_APP_", "NG_APP_", "STORYBOOK_", "SNOWPACK_PUBLIC_", "RAZZLE_PUBLIC_", "PREACT_APP_",
)  # fmt: skip

# Words that are not believed to be public, whatever stands before them: somebody took a secret for a setting.
_SECRET_WORDS = _words("secret secrets password passwd pwd passphrase private credential credentials")


def _by_prefix(name: str, words: Sequence[str]) -> str:
    public = re.split(r"[^\w-]", name)[-1].replace("-", "_").upper().lstrip("_").startswith(_PREFIXES)
    return "variable that the build publishes" if public and not _SECRET_WORDS.intersection(words) else ""


# What the last word of a name says of its value.
_LAST = {
    word: why
    for why, words in {
        "identifier": """
            arn asin gid guid handle id identifier identifiers ids isbn oid pid ref rid sku slug uid uids urn uuid
            """,
        "name": """
            alias email label login mail name names namespace nickname prefix suffix title user username usernames
            """,
        "hash": """
            blake2 blake3 checksum checksums crc crc32 digest digests etag fingerprint fingerprints hash hashed hashes
            integrity md5 sha sha1 sha224 sha256 sha384 sha512 shasum sri sum thumbprint
            """,
        "revision": "branch build changeset commit commits nonce rev revision tag tags version versions",
        _ADDRESS: """
            address audience callback domain endpoint host hostname href ip issuer link origin port realm redirect
            region scope scopes server uri uris url urls zone
            """,
        "account of a blockchain": "mint program contract pubkey",
        "place of a file": """
            dir directory file filename filepath files folder keystore location mount path paths store truststore
            """,
        "cursor": "checkpoint cursor index indexes marker offset page position seq sequence",
        "description": """
            age alg algo algorithm at button class column columns count date decimals description disabled down
            element enabled error errors expiration expire expires expiry field fields form format header headers help
            hint icon input interval kind len length level lifetime limit manager max message method mgr min mode msg
            owner param parameter params pattern placeholder policy press prompt provider regex regexp required role
            roles rotation selector service size state status strategy strength supply symbol text time timeout
            timestamp ttl type types usage valid encoding encryption hashing charset
            """,
    }.items()
    for word in words.split()
}
# Keys that find something in a table and open nothing: `primaryKey`, `cache_key`.
_KEYS = _words(
    """
    public publishable pub hash hot primary foreign sort partition cache row object idempotency idempotent i18n l10n
    intl
    translation locale message unique composite candidate natural surrogate parent child range lookup localstorage
    dedup dedupe deduplication group grouping order sorting shard index site react map hot shortcut query state
    context feature flag metric field property attribute column item node tree list option label dictionary dict json
    entity record document issue ticket widget element tab enter escape arrow delete left right up down ctrl shift alt
    meta modifier any stored collision join fk pk hashring distribution slot bucket path memo memoize template param
    parameter menu permission setting settings config registry analytics tracking measurement clustering
    classification answer image verify verifying verification
    """
)
# Tokens of pages and texts, which find a place and open nothing.
_TOKENS = _words(
    """
    page paging pagination continuation continue next previous prev cursor sync resume skip start cancellation cancel
    idempotency csrf xsrf antiforgery authenticity eos bos pad unk mask sep cls special design syntax lexer parser stop
    whitespace punctuation keyword operator string max min num total version prompt completion input output public
    publishable analytics tracking contract erc20 change snapshot
    """
)
# Words that say that the value is ciphertext, which opens nothing without another key.
_CIPHERED = _words("encrypted enciphered wrapped sealed ciphertext ciphered crypted")
# What a salt is for if it is stored beside a hash; others are an application's secret: `AUTH_SALT`, `hashids_salt`.
_SALTED = _words("password passwd pwd passphrase hash kdf pbkdf pbkdf2 scrypt bcrypt argon2 user")
_ANYWHERE = {
    "public": frozenset({"public", "publishable", "pubkey", "publickey"}),
    "key for measuring": frozenset({"analytics", "tracking", "measurement", "gtm", "adsense"}),
}


def name_opens_nothing(words: Sequence[str]) -> str:
    """What a name, split into its lower-case words (`words_of`), says that opens nothing; "" when it may be a secret.

    `client_id` is an identifier, `primaryKey` a key of a table, `passwordHash` a hash. The last word counts most, as in
    any compound noun. `secret_id` is the exception: HashiCorp Vault's is the secret half of a login.
    """
    *before, last = [word for word in words if not word.isdigit()] or [""]
    if not last:
        return ""
    if (before and before[-1] in _STRONG.get(last, ())) or (last in _WEAK and not before):
        return ""
    if not _CIPHERED.isdisjoint((*before[-3:], last)):
        return "ciphertext"
    if last == "salt" and before and before[-1] in _SALTED:
        return "salt of a hash"
    if last in ("key", "keys", "token", "tokens"):
        table = _KEYS if last.startswith("key") else _TOKENS
        if before[-2:] == ["request", "verification"] and last == "token":
            return "token that opens nothing"  # ASP.NET's, against forged requests
        if last == "token" and before[-2:] in (["client", "request"], ["lifecycle", "action"]):
            return "token that tells a request from its repetition"  # AWS
        if before[-2:-1] and before[-2] in _STRONG.get(before[-1], ()):
            return ""
        if before and before[-1] in table and not _SECRET_WORDS.intersection(before):
            return "public" if before[-1] in ("public", "publishable", "site") else f"{last} that opens nothing"
    elif why := _LAST.get(last):
        return why
    if _SECRET_WORDS.intersection(words):
        return ""
    return next((why for why, some in _ANYWHERE.items() if some.intersection(words)), "")


def is_public_half(name: str) -> bool:
    """Whether a name says that its value is the half of a key that others may have, or is ciphertext."""
    words = words_of(name)
    # A token to verify with is known to both sides, and to nobody else.
    is_shared = words[-1:] == ["token"] and _CIPHERED.isdisjoint(words)
    return not _PUBLIC_HALF.isdisjoint(words) and "private" not in words and not is_shared


_PUBLIC_HALF = _CIPHERED | _words("public publishable verify verifying verification")


# Last words that open something after these: `secret_id`, `api_hash` (Telegram), `webhook_url`, `session_id`.
_STRONG = {
    "id": {"secret", "session", "sess", "php", "jsession"},
    "hash": {"api"},
    "url": {"webhook", "hook", "signed", "presigned", "sas", "database", "db", "redis", "mongo", "amqp", "connection"},
    "uri": {"webhook", "hook", "signed", "database", "db", "redis", "mongo", "mongodb", "amqp", "connection"},
    "header": {"auth", "authorization", "bearer"},
}
# Words that say nothing as long as they stand alone.
_WEAK = _words(
    """
    at service user state server mode level class text input field fields param params form login mail
    """
)

_GLUED = re.compile(
    "(hot|api|app|client|user|tenant|account|project|public|publishable|primary|foreign|partition|sort|row|cache|object|site"
    "|private|secret|access|auth|master|license|search|write|admin|measurement|tracking|server|file|key|token|password)"
    "(id|ids|key|keys|name|hash|url|uri|token|secret|password|path|file|type|code)"
)


def words_of(name: str) -> list[str]:
    """The words of a name, in lower case, without accents: `NEXT_apiClé2` is next, api, cle, 2."""
    name = name[-_LONGEST_NAME:]
    if not name.isascii():
        from unicodedata import normalize  # few names need it

        name = normalize("NFKD", name.translate(_LETTERS)).encode("ascii", "ignore").decode()
    words: list[str] = []
    for part in re.findall(_WORD, name):
        word = part.lower()
        glued = _GLUED.fullmatch(word)
        words.extend(glued.groups() if glued else (word,))
    return words


_LETTERS = str.maketrans({"ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "ß": "ss", "đ": "d", "Đ": "D", "ı": "i"})
"""Letters that are not another letter and an accent."""

_LONGEST_NAME = 160
_WORD = r"(?i:i18n|l10n|md5|crc32|oauth2|s3|sha\d{1,3}|blake[23])(?![a-z])|[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+"
