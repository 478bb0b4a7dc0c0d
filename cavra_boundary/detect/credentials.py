"""Credential rules: a value that nobody would write by hand, or a password, and names that say what it opens.

The prefilter says where a value may be (`gates.py`), `structure/naming.py` reads which names speak of it, and the rules
say what it is: a provider's credential, if one of its words stands near and the value has the shape; what certain names
say; or just a secret. Of the rules that fit, the most specific one makes the match.
"""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from cavra_boundary import structure
from cavra_boundary.detect import fields
from cavra_boundary.detect.dummies import is_algorithm
from cavra_boundary.detect.filekinds import is_configuration, is_of_tests
from cavra_boundary.detect.gates import WORDS, values
from cavra_boundary.detect.gatewords import SHORTEST
from cavra_boundary.detect.names import Meaning, Providers, fold, meaning
from cavra_boundary.detect.placeholders import placeholder_reason
from cavra_boundary.detect.public import AROUND, is_public_half, public_reason, words_of
from cavra_boundary.detect.randomness import STRONG_NAME, WEAK_NAME, is_generated, randomness
from cavra_boundary.detect.references import MOST_BEFORE, is_store, told_before
from cavra_boundary.detect.reserved import protocol_reason
from cavra_boundary.detect.shapes import JUDGED, has_shape
from cavra_boundary.detect.validators import VALIDATORS
from cavra_boundary.model import FINGERPRINT_PATTERN, Match, Secret
from cavra_boundary.structure.naming import Named, Relation, named, password_at, value_at, word_around

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cavra_boundary.detect.gatewords import Places
    from cavra_boundary.detect.kinds import CredentialRule
    from cavra_boundary.model import Span, View

_SHAPED = 6.0
"""Nats of randomness from which a value's shape is worth comparing: nobody writes it by hand, or few would."""

_SHORTEST_PASSWORD, _LONGEST_PASSWORD = 6, 256
_FEWEST_CHARACTERS = 5
"""Different characters that a password has."""

_OF_TESTS = "in a test, a sample or documentation"
_FAR_NAME = "the name is not its own"
_WEAK_NAME = "the name may mean something else"
_CHOSEN = "a person chose it, maybe as an example"
_IDENTIFIER = "a UUID often is an identifier"


