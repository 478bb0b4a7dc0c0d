"""Checks evidence packets: scans the files that contain any, then evaluates the gates of each packet's kind."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from cavra_boundary.decode import views
from cavra_boundary.errors import ScanError, UsageError, nearest
from cavra_boundary.evidence import document, kinds
from cavra_boundary.evidence.document import Document, Node
from cavra_boundary.evidence.fixtures import SUFFIXES, Fixtures, packets, seems_packet
from cavra_boundary.evidence.gates import ResultStatus, evaluate, unreadable
from cavra_boundary.lines import advance
from cavra_boundary.model import Skip, Status
from cavra_boundary.scan.pipeline import scan
from cavra_boundary.scan.scanner import Scanner
from cavra_boundary.sources.base import Listing, Source
from cavra_boundary.triage.hidden import MASK

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from cavra_boundary.evidence.conditions import Place
    from cavra_boundary.evidence.gates import Result
    from cavra_boundary.evidence.model import Kind
    from cavra_boundary.model import Blob, Report, Severity
    from cavra_boundary.scan.scanner import Plan


class Verdict(NamedTuple):
    """The result of the gates for one packet.

    packet: its root in the document. kind: None for a packet of unknown kind, which has no result, and for one that
    cannot be read. companions: the documents it was compared with, by name. hint: a suggestion for an unknown kind.
    """

    document: Document
    packet: Node
    kind: Kind | None = None
    result: Result | None = None
    companions: Mapping[str, Document] = {}
    hint: str = ""

    @property
    def path(self) -> str:
        """The path of its file, relative to the root."""
        return self.document.path

    def under(self, path: str) -> Verdict:
        """The same with another path, that may be shown."""
        return self._replace(document=self.document._replace(path=path))

    @property
    def is_blocked(self) -> bool:
        return self.result is not None and self.result.status is ResultStatus.BLOCKED

    def locate(self, place: Place) -> tuple[Document, str, int, int]:
        """Document, pointer, line and column of a place; line and column of its nearest parent if it is missing."""
        document = self.companions[place.companion] if place.companion else self.document
        node = document.root if place.companion else self.packet
        pointer = node.pointer + place.pointer
        for key in place.pointer.split("/")[1:]:
            inside = node.get(key)
            if inside is None:
                break
            node = inside
        line, column = advance(1, 1, document.data[: node.span.start])
        return document, pointer, line, column


class Checked(NamedTuple):
    """Findings of all rules in the files that contain packets, and the gates' verdict on each packet."""

    report: Report
    verdicts: tuple[Verdict, ...]


def check(
    source: Source, plan: Plan, companions: Sequence[Document], named: Collection[str], *, pass_over: bool
) -> Checked:
    """Check the packets in a source. UsageError for a companion that no packet refers to, or that is given twice.

    named: paths that the user named one by one. One without a packet makes the run incomplete, unless `pass_over`.
    """
    found = _Packets(source, Fixtures((), plan.evidence))
    report = scan(found, plan, everything=False)
    shown = Scanner(plan).concealed
    verdicts = tuple(_verdicts(found.contents, report, companions))
    _check_all_are_used(companions, verdicts)
    told = {skip.path for skip in report.receipt.skipped}.union(verdict.path for verdict in verdicts)
    silent = [path for path in found.listed if path in named and path not in told]
    skipped = [Skip(name, _why(path), not pass_over) for path, name in zip(silent, shown(silent), strict=True)]
    verdicts = tuple(
        verdict.under(name) for verdict, name in zip(verdicts, shown([v.path for v in verdicts]), strict=True)
    )
    receipt = report.receipt._replace(skipped=(*report.receipt.skipped, *skipped))
    return Checked(report._replace(receipt=receipt), verdicts)


def companion(path: str) -> Document:
    """Read a document to compare packets with. UsageError if missing or of unknown kind, ScanError if unreadable."""
    where = f"--with {path}"
    try:
        with Path(path).open("rb") as file:
            found = document.read(file.read(document.MAX_BYTES + 1), path)
    except FileNotFoundError:
        raise UsageError("no such file", where=where, hint="check the path") from None
    except OSError as error:
        raise ScanError(f"cannot be read: {error.strerror}", where=where) from None
    if isinstance(found, document.Refusal):
        raise ScanError(f"cannot be read: {found.words}", where=where)
    if kinds.of_packet(found.root) is None:
        raise UsageError("unknown kind of document", where=where, hint="see `evidence kinds`")
    return found


