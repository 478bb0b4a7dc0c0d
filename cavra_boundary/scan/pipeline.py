"""The pipeline: source, scanner, policy, report. Short enough to read in one sitting."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, NamedTuple, Protocol

from cavra_boundary.errors import ExitCode
from cavra_boundary.model import Notice, Receipt, Report, Severity, Skip
from cavra_boundary.rules.kinds import EvidenceRule
from cavra_boundary.scan.scanner import OWN_RULES, Part, Scanner
from cavra_boundary.scan.seen import Batch, Seen
from cavra_boundary.scan.sharing import Sharing, in_order
from cavra_boundary.scan.workers import in_parts
from cavra_boundary.sources.base import is_file
from cavra_boundary.triage import Triage, Triaged
from cavra_boundary.triage.once import Once

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from cavra_boundary.model import Finding, Rule
    from cavra_boundary.scan.scanner import Plan
    from cavra_boundary.sources.base import Listing, Source


class Progress(Protocol):
    """Receives the number of files, and after each chunk how many more files and bytes are done."""

    total: int | None

    def advance(self, files: int, byte_count: int) -> None: ...


class Expected(NamedTuple):
    """The minimum that a scan must cover, or it is incomplete. files: None if nothing is said of them."""

    files: int | None = None
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
    unread: str = "",
) -> Report:
    """Scan a source. GitError, PackError when it cannot start; anything unreadable later is in the receipt.

    everything: whether the source is everything the policy covers, so that unused allows get a notice.
    emit: called once for each finding, as soon as it is final.
    choices: for the receipt, the user's choices that make the scan cover less.
    unread: the name of a file that only counts at the root; any other gets a notice.
    """
    started = monotonic()
    triage = Triage(plan.policy)
    seen = _seen(source, plan)
    # Files that are not listed cannot be counted.
    listing = source.news(seen.known) if seen and not expected.files else source.list()
    batches = seen.sift(listing.entries) if seen else [Batch(range(len(listing.entries)), plan.rules)]
    if progress:
        progress.total = sum(len(batch.places) for batch in batches)
    total, sharing = Part(), Sharing()
    scanners = _Scanners(plan)
    once = Once(listing.past.rank) if listing.past else None
    for part in _all_parts(source, scanners, listing, batches, seen, jobs):
        if progress:
            progress.advance(part.entries, part.bytes)
        if once:
            once.add(part.triaged.findings, part.places)
            # Problems with an allow in an old version cannot be fixed.
            part.triaged = Triaged(used=part.triaged.used)
        if emit:
            emit(part.triaged.findings)
        part.triaged.findings = sharing.shared(part.triaged.findings)
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
    if unread and not listing.past:
        total.triaged.notices += _nested(source, listing.entries, unread, plan.policy.config)
    reused = _reused(source, listing.entries, batches)
    report = Report(
        findings=in_order(total.triaged.findings),
        notices=tuple(dict.fromkeys(total.triaged.notices)),
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
                *_unread(expected, source, (*listing.skipped, *total.skipped), listing, total.files + reused),
            ),
            seconds=round(monotonic() - started, 3),
            commits=listing.commits,
            reused=reused,
            settled=listing.settled,
            choices=choices,
        ),
    )
    return _concealed(report, scanners)


def together(tree: Report, history: Report) -> Report:
    """One report for a tree and the commits that led to it.

    A finding in both counts once: at its place in the tree, with the commit that introduced it.
    """
    brought = {_name(each): each.introduced._replace(at_tip=True) for each in history.findings if each.introduced}
    there = {_name(each) for each in tree.findings}
    found = [
        each._replace(introduced=commit) if (commit := brought.get(_name(each))) else each for each in tree.findings
    ]
    found += [each for each in history.findings if _name(each) not in there]
    receipts = tree.receipt, history.receipt
    return Report(
        findings=in_order(found),
        notices=tuple(dict.fromkeys([*tree.notices, *history.notices])),
        receipt=history.receipt._replace(
            sources=(*tree.receipt.sources, *history.receipt.sources),
            files=sum(each.files for each in receipts),
            bytes=sum(each.bytes for each in receipts),
            excluded=sum(each.excluded for each in receipts),
            skipped=tuple(dict.fromkeys([*tree.receipt.skipped, *history.receipt.skipped])),
            seconds=round(sum(each.seconds for each in receipts), 3),
            commits=sum(each.commits for each in receipts),
            reused=sum(each.reused for each in receipts),
            settled=sum(each.settled for each in receipts),
        ),
    )


def exit_code(report: Report, fail_on: Severity) -> ExitCode:
    """The only place that turns a report into an exit code."""
    if any(finding.fails(fail_on) for finding in report.findings):
        return ExitCode.FINDINGS
    return ExitCode.CLEAN if report.receipt.complete else ExitCode.INCOMPLETE


def _name(finding: Finding) -> tuple[str, str, str]:
    """What a finding is, wherever it is in its file."""
    return finding.path, finding.rule, finding.identity


def _missing(expected: Expected, files: int, commits: int) -> Iterator[Skip]:
    """A skip for each expected minimum that the scan did not reach."""
    for flag, least, covered in (("files", expected.files or 0, files), ("commits", expected.commits, commits)):
        if covered < least:
            yield Skip(f"--expect-{flag}", f"{covered:,} {flag} where {least:,} were expected", incomplete=True)


def _unread(
    expected: Expected, source: Source, skipped: Sequence[Skip], listing: Listing, files: int
) -> Iterator[Skip]:
    """A skip if there were files and none of them was read, for reasons that are each no reason to worry."""
    if files or expected.files is not None or any(skip.incomplete for skip in skipped):
        return
    if any(is_file(source.path_of(entry)) for entry in listing.entries):
        yield Skip(source.name, "none of its files could be scanned", incomplete=True)


def _nested(source: Source, entries: Sequence[str], name: str, governing: str) -> Iterator[Notice]:
    """A notice for each file of this name that does not govern, though it looks as if it did."""
    ending = f"/{name}"
    for entry in entries:
        if entry.endswith(ending) and not governing.endswith(path := source.path_of(entry)):
            yield Notice(path, 1, "this configuration is not read: the one at the top governs everything")


def _seen(source: Source, plan: Plan) -> Seen | None:
    """The memory for a source's entries; None if it has none."""
    if not plan.remember or not source.lasting:
        return None
    context = (source.lasting, plan.prefilter, plan.evidence._replace(root=""), OWN_RULES)
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


