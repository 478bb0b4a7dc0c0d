"""A leak of any kind is found anywhere in a packet, and what a packet may hold is never reported."""

from __future__ import annotations

import json
import random
import string
from base64 import b64encode, urlsafe_b64encode
from copy import deepcopy
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from uuid import UUID

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cavra_boundary.evidence.document import Document, read
from cavra_boundary.evidence.packet import Context, Fault, judge

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Dice = random.Random

PACKETS: dict[str, dict[str, Any]] = {
    "activation": {
        "schema_version": "cavra.pilot-activation.evidence.v1",
        "product": "CAVRA",
        "evidence_mode": "live",
        "sanitized": True,
        "generated_at": "2026-07-01T12:00:00Z",
        "tenant_ref": "tenant:opaque-7f3a9c",
        "readiness": {
            "status": "ready",
            "package_ref": "package:opaque-pilot",
            "package_digest": "sha256:" + "ab" * 32,
        },
        "handoff_refs": {"support_ref": "runbook://support/handoff", "owner_ref": "evidence://owner/customer-success"},
        "checks": [{"name": "readiness", "status": "pass", "message": "The readiness evidence is approved."}],
        "redaction": {"customer_records_included": False, "license_key_included": False},
        "blocker_count": 0,
    },
    "summary": {
        "schema_version": "cavra.operating_dashboard.summary.v1",
        "edition": "enterprise_trial",
        "dashboard_status": "degraded",
        "blockers": ["license_service_telemetry"],
        "latest_dashboard_at": None,
        "next_step": "Ask the release owner for the missing telemetry.",
        "window": {"period": "2026-W22", "success_rate": 0.93, "retention_days": 2555},
        "evidence_refs": ["evidence://dashboard/2026-q3", "audit://dashboard/opaque-42", "docs/dashboard.md"],
    },
    "lists": {
        "schema_version": "cavra.release.index.v1",
        "items": [
            {"title": "Launch readiness", "report": "docs/launch.md", "status": "ready"},
            {"title": "Closeout", "report": "docs/closeout.md", "status": "blocked", "steps": ["review", "sign off"]},
        ],
        "matrix": [[1, 2], ["support", "billing"]],
    },
}


