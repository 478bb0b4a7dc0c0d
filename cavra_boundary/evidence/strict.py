"""What a packet of a known kind must not hold: unknown keys and values of the wrong type.

Gates check what it must hold: a draft with something missing leaks nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cavra_boundary.evidence.fieldtypes import TYPES, expectation
from cavra_boundary.evidence.packet import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cavra_boundary.evidence.document import Node
    from cavra_boundary.evidence.model import Field, Kind
    from cavra_boundary.evidence.reference import Grammar

REDACTION_FLAG = "_included"
"""The suffix of keys that say what was left out; any object may have them."""


def judge(kind: Kind, packet: Node, grammar: Grammar) -> Iterator[Fault]:
    """What is wrong with a packet of this kind, in document order."""
    return _object(kind, "", packet, grammar)


def _object(kind: Kind, section: str, node: Node, grammar: Grammar) -> Iterator[Fault]:
    known = {field.path[-1]: field for field in kind.inside(section)}
    for member in node.members:
        field = known.get(member.key)
        if field:
            yield from _value(kind, field, member.node, grammar)
        elif not member.key.endswith(REDACTION_FLAG):
            words = f"not a field of {section or 'a packet'} in {kind.id}"
            yield Fault("unknown-key", member.node.pointer, member.span, words, (member.span,))


def _value(kind: Kind, field: Field, node: Node, grammar: Grammar) -> Iterator[Fault]:
    if not TYPES[field.type].accepts(node, field, grammar):
        yield Fault("wrong-type", node.pointer, node.span, f"must be {expectation(field)}", (node.span,))
    elif field.type == "section":
        yield from _object(kind, field.name, node, grammar)
