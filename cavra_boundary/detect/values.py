"""Kinds of fact that a record's field can hold, such as a date, an email address or a person's name.

A record rule asks `is_kind` about each leaf. A kind errs on the side of "no" where a template, a type name, a label or
an identifier could be in the same place, because a record is only found when several kinds agree.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cavra_boundary.detect import payments
from cavra_boundary.detect.placeholders import is_template, placeholder_reason
from cavra_boundary.detect.reserved import host_reason, phone_reason
from cavra_boundary.detect.verdict import CONFIRMED, REFUTED, Verdict, synthetic

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_LONGEST_FACT = 2048


def _table(words: str) -> frozenset[str]:
    return frozenset(words.split())


# ISO 4217, active codes of currencies that invoices are written in.
_CURRENCIES = _table(
    """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF
    CLF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL
    HRK HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD
    MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR
    RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS
    UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWL
    """
)
_SYMBOLS = "$€£¥₹₽₩₺₴₪฿₫₦₱"
_CURRENCY = rf"(?:(?:US|CA|AU|NZ|HK|R|A|C|S)?[{_SYMBOLS}]|R\$|kr\.?|zł|Kč|Ft|Fr\.?|[A-Z]{{3}}|[a-z]{{3}})"
_GROUPED = r"\d{1,3}(?:[,.'’ \u00a0\u202f]\d{3})+(?:[.,]\d{1,2})?"
_CENTS = r"\d{1,12}[.,]\d{2}"
_WITH_CURRENCY = (
    rf"-?(?P<before>{_CURRENCY})?[ \u00a0]?-?(?P<sum>{_GROUPED}|\d{{1,12}}(?:[.,]\d{{1,2}})?)"
    rf"[ \u00a0]?(?P<after>{_CURRENCY})?"
)
_AMOUNT = r"-?\d{1,12}(?:\.\d{1,4})?"

# ISO 3166-1, alpha-2 and alpha-3, and the English names that forms spell out most often.
_COUNTRY_CODES = _table(
    """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ
    CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO
    FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE
    JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO
    MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW
    PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM
    TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW ARE ARG AUS AUT BEL BGR BRA
    CAN CHE CHL CHN COL CYP CZE DEU DNK EGY ESP EST FIN FRA GBR GRC HKG HRV HUN IDN IND IRL ISL ISR ITA JPN KEN KOR
    LTU LUX LVA MAR MEX MLT MYS NGA NLD NOR NZL PAK PER PHL POL PRT ROU RUS SAU SGP SRB SVK SVN SWE THA TUR TWN UKR
    URY USA VNM ZAF
    """
)
_COUNTRY_NAMES = _table(
    """
    argentina australia austria belgium brazil bulgaria canada chile china colombia croatia cyprus czechia
    czech_republic denmark deutschland egypt estonia finland france germany greece hong_kong hungary iceland india
    indonesia ireland israel italy japan kenya latvia lithuania luxembourg malaysia malta mexico morocco
    netherlands new_zealand nigeria norway pakistan peru philippines poland portugal romania russia saudi_arabia
    serbia singapore slovakia slovenia south_africa south_korea spain sweden switzerland taiwan thailand turkey
    ukraine united_arab_emirates united_kingdom united_states united_states_of_america uruguay vietnam
    """
)

_ISO_DATE = (
    r"(?:19|20)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
    r"(?:[Tt ](?:[01]\d|2[0-4]):[0-5]\d(?::[0-6]\d(?:[.,]\d{1,9})?)?(?: ?(?:[Zz]|UTC|GMT|[+-]\d\d:?\d\d))?)?"
)
_SLASH_DATE = (
    r"(\d{1,2})([./-])(\d{1,2})\2((?:19|20)?\d\d)|(?:19|20)\d\d([./])(?:0?[1-9]|1[0-2])\5(?:0?[1-9]|[12]\d|3[01])"
)
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}\.?"
_WORD_DATE = (
    rf"(?:[A-Z][a-z]{{2,8}}, )?(?:\d{{1,2}}[ -]{_MONTH},?[ -]\d{{4}}|{_MONTH} \d{{1,2}},? \d{{4}})"
    r"(?: \d\d:\d\d.{0,20})?"
)
_EPOCH = range(978_307_200, 2_240_611_200)  # 2001-01-01 to 2041-01-01, in seconds

_EMAIL = (
    r"(?:mailto:)?([A-Za-z0-9_%+'.-]{1,64})@((?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,8}[A-Za-z]{2,24})"
)
_FILE_SUFFIXES = frozenset(
    {"css", "gif", "jpeg", "jpg", "js", "json", "md", "pdf", "png", "py", "svg", "ts", "txt", "webp"}
)
_ROLE_MAILBOX = (
    r"(?i)(?:no|do-?not|never)[-_.]?reply|git|mailer-daemon|postmaster|nobody|(?:user|test|foo|example|you|name)\d*"
    r"|j(?:oe|ohn|ane)[-_.]?(?:doe|smith)\d*|(?:max|erika)[-_.]?muster(?:mann|frau)\d*"
)

_URL = r"(?i)https?://(?:[^/?#\s@]{1,200}@)?(\[[0-9a-f:.]{2,45}\]|[^/?#\s:@\[\]]{1,253})(?::\d{1,5})?(?:[/?#]\S*)?"
_UUID = r"(?i)[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"
_INTEGER = r"[+-]?\d{1,19}"

_ID = r"[A-Za-z0-9](?:[A-Za-z0-9_.:/#+=|-]{1,126})[A-Za-z0-9=]"
# Has digits but identifies nothing: encodings, digests, types, versions, a key's own name, regions, formats.
_TECHNICAL = (
    r"(?i)v?\d+(?:\.\d+)+(?:[-+][\w.]+)?|[vr]\d+(?:(?:alpha|beta|rc)\d*)?"
    r"|(?:utf|iso|rfc|sha|md|aes|rsa|hs|rs|es|ps|int|uint|float|base|arm|ipv|oauth|http|tls|mp|ec|ed|python|py|node|java"
    r"|gpt|cp|web)[-_]?\d{1,5}(?:[-_.]\d{1,5})*|[bcghikpsx]\d{1,3}|x86_64|amd64"
    r"|(?:[a-z]{1,20}_){1,4}(?:id|key|number|reference)\d?"
    r"|[a-z]{2}-[a-z]+-\d[a-z]?|\d+(?:px|em|rem|ms|s|m|h|d|kb|mb|gb|k|x|pt|vh|vw|%)|0x[0-9a-f]{1,8}"
)

_PHONE = r"(?:tel:)?(?:\+|00)?[\d(][\d() ./\u00a0-]{4,22}\d(?: ?(?:x|ext\.?) ?\d{1,6})?"
# US social security numbers, decimals, IPv4 addresses, thousands, dates, fractions.
_NOT_PHONE = (
    r"\d{3}-\d{2}-\d{4}|\d+\.\d+|\d{1,3}(?:\.\d{1,3}){3}|\d{1,3}(?:[ .]\d{3})+"
    r"|(?:19|20)\d\d[-/. ]\d.*|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}.*|\d+/\d+|0[-.].*"
)

_NAME_WORD = r"[^\W\d_][^\W\d_'’.-]*(?:['’.-][^\W\d_]*)*,?"
_PARTICLES = _table(
    """
    al and bin bint by da dal de del della den der des di do dos du e el et for i ibn la las le lo los of op ten
    ter the till und van vom von y zu zum zur & +
    """
)
_COMPANY_FORMS = _table(
    """
    ab ag aps as asa bv bvba co company corp corporation eg ehf foundation gbr gesmbh gmbh group holding holdings
    inc incorporated international kg kft kgaa kk limited llc llp lp ltd ltda mbh nv ohg oü oy oyj partners plc
    pllc pte pty pvt sa sarl sas se sl sp spa srl sro ug zrt
    """
)
_INVENTED_NAMES = _table(
    """
    acme anonymous bar baz bloggs contoso customer demo doe dummy example fabrikam fake foo foobar globex hooli
    initech ipsum lorem mock mustermann musterfrau northwind placeholder qux sample somebody someone test tester
    user widget widgets wonka
    """
)
_INVENTED_PAIRS = _table(
    """
    alice_bob jane_smith jean_dupont jenny_rosen john_appleseed john_smith mario_rossi stark_industries
    umbrella_corporation wayne_enterprises
    """
)
# What forms and documents call their fields; a "name" made only of these is a label.
_LABELS = _table(
    """
    account address amount annual basic billing business category city client code company contact count country
    created currency customer data date days default delivery description details display due email end enterprise
    expires field file first free full group id info invoice issued item key label last legal license line list
    middle monthly name new no not notes null number of option order organisation organization owner paid payment
    period person phone plan postal premium price primary pro product project quantity reference required role
    sales select service shipping standard starter start state status street subscription summary support tax team
    tenant terms text the title to total trial type unique unit unknown updated user valid value vat version year
    your yearly zip
    """
)
# The most common family names in Chinese and Korean, which mark a short run of such characters as a name.
_FAMILY_NAMES = (
    "王李张張刘劉陈陳杨楊黄黃赵趙吴吳周徐孙孫马馬朱胡郭何高林罗羅郑鄭梁谢謝宋唐许許韩韓冯馮邓鄧曹彭曾肖田董"
    "김이박최정강조윤장임한오서신권황안송류홍"
)
_EAST_ASIAN_NAME = (
    rf"[{_FAMILY_NAMES}][\u4e00-\u9fff\uac00-\ud7a3]{{1,2}}"
    r"|[\u3040-\u30ff\u4e00-\u9fff]{1,4}[ \u3000][\u3040-\u30ff\u4e00-\u9fff]{1,6}"
)


def amount(value: str) -> Verdict:
    """A nonzero amount where a field's key says that it is money: a bare number (1299, 12.5), or `money`."""
    bare = re.fullmatch(_AMOUNT, value) is not None and _is_not_zero(value)
    return CONFIRMED if bare else money(value)