def _word(dice: Dice, least: int = 5, most: int = 8) -> str:
    """A pronounceable word that is on no list, as names are."""
    return "".join(
        dice.choice("bdfgkmnprtvz") + dice.choice("aeiou") for _ in range(dice.randint(least, most) // 2 + 1)
    ) + dice.choice("xqz")


def _digits(dice: Dice, count: int) -> str:
    return str(dice.randint(1, 9)) + "".join(dice.choice(string.digits) for _ in range(count - 1))


def _mixed(dice: Dice, count: int) -> str:
    alphabet = string.ascii_letters + string.digits
    return "aB3" + "".join(dice.choice(alphabet) for _ in range(count - 3))


def _luhn(dice: Dice, prefix: str = "4", length: int = 16) -> str:
    body = prefix + "".join(dice.choice(string.digits) for _ in range(length - len(prefix) - 1))
    total = sum(sum(map(int, str(int(digit) * (2 - place % 2)))) for place, digit in enumerate(reversed(body)))
    return body + str(-total % 10)


def _iban(dice: Dice) -> str:
    account = _digits(dice, 18)
    check = 98 - int(account + "131400") % 97
    return f"DE{check:02}{account}"


def _email(dice: Dice) -> str:
    return f"{_word(dice)}.{_word(dice)}@{_word(dice)}.com"


def _uuid(dice: Dice) -> str:
    return str(UUID(int=dice.getrandbits(128), version=4))


def _grouped(digits: str, by: str) -> str:
    return by.join(digits[start : start + 4] for start in range(0, 16, 4))


def _full_width(text: str) -> str:
    return "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in text)


TEXTS: dict[str, Callable[[Dice], str]] = {
    "e-mail": _email,
    "e-mail in a sentence": lambda dice: f"Ask {_email(dice)} about it.",
    "mailto": lambda dice: f"mailto:{_email(dice)}",
    "e-mail in brackets": lambda dice: f"{_word(dice)} [at] {_word(dice)} [dot] com",
    "e-mail, percent-encoded": lambda dice: quote(_email(dice), safe="").replace(".", "%2E"),
    "e-mail, encoded twice": lambda dice: quote(quote(_email(dice), safe=""), safe=""),
    "e-mail in base64": lambda dice: b64encode(_email(dice).encode()).decode(),
    "e-mail in base64 twice": lambda dice: b64encode(b64encode(_email(dice).encode())).decode(),
    "e-mail in hexadecimal": lambda dice: _email(dice).encode().hex(),
    "e-mail, full width": lambda dice: _full_width(_email(dice)),
    "e-mail with a zero-width space": lambda dice: _email(dice).replace("@", "\u200b@\u200b"),
    "phone": lambda dice: f"+49 30 {_digits(dice, 7)}",
    "US phone": lambda dice: f"({_digits(dice, 3)}) {_digits(dice, 3)}-{_digits(dice, 4)}",
    "phone with dots": lambda dice: f"{_digits(dice, 3)}.{_digits(dice, 3)}.{_digits(dice, 4)}",
    "card": _luhn,
    "card in groups": lambda dice: _grouped(_luhn(dice), " "),
    "card with hyphens": lambda dice: _grouped(_luhn(dice, "51"), "-"),
    "IBAN": _iban,
    "social security number": lambda dice: f"{_digits(dice, 3)}-{_digits(dice, 2)}-{_digits(dice, 4)}",
    "VAT number": lambda dice: f"DE{_digits(dice, 9)}",
    "tax number": lambda dice: f"{_digits(dice, 2)}-{_digits(dice, 7)}",
    "coordinates": lambda dice: f"{_digits(dice, 2)}.{_digits(dice, 4)}, {_digits(dice, 2)}.{_digits(dice, 4)}",
    "thousands of dollars": lambda dice: f"{_digits(dice, 2)} thousand dollars",
    "price of a month": lambda dice: f"{_digits(dice, 2)}k per year",
    "number in groups": lambda dice: f"{_digits(dice, 1)},{_digits(dice, 3)},{_digits(dice, 3)}",
    "invoice number": lambda dice: f"INV-2026-{_digits(dice, 5)}",
    "dollars": lambda dice: f"${_digits(dice, 2)},{_digits(dice, 3)}",
    "euros": lambda dice: f"The pilot costs {_digits(dice, 5)} EUR",
    "recurring revenue": lambda dice: f"{_digits(dice, 3)}k ARR",
    "discount": lambda dice: f"They get {_digits(dice, 2)}% discount",
    "pairs": lambda dice: f"account={_word(dice)}; seats={_digits(dice, 2)}; owner={_word(dice)}",
    "street": lambda dice: f"{_digits(dice, 3)} {_word(dice).title()} Street",
    "German street": lambda dice: f"{_word(dice).title()}straße {_digits(dice, 2)}",
    "post box": lambda dice: f"P.O. Box {_digits(dice, 4)}",
    "company": lambda dice: f"{_word(dice).title()} {_word(dice).title()} GmbH",
    "UUID": _uuid,
    "UUID in capitals": lambda dice: _uuid(dice).upper(),
    "IPv4 address": lambda dice: ".".join(str(dice.randint(11, 200)) for _ in range(4)),
    "network": lambda dice: f"10.{dice.randint(0, 255)}.0.0/16",
    "short IPv6 address": lambda dice: f"fe80::{dice.randint(4096, 65535):x}:{dice.randint(4096, 65535):x}",
    "IPv6 address": lambda dice: ":".join(f"{dice.randint(1, 65535):x}" for _ in range(8)),
    "link": lambda dice: f"https://{_word(dice)}.com/{_word(dice)}",
    "console link": lambda dice: f"https://console.{_word(dice)}.io/t?id={_digits(dice, 4)}",
    "host name": lambda dice: f"db.{_word(dice)}.internal",
    "link without a scheme": lambda dice: f"//{_word(dice)}.io/{_word(dice)}",
    "home folder": lambda dice: f"/home/{_word(dice)}/pilot",
    "Windows folder": lambda dice: f"C:\\Users\\{_word(dice)}",
    "variable": lambda dice: f"pwd={_word(dice)}",
    "connection string": lambda dice: f"postgresql://{_word(dice)}:{_mixed(dice, 12)}@{_word(dice)}.com/app",
    "customer id of a provider": lambda dice: "cus" + f"_{_mixed(dice, 14)}",
    "subscription id of a provider": lambda dice: "sub" + f"_{_mixed(dice, 18)}",
    "CRM id": lambda dice: "001" + _mixed(dice, 12).upper(),
    "cloud key": lambda dice: "AK" + "IA" + "".join(dice.choice(string.ascii_uppercase + "234567") for _ in range(16)),
    "version control token": lambda dice: "gh" + "p_" + _mixed(dice, 36),
    "channel of a chat": lambda dice: "C0" + _mixed(dice, 8).upper(),
    "chat token": lambda dice: "xo" + f"xb-{_digits(dice, 11)}-{_mixed(dice, 24)}",
    "signed token": lambda dice: "ey" + "J" + ".".join(_mixed(dice, 24) for _ in range(3)),
    "license key": lambda dice: "-".join("A1" + _mixed(dice, 3).upper() for _ in range(4)),
    "license key with a prefix": lambda dice: f"CAVRA-ENT-{_mixed(dice, 12).upper()}",
    "private key": lambda dice: "-----BEGIN " + f"PRIVATE KEY-----\n{_mixed(dice, 64)}",
    "random value": lambda dice: _mixed(dice, 32),
    "random value, URL-safe": lambda dice: urlsafe_b64encode(dice.randbytes(30)).decode(),
    "JSON": lambda dice: json.dumps({"name": _word(dice), "seats": 5}),
    "XML": lambda dice: f"<account><name>{_word(dice)}</name></account>",
    "CSV": lambda dice: "\n".join(",".join(_word(dice) for _ in range(5)) for _ in range(3)),
    "small CSV": lambda dice: "\n".join(",".join(_word(dice) for _ in range(3)) for _ in range(2)),
    "YAML": lambda dice: f"plan: {_word(dice)}\nseats: 25",
    "Python": lambda dice: f"def {_word(dice)}(tenant):\n    return license.sign(tenant)",
    "JavaScript": lambda dice: f"export const {_word(dice)} = (key) => {{ return sign(key); }};",
    "SQL": lambda dice: f"SELECT name, plan FROM {_word(dice)} WHERE seats > 5",
    "long text": lambda dice: " ".join(_word(dice) for _ in range(120)),
    "account number": lambda dice: _digits(dice, 10),
    "look-alike letters": lambda dice: f"{_word(dice)}\u0430{_word(dice)}",
}
"""Texts that are not allowed anywhere in a packet, not even in a text field."""

ELSEWHERE: dict[str, Callable[[Dice], object]] = {
    "name of a customer": lambda dice: f"{_word(dice)}-{_word(dice)}",
    "name of a person": lambda dice: f"{_word(dice).title()} {_word(dice).title()}",
    "sentence": lambda dice: f"{_word(dice).title()} wants the {_word(dice)} cheaper!",
    "reference with a customer's name": lambda dice: f"tenant:{_word(dice)}",
    "path with a customer's name": lambda dice: f"evidence://customers/{_word(dice)}/readiness",
    "reference with a UUID": lambda dice: f"evidence://tenants/{_uuid(dice)}/readiness",
    "reference with an e-mail": lambda dice: f"evidence://contact/{_email(dice)}",
    "reference with an encoded e-mail": lambda dice: f"evidence://contact/{quote(_email(dice), safe='')}",
    "reference with base64": lambda dice: f"evidence://payload/{b64encode(_email(dice).encode()).decode()}",
    "phone as an opaque id": lambda dice: f"contact:opaque-{_digits(dice, 3)}.{_digits(dice, 3)}.{_digits(dice, 4)}",
    "address as an opaque id": lambda dice: f"tenant:opaque-10.{dice.randint(1, 250)}.{dice.randint(1, 250)}.7",
    "reference with a card": lambda dice: f"audit://charge/{_luhn(dice)}",
    "reference with a query": lambda dice: f"ticket://support/handoff?tenant={_word(dice)}",
    "reference with a fragment": lambda dice: f"ticket://support/handoff#{_word(dice)}",
    "reference with a user": lambda dice: f"vault://{_word(dice)}@store/key",
    "reference with a host": lambda dice: f"evidence://{_word(dice)}.com/readiness",
    "reference with a port": lambda dice: f"vault://store:{_digits(dice, 4)}/key",
    "reference of another scheme": lambda dice: f"gopher://{_word(dice)}/1",
    "path out of the repository": lambda _: "../../customers/list.json",
    "large number": lambda dice: int(_digits(dice, 10)),
    "amount": lambda dice: int(_digits(dice, 4)) + 0.37 + 1000,
    "negative number": lambda dice: -int(_digits(dice, 5)),
}
"""Values that are allowed nowhere, except some of them in a text field."""

MEMBERS: dict[str, Callable[[Dice], tuple[str, object]]] = {
    "password": lambda dice: ("smtp_password", _word(dice)),
    "token": lambda dice: ("accessToken", _word(dice)),
    "secret in a list": lambda dice: ("secrets", [_word(dice)]),
    "customer's name": lambda dice: ("customer_name", "redacted customer"),
    "tenant's name": lambda dice: ("tenant_name", "pilot"),
    "invoice": lambda dice: ("invoice", {"status": "paid"}),
    "price": lambda dice: ("price", int(_digits(dice, 3))),
    "CRM payload": lambda dice: ("crm_payload", {"stage": "won"}),
    "provisioning payload": lambda dice: ("provisioning_payload", {"region": "europe"}),
    "training data": lambda dice: ("training_data", ["one", "two"]),
    "prompt samples": lambda dice: ("prompt_samples", ["ready"]),
    "source code": lambda dice: ("source_code", "ready"),
    "license key": lambda dice: ("license_key", "active"),
    "redaction flag": lambda dice: ("customer_records_included", True),
    "redaction flag in words": lambda dice: ("license_key_included", "no"),
    "object for a reference": lambda dice: ("approval_ref", {"status": "approved"}),
    "objects for references": lambda dice: ("approval_refs", [{"plan": "gold"}]),
    "label for a reference": lambda dice: ("approval_ref", "approved"),
    "digest of an e-mail": lambda dice: ("customer_email_digest", "sha256:" + dice.randbytes(32).hex()),
    "digest of a tenant": lambda dice: ("tenant_hash", dice.randbytes(32).hex()),
    "digest of a named field": lambda dice: (
        "identity",
        {"field": "phone", "value": "sha256:" + dice.randbytes(32).hex()},
    ),
    "no moment": lambda dice: ("approved_at", "next week"),
    "name that is an e-mail": lambda dice: (_email(dice), "ready"),
    "name that is a customer": lambda dice: (_word(dice), "ready"),
    "name that is a sentence": lambda dice: ("Who is it, and where?", True),
}
"""Members that are a leak because of their name."""

WORDS = (
    "readiness",
    "handoff",
    "activation",
    "pilot",
    "approval",
    "revision",
    "support",
    "owner",
    "renewal",
    "billing",
)
_slug = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map("-".join)
_id = st.from_regex(r"[0-9][a-f][0-9a-f]{3,9}", fullmatch=True)
_moments = st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))
REFERENCES = st.one_of(
    st.builds(
        "{}://{}/{}".format,
        st.sampled_from(
            ("evidence", "ticket", "audit", "runbook", "git", "workflow", "vault", "share", "sample", "cavra", "docs")
        ),
        _slug,
        _slug | _id,
    ),
    st.builds(
        "{}:opaque-{}".format,
        st.sampled_from(("tenant", "trial", "approval", "audit", "handoff", "license")),
        _slug | _id,
    ),
)
FINE = st.one_of(
    REFERENCES,
    _slug,
    _slug.map(lambda slug: slug.replace("-", "_")),
    st.sampled_from(
        ("active", "past_due", "grace_period", "requires_cavra_enterprise", "CAVRA", "v1.2.0", "2026-Q3", "P30D")
    ),
    _moments.map(lambda at: at.isoformat()),
    _moments.map(lambda at: at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")),
    _moments.map(lambda at: at.date().isoformat()),
    st.binary(min_size=32, max_size=32).map(lambda digest: "sha256:" + digest.hex()),
    st.booleans(),
    st.integers(0, 100_000),
    st.none(),
)


def faults(packet: object) -> list[Fault]:
    document = read(json.dumps(packet).encode(), "packet.json")
    assert isinstance(document, Document)
    return list(judge(document.root, Context()))


def _pointer(path: tuple[str | int, ...]) -> str:
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in path)


