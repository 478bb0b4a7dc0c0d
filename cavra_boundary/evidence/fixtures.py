"""Evidence fixtures in a scan: decides which files are packets and turns what is wrong with them into matches.

Few files are packets, so this module knows only enough to tell, and imports the rest once it finds one.
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
    from cavra_boundary.evidence.packet import Context, Fault

GLOBS = ("**/evidence/**", "**/*evidence*.json", "**/*evidence*.yaml", "**/*evidence*.yml")
"""Where evidence fixtures are, unless a project says otherwise."""

# What `globs.translate` returns for them, precomputed to save time; a test compares the two.
_TRANSLATED = Globs(
    GLOBS,
    r"^(?:.+/)?evidence/|^(?:.+/)?[^/]*evidence[^/]*\.json(?:(?:/)|$)|^(?:.+/)?[^/]*evidence[^/]*\.yaml(?:(?:/)|$)"
    r"|^(?:.+/)?[^/]*evidence[^/]*\.yml(?:(?:/)|$)",
)
SUFFIXES = (".json", ".yaml", ".yml")
# Signs of a packet, found even in one that cannot be parsed.
_OURS = re.compile(rb"schema_version[\"']?\s*:\s*[\"']?cavra\.")
_PACKET = re.compile(rb"schema_version[\"']?\s*:\s*[\"']?[a-z]|evidence_mode[\"']?\s*:")
_WORKTREE = "worktree"


class Scope(NamedTuple):
    """Which files a project treats as evidence, and what it allows in them beyond the defaults.

    globs: in .gitignore syntax. schemes, kinds, words, hosts: see `reference.Grammar`.
    root: the working tree, where repository paths have to exist; "" if there is none.
    """

    globs: tuple[str, ...] = GLOBS
    schemes: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    root: str = ""


def _context(scope: Scope, recognize: Callable[[bytes], str], *, on_disk: bool) -> Context:
    """The context to judge packets in. on_disk: whether they, and so the paths in them, are in the working tree."""
    from pathlib import Path

    from cavra_boundary.evidence.packet import Context
    from cavra_boundary.evidence.reference import Grammar

    usual = Grammar()
    root = Path(scope.root)

    def exists(path: str) -> bool:
        whole = root / path
        return whole.exists() or whole.is_symlink()

    return Context(
        Grammar(
            usual.schemes.union(scope.schemes),
            usual.kinds.union(scope.kinds),
            usual.words.union(scope.words),
            usual.hosts.union(scope.hosts),
        ),
        exists if on_disk and scope.root else None,
        recognize,
    )


def judge(packet: Node, context: Context) -> list[Fault]:
    """Everything wrong with a packet, by the general rules and, if its kind is known, by the kind's."""
    from cavra_boundary.evidence import kinds, strict
    from cavra_boundary.evidence import packet as general

    faults = list(general.judge(packet, context))
    version = packet.get("schema_version")
    if version and version.text and (kind := kinds.find(version.text)):
        told = {fault.pointer for fault in faults}
        of_kind = strict.judge(kind, packet, context.grammar)
        # The general rules explain a wrong type better.
        faults += (fault for fault in of_kind if fault.check != "wrong-type" or fault.pointer not in told)
        faults.sort(key=lambda fault: fault.span)
    return faults


class Fixtures:
    """Judges a scan's evidence fixtures by the rules of kind `evidence`."""

    def __init__(self, rules: Iterable[Rule], scope: Scope) -> None:
        """PackError for a rule that is not named after a check."""
        self._scope = scope
        self._rules: dict[str, list[EvidenceRule]] = {}
        for rule in rules:
            if isinstance(rule, EvidenceRule):
                if rule.check not in CHECKS:
                    hint = nearest(rule.check, CHECKS)
                    raise PackError(f"unknown evidence check {rule.check!r}", where=f"rule {rule.id}", hint=hint)
                self._rules.setdefault(rule.check, []).append(rule)

    def matches(self, view: View, recognize: Callable[[bytes], str]) -> Iterator[Match]:
        """What is wrong with the packets in a view; nothing if the file is not an evidence fixture."""
        path = view.blob.path
        if not self._rules or view.blob.offset or not self.concern(path, view.data):
            return
        for fault in self._faults(view, recognize):
            for rule in self._rules.get(fault.check, ()):
                if rule.runs_on(path):
                    yield _match(rule, fault, view.data)

    def concern(self, path: str, data: bytes) -> bool:
        """Whether a file may hold packets: the globs match its path, or its text names a `cavra.` schema version."""
        if not path.lower().endswith(SUFFIXES):
            return False
        return self._globs.match(path) or (b"cavra." in data and _OURS.search(data) is not None)

    @cached_property
    def _globs(self) -> Globs:
        if self._scope.globs == GLOBS:
            return _TRANSLATED
        from cavra_boundary.globs import translate

        return translate(self._scope.globs)

    def _faults(self, view: View, recognize: Callable[[bytes], str]) -> Iterator[Fault]:
        from cavra_boundary.evidence.document import Refusal, read
        from cavra_boundary.evidence.packet import Fault

        found = read(view.data, view.blob.path)
        if isinstance(found, Refusal):
            # A file that cannot be read and has no sign of a packet is something else in an evidence folder.
            if seems_packet(view.data):
                yield Fault(found.check, "", found.span, found.words, (found.span,))
            return

        def recognize_decoded(text: bytes) -> str:
            return "" if text in view.data else recognize(text)  # the scan itself searches the plain text

        context = _context(self._scope, recognize_decoded, on_disk=view.blob.origin == _WORKTREE)
        for packet in packets(found.root):
            yield from judge(packet, context)
        for root in found.root.items or (found.root,):
            if root.kind == "object" and not _is_packet(root) and not _is_schema(root):
                yield from _unmarked(found, root, context)


def seems_packet(data: bytes) -> bool:
    """Whether a file that cannot be read looks like a packet."""
    return _PACKET.search(data) is not None


def packets(root: Node) -> Iterator[Node]:
    """The packets in a document: the whole of it, items of a list, and nested objects with a `cavra.` version."""
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


def _unmarked(document: Document, root: Node, context: Context) -> Iterator[Fault]:
    """One note on an object in an evidence file that holds what no packet may and does not say what it is."""
    from cavra_boundary.evidence.packet import Fault, shown

    faults = judge(root, context)
    if faults:
        first = f"{faults[0].detail} at {shown(faults[0].pointer)}"
        hidden = tuple(span for fault in faults for span in fault.redact)
        words = f"{first}, and {len(faults) - 1} more" if len(faults) > 1 else first
        yield Fault("unmarked", "", Span(root.span.start, root.span.start + 1), words, hidden)


def _match(rule: EvidenceRule, fault: Fault, data: bytes) -> Match:
    from cavra_boundary.evidence.packet import shown

    # The same value, such as `true`, can be right in one place and wrong in another.
    value = Secret(fault.pointer.encode() + b"\0" + data[slice(*fault.span)])
    place = f" at {shown(fault.pointer)}" if fault.pointer else ""
    return Match(rule.id, fault.span, value, fault.redact, detail=f"{fault.detail}{place}")
