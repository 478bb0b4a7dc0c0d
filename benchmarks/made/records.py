"""Records of services, and the files in which exports, tests and bug reports leave them."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

RECORDS: dict[str, dict[str, Any]] = {
    "Stripe invoice": {
        "id": "in_1«base62:23»", "object": "invoice", "customer": "cus_«base62:14»", "customer_email": "«email»",
        "amount_due": 129900, "currency": "eur", "created": 1751328000, "livemode": True,
    },
    "Stripe subscription": {
        "id": "sub_1«base62:23»", "object": "subscription", "customer": "cus_«base62:14»", "status": "active",
        "current_period_end": 1767225600, "livemode": True,
    },
    "Stripe customer": {
        "id": "cus_«base62:14»", "object": "customer", "email": "«email»", "name": "«name»", "livemode": True,
        "created": 1751328000,
    },
    "invoice": {
        "invoice_number": "INV-2025-«digits:5»", "customer_name": "«company»", "customer_email": "«email»",
        "due_date": "2025-09-30", "total": "12,480.00", "currency": "EUR",
    },
    "subscription": {
        "subscription_id": "«uuid»", "customer_id": "c-«digits:6»", "plan": "enterprise-annual", "mrr": 4200.50,
        "renews_at": "2026-03-01", "billing_email": "«email»",
    },
    "payment": {
        "payment_id": "pay-«digits:8»", "amount": "349.00", "currency": "USD", "paid_at": "2025-04-11T09:30:12Z",
        "payer_email": "«email»", "payer_name": "«name»",
    },
    "bank account": {
        "account_holder": "«name»", "iban": "«iban»", "bic": "COBADEFFXXX", "bank_name": "Commerzbank",
    },
    "usage line": {
        "customer_id": "c-«digits:6»", "metric": "api_calls", "quantity": 182733, "unit_price": "0.0004",
        "amount": "73.09", "period_start": "2025-05-01", "period_end": "2025-05-31",
    },
    "license": {
        "license_id": "lic-«digits:7»", "licensee": "«company»", "email": "«email»", "seats": 250,
        "issued_at": "2025-01-15", "expires_at": "2026-01-15",
    },
    "contract": {
        "contract_id": "MSA-«digits:5»", "counterparty": "«company»", "signed_on": "2025-02-14",
        "renewal_date": "2027-02-14", "annual_value": "EUR 184,000",
    },
    "person": {
        "first_name": "Ingrid", "last_name": "Kowalczyk", "email": "«email»", "phone": "«phone»",
        "company": "«company»", "address": "Hauptstrasse 17", "city": "Leipzig",
    },
    "account": {
        "account_id": "acc-«digits:6»", "account_name": "«company»", "owner_email": "«email»",
        "arr": "EUR 96,000", "renewal_date": "2026-05-01",
    },
    "customer health": {
        "account_name": "«company»", "health_score": 42, "churn_risk": "high", "csm_email": "«email»",
        "renewal_date": "2026-05-01",
    },
    "support ticket": {
        "ticket_id": "T-«digits:6»", "subject": "SSO login fails since the upgrade", "requester_email": "«email»",
        "requester_name": "«name»", "created_at": "2025-«»06-02T08:14:55Z",
        "description": "Since Monday none of our 300 users can sign in. Please call me back.",
    },
    "Zendesk ticket": {
        "id": 48211, "url": "https://«word».zen«»desk.com/api/v2/tickets/48211.json", "sub«»ject": "Invoice is wrong",
        "requester«»_id": 361920112233, "created_at": "2025-«»06-02T08:14:55Z",
        "description": "We were charged twice for May, please refund the second payment.",
    },
    "Salesforce contact": {
        "attributes": {"type": "Contact", "url": "/services/data/v59.0/sobjects/Contact/0035g00000«base62:5»AAA"},
        "Id": "0035g00000«base62:5»AAA", "FirstName": "Pavel", "LastName": "Moreau", "Email": "«email»",
        "Phone": "«phone»", "AccountId": "0015g00000«base62:5»AAA",
    },
    "HubSpot contact": {
        "id": "«digits:8»", "properties": {"email": "«email»", "firstname": "Chiara", "lastname": "Brandt",
        "phone": "«phone»", "hs_object_id": "«digits:8»", "createdate": "2025-01-20T10:00:00.000Z"},
    },
    "Intercom contact": {
        "type": "contact", "id": "«hex:24»", "external_id": "u-«digits:5»", "role": "user", "email": "«email»",
        "name": "«name»", "signed_up_at": 1738000000,
    },
    "Pipedrive deal": {
        "id": 4471, "title": "«company» renewal", "value": 56000, "currency": "EUR", "org_name": "«company»",
        "person_name": "«name»", "stage_id": 12, "owner_name": "«name»", "add_time": "2025-03-03 09:11:24",
    },
    "trial": {
        "trial_id": "trial-«digits:6»", "company": "«company»", "email": "«email»", "started_at": "2025-06-01",
        "expires_at": "2025-06-30", "seats": 25,
    },
}  # fmt: skip


def _python(record: dict[str, Any]) -> str:
    return f"RECORD = {record!r}\n"


def _javascript(record: dict[str, Any]) -> str:
    return "const record = " + re.sub(r'"(\w+)":', r"\1:", json.dumps(record, indent=2)) + ";\n"


def _go(value: object) -> str:
    if isinstance(value, dict):
        return "map[string]any{" + ", ".join(f"{json.dumps(key)}: {_go(each)}" for key, each in value.items()) + "}"
    return json.dumps(value)


def _ruby(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key}: {_ruby(each)}" for key, each in value.items()) + " }"
    return json.dumps(value)


def _block(record: dict[str, Any], indent: str) -> Iterator[str]:
    for key, value in record.items():
        if isinstance(value, dict):
            yield f"{indent}{key}:\n"
            yield from _block(value, indent + "  ")
        else:
            yield f"{indent}{key}: {json.dumps(value)}\n"


CONTEXTS: dict[str, tuple[str, Callable[[dict[str, Any]], str]]] = {
    "Python": ("tests/data.py", _python),
    "JavaScript": ("src/data.js", _javascript),
    "Go": ("data.go", lambda record: f"package main\n\nvar record = {_go(record)}\n"),
    "Java": ("Data.java", lambda record: f"  String body = {json.dumps(json.dumps(record))};\n"),
    "Ruby": ("lib/data.rb", lambda record: f"record = {_ruby(record)}\n"),
    "JSON": ("data.json", lambda record: json.dumps({"data": [record]}, indent=2)),
    "YAML": ("data.yaml", lambda record: "record:\n" + "".join(_block(record, "  "))),
    ".env": (".env", lambda record: f"PORT=8080\nPAYLOAD='{json.dumps(record)}'\n"),
    "Markdown": ("docs/bug.md", lambda record: f"It fails for:\n\n```json\n{json.dumps(record, indent=2)}\n```\n"),
    "shell history": (".bash_history", lambda record: f"curl -d '{json.dumps(record)}' https://localhost:8080/in\n"),
}
