"""What in a text must not be in a packet, whatever field it stands in: people, customers, money, addresses, keys.

A packet has no use for any of it, so these signs are broader than the rules of the packs, which look for real values
among everything else that a repository holds: here a made-up e-mail address is as wrong as a real one.
"""

from __future__ import annotations

import re
import string
import unicodedata
from binascii import Error as Base64Error
from binascii import a2b_base64
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from cavra_boundary.evidence.words import is_day

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MAX_TEXT = 600
"""Characters of a string, in text fields too. A longer one is refused as such, so nothing here looks further."""

_LAYERS = 2
"""How often a text is decoded."""

# --- characters that hide what is written

_ALPHABETS = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC", "LISU")
_DISGUISED = ("FULLWIDTH", "MATHEMATICAL", "CIRCLED", "PARENTHESIZED", "SQUARED", "NEGATIVE", "SMALL ", "DOUBLE-STRUCK")
_LETTER_RUN = re.compile(r"[^\W\d_]+")


def disguise(text: str) -> str:
    """Which characters of a text show something other than what it says, in words; "" for none."""
    if text.isascii() and text.isprintable():
        return ""
    for char in text:
        if char in "\n\t" or 32 <= ord(char) < 127:
            continue
        category = unicodedata.category(char)
        if category in ("Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"):
            return "invisible characters"
        if category == "Nd" or unicodedata.name(char, "").startswith(_DISGUISED):
            return "characters that only look like others"
    for word in _LETTER_RUN.findall(text):
        if not word.isascii() and len({_alphabet(letter) for letter in word} - {""}) > 1:
            return "a word of several alphabets"
    return ""


def _alphabet(letter: str) -> str:
    name = unicodedata.name(letter, "")
    return next((alphabet for alphabet in _ALPHABETS if name.startswith(alphabet)), "")


# --- what is written in another form

_PERCENT = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
# A word of lower-case letters is one far more often than it is base64.
_BASE64 = re.compile(r"(?<![\w+/=-])(?=[a-z_-]*[A-Z0-9+/=])[A-Za-z0-9+/_-]{8,}={0,2}(?![\w+/=-])")
_HEX = re.compile(r"(?<![0-9A-Za-z])(?:[0-9A-Fa-f]{2}){8,}(?![0-9A-Za-z])")
_READABLE = re.compile(r"[\w@.,:;/+ \t\n{}\[\]\"'()<>=&?!$%*#-]{6,}", re.ASCII)


