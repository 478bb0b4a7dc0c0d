"""What private material looks like: keys that declare it, texts that hold it, and what the shipped packs find."""

from __future__ import annotations

import re
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cavra_boundary.scan.scanner import Scanner

_PIECES = re.compile(r"[^\s,;|<>()\[\]{}\"'`]+")
_FACTS = ("card", "email", "iban", "phone")

# Prefixes that providers document. The packs also ask whether such a token can be real; a payload does not need a
# made-up one either.
_TOKEN_LIKE = re.compile(
    r"-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY"
    r"|\b(?:gh[oprsu]_|github_pat_|[prs]k_(?:live|test)_|whsec_)\w{16}"
    r"|\b(?:glpat-|xapp-|xox[a-z]-)[\w-]{16}"
    r"|\b(?:hf_|npm_|pypi-|sk-|ya29\.)[A-Za-z0-9]{16}"
    r"|\b(?:AKIA|ASIA|AIza)[A-Za-z0-9_-]{16}"
    r"|\beyJ[\w-]{8,2000}\.eyJ[\w-]{8}"
)


def _is_reference(value: object) -> bool:
    return value is None or isinstance(value, str) or (isinstance(value, list) and all(map(_is_reference, value)))


_DESCRIBES: dict[str, Callable[[object], bool]] = {
    "included": lambda value: value is False,
    **dict.fromkeys(
        ("enabled", "excluded", "present", "redacted", "required", "rotated", "sent", "verified"),
        lambda value: isinstance(value, bool),
    ),
    **dict.fromkeys(("count", "total"), lambda value: isinstance(value, int)),
    **dict.fromkeys(("ref", "reference"), _is_reference),
    **dict.fromkeys(("status", "state"), lambda value: isinstance(value, str)),
}
"""A key that ends in one of these words only describes the material, if its value passes the test."""


def declares(key: str, value: object) -> bool:
    """Whether a key says that its value is private material: `apiKey`, `smtp_password`; not `token_included: false`."""
    from unicodedata import normalize

    from cavra_boundary.evidence.fields import declares_private, singular_words

    # A number, as in `token2`, would keep the words next to it from being split.
    words = singular_words(re.sub(r"(\d+)", r"_\1_", normalize("NFKC", key)))
    if not declares_private([word for word in words if not word.isdigit()]):
        return False
    is_harmless = _DESCRIBES.get(words[-1])
    return is_harmless is None or not is_harmless(value)


def looks_private(text: str) -> bool:
    """Whether the text holds what looks like a token, or a mail address, card, IBAN or telephone number.

    Addresses and numbers that are reserved for documentation are fine.
    """
    from cavra_boundary.detect.values import KINDS

    if _TOKEN_LIKE.search(text):
        return True
    pieces = {text.strip(), *(piece.strip(".:!?/=") for piece in _PIECES.findall(text))}
    verdicts = (KINDS[kind](piece) for piece in pieces for kind in _FACTS)
    return any(verdict.confirmed and not verdict.lowered for verdict in verdicts)


def decoded(text: str) -> Iterator[str]:
    """The beginning of a text with percent-encoding, base64 and hexadecimal decoded."""
    from cavra_boundary.evidence.private import layers

    yield from layers(text)


class Unsearchable(Exception):  # noqa: N818 - says what the text is
    """The rules could not search all of a text."""


_one_at_a_time = Lock()  # the engine holds scratch space


def findings(name: str, text: str) -> Iterator[tuple[int, int]]:
    """Where the shipped rules find something more severe than a note: lines and columns, 1-based.

    An allow in the text is ignored. Unsearchable if a rule did not finish.
    """
    from cavra_boundary.model import Blob, Severity

    with _one_at_a_time:
        part = _engine().blob(Blob.whole(name, text.encode(errors="backslashreplace")))
    if any(skip.incomplete for skip in part.skipped):
        raise Unsearchable
    for finding in part.triaged.findings:
        if finding.severity >= Severity.WARNING:
            yield finding.position.line, finding.position.column


@cache
def _engine() -> Scanner:
    """The scan's engine with the shipped packs: takes 0.1 s from the user's cache, otherwise seconds."""
    from cavra_boundary.cache import Cache
    from cavra_boundary.policy.options import DEFAULT_MARKERS
    from cavra_boundary.rules.kinds import EvidenceRule
    from cavra_boundary.rules.load import load_packs
    from cavra_boundary.scan.scanner import Plan, Scanner

    user_cache = Cache.of_user()
    shipped = load_packs([], DEFAULT_MARKERS, user_cache)
    # A request is not an evidence packet: the contract decides what it may hold.
    rules = tuple(rule for rule in shipped.rules if not isinstance(rule, EvidenceRule))
    return Scanner(Plan.of_rules(rules, shipped.digest, user_cache))
