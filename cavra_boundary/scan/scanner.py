"""Runs each blob through decoders, rules, evidence checks and policy."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from cavra_boundary import clock
from cavra_boundary.decode import DECODERS, DEEPEST, Budget, Layer, unpack, views
from cavra_boundary.detect.engine import VIEW_SECONDS, Detection, Detector
from cavra_boundary.detect.kinds import TextRule
from cavra_boundary.evidence.fixtures import Fixtures, Scope
from cavra_boundary.model import Blob, Rule, Secret, Severity, Skip, Span, View
from cavra_boundary.sources.base import is_file
from cavra_boundary.triage import Policy, Triage, Triaged, inline

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cavra_boundary.cache import Cache
    from cavra_boundary.detect.kinds import PathRule
    from cavra_boundary.sources.base import Source


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
        self._triage = Triage(plan.policy)
        key = f"{plan.digest} {OWN_RULES}"
        self._detector = Detector(
            (*plan.rules, *OWN_RULES), key, plan.cache, triggers=DECODERS, prefilter=plan.prefilter
        )
        self._fixtures = Fixtures(plan.rules, plan.evidence)
        self._allowance = clock.Allowance(RUN_SECONDS)

    def entries(self, source: Source, entries: Sequence[str]) -> Part:
        """Scan entries of a source."""
        part = Part(entries=len(entries))
        paths = [source.path_of(entry) for entry in entries]
        source.expect(entries)
        for place, (entry, named) in enumerate(zip(entries, self._detector.named(paths), strict=True)):
            # An entry that was not read is not known to be clean.
            part.has_output = True
            try:
                for number, blob in enumerate(source.read(entry)):
                    if isinstance(blob, Skip):
                        part.skipped.append(blob)
                        part.has_output = True
                    else:
                        part.has_output = part.has_output and number > 0
                        self._blob(part, blob, named)
            except Exception as error:  # a bug of ours on one file must neither hide it nor stop the others
                reason = f"internal error in cavra-boundary ({type(error).__name__})"
                part.skipped.append(Skip(paths[place], reason, incomplete=True))
                part.has_output = True
            if not part.has_output:
                part.clean.append(place)
            part.places += [place] * (len(part.triaged.findings) - len(part.places))
        return part

    def blob(self, blob: Blob) -> Part:
        """Scan one blob."""
        part = Part()
        self._blob(part, blob, self._detector.named([blob.path])[0])
        return part

    def _blob(self, part: Part, blob: Blob, named: Sequence[PathRule]) -> None:
        part.bytes += blob.core.end - blob.core.start
        with self._allowance.spent_on(len(blob.data), FILE_SECONDS) as granted:
            try:
                self._in_time(part, blob, named)
            except clock.OutOfTime:
                reason = f"took longer than {granted:.2g} s, so not all of it was scanned"
                part.skipped.append(Skip(blob.path, reason, incomplete=True))
                part.has_output = True

    def _in_time(self, part: Part, blob: Blob, named: Sequence[PathRule]) -> None:
        """Scan one blob. OutOfTime when the clock says so and no limit within has named what was slow."""
        if blob.offset == 0:
            self._triage.next_file()
            part.files += is_file(blob.path)
            self._judge(part, View(blob, b""), self._detector.file_matches(blob, named))
        budget = Budget()
        for layer in unpack(blob, budget):
            self._judge(part, View(blob, b""), self._in_layer(layer, budget, 1))
        hidden: list[Span] = []
        known: set[tuple[str, Secret, int]] = set()
        for view in views(blob):
            found = self._with_evidence(view, self._in_view(view, budget))
            if not view.via:
                mark = view.to_blob(0) if view.to_blob else 0
                again: Sequence[Span] = [Span(max(0, start - mark), max(0, end - mark)) for start, end in hidden]
            else:
                again = _known_again(view, found, known)
            self._judge(part, view, found, again)
            if found and view.to_blob:
                hidden += (Span(*map(view.to_blob, span)) for match in found.matches for span in match.redact)

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
        return found

    def _recognized(self, path: str, text: bytes) -> str:
        """The id of a rule that finds something real in a text; "" if none does."""
        found = self._in_view(View(Blob.whole(path, text), text), Budget())
        return next((match.rule for match in (found.matches if found else ()) if not match.lowered), "")

    def _in_view(self, view: View, budget: Budget, depth: int = 0) -> Detection | None:
        """What the rules find in a view and in its encoded content; `depth` is how many layers are around it."""
        found = self._detector.view_matches(view)
        if not found or not found.triggers:
            return found
        known: set[tuple[str, Span, Secret]] = set()
        with found.within("encoded content", VIEW_SECONDS):
            for layer in (layer for trigger in found.triggers for layer in DECODERS[trigger].open(view, budget)):
                clock.check()
                if depth == DEEPEST or not budget.parts:
                    found.cut_short.append("has more encoded parts or layers than are scanned")
                    break
                budget.parts -= 1
                inner = self._in_layer(layer, budget, depth + 1)
                found.cut_short += inner.cut_short
                for match in inner.matches:
                    if (match.rule, match.span, match.value) not in known:
                        known.add((match.rule, match.span, match.value))
                        found.matches.append(match)
        self._detector.settle(found)
        return found

    def _in_layer(self, layer: Layer, budget: Budget, depth: int) -> Detection:
        """What the rules find in a layer, located at its whole place in the outer view, which is redacted."""
        found = self._in_view(layer.view, budget, depth) or Detection()
        found.matches = [
            match._replace(span=layer.place, redact=(layer.place,), public=0, via=(*layer.steps, *match.via))
            for match in found.matches
            if match.rule != inline.TRIGGER.id
        ]
        if layer.cut_short:
            found.cut_short.append(layer.cut_short)
        return found

    def _judge(self, part: Part, view: View, found: Detection | None, hidden: Sequence[Span] = ()) -> None:
        if not found:
            return
        part.has_output = part.has_output or bool(found.matches or found.cut_short)
        part.skipped += (Skip(view.blob.path, reason, incomplete=True) for reason in found.cut_short)
        if found.matches:
            part.triaged.add(self._triage.of_view(view, found.matches, hidden))


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
