"""Card and bank account numbers: check digits and issuing ranges. Shared by validators and value kinds.

python-stdnum has these too, but importing it costs more than the twenty lines needed here.
"""

from __future__ import annotations

import re

from cavra_boundary.detect.reserved import IBAN_EXAMPLES, card_reason, iban_reason
from cavra_boundary.detect.verdict import CONFIRMED, REFUTED, Verdict, synthetic

# How card numbers are written: without separators, or grouped as on the card with one kind of separator throughout.
_CARD_FORMS = r"\d{14,19}|\d{4}([ -])\d{4}\1\d{4}\1\d{4}(?:\1\d{3})?|\d{4}([ -])\d{6}\2\d{4,5}"

# Issuing ranges as (first, last, lengths), compared on as many digits as the range has, from the networks' BIN tables
# (ISO/IEC 7812-1). Visa's old 13-digit numbers are no longer issued and would match article numbers and timestamps.
_ISSUERS = (
    ("4", "4", (16, 19)),  # Visa
    ("51", "55", (16,)),  # Mastercard
    ("2221", "2720", (16,)),  # Mastercard, 2-series
    ("34", "34", (15,)),  # American Express
    ("37", "37", (15,)),
    ("300", "305", (14, 16)),  # Diners Club
    ("3095", "3095", (14, 16)),
    ("36", "36", (14, 16)),
    ("38", "39", (14, 16)),
    ("3528", "3589", (16, 17, 18, 19)),  # JCB
    ("6011", "6011", (16, 19)),  # Discover
    ("644", "659", (16, 19)),
    ("62", "62", (16, 17, 18, 19)),  # UnionPay
    ("2200", "2204", (16, 17, 18, 19)),  # Mir
    ("5018", "5020", (16, 18, 19)),  # Maestro
    ("5038", "5038", (16, 18, 19)),
    ("6304", "6304", (16, 18, 19)),
    ("6759", "6763", (16, 18, 19)),
    ("5067", "5067", (16,)),  # Elo
    ("6362", "6363", (16,)),
    ("6062", "6062", (16,)),  # Hipercard
    ("9792", "9792", (16,)),  # Troy
)

_IBAN_FORM = r"[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?"
_ABA_FORM = r"\d{9}"
_ABA_WEIGHTS = (3, 7, 1, 3, 7, 1, 3, 7, 1)
# Stripe's and Plaid's documentation, and the patterned numbers in bank tutorials.
_ABA_EXAMPLES = frozenset({"110000000", "011401533", "123456780", "111111118", "123123123", "110000019"})


def luhn_digit(digits: str) -> int:
    """The digit that, appended to `digits`, makes them pass the Luhn check (ISO/IEC 7812-1, annex B)."""
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits), start=1))
    return -sum(value // 10 + value % 10 for value in doubled) % 10


def card(text: str) -> Verdict:
    """A payment card number: grouping, issuing range, length, Luhn."""
    if not text.isascii() or not re.fullmatch(_CARD_FORMS, text):
        return REFUTED
    digits = text.replace(" ", "").replace("-", "")
    issued = any(first <= digits[: len(first)] <= last and len(digits) in lengths for first, last, lengths in _ISSUERS)
    if not issued or luhn_digit(digits[:-1]) != int(digits[-1]):
        return REFUTED
    why = card_reason(digits)
    return synthetic(why) if why else CONFIRMED


def iban_check_digits(country: str, account: str) -> str:
    """The two check digits for a country code and account number (ISO 13616-1 section 6, ISO 7064 MOD 97-10)."""
    return f"{98 - int(''.join(str(int(char, 36)) for char in account + country + '00')) % 97:02}"


def iban(text: str) -> Verdict:
    """An IBAN: written with or without spaces, the country's length, check digits."""
    if not text.isascii() or not re.fullmatch(_IBAN_FORM, text):
        return REFUTED
    bare = text.replace(" ", "")
    country, rest = bare[:2], bare[2:]
    if len(rest) != len(IBAN_EXAMPLES.get(country, "")) or iban_check_digits(country, rest[2:]) != rest[:2]:
        return REFUTED
    why = iban_reason(country, rest)
    return synthetic(why) if why else CONFIRMED


def aba_checksum(digits: str) -> int:
    """Zero for a valid routing number (ANSI X9.100-160)."""
    return sum(weight * int(digit) for weight, digit in zip(_ABA_WEIGHTS, digits, strict=False)) % 10


def aba(text: str) -> Verdict:
    """A US routing number: checksum, and a first pair of digits that the Federal Reserve assigns."""
    if not text.isascii() or not re.fullmatch(_ABA_FORM, text) or aba_checksum(text):
        return REFUTED
    district = int(text[:2])
    if not (1 <= district <= 12 or 21 <= district <= 32 or 61 <= district <= 72 or district == 80):
        return REFUTED
    return synthetic("documented sample routing number") if text in _ABA_EXAMPLES else CONFIRMED