def layers(text: str) -> Iterator[str]:
    """What a text says when its percent-encoding, base64 and hexadecimal are undone, twice at most."""
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
    """The text that the bytes are; "" when they are none."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return ""
    return text if _READABLE.fullmatch(text) and any(map(str.isalnum, text)) else ""


# --- the signs


_DIGIT = frozenset(string.digits)
_CAPITAL = frozenset(string.ascii_uppercase) | {"Ä", "Ö", "Ü"}


class Sign(NamedTuple):
    """Something private and how it shows.

    words: what it is. needs: characters of which any text that holds it has one, so that most texts need not be
    searched. shows: whether a text holds it, given the hosts that it may name.
    """

    words: str
    needs: frozenset[str]
    shows: Callable[[str, frozenset[str]], bool]


def _pattern(expression: str, flags: int = 0) -> Callable[[str, frozenset[str]], bool]:
    search = re.compile(expression, flags | re.VERBOSE).search
    return lambda text, _: search(text) is not None


_DIGITS = re.compile(r"(?<![0-9A-Za-z])\d(?:[ ._/-]?\d){8,22}(?![0-9A-Za-z])")


def _card(text: str, _: frozenset[str]) -> bool:
    return any(12 <= len(digits) <= 19 and _luhn(digits) for digits in _numbers(text))


def _long_number(text: str, _: frozenset[str]) -> bool:
    return any(not is_day(run) for run in re.findall(r"(?<![0-9A-Za-z])\d{9,}(?![0-9A-Za-z])", text))


def _numbers(text: str) -> Iterator[str]:
    """Long numbers, their separators taken out; none that begins with a day of our time."""
    for run in _DIGITS.findall(text):
        digits = re.sub(r"\D", "", run)
        if not is_day(digits[:8]):
            yield digits


def _luhn(digits: str) -> bool:
    """ISO/IEC 7812-1, annex B."""
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits)))
    return sum(value // 10 + value % 10 for value in doubled) % 10 == 0


_IBAN = re.compile(r"(?i)(?<![0-9a-z])[a-z]{2}\d{2}(?:[ -]?[0-9a-z]{4}){2,7}(?:[ -]?[0-9a-z]{1,3})?(?![0-9a-z])")


def _iban(text: str, _: frozenset[str]) -> bool:
    """ISO 13616-1 section 6: the whole, moved round by four and in digits, is 1 modulo 97."""
    for run in _IBAN.findall(text):
        bare = re.sub(r"[ -]", "", run).upper()
        if int("".join(str(int(char, 36)) for char in bare[4:] + bare[:4])) % 97 == 1:
            return True
    return False


_LINK = re.compile(
    r"(?i)(?:https?|ftps?|wss?|s3|gs|ssh|ldaps?|amqps?|redis|mysql|postgres(?:ql)?|mongodb)(?:\+\w+)?://(\S+)"
)
_HOST = re.compile(
    r"(?i)(?<![\w@.%/+-])((?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,8}(?:com|net|org|io|dev|app|cloud|co|ai|de|uk|fr|eu"
    r"|ch|nl|biz|info|tech|online|site|xyz|corp|intra|lan|internal|local|example|invalid|test))(?![\w-]|\.\w)"
)


def _link(text: str, hosts: frozenset[str]) -> bool:
    for rest in _LINK.findall(text):
        host = re.split(r"[/?#]", rest, maxsplit=1)[0].rstrip(".,;:)>]\"'")
        if not is_allowed_host(host, hosts) or "?" in rest:
            return True
    return False


def _host(text: str, hosts: frozenset[str]) -> bool:
    return any(not is_allowed_host(host, hosts) for host in _HOST.findall(text))


def is_allowed_host(host: str, hosts: frozenset[str]) -> bool:
    """Whether links may lead to a host: one of these or, for `.example`, any that ends so."""
    host = host.lower()
    return host in hosts or any(host.endswith(allowed) for allowed in hosts if allowed.startswith("."))


def _address(text: str, _: frozenset[str]) -> bool:
    """An IPv4 or IPv6 address or a MAC; none that only means "this machine"."""
    for run in _IPV4.findall(text):
        if all(int(number) < 256 for number in run.split(".")) and run not in ("0.0.0.0", "127.0.0.1"):  # noqa: S104
            return True
    return _IPV6.search(text) is not None


_IPV4 = re.compile(r"(?<![\w.-])(?:\d{1,3}\.){3}\d{1,3}(?![\w.-]|/\w)")
_IPV6 = re.compile(
    r"(?i)(?<![\w:])(?:(?:[0-9a-f]{1,4}:){3,7}(?::[0-9a-f]{1,4}|[0-9a-f]{1,4})|(?:[0-9a-f]{1,4}:){2,6}:)(?!\w)"
)


def _mixed(text: str, _: frozenset[str]) -> bool:
    """A run that no one would write as a word: long, of letters and digits in both cases or without any system."""
    for part in re.findall(r"[0-9A-Za-z+]{12,}", text):
        lower, upper = re.search(r"[a-z]", part), re.search(r"[A-Z]", part)
        digits = len(re.findall(r"\d", part))
        if lower and upper and (digits > 1 or (digits and len(part) >= 16)):
            return True
        if digits and (lower or upper) and len(part) >= 20 and not re.fullmatch(r"[0-9a-f]+", part):
            return True
    return False


_CURRENCY = "usd|eur|gbp|chf|jpy|cny|inr|cad|aud|nzd|sek|nok|dkk|pln|brl|mxn|sgd|hkd|zar|aed"

SIGNS = (
    Sign(
        "an e-mail address",
        frozenset("@:"),
        _pattern(r"[^\s@:/<>()\"']{1,64}@[^\s@]{1,250}\.\w{2,} | \bmailto: | [\w.+-]@[\w-]{1,64}(?:\s|$)"),
    ),
    Sign(
        "an e-mail address",
        frozenset("@([{<-_. "),
        _pattern(
            r"\w\s*[\[({<]\s*(?:at|@)\s*[\])}>]\s*\w | \w\ at\ [\w-]+(?:\ dot\ |\.)(?:com|net|org|io|de|co|eu)\b"
            r"| \w\s*[-_.]at[-_.][\w-]+[-_.](?:dot[-_.])?(?:com|net|org)\b",
            re.IGNORECASE,
        ),
    ),
    Sign("a link to a host that is not allowed", frozenset(":"), _link),
    Sign("the digits of a payment card", _DIGIT, _card),
    Sign("a bank account number", _DIGIT, _iban),
    Sign(
        "a UUID",
        frozenset("-"),
        _pattern(r"(?<![0-9a-f])[0-9a-f]{8}-?(?:[0-9a-f]{4}-){3}[0-9a-f]{12}(?![0-9a-f])", re.IGNORECASE),
    ),
    Sign("a network address", frozenset(":."), _address),
    Sign("a social security number", _DIGIT, _pattern(r"(?<![\w-])\d{3}-\d{2}-\d{4}(?![\w-])")),
    Sign(
        "a phone number",
        _DIGIT | {":"},
        _pattern(
            r"\+\d[\d\ ()./-]{6,}\d | \(\d{2,5}\)\s?\d{2,5}[-\ ./]\d{2,}"
            r"| (?<![\w.-])\d{3}[-.\ ]\d{3}[-.\ ]\d{4}(?![\w-])"
            r"| (?<![\w.-])0\d{2,4}[\ /-]\d{5,9}(?!\w) | (?<![\w.-])00[1-9]\d?[\ -]\d[\d\ -]{5,} | \btel:"
        ),
    ),
    Sign(
        "an amount of money",
        _DIGIT,
        _pattern(
            r"[$€£¥₹₽₩₺₪฿]\s?\d | \d\s?[€£¥₹₽₩₺₪] "
            rf"| (?<![a-z])(?:{_CURRENCY})[\ _-]?\d | \d\s?[km]?[\ _-]?(?:{_CURRENCY})(?![a-z])"
            r"| \d[km]?\ (?:dollars?|euros?|pounds?|arr|mrr|acv|tcv)\b | \b(?:arr|mrr|acv|tcv):?\ (?:of\ )?\d"
            r"| \d\s?%\s(?:discount|rebate|off)\b",
            re.IGNORECASE,
        ),
    ),
    Sign(
        "a street address",
        _DIGIT,
        _pattern(
            r"\b\d{1,5}[a-z]?[\ _-]+(?:[a-z][\w.'-]*[\ _-]+){1,4}?"
            r"(?:street|avenue|ave|road|boulevard|blvd|lane|drive|parkway|square)\b"
            r"| \b\d{1,5}\ (?:[a-z]+\ ){1,3}st\b(?!\w) | \w(?:straße|strasse|str\.|gasse|allee|platz)\s+\d"
            r"| \b\d{1,4},?\ (?:rue|avenue|boulevard|via|calle|rua|piazza)\ [a-z] | \bp\.?\ ?o\.?\ box\ \d",
            re.IGNORECASE,
        ),
    ),
    Sign("a postcode", _CAPITAL, _pattern(r"\b[A-Z]{1,2}\d[A-Z\d]?\ \d[A-Z]{2}\b | ,\ [A-Z]{2}\ \d{5}(?:-\d{4})?\b")),
    Sign(
        "a company's name",
        _CAPITAL,
        _pattern(
            r"\b[A-ZÄÖÜ][\w&'’.-]*(?:\ [A-ZÄÖÜ][\w&'’.-]*){0,4},?"
            r"\ (?:GmbH|AG|Inc|LLC|LLP|Ltd|Limited|Corp|Corporation|PLC|Plc|BV|B\.V\.|N\.V\.|S\.A\.|SAS|SARL|S\.p\.A\."
            r"|SpA|ApS|Oyj?|Pty|KGaA|KG|OHG|e\.V\.)(?![\w])"
        ),
    ),
    Sign(
        "a key or token",
        _CAPITAL | _DIGIT | {"_", "-"},
        _pattern(
            r"-----BEGIN | \beyJ[\w-]{8,} | \b(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{8,} | \bgh[a-z]_\w{10,}"
            r"| \bxox[a-z]-[\w-]{8,} | \bAIza[\w-]{10,} | \barn:aws[\w-]*:"
            r"| \b(?:sk|pk|rk|whsec|glpat|npm|pypi|dckr_pat|hf)[_-][\w-]{12,}"
            r"| (?<![\w-])(?=[A-Z0-9-]*\d)(?=[A-Z0-9-]*[A-Z])(?:(?:[A-Z0-9]{4,8}-){2}|(?:[A-Z0-9]{3,8}-){3,7})"
            r"[A-Z0-9]{3,8}(?![\w-])"
            r"| \b(?:bearer|basic)\ (?=[\w+/=.-]*\d)[\w+/=.-]{12,}"
        ),
    ),
    Sign(
        "a provider's identifier",
        _DIGIT,
        _pattern(
            r"(?<![A-Za-z0-9_])[a-z]{2,8}_(?:live_|test_|prod_)?(?=[A-Za-z0-9]*\d)(?=[A-Za-z0-9]*[A-Za-z])[A-Za-z0-9]{10,}"
            r"| (?<![A-Za-z0-9])00[0-9A-Za-z](?=[0-9A-Za-z]*[A-Z])[0-9A-Za-z]{12}(?:[0-9A-Za-z]{3})?(?![A-Za-z0-9])"
        ),
    ),
    Sign(
        "a raw payload",
        frozenset("{[<,:="),
        _pattern(
            r"[{,\[]\s*[\"'][\w.-]+[\"']\s*: | \{\s*\w+\s*:\s*[\"'\d\[{]"
            r"| <(?:\?xml|/?[a-z][\w:-]*(?:\s+[\w:-]+=[^<>]*)?/?)>"
            r"| \[\s*[\"'{\[] | (?:[^,\n]+,){3,}[^,\n]+\n(?:[^,\n]+,){3,} | \bdata:[\w/+.-]+;base64"
            r"| ^\s*(?:[\w.-]+\s*[:=]\s*\S+\s*\n\s*){2,} | (?:\b[\w.-]+=[^\s;,&=]+[;,&\s]\s*){2}[\w.-]+=",
            re.IGNORECASE,
        ),
    ),
    Sign(
        "program code",
        frozenset("({;=> #"),
        _pattern(
            r"^\s*(?:def|class|func|fn|function)\s+\w+\s*[({:<] | \bimport\s+[\w.*{}]+\s*(?:;|\n|from\b)"
            r"| \bfrom\s+[\w.]+\s+import\b | \)\s*(?:->\s*[\w\[\], ]+)?\s*[{:]\s*(?:$|\n) | =>\s*\{ | ;\s*(?:\n|\}|$)"
            r"| \bselect\s+[\w*,. ]+\s+from\s+\w+ | \binsert\s+into\s+\w+\s*\( | \bcreate\s+table\s+\w+ | ^\#!"
            r"| \bdelete\s+from\s+\w+\s+where\b | \bupdate\s+\w+\s+set\s+\w+\s*= | \breturn\s+[\w.]+\(",
            re.IGNORECASE | re.MULTILINE,
        ),
    ),
    Sign("a long number", _DIGIT, _long_number),
    Sign("an encoded or random value", _DIGIT, _mixed),
    Sign("a host name", frozenset("."), _host),
)
"""In the order in which they are asked: what says most about a text comes first."""


@lru_cache(maxsize=4096)
def private_reason(text: str, hosts: frozenset[str]) -> str:
    """What in a text is private, in our own words; "" for nothing. hosts: to which links may lead."""
    text = text[:MAX_TEXT]
    if words := disguise(text):
        return words
    if words := _sign(unicodedata.normalize("NFKC", text), hosts):
        return words
    for layer in layers(text):
        return f"{_sign(layer, hosts) or 'something'}, encoded"
    return ""


def _sign(text: str, hosts: frozenset[str]) -> str:
    return next((sign.words for sign in SIGNS if not sign.needs.isdisjoint(text) and sign.shows(text, hosts)), "")
