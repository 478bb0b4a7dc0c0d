"""The gates of a packet: whether what it says makes it ready.

The result has the shape of the results that CAVRA's own packets carry: a status, and a check for each gate.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from cavra_boundary.evidence.conditions import Case, Failure, Place, pointer
from cavra_boundary.model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cavra_boundary.evidence.document import Document, Node
    from cavra_boundary.evidence.model import Gate, Kind


class CheckStatus(StrEnum):
    PASS = "pass"  # noqa: S105 - not a password
    WARN = "warn"
    BLOCKER = "blocker"


class ResultStatus(StrEnum):
    READY = "ready"
    READY_WITH_WARNINGS = "ready_with_warnings"
    BLOCKED = "blocked"


class Basis(StrEnum):
    """What a check rests on, where a gate is about another document.

    STATED: on what the packet says of it, since that document was not given. COMPARED: on the document itself.
    """

    PACKET = ""
    STATED = "stated"
    COMPARED = "compared"


class Check(NamedTuple):
    """What one gate gave. message: the kind's words, and why. next_step: empty when it passed."""

    name: str
    status: CheckStatus
    message: str
    places: tuple[Place, ...] = ()
    next_step: str = ""
    basis: Basis = Basis.PACKET


class Result(NamedTuple):
    """What the gates gave for one packet.

    kind: "" for a document that cannot be read. mode: `sample` or `live`, or "" where the packet does not say.
    """

    kind: str
    mode: str
    checks: tuple[Check, ...]

    @property
    def blocker_count(self) -> int:
        return sum(check.status is CheckStatus.BLOCKER for check in self.checks)

    @property
    def warning_count(self) -> int:
        return sum(check.status is CheckStatus.WARN for check in self.checks)

    @property
    def status(self) -> ResultStatus:
        if self.blocker_count:
            return ResultStatus.BLOCKED
        return ResultStatus.READY_WITH_WARNINGS if self.warning_count else ResultStatus.READY


def evaluate(kind: Kind, packet: Node, companions: Mapping[str, Document], worst: Severity | None = None) -> Result:
    """Ask a packet of this kind about all gates.

    companions: the documents that are given besides, by the names that the kind has for them. worst: the severity of
    the worst that was found in the packet and must not be there.
    """
    case = Case(kind, packet, companions)
    checks = [_gate(gate, case) for gate in kind.gates if case.holds(gate.when)]
    mode = case.node("evidence_mode")
    told = {place.pointer for check in checks if check.status is CheckStatus.BLOCKER for place in check.places}
    return Result(
        kind=kind.id,
        mode=mode.text if mode and mode.text in ("sample", "live") else "",
        checks=(_private_material(worst), _required_fields(case, told), *checks),
    )


def unreadable(reason: str) -> Result:
    """The result for a document that cannot be read, for a reason in our words."""
    message = f"The packet cannot be read: {reason}."
    return Result("", "", (Check("readable", CheckStatus.BLOCKER, message, (Place(""),), "Correct it."),))


def _gate(gate: Gate, case: Case) -> Check:
    given = [all(name in case.companions for name in each.companions) for each in gate.conditions]
    failures = [
        failure
        for condition, can_be_asked in zip(gate.conditions, given, strict=True)
        if can_be_asked and (failure := case.ask(condition))
    ]
    basis = Basis.PACKET
    if any(condition.companions for condition in gate.conditions):
        basis = Basis.COMPARED if all(given) else Basis.STATED
    if not failures:
        return Check(gate.name, CheckStatus.PASS, gate.passed, basis=basis)
    status = CheckStatus.WARN if gate.warns else CheckStatus.BLOCKER
    places = tuple(dict.fromkeys(place for failure in failures for place in failure.places))
    return Check(gate.name, status, _because(gate.failed, failures), places, gate.next_step, basis)


def _private_material(worst: Severity | None) -> Check:
    name = "no_private_material"
    if worst is None or worst is Severity.NOTE:
        return Check(name, CheckStatus.PASS, "The packet holds references and public labels only.")
    status = CheckStatus.BLOCKER if worst is Severity.ERROR else CheckStatus.WARN
    message = "The packet holds what is no reference and no public label."
    return Check(name, status, message, next_step="Put a reference in its place.")


def _required_fields(case: Case, told: Iterable[str]) -> Check:
    """Whether all is there that has to be, and known, apart from what a gate misses already."""
    name = "required_fields"
    missing = tuple(pointer(field) for field in case.missing() if pointer(field) not in told)
    if not missing:
        return Check(name, CheckStatus.PASS, "All required fields are present.")
    failure = Failure(tuple(map(Place, missing)), ", ".join(missing))
    message = _because("Required fields are missing, or hold no label that is known.", [failure])
    return Check(name, CheckStatus.BLOCKER, message, failure.places, "Record them.")


def _because(message: str, failures: Iterable[Failure]) -> str:
    reasons = "; ".join(dict.fromkeys(failure.reason for failure in failures))
    return f"{message.removesuffix('.')}: {reasons}."
