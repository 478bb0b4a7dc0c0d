"""The pipeline: source, scanner, policy, report. Short enough to read in one sitting."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, NamedTuple, Protocol

from cavra_boundary.errors import ExitCode
from cavra_boundary.model import Notice, Receipt, Report, Severity, Skip
from cavra_boundary.rules.kinds import EvidenceRule
from cavra_boundary.scan.scanner import OWN_RULES, Part, Scanner
from cavra_boundary.scan.seen import Batch, Seen
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
    """The minimum that a scan must cover, or it is incomplete."""

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
    total = Part()
    once = Once(listing.past.rank) if listing.past else None
    for part in _all_parts(source, plan, listing, batches, seen, jobs):
        if progress:
            progress.advance(part.entries, part.bytes)
        if once:
            once.add(part.triaged.findings, part.places)
            # Problems with an allow in an old version cannot be fixed.
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
    if unread and not listing.past:
        total.triaged.notices += _nested(source, listing.entries, unread, plan.policy.config)
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


def together(tree: Report, history: Report) -> Report:
    """One report for a tree and the commits that led to it.

    A finding in both counts once: at its place in the tree, with the commit that introduced it.
    """
    brought = {_name(each): each.introduced._replace(at_tip=True) for each in history.findings if each.introduced}
    there = {_name(each) for each in tree.findings}
    found = [each._replace(introduced=brought.get(_name(each))) for each in tree.findings]
    found += [each for each in history.findings if _name(each) not in there]
    receipts = tree.receipt, history.receipt
    return Report(
        findings=tuple(sorted(found, key=lambda finding: finding.order)),
        notices=tuple(dict.fromkeys([*tree.notices, *history.notices])),
        receipt=history.receipt._replace(
            sources=(*tree.receipt.sources, *history.receipt.sources),
            files=sum(each.files for each in receipts),
            bytes=sum(each.bytes for each in receipts),
            excluded=sum(each.excluded for each in receipts),
            skipped=tuple(dict.fromkeys([*tree.receipt.skipped, *history.receipt.skipped])),
            seconds=sum(each.seconds for each in receipts),
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
    """A finding's identity, wherever it is in its file."""
    return finding.path, finding.rule, finding.fingerprint


def _missing(expected: Expected, files: int, commits: int) -> Iterator[Skip]:
    """A skip for each expected minimum that the scan did not reach."""
    for flag, least, covered in (("files", expected.files, files), ("commits", expected.commits, commits)):
        if covered < least:
            yield Skip(f"--expect-{flag}", f"{covered:,} {flag} where {least:,} were expected", incomplete=True)


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
    source: Source, plan: Plan, listing: Listing, batches: Sequence[Batch], seen: Seen | None, jobs: int
) -> Iterator[Part]:
    """The parts of a scan, batch by batch and in entry order. Remembers clean entries."""
    clean = bytearray(len(listing.entries))
    try:
        for batch in batches:
            narrowed = _narrowed(plan, batch.rules)
            chosen = [listing.entries[place] for place in batch.places]
            for start, part in in_parts(Scanner(narrowed), source, chosen, jobs):
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
    """The plan with only these of its rules, and all evidence rules, since those call the other rules."""
    wanted = {rule.id for rule in rules}
    return plan._replace(rules=tuple(r for r in plan.rules if r.id in wanted or isinstance(r, EvidenceRule)))