class CredentialMatcher:
    """Runs all credential rules of a set on views."""

    def __init__(self, rules: Sequence[CredentialRule]) -> None:
        self._judged = [rule for rule in rules if not JUDGED.isdisjoint(rule.value)]
        self._providers = Providers({word for rule in rules for word in rule.of})
        self._lines = max((rule.lines for rule in rules), default=0)
        shaped = [rule for rule in rules if not JUDGED.issuperset(rule.value)]
        self._of_any = [rule for rule in shaped if not rule.of]
        self._of: defaultdict[str, list[CredentialRule]] = defaultdict(list)
        for rule in shaped:
            for word in rule.of:
                self._of[word].append(rule)

    def matches(self, view: View, places: Places) -> Iterator[Match]:
        """The matches around some places of a view, at most one for a value."""
        seen: set[int] = set()
        matched: set[int] = set()
        for start in values(view.data, places):
            if start not in seen and (value := value_at(view.data, start)):
                seen.add(start)
                yield from _noted(self._of_value(view, value), matched)
        for end in places.passwords:
            if (value := password_at(view.data, end)) and value.span.start not in matched:
                yield from _noted(self._of_password(view, value), matched)
        yield from self._in_tables(view, places, matched)

    def _of_value(self, view: View, value: Named) -> Iterator[Match]:
        secret = view.data[slice(*value.span)]
        if (
            value.called
            or _PATH.match(secret)
            or randomness(secret) < _SHAPED
            or _opens_nothing(view.data, value, secret)
        ):
            return
        if not value.quoted and view.data[value.span.start - 1] in b"(," and not is_configuration(view.blob.path):
            return  # an expression
        whole = value._replace(span=word_around(view.data, value.span))
        value = named(view.data, value, WORDS)
        if whole.span != value.span and not WORDS.search(value.own.encode()):
            value = named(view.data, whole, WORDS)._replace(span=value.span)
        if whole.span != value.span:
            whole = value._replace(span=whole.span)
            if is_store(view.data[slice(*whole.span)]):
                return
            for match in self._of_named(view, whole, view.data[slice(*whole.span)], is_judged=False):
                yield match
                return
        yield from self._of_named(view, value, secret)

    def _of_password(self, view: View, value: Named) -> Iterator[Match]:
        secret = view.data[slice(*value.span)]
        is_literal = value.quoted or is_configuration(view.blob.path)
        if is_literal and not (_opens_nothing(view.data, value, secret) or _begins_sentence(view.data, value)):
            yield from self._of_named(view, value, secret, may_be_password=is_password(secret))

    def _in_tables(self, view: View, places: Places, matched: set[int]) -> Iterator[Match]:
        """Matches in columns whose names mean a credential."""
        head = view.data if view.via else view.blob.head or view.data
        if not places or not (places.tables or fields.has_table_head(head)):
            return
        if not any(meaning(column) >= Meaning.STRONG for column in fields.names_of_columns(view.data, head)):
            return
        for record in structure.records(view.data, view.blob.path, head):
            for leaf in record.own:
                if leaf.quoted and leaf.start not in matched and meaning(leaf.key) >= Meaning.STRONG:
                    value = Named(leaf.span, leaf.key, ((leaf.key, Relation.ASSIGNED),), quoted=True)
                    for match in _noted(self._of_password(view, value), matched):
                        yield match._replace(around=record.lines)  # the row is a person's record

    def _of_named(
        self, view: View, value: Named, secret: bytes, *, may_be_password: bool = False, is_judged: bool = True
    ) -> Iterator[Match]:
        """The match of the most specific rule that fits. is_judged: whether rules count that know no shape of it."""
        if _is_of_the_same_name(value.own, secret):
            return
        context = _Context(view, value, secret, may_be_password, self._providers)
        rules = [(rule, True) for rule in self._with_shape(context)]
        rules += ((rule, False) for rule in (self._judged if is_judged and context.may_be_judged else ()))
        fitting = [(fit, rule) for rule, shaped in rules if (fit := context.fit(rule, shaped=shaped))]
        if not fitting:
            return
        fit, rule = max(fitting, key=lambda each: (each[0], each[1].id))
        # A shape with words in it looks like a placeholder: `Client_Secret_…`.
        is_certain = fit.of_provider and fit.shaped and is_generated(secret) and b"EXAMPLE" not in secret
        if is_certain or not placeholder_reason(secret, password=may_be_password):
            around = view.data[max(0, value.span.start - AROUND) : value.span.end + AROUND]
            # A rule that knows the name knows better what it means.
            names = [] if fit.phrase or fit.of_provider else [name for name, _ in value.names]
            yield Match(
                rule=rule.id,
                span=value.span,
                value=Secret(secret),
                redact=(value.span,),
                detail=context.detail,
                lowered=protocol_reason(secret) or public_reason(names, secret, around),
                doubts=tuple(context.doubts(rule)),
            )

    @cached_property
    def _any_shape(self) -> re.Pattern[bytes]:
        """A pattern for values with the shape of any rule that asks for its provider."""
        return has_shape(tuple({shape: 0 for rules in self._of.values() for rule in rules for shape in rule.value}))

    def _with_shape(self, context: _Context) -> Iterator[CredentialRule]:
        """The rules with a shape that the value has, but for those whose provider is nowhere near; each once."""
        near: dict[str, CredentialRule] = {}
        if self._any_shape.fullmatch(context.secret):
            near = {rule.id: rule for word in context.providers(self._lines) for rule in self._of.get(word, ())}
        for rule in (*self._of_any, *near.values()):
            if has_shape(rule.value).fullmatch(context.secret):
                yield rule


class _Fit(NamedTuple):
    """How specific a rule is about a value; the greater fits better.

    placed: it is about files of such names. of_provider: a word of its provider is near. word: the length of the one in
    a name. shaped: it knows the value's shape. phrase: the length of its phrase that a name has.
    """

    placed: bool
    of_provider: bool
    word: int
    shaped: bool
    phrase: int


