"""The signs of what must not be in a packet: people, customers, money, addresses, keys, payloads, code.

A packet needs none of it, so these signs are broader than the packs' rules, which look for real values in everything
that a repository holds: here a made-up email address is as wrong as a real one.
"""

from __future__ import annotations

import re
import string
from typing import TYPE_CHECKING, NamedTuple

from cavra_boundary.detect.payments import luhn_digit
from cavra_boundary.evidence.words import is_day

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_DIGIT = frozenset(string.digits)
_CAPITAL = frozenset(string.ascii_uppercase) | {"Ä", "Ö", "Ü"}


class Sign(NamedTuple):
    """Something private and how to find it.

    words: what it is. needs: any text that holds it has one of these characters, so most texts need not be searched.
    shows: whether a text holds it, given the allowed hosts.
    """

    words: str
    needs: frozenset[str]
    shows: Callable[[str, frozenset[str]], bool]


def _pattern(expression: str, flags: int = 0) -> Callable[[str, frozenset[str]], bool]:
    search = re.compile(expression, flags | re.VERBOSE).search
    return lambda text, _: search(text) is not None


_DIGITS = re.compile(r"(?<![0-9A-Za-z])\d(?:[ ._/-]?\d){8,22}(?![0-9A-Za-z])")


def _card(text: str, _: frozenset[str]) -> bool:
    return any(12 <= len(digits) <= 19 and luhn_digit(digits[:-1]) == int(digits[-1]) for digits in _numbers(text))


def _long_number(text: str, _: frozenset[str]) -> bool:
    runs = re.findall(r"(?<![0-9A-Za-z])(?:\d{9,}|\d{1,3}(?:,\d{3}){2,})(?![0-9A-Za-z])", text)
    return any(not is_day(run) for run in runs)


def _numbers(text: str) -> Iterator[str]:
    """Long numbers without their separators, except those that start with a date (see `is_day`)."""
    for run in _DIGITS.findall(text):
        digits = re.sub(r"\D", "", run)
        if not is_day(digits[:8]):
            yield digits


_IBAN = re.compile(r"(?i)(?<![0-9a-z])[a-z]{2}\d{2}(?:[ -]?[0-9a-z]{4}){2,7}(?:[ -]?[0-9a-z]{1,3})?(?![0-9a-z])")


def _iban(text: str, _: frozenset[str]) -> bool:
    """ISO 13616-1 section 6: rotated by four characters and turned into digits, it is 1 modulo 97."""
    for run in _IBAN.findall(text):
        bare = re.sub(r"[ -]", "", run).upper()
        if int("".join(str(int(char, 36)) for char in bare[4:] + bare[:4])) % 97 == 1:
            return True
    return False