class _Packets(Source):
    """The files of another source that may contain packets.

    After listing, contents has the text of these files by path, and listed has the paths of all files.
    """

    def __init__(self, inner: Source, fixtures: Fixtures) -> None:
        self.contents: dict[str, bytes] = {}
        self.listed: list[str] = []
        self._inner = inner
        self._fixtures = fixtures

    @property
    def name(self) -> str:
        return self._inner.name

    def list(self) -> Listing:
        listing = self._inner.list()
        self.listed = [self._inner.path_of(entry) for entry in listing.entries]
        return listing._replace(entries=tuple(entry for entry in listing.entries if self._concerns(entry)))

    def path_of(self, entry: str) -> str:
        return self._inner.path_of(entry)

    def read(self, entry: str) -> Iterator[Blob | Skip]:
        return self._inner.read(entry)

    def _concerns(self, entry: str) -> bool:
        path = self._inner.path_of(entry)
        if not path.lower().endswith(SUFFIXES):
            return False
        first = next(self._inner.read(entry), None)
        if first is None or isinstance(first, Skip):
            return first is not None  # the scan says why it cannot be read
        text = next(views(first)).data
        if not self._fixtures.concern(path, text):
            return False
        self.contents[path] = text
        return True


def _why(path: str) -> str:
    """Why a file is skipped."""
    if path.lower().endswith(SUFFIXES):
        return "not an evidence packet: no schema_version that begins with cavra."
    return f"not an evidence packet: its name does not end in {' or '.join(SUFFIXES)}"


def _verdicts(contents: Mapping[str, bytes], report: Report, companions: Sequence[Document]) -> Iterator[Verdict]:
    worst: dict[str, Severity] = {}
    for finding in report.findings:
        if finding.status is Status.REPORTED:
            worst[finding.path] = max(finding.severity, worst.get(finding.path, finding.severity))
    for path, data in contents.items():
        found = document.read(data, path)
        if isinstance(found, document.Refusal):
            if seems_packet(data):
                nothing = Node("", "null", None, found.span)
                yield Verdict(Document(path, data, nothing), nothing, result=unreadable(found.words))
            continue
        for packet in packets(found.root):
            kind = kinds.of_packet(packet)
            if kind is None:
                yield Verdict(found, packet, hint=_meant(packet))
                continue
            besides = _companions_of(kind, companions)
            gravest = max((grave for shown, grave in worst.items() if _is_shown_as(path, shown)), default=None)
            yield Verdict(found, packet, kind, evaluate(kind, packet, besides, gravest), besides)


def _is_shown_as(path: str, shown: str) -> bool:
    """Whether a path may be the one that a report shows, where secrets in it are masked."""
    if MASK not in shown:
        return path == shown
    return re.fullmatch(".+".join(map(re.escape, shown.split(MASK))), path, re.DOTALL) is not None


def _meant(packet: Node) -> str:
    """A suggestion for an unknown `schema_version`."""
    version = packet.get(kinds.VERSION)
    advice = nearest(version.text, kinds.names()) if version and version.text else ""
    return advice if advice.endswith("?") else ""


def _companions_of(kind: Kind, given: Sequence[Document]) -> dict[str, Document]:
    """The documents that a packet of this kind refers to, by the kind's names for them."""
    taken: dict[str, Document] = {}
    for companion in kind.companions:
        for found in given:
            if not _is_of(found, companion.kinds):
                continue
            if companion.name in taken:
                raise UsageError(f"a second {companion.title}", where=f"--with {found.path}", hint="give one")
            taken[companion.name] = found
    return taken


def _is_of(found: Document, names: Sequence[str]) -> bool:
    kind = kinds.of_packet(found.root)
    return kind is not None and kind.id in names


def _check_all_are_used(given: Sequence[Document], verdicts: Sequence[Verdict]) -> None:
    """Raise UsageError for a document that no packet was compared with."""
    used = [found.path for verdict in verdicts for found in verdict.companions.values()]
    for found in given:
        if found.path not in used:
            wanted = {name for each in verdicts if each.kind for slot in each.kind.companions for name in slot.kinds}
            hint = f"they refer to {', '.join(sorted(wanted))}" if wanted else "they refer to no other document"
            raise UsageError("no packet refers to a document of this kind", where=f"--with {found.path}", hint=hint)
