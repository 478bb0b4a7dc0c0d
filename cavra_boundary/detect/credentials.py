"""Credential rules: a value that nobody would write by hand, or a password, and names that say so.

Values are looked for around the words of names that speak of credentials, `structure/naming.py` reads which names speak of
each, and the rules say what it is: a provider's, if its words stand near and the value has the shape, else what the name
says. Of all rules that fit, the most specific one makes the match.
"""

from __future__ import annotations

import re
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from cavra_boundary import structure
from cavra_boundary.detect import fields
from cavra_boundary.detect.gates import SHORTEST, WORDS, Places
from cavra_boundary.detect.names import Meaning, fold, meaning
from cavra_boundary.detect.placeholders import placeholder_reason
from cavra_boundary.detect.randomness import STRONG_NAME, WEAK_NAME, is_generated, randomness
from cavra_boundary.detect.shapes import JUDGED, has_shape
from cavra_boundary.detect.validators import VALIDATORS
from cavra_boundary.model import Match, Secret, Span
from cavra_boundary.structure.naming import Named, Relation, named, password_at, value_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from cavra_boundary.detect.kinds import CredentialRule
    from cavra_boundary.model import View

class CredentialMatcher:
    """Runs all credential rules of a set on views."""

    def __init__(self, rules: Sequence[CredentialRule]) -> None:
        self._generated = [rule for rule in sorted(rules, key=_generality) if "password" not in rule.value]
        self._passwords = [rule for rule in sorted(rules, key=_generality) if "password" in rule.value]

    def matches(self, view: View, places: Places) -> Iterator[Match]:
        """The matches around some places of a view, at most one for a value."""
        data = view.data
        seen: set[int] = set()
        matched: set[int] = set()
        for end in places.values:
            if (start := end - SHORTEST) not in seen:
                seen.add(start)
                if value := value_at(data, start):
                    yield from _noted(self._of_value(view, value), matched)
        for end in places.passwords:
            if (value := password_at(data, end)) and value.value.start not in matched:
                yield from _noted(self._of_password(view, value), matched)
        if seen:
            yield from self._in_tables(view, places, matched)

    def _in_tables(self, view: View, places: Places, matched: set[int]) -> Iterator[Match]:
        """Matches in the columns of tables whose names mean a credential."""
        head = view.data if view.via else view.blob.head or view.data
        if not places.tables and not fields.has_table_head(head):
            return
        if all(meaning(column) < Meaning.STRONG for column in fields.columns(view.data, head)):
            return
        for record in structure.records(view.data, view.blob.path, head):
            for leaf in record.own:
                if leaf.quoted and leaf.start not in matched and meaning(leaf.key) >= Meaning.STRONG:
                    value = Named(leaf.span, leaf.key, ((leaf.key, Relation.ASSIGNED),), True, False)
                    secret = view.data[leaf.start : leaf.end]
                    rules = self._generated if is_generated(secret, STRONG_NAME) else self._passwords
                    if rules is self._generated or is_password(secret):
                        yield from self._confirmed(view, value, secret, rules)

    def _of_value(self, view: View, value: Named) -> Iterator[Match]:
        data = view.data
        secret = data[value.value.start : value.value.end]
        if value.called or randomness(secret) < _SHAPED or _opens_nothing(data, value, secret):
            return
        yield from self._confirmed(view, named(data, value, WORDS), secret, self._generated)

    def _of_password(self, view: View, value: Named) -> Iterator[Match]:
        secret = view.data[value.value.start : value.value.end]
        if value.called or not (value.quoted or is_configuration(view.blob.path)):
            return
        if len(secret) >= SHORTEST and is_generated(secret, STRONG_NAME) and not _opens_nothing(view.data, value, secret):
            yield from self._confirmed(view, value, secret, self._generated)
        elif is_password(secret):
            yield from self._confirmed(view, value, secret, self._passwords)

    def _confirmed(
        self, view: View, value: Named, secret: bytes, rules: Iterable[CredentialRule]
    ) -> Iterator[Match]:
        """The match of the first of these rules that fits."""
        context = _Context(view, value, secret)
        for rule in rules:
            if (doubts := context.doubts(rule)) is not None:
                yield Match(
                    rule=rule.id,
                    span=value.value,
                    value=Secret(secret),
                    redact=(value.value,),
                    detail=context.detail,
                    doubts=doubts,
                )
                return


