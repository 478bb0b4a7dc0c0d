"""Runs each blob through decoders, rules, evidence checks and policy."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from cavra_boundary import clock
from cavra_boundary.decode import DECODERS, DEEPEST, Budget, Layer, unpack, views
from cavra_boundary.detect.engine import VIEW_SECONDS, Detection, Detector
from cavra_boundary.detect.kinds import TextRule
from cavra_boundary.detect.taken import Taken
from cavra_boundary.evidence.fixtures import Fixtures, Scope
from cavra_boundary.model import Blob, Position, Rule, Secret, Severity, Skip, Span, View
from cavra_boundary.sources.base import is_file
from cavra_boundary.triage import Concealed, Policy, Triage, Triaged, inline

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from cavra_boundary.cache import Cache
    from cavra_boundary.detect.kinds import PathRule
    from cavra_boundary.model import Allow, Finding, Match
    from cavra_boundary.sources.base import Source
    from cavra_boundary.triage.hidden import Hidden


class Plan(NamedTuple):
    """How to judge content from any source.

    rules: the rules to run, including those not reported: they redact snippets. digest: of the packs.
    evidence: which files are evidence fixtures, and what they may contain.
    remember: whether to skip content that earlier scans found clean, if the source's content cannot change.
    """

    rules: tuple[Rule, ...]
    digest: str
    policy: Policy
    cache: Cache
    prefilter: bool = True
    evidence: Scope = Scope()
    remember: bool = False

    @classmethod
    def of_rules(cls, rules: Sequence[Rule], digest: str, cache: Cache, *, prefilter: bool = True) -> Plan:
        """The rules as they are, with no repository's policy: all of them report, and nothing is allowed."""
        by_id = {rule.id: rule for rule in rules}
        policy = Policy(rules=by_id, selected=frozenset(by_id), severity={}, allows=(), config="", today=date.max)
        return cls(tuple(rules), digest, policy, cache, prefilter)


FILE_SECONDS = 40.0
"""How long everything in one window of a file may take."""

RUN_SECONDS = 300.0
"""How long all files together may keep one process beyond what their size accounts for."""

OWN_RULES = tuple(
    TextRule(**trigger._asdict(), clause="", severity=Severity.NOTE, title="", why="", remedy="")
    for trigger in (inline.TRIGGER, *(decoder.trigger for decoder in DECODERS.values()))
)
"""Rules that run in addition to the packs': they find inline allows and encoded content."""


@dataclass(slots=True)
class Part:
    """The result of scanning some entries.

    places: for each finding, the position of its entry. clean: positions of entries without anything to report under
    any policy. has_output: whether there is something to report of the current entry.
    """

    triaged: Triaged = field(default_factory=Triaged)
    places: list[int] = field(default_factory=list)
    clean: list[int] = field(default_factory=list)
    skipped: list[Skip] = field(default_factory=list)
    entries: int = 0
    files: int = 0
    bytes: int = 0
    has_output: bool = False

    def add(self, other: Part) -> None:
        self.triaged.add(other.triaged)
        self.skipped += other.skipped
        self.files += other.files
        self.bytes += other.bytes