def card(value: str) -> Verdict:
    """A payment card number; see `payments.card`."""
    return payments.card(value)


def country(value: str) -> Verdict:
    """A country: an ISO 3166-1 code in capitals, or a common English name."""
    return _verdict(value in _COUNTRY_CODES or value.lower().replace(" ", "_") in _COUNTRY_NAMES)


def currency(value: str) -> Verdict:
    """An ISO 4217 currency code, in capitals or, as payment APIs write it, in lower case."""
    return _verdict(value in _CURRENCIES or (value.islower() and value.upper() in _CURRENCIES))


def date(value: str) -> Verdict:
    """A present-day date: ISO 8601 / RFC 3339, day and month by number or name, epoch seconds or milliseconds."""
    if value.isdigit() and value.isascii():
        epoch = int(value[:10]) if len(value) in (10, 13) else 0
        return _verdict(epoch in _EPOCH)
    slashed = re.fullmatch(_SLASH_DATE, value)
    if slashed and slashed[1]:
        small, large = sorted((int(slashed[1]), int(slashed[3])))
        return _verdict(1 <= small <= 12 and large <= 31)
    return _verdict(bool(slashed or re.fullmatch(_ISO_DATE, value) or re.fullmatch(_WORD_DATE, value)))


def email(value: str) -> Verdict:
    """An email address (RFC 5321 section 4.1.2, the usual subset); reserved domains and no-reply are synthetic."""
    match = re.fullmatch(_EMAIL, value)
    if not match or match[2].rpartition(".")[2].lower() in _FILE_SUFFIXES:
        return REFUTED
    domain = match[2].lower()
    why = host_reason(domain)
    if not why and domain == "users.noreply.github.com":
        why = "GitHub's no-reply address"
    if not why and re.fullmatch(_ROLE_MAILBOX, match[1]):
        why = "role or placeholder mailbox"
    return synthetic(why) if why else CONFIRMED


