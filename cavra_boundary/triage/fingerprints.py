"""Fingerprints: names for findings that are safe in a public file, such as `v2-9f2c04d1a37be658`.

A value that nobody could enumerate gives a `v2-` fingerprint: it stands for this value under this rule, wherever that
is. Any other finding gets a `p2-` fingerprint: it stands for a place, and nothing in it depends on the value.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cavra_boundary.model import Secret

_BYTES = 8


def of_value(rule: str, secret: Secret) -> str:
    """The fingerprint of an unguessable value under a rule."""
    return f"v2-{_digest(b'value', rule, secret.reveal())}"


def of_place(rule: str, path: str, names: tuple[str, ...] = (), number: int = 1) -> str:
    """The fingerprint of what a rule finds at a place.

    names: of the key or the fields there. number: from 1, among the places in the file with these names.
    """
    parts = (path, *names, str(number))
    return f"p2-{_digest(b'place', rule, *(part.encode(errors='surrogateescape') for part in parts))}"


def is_of_value(fingerprint: str) -> bool:
    """Whether it is the fingerprint of a value, which tells it from all others."""
    return fingerprint.startswith("v2-")


def is_first_version(fingerprint: str) -> bool:
    """Whether it is a fingerprint of version 1."""
    return fingerprint[4:5] == "-"


def first_version(rule: str, secret: Secret) -> str:
    """The fingerprint of version 1: 24 bits of every value, from which a weak one can be found by trying.

    It is only compared with those in baselines and allows that are not migrated yet, never written or shown.
    """
    key = rule.encode()
    rule_part = blake2b(key, digest_size=2, person=b"cavra-rule").hexdigest()
    value_part = blake2b(secret.reveal(), digest_size=3, key=key[:64], person=b"cavra-value").hexdigest()
    return f"{rule_part}-{value_part}"


def _digest(kind: bytes, rule: str, *parts: bytes) -> str:
    key = blake2b(rule.encode(), digest_size=32).digest()
    digest = blake2b(digest_size=_BYTES, key=key, person=b"cavra-2-" + kind)
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()
