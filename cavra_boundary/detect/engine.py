"""View to matches: the prefilter names candidate rules, each kind of rule confirms its own."""

from __future__ import annotations

import sys
from bisect import bisect_right
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from itertools import accumulate, compress
from operator import not_
from typing import TYPE_CHECKING

from cavra_boundary import clock
from cavra_boundary.detect import fields
from cavra_boundary.detect.content import content_type
from cavra_boundary.detect.gatewords import Places
from cavra_boundary.detect.kinds import ContentRule, CredentialRule, PathRule, RecordRule, TextRule
from cavra_boundary.detect.paths import content_matches, path_match
from cavra_boundary.detect.prefilter import NamePrefilter, Prefilter
from cavra_boundary.detect.taken import Taken
from cavra_boundary.errors import UnreadError
from cavra_boundary.model import Blob, View

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from cavra_boundary.cache import Cache
    from cavra_boundary.detect.credentials import CredentialMatcher
    from cavra_boundary.detect.records import RecordMatcher
    from cavra_boundary.model import Match, Rule

RULE_SECONDS = 5.0
"""How long one rule may take on one view. A pattern this slow is a defect: the run is incomplete."""

VIEW_SECONDS = 20.0
"""How long all rules together may take on one view, and all that is encoded in it."""

_OUT_OF_TIME = "took so long that not all rules were tried"

MOST_MATCHES = 1000
"""How many matches of one rule are listed per view. With more, the run is incomplete."""


@dataclass(slots=True)
class Detection:
    """What the rules found, and what kept any of them from finishing.

    given_way: generic matches that are not reported because of better ones, but hide what they found. triggers: the
    decoders worth running. values: what the matches found, in decoded layers too, for redaction.
    """

    matches: list[Match] = field(default_factory=list)
    given_way: list[Match] = field(default_factory=list)
    cut_short: list[str] = field(default_factory=list)
    triggers: list[str] = field(default_factory=list)
    values: set[bytes] = field(default_factory=set, repr=False)

    def __bool__(self) -> bool:
        return bool(self.matches or self.cut_short or self.triggers)

    def take(self, of: str, matches: Iterable[Match], seconds: float | None = None) -> None:
        """Add matches, up to the limits; `of` names the rule, or what else they are of, if it runs out of time."""
        counts: Counter[str] = Counter()
        with self.within(of, RULE_SECONDS if seconds is None else seconds):
            for match in matches:
                counts[match.rule] += 1
                if counts[match.rule] > MOST_MATCHES:
                    self.cut_short.append(f"{match.rule} matches more than {MOST_MATCHES:,} times")
                    return
                self.matches.append(match)

    @contextmanager
    def within(self, what: str, seconds: float) -> Iterator[None]:
        """Give the block at most this long. If it takes longer, what it has found stays, and `what` is named."""
        granted = seconds
        try:
            with clock.at_most(seconds) as granted:
                yield
        except clock.OutOfTime:
            self.cut_short.append(f"{what} took longer than {granted:.2g} s")
        except UnreadError as error:
            self.cut_short.append(str(error))


