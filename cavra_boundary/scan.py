"""The pipeline: source, decoders, rules, policy, report. Short enough to read at one sitting.

Entries are scanned in chunks, in this process or in several; what is found does not depend on which.
"""

from __future__ import annotations

import gc
import sys
from collections import deque
from dataclasses import dataclass, field
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple, Protocol

from cavra_boundary.decode import DECODERS, DEEPEST, Budget, Layer, unpack, views
from cavra_boundary.detect import Detection, Detector
from cavra_boundary.errors import ExitCode, ScanError
from cavra_boundary.evidence.fixtures import Fixtures, Scope
from cavra_boundary.model import (
    Blob,
    EvidenceRule,
    PathRule,
    Receipt,
    Report,
    Rule,
    Secret,
    Severity,
    Skip,
    Span,
    Status,
    View,
)
from cavra_boundary.seen import Batch, Seen
from cavra_boundary.sources.base import is_file
from cavra_boundary.triage import Policy, Triage, Triaged, inline
from cavra_boundary.triage.once import Once

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from cavra_boundary.cache import Cache
    from cavra_boundary.model import Finding
    from cavra_boundary.sources.base import Listing, Source

CHUNK = 64
"""Entries that a worker takes at a time."""

_AHEAD = 8
"""Chunks for each process that are handed out before the first of them is back: enough to keep all at work."""

_WORTH_A_PROCESS = 512
"""Entries below which starting another process costs more than it saves."""


class Progress(Protocol):
    """Told how many files there are, and after each chunk how many files and bytes more are done."""

    total: int | None

    def advance(self, files: int, byte_count: int) -> None: ...


class Plan(NamedTuple):
    """How to judge content, wherever it comes from.

    rules: what to run, those that are not reported included: they redact what is shown. digest: of the packs.
    evidence: which files are evidence fixtures, and what may be in them.
    remember: whether to leave out what earlier scans found clean, where a source's content cannot change.
    """

    rules: tuple[Rule, ...]
    digest: str
    policy: Policy
    cache: Cache
    prefilter: bool = True
    evidence: Scope = Scope()
    remember: bool = False


class Expected(NamedTuple):
    """The least that a scan has to cover so as not to be incomplete."""

    files: int = 0
    commits: int = 0


def scan(
    source: Source,
    plan: Plan,
    *,
    jobs: int = 1,
    everything: bool = True,
    progress: Progress | None = None,
    emit: Callable[[list[Finding]], None] | None = None,
    expected: Expected = Expected(),  # noqa: B008 - it cannot be changed
    choices: tuple[str, ...] = (),
) -> Report:
    """Scan a source. GitError, PackError when it cannot begin; whatever cannot be read later is in the receipt.

    everything: whether the source is all that the policy speaks of, so that an unused allow is worth a notice.
    emit: called with findings as soon as they are final; with every one, once.
    choices: for the receipt, what the user chose that makes the scan cover less.
    """
    started = monotonic()
    triage = Triage(plan.policy)
    seen = _seen(source, plan)
    # Files that are not listed cannot be counted.
    listing = source.news(seen.known) if seen and not expected.files else source.list()
    batches = seen.sift(listing.entries) if seen else [Batch(range(len(listing.entries)), plan.rules)]
    if progress:
        progress.total = sum(len(batch.places) for batch in batches)
    total = Part()
    once = Once(listing.past.rank) if listing.past else None
    for part in _all_parts(source, plan, listing, batches, seen, jobs):
        if progress:
            progress.advance(part.entries, part.bytes)
        if once:
            once.add(part.triaged.findings, part.places)
            # What is wrong with an allow in an old version cannot be mended.
            part.triaged = Triaged(used=part.triaged.used)
        if emit:
            emit(part.triaged.findings)
        total.add(part)
    source.close()
    if listing.past and once:
        found = once.findings(listing.past.introduced(once.places()))
        if emit:
            emit(found)
        total.triaged.findings += found
    total.triaged.notices += triage.ending(total.triaged.used)
    if everything:
        total.triaged.notices += triage.unused(total.triaged.used)
    reused = _reused(source, listing.entries, batches)
    return Report(
        findings=tuple(sorted(total.triaged.findings, key=lambda finding: finding.order)),
        notices=tuple(total.triaged.notices),
        receipt=Receipt(
            sources=(source.name,),
            files=total.files,
            bytes=total.bytes,
            rules=len(plan.policy.selected),
            packs_digest=plan.digest,
            excluded=listing.excluded,
            skipped=(
                *listing.skipped,
                *dict.fromkeys(total.skipped),
                *_missing(expected, total.files + reused, listing.commits),
            ),
            seconds=monotonic() - started,
            commits=listing.commits,
            reused=reused,
            settled=listing.settled,
            choices=choices,
        ),
    )


def exit_code(report: Report, fail_on: Severity) -> ExitCode:
    """The one place that says what a report means to the shell."""
    if any(finding.status is Status.REPORTED and finding.severity >= fail_on for finding in report.findings):
        return ExitCode.FINDINGS
    return ExitCode.CLEAN if report.receipt.complete else ExitCode.INCOMPLETE


