"""A rule in words, for `rules show` and `explain`."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING

from cavra_boundary.detect.kinds import ContentRule, CredentialRule, PathRule, RecordRule, TextRule
from cavra_boundary.detect.validators import CHECKS
from cavra_boundary.rules.kinds import EvidenceRule
from cavra_boundary.rules.read import EXAMPLE_PATH

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cavra_boundary.model import Clause, Rule
    from cavra_boundary.rules.model import Example, Pack

_WIDTH = 100
_MOST_SHOWN = 300
_JUDGED = {"generated": "what nobody would write by hand", "password": "what may be somebody's password"}


def describe_clause(rule: Rule, clause: Clause) -> Iterator[str]:
    """What the boundary says, why, and what to do instead."""
    yield f"{rule.title} [{rule.id}], {rule.severity.label}"
    yield ""
    yield from _paragraph("Clause", f"{clause.title} ({clause.id}). {clause.covers}")
    yield from _paragraph("Written in", clause.written_in)
    yield from _paragraph("Why", rule.why)
    yield from _paragraph("Do instead", rule.remedy)


def describe_rule(rule: Rule, clause: Clause, pack: Pack) -> Iterator[str]:
    """The rule in full."""
    yield from describe_clause(rule, clause)
    yield ""
    for name, value in _how(rule):
        yield from _paragraph(name, value)
    yield from _paragraph("Only in", ", ".join(rule.paths.patterns))
    yield from _paragraph("Never in", ", ".join(rule.skip_paths.patterns))
    yield from _paragraph("Defined in", pack.where(rule.id))
    for name, examples in (("Finds", pack.examples[rule.id]), ("Ignores", pack.counterexamples[rule.id])):
        yield ""
        yield f"{name}:"
        for example in examples:
            yield from _example(example)


def _how(rule: Rule) -> Iterator[tuple[str, str]]:
    match rule:
        case TextRule():
            yield "Pattern", rule.pattern
            yield "Keywords", ", ".join(rule.keywords)
            for name in rule.validators:
                yield "Validator", f"{name}: {(CHECKS[name].__doc__ or '').strip().splitlines()[0]}"
            if rule.near:
                distance = f"{rule.near.lines} lines" if rule.near.lines is not None else f"{rule.near.bytes} bytes"
                yield "Near", f"{rule.near.pattern} within {distance}"
            yield "Allowed", " or ".join(rule.allow)
        case CredentialRule():
            yield "Value", " or ".join(_JUDGED.get(shape, shape) for shape in rule.value)
            yield "Name", " or ".join(rule.names) or "any that means a credential"
            yield "Near", f"{' or '.join(rule.of)}, in a name, the path or {rule.lines} lines" if rule.of else ""
            for name in rule.validators:
                yield "Validator", f"{name}: {(CHECKS[name].__doc__ or '').strip().splitlines()[0]}"
            yield "Known from", rule.source
        case RecordRule():
            yield "Record", f"at least {rule.at_least} of these fields, with {rule.kinds} kinds of concrete fact"
            for field in rule.fields:
                required = ", required" if field.required else ""
                yield "Field", f"{' | '.join(field.keys)}: {field.value or field.pattern}{required}"
        case PathRule():
            yield "Names", ", ".join(rule.globs.patterns)
            yield "Contains", rule.contains
            yield "Unless", rule.unless
        case ContentRule():
            yield "Types", ", ".join(rule.types)
            yield "Names", ", ".join(rule.globs.patterns)
        case EvidenceRule():
            yield "Check", f"{rule.check}, on every evidence packet (docs/evidence.md)"


def _paragraph(name: str, text: str) -> Iterator[str]:
    if text:
        yield from wrap(
            text, _WIDTH, initial_indent=f"{name + ':':12} ", subsequent_indent=" " * 13, break_long_words=False
        )


def _example(example: Example) -> Iterator[str]:
    text = example.data.decode(errors="backslashreplace")[:_MOST_SHOWN]
    name = "" if example.path == EXAMPLE_PATH else f"{example.path}: "
    first, *rest = text.splitlines() or [""]
    yield f"  - {name}{first}"
    yield from (f"    {line}" for line in rest)
