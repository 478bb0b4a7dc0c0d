"""Names the rules worth running on a file's bytes, with hyperscan, in two steps.

1. One pass for the *signs* of all rules, which are plain words: a rule's keywords or, for a record rule without any,
   words of which every record has at least one. Searching for words is several times as fast as for patterns, and most
   files have few of them.
2. For text rules with a sign, their patterns; for record rules with a sign, their keys and values. A rule's own
   database is made on first use, so a cold start only pays for the rules it meets. Rules with signs that are everywhere
   share one.

Promise: the same rules match with and without this. Hyperscan finds a superset of what an expression matches, and an
expression that it cannot compile counts as found; the checks of keywords and fields are part of the rule, and made
without this too.
"""

from __future__ import annotations

import json
import platform
import re
from bisect import bisect_left
from functools import cache, cached_property
from hashlib import sha256
from itertools import accumulate
from typing import TYPE_CHECKING

import hyperscan

from cavra_boundary.detect import fields
from cavra_boundary.detect.gatewords import PAIR_GATE, PASSWORD_GATE, WORD_GATES, Places
from cavra_boundary.detect.kinds import RecordRule, TextRule

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from cavra_boundary.cache import Cache
    from cavra_boundary.detect.kinds import Field
    from cavra_boundary.globs import Globs

COMMON = frozenset(
    """
    account active add address amount app body call card case change city client code company contact content
    count country created currency customer date description display doc document domain email end event
    expected first form from full group host id identifier internal issue key kind label last level license link
    list locale location mail message method mode name note number object order org organization owner pass
    password pat path payment period person phone plan price priority product provider quantity reason ref
    reference region request resource response result role scope score secret serial service source start state
    status store street string subject summary tag tags tenant text time timestamp title token total transaction
    type unit update updated url user username value version work zip
    """.split()  # noqa: SIM905 - a list of a hundred quoted words would be less readable
)
"""Words found in more than one in fifty files of ordinary code."""


_FEW, _FEW_RECORDS, _SMALL = 40, 2, 64 * 1024
"""Rules run one by one when they are few or the file is small (in bytes), else all in one pass.

One pass for all patterns takes as long as forty for one. Compiling the database for all takes seconds when it is not in
the cache; a large file is worth it.
"""

_PAIR = 512
"""Bytes that a key and the beginning of its value rarely exceed."""


@cache
def signs_of(rule: TextRule | RecordRule) -> frozenset[str]:
    """Lower-case words: the rule can only match in a file that has one of them, or in any file if there are none."""
    if rule.keywords or isinstance(rule, TextRule):
        return frozenset(word.lower() for word in rule.keywords)
    return _rarest_words(least_likely(rule))


@cache
def least_likely(rule: RecordRule) -> tuple[Field, ...]:
    """The fields least likely elsewhere, enough of them that every record of the rule has at least one."""
    choices: list[tuple[Field, ...]] = [(field,) for field in rule.fields if field.required]
    # A record lacks at most this many fields, so it has one of any larger set.
    spare = len(rule.fields) - rule.at_least
    choices.append(tuple(sorted(rule.fields, key=lambda field: _likelihood([field]))[: spare + 1]))
    return min(choices, key=_likelihood)


def _rarest_words(some: Sequence[Field]) -> frozenset[str]:
    """The word of each key of these fields that is least likely elsewhere; none at all if a key has only short ones."""
    keys = [[word for word in fields.words_of(key) if len(word) >= 3] for field in some for key in field.keys]
    if not all(keys):
        return frozenset()
    return frozenset(min(words, key=lambda word: (word in COMMON, -len(word), word)) for words in keys)


def _likelihood(some: Sequence[Field]) -> tuple[bool, int, int]:
    """How common the keys of these fields are, for comparison."""
    words = _rarest_words(some)
    return (not words, len(words & COMMON), len(words))


def is_everywhere(rule: TextRule | RecordRule) -> bool:
    """Whether most files have the rule's signs."""
    signs = signs_of(rule)
    return not signs or not signs.isdisjoint(COMMON)


