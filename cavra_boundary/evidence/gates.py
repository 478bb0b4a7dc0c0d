"""The gates of a packet: whether its contents make it ready.

Results have the same shape as those in CAVRA's own packets: a status, and a check for each gate.
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
    """What a check is based on when its gate is about another document.

    STATED: what the packet says about it, because the document was not given. COMPARED: the document itself.
    """

    PACKET = ""
    STATED = "stated"
    COMPARED = "compared"


class Check(NamedTuple):
    """The outcome of one gate. message: the kind's words and the reason. next_step: empty if it passed."""

    name: str
    status: CheckStatus
    message: str
    places: tuple[Place, ...] = ()
    next_step: str = ""
    basis: Basis = Basis.PACKET


class Result(NamedTuple):
    """The outcome of the gates for one packet.

    kind: "" for a document that cannot be read. mode: `sample` or `live`, or "" if the packet does not say.
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
    """Check a packet of this kind against all gates.

    companions: the documents given with it, by the kind's names for them. worst: the highest severity of the findings
    in the packet.
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
    return Result("", "", (Check("readable", CheckStatus.BLOCKER, message, (Place(""),), "Fix it."),))


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
    message = "The packet holds something other than references and public labels."
    return Check(name, status, message, next_step="Replace it with a reference.")


def _required_fields(case: Case, told: Iterable[str]) -> Check:
    """Whether all required fields are present and known, apart from those a gate already reported."""
    name = "required_fields"
    missing = tuple(pointer(field) for field in case.missing() if pointer(field) not in told)
    if not missing:
        return Check(name, CheckStatus.PASS, "All required fields are present.")
    failure = Failure(tuple(map(Place, missing)), ", ".join(missing))
    message = _because("Required fields are missing or hold an unknown label.", [failure])
    return Check(name, CheckStatus.BLOCKER, message, failure.places, "Fill them in.")


def _because(message: str, failures: Iterable[Failure]) -> str:
    reasons = "; ".join(dict.fromkeys(failure.reason for failure in failures))
    return f"{message.removesuffix('.')}: {reasons}."
