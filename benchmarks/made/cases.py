"""The cases of the recall benchmark: syntaxes with names and values, drawn from a seed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.made import contexts, names, providers, quiet, records, tokens, values
from cavra_boundary.rules.samples import Dice, expand

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from benchmarks.made.contexts import Context, Written


class Case(NamedTuple):
    """One file.

    context, kind and shape: its rows in the tables; kind is what the name says. rules: those of its provider, if it has
    one; another provider's do not say what it is.
    """

    part: str
    context: str
    kind: str
    shape: str
    written: Written
    rules: frozenset[str] = frozenset()


FOUND = ("unknown", "left out", "passwords", "known", "tokens", "records")
QUIET = ("near misses", "clean")
PARTS = (*FOUND, *QUIET)
WITHOUT_A_TENTH = ("unknown", "left out")
"""The parts that ours scans with packs that lack a tenth of the providers."""


def _secret(
    part: str, context: Context, nouns: tuple[names.Noun, ...], shapes: dict[str, Callable[[Dice], str]], seed: str
) -> Case:
    """A case with a name and a value that are drawn."""
    dice = Dice(seed)
    name = names.draw(dice, nouns, ascii_only=not context.any_name)
    shape, value = values.draw(dice, shapes, context.unsafe)
    where = f"{context.group}: {context.name}"
    return Case(part, where, name.noun.kind, shape, contexts.write(context, name, value, seed))


def unknown(seed: str, each: int) -> Iterator[Case]:
    for context in contexts.TOKENS:
        for turn in range(each):
            yield _secret("unknown", context, names.SECRETS, values.SHAPES, f"{seed}/unknown/{context.name}/{turn}")


def passwords(seed: str, each: int) -> Iterator[Case]:
    made = {shape: values.SHAPES[shape] for shape in ("hex", "lower36", "base62")}
    for context in contexts.PASSWORDS:
        for turn in range(each):
            shapes = made if turn % 3 == 2 else values.PEOPLES
            yield _secret("passwords", context, names.PASSWORDS, shapes, f"{seed}/passwords/{context.name}/{turn}")


def of_providers(seed: str, packs: Path) -> Iterator[Case]:
    """The rows of providers.toml, each in a syntax that can hold its value."""
    every = providers.rows(packs)
    for row in every:
        seed_here = f"{seed}/{row.row}"
        dice = Dice(seed_here)
        shape = dice.one_of(row.shapes)
        value = expand(f"«shape:{shape}»", seed_here)
        fit = [each for each in contexts.TOKENS if not any(sign in value for sign in each.unsafe)]
        context = fit[dice.below(len(fit))]
        written = contexts.write(context, row.name(), value, seed_here)
        part = "left out" if providers.is_left_out(row.provider) else "known"
        rules = providers.rules_of(row, every)
        yield Case(part, f"{context.group}: {context.name}", "provider", shape.partition(":")[0], written, rules)


def speaking(seed: str, each: int) -> Iterator[Case]:
    formats = tuple(tokens.FORMATS)
    for place in tokens.PLACES:
        for turn in range(2 * each):
            seed_here = f"{seed}/tokens/{place.name}/{turn}"
            dice = Dice(seed_here)
            format_ = dice.one_of(formats)
            name = names.draw(dice, names.SECRETS, ascii_only=True)
            written = contexts.write(place, name, expand(tokens.FORMATS[format_], seed_here), seed_here)
            yield Case("tokens", f"{place.group}: {place.name}", "token", format_, written)


def of_records(seed: str) -> Iterator[Case]:
    for name, shape in records.RECORDS.items():
        for context, (path, write) in records.CONTEXTS.items():
            template = json.dumps(shape, ensure_ascii=False)
            text = write(json.loads(expand(template, f"{seed}/{name}/{context}")))
            yield Case(
                "records", f"records: {context}", "record", name, contexts.Written(path, text, 1, text.count("\n") + 1)
            )


def near_misses(seed: str, each: int) -> Iterator[Case]:
    """The syntaxes of secrets with what is none, then the texts of `quiet`."""
    few = max(1, each // 4)
    for context in (*contexts.TOKENS, *contexts.LOGINS):
        quotes = [sign for sign in "\"'`\\ " if sign in context.unsafe]
        # Nobody writes a reference as a part of a URL, or in base64.
        references = () if "«value:url»" in context.text or "«value:login»" in context.text else quiet.REFERENCES
        for kind, offered in (("placeholder", quiet.PLACEHOLDERS), ("reference", references)):
            for turn in range(few if offered else 0):
                seed_here = f"{seed}/{kind}/{context.group}/{context.name}/{turn}"
                dice = Dice(seed_here)
                nouns = names.PASSWORDS if context.group == "logins" else names.SECRETS
                name = names.draw(dice, nouns, ascii_only=True)
                fit = tuple(each for each in offered if not any(sign in each for sign in quotes))
                value = contexts.fill(dice.one_of(fit), name, seed_here)
                yield Case(
                    "near misses",
                    f"{context.group}: {context.name}",
                    kind,
                    kind,
                    contexts.write(context, name, value, seed_here),
                )
        if not context.speaks:
            for turn in range(few):
                seed_here = f"{seed}/nothing/{context.group}/{context.name}/{turn}"
                case = _secret("near misses", context, names.OPENS_NOTHING, values.SHAPES, seed_here)
                yield case._replace(kind=f"name: {case.kind}")
    for text in (*quiet.EXPRESSIONS, *quiet.FILES):
        yield from _texts("near misses", text, seed, few)


def clean(seed: str, each: int) -> Iterator[Case]:
    for text in quiet.CLEAN:
        yield from _texts("clean", text, seed, max(1, each // 4))


def _texts(part: str, text: quiet.Text, seed: str, count: int) -> Iterator[Case]:
    for turn in range(count):
        seed_here = f"{seed}/{text.path}/{text.text}/{turn}"
        name = names.draw(Dice(seed_here), names.SECRETS, ascii_only=True)
        content = contexts.fill(text.text, name, seed_here)
        yield Case(
            part, text.kind, text.kind, text.path, contexts.Written(text.path, content, 1, content.count("\n") + 1)
        )


def cases(seed: str, each: int, packs: Path) -> list[Case]:
    """All cases of a seed. each: how many there are of each syntax."""
    return [
        *unknown(seed, each),
        *of_providers(seed, packs),
        *passwords(seed, each),
        *speaking(seed, each),
        *of_records(seed),
        *near_misses(seed, each),
        *clean(seed, each),
    ]