class Prefilter:
    """Names candidate rules. Do not share between threads: it has one scratch space."""

    def __init__(self, rules: Sequence[TextRule | RecordRule], key: str, cache: Cache) -> None:
        """`key` is a digest of the rules; databases are kept in the cache."""
        self._rules = rules
        self._cache = cache
        self._texts = {index: rule for index, rule in enumerate(rules) if isinstance(rule, TextRule)}
        self._records = {index: rule for index, rule in enumerate(rules) if isinstance(rule, RecordRule)}
        self._records_without_keywords = {index for index, rule in self._records.items() if not rule.keywords}
        self._signs = _Expressions.kept(cache, f"signs-{key} {_TABLE_SIGNS}", self._write_signs)
        # A decoder's pattern without signs is searched for everywhere; so it shares no database, or all would be.
        self._signless = {index for index, rule in self._texts.items() if not rule.keywords}
        self._crowd = {index for index, rule in self._texts.items() if rule.keywords and is_everywhere(rule)}
        self._made: dict[tuple[str, int], _Expressions] = {}
        self._patterns: dict[int, _Expressions] = {}

    def places(self, data: bytes) -> Places:
        """Where credentials may be."""
        found: list[list[int]] = [[], [], [], []]
        for kinds, end in self._gates.ends_in(data):
            for kind in kinds:
                found[kind].append(end)
        words, pairs, passwords, tables = found
        return Places(sorted(words), pairs, passwords, bool(tables))

    def candidates(self, data: bytes, head: bytes, path: str) -> list[TextRule | RecordRule]:
        """The rules that may match in `data`, in order. head: the beginning of its file, which is at `path`."""
        signed = self._signs.held_in(data)
        has_table = _TABLE in signed or fields.has_table_head(head)
        if not signed and not has_table:
            return []
        signed.discard(_TABLE)
        texts = signed.difference(self._records)
        held = self._texts_in(data, texts) if texts else set()
        records = signed - texts
        if has_table:
            names = fields.columns(data, head)
            eligible = records | self._records_without_keywords
            held.update(index for index in eligible if fields.has_columns(self._records[index], names))
        records -= held
        if len(records) > _FEW_RECORDS and len(data) > _SMALL:
            records &= self._first_pairs.held_in(data)
        else:
            records = {index for index in records if self._has_first_pair(index, data)}
        held.update(index for index in records if self._has_pairs(index, data))
        # Checked last: few rules get this far, and checking a rule's paths takes longer than the checks above.
        rules = (self._rules[index] for index in sorted(held))
        return [rule for rule in rules if rule.runs_on(path)]

    def _texts_in(self, data: bytes, signed: set[int]) -> set[int]:
        """The text rules with a sign in the data that have their pattern there too."""
        alone = signed - self._crowd
        if len(alone) > _FEW and len(data) > _SMALL:
            without = {index for index in self._signless if self._has_pattern(index, data)}
            return self._all_patterns.held_in(data) & signed | without
        held = {index for index in alone if self._has_pattern(index, data)}
        if len(alone) < len(signed):
            held |= self._crowd_patterns.held_in(data) & signed
        return held

    def _has_pattern(self, index: int, data: bytes) -> bool:
        if index not in self._patterns:
            self._patterns[index] = self._written([(0, _loosest(self._texts[index]))])
        return self._patterns[index].is_any_in(data)

    def _has_first_pair(self, index: int, data: bytes) -> bool:
        """Whether any of the `least_likely` fields is there: often none is, and few are quick to search for."""
        first = least_likely(self._records[index])
        return self._own("first pairs", index, lambda: map(fields.expression, first)).is_any_in(data)

    def _has_pairs(self, index: int, data: bytes) -> bool:
        rule = self._records[index]
        ends = self._own("pairs", index, lambda: map(fields.expression, rule.fields)).first_ends(data)
        begins = {field: max(0, ends[place] - _PAIR) for place, field in enumerate(rule.fields) if place in ends}
        return fields.holds_enough(rule, begins.__contains__) and fields.has_pairs(rule, data, begins.get)

    def _write_signs(self) -> Iterator[tuple[_Expression, int]]:
        """The signs of every rule, and those of tables."""
        yield from ((sign, _TABLE) for sign in _TABLE_SIGNS)
        for index, rule in enumerate(self._rules):
            signs = signs_of(rule)
            yield from ((_word(word), index) for word in sorted(signs))
            if not signs:
                yield _ANYTHING, index

    @cached_property
    def _gates(self) -> _Expressions:
        """Exact, and every match of each: what follows looks at these places only."""
        kinds = (WORD_GATES, (PAIR_GATE,), (PASSWORD_GATE,))
        written = [((gate.encode(), 0), kind) for kind, gates in enumerate(kinds) for gate in gates]
        written += [(sign, len(kinds)) for sign in _TABLE_SIGNS]
        key = sha256(repr(written).encode()).hexdigest()
        return _Expressions.kept(self._cache, f"gates-{key}", lambda: written)

    @cached_property
    def _first_pairs(self) -> _Expressions:
        """The `least_likely` fields of every record rule."""
        return self._written(
            (index, fields.expression(field)) for index, rule in self._records.items() for field in least_likely(rule)
        )

    def _own(self, what: str, index: int, write: Callable[[], Iterable[str]]) -> _Expressions:
        """The expressions of one rule, numbered in order.

        The numbers do not depend on the rule's index, so the database stays valid when other rules change.
        """
        if (what, index) not in self._made:
            self._made[what, index] = self._written(enumerate(write()))
        return self._made[what, index]

    @cached_property
    def _crowd_patterns(self) -> _Expressions:
        """The patterns of the text rules with signs that are everywhere."""
        return self._written((index, _loosest(self._texts[index])) for index in sorted(self._crowd))

    @cached_property
    def _all_patterns(self) -> _Expressions:
        """The patterns of all text rules with signs."""
        return self._written((index, _loosest(rule)) for index, rule in self._texts.items() if rule.keywords)

    def _written(self, patterns: Iterable[tuple[int, str]]) -> _Expressions:
        written = [(_weakened(pattern), index) for index, pattern in patterns]
        key = sha256(repr(written).encode()).hexdigest()
        return _Expressions.kept(self._cache, f"patterns-{key}", lambda: written)


