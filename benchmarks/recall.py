"""Measures what cavra-boundary and its peers find among made-up secrets, and what they report where there is none.

    python -m benchmarks.recall [--seed TEXT] [--each N] [--tools NAME ...] [--peers DIR] [--missed N]

Each run makes a temporary corpus, one file a case, the same for the same seed:

    unknown      secrets of invented companies and services, in every syntax of `made/contexts.py`, with values of every
                 shape of `made/values.py`; for ours, a tenth of `patterns/providers.toml` is left out
    left out     those providers' own keys, which are then unknown ones
    passwords    logins and configuration, with passwords as people choose them and as services make them
    known        a value of the shape of each row of `patterns/providers.toml`
    tokens       tokens that speak for themselves, in places that say nothing of secrets, behind escapes and encodings
    records      customers, invoices and the like
    near misses  the same syntaxes with placeholders, references and names that open nothing; expressions; lock files
    clean        ordinary files about tokens, keys and passwords

A secret counts as found if a tool reports something within three lines of it, as named if the rule says what it is: not
one of those for secrets in general, nor another provider's. For ours only errors and warnings count.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.corpus import DEFAULT
from benchmarks.made import providers
from benchmarks.made.cases import PARTS, QUIET, WITHOUT_A_TENTH, cases
from benchmarks.packs import generic_rules, with_packs
from benchmarks.tools import NAMES, OURS, Hit, Tool, hits, load, run
from cavra_boundary.rules.files import shipped_folder
from cavra_boundary.rules.samples import Dice

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from benchmarks.made.cases import Case

REACH = 3
"""Lines between a secret and a finding that still counts for it: a rule may point at the name, or at a whole block."""

UNNAMED = "generic"
"""What the ids of the peers' rules for secrets in general have in them."""


class Outcome(NamedTuple):
    """What one tool did, by number of the case.

    severity: of the gravest finding there. named: where a rule says what it is. rules: whose findings they are.
    """

    severity: dict[int, str]
    named: frozenset[int]
    rules: dict[int, frozenset[str]]


def outcome(made: list[Case], found: Iterable[Hit], generic: frozenset[str]) -> Outcome:
    """Assigns a tool's findings to the cases near whose secrets they are."""
    near: defaultdict[int, list[Hit]] = defaultdict(list)
    for hit in found:
        number = _number(hit.path)
        if number is None or hit.severity == "note":
            continue
        written = made[number].written
        if written.first - REACH <= hit.line <= written.last + REACH:
            near[number].append(hit)
    return Outcome(
        {number: min(hit.severity or "error" for hit in there) for number, there in near.items()},  # error < warning
        frozenset(n for n, there in near.items() if any(_names(hit.rule, made[n], generic) for hit in there)),
        {number: frozenset(hit.rule for hit in there) for number, there in near.items()},
    )


def _names(rule: str, case: Case, generic: frozenset[str]) -> bool:
    """Whether a rule says what a case's secret is: not one for secrets in general, nor another provider's."""
    if rule.startswith(f"{providers.PACK}."):
        return rule in case.rules
    return rule not in generic and UNNAMED not in rule


def _number(path: str) -> int | None:
    """The case that a reported path belongs to."""
    return next((int(part[1:]) for part in Path(path).parts if part[:1] == "n" and part[1:].isdigit()), None)


def put(made: list[Case], folder: Path) -> dict[bool, Path]:
    """Writes the cases below a folder: those to be scanned without a tenth of the providers, and the others."""
    folders = {True: folder / "some", False: folder / "all"}
    for number, case in enumerate(made):
        file = folders[case.part in WITHOUT_A_TENTH] / f"n{number:05}" / case.written.path
        file.parent.mkdir(parents=True)
        file.write_text(case.written.text)
    return folders


def scan(tools: dict[bool, Tool], folders: dict[bool, Path], report: Path) -> list[Hit]:
    """What a tool finds in both folders; it may be another one for each."""
    found = []
    for which, tool in tools.items():
        run(tool, folders[which], report)
        found += hits(tool, report)
    return found


def _share(some: int, of: int) -> str:
    return f"{100 * some / of:.1f} %"


def summary(made: list[Case], outcomes: dict[str, Outcome]) -> Iterator[str]:
    """The table of parts; of quiet ones, the share in which something is reported."""
    yield "| | cases | " + " | ".join(f"{tool}: found | named" for tool in outcomes) + " |"
    yield "| --- | --: |" + " --: | --: |" * len(outcomes)
    for part in PARTS:
        chosen = [number for number, case in enumerate(made) if case.part == part]
        if chosen:
            cells = []
            for done in outcomes.values():
                cells.append(_share(sum(number in done.severity for number in chosen), len(chosen)))
                named = _share(sum(number in done.named for number in chosen), len(chosen))
                cells.append("" if part in (*QUIET, "records") else named)
            yield f"| {part} | {len(chosen):,} | {' | '.join(cells)} |"


