"""Match to finding: policy. Selection, severity, allows, redaction.

An allow covers only what it names: one rule's match, and if that rule matches different values on a line, it must say
which. An allow without a reason, or an expired one, has no effect, and this is reported.
"""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

from cavra_boundary.errors import nearest
from cavra_boundary.git.places import GIT, lasting
from cavra_boundary.lines import advance
from cavra_boundary.model import (
    PERSONAL,
    Allow,
    Finding,
    Match,
    Notice,
    Position,
    Rule,
    Severity,
    Span,
    Status,
    View,
)
from cavra_boundary.triage import fingerprints, inline
from cavra_boundary.triage.allows import Allows
from cavra_boundary.triage.baseline import Judgment

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from cavra_boundary.model import Secret
    from cavra_boundary.triage.baseline import Entry
    from cavra_boundary.triage.hidden import Hidden
    from cavra_boundary.triage.inline import InlineAllow
    from cavra_boundary.triage.naming import FoundRanges
    from cavra_boundary.triage.redaction import Redaction

_MOST_HINTS = 3
"""How many unknown rules of a file get a hint which one may be meant; finding it takes time."""

_MOST_SHOWN = 3
"""A value of so few characters is left in paths, which have them anyway."""

_WARN_BEFORE = timedelta(days=14)
"""How long before it expires an allow gets a notice."""

_KNOWN = {
    Judgment.NONE: "in the baseline",
    Judgment.LEAK: "in the baseline, judged a leak: revoke it, then remove it",
    Judgment.FALSE_ALARM: "in the baseline, judged a false alarm",
}


_OLD_BASELINE = (
    "has fingerprints of version 1, from which a weak value can be found by trying: run cavra-boundary baseline update"
)


class Policy(NamedTuple):
    """What decides about a match, besides its rule.

    rules: by id. selected: ids of the rules whose matches are reported. severity: by rule id, or by clause.
    allows: those in the configuration file `config`. today: the date that decides whether they have expired.
    baseline: known findings by fingerprint, from the file `baseline_file`.
    show_secrets: whether snippets stay unredacted. run_key: for `Finding.identity`; another one in every run.
    """

    rules: Mapping[str, Rule]
    selected: frozenset[str]
    severity: Mapping[str, Severity]
    allows: tuple[Allow, ...]
    config: str
    today: date
    baseline: Mapping[str, Entry] = {}
    baseline_file: str = ""
    show_secrets: bool = False
    run_key: bytes = os.urandom(16)


class Concealed(NamedTuple):
    """What findings in a view must not show, besides what its matches found.

    ranges: of the view, because of other views of the same blob. values: what was found anywhere in the blob or in its
    path.
    """

    ranges: Sequence[Span]
    values: Hidden


class Decision(NamedTuple):
    """A match's status, the reason, and where it was decided (see `Finding.decided_at` and `Finding.renamed`)."""

    status: Status
    reason: str = ""
    at: str = ""
    renamed: str = ""


class _Names(NamedTuple):
    """A match's fingerprints: the one that reports have, and that of version 1, which old policies may name.

    first: "" where no policy has one of that version.
    """

    now: str
    first: str


@dataclass(slots=True)
class Triaged:
    """Findings and notices from part of a scan. used: indexes of the configuration's allows that matched something."""

    findings: list[Finding] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    used: set[int] = field(default_factory=set)

    def add(self, other: Triaged) -> None:
        self.findings += other.findings
        self.notices += other.notices
        self.used |= other.used


def ends_soon(allow: Allow, today: date) -> bool:
    """Whether an allow is still valid but expires soon."""
    return allow.expires is not None and not allow.is_over(today) and allow.expires - today < _WARN_BEFORE