class Scanner:
    """Applies a plan's rules and policy to blobs."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        key = f"{plan.digest} {OWN_RULES}"
        self._detector = Detector(
            (*plan.rules, *OWN_RULES), key, plan.cache, triggers=DECODERS, prefilter=plan.prefilter
        )
        self._fixtures = Fixtures(plan.rules, plan.evidence)
        self._allowance = clock.Allowance(RUN_SECONDS)
        self._origins: dict[str, str] = {}
        self._conceals = not plan.policy.show_secrets
        self._triage = Triage(plan.policy._replace(allows=self._concealed_allows(plan.policy.allows)))

    def entries(self, source: Source, entries: Sequence[str]) -> Part:
        """Scan entries of a source."""
        part = Part(entries=len(entries))
        paths = [source.path_of(entry) for entry in entries]
        telling = self._telling_paths(paths)
        source.expect(entries)
        for place, (entry, named) in enumerate(zip(entries, self._detector.named(paths), strict=True)):
            # An entry that was not read is not known to be clean.
            part.has_output = True
            skips = len(part.skipped)
            found = telling.get(paths[place])
            try:
                for number, blob in enumerate(source.read(entry)):
                    if isinstance(blob, Skip):
                        part.skipped.append(blob)
                        part.has_output = True
                    else:
                        part.has_output = part.has_output and number > 0
                        self._blob(part, blob, named, found)
            except Exception as error:  # a bug of ours on one file must neither hide it nor stop the others
                reason = f"internal error in cavra-boundary ({type(error).__name__})"
                part.skipped.append(Skip(paths[place], reason, incomplete=True))
                part.has_output = True
            if found:
                part.skipped[skips:] = [skip._replace(path=found.masked(skip.path)) for skip in part.skipped[skips:]]
            if not part.has_output:
                part.clean.append(place)
            part.places += [place] * (len(part.triaged.findings) - len(part.places))
        return part

    def blob(self, blob: Blob) -> Part:
        """Scan one blob."""
        part = Part()
        found = self._telling_paths([blob.path]).get(blob.path)
        self._blob(part, blob, self._detector.named([blob.path])[0], found)
        return part

    def concealed(self, texts: Sequence[str]) -> list[str]:
        """Short texts, with everything masked that a rule finds in them."""
        telling = self._telling(texts) if self._conceals else {}
        return [telling[text].masked() if text in telling else text for text in texts]

    def concealed_findings(self, findings: Sequence[Finding]) -> list[Finding]:
        """Findings that no rule of this scanner made, with everything masked in their words that its rules find."""
        words = [word for each in findings for word in (each.path, each.message, each.snippet, each.reason)]
        shown = iter(self.concealed(words))
        return [
            each._replace(path=next(shown), message=next(shown), snippet=next(shown), reason=next(shown))
            for each in findings
        ]

    def _telling(self, texts: Sequence[str]) -> dict[str, _Telling]:
        """Which of these names or other short texts the rules find something in."""
        telling = {}
        different = [*dict.fromkeys(texts)]
        encoded = [*map(_encoded, different)]
        for place in self._detector.suspects(encoded):
            data = encoded[place]
            found = self._in_view(View(Blob.whole("", data), data), Budget())
            if found and (matches := _of_rules(found.matches)):
                telling[different[place]] = _Telling(data, matches, found.given_way, found.values)
        return telling

    def _telling_paths(self, paths: Sequence[str]) -> dict[str, _Telling]:
        """Which of these paths the rules find something in. What they find ends with the name of the file or folder."""
        telling = self._telling(paths)
        for path, found in telling.items():
            matches = [_to_name_end(match, found.data) for match in found.matches]
            telling[path] = found._replace(matches=matches, values=set(_secrets_in(found.data, matches)))
        return telling

    def _blob(self, part: Part, blob: Blob, named: Sequence[PathRule], path: _Telling | None) -> None:
        part.bytes += blob.core.end - blob.core.start
        with self._allowance.spent_on(len(blob.data), FILE_SECONDS) as granted:
            try:
                self._in_time(part, blob, named, path)
            except clock.OutOfTime:
                reason = f"took longer than {granted:.2g} s, so not all of it was scanned"
                part.skipped.append(Skip(blob.path, reason, incomplete=True))
                part.has_output = True

    def _in_time(self, part: Part, blob: Blob, named: Sequence[PathRule], path: _Telling | None) -> None:
        """Scan one blob. OutOfTime when the clock says so and no limit within has named what was slow."""
        found: list[tuple[View, Detection | None]] = []
        if blob.offset == 0:
            self._triage.next_file()
            part.files += is_file(blob.path)
            found.append((View(blob, b""), self._detector.file_matches(blob, named)))
        try:
            budget = Budget()
            for layer in unpack(blob, budget):
                found.append((View(blob, b""), self._in_layer(layer, budget, 1)))
            for view in views(blob):
                found.append((view, self._with_evidence(view, self._in_view(view, budget))))
        finally:  # what was found before an error counts
            self._judge_all(part, blob, found, path)

    def _judge_all(
        self, part: Part, blob: Blob, found: Sequence[tuple[View, Detection | None]], path: _Telling | None
    ) -> None:
        """Judge what was found in a blob's views, and in its path. What one finding names, no other shows."""
        if not path and not any(each for _, each in found):
            return
        from cavra_boundary.triage.hidden import Hidden  # most runs find nothing

        values = [value for _, each in found if each for value in each.values]
        hidden = Hidden((*values, *path.values) if path else values)
        ranges: list[Span] = []
        known: set[tuple[str, Secret, int]] = set()
        for view, each in found:
            if view.via:
                again = _known_again(view, each, known)
            else:
                mark = view.to_blob(0) if view.to_blob else 0
                again = [Span(max(0, start - mark), max(0, end - mark)) for start, end in ranges]
            self._judge(part, view, each, Concealed(again, hidden))
            if each and view.to_blob:
                ranges += (Span(*map(view.to_blob, span)) for match in each.matches for span in match.redact)
        if path and blob.offset == 0:
            part.triaged.add(self._in_path(blob, path, hidden))
            part.has_output = True

    def _in_path(self, blob: Blob, path: _Telling, hidden: Hidden) -> Triaged:
        """The findings in a file's path; they point at the file as a whole."""
        view = View(Blob.whole(blob.path, path.data, blob.origin), path.data, ("path",))
        triaged = self._triage.of_view(view, path.matches, Concealed((), hidden))
        triaged.findings = [
            found._replace(position=_START, origin=self._origin(found.origin)) for found in triaged.findings
        ]
        return triaged

    def _with_evidence(self, view: View, found: Detection | None) -> Detection | None:
        """What the rules find in a view, plus its problems as an evidence fixture."""
        checked = Detection()
        problems = self._fixtures.matches(view, partial(self._recognized, view.blob.path))
        checked.take("checking evidence", problems, VIEW_SECONDS)
        if not checked:
            return found
        found = found or Detection()
        found.matches += checked.matches
        found.cut_short += checked.cut_short
        self._detector.settle(found)
        found.values.update(_secrets_in(view.data, checked.matches))
        return found

    def _recognized(self, path: str, text: bytes) -> str:
        """The id of a rule that finds something real in a text; "" if none does."""
        found = self._in_view(View(Blob.whole(path, text), text), Budget())
        return next((match.rule for match in (found.matches if found else ()) if not match.lowered), "")

    def _in_view(self, view: View, budget: Budget, depth: int = 0) -> Detection | None:
        """What the rules find in a view and in its encoded content; `depth` is how many layers are around it."""
        found = self._detector.view_matches(view)
        if not found:
            return None
        found.values.update(_secrets_in(view.data, (*found.matches, *found.given_way)))
        if not found.triggers:
            return found
        known = _Known(found.matches)
        with found.within("encoded content", VIEW_SECONDS):
            for layer in (layer for trigger in found.triggers for layer in DECODERS[trigger].open(view, budget)):
                clock.check()
                if (depth == DEEPEST and not layer.is_spelling) or not budget.parts:
                    found.cut_short.append("has more encoded parts or layers than are scanned")
                    break
                budget.parts -= 1
                inner = self._in_layer(layer, budget, depth + (not layer.is_spelling))
                found.cut_short += inner.cut_short
                found.values |= inner.values
                found.matches += (
                    match for match in inner.matches if known.is_new(match, exact=layer.to_outer is not None)
                )
        self._detector.settle(found)
        return found

    def _in_layer(self, layer: Layer, budget: Budget, depth: int) -> Detection:
        """What the rules find in a layer, located and redacted in the outer view: at its whole place, or its own."""
        found = self._in_view(layer.view, budget, depth) or Detection()
        found.matches = [_in_outer(match, layer) for match in _of_rules(found.matches)]
        if layer.cut_short:
            found.cut_short.append(layer.cut_short)
        return found

    def _judge(self, part: Part, view: View, found: Detection | None, concealed: Concealed) -> None:
        if not found:
            return
        part.has_output = part.has_output or bool(found.matches or found.cut_short)
        part.skipped += (
            Skip(concealed.values.text(view.blob.path), reason, incomplete=True) for reason in found.cut_short
        )
        if found.matches:
            triaged = self._triage.of_view(view, found.matches, concealed)
            triaged.findings = [each._replace(origin=self._origin(each.origin)) for each in triaged.findings]
            part.triaged.add(triaged)

    def _origin(self, origin: str) -> str:
        """A source's name as it may be shown; it can contain the names of branches."""
        if origin not in self._origins:
            (self._origins[origin],) = self.concealed([origin])
        return self._origins[origin]

    def _concealed_allows(self, allows: Sequence[Allow]) -> tuple[Allow, ...]:
        words = self.concealed([word for allow in allows for word in (allow.reason, allow.owner)])
        pairs = zip(words[::2], words[1::2], strict=True)
        return tuple(
            allow._replace(reason=reason, owner=owner) for allow, (reason, owner) in zip(allows, pairs, strict=True)
        )