_TEST_PATH = re.compile(
    r"(?i)(?:^|/)(?:tests?|testing|testdata|test[-_]?\w{1,20}|__tests__|specs?|fixtures?|mocks?|__mocks__|cassettes|samples?"
    r"|examples?|demos?|docs?|documentation)(?:/|[-_.]|\Z)"
    r"|[-_.](?:tests?|spec|mock|example|sample|dist|template)(?:\.|\Z)|(?:Tests?|Spec|IT)\.\w+\Z"
    r"|\.(?:md|mdx|rst|adoc|markdown|ipynb)\Z|(?:^|/)(?:README|CHANGELOG|CONTRIBUTING)[^/]*\Z"
)
_UUID = re.compile(rb"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_DIGEST = re.compile(rb"[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{56}|[0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{128}", re.I)

_PATH = re.compile(rb"[/.~]|.*\.[A-Za-z]{2,5}\Z|[\w.-]+(?:/[\w.-]+)+\.\w{1,5}\Z")
_NUMBER = re.compile(rb"[0-9.:_-]+")
_PASSWORD_HASH = re.compile(rb"\$(?:2[abxy]?|1|5|6|7|y|argon2\w*|apr1|pbkdf2\S*|scrypt)\$")
_SHAPED = 6.0
"""Nats of a value that its provider's shape confirms."""

_BARE = frozenset(("key", "code", "hash", "session", "login"))

_OF_TESTS = "in a test, an example or documentation"
_FAR_NAME = "the name is not its own"
_WEAK_NAME = "the name may mean something else"
_IDENTIFIER = "a UUID often is an identifier"


@lru_cache(maxsize=4)
def is_of_tests(path: str) -> bool:
    """Whether a path is that of a test, a sample or documentation."""
    return _TEST_PATH.search(path) is not None


class _Context:
    """A value and what is around it, asked once for many rules."""

    def __init__(self, view: View, value: Named, secret: bytes) -> None:
        self._view = view
        self._value = value
        self._secret = secret
        self._name, self._relation, self._meaning = _best_name(value)
        self._folded = [fold(name) for name, _ in value.names]
        self._lines: dict[int, str] = {}

    @property
    def detail(self) -> str:
        """The name that speaks of the value, for the finding."""
        return _shown(self._name)

    @cached_property
    def is_generated(self) -> bool:
        """Whether nobody would have written the value by hand; the clearer its name, the less it takes."""
        is_clear = self._meaning >= Meaning.STRONG and self._relation != Relation.AHEAD
        return is_generated(self._secret, STRONG_NAME if is_clear else WEAK_NAME)

    @cached_property
    def is_placeholder(self) -> bool:
        return bool(placeholder_reason(self._secret))

    def doubts(self, rule: CredentialRule) -> tuple[str, ...] | None:
        """Why the value is less certain than the rule's severity says; None if the rule does not fit."""
        if self._meaning <= Meaning.NEUTRAL:
            return None
        if rule.names and not any(phrase in name for phrase in rule.names for name in self._folded):
            return None
        if "generated" in rule.value and not self.is_generated:
            return None
        if JUDGED.isdisjoint(rule.value) and not has_shape(rule.value).fullmatch(self._secret):
            return None
        if not (self._is_near(rule) if rule.of else self._stands_alone()):
            return None
        if self.is_placeholder:
            return None
        if not all(VALIDATORS[name](self._secret).confirmed for name in rule.validators):
            return None
        return tuple(self._doubts(rule))

    def _stands_alone(self) -> bool:
        """Whether the value is convincing without a provider that confirms it."""
        if self._relation == Relation.AHEAD and self._value.in_address:
            return False
        if self._meaning == Meaning.WEAK:
            return self._relation != Relation.AHEAD and not _DIGEST.fullmatch(self._secret) and fold(self._name) not in _BARE
        return True

    def _doubts(self, rule: CredentialRule) -> Iterator[str]:
        if not rule.of and _UUID.fullmatch(self._secret):
            yield _IDENTIFIER
        if self._relation == Relation.AHEAD and not rule.of:
            yield _FAR_NAME
        if self._meaning == Meaning.WEAK and not rule.of:
            yield _WEAK_NAME
        if is_of_tests(self._view.blob.path):
            yield _OF_TESTS

    def _is_near(self, rule: CredentialRule) -> bool:
        """Whether a word of the provider stands near: in a name, on the lines around, in the path."""
        around = self._around(rule.lines)
        return any(word in around for word in rule.of)

    def _around(self, lines: int) -> str:
        if lines not in self._lines:
            data, (start, end) = self._view.data, self._value.value
            for _ in range(lines + 1):
                start = data.rfind(b"\n", max(0, start - _WIDEST_LINE), start) if start > 0 else -1
                end = data.find(b"\n", end + 1, end + _WIDEST_LINE)
                end = end if end >= 0 else len(data)
            text = data[max(0, start, self._value.value.start - _WIDEST) : min(end, self._value.value.end + _WIDEST)]
            self._lines[lines] = fold(f"{self._view.blob.path}\n{text.decode('latin-1')}")
        return self._lines[lines]


def _noted(matches: Iterator[Match], starts: set[int]) -> Iterator[Match]:
    """The matches, with their beginnings added to `starts`."""
    for match in matches:
        starts.add(match.span.start)
        yield match


_WIDEST_LINE = 300
_WIDEST = 800


def _best_name(value: Named) -> tuple[str, Relation, Meaning]:
    """The name that says most of the value, how it is related, and what it says."""
    best = ("", Relation.AHEAD, Meaning.NEUTRAL)
    for name, relation in value.names:
        said = meaning(name) if randomness(name.encode()) < WEAK_NAME else Meaning.NOTHING
        if relation != Relation.AHEAD:
            if said != Meaning.NEUTRAL:
                return name, relation, said
        elif said > best[2]:
            best = (name, relation, said)
    return best


_CONFIGURATION = re.compile(
    r"(?i)\.(?:ya?ml|json5?|toml|ini|cfg|conf|config|cnf|properties|env|envrc|xml|tf|tfvars|hcl|plist|reg|sh|bash|zsh|bat"
    r"|cmd|ps1|psm1|service|sql|txt|md|rst|adoc|log|csv|http|rest|ovpn|netrc|pgpass|gradle)(?:\.[\w-]{1,12})?\Z"
    r"|(?:^|/)(?:\.env[^/]*|[^/]*rc|Dockerfile[^/]*|Jenkinsfile|Vagrantfile|Makefile|[^./]+)\Z"
)


@lru_cache(maxsize=4)
def is_configuration(path: str) -> bool:
    """Whether values need no quotes in a file of this name."""
    return _CONFIGURATION.search(path) is not None


def is_password(value: bytes) -> bool:
    """Whether a value in a password's place may be one that somebody uses."""
    if not 6 <= len(value) <= 256 or _PASSWORD_HASH.match(value) or placeholder_reason(value):
        return False
    letters = re.search(rb"[A-Za-z]", value)
    return bool(letters and (re.search(rb"[0-9]", value) or re.search(rb"[!@#%^&*?+~-]", value)) and len(set(value)) > 4)


def _shown(name: str) -> str:
    """A name as a finding may show it: words only."""
    return name if len(name) <= 60 and name.isprintable() and not is_generated(name.encode(), STRONG_NAME) else ""


def _opens_nothing(data: bytes, value: Named, secret: bytes) -> bool:
    """Whether a value is a path, a number, a hash of a password or the body of a key block."""
    start = value.value.start
    return bool(
        _PATH.match(secret)
        or _NUMBER.fullmatch(secret)
        or _PASSWORD_HASH.search(data[max(0, start - 40) : start + 8])
        or data[max(0, start - 12) : start].rstrip().endswith(b"-----")
        or data[start - 1 : start] == b"$"
        or 8 * len(secret.decode(errors="ignore").encode("ascii", "ignore")) < 7 * len(secret)
    )


def _generality(rule: CredentialRule) -> tuple[bool, bool, str]:
    """The order in which rules are tried: a provider's, those of certain names, any."""
    return (not rule.of, not rule.names, rule.id)