def _missing(expected: Expected, files: int, commits: int) -> Iterator[Skip]:
    """What to say of a scan that covered less than the least it had to."""
    for flag, least, covered in (("files", expected.files, files), ("commits", expected.commits, commits)):
        if covered < least:
            yield Skip(f"--expect-{flag}", f"{covered:,} {flag} where {least:,} were expected", incomplete=True)


def _seen(source: Source, plan: Plan) -> Seen | None:
    """What is remembered of a source's entries; None where nothing is."""
    if not plan.remember or not source.lasting:
        return None
    context = (source.lasting, plan.prefilter, plan.evidence._replace(root=""), _OWN_RULES)
    return Seen(plan.cache, plan.rules, plan.digest, repr(context))


def _reused(source: Source, entries: Sequence[str], batches: Sequence[Batch]) -> int:
    """How many files are in no batch."""
    left = sum(len(batch.places) for batch in batches)
    if left == len(entries):
        return 0
    scanned = (entries[place] for batch in batches for place in batch.places)
    return sum(is_file(source.path_of(entry)) for entry in entries) - sum(
        is_file(source.path_of(entry)) for entry in scanned
    )


_OWN_RULES = (inline.RULE, *(decoder.sign for decoder in DECODERS.values()))
"""What runs beside the packs' rules: they say where an inline allow is, and where something is encoded."""


@dataclass(slots=True)
class Part:
    """What scanning some of the entries gave.

    places: of each finding, the entry it was found in. clean: entries of which there is nothing to say, whatever the
    policy. bears: whether there is something to say of the entry at hand.
    """

    triaged: Triaged = field(default_factory=Triaged)
    places: list[int] = field(default_factory=list)
    clean: list[int] = field(default_factory=list)
    skipped: list[Skip] = field(default_factory=list)
    entries: int = 0
    files: int = 0
    bytes: int = 0
    bears: bool = False

    def add(self, other: Part) -> None:
        self.triaged.add(other.triaged)
        self.skipped += other.skipped
        self.files += other.files
        self.bytes += other.bytes


class Scanner:
    """Runs a plan's rules and policy over one blob after another."""

    def __init__(self, plan: Plan) -> None:
        self.triage = Triage(plan.policy)
        key = f"{plan.digest} {_OWN_RULES}"
        self._detector = Detector((*plan.rules, *_OWN_RULES), key, plan.cache, signs=DECODERS, prefilter=plan.prefilter)
        self._fixtures = Fixtures(plan.rules, plan.evidence)

    def entries(self, source: Source, entries: Sequence[str]) -> Part:
        """What there is to say of these entries of a source."""
        part = Part(entries=len(entries))
        paths = [source.path_of(entry) for entry in entries]
        source.expect(entries)
        for place, (entry, named) in enumerate(zip(entries, self._detector.named(paths), strict=True)):
            # Of what nothing was read nothing is known.
            part.bears = True
            try:
                for number, blob in enumerate(source.read(entry)):
                    if isinstance(blob, Skip):
                        part.skipped.append(blob)
                        part.bears = True
                    else:
                        part.bears = part.bears and number > 0
                        self._blob(part, blob, named)
            except Exception as error:  # a defect of ours on one file must neither hide it nor stop the others
                reason = f"defect in cavra-boundary ({type(error).__name__})"
                part.skipped.append(Skip(paths[place], reason, incomplete=True))
                part.bears = True
            if not part.bears:
                part.clean.append(place)
            part.places += [place] * (len(part.triaged.findings) - len(part.places))
        return part

    def blob(self, blob: Blob) -> Part:
        """What there is to say of one blob."""
        part = Part()
        self._blob(part, blob, self._detector.named([blob.path])[0])
        return part

    def _blob(self, part: Part, blob: Blob, named: Sequence[PathRule]) -> None:
        part.bytes += blob.core.end - blob.core.start
        if blob.offset == 0:
            part.files += is_file(blob.path)
            self._judge(part, View(blob, b""), self._detector.file_matches(blob, named))
        budget = Budget()
        for layer in unpack(blob, budget):
            self._judge(part, View(blob, b""), self._in_layer(layer, budget, 1))
        hidden: list[Span] = []
        for view in views(blob):
            found = self._with_evidence(view, self._in_view(view, budget))
            self._judge(part, view, found, hidden)
            if found and view.to_blob:
                hidden += (Span(*map(view.to_blob, span)) for match in found.matches for span in match.redact)

    def _with_evidence(self, view: View, found: Detection | None) -> Detection | None:
        """What the rules find in a view, and what is wrong with it if it is an evidence fixture."""
        matches = list(self._fixtures.matches(view, partial(self._recognised, view.blob.path)))
        if not matches:
            return found
        found = found or Detection()
        found.take("evidence", matches)
        self._detector.settle(found)
        return found

    def _recognised(self, path: str, text: bytes) -> str:
        """The id of a rule that finds something real in a text, "" for none."""
        found = self._in_view(View(Blob.whole(path, text), text), Budget())
        return next((match.rule for match in (found.matches if found else ()) if not match.lowered), "")

    def _in_view(self, view: View, budget: Budget, depth: int = 0) -> Detection | None:
        """What the rules find in a view and in what is encoded in it; `depth` is how many layers are around it."""
        found = self._detector.view_matches(view)
        if not found or not found.signs:
            return found
        known: set[tuple[str, Span, Secret]] = set()
        for layer in (layer for sign in found.signs for layer in DECODERS[sign].open(view, budget)):
            if depth == DEEPEST or not budget.parts:
                found.cut_short.append("holds more encoded parts, or layers of them, than are looked at")
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
        """What the rules find in a layer, at the place in the outer view that it stands for, which hides it all."""
        found = self._in_view(layer.view, budget, depth) or Detection()
        found.matches = [
            match._replace(span=layer.place, redact=(layer.place,), public=0, via=(*layer.steps, *match.via))
            for match in found.matches
            if match.rule != inline.RULE.id
        ]
        if layer.cut_short:
            found.cut_short.append(layer.cut_short)
        return found

    def _judge(self, part: Part, view: View, found: Detection | None, hidden: Sequence[Span] = ()) -> None:
        if not found:
            return
        part.bears = part.bears or bool(found.matches or found.cut_short)
        part.skipped += (Skip(view.blob.path, reason, incomplete=True) for reason in found.cut_short)
        if found.matches:
            part.triaged.add(self.triage.of_view(view, found.matches, hidden))