class Detector:
    """Runs a set of rules. Holds scratch space, so each thread or process makes its own."""

    def __init__(
        self, rules: Sequence[Rule], key: str, cache: Cache, *, triggers: Collection[str] = (), prefilter: bool = True
    ) -> None:
        """`key` is a digest of the packs that the rules come from; the rules must have passed `check_names`.

        triggers: the ids of rules that find nothing and only say that a decoder is worth running.
        """
        self._triggers = frozenset(triggers)
        key = sha256("\n".join((key, *(rule.id for rule in rules))).encode()).hexdigest()
        self._bytes_rules = [rule for rule in rules if isinstance(rule, TextRule | RecordRule)]
        self._path_rules = [rule for rule in rules if isinstance(rule, PathRule)]
        self._content_rules = [rule for rule in rules if isinstance(rule, ContentRule)]
        self._credential_rules = [rule for rule in rules if isinstance(rule, CredentialRule)]
        self._generic = {rule.id: _precedence(rule) for rule in rules if rule.generic}
        globs = [rule.globs for rule in self._path_rules]
        self._prefilter = Prefilter(self._bytes_rules, key, cache) if prefilter and self._bytes_rules else None
        self._names = NamePrefilter(globs, key, cache) if prefilter and globs else None

    def named(self, paths: Sequence[str]) -> list[list[PathRule]]:
        """For each of many paths, the path rules that may match there."""
        if self._names is None:
            return [self._path_rules for _ in paths]
        candidates = self._names.candidates(paths)
        return [[self._path_rules[rule] for rule in candidates.get(path, ())] for path in range(len(paths))]

    def file_matches(self, blob: Blob, named: Iterable[PathRule]) -> Detection | None:
        """Matches by a file's name and type, given its first window and the `named` rules for its path."""
        found = Detection()
        for rule in named:
            if rule.runs_on(blob.path):
                found.take(rule.id, path_match(blob, rule))
        if self._content_rules and (type_ := content_type(blob.data)):
            found.take("content types", content_matches(blob, type_, self._content_rules))
        return found if found else None

    def view_matches(self, view: View) -> Detection | None:
        """Matches in the bytes of a view, in the order of their spans; None when no rule can match."""
        with clock.at_most(VIEW_SECONDS):
            candidates = self._candidates(view)
            where = self._places(view)
            if not candidates and not where:
                return None
            found = Detection()
            from cavra_boundary.detect.text import text_matches  # a run without candidates needs none

            for rule in candidates:
                if rule.id in self._triggers:
                    found.triggers.append(rule.id)
                elif clock.is_over():
                    found.cut_short.append(_OUT_OF_TIME)
                    break
                elif isinstance(rule, TextRule):
                    found.take(rule.id, text_matches(view, rule))
            if records := [rule for rule in candidates if isinstance(rule, RecordRule)]:
                matches = self._record_matcher.matches(view, records, found.cut_short)
                found.take("reading records", matches, VIEW_SECONDS)
            if where:
                matches = self._credential_matcher.matches(view, where)
                found.take("reading names and values", matches, VIEW_SECONDS)
            self.settle(found)
            return found if found else None

    def suspects(self, texts: Sequence[bytes]) -> Collection[int]:
        """The indices of those of many short texts in which a text or credential rule may match, by one pass over all.

        A match of such rules needs no more than one text, so what spans two of them is none.
        """
        # Of one line feed, the search for one place could leave nothing to the next.
        data = b"\n\n".join(texts)
        view = View(Blob.whole("", data), data)
        if any(isinstance(rule, TextRule) for rule in self._candidates(view)):
            return range(len(texts))
        where = self._places(view)
        ends = [*accumulate(len(text) + 2 for text in texts)]
        return sorted({bisect_right(ends, end - 1) for places in where[:3] for end in places})

    def settle(self, found: Detection) -> None:
        """Sort the matches, and drop generic ones that overlap a better match."""
        found.matches.sort(key=lambda match: (match.span, match.rule))
        if any(match.rule in self._generic for match in found.matches):
            found.matches, given_way = self._give_way(found.matches)
            found.given_way += _hiding_more(given_way, found.matches)

    def _candidates(self, view: View) -> list[TextRule | RecordRule]:
        data = view.data
        head = data if view.via else view.blob.head or data
        if self._prefilter:
            return self._prefilter.candidates(data, head, view.blob.path)
        lowered = data.lower()
        names = fields.columns(data, head)
        return [
            rule
            for rule, keywords in zip(self._bytes_rules, self._keywords, strict=True)
            if rule.runs_on(view.blob.path)
            and (not keywords or any(keyword in lowered for keyword in keywords))
            and (isinstance(rule, TextRule) or fields.may_hold_record(rule, data, names))
        ]

    def _places(self, view: View) -> Places:
        if not self._credential_rules:
            return Places((), (), (), False)
        if self._prefilter:
            return self._prefilter.places(view.data)
        from cavra_boundary.detect.gates import places  # the prefilter does without

        return places(view.data)

    @cached_property
    def _credential_matcher(self) -> CredentialMatcher:
        from cavra_boundary.detect.credentials import CredentialMatcher  # many runs have no place to look at

        return CredentialMatcher(self._credential_rules)

    @cached_property
    def _keywords(self) -> list[list[bytes]]:
        """The keywords of each rule as lower-case bytes."""
        return [[word.lower().encode() for word in rule.keywords] for rule in self._bytes_rules]

    @cached_property
    def _record_matcher(self) -> RecordMatcher:
        from cavra_boundary.detect.records import RecordMatcher  # most runs have no candidate

        return RecordMatcher([rule for rule in self._bytes_rules if isinstance(rule, RecordRule)])

    def _give_way(self, matches: list[Match]) -> tuple[list[Match], list[Match]]:
        """Part off the generic matches that overlap a specific match or a generic one that takes precedence.

        Of generic rules on the same bytes the more severe wins, and at equal severity the narrower.
        """
        taken = Taken(span for match in matches if match.rule not in self._generic for span in match.redact)
        kept = set()
        ranked = sorted(
            (bool(match.lowered), self._generic[match.rule], place)
            for place, match in enumerate(matches)
            if match.rule in self._generic
        )
        for _, _, place in ranked:
            if not taken.overlaps(matches[place].span):
                kept.add(place)
                taken.add(*matches[place].redact)
        stays = [match.rule not in self._generic or place in kept for place, match in enumerate(matches)]
        return list(compress(matches, stays)), list(compress(matches, map(not_, stays)))


def _hiding_more(matches: Iterable[Match], others: Iterable[Match]) -> Iterator[Match]:
    """The matches that hide more than a range of one of the others does, whose public beginning stays visible."""
    ranges = sorted(span for other in others for span in other.redact)
    ends = [*accumulate((span.end for span in ranges), max)]
    for match in matches:
        for span in match.redact:
            before = bisect_right(ranges, span.start, key=lambda other: other.start)
            if not before or ends[before - 1] < span.end:
                yield match
                break


def _precedence(rule: Rule) -> tuple[bool, int, int, str]:
    """The order in which generic rules win. What only a name says comes last. One with fewer keywords is more specific.

    A keyword without a letter, such as `://`, is not a word.
    """
    keywords = rule.keywords if isinstance(rule, TextRule | RecordRule) else ()
    words = len(keywords) if all(any(map(str.isalpha, word)) for word in keywords) else sys.maxsize
    by_name = isinstance(rule, CredentialRule) and not rule.of
    return (by_name, -rule.severity, words, rule.id)