class _Telling(NamedTuple):
    """A short text, and what the rules found in it."""

    data: bytes
    matches: Sequence[Match]
    given_way: Sequence[Match]
    values: Collection[bytes]

    def masked(self, text: str | None = None) -> str:
        """The text, or another one, with what was found masked."""
        from cavra_boundary.triage.hidden import Hidden  # most runs find nothing
        from cavra_boundary.triage.redaction import Redaction

        hidden = Hidden(self.values)
        if text is not None:
            return hidden.text(text)
        return Redaction(self.data, (*self.matches, *self.given_way), (), hidden).whole()


_START = Position(1, 1, 1, 1)


def _in_outer(match: Match, layer: Layer) -> Match:
    """A match in a layer as one in the view around it."""
    via = (*layer.steps, *match.via)
    if not layer.to_outer:
        place = layer.place
        return match._replace(span=place, redact=(place,), public=0, via=via, bounded=True, around=None)
    from cavra_boundary.triage.redaction import hidden_by  # most runs find nothing

    hidden = tuple(layer.to_outer(span) for span in hidden_by(layer.view.data, match))
    around = layer.to_outer(match.around) if match.around else None
    span = layer.to_outer(match.span)
    return match._replace(span=span, redact=hidden, public=0, via=via, bounded=True, around=around)