def _all_parts(
    source: Source, scanners: _Scanners, listing: Listing, batches: Sequence[Batch], seen: Seen | None, jobs: int
) -> Iterator[Part]:
    """The parts of a scan, batch by batch and in entry order. Remembers clean entries."""
    clean = bytearray(len(listing.entries))
    try:
        for batch in batches:
            scanner = scanners.of(batch.rules)
            chosen = [listing.entries[place] for place in batch.places]
            for start, part in in_parts(scanner, source, chosen, jobs):
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


class _Scanners:
    """The scanners of a run, each made when it is first needed."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._made: dict[frozenset[str], Scanner] = {}

    def of(self, rules: Sequence[Rule] | None = None) -> Scanner:
        """The scanner for some of the plan's rules, by default all of them.

        It has all evidence rules, since those call the other rules.
        """
        wanted = frozenset(rule.id for rule in (self._plan.rules if rules is None else rules))
        if wanted not in self._made:
            chosen = (r for r in self._plan.rules if r.id in wanted or isinstance(r, EvidenceRule))
            self._made[wanted] = Scanner(self._plan._replace(rules=tuple(chosen)))
        return self._made[wanted]


def _concealed(report: Report, scanners: _Scanners) -> Report:
    """The report, with everything masked that a rule finds in its notices and in what the receipt names.

    Findings, and skips that reading files led to, are concealed already.
    """
    receipt = report.receipt
    skips, notices = receipt.skipped, report.notices
    if not skips and not notices and not any(" " in name for name in receipt.sources):
        return report
    texts = [*receipt.sources]
    texts += (text for skip in skips for text in (skip.path, skip.reason))
    texts += (text for notice in notices for text in (notice.path, notice.message))
    shown = iter(scanners.of().concealed(texts))
    sources = tuple(next(shown) for _ in receipt.sources)
    skipped = tuple(skip._replace(path=next(shown), reason=next(shown)) for skip in skips)
    return Report(
        findings=report.findings,
        notices=tuple(notice._replace(path=next(shown), message=next(shown)) for notice in notices),
        receipt=receipt._replace(sources=sources, skipped=skipped),
    )