class Triage:
    """Applies one policy to the matches of many files."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._allows = Allows(policy.allows)
        named = (*policy.baseline, *(allow.value for allow in policy.allows))
        self._first_version = any(map(fingerprints.is_first_version, named))
        self._met: Counter[tuple[str, ...]] = Counter()

    def next_file(self) -> None:
        """The views that follow are of another file: places are counted anew."""
        self._met.clear()

    def of_view(self, view: View, matches: Sequence[Match], concealed: Concealed) -> Triaged:
        """Findings and notices for the matches that a view's window owns."""
        from cavra_boundary.triage.redaction import Redaction  # most runs find nothing

        result = Triaged()
        if not matches:
            return result
        positions = _positions(view, [match.span for match in matches])
        hits = [match for match in matches if match.rule != inline.TRIGGER.id]
        if self._policy.show_secrets:
            redaction = Redaction(view.data, ())
        else:
            redaction = Redaction(view.data, hits, concealed.ranges, concealed.values)
        from cavra_boundary.triage.naming import FoundRanges

        found = FoundRanges(span for match in hits for span in match.redact)
        comments = {
            match.span: inline.parse(view.data, match.span, positions[match.span].line, redaction.within)
            for match in matches
            if match.rule == inline.TRIGGER.id
        }
        first = self._first_version or any(
            fingerprints.is_first_version(name) for comment in comments.values() for name in comment.names.values()
        )
        lines = _Lines(comments.values(), ((match, positions[match.span].line) for match in hits))
        for match in hits:
            if match.rule in self._policy.selected and _owns(view, match.span):
                names = self._names(view, match, found, first)
                decision = self._decide(view.blob.path, match.rule, names, positions[match.span].line, lines, result)
                result.findings.append(self._finding(view, match, positions[match.span], names, decision, redaction))
        hints = iter(range(_MOST_HINTS))
        for span, comment in comments.items():
            if _owns(view, span):
                result.notices += self._notices(view.blob.path, comment, lines, redaction, hints)
        return result

    def unused(self, used: Collection[int]) -> Iterator[Notice]:
        """Notices for the configuration's allows that matched nothing in a scan of everything they cover."""
        for index, allow in enumerate(self._policy.allows):
            if index not in used and allow.rule in self._policy.selected:
                flaw = self._flaw(allow) or "has no effect: remove it"
                yield Notice(self._policy.config, allow.line, f"the allow for {allow.rule} {flaw}")

    def ending(self, used: Collection[int]) -> Iterator[Notice]:
        """Notices for the configuration's allows that matched something and expire soon."""
        for index in sorted(used):
            allow = self._policy.allows[index]
            if ends_soon(allow, self._policy.today):
                ends = f"the allow for {allow.rule} expires on {allow.expires}: fix what it allows, or extend it"
                yield Notice(self._policy.config, allow.line, ends)

    def _flaw(self, allow: Allow) -> str:
        """Why an allow does not count; empty if it does."""
        if not allow.reason:
            return "has no reason, so it does not count"
        if allow.is_over(self._policy.today):
            return f"expired on {allow.expires}"
        return ""

    def _names(self, view: View, match: Match, found: FoundRanges, with_first: bool) -> _Names:
        first = fingerprints.first_version(match.rule, match.value) if with_first else ""
        # A record is made of values that are known elsewhere; where nothing is hidden, there is no secret.
        if match.redact and not match.names and self._policy.rules[match.rule].clause not in PERSONAL:
            from cavra_boundary.triage.guessing import is_unguessable  # most runs find nothing

            # The value of an evidence rule begins with its place in the packet, which is no secret.
            if is_unguessable(match.value.reveal().rpartition(b"\0")[2]):
                return _Names(fingerprints.of_value(match.rule, match.value), first)
        from cavra_boundary.triage.naming import name_before

        names = match.names or (name_before(view.data, match.span.start, found),)
        self._met[match.rule, *names] += 1
        path = view.blob.path
        if path.startswith(GIT):
            path = lasting(path, view.blob.head or view.blob.data)
        if match.redact:
            path = _without(path, match.value)
        return _Names(fingerprints.of_place(match.rule, path, names, self._met[match.rule, *names]), first)

    def _identity(self, match: Match) -> str:
        parts = match.rule.encode() + b"\0" + match.value.reveal()
        return blake2b(parts, digest_size=16, key=self._policy.run_key).hexdigest()

    def _finding(
        self, view: View, match: Match, position: Position, names: _Names, decision: Decision, redaction: Redaction
    ) -> Finding:
        rule = self._policy.rules[match.rule]
        status, reason, decided_at, renamed = decision
        severity = Severity.NOTE if match.lowered else rule.severity_under(self._policy.severity)
        if match.lowered and not reason:
            reason = f"only a note: {match.lowered}"
        elif match.doubts:
            severity = severity.less(len(match.doubts))
            reason = reason or f"only a {severity.label}: {', '.join(match.doubts)}"
        snippet, caret = redaction.snippet(match.span)
        detail = f" ({redaction.text(match.detail)})" if match.detail else ""
        return Finding(
            rule=rule.id,
            clause=rule.clause,
            severity=severity,
            path=redaction.text(view.blob.path),
            position=position,
            message=f"{rule.title}{detail}: {rule.why}",
            remedy=rule.remedy,
            snippet=snippet,
            caret=caret,
            fingerprint=names.now,
            status=status,
            reason=redaction.text(reason),
            origin=view.blob.origin,
            via=(*view.via, *match.via),
            decided_at=redaction.text(decided_at),
            renamed=renamed,
            identity=names.now if fingerprints.is_of_value(names.now) else self._identity(match),
        )

    def _decide(self, path: str, rule: str, names: _Names, line: int, lines: _Lines, result: Triaged) -> Decision:
        """The decision on a rule's match on a line; if reported, its reason says why an allow does not count.

        An allow that decides and has a fingerprint of version 1 gets a notice; the baseline, if it has such entries.
        """
        objection = ""
        for comment in lines.allows(line, rule, names):
            if not comment.reason:
                objection = f"the allow on line {comment.line} has no reason, so it does not count"
            elif not comment.names[rule] and lines.values(line, rule) > 1:
                objection = f"the allow on line {comment.line} must say which value it means: allow[{rule}@{names.now}]"
            else:
                renamed = names.first if comment.names[rule] == names.first else ""
                if renamed:
                    result.notices.append(_outdated(path, comment.line, rule, names))
                return Decision(Status.SUPPRESSED, comment.reason, f"{path}:{comment.line}", renamed)
        for index in self._allows.about(rule, path, names):
            allow = self._policy.allows[index]
            at = f"{self._policy.config}:{allow.line}"
            if flaw := self._flaw(allow):
                objection = f"the allow at {at} {flaw}"
            else:
                result.used.add(index)
                renamed = names.first if allow.value == names.first else ""
                if renamed:
                    result.notices.append(_outdated(self._policy.config, allow.line, rule, names))
                return Decision(Status.SUPPRESSED, allow.reason, at, renamed)
        for name in filter(None, names):
            known = self._policy.baseline.get(name)
            if known and known.rule == rule:
                renamed = name if name == names.first else ""
                if renamed:
                    result.notices.append(Notice(self._policy.baseline_file, 1, _OLD_BASELINE))
                return Decision(Status.BASELINED, _KNOWN[known.judgment], self._policy.baseline_file, renamed)
        return Decision(Status.REPORTED, objection)

    def _notices(
        self, path: str, comment: InlineAllow, lines: _Lines, redaction: Redaction, hints: Iterator[int]
    ) -> Iterator[Notice]:
        """Notices for the rules that a comment names. hints: one for each unknown name that may still get a hint."""
        path = redaction.text(path)
        for rule in comment.names:
            if rule not in self._policy.rules:
                more = next(hints, None) is not None
                hint = nearest(redaction.text(rule), self._policy.rules) if more else "no such name is known"
                yield Notice(path, comment.line, f"unknown rule in an allow: {hint}")
            elif rule in self._policy.selected and not lines.values(comment.covers, rule):
                yield Notice(path, comment.line, f"the allow for {rule} has no effect: remove it")