def iban(value: str) -> Verdict:
    """An IBAN; see `payments.iban`."""
    return payments.iban(value)


def identifier(value: str) -> Verdict:
    """An opaque identifier: three or more characters with a digit, no spaces; not a decimal, date or version."""
    if not value.isascii() or not re.fullmatch(_ID, value) or not any(map(str.isdigit, value)):
        return REFUTED
    if (
        re.fullmatch(_TECHNICAL, value)
        or re.fullmatch(_ISO_DATE, value)
        or re.fullmatch(_SLASH_DATE, value)
        or "//" in value
    ):
        return REFUTED
    digits = "".join(filter(str.isdigit, value))
    if len(digits) >= 3 and (len(set(digits)) == 1 or "0123456789".find(digits) in (0, 1)):
        return synthetic("patterned identifier")
    return CONFIRMED


def integer(value: str) -> Verdict:
    """A whole number."""
    return _verdict(value.isascii() and re.fullmatch(_INTEGER, value) is not None)


def money(value: str) -> Verdict:
    """A nonzero amount with a sign that it is money, by cents, thousands or a currency: 12.50, $1,200.00, EUR 99."""
    match = re.fullmatch(_WITH_CURRENCY, value)
    if not match or not _is_not_zero(value):
        return REFUTED
    marks = [mark for mark in (match["before"], match["after"]) if mark]
    if any(mark.isalpha() and len(mark) == 3 and mark.upper() not in _CURRENCIES for mark in marks):
        return REFUTED
    return _verdict(bool(marks) or re.fullmatch(f"{_CENTS}|{_GROUPED}", match["sum"]) is not None)