def _places(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Everywhere a value can be put: in place of a leaf, or as a new member or item."""
    if isinstance(value, dict):
        yield (*path, "extra")
        for key, inner in value.items():
            yield from _places(inner, (*path, key))
    elif isinstance(value, list):
        yield (*path, len(value))
        for index, inner in enumerate(value):
            yield from _places(inner, (*path, index))
    else:
        yield path


def _put(packet: dict[str, Any], path: tuple[str | int, ...], value: object) -> dict[str, Any]:
    packet = deepcopy(packet)
    holder: Any = packet
    for step in path[:-1]:
        holder = holder[step]
    if isinstance(holder, list) and path[-1] == len(holder):
        holder.append(value)
    else:
        holder[path[-1]] = value
    return packet


def _is_text(path: tuple[str | int, ...]) -> bool:
    return any(step in ("title", "message", "next_step") for step in path)


ANYWHERE = [(name, path) for name, packet in PACKETS.items() for path in _places(packet) if path != ("schema_version",)]
NOT_IN_TEXT = [(name, path) for name, path in ANYWHERE if not _is_text(path)]
OBJECTS = [(name, path[:-1]) for name, path in ANYWHERE if path[-1] == "extra" and "handoff_refs" not in path]
FREE = [
    (name, path)
    for name, path in NOT_IN_TEXT
    if path[-1] == "extra" and "handoff_refs" not in path and "redaction" not in path
]


@pytest.mark.parametrize("name", PACKETS)
def test_the_packets_that_leaks_are_put_into_are_clean(name: str) -> None:
    assert faults(PACKETS[name]) == []


def test_there_are_many_kinds_of_leaks() -> None:
    assert len(TEXTS) + len(ELSEWHERE) + len(MEMBERS) >= 90


@pytest.mark.parametrize("kind", TEXTS)
@settings(max_examples=6, deadline=None)
@given(place=st.sampled_from(ANYWHERE), seed=st.integers(0, 2**32))
def test_a_text_that_may_stand_nowhere_is_found(kind: str, place: tuple[str, tuple[str | int, ...]], seed: int) -> None:
    name, path = place
    leak = TEXTS[kind](Dice(seed))
    found = [fault for fault in faults(_put(PACKETS[name], path, leak)) if fault.pointer == _pointer(path)]
    assert found
    for fault in found:
        assert fault.span in fault.redact
        assert leak not in fault.detail


@pytest.mark.parametrize("kind", ELSEWHERE)
@settings(max_examples=6, deadline=None)
@given(place=st.sampled_from(NOT_IN_TEXT), seed=st.integers(0, 2**32))
def test_a_value_that_is_no_public_one_is_found(kind: str, place: tuple[str, tuple[str | int, ...]], seed: int) -> None:
    name, path = place
    packet = _put(PACKETS[name], path, ELSEWHERE[kind](Dice(seed)))
    assert _pointer(path) in {fault.pointer for fault in faults(packet)}


@pytest.mark.parametrize("kind", MEMBERS)
@settings(max_examples=6, deadline=None)
@given(place=st.sampled_from(OBJECTS), seed=st.integers(0, 2**32))
def test_a_member_that_no_packet_may_have_is_found(
    kind: str, place: tuple[str, tuple[str | int, ...]], seed: int
) -> None:
    name, path = place
    key, value = MEMBERS[kind](Dice(seed))
    found = faults(_put(PACKETS[name], (*path, key), value))
    assert any(fault.pointer.startswith(_pointer((*path, key))) for fault in found)


@settings(max_examples=150, deadline=None)
@given(place=st.sampled_from(FREE), value=FINE | st.lists(FINE, max_size=3))
def test_what_a_packet_may_hold_stays_clean_anywhere(place: tuple[str, tuple[str | int, ...]], value: object) -> None:
    name, path = place
    assert faults(_put(PACKETS[name], path, value)) == []


@settings(max_examples=60, deadline=None)
@given(
    place=st.sampled_from(OBJECTS),
    slug=_slug,
    value=REFERENCES,
)
@example(place=("activation", ()), slug="readiness", value="evidence://readiness/0a0cad")
@example(place=("activation", ()), slug="readiness", value="evidence://readiness/0cad0")
def test_references_and_flags_stay_clean_under_any_name(
    place: tuple[str, tuple[str | int, ...]], slug: str, value: str
) -> None:
    name, path = place
    key = slug.replace("-", "_")
    packet = _put(PACKETS[name], (*path, f"{key}_ref"), value)
    packet = _put(packet, (*path, f"{key}_refs"), [value, value])
    packet = _put(packet, (*path, f"{key}_included"), False)
    assert faults(packet) == []