class _Lines:
    """For each line of a view: the values each rule found, and the inline allows that cover it."""

    def __init__(self, comments: Iterable[InlineAllow], hits: Iterable[tuple[Match, int]]) -> None:
        self._allows: defaultdict[int, list[InlineAllow]] = defaultdict(list)
        self._values: defaultdict[tuple[int, str], set[Secret]] = defaultdict(set)
        for comment in comments:
            self._allows[comment.covers].append(comment)
        if self._allows:
            for match, line in hits:
                self._values[line, match.rule].add(match.value)

    def values(self, line: int, rule: str) -> int:
        """How many different values the rule found on a line that an allow covers."""
        return len(self._values.get((line, rule), ()))

    def allows(self, line: int, rule: str, names: _Names) -> Iterator[InlineAllow]:
        """The inline allows that cover a match with these fingerprints."""
        for allow in self._allows.get(line, ()):
            if allow.names.get(rule) in ("", *names):
                yield allow


def _outdated(path: str, line: int, rule: str, names: _Names) -> Notice:
    """The notice for an allow that names a value by its fingerprint of version 1."""
    said = f"the allow for {rule} has a fingerprint of version 1, which the next release does not read"
    return Notice(path, line, f"{said}: write {names.now}")


def _without(path: str, value: Secret) -> str:
    """A path without a value that is also in it."""
    part = value.reveal().decode(errors="surrogateescape")
    from cavra_boundary.triage.hidden import MASK  # most runs find nothing

    return path.replace(part, MASK) if len(part) > _MOST_SHOWN else path


def _owns(view: View, span: Span) -> bool:
    """Whether a span starts in the core of the view's window."""
    core = view.blob.core
    if core == (0, len(view.blob.data)):
        return True
    start = view.to_blob(span.start) if view.to_blob else span.start
    return core.start <= start and (start < core.end or core.end == len(view.blob.data))


def _positions(view: View, spans: Iterable[Span]) -> dict[Span, Position]:
    wanted = set(spans)
    at = {0: (view.blob.line, view.blob.column)}
    last = 0
    for offset in sorted({offset for span in wanted for offset in span}):
        at[offset] = advance(*at[last], view.data[last:offset])
        last = offset
    return {span: Position(*at[span.start], *at[span.end]) for span in wanted}