class _Context:
    """A value and what is around it, asked for many rules."""

    def __init__(self, view: View, value: Named, secret: bytes, may_be_password: bool, providers: Providers) -> None:
        self.secret = secret
        self._view = view
        self._value = value
        self._all_providers = providers
        self._may_be_password = may_be_password
        self._name, self._relation, self._meaning = _best_name(value)
        self._folded = [fold(name) for name, _ in value.names]
        self._around: dict[int, frozenset[str]] = {}

    @property
    def detail(self) -> str:
        """The name that speaks of the value, if it may be shown."""
        name = self._name
        return name if len(name) <= 60 and name.isprintable() and randomness(name.encode()) < STRONG_NAME else ""

    def fit(self, rule: CredentialRule, *, shaped: bool) -> _Fit | None:
        """How specific the rule is about the value; None if it does not fit. shaped: it has one of its shapes."""
        if not shaped and not self._is_judged(rule):
            return None
        phrase = max((len(phrase) for phrase in rule.names if self._is_called(phrase)), default=0)
        if not (phrase if rule.names else self._meaning > Meaning.NEUTRAL):
            return None
        word = max((len(word) for word in rule.of if word in self._in_names), default=0)
        if rule.of and not word and self.providers(rule.lines).isdisjoint(rule.of):
            return None
        if self._relation == Relation.AHEAD and self._value.in_address:
            return None
        if not (rule.of or rule.names or self._stands_alone()):
            return None
        if not rule.runs_on(self._view.blob.path):
            return None
        if not all(VALIDATORS[name](self.secret).confirmed for name in rule.validators):
            return None
        return _Fit(bool(rule.paths.patterns), bool(rule.of), word, shaped, phrase)

    @property
    def may_be_judged(self) -> bool:
        """Whether the value may be what a rule asks for that knows no shape."""
        return self._may_be_password or self._is_generated

    def _is_judged(self, rule: CredentialRule) -> bool:
        """Whether the value is what the rule asks for where it knows no shape."""
        if self._is_hash:
            return False
        is_clear = self._meaning >= Meaning.STRONG or bool(rule.names)
        return ("password" in rule.value and self._may_be_password and is_clear) or (
            "generated" in rule.value and self._is_generated
        )

    @cached_property
    def _in_names(self) -> frozenset[str]:
        """The words of providers in the value's names."""
        return frozenset().union(*(self._all_providers.within(name) for name, _ in self._value.names))

    def _is_called(self, phrase: str) -> bool:
        """Whether a name has the phrase; at its end, if it names something that opens nothing otherwise."""
        if self._meaning == Meaning.NOTHING:
            is_said_otherwise = is_public_half(self._name) and "public" not in phrase
            return not is_said_otherwise and any(name.endswith(phrase) for name in self._folded[:1])
        return any(phrase in name for name in self._folded)

    def doubts(self, rule: CredentialRule) -> Iterator[str]:
        """Why the value is less certain than the rule's severity says."""
        if not rule.of:
            if self._may_be_password and not self._is_generated and not self._is_sure_password:
                yield _CHOSEN
            if _UUID.fullmatch(self.secret) and not rule.names and self._meaning == Meaning.WEAK:
                yield _IDENTIFIER
            if self._relation == Relation.AHEAD:
                yield _FAR_NAME
            if self._meaning == Meaning.WEAK and not rule.names:
                yield _WEAK_NAME
        if is_of_tests(self._view.blob.path):
            yield _OF_TESTS

    @cached_property
    def _is_generated(self) -> bool:
        """Whether nobody would have written the value by hand; the clearer its name, the less it takes."""
        if len(self.secret) < SHORTEST or _EXPRESSION.search(self.secret):
            return False
        is_clear = self._meaning >= Meaning.STRONG and self._relation < Relation.TOLD
        is_short = len(self.secret) < _LONG_ENOUGH
        return is_generated(self.secret, STRONG_NAME if is_clear and is_short else WEAK_NAME)

    @property
    def _is_sure_password(self) -> bool:
        """Whether services would take the password. In code, such a word is a warning at most, in tests or not."""
        path = self._view.blob.path
        return _is_strong(self.secret) and (is_configuration(path) or is_of_tests(path))

    @cached_property
    def _is_hash(self) -> bool:
        """Whether the value is, or is a part of, a password's hash."""
        start = self._value.span.start
        word = word_around(self._view.data, self._value.span)  # the salt before the hash may be long
        return _PASSWORD_HASH.search(self._view.data, max(0, min(word.start, start - 40)), start + 24) is not None

    def _stands_alone(self) -> bool:
        """Whether the name is clear enough where no rule knows it."""
        if self._relation == Relation.AHEAD:
            return self._meaning > Meaning.WEAK
        return self._meaning > Meaning.WEAK or not (_DIGEST.fullmatch(self.secret) or fold(self._name) in _BARE)

    def providers(self, lines: int) -> frozenset[str]:
        """The words of providers in the value's names, and around it: in so many lines, in its file's name and folder.

        With no lines, in its names alone.
        """
        if lines not in self._around:
            data, (start, end) = self._view.data, self._value.span
            least, most = max(0, start - _WIDEST), min(len(data), end + _WIDEST)
            for _ in range(lines + 1):
                start = max(least, data.rfind(b"\n", least, start))
                next_end = data.find(b"\n", end + 1, most)
                end = next_end if next_end >= 0 else most
            place = "/".join(self._view.blob.path.split("/")[-2:])
            text = f"{place}\n{data[start:end].decode('latin-1')}" if lines else ""
            self._around[lines] = self._in_names | self._all_providers.within(text)
        return self._around[lines]