_LINK = re.compile(
    r"(?i)(?:https?|ftps?|wss?|s3|gs|ssh|ldaps?|amqps?|redis|mysql|postgres(?:ql)?|mongodb)(?:\+\w+)?://(\S+)"
)
_HOST = re.compile(
    r"(?i)(?:(?<!://)(?<=//)|(?<![\w@.%/+-]))((?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,8}(?:com|net|org|io|dev|app|cloud|co|ai|de|uk|fr|eu"
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
    """Whether links may lead to a host: one of `hosts` or, for `.example`, any that ends with it."""
    host = host.lower()
    return host in hosts or any(host.endswith(allowed) for allowed in hosts if allowed.startswith("."))


def _address(text: str, _: frozenset[str]) -> bool:
    """An IPv4, IPv6 or MAC address, except those that mean "this machine"."""
    for run in _IPV4.findall(text):
        if all(int(number) < 256 for number in run.split(".")) and run not in ("0.0.0.0", "127.0.0.1"):  # noqa: S104
            return True
    return _IPV6.search(text) is not None


_IPV4 = re.compile(r"(?<![\w.-])((?:\d{1,3}\.){3}\d{1,3})(?![\w.-]|/(?!\d{1,2}(?!\w))\w)")
_IPV6 = re.compile(
    r"(?i)(?<![\w:])(?:(?:[0-9a-f]{1,4}:){3,7}(?::[0-9a-f]{1,4}|[0-9a-f]{1,4})|(?:[0-9a-f]{1,4}:){2,6}:"
    r"|(?=[a-f:]*\d)(?:[0-9a-f]{1,4}:){1,6}(?::[0-9a-f]{1,4}){1,6})(?!\w)"
)


def _mixed(text: str, _: frozenset[str]) -> bool:
    """A long run of letters and digits that is not a word: of mixed case, or 20 characters that are not hexadecimal."""
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
        "an email address",
        frozenset("@:"),
        _pattern(r"[^\s@:/<>()\"']{1,64}@[^\s@]{1,250}\.\w{2,} | \bmailto: | [\w.+-]@[\w-]{1,64}(?:\s|$)"),
    ),
    Sign(
        "an email address",
        frozenset("@([{<-_. "),
        _pattern(
            r"\w\s*[\[({<]\s*(?:at|@)\s*[\])}>]\s*\w | \w\ at\ [\w-]+(?:\ dot\ |\.)(?:com|net|org|io|de|co|eu)\b"
            r"| \w\s*[-_.]at[-_.][\w-]+[-_.](?:dot[-_.])?(?:com|net|org)\b",
            re.IGNORECASE,
        ),
    ),
    Sign("a link to a host that is not allowed", frozenset(":"), _link),
    Sign("a payment card number", _DIGIT, _card),
    Sign("a bank account number", _DIGIT, _iban),
    Sign(
        "a UUID",
        frozenset("-"),
        _pattern(r"(?<![0-9a-f])[0-9a-f]{8}-?(?:[0-9a-f]{4}-){3}[0-9a-f]{12}(?![0-9a-f])", re.IGNORECASE),
    ),
    Sign("a network address", frozenset(":."), _address),
    Sign(
        "a tax number",
        _DIGIT,
        _pattern(
            r"(?<![\w-])(?:(?:BE|DE|DK|ES|FI|FR|GB|IE|IT|NL|PL|PT|SE)\d{8,12}|ATU\d{8}|\d{2}-\d{7})(?![\w-])",
        ),
    ),
    Sign("coordinates", frozenset("."), _pattern(r"(?<![\w.])-?\d{1,3}\.\d{4,},\s*-?\d{1,3}\.\d{4,}(?!\w)")),
    Sign(
        "a path on someone's machine",
        frozenset("/\\"),
        _pattern(r"(?<!\w)/(?:home|Users)/\w | \b[A-Za-z]:\\Users\\\w | (?<!\S)\\\\[\w.-]+\\\w"),
    ),
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
            rf"| (?<![a-z\d])(?:{_CURRENCY})[\ _-]?\d"
            # Whole numbers only: `cad` and `aed` also occur in hexadecimal names.
            rf"| (?<![a-z\d])\d[\d.,]*\s?[km]?[\ _-]?(?:{_CURRENCY})(?![a-z\d])"
            r"| \d[km]?\ (?:(?:thousand|million|billion)\ )?(?:dollars?|euros?|pounds?|arr|mrr|acv|tcv)\b"
            r"| \d(?:\d\d|k|m)(?:/|\ per\ |\ an?\ )(?:month|year|seat|user)\b | \b(?:arr|mrr|acv|tcv):?\ (?:of\ )?\d"
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
        _CAPITAL | _DIGIT | {"_", "-", "="},
        _pattern(
            r"-----BEGIN | \beyJ[\w-]{8,} | \b(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{8,} | \bgh[a-z]_\w{10,}"
            r"| \bxox[a-z]-[\w-]{8,} | \bAIza[\w-]{10,} | \barn:aws[\w-]*:"
            r"| \b(?:sk|pk|rk|whsec|glpat|npm|pypi|dckr_pat|hf)[_-][\w-]{12,}"
            r"| (?<![\w-])(?=[A-Z0-9-]*\d)(?=[A-Z0-9-]*[A-Z])(?:(?:[A-Z0-9]{4,8}-){2}|(?:[A-Z0-9]{3,8}-){3,7})"
            r"[A-Z0-9]{3,8}(?![\w-])"
            r"| (?<![\w-])(?:[A-Z]{2,10}-){1,3}(?=[A-Z0-9]*\d)(?=[0-9]*[A-Z])[A-Z0-9]{8,}(?![\w-])"
            r"| \b(?i:password|passwd|pwd|secret|token|api_?key)=\S{3}"
            r"| \b(?:bearer|basic)\ (?=[\w+/=.-]*\d)[\w+/=.-]{12,}"
        ),
    ),
    Sign(
        "a provider's identifier",
        _DIGIT,
        _pattern(
            r"\b[CDGTUW]0[A-Z0-9]{7,9}\b | \b(?:ACCT|CUST|INV|PO)[-_ ]?(?:20\d\d-)?\d{4,} |"
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
            r"| \[\s*[\"'{\[] | (?:[^,\n]+,(?!\ )){2,}[^,\n]+\n(?:[^,\n]+,(?!\ )){2,} | \bdata:[\w/+.-]+;base64"
            r"| ^\s*(?:[\w.-]+\s*[:=]\s*\S+[\ \t]*(?:\n\s*|$)){2,} | (?:\b[\w.-]+=[^\s;,&=]+[;,&\s]\s*){2}[\w.-]+=",
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
"""In the order they are tried: the most specific come first."""


def sign(text: str, hosts: frozenset[str]) -> str:
    """The first sign in a text, in our own words; "" for none. hosts: where links may lead."""
    return next((sign.words for sign in SIGNS if not sign.needs.isdisjoint(text) and sign.shows(text, hosts)), "")
