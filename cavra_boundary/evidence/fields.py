"""What a field's name promises: a reference, a timestamp, a flag, text, or something that no packet may hold.

The names are data: patterns/evidence/fields.toml.
"""

from __future__ import annotations

from enum import Enum
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from cavra_boundary.evidence.words import split
from cavra_boundary.rules.files import shipped_folder

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_T = TypeVar("_T")

_LONGEST = 3
"""Number of words in the longest listed ending."""

_NUMBERS = ("customer data", "billing data")
"""Private things that a number can be. Under any other private name, a number is a count: `tokens: 1200`."""


class Role(Enum):
    """What a field's value must be, judging by its name."""

    ANY = "a reference, a label or another public value"
    REFERENCE = "a reference"
    REFERENCES = "references"
    MOMENT = "an RFC 3339 timestamp or a date"
    INCLUDED = "a redaction flag"
    FLAG = "true or false"
    VERSION = "a schema's name and version"
    DIGEST = "a digest with its algorithm"
    TEXT = "short public text"


class Name(NamedTuple):
    """What a field's name says.

    private: the private thing that it declares, in our words; "" for none. private_numbers: whether a number can be
    that thing. names_digest: whether the value is a digest. guessable: whether a digest of the named thing can be
    reversed by guessing. measured: whether it is counted in a unit, so that large numbers are fine.
    """

    role: Role
    private: str = ""
    private_numbers: bool = False
    names_digest: bool = False
    guessable: bool = False
    measured: bool = False


class _Endings(NamedTuple):
    """fields.toml. roles, private: by ending. anywhere: what declares private material anywhere in a name.

    words: the lists of single words, by name.
    """

    roles: Mapping[str, Role]
    private: Mapping[str, str]
    anywhere: frozenset[str]
    words: Mapping[str, frozenset[str]]


@cache
def _endings() -> _Endings:
    import tomllib

    table = tomllib.loads((shipped_folder() / "evidence" / "fields.toml").read_text(encoding="utf-8"))
    return _Endings(
        {ending: Role[role.upper()] for role, endings in table["roles"].items() for ending in endings},
        {name: thing for thing, meanings in table["private"].items() for names in meanings.values() for name in names},
        frozenset(name for meanings in table["private"].values() for name in meanings.get("anywhere", ())),
        {name: frozenset(words) for name, words in table["words"].items()},
    )


@lru_cache(maxsize=4096)
def read_name(key: str) -> Name:
    """What a field's name promises."""
    written = split(key)
    words = [_singular(word) for word in written]
    known = _endings().words
    role = _role(written, words)
    is_pointer = role in (Role.REFERENCE, Role.REFERENCES, Role.INCLUDED, Role.DIGEST)
    private = "" if is_pointer else _private(words)
    return Name(
        role,
        private,
        private in _NUMBERS,
        role is Role.DIGEST or not known["digest"].isdisjoint(words),
        is_guessable(words),
        not known["units"].isdisjoint(words),
    )


def singular_words(key: str) -> list[str]:
    """The words of a field's name, in lower case and the singular."""
    return [_singular(word) for word in split(key)]


def declares_private(words: Sequence[str]) -> bool:
    """Whether any of these `singular_words` declare private material, whatever their position in a name."""
    known = _endings().anywhere
    runs = (" ".join(words[at : at + count]) for at in range(len(words)) for count in range(1, _LONGEST + 1))
    return any(run in known for run in runs) or not _run_together().isdisjoint(words)


@cache
def _run_together() -> frozenset[str]:
    return frozenset(name.replace(" ", "") for name in _endings().anywhere)


def is_guessable(words: Sequence[str]) -> bool:
    """Whether these words name something that is easy to guess: an address, a number, a customer."""
    known = _endings().words
    bare = [word for word in words if word not in known["digest"] and word not in ("ref", "reference", "id", "opaque")]
    return bool(bare) and _singular(bare[-1]) in known["guessable"]


def is_about_people(words: Sequence[str]) -> bool:
    """Whether any of these words names someone who is, or may be, a customer."""
    return not _endings().words["people"].isdisjoint(map(_singular, words))


def _role(written: Sequence[str], words: Sequence[str]) -> Role:
    if len(written) > 1 and written[-1] == "at":
        return Role.MOMENT
    if written and written[-1] in ("refs", "references"):
        return Role.REFERENCES
    return _ending(words, _endings().roles) or Role.ANY


def _private(words: list[str]) -> str:
    while words:
        if found := _ending(words, _endings().private):
            return found
        if words[-1] not in _endings().words["content"]:
            break
        words = words[:-1]
    return ""


def _ending(words: Sequence[str], endings: Mapping[str, _T]) -> _T | None:
    """What is listed for the longest matching ending of a name."""
    tails = (" ".join(words[-count:]) for count in range(min(_LONGEST, len(words)), 0, -1))
    return next((endings[tail] for tail in tails if tail in endings), None)


def _singular(word: str) -> str:
    is_plural = word == "ids" or (len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")))
    return word[:-1] if is_plural else word
