"""Evidence fixtures in a scan: which files are packets, and what is wrong with them as matches.

Almost no file is one, so this module knows only enough to say so, and imports the rest when there is one.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from cavra_boundary.errors import PackError, nearest
from cavra_boundary.evidence import CHECKS
from cavra_boundary.globs import Globs
from cavra_boundary.model import Match, Rule, Secret, Span, View
from cavra_boundary.rules.kinds import EvidenceRule

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from cavra_boundary.evidence.document import Document, Node
    from cavra_boundary.evidence.packet import Fault, Surroundings

GLOBS = ("**/evidence/**", "**/*evidence*.json", "**/*evidence*.yaml", "**/*evidence*.yml")
"""Where evidence fixtures are, if a project does not say so itself."""

# As `globs.translate` has it, so that the usual run need not; a test compares the two.
_TRANSLATED = Globs(
    GLOBS,
    r"^(?:.+/)?evidence/|^(?:.+/)?[^/]*evidence[^/]*\.json(?:(?:/)|$)|^(?:.+/)?[^/]*evidence[^/]*\.yaml(?:(?:/)|$)"
    r"|^(?:.+/)?[^/]*evidence[^/]*\.yml(?:(?:/)|$)",
)
SUFFIXES = (".json", ".yaml", ".yml")
# What a packet shows even where it is broken.
_OURS = re.compile(rb"schema_version[\"']?\s*:\s*[\"']?cavra\.")
_PACKET = re.compile(rb"schema_version[\"']?\s*:\s*[\"']?[a-z]|evidence_mode[\"']?\s*:")
_WORKTREE = "worktree"


class Scope(NamedTuple):
    """Which files a project takes for evidence, and what it allows in them besides what is always allowed.

    globs: in .gitignore syntax. schemes, kinds, words, hosts: see `reference.Grammar`.
    root: the working tree, in which paths of the repository have to exist; "" if there is none to look in.
    """

    globs: tuple[str, ...] = GLOBS
    schemes: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    root: str = ""


def surroundings(scope: Scope, recognise: Callable[[bytes], str], *, on_disk: bool) -> Surroundings:
    """What packets are judged with. on_disk: whether they come from the working tree, as the paths in them then do."""
    from pathlib import Path

    from cavra_boundary.evidence.packet import Surroundings
    from cavra_boundary.evidence.reference import Grammar

    usual = Grammar()
    root = Path(scope.root)

    def exists(path: str) -> bool:
        whole = root / path
        return whole.exists() or whole.is_symlink()

    return Surroundings(
        Grammar(
            usual.schemes.union(scope.schemes),
            usual.kinds.union(scope.kinds),
            usual.words.union(scope.words),
            usual.hosts.union(scope.hosts),
        ),
        exists if on_disk and scope.root else None,
        recognise,
    )


def judge(packet: Node, around: Surroundings) -> list[Fault]:
    """Everything wrong with a packet: by the general rules, and by those of its kind if that is known."""
    from cavra_boundary.evidence import kinds, strict
    from cavra_boundary.evidence import packet as general

    faults = list(general.judge(packet, around))
    version = packet.get("schema_version")
    if version and version.text and (kind := kinds.find(version.text)):
        told = {fault.pointer for fault in faults}
        of_kind = strict.judge(kind, packet, around.grammar)
        # Why a value is of the wrong type has been said better.
        faults += (fault for fault in of_kind if fault.check != "wrong-type" or fault.pointer not in told)
        faults.sort(key=lambda fault: fault.span)
    return faults


class Fixtures:
    """Judges the evidence fixtures of a scan by the rules of kind `evidence`."""

    def __init__(self, rules: Iterable[Rule], scope: Scope) -> None:
        """PackError for a rule that is named after no check."""
        self._scope = scope
        self._rules: dict[str, list[EvidenceRule]] = {}
        for rule in rules:
            if isinstance(rule, EvidenceRule):
                if rule.check not in CHECKS:
                    hint = nearest(rule.check, CHECKS)
                    raise PackError(f"no check of evidence is named {rule.check!r}", where=f"rule {rule.id}", hint=hint)
                self._rules.setdefault(rule.check, []).append(rule)

    def matches(self, view: View, recognise: Callable[[bytes], str]) -> Iterator[Match]:
        """What is wrong with the packets in a view of a file; nothing if it is no evidence fixture."""
        path = view.blob.path
        if not self._rules or view.blob.offset or not self.concern(path, view.data):
            return
        for fault in self._faults(view, recognise):
            for rule in self._rules.get(fault.check, ()):
                if rule.runs_on(path):
                    yield _match(rule, fault, view.data)

    def concern(self, path: str, data: bytes) -> bool:
        """Whether a file may hold packets: it stands where evidence does, or says that it is a packet of ours."""
        if not path.lower().endswith(SUFFIXES):
            return False
        return self._globs.match(path) or (b"cavra." in data and _OURS.search(data) is not None)

    @cached_property
    def _globs(self) -> Globs:
        if self._scope.globs == GLOBS:
            return _TRANSLATED
        from cavra_boundary.globs import translate

        return translate(self._scope.globs)

    def _faults(self, view: View, recognise: Callable[[bytes], str]) -> Iterator[Fault]:
        from cavra_boundary.evidence.document import Refusal, read
        from cavra_boundary.evidence.packet import Fault

        found = read(view.data, view.blob.path)
        if isinstance(found, Refusal):
            # What cannot be read and shows no sign of being a packet is something else that stands among evidence.
            if seems_packet(view.data):
                yield Fault(found.check, "", found.span, found.words, (found.span,))
            return

        def recognise_decoded(text: bytes) -> str:
            return "" if text in view.data else recognise(text)  # the scan itself reads what is plainly there

        around = surroundings(self._scope, recognise_decoded, on_disk=view.blob.origin == _WORKTREE)
        for packet in packets(found.root):
            yield from judge(packet, around)
        for root in found.root.items or (found.root,):
            if root.kind == "object" and not _is_packet(root) and not _is_schema(root):
                yield from _unmarked(found, root, around)


def seems_packet(data: bytes) -> bool:
    """Whether a file that cannot be read shows the sign of a packet."""
    return _PACKET.search(data) is not None


def packets(root: Node) -> Iterator[Node]:
    """The packets in a document: all of it, items of a list, and whatever says inside it that it is one of ours."""
    for each in root.items or (root,):
        if _is_packet(each):
            yield each
        elif not _is_schema(each):
            yield from _nested(each)


def _nested(node: Node) -> Iterator[Node]:
    for inner in (*(member.node for member in node.members), *node.items):
        version = inner.get("schema_version")
        if version is not None and (version.text or "").startswith("cavra."):
            yield inner
        else:
            yield from _nested(inner)


def _is_packet(root: Node) -> bool:
    """Whether an object says that it is a packet."""
    version = root.get("schema_version")
    return (version is not None and version.text is not None) or root.get("evidence_mode") is not None


def _is_schema(root: Node) -> bool:
    """Whether an object is a JSON Schema and so only describes packets."""
    schema = root.get("$schema")
    return schema is not None and "json-schema.org/" in (schema.text or "") and not _is_packet(root)


def _unmarked(document: Document, root: Node, around: Surroundings) -> Iterator[Fault]:
    """One remark on an object that stands among evidence, holds what no packet may, and does not say what it is."""
    from cavra_boundary.evidence.packet import Fault, shown

    faults = judge(root, around)
    if faults:
        first = f"{faults[0].detail} at {shown(faults[0].pointer)}"
        hidden = tuple(span for fault in faults for span in fault.redact)
        words = f"{len(faults)} things that no packet may hold, the first: {first}"
        yield Fault("unmarked", "", Span(root.span.start, root.span.start + 1), words, hidden)


def _match(rule: EvidenceRule, fault: Fault, data: bytes) -> Match:
    from cavra_boundary.evidence.packet import shown

    # The same value, such as `true`, is right in one place and wrong in another.
    value = Secret(fault.pointer.encode() + b"\0" + data[slice(*fault.span)])
    place = f" at {shown(fault.pointer)}" if fault.pointer else ""
    return Match(rule.id, fault.span, value, fault.redact, detail=f"{fault.detail}{place}")
