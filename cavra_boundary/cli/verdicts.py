"""What `evidence check` says about packets, for people and programs. Findings are shown as `scan` shows them."""

from __future__ import annotations

import os
from textwrap import wrap
from typing import TYPE_CHECKING

from cavra_boundary.evidence.gates import Basis, CheckStatus, ResultStatus
from cavra_boundary.report.escape import commands_broken, printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cavra_boundary.evidence.document import Document
    from cavra_boundary.evidence.gates import Check, Result
    from cavra_boundary.evidence.model import Kind
    from cavra_boundary.report.base import RenderContext
    from cavra_boundary.scan.packets import Verdict

SCHEMA_VERSION = "cavra-boundary.evidence-report.v1"

_LEAST_ROOM = 20  # columns for words, however narrow the terminal
_BOLD, _FRAME = "1", "1;34"
_COLOR = {
    ResultStatus.READY: "1;32",
    ResultStatus.READY_WITH_WARNINGS: "1;33",
    ResultStatus.BLOCKED: "1;31",
    CheckStatus.PASS: "1;32",
    CheckStatus.WARN: "1;33",
    CheckStatus.BLOCKER: "1;31",
}
_NO_GATES = "of unknown kind, so only the general rules apply"


def as_json(verdicts: Sequence[Verdict], scan: object, verdict: str) -> dict[str, object]:
    """Everything as one document. scan: the JSON report on the files; verdict: what the exit code means."""
    return {
        "schema_version": SCHEMA_VERSION,
        "verdict": verdict,
        "packets": [_packet(each) for each in verdicts],
        "scan": scan,
    }


def _packet(verdict: Verdict) -> dict[str, object]:
    found: dict[str, object] = {"path": printable(verdict.path), "pointer": verdict.packet.pointer, "kind": None}
    if verdict.result:
        found |= {
            "kind": verdict.result.kind or None,
            "evidence_mode": verdict.result.mode,
            "status": verdict.result.status,
            "blocker_count": verdict.result.blocker_count,
            "warning_count": verdict.result.warning_count,
            "checks": [_check(check, verdict) for check in verdict.result.checks],
        }
    return found


def _check(check: Check, verdict: Verdict) -> dict[str, object]:
    places = [
        {"path": printable(document.path), "pointer": pointer, "line": line, "column": column}
        for document, pointer, line, column in map(verdict.locate, check.places)
    ]
    return {
        "name": check.name,
        "status": check.status,
        "message": check.message,
        "pointer": places[0]["pointer"] if places else None,
        "places": places,
        "next_step": check.next_step,
        "basis": check.basis or "packet",
    }


def as_text(verdicts: Sequence[Verdict], context: RenderContext) -> str:
    """The packets for people, after the scan's own report if there is any."""
    return commands_broken("".join(f"{line}\n" for line in _Page(context).lines(verdicts)))


class _Page:
    """The packets as lines, laid out for one reader."""

    def __init__(self, context: RenderContext) -> None:
        self._width = max(context.width - 4, _LEAST_ROOM)
        self._verbosity = context.verbosity
        self._color = context.color
        self._root = context.root
        self._cwd = context.cwd

    def lines(self, verdicts: Sequence[Verdict]) -> Iterator[str]:
        for verdict in verdicts:
            if self._verbosity >= 0 or verdict.is_blocked:
                yield from self._packet(verdict)
        if self._verbosity >= 0:
            yield self._summary(verdicts)

    def _packet(self, verdict: Verdict) -> Iterator[str]:
        name = " ".join(filter(None, (self._path(verdict.document, verdict), verdict.packet.pointer)))
        if verdict.result is None:
            yield f"{self._ink(name, _BOLD)}: {_NO_GATES}{f' ({verdict.hint})' if verdict.hint else ''}"
            yield ""
            return
        status = verdict.result.status
        yield f"{self._ink(name, _BOLD)}: {self._ink(status.value.replace('_', ' '), _COLOR[status])}"
        for check in verdict.result.checks:
            if check.status is not CheckStatus.PASS or self._verbosity > 0:
                yield from self._check(check, verdict)
        if verdict.kind:
            yield from self._passed(verdict.result, verdict.kind)
        yield ""

    def _check(self, check: Check, verdict: Verdict) -> Iterator[str]:
        trust = " According to the packet." if check.basis is Basis.STATED and check.status is CheckStatus.PASS else ""
        said = f"{check.status}: {check.message}{trust} [{check.name}]"
        first, *rest = wrap(said, self._width, break_long_words=False, break_on_hyphens=False)
        word, _, tail = first.partition(":")
        yield f"  {self._ink(word, _COLOR[check.status])}:{tail}"
        yield from (f"    {line}" for line in rest)
        places = [(self._path(document, verdict), *at) for document, _, *at in map(verdict.locate, check.places)]
        for path, line, column in dict.fromkeys(places):
            yield f"    {self._ink('-->', _FRAME)} {path}:{line}:{column}"
        if check.next_step:
            yield f"    {self._ink('=', _FRAME)} next: {check.next_step}"

    def _passed(self, result: Result, kind: Kind) -> Iterator[str]:
        passed = [check for check in result.checks if check.status is CheckStatus.PASS]
        yield f"  {len(passed)} of {len(result.checks)} checks pass ({kind.title})"
        stated = sum(check.basis is Basis.STATED for check in passed)
        if stated:
            titles = " and ".join(companion.title for companion in kind.companions)
            rely = f"{stated} of them {'relies' if stated == 1 else 'rely'}"
            yield f"  {rely} on what the packet says about its {titles}; --with FILE compares them"

    def _summary(self, verdicts: Sequence[Verdict]) -> str:
        if not verdicts:
            return "No evidence packets found."
        statuses = [verdict.result.status if verdict.result else None for verdict in verdicts]
        counts = [(status.value.replace("_", " "), statuses.count(status)) for status in ResultStatus]
        counts.append(("of unknown kind", statuses.count(None)))
        said = ", ".join(f"{count:,} {name}" for name, count in counts if count)
        return f"{len(verdicts):,} packet{'s' * (len(verdicts) != 1)}: {said}."

    def _path(self, document: Document, verdict: Verdict) -> str:
        """The path as the reader would open it; a --with document keeps the path it was given by."""
        if document is not verdict.document:
            return printable(document.path)
        whole = self._root / document.path
        try:
            return printable(os.path.relpath(whole, self._cwd))
        except ValueError:  # on another drive of a Windows machine
            return printable(os.fspath(whole))

    def _ink(self, text: str, color: str) -> str:
        return f"\x1b[{color}m{text}\x1b[0m" if self._color else text
