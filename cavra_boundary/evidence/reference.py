"""References: opaque pointers to private evidence.

`scheme://label/label`, `kind:label` or a path in the repository; never the evidence itself, nor the name of the
customer or person it is about.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from cavra_boundary.evidence.fields import is_about_people
from cavra_boundary.evidence.private import private_reason
from cavra_boundary.evidence.words import split, strange


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


SCHEMES = _names(
    """
    approval artifact audit cavra docs enterprise-private evidence git github handoff model package policy runbook
    sample share ticket vault workflow
    """
)
KINDS = _names(
    """
    account approval artifact audit billing crm customer docs entitlement escalation evidence handoff incident license
    owner package policy provisioning release renewal revocation role runbook service subscription support task team
    tenant ticket trial workflow
    """
)
HOSTS = _names(".example .invalid .test example.com example.net example.org github.com ghcr.io")
"""Public hosts that a text may link to. The first six are reserved for documentation (RFC 2606, RFC 6761)."""

DIGEST_LENGTHS = {"md5": 32, "sha1": 40, "sha224": 56, "sha256": 64, "sha384": 96, "sha512": 128, "blake3": 64}
"""Hexadecimal digits of a digest, by algorithm (RFC 1321, FIPS 180-4)."""

_LONGEST = 300
_MOST_LABELS = 10

_OPAQUE = "opaque-"
# What turns a reference into an address (RFC 3986, section 3).
_CARRIERS = {"?": "a query", "#": "a fragment", "@": "user information", "%": "an encoded character"}
# These point at files, and file names may have capital letters and extensions.
_OF_FILES = frozenset(("docs", "git", "github"))

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://(.*)", re.DOTALL)
_KIND = re.compile(r"([a-z][a-z0-9]*(?:[_-][a-z0-9]+)*):(?!/)(.+)", re.DOTALL)
_LABEL = re.compile(r"[a-z0-9]+(?:[._-]+[a-z0-9]+)*")
_FILE = re.compile(r"\.?[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*")
_PATH = re.compile(rf"{_FILE.pattern}(?:/{_FILE.pattern})+")
_DIGEST = re.compile(r"([a-z]+\d+)[:-]([0-9a-f]+)")


class Grammar(NamedTuple):
    """What a project allows. All in lower case.

    schemes: before `://`. kinds: before `:`. words: allowed in labels, besides the neutral ones.
    hosts: allowed in links in text fields; `.example` covers every host that ends with it.
    """

    schemes: frozenset[str] = SCHEMES
    kinds: frozenset[str] = KINDS
    words: frozenset[str] = frozenset()
    hosts: frozenset[str] = HOSTS


class Reference(NamedTuple):
    """A reference that holds nothing private. name: its scheme or kind; "" for a path. labels: what it points at."""

    name: str
    labels: tuple[str, ...]


class Problem(NamedTuple):
    """Why a text is not a valid reference. check: the rule it breaks. words: ours only, never the text's."""

    check: str
    words: str


def parse_reference(text: str, grammar: Grammar) -> Reference | Problem:
    """`text` as a reference, or why it is not one. The caller has to check whether a path exists."""
    if is_digest(text):
        return Reference(re.split("[:-]", text)[0], (text,))
    if len(text) > _LONGEST:
        return Problem("reference-form", f"longer than {_LONGEST} characters")
    if words := private_reason(text, grammar.hosts):
        return Problem("reference-payload", words)
    if found := _SCHEME.fullmatch(text):
        return _with_scheme(found[1], found[2], grammar)
    if found := _KIND.fullmatch(text):
        return _with_kind(found[1], found[2], grammar)
    if _PATH.fullmatch(text) and ".." not in text.split("/"):
        return Reference("", (text,))
    return Problem("not-a-reference", "neither scheme://label, kind:label nor a path")


def is_digest(text: str) -> bool:
    """Whether a text is a digest with its algorithm: `sha256:` and 64 digits."""
    found = _DIGEST.fullmatch(text)
    return found is not None and DIGEST_LENGTHS.get(found[1]) == len(found[2])


def looks_like_reference(text: str) -> bool:
    """Whether a text is meant as a reference with a scheme."""
    return _SCHEME.fullmatch(text) is not None


def _with_scheme(scheme: str, rest: str, grammar: Grammar) -> Reference | Problem:
    if scheme not in grammar.schemes:
        return Problem("reference-form", "a scheme that is not allowed")
    for char, words in _CARRIERS.items():
        if char in rest:
            return Problem("reference-form", words)
    labels = tuple(rest.split("/"))
    of_files = scheme in _OF_FILES
    if not of_files and (("." in labels[0] and not labels[0].replace(".", "").isdigit()) or ":" in labels[0]):
        return Problem("reference-form", "a host")
    return _labels(scheme, labels, _FILE if of_files else _LABEL, grammar)


def _with_kind(kind: str, label: str, grammar: Grammar) -> Reference | Problem:
    is_known = kind in grammar.kinds or kind in DIGEST_LENGTHS
    if not is_known and (not label.startswith(_OPAQUE) or strange(kind, grammar.words)):
        return Problem("reference-form", "a kind that is not allowed")
    return _labels(kind, tuple(label.split("/")), _FILE if kind in _OF_FILES else _LABEL, grammar)


def _labels(name: str, labels: tuple[str, ...], form: re.Pattern[str], grammar: Grammar) -> Reference | Problem:
    if len(labels) > _MOST_LABELS:
        return Problem("reference-form", f"more than {_MOST_LABELS} labels")
    about_people = is_about_people(split(name))
    for label in labels:
        if not form.fullmatch(label):
            return Problem("reference-form", "a label that is not a lower-case slug" if label else "an empty label")
        opaque = label.removeprefix(_OPAQUE)
        if opaque != label and (words := private_reason(opaque, grammar.hosts)):
            return Problem("reference-payload", words)
        match strange(label, grammar.words):
            case "id":
                return Problem("reference-payload", "a part that is neither words nor an opaque id")
            case "name" if about_people:
                return Problem("reference-payload", "a name where only an opaque id is allowed")
            case "name":
                return Problem("named-label", "a word that may be a name")
        about_people = about_people or is_about_people(split(label))
    return Reference(name, labels)
