"""The pipeline: source, decoders, rules, policy, report. Short enough to read at one sitting.

Entries are scanned in chunks, in this process or in several; what is found does not depend on which.
"""

from __future__ import annotations

import gc
import sys
from collections import deque
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, Protocol

from cavra_boundary.decode import views
from cavra_boundary.detect import Detection, Detector
from cavra_boundary.errors import ExitCode, ScanError
from cavra_boundary.model import Blob, PathRule, Receipt, Report, Rule, Severity, Skip, Span, Status, View
from cavra_boundary.triage import Policy, Triage, Triaged, inline

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cavra_boundary.cache import Cache
    from cavra_boundary.sources.base import Source

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How to judge content, wherever it comes from.

    rules: what to run, those that are not reported included: they redact what is shown. digest: of the packs.
    """

    rules: tuple[Rule, ...]
    digest: str
    policy: Policy
    cache: Cache
    prefilter: bool = True


def scan(
    source: Source, plan: Plan, *, jobs: int = 1, everything: bool = True, progress: Progress | None = None
) -> Report:
    """Scan a source. GitError, PackError when it cannot begin; whatever cannot be read later is in the receipt.

    everything: whether the source is all that the policy speaks of, so that an unused allow is worth a notice.
    """
    started = monotonic()
    listing = source.list()
    if progress:
        progress.total = len(listing.entries)
    scanner = Scanner(plan)
    total = Part()
    for part in _parts(scanner, source, plan, listing.entries, jobs):
        if progress:
            progress.advance(part.files, part.bytes)
        total.add(part)
    if everything:
        total.triaged.notices += scanner.triage.unused(total.triaged.used)
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
            skipped=(*listing.skipped, *total.skipped),
            seconds=monotonic() - started,
        ),
    )


def exit_code(report: Report, fail_on: Severity) -> ExitCode:
    """The one place that says what a report means to the shell."""
    if any(finding.status is Status.REPORTED and finding.severity >= fail_on for finding in report.findings):
        return ExitCode.FINDINGS
    return ExitCode.CLEAN if report.receipt.complete else ExitCode.INCOMPLETE


@dataclass(slots=True)
class Part:
    """What scanning some of the entries gave."""

    triaged: Triaged = field(default_factory=Triaged)
    skipped: list[Skip] = field(default_factory=list)
    files: int = 0
    bytes: int = 0

    def add(self, other: Part) -> None:
        self.triaged.add(other.triaged)
        self.skipped += other.skipped
        self.files += other.files
        self.bytes += other.bytes


class Scanner:
    """Runs a plan's rules and policy over one blob after another."""

    def __init__(self, plan: Plan) -> None:
        self.triage = Triage(plan.policy)
        key = f"{plan.digest} {inline.RULE}"
        self._detector = Detector((*plan.rules, inline.RULE), key, plan.cache, prefilter=plan.prefilter)

    def entries(self, source: Source, entries: Sequence[str]) -> Part:
        """What there is to say of these entries of a source."""
        part = Part()
        for entry, named in zip(entries, self._detector.named(entries), strict=True):
            try:
                for blob in source.read(entry):
                    if isinstance(blob, Skip):
                        part.skipped.append(blob)
                    else:
                        self._blob(part, blob, named)
            except Exception as error:  # a defect of ours on one file must neither hide it nor stop the others
                part.skipped.append(Skip(entry, f"defect in cavra-boundary ({type(error).__name__})", incomplete=True))
        return part

    def blob(self, blob: Blob) -> Part:
        """What there is to say of one blob."""
        part = Part()
        self._blob(part, blob, self._detector.named([blob.path])[0])
        return part

    def _blob(self, part: Part, blob: Blob, named: Sequence[PathRule]) -> None:
        part.bytes += blob.core.end - blob.core.start
        if blob.offset == 0:
            part.files += 1
            self._judge(part, View(blob, b""), self._detector.file_matches(blob, named))
        hidden: list[Span] = []
        for view in views(blob):
            found = self._detector.view_matches(view)
            self._judge(part, view, found, hidden)
            if found and view.to_blob:
                hidden += (Span(*map(view.to_blob, span)) for match in found.matches for span in match.redact)

    def _judge(self, part: Part, view: View, found: Detection | None, hidden: Sequence[Span] = ()) -> None:
        if found is None:
            return
        part.skipped += (Skip(view.blob.path, reason, incomplete=True) for reason in found.cut_short)
        if found.matches:
            part.triaged.add(self.triage.of_view(view, found.matches, hidden))


def _parts(scanner: Scanner, source: Source, plan: Plan, entries: Sequence[str], jobs: int) -> Iterator[Part]:
    """The parts of a scan, in the order of the entries."""
    chunks = (entries[start : start + CHUNK] for start in range(0, len(entries), CHUNK))
    if jobs == 1 or len(entries) < _WORTH_A_PROCESS:
        yield from (scanner.entries(source, chunk) for chunk in chunks)
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
    waiting: deque[Future[Part]] = deque()
    with ProcessPoolExecutor(jobs, context, initializer=_start, initargs=(plan, source)) as pool:
        try:
            for chunk in chunks:
                waiting.append(pool.submit(_scan_shared, chunk))
                if len(waiting) > _AHEAD * jobs:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
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
