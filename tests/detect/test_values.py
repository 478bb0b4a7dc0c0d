"""Kinds of fact: what a field's text is, and what is only a stand-in for it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cavra_boundary.detect.values import CONCRETE, KINDS, is_kind

FACTS = {
    "amount": ["1299", "12.50", "-3", "12.5", "1,200", "$1,299.00", "EUR 99", "1.299,00 €"],
    "country": ["DE", "DEU", "Germany", "United States"],
    "currency": ["EUR", "usd"],
    "date": [
        *("2024-01-15", "2024-01-15T10:00:00Z", "2024-01-15 10:00:00.123+01:00", "1700000000", "1700000000000"),
        *(
            "15/01/2024",
            "01/15/2024",
            "15.01.2024",
            "2024/01/15",
            "15 Mar 2024",
            "Mar 15, 2024",
            "Fri, 15 Mar 2024 10:00:00 GMT",
        ),
    ],
    "email": ["anna.berg@kestrelmoor.io", "a+b@sub.kestrelmoor.co.uk"],
    "id": ["INV-2024-0042", "cus_NffrFeUfNV2Hib", "8123", "42917", "0061t00000BxQwEAAV"],
    "integer": ["0", "-4", "123456"],
    "money": ["12.50", "$1,200.00", "EUR 99", "99 usd", "€5", "1.200,00 €", "1 200,00 kr", "-$40"],
    "name": [
        *(
            "Marta Lindqvist",
            "José Álvarez",
            "Siemens AG",
            "3M Deutschland GmbH",
            "Ludwig van Beethoven",
            "JOHN MILLER",
        ),
        *("O'Brien & Sons Ltd.", "Dr. Anna-Lena Groß", "张伟", "김민준", "山田 太郎"),
    ],
    "phone": ["+4915112340679", "+49 30 901820", "(212) 736-5000", "212-736-5000", "030 901820", "tel:+12917365000"],
    "secret": ["kJ8s9D" + "k2mNq4", "Tr0ub4dor&3"],
    "text": ["hello", "ein Satz mit Wörtern"],
    "url": ["https://kestrelmoor.io/x?y=1", "http://10.20.30.40:8080/"],
    "uuid": ["7b1d6f0e-93c4-4a57-8e21-5c0f9ad3b624"],
}
INVENTED = {
    "card": ["4242" * 4],
    "email": [
        "a@example.com",
        "x@y.test",
        "noreply@kestrelmoor.io",
        "1+a@users.noreply.github.com",
        "test@test.com",
        "joe_doe@kestrelmoor.io",
    ],
    "iban": ["GB82" + "WEST12345698765432"],
    "id": ["cus_123", "sub_1234", "order-000"],
    "name": ["John Doe", "Jane Doe", "Foo Bar", "Test User", "Acme GmbH", "Max Mustermann", "Jenny Rosen"],
    "phone": ["555-0123", "(212) 555-0123", "+1 212 555 0199", "+44 7700 900123", "020 7946 0958", "123-456-7890"],
    "url": ["https://example.com/x", "http://localhost:3000", "https://api.test/"],
}
OTHERS = {
    "amount": ["0", "1e5", "$0.00", "ABC 12", "v1", "NaN", "٣"],
    "card": ["4242424242424241", "1234"],
    "country": ["XX", "string", "de_DE"],
    "currency": ["abc", "Eur", "string"],
    "date": ["2024-13-01", "2024-02-32", "1234", "0001-01-01", "1.2.3", "99/99/2024", "date", "170000000", "12:30"],
    "email": ["logo@2x.png", "@scope/pkg", "a@b", "user at kestrelmoor.io", "string"],
    "id": [
        "customer",
        "12.50",
        "v1.2.3",
        "utf-8",
        "sha256",
        "refund_id4",
        "{{id}}",
        "us-east-1",
        "2024-01-15",
        "ab",
        "a b 1",
        "<id1>",
    ],
    "integer": ["1.0", "x", "0x10"],
    "money": ["1299", "0.00", "1.2.3", "abc", "12.5", "100%", "10 pcs"],
    "name": ["Customer Name", "First Name", "string", "hello world", "customer_name", "Pro Plan", "${Full Name}", "A"],
    "phone": [
        "2024-01-15",
        "12.50",
        "1234567",
        "192.168.0.1",
        "123-45-6789",
        "2024-0042",
        "1.200.000",
        "3.14159265",
        "1 200 000",
    ],
    "secret": ["password", "changeme", "short", "a b c d e f g h"],
    "text": ["ab", "{{ text }}", "12345"],
    "url": ["ftp://x.y", "http://x", "/path", "https://${HOST}/"],
    "uuid": ["00000000-0000-0000-0000-000000000000", "x"],
}


def cases(table: dict[str, list[str]]) -> list[tuple[str, str]]:
    return [(kind, value) for kind, values in table.items() for value in values]


@pytest.mark.parametrize(("kind", "value"), cases(FACTS))
def test_facts(kind: str, value: str) -> None:
    verdict = is_kind(kind, f" {value} ")
    assert (verdict.confirmed, verdict.lowered) == (True, "")


@pytest.mark.parametrize(("kind", "value"), cases(INVENTED))
def test_invented_values_are_confirmed_with_less_weight(kind: str, value: str) -> None:
    verdict = is_kind(kind, value)
    assert verdict.confirmed
    assert verdict.lowered


@pytest.mark.parametrize(("kind", "value"), cases(OTHERS))
def test_what_only_stands_in_a_facts_place(kind: str, value: str) -> None:
    assert not is_kind(kind, value).confirmed


def test_concrete_kinds_are_kinds() -> None:
    assert set(KINDS) - CONCRETE == {"country", "currency", "integer", "text"}
    with pytest.raises(KeyError):
        is_kind("colour", "red")


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=60) | st.from_regex(r"[0-9+() .,/:@A-Za-z-]{0,60}", fullmatch=True))
def test_any_text_has_a_verdict_for_every_kind(value: str) -> None:
    for kind in KINDS:
        verdict = is_kind(kind, value)
        assert verdict.confirmed or not verdict.lowered


@pytest.mark.parametrize(
    "value",
    ["1" * 100_000, "A " * 50_000, "1." * 1000, "a-" * 1000, "1 " * 1000, "A" * 2048, "a@" + "a." * 1000, "\ud800"],
)
def test_hostile_text_is_handled_quickly(value: str) -> None:
    assert not any(is_kind(kind, value).confirmed for kind in CONCRETE - {"id", "secret"})
