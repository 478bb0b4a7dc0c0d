"""Record rules: what makes an object a record with real values, and what must never be mistaken for one."""

from __future__ import annotations

import json

import pytest

from cavra_boundary.detect.kinds import Field, RecordRule
from cavra_boundary.detect.records import RecordMatcher
from cavra_boundary.model import Blob, Match, Severity, View

MAIL = "mira.koval@" + "northwind-freight.eu"
INVOICE = RecordRule(
    id="billing.invoice",
    clause="billing-record",
    severity=Severity.ERROR,
    title="Invoice",
    why="",
    remedy="",
    at_least=3,
    fields=(
        Field(("invoice_number", "invoice_no"), "id", required=True),
        Field(("amount_due", "total"), "amount"),
        Field(("due_date",), "date"),
        Field(("customer_email", "email"), "email"),
        Field(("customer_name", "name"), "name"),
        Field(("customer", "customer_id"), pattern="cus_[A-Za-z0-9_]{8,}"),
    ),
)
CUSTOMER = RecordRule(
    id="crm.customer",
    clause="crm-payload",
    severity=Severity.ERROR,
    title="Customer",
    why="",
    remedy="",
    at_least=3,
    fields=(
        Field(("name", "full_name"), "name"),
        Field(("email",), "email"),
        Field(("phone",), "phone"),
        Field(("city",), "text"),
        Field(("company",), "name"),
    ),
)
RULES = (INVOICE, CUSTOMER)


def matches(text: str, path: str = "a.json", rules: tuple[RecordRule, ...] = RULES) -> list[Match]:
    data = text.encode()
    return list(RecordMatcher(RULES).matches(View(Blob.whole(path, data), data), rules))


def invoice(**changes: object) -> dict[str, object]:
    return {"invoice_number": "INV-2025-0413", "amount_due": 1299.5, "due_date": "2025-04-14", **changes}


def test_a_record_is_pointed_at_redacted_and_named() -> None:
    text = json.dumps({"status": "open", "paid": False, **invoice(note="call Mira")})
    (match,) = matches(text)
    data = text.encode()
    assert match.rule == "billing.invoice"
    assert data[slice(*match.span)] == b"INV-2025-0413"
    assert {data[slice(*span)] for span in match.redact} == {
        b"open",
        b"INV-2025-0413",
        b"1299.5",
        b"2025-04-14",
        b"call Mira",
    }
    assert match.value.reveal() == b"INV-2025-0413\x001299.5\x002025-04-14"
    assert match.detail == "invoice_number, amount_due, due_date"
    assert (match.lowered, match.via) == ("", ())


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.ndjson", json.dumps(invoice()) + "\n"),
        ("a.py", "INVOICE = {'invoice_number': 'INV-2025-0413', 'amount_due': 1299.5, 'due_date': '2025-04-14'}"),
        ("a.ts", "const i = { invoiceNumber: 'INV-2025-0413', amountDue: 1299.5, dueDate: '2025-04-14' };"),
        ("a.md", "Look:\n\n" + json.dumps(invoice(), indent=2)),
        ("a.yml", "invoices:\n- invoice-number: INV-2025-0413\n  amount_due: 1299.5\n  due_date: 2025-04-14\n"),
        ("a.toml", '[invoice]\ninvoice_number = "INV-2025-0413"\namount_due = 1299.5\ndue_date = 2025-04-14\n'),
        ("a.csv", "Invoice Number,Amount Due,Due Date\nINV-2025-0413,1299.50,2025-04-14\n"),
        ("a.sql", "INSERT INTO i (invoice_number, total, due_date) VALUES ('INV-2025-0413', 1299.5, '2025-04-14');"),
        (
            "a.xml",
            "<i><InvoiceNumber>INV-2025-0413</InvoiceNumber><Total>1299.50</Total><DueDate>2025-04-14</DueDate></i>",
        ),
        ("a.yml", "body: '" + json.dumps(invoice()) + "'\n"),
    ],
)
def test_every_format_is_matched(path: str, text: str) -> None:
    assert [match.rule for match in matches(text, path)] == ["billing.invoice"]