def _loosest(rule: TextRule) -> str:
    from cavra_boundary.detect.borders import loosest  # a run without candidates needs none

    return loosest(rule.pattern)


class NamePrefilter:
    """Names candidate globs for many paths in one pass over their names. Do not share between threads."""

    def __init__(self, globs: Sequence[Globs], key: str, cache: Cache) -> None:
        flags = hyperscan.HS_FLAG_MULTILINE | hyperscan.HS_FLAG_PREFILTER
        # Hyperscan has no atomic groups. Without them an expression matches more, and it does not backtrack.
        written = [((each.regex.replace("(?>", "(?:").encode(), flags), index) for index, each in enumerate(globs)]
        self._globs = _Expressions.kept(cache, f"names-{key}", lambda: written)
        self._all = range(len(globs))

    def candidates(self, paths: Sequence[str]) -> dict[int, set[int]]:
        """The indices of the globs that may match, by the index of the path."""
        names = [path.encode(errors="surrogateescape") for path in paths]
        ends = list(accumulate(len(name) + 1 for name in names))
        found: dict[int, set[int]] = {}
        for globs, end in self._globs.ends_in(b"\n".join(names)):
            found.setdefault(bisect_left(ends, end + 1), set()).update(globs)
        for path, name in enumerate(names):
            # A line feed in a name looks like its end, so what comes after was not checked.
            unknown = self._all if b"\n" in name else self._globs.always
            if unknown:
                found.setdefault(path, set()).update(unknown)
        return found


_Expression = tuple[bytes, int]
"""An expression as hyperscan takes it, and its flags."""

_TABLE = -1
"""The number for signs of a table within a file, beside the indices of the rules."""

_ANYTHING = (rb"[\x00-\xff]", hyperscan.HS_FLAG_SINGLEMATCH)