_WIDEST = 800
"""Bytes on either side of a value within which a provider's word is near it."""

_BARE = frozenset(("key", "code", "session", "login"))
"""Names that alone say nothing: a dictionary's `key`."""

_LONG_ENOUGH = 16
"""Characters with which a random value is told from what is written, however clear its name."""

_EXPRESSION = re.compile(rb"[\])][?*+{]|\[\^?[A-Za-z0-9]-[A-Za-z0-9]|\\[dwsxb]|\(\?[:=!<]")
"""A piece of a regular expression."""

_UUID = has_shape(("uuid",))
_DIGEST = re.compile(rb"(?i)[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{56}|[0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{128}")
_PATH = re.compile(rb"[/.~]|.*\.[A-Za-z]{2,5}\Z|[\w.-]+(?:/[\w.-]+)+\.\w{1,5}\Z")
_VARIABLE = re.compile(rb"(?<![A-Za-z0-9])\$\Z")
_ANCHOR = re.compile(rb"href=\\{0,3}[\"']?#\Z")
_CLASS_START = re.compile(rb"\[\^?\Z")
_CLASS_END = re.compile(rb"\](?:[*+?]|\{\d)")
_CLASS_NEXT = re.compile(rb"\[\^?(?:[A-Za-z0-9]-[A-Za-z0-9]|\\[dws])")
_FINGERPRINT = re.compile(FINGERPRINT_PATTERN.encode())
_PASS_BEFORE = re.compile(rb"(?:\A|[^\w.\"'-])(?:pass|Pass|PASS): [^\n]{0,200}\Z")
_VERDICT_LINE = re.compile(
    rb"[ \t]{0,8}-{0,3} ?(?:PASS|X?FAIL|XPASS|SKIP|UNTESTED|UNRESOLVED|UNSUPPORTED|ERROR|OK)[: ]"
)
_WORDS_AFTER = re.compile(rb"[^\s\"'`]*(?:[ \t]+[(\[]?[A-Za-z0-9_-]{2,}[\])]?[,.:;]?){2}")
_HAS_CAPITAL_AND_DIGIT = re.compile(rb"(?=.{0,60}[A-Z]).{0,60}[0-9]")
_SENTENCE = re.compile(rb"[,.:;]?(?: [a-z']{1,20}[,.:;]?){2}")
_NUMBER = re.compile(rb"[0-9.:_-]+(?:[Tt][0-9.:+-]+[Zz]?)?")
_PASSWORD_HASH = re.compile(
    rb"\$(?:2[abxy]?|1|5|6|7|y|argon2\w*|apr1|pbkdf2\S*|scrypt)\$|\b(?:pbkdf2|bcrypt|scrypt|argon2|sha1|sha256|md5)[\w:-]*\$"
)
"""As `crypt` writes them, Django (`pbkdf2_sha256$…`) and Werkzeug (`scrypt:32768:8:1$…`)."""


def is_password(value: bytes) -> bool:
    """Whether somebody may use a value as a password: it has letters and digits or signs, and is no placeholder."""
    if not _SHORTEST_PASSWORD <= len(value) <= _LONGEST_PASSWORD or len(set(value)) < _FEWEST_CHARACTERS:
        return False
    has_letters, has_others = re.search(rb"[A-Za-z]", value), re.search(rb"[0-9]|(?<=.)[!@#%^&*?+~-](?=.)", value)
    if not (has_letters and has_others) or _EXPRESSION.search(value):
        return False
    return not placeholder_reason(value, password=True)


def _is_strong(password: bytes) -> bool:
    """Whether a password has eight characters or more of three kinds, as services ask for."""
    kinds = (rb"[a-z]", rb"[A-Z]", rb"[0-9]", rb"[^A-Za-z0-9]")
    return len(password) >= 8 and sum(bool(re.search(kind, password)) for kind in kinds) >= 3