def test_fields_of_nested_objects_count_and_the_outer_object_is_not_reported_again() -> None:
    nested = {"invoice_number": "INV-2025-0413", "customer": {"email": MAIL}, "amount_due": 1299.5}
    assert len(matches(json.dumps(nested))) == 1
    whole = {"title": "x", "amount_due": 7, "invoice": invoice(), "lines": [{"sku": "a"}, {"body": '{"a": 1}'}]}
    assert len(matches(json.dumps(whole))) == 1
    dotted = {"invoice_number": "INV-2025-0413", "customer": {"id": "cus_" + "Nf8aPq27Zw"}, "amount_due": 1299.5}
    assert matches(json.dumps(dotted))[0].detail == "invoice_number, amount_due, customer"
    valued = {key: {"value": value} for key, value in invoice().items()}
    assert len(matches(json.dumps(valued))) == 1


def test_every_row_is_a_match_of_its_own_in_the_order_of_the_file() -> None:
    text = json.dumps({"data": [invoice(invoice_number=f"INV-2025-04{n}") for n in range(10, 15)]})
    spans = [match.span for match in matches(text)]
    assert len(spans) == 5
    assert spans == sorted(spans)


def test_only_the_candidate_rules_are_looked_for() -> None:
    assert matches(json.dumps(invoice()), rules=(CUSTOMER,)) == []


def test_one_leaf_does_not_count_for_two_fields() -> None:
    twice = INVOICE.replaced(fields=(Field(("id",), "id"), Field(("id",), pattern="in_.+")), at_least=2)
    data = b'{"id": "in_1Qx7Bz93kLmN", "x": 1}'
    assert list(RecordMatcher((twice,)).matches(View(Blob.whole("a.json", data), data), (twice,))) == []


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (json.dumps(invoice(email="jane@" + "example.com")), "reserved"),
        (json.dumps(invoice(livemode=False)), "test mode"),
        (json.dumps({"data": {"object": invoice()}, "livemode": False}), "test mode"),
        (json.dumps({"mode": "test", "rows": [invoice()]}), "test mode"),
        (json.dumps(invoice(object="invoice", customer="cus_" + "test_Nf8aPq27Zw")), "test mode"),
    ],
)
def test_made_up_records_weigh_a_note(text: str, why: str) -> None:
    (match,) = matches(text)
    assert match.lowered
    assert why in match.lowered or why == "reserved"


def test_an_invented_address_outweighs_a_phone_number_that_could_be_real() -> None:
    person = {"name": "Mira Koval", "email": "mira@" + "example.com", "phone": "+49 30 9018" + "20394"}
    (match,) = matches(json.dumps(person))
    assert "example" in match.lowered