def table(
    title: str, made: list[Case], done: Outcome, parts: tuple[str, ...], row_of: Callable[[Case], str]
) -> Iterator[str]:
    """Found, named, errors and warnings of ours in some parts, by whatever `row_of` says."""
    rows: defaultdict[str, list[int]] = defaultdict(list)
    for number, case in enumerate(made):
        if case.part in parts:
            rows[row_of(case)].append(number)
    yield f"\n| {title} | cases | found | named | errors | warnings |\n| --- | --: | --: | --: | --: | --: |"
    for row, chosen in sorted(rows.items()):
        grades = Counter(done.severity[number] for number in chosen if number in done.severity)
        named = sum(number in done.named for number in chosen)
        count = len(chosen)
        shares = f"{_share(grades.total(), count)} | {_share(named, count)}"
        yield f"| {row} | {count:,} | {shares} | {grades['error']} | {grades['warning']} |"


def tables(made: list[Case], done: Outcome) -> Iterator[str]:
    """The tables of ours."""
    for part in ("unknown", "passwords"):
        yield from table(f"{part}, by syntax", made, done, (part,), lambda case: case.context)
        yield from table(f"{part}, by shape", made, done, (part,), lambda case: case.shape)
        yield from table(f"{part}, by name", made, done, (part,), lambda case: case.kind)
    yield from table("tokens, by place", made, done, ("tokens",), lambda case: case.context)
    yield from table("records, by kind of file", made, done, ("records",), lambda case: case.context)
    yield from table(
        "quiet, by kind (what is found is a false alarm)", made, done, QUIET, lambda case: f"{case.part}: {case.kind}"
    )
    for title, parts, pack in (
        ("false alarms", QUIET, ""),
        ("taken for a provider's", ("unknown",), f"{providers.PACK}."),
    ):
        rules = Counter(rule for n, of in done.rules.items() if made[n].part in parts for rule in of)
        yield f"\n{title}, by rule:"
        yield from (f"{count:6,} {rule}" for rule, count in rules.most_common() if rule.startswith(pack))


def wrong(made: list[Case], done: Outcome, count: int, seed: str) -> Iterator[str]:
    """So many missed secrets and false alarms of each part, drawn evenly."""
    for part in PARTS:
        missed = [
            number
            for number, case in enumerate(made)
            if case.part == part and (number in done.severity) == (part in QUIET)
        ]
        dice = Dice(f"{seed}/shown/{part}")
        for _ in range(min(count, len(missed))):
            number = missed.pop(dice.below(len(missed)))
            case, rules = made[number], done.rules.get(number, frozenset())
            about = (part, case.context, case.kind, case.shape, case.written.path, *sorted(rules))
            yield f"\n--- {'; '.join(about)}"
            yield case.written.text.rstrip("\n")[:1500]


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure what is found among made-up secrets.")
    parser.add_argument("--seed", default="1", help="another seed makes other cases (default: %(default)s)")
    parser.add_argument("--each", type=int, default=10, metavar="N", help="cases of a syntax (default: %(default)s)")
    parser.add_argument("--peers", type=Path, default=DEFAULT / "peers", help="virtual environments of the peers")
    parser.add_argument("--tools", nargs="+", choices=NAMES, default=[OURS], help="which (default: only ours)")
    parser.add_argument("--missed", type=int, default=0, metavar="N", help="show N wrong ones of each part")
    options = parser.parse_args()
    packs = shipped_folder()
    made = cases(options.seed, options.each, packs)
    outcomes = {}
    with tempfile.TemporaryDirectory(prefix="recall-") as name:
        folder = Path(name).resolve()
        folders = put(made, folder)
        fewer = providers.without_a_tenth(packs, folder)
        for tool in load([tool for tool in options.tools if tool != OURS], options.peers.resolve()):
            found = scan(dict.fromkeys(folders, tool), folders, folder / "report.json")
            outcomes[f"{tool.name} {tool.version}"] = outcome(made, found, frozenset())
        if OURS in options.tools:
            ours = {True: with_packs(OURS, fewer), False: with_packs(OURS, packs)}
            found = scan(ours, folders, folder / "report.json")
            outcomes = {OURS: outcome(made, found, generic_rules(packs))} | outcomes
    print(*summary(made, outcomes), sep="\n")
    if OURS in outcomes:
        print(*tables(made, outcomes[OURS]), sep="\n")
        print(*wrong(made, outcomes[OURS], options.missed, options.seed), sep="\n")


if __name__ == "__main__":
    main()