def _opens_nothing(data: bytes, value: Named, secret: bytes) -> bool:
    """Whether a value is no credential by its form and what it touches.

    That is a call, a subscript, a variable, a path, a number, a time, an algorithm, an anchor, a piece of a regular
    expression, what Maven has encrypted (`{…=}`), text in another script, a key's body, or what the bytes before it say
    is encrypted, a digest, a revision or the name of a test.
    """
    start, end = value.span
    return bool(
        value.called
        or (
            data[start - 2 : start - 1] == b"["
            and data[end : end + 2] in (b'"]', b"']")
            and data[start - 3 : start - 2].isalnum()
        )
        or _VARIABLE.search(data[max(0, start - 2) : start])
        or _ANCHOR.search(data[max(0, start - 8) : start])
        or _is_class(data, value.span)
        or (data[start - 1 : start] == b"{" and data[end : end + 1] == b"}" and secret.endswith(b"="))
        or _PATH.match(secret)
        or _NUMBER.fullmatch(secret)
        or _FINGERPRINT.fullmatch(secret)
        or is_algorithm(secret)
        or told_before(data[max(0, start - MOST_BEFORE) : start], secret)
        or _is_verdict(data, value.span)
        or data[max(0, start - 12) : start].rstrip().endswith(b"-----")
        or 8 * len(secret.decode(errors="ignore").encode("ascii", "ignore")) < 7 * len(secret)
    )


def _is_verdict(data: bytes, value: Span) -> bool:
    """Whether a value is a part of what passed: `PASS: the name of a test`, with more words or between such lines."""
    start, end = value
    passed = _PASS_BEFORE.search(data[max(0, start - 210) : start])
    if not passed:
        return False
    line = data.rfind(b"\n", max(0, start - 210), start) + 1
    before = data.rfind(b"\n", max(0, line - 300), max(0, line - 1)) + 1
    after = data.find(b"\n", end, end + 300) + 1
    return (
        _WORDS_AFTER.match(data, start - len(passed[0].partition(b": ")[2]), end + 60) is not None
        or (line > 0 and _VERDICT_LINE.match(data, before) is not None)
        or (0 < after < len(data) and _VERDICT_LINE.match(data, after) is not None)
    )


def _begins_sentence(data: bytes, value: Named) -> bool:
    """Whether a value without quotes is the first word of a sentence: `passwd: user7 is not known`."""
    start, end = value.span
    if value.quoted or not _SENTENCE.match(data, end):
        return False
    # What the command `passwd` says is a sentence; a strong password may have words behind it.
    before = data[max(0, start - 12) : start].lower()
    return before.endswith(b"passwd: ") or (
        before.endswith((b"password: ", b"passwords: ")) and not _HAS_CAPITAL_AND_DIGIT.match(data, start, end)
    )


def _is_class(data: bytes, value: Span) -> bool:
    """Whether a value is a regular expression's class of characters, such as `[…]{32}`, or one follows it."""
    start, end = value
    is_class = _CLASS_START.search(data[max(0, start - 2) : start]) and _CLASS_END.match(data, end)
    return bool(is_class or _CLASS_NEXT.match(data, end))


def _is_of_the_same_name(name: str, value: bytes) -> bool:
    """Whether a value is a name itself, ends as its name does or is a part of it: `access_token = old_access_token`.

    A password that ends in `Password` has capitals and digits.
    """
    if fold(value.decode("latin-1")) in fold(name):
        return True
    ends = [(words_of(text) or [""])[-1] for text in (name, value.decode("latin-1"))]
    return ends[0] == ends[1] and len(ends[0]) > 2 and ends[0].isalpha() and not _HAS_CAPITAL_AND_DIGIT.match(value)


def _best_name(value: Named) -> tuple[str, Relation, Meaning]:
    """The name that says most of the value, how it is related, and what it says.

    Where the syntax gives a value its own name, what stands before that speaks of something else.
    """
    best = ("", Relation.AHEAD, Meaning.NEUTRAL)
    for name, relation in value.names:
        # What is encoded or compressed has words in it by chance.
        is_encoded = name.count("\ufffd") > 1 or randomness(name.encode()) >= max(WEAK_NAME, 2 * len(name))
        said = Meaning.NOTHING if is_encoded else meaning(name)
        if relation < Relation.TOLD or (relation == Relation.TOLD and said != Meaning.NEUTRAL):
            says_nothing = said == Meaning.NEUTRAL or (said == Meaning.WEAK and fold(name) in _BARE)
            in_block = meaning(value.block.removesuffix("s")) if says_nothing else Meaning.NEUTRAL
            if in_block >= Meaning.STRONG:
                return value.block, Relation.AHEAD, in_block
            return name, relation, said
        if said > best[2]:
            best = (name, relation, said)
    return best


def _noted(matches: Iterator[Match], starts: set[int]) -> Iterator[Match]:
    """The matches, with their beginnings added to `starts`."""
    for match in matches:
        starts.add(match.span.start)
        yield match