def _all_parts(
    source: Source, plan: Plan, listing: Listing, batches: Sequence[Batch], seen: Seen | None, jobs: int
) -> Iterator[Part]:
    """The parts of a scan, batch by batch, and in the order of the entries in each. Remembers what is clean."""
    clean = bytearray(len(listing.entries))
    try:
        for batch in batches:
            narrowed = _narrowed(plan, batch.rules)
            chosen = [listing.entries[place] for place in batch.places]
            for start, part in _parts(Scanner(narrowed), source, narrowed, chosen, jobs):
                if seen:
                    seen.add(batch, (start + place for place in part.clean))
                for place in part.clean:
                    clean[batch.places[start + place]] = True
                part.places = [batch.places[start + place] for place in part.places]
                yield part
        if seen and listing.past:
            scanned = (place for batch in batches for place in batch.places)
            seen.learn(listing.past.whole(place for place in scanned if not clean[place]))
    finally:
        if seen:
            seen.save()


def _narrowed(plan: Plan, rules: Sequence[Rule]) -> Plan:
    """The plan with these of its rules, and those for evidence, which ask the others what they recognise."""
    wanted = {rule.id for rule in rules}
    return plan._replace(rules=tuple(r for r in plan.rules if r.id in wanted or isinstance(r, EvidenceRule)))


def _parts(
    scanner: Scanner, source: Source, plan: Plan, entries: Sequence[str], jobs: int
) -> Iterator[tuple[int, Part]]:
    """The parts of a scan, in the order of the entries, each with the place of its first."""
    starts = range(0, len(entries), CHUNK)
    chunks = (entries[start : start + CHUNK] for start in starts)
    if jobs == 1 or len(entries) < _WORTH_A_PROCESS:
        yield from zip(starts, (scanner.entries(source, chunk) for chunk in chunks), strict=True)
        return
    from concurrent.futures import Future, ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_context

    global _shared
    _shared = scanner, source  # a forked process finds it here and need not make its own
    # Forking is safe here, where no thread runs yet, and ten times as fast as starting anew.
    context = get_context("fork" if sys.platform == "linux" else None)
    # Looking for garbage would write to what forked processes share, and so make each of them a copy of it.
    gc.freeze()
    waiting: deque[tuple[int, Future[Part]]] = deque()

    def next_part() -> tuple[int, Part]:
        start, future = waiting.popleft()
        return start, future.result()

    with ProcessPoolExecutor(jobs, context, initializer=_start, initargs=(plan, source)) as pool:
        try:
            for start, chunk in zip(starts, chunks, strict=True):
                waiting.append((start, pool.submit(_scan_shared, chunk)))
                if len(waiting) > _AHEAD * jobs:
                    yield next_part()
            while waiting:
                yield next_part()
        except BrokenProcessPool:
            raise ScanError("a worker process died", hint="free some memory, or scan with --jobs 1") from None
        finally:
            pool.shutdown(cancel_futures=True)
            gc.unfreeze()
            _shared = None


_shared: tuple[Scanner, Source] | None = None
"""What a process that is one of several scans with."""


def _start(plan: Plan, source: Source) -> None:
    global _shared
    _shared = _shared or (Scanner(plan), source)


def _scan_shared(entries: Sequence[str]) -> Part:
    assert _shared is not None, "the pool's initializer has run"  # noqa: S101
    scanner, source = _shared
    return scanner.entries(source, entries)