OPENAPI = {
    "openapi": "3.0.3",
    "components": {"examples": {"Invoice": {"value": invoice(email="jane@example.com")}}},
}
JSON_SCHEMA = {
    "type": "object",
    "properties": {
        "invoice_number": {"type": "string", "example": "INV-2025-0413"},
        "amount_due": {"type": "number", "example": 1299.5},
        "due_date": {"type": "string", "default": "2025-04-14"},
    },
}
FIELD_DEFINITION = {
    "name": "Due Date",
    "fieldType": "date",
    "label": "Due",
    "invoice_number": "INV-2025-0413",
    "total": 1.5,
}
COUNTEREXAMPLES = {
    "openapi.json": json.dumps(OPENAPI),
    "openapi.yaml": (
        "openapi: 3.1.0\nexamples:\n  invoice:\n    invoice_number: INV-2025-0413\n"
        "    total: 12.50\n    due_date: 2025-04-14\n"
    ),
    "schema.json": json.dumps(JSON_SCHEMA),
    "draft.json": json.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema", "default": invoice()}),
    "fields.json": json.dumps(FIELD_DEFINITION),
    "types.ts": (
        "export interface Invoice { invoiceNumber: string; amountDue: number; dueDate: Date | null; email?: string }"
    ),
    "view.js": (
        "render({ invoice_number: invoice.number, amount_due: invoice.total, due_date: "
        "invoice.due, email: user.email })"
    ),
    "schema.graphql": "type Invoice { invoiceNumber: ID! amountDue: Float dueDate: Date email: String }",
    "invoice.proto": (
        "message Invoice { string invoice_number = 1; int64 amount_due = 2; string due_date = 3; string email = 4; }"
    ),
    "models.py": (
        "@dataclass\nclass Invoice:\n    invoice_number: str\n"
        "    amount_due: Decimal = Decimal('0.00')\n    due_date: date | None = None\n"
    ),
    "fields.py": (
        "FIELDS = {'invoice_number': 'Invoice number', 'amount_due': 'Amount due', "
        "'due_date': 'Due date', 'email': 'E-mail'}"
    ),
    "en.json": json.dumps(
        {"invoice_number": "Invoice number", "amount_due": "Amount due", "due_date": "Due on {{date}}"}
    ),
    "mail.json": json.dumps(
        {"invoice_number": "{{invoice.id}}", "amount_due": "${total}", "due_date": "<date>", "email": "%(email)s"}
    ),
    "empty.json": json.dumps({"invoice_number": "", "amount_due": None, "due_date": None, "email": "", "name": ""}),
    "package.json": json.dumps(
        {"name": "left-pad", "version": "1.2.3", "author": {"name": "Mira Koval", "email": MAIL}}
    ),
    "lock.json": json.dumps(
        {"packages": {f"p{n}": {"version": f"1.{n}.0", "resolved": "https://r.dev/x"} for n in range(50)}}
    ),
    "map.geojson": json.dumps(
        {
            "type": "Feature",
            "properties": {"name": "Old Harbour", "city": "Oslo"},
            "geometry": {"type": "Point", "coordinates": [10.7, 59.9]},
        }
    ),
    "header.csv": "invoice_number,amount_due,due_date,email\n",
    "columns.sql": (
        "CREATE TABLE i (invoice_number varchar(20), amount_due numeric, due_date "
        "date);\nSELECT invoice_number, total, due_date FROM i;"
    ),
    "bind.sql": (
        "INSERT INTO i (invoice_number, total, due_date) VALUES (:number, :total, :due), (?, ?, ?), ($1, $2, $3);"
    ),
    "form.xml": "<form><invoice_number>string</invoice_number><total>decimal</total><due_date>date</due_date></form>",
}


@pytest.mark.parametrize("path", COUNTEREXAMPLES)
def test_what_only_talks_about_records_is_no_record(path: str) -> None:
    assert matches(COUNTEREXAMPLES[path], path) == []


def test_facts_of_neighbours_are_not_put_together() -> None:
    many = {
        f"p{n}": {("email", "phone", "name")[n % 3]: (MAIL, "+49 30 9018" + "20394", "Mira Koval")[n % 3]}
        for n in range(60)
    }
    assert matches(json.dumps(many)) == []


def test_no_detail_comes_from_the_file() -> None:
    text = json.dumps({"INVOICE-no": "INV-2025-0413", "Total": 1299.5, "dueDate": "2025-04-14"})
    assert matches(text)[0].detail == "invoice_number, amount_due, due_date"


ONE_MORE_KEY = [
    {"$schema": "https://json-schema.org/draft/2020-12/schema"},
    {"openapi": "3.1.0"},
    {"swagger": "2.0"},
    {"fieldType": "text"},
    {"type": "text", "label": "Invoice"},
    {"type": "object", "a": {"type": "string"}, "b": {"type": "string"}},
    {"livemode": False},
    {"mode": "test"},
    {"environment": "sandbox"},
    {"last4": "4242"},
    {"object": "invoice", "customer": "cus_" + "test_Nf8aPq27Zw"},
    {"example": True},
]


@pytest.mark.parametrize("more", ONE_MORE_KEY, ids=str)
@pytest.mark.parametrize("party", [{"customer_email": MAIL}, {"customer_name": "Nordwind Spedition GmbH"}], ids=str)
@pytest.mark.parametrize("around", [False, True])
def test_one_more_key_does_not_silence_a_record_of_somebody_real(
    more: dict[str, object], party: dict[str, object], *, around: bool
) -> None:
    record = invoice(**party)
    (match,) = matches(json.dumps({**more, "rows": [record]} if around else {**more, **record}))
    assert (match.rule, match.lowered) == ("billing.invoice", "")


@pytest.mark.parametrize("more", ONE_MORE_KEY[:-1], ids=str)
def test_the_same_key_still_speaks_for_a_record_of_nobody(more: dict[str, object]) -> None:
    found = matches(json.dumps({**more, **invoice(customer_email="jane@example.com")}))
    assert all(match.lowered for match in found)
