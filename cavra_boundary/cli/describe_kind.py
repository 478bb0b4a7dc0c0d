"""A kind of evidence packet in words, for `evidence explain`."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING

from cavra_boundary.evidence.conditions import in_words
from cavra_boundary.evidence.fieldtypes import expectation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cavra_boundary.evidence.model import Field, Gate, Kind

_WIDTH = 100


def describe_kind(kind: Kind) -> Iterator[str]:
    """The kind in full."""
    yield f"{kind.title} [{kind.id}]"
    yield ""
    yield from _wrap(kind.about, "")
    yield f"Written in: {kind.written_in}"
    for companion in kind.companions:
        yield f"Can be compared with its {companion.title} (--with): {', '.join(companion.kinds)}"
    yield ""
    yield "Fields, required unless marked otherwise:"
    for field in kind.fields:
        yield from _field(field)
    yield "  any …_included: false, to say what was left out"
    yield ""
    yield "Gates:"
    for gate in kind.gates:
        yield from _gate(gate)


def _field(field: Field) -> Iterator[str]:
    indent = "  " * len(field.path)
    yield from _wrap(f"{field.path[-1]}: {expectation(field)}{needed(field)}; {field.about}", indent)


def needed(field: Field) -> str:
    """When a field is required, to append to its description; "" if always."""
    if field.optional:
        return ", optional"
    return f", required if {' and '.join(map(in_words, field.when))}" if field.when else ""


def _gate(gate: Gate) -> Iterator[str]:
    yield f"  {gate.name} ({'warn' if gate.warns else 'blocker'})"
    if gate.when:
        yield from _wrap(f"if {' and '.join(map(in_words, gate.when))}", "    ")
    for condition in gate.conditions:
        yield from _wrap(f"- {in_words(condition)}", "    ")
    yield from _wrap(f"else: {gate.failed} {gate.next_step}", "    ")


def _wrap(text: str, indent: str) -> list[str]:
    return wrap(
        text,
        _WIDTH,
        initial_indent=indent,
        subsequent_indent=f"{indent}  ",
        break_long_words=False,
        break_on_hyphens=False,
    )