def name(value: str) -> Verdict:
    """A person's or company's name: two or more capitalized words, not a label; `John Doe` and `Acme` are synthetic."""
    if re.fullmatch(_EAST_ASIAN_NAME, value):
        return CONFIRMED
    words = value.split()
    if not 2 <= len(words) <= 8 or len(value) > 80:
        return REFUTED
    plain = [word.strip(".,&+'’()").replace(".", "").lower() for word in words]
    is_company = any(word in _COMPANY_FORMS for word in plain[1:])
    capitalized = 0
    for word in words:
        if re.fullmatch(_NAME_WORD, word) and word[0].isupper():
            capitalized += 1
        elif word.lower() not in _PARTICLES and not (is_company and word.strip(".,()").isalnum()):
            return REFUTED
    if capitalized < 2 and not (is_company and capitalized):
        return REFUTED
    if all(word in _LABELS for word in plain):
        return REFUTED
    if any(word in _INVENTED_NAMES for word in plain) or "_".join(plain) in _INVENTED_PAIRS:
        return synthetic("made-up name")
    return CONFIRMED


def phone(value: str) -> Verdict:
    """A telephone number: E.164, or national with separators; numbers reserved for fiction are synthetic."""
    if not value.isascii() or not re.fullmatch(_PHONE, value) or re.fullmatch(_NOT_PHONE, value):
        return REFUTED
    number = re.split(r" ?(?:x|ext)", value.removeprefix("tel:"))[0]
    digits = "".join(filter(str.isdigit, number))
    international = number.startswith(("+", "00"))
    if not 7 <= len(digits) <= 15 or (not international and not _is_national(number)):
        return REFUTED
    why = phone_reason(digits.removeprefix("00") if international else digits)
    return synthetic(why) if why else CONFIRMED


def _is_national(number: str) -> bool:
    """Whether the groups look like a number to dial: an area code, then two to five digits at a time."""
    groups = re.findall(r"\d+", number)
    if len(groups) < 2 or any(len(group) > 8 for group in groups) or len(groups[-1]) < 2:
        return False
    return number.startswith(("(", "0")) or [len(group) for group in groups] in (
        [3, 4],
        [3, 3, 4],
        [1, 3, 3, 4],
        [2, 4, 4],
        [3, 3, 3],
    )


def secret(value: str) -> Verdict:
    """Something that looks generated: not a placeholder, no spaces, eight or more varied characters."""
    raw = value.encode("utf-8", "replace")
    if len(raw) < 8 or any(map(str.isspace, value)) or placeholder_reason(raw):
        return REFUTED
    return _verdict(2 * len(set(raw)) >= len(raw) or len(set(raw)) >= 12)


def text(value: str) -> Verdict:
    """Anything a person could have written: three or more characters with a letter in them."""
    return _verdict(len(value) >= 3 and any(map(str.isalpha, value[:_LONGEST_FACT])))


def url(value: str) -> Verdict:
    """An http or https address with a host; one at a reserved host is synthetic."""
    match = re.fullmatch(_URL, value)
    if not match or not ("." in match[1] or ":" in match[1] or match[1] == "localhost"):
        return REFUTED
    why = host_reason(match[1])
    return synthetic(why) if why else CONFIRMED


def uuid(value: str) -> Verdict:
    """A UUID other than the nil and patterned ones (RFC 9562)."""
    return _verdict(re.fullmatch(_UUID, value) is not None and not placeholder_reason(value.encode()))


KINDS: Mapping[str, Callable[[str], Verdict]] = {
    "amount": amount,
    "card": card,
    "country": country,
    "currency": currency,
    "date": date,
    "email": email,
    "iban": iban,
    "id": identifier,
    "integer": integer,
    "money": money,
    "name": name,
    "phone": phone,
    "secret": secret,
    "text": text,
    "url": url,
    "uuid": uuid,
}

# Kinds that say something about somebody. A country, a currency, a count or some text can be in any document.
CONCRETE: frozenset[str] = frozenset(KINDS) - {"country", "currency", "integer", "text"}


def is_kind(kind: str, value: str) -> Verdict:
    """Whether a leaf's decoded text is a fact of this kind; KeyError for a kind that is not in `KINDS`."""
    check = KINDS[kind]
    value = value.strip()
    if not value or (len(value) > _LONGEST_FACT and kind != "text"):
        return REFUTED
    if is_template(value[:_LONGEST_FACT].encode("utf-8", "replace")):
        return REFUTED
    return check(value)


def _verdict(confirmed: bool) -> Verdict:
    return CONFIRMED if confirmed else REFUTED


def _is_not_zero(value: str) -> bool:
    return any(digit in value for digit in "123456789")
