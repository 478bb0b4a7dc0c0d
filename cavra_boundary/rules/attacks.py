"""Attacks on patterns: bytes that a backtracking pattern takes far too long for.

A pattern meets them in files that strangers write. Most slow patterns are slow for one of three reasons, and each has
its attack, made from the pattern itself: what it begins with is repeated, so it starts again and again; something that
it may repeat is repeated without an end, so it tries every length; both at once.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import import_module
from time import thread_time
from typing import TYPE_CHECKING, Any, NamedTuple

from cavra_boundary import clock
from cavra_boundary.detect import fields
from cavra_boundary.detect.kinds import PathRule, RecordRule, TextRule
from cavra_boundary.detect.patterns import Pattern, compiled

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from cavra_boundary.model import Rule

_SIZES = (8 * 1024, 32 * 1024, 128 * 1024)
"""Bytes of an attack. A larger one is tried when a smaller one took long enough that time may grow with the square."""

_PER_BYTE = 4e-6
"""How many seconds of CPU time a byte may take. A pattern without backtracking takes a hundredth of it."""

_LONG = 300
"""How often something is repeated within what is repeated itself."""

_LIKELY = b"a0 \n=\"-/+.:,'\\Z_@"
"""Characters that often stand for a class, most likely ones first."""

_PUMPS = b'a0 \n"-+'
"""Characters of which one or another is in most classes that are repeated, and in the one that follows."""

_ENDS = (b"", b" ", b"\n", b"=")
_STOP = b"\x00"


class Attack(NamedTuple):
    """A beginning, what is repeated after it, and something that matches, as far as can be told.

    A pattern is not even tried on bytes that lack a word which it cannot do without, so these have to have all of them.
    """

    begin: bytes
    unit: bytes
    match: bytes = b""

    def of(self, size: int) -> bytes:
        """The attack in about this many bytes. It ends with a byte that matches hardly anything."""
        return (self.begin + self.unit * (size // len(self.unit) + 1))[:size] + _STOP + self.match

    def __str__(self) -> str:
        begin = f"{self.begin[:40]!r:.60} and " if self.begin else ""
        return f"{begin}{self.unit[:40]!r:.60}, repeated"


def slow_patterns(rule: Rule, most: int) -> Iterator[str]:
    """What is wrong with each pattern of a rule that takes too long for one of so many attacks."""
    for what, pattern, words, whole in _patterns(rule):
        if attack := succeeding(pattern, words, whole=whole, most=most):
            yield f"{what} takes too long for {attack}: bound its gaps, or make its repeats possessive"


@cache
def succeeding(pattern: str, words: tuple[str, ...] = (), *, whole: bool = False, most: int = 300) -> Attack | None:
    """An attack that a pattern takes too long for, if there is one. whole: it must match everything, as an `allow`."""
    attacked = compiled(pattern)
    found = tuple(dict.fromkeys(attacks(pattern, words)))
    for attack in found[:: len(found) // most | 1]:  # an odd step: every other attack ends with a match
        if _succeeds(attack, attacked, whole):
            return attack
    return None


def _succeeds(attack: Attack, attacked: Pattern, whole: bool) -> bool:
    slow = 0
    for size in _SIZES:
        seconds = _seconds(attacked, attack.of(size), whole)
        slow += seconds > _PER_BYTE * size
        # Now and then a machine takes long for anything, so once is not enough.
        if slow > 1 or seconds < _PER_BYTE * _SIZES[-1] * (size / _SIZES[-1]) ** 2:
            break
    return slow > 1 or (slow == 1 and _seconds(attacked, attack.of(_SIZES[-1]), whole) > _PER_BYTE * _SIZES[-1])


def attacks(pattern: str, words: Iterable[str] = ()) -> Iterator[Attack]:
    """Attacks on a pattern. words: the keywords of its rule."""
    parser: Any = import_module("re._parser")  # what `re` itself parses patterns with
    parsed = parser.parse(pattern.encode())
    match = _sample(parsed)
    for word in words:
        yield from (Attack(b"", word.encode() + end) for end in _ENDS)
    for attack in dict.fromkeys(_within(parsed, b"")):
        yield attack
        yield attack._replace(match=match)


def _patterns(rule: Rule) -> Iterator[tuple[str, str, tuple[str, ...], bool]]:
    """What each pattern of a rule is called, the pattern, keywords, and whether it has to match everything."""
    if isinstance(rule, TextRule):
        yield "pattern", rule.pattern, rule.keywords, False
        yield from (("allow", allow, (), True) for allow in rule.allow)
        if rule.near:
            yield "near", rule.near.pattern, (), False
    elif isinstance(rule, RecordRule):
        for field in rule.fields:
            yield f"field {field.keys[0]}", fields.expression(field), field.keys, False
            if field.pattern:
                yield f"field {field.keys[0]}", field.pattern, (), True
    elif isinstance(rule, PathRule):
        yield from ((what, each, (), False) for what in ("contains", "unless") if (each := getattr(rule, what)))


def _seconds(attacked: Pattern, data: bytes, whole: bool) -> float:
    began = thread_time()
    try:
        with clock.at_most(_PER_BYTE * len(data) * 2):
            if whole:
                attacked.fullmatch(data)
            else:
                for _ in attacked.finditer(data):
                    pass
    except clock.OutOfTime:
        return float("inf")
    return thread_time() - began


def _within(sequence: Any, before: bytes) -> Iterator[Attack]:
    """Attacks on a part of a parsed pattern, after bytes that match what precedes it."""
    for code, argument in sequence:
        name = str(code)
        if name in _REPEATS:
            _, most, part = argument
            for unit in dict.fromkeys(_sample(part, prefer) for prefer in _PUMPS):
                if unit:
                    yield Attack(before, unit)
                    if most > 1 and before:
                        yield Attack(b"", before + unit * min(int(most), max(1, _LONG // len(unit))))
            yield from _within(part, before)
        else:
            for part in _parts(name, argument):
                yield from _within(part, before)
        before += _sample([(code, argument)])
        if before:
            yield from (Attack(b"", before + end) for end in _ENDS[:3])


_REPEATS = ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT")


def _parts(name: str, argument: Any) -> Sequence[Any]:
    """The parts of a node that is no repeat."""
    if name == "BRANCH":
        return tuple(argument[1])
    if name == "SUBPATTERN":
        return (argument[3],)
    if name == "ATOMIC_GROUP":
        return (argument,)
    return (argument[1],) if name in ("ASSERT", "ASSERT_NOT") and argument[0] > 0 else ()


def _sample(sequence: Any, prefer: int = _LIKELY[0]) -> bytes:
    """Bytes that match a part of a parsed pattern, as short as can be; of classes the preferred character."""
    found = b""
    for code, argument in sequence:
        name = str(code)
        if name == "LITERAL":
            found += bytes((argument,))
        elif name == "ANY":
            found += bytes((prefer,)) if prefer != ord("\n") else b"a"
        elif name in ("IN", "NOT_LITERAL"):
            members = _members(argument) if name == "IN" else _ALL - {argument}
            found += bytes((next((each for each in (prefer, *_LIKELY) if each in members), min(members, default=0)),))
        elif name in _REPEATS:
            least, _, part = argument
            found += _sample(part, prefer) * least
        elif not name.startswith("ASSERT"):
            found += b"".join(_sample(part, prefer) for part in _parts(name, argument)[:1])
    return found


_ALL = frozenset(range(256))


def _members(of: Any) -> frozenset[int]:
    """The bytes of a class."""
    found: set[int] = set()
    is_negated = False
    for code, argument in of:
        name = str(code)
        if name == "NEGATE":
            is_negated = True
        elif name == "LITERAL":
            found.add(argument)
        elif name == "RANGE":
            found.update(range(argument[0], argument[1] + 1))
        else:
            found |= _CATEGORIES.get(str(argument).rpartition("CATEGORY_")[2], frozenset())
    return _ALL - found if is_negated else frozenset(found)


def _category(pattern: bytes) -> frozenset[int]:
    return frozenset(each for each in _ALL if re.match(pattern, bytes((each,))))


_CATEGORIES = {
    "DIGIT": _category(rb"\d"),
    "NOT_DIGIT": _category(rb"\D"),
    "SPACE": _category(rb"\s"),
    "NOT_SPACE": _category(rb"\S"),
    "WORD": _category(rb"\w"),
    "NOT_WORD": _category(rb"\W"),
}