class _Expressions:
    """Expressions in one database, each mapped to some numbers.

    always: the numbers of expressions that hyperscan cannot compile, which count as found.
    """

    def __init__(self, database: hyperscan.Database, numbers: list[list[int]], always: list[int]) -> None:
        self._database = database
        self._scratch = hyperscan.Scratch(database)
        self._numbers = numbers
        self.always = always

    @classmethod
    def kept(cls, cache: Cache, key: str, write: Callable[[], Iterable[tuple[_Expression, int]]]) -> _Expressions:
        """Loaded from the cache, or compiled from what `write` returns and cached under the key."""
        name = f"hyperscan-{sha256(f'{key}:{_made_for()}'.encode()).hexdigest()}"
        if kept := cache.read(name):
            try:
                index, _, database = kept.partition(b"\n")
                return cls(hyperscan.loadb(database, hyperscan.HS_MODE_BLOCK), *json.loads(index))
            except hyperscan.error:
                pass
        numbers: dict[_Expression, list[int]] = {}
        for expression, number in write():
            numbers.setdefault(expression, []).append(number)
        taken = numbers
        try:
            compiled = _compile(taken)
        except hyperscan.error:
            # The compiler does not say which one it rejects.
            taken = {expression: each for expression, each in numbers.items() if _is_taken(expression)}
            compiled = _compile(taken or {_ANYTHING: []})
        always = [number for expression, each in numbers.items() if expression not in taken for number in each]
        index = json.dumps([list(taken.values()), always]).encode()
        cache.write(name, index + b"\n" + hyperscan.dumpb(compiled))
        return cls(compiled, list(taken.values()), always)

    def held_in(self, data: bytes) -> set[int]:
        """The numbers of the expressions found."""
        found: list[int] = []
        self._database.scan(data, match_event_handler=lambda number, *_: found.append(number), scratch=self._scratch)
        return {*self.always, *(number for each in found for number in self._numbers[each])}

    def is_any_in(self, data: bytes) -> bool:
        """Whether any of the expressions is found."""
        found: list[int] = []
        self._database.scan(data, match_event_handler=lambda number, *_: found.append(number), scratch=self._scratch)
        return bool(found or self.always)

    def first_ends(self, data: bytes) -> dict[int, int]:
        """The numbers of the expressions found, and where the first match of each ends, as far as is known."""
        ends: dict[int, int] = dict.fromkeys(self.always, 0)
        for numbers, end in self.ends_in(data):
            for number in numbers:
                ends.setdefault(number, end)
        return ends

    def ends_in(self, data: bytes) -> list[tuple[list[int], int]]:
        """The numbers of every match, and where it ends."""
        found: list[tuple[list[int], int]] = []

        def note(number: int, _start: int, end: int, *_: object) -> None:
            found.append((self._numbers[number], end))

        self._database.scan(data, match_event_handler=note, scratch=self._scratch)
        return found


def _compile(expressions: Iterable[_Expression]) -> hyperscan.Database:
    written, flags = zip(*expressions, strict=True)
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    database.compile(expressions=written, ids=[*range(len(written))], flags=flags)
    return database


def _is_taken(expression: _Expression) -> bool:
    try:
        _compile([expression])
    except hyperscan.error:
        return False
    return True


@cache
def _made_for() -> str:
    """What a database can be used with: one version of hyperscan on one kind of machine."""
    # `__version__` is missing from hyperscan's type stubs.
    return f"{hyperscan.__version__}:{platform.machine()}:{platform.system()}"  # type: ignore[attr-defined]


def _word(word: str) -> tuple[bytes, int]:
    return re.escape(word.encode()), hyperscan.HS_FLAG_SINGLEMATCH | hyperscan.HS_FLAG_CASELESS


_TOKEN = re.compile(
    r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|(?P<atomic>\(\?>)|\(\?"
    r"|(?P<repeat>\{(?P<least>\d+)(?:,(?P<most>\d*))?\}|[*+?])(?P<possessive>\+)?",
    re.DOTALL,
)
_LONG_REPEAT = 16


def _weakened(pattern: str) -> tuple[bytes, int]:
    """An expression that matches wherever the pattern does and compiles fast: long bounded repeats lose their bounds.

    A single one such as `[^"]{0,2000}` can take seconds to compile. Atomic groups and possessive repeats, which
    hyperscan does not have, become plain ones.
    """

    def weaken(token: re.Match[str]) -> str:
        if token["atomic"]:
            return "(?:"
        least, most = token["least"], token["most"]
        if least is None or max(int(least), int(most or 0)) <= _LONG_REPEAT:
            return token["repeat"] or token[0]
        return f"{{{min(int(least), _LONG_REPEAT)},}}"

    return _TOKEN.sub(weaken, pattern).encode(), hyperscan.HS_FLAG_SINGLEMATCH | hyperscan.HS_FLAG_PREFILTER


_TABLE_SIGNS = (_weakened(fields.SQL_SIGN), *map(_word, fields.MARKDOWN_TABLE_SIGNS))
"""Found in every file that holds SQL rows or a Markdown table."""