class _Known:
    """Which matches of a view and its layers are found again, in another layer."""

    def __init__(self, matches: Iterable[Match]) -> None:
        self._spans: dict[str, Taken] = {}
        self._exact: set[tuple[str, Span, Secret]] = set()
        for match in matches:
            self._note(match)

    def is_new(self, match: Match, *, exact: bool) -> bool:
        """Whether a match in a layer is none of them. It is one if its rule found the same value at its place.

        exact: whether its place is known, so that another value there is the same one in another spelling.
        """
        known = (match.rule, match.span, match.value)
        if known in self._exact or (
            exact and match.rule in self._spans and self._spans[match.rule].overlaps(match.span)
        ):
            return False
        self._exact.add(known)
        return True

    def _note(self, match: Match) -> None:
        self._exact.add((match.rule, match.span, match.value))
        self._spans.setdefault(match.rule, Taken()).add(match.span)


def _to_name_end(match: Match, data: bytes) -> Match:
    """A match in a path, hidden up to the end of the file's or folder's name."""
    end = data.find(b"/", match.span.end)
    hidden = tuple(Span(span.start, max(span.end, end if end >= 0 else len(data))) for span in match.redact)
    return match._replace(redact=hidden, bounded=True)


def _secrets_in(data: bytes, matches: Iterable[Match]) -> Iterable[bytes]:
    """The values that matches in a view's data found."""
    if not (found := _of_rules(matches)):
        return ()
    from cavra_boundary.triage.redaction import secrets_in  # most runs find nothing

    return secrets_in(data, found)


def _of_rules(matches: Iterable[Match]) -> list[Match]:
    """The matches that are not inline allows."""
    return [match for match in matches if match.rule != inline.TRIGGER.id]


def _encoded(text: str) -> bytes:
    return text.encode(errors="surrogateescape")


def _known_again(view: View, found: Detection | None, known: set[tuple[str, Secret, int]]) -> Sequence[Span]:
    """Drops the matches that an earlier view of the same bytes had too; returns what is still to be hidden of them.

    The views in the two byte orders of one text are a byte apart, or three.
    """
    if not found or not view.to_blob:
        return ()
    again: list[Span] = []
    matches = []
    for match in found.matches:
        place = view.to_blob(match.span.start)
        if any((match.rule, match.value, place + shift) in known for shift in range(-3, 4)):
            again += match.redact
        else:
            matches.append(match)
    known |= {(match.rule, match.value, view.to_blob(match.span.start)) for match in matches}
    found.matches = matches
    return again
