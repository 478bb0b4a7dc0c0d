"""`cavra-boundary rules`: list rules, show one in full, and self-test packs."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from cavra_boundary.cache import Cache
from cavra_boundary.cli.describe import describe_rule
from cavra_boundary.errors import ExitCode, UsageError, nearest
from cavra_boundary.policy import options
from cavra_boundary.rules.combine import combine
from cavra_boundary.rules.files import CLAUSES, pack_files, shipped_folder
from cavra_boundary.rules.load import load_packs
from cavra_boundary.rules.read import read_pack

_PACKS = options.scan_options("packs")


@click.group("rules")
def command() -> None:
    """List, show and check rules."""


@command.command("list")
@click.argument("words", nargs=-1, metavar="[WORD]...")
@_PACKS
@click.option("--clause", metavar="CLAUSE", help="Only the rules of this clause.")
def list_rules(words: tuple[str, ...], clause: str | None, **flags: tuple[Path, ...]) -> None:
    """List every rule with its severity, by clause; with words, only those whose id or title has all of them."""
    rules = load_packs(flags["packs"], options.DEFAULT_MARKERS, Cache.of_user())
    if clause is not None and clause not in rules.clauses:
        raise UsageError(f"unknown clause {clause!r}", where="--clause", hint=nearest(clause, rules.clauses))
    listed = [
        rule
        for rule in rules.rules
        if clause in (None, rule.clause) and all(word.lower() in f"{rule.id} {rule.title}".lower() for word in words)
    ]
    if words and not listed:
        click.echo(f"No rule has {' and '.join(words)} in its id or title.", err=True)
    width = max((len(rule.id) for rule in listed), default=0)
    for each in rules.clauses.values():
        if of_clause := [rule for rule in listed if rule.clause == each.id]:
            click.secho(f"{each.id}: {each.title}", bold=True)
            for rule in of_clause:
                click.echo(f"  {rule.id:{width}}  {rule.severity.label:7}  {rule.title}")


@command.command("show")
@click.argument("rule")
@_PACKS
def show(rule: str, **flags: tuple[Path, ...]) -> None:
    """Show one rule: its clause, why its matches are forbidden, how they are found, and its examples."""
    files = pack_files([shipped_folder(), *flags["packs"]])
    read = [read_pack(file, options.DEFAULT_MARKERS, lint=False) for file in files]
    rules = combine(read, "")
    found = next((each for each in rules.rules if each.id == rule), None)
    if found is None:
        hint = nearest(rule, (each.id for each in rules.rules))
        raise UsageError(f"unknown rule {rule!r}", where="rules show", hint=hint)
    pack = next(pack for pack in read if rule in pack.places)
    click.echo("\n".join(describe_rule(found, rules.clauses[found.clause], pack)))


@command.command("check")
@click.argument("paths", nargs=-1, metavar="[PACK]...", type=click.Path(path_type=Path))
def check_packs(paths: tuple[Path, ...]) -> int:
    """Check packs, or folders of them (default: the packs of the tool): try all examples, and attack all patterns.

    Exits 0 if every rule finds its examples, ignores its counterexamples, and has no pattern that some bytes slow down,
    1 if one does not, 2 if a pack is broken.
    """
    from cavra_boundary.policy.pack_check import attack, check

    clauses = shipped_folder() / CLAUSES
    files = pack_files(paths or [shipped_folder()])
    checked = [read_pack(file, options.DEFAULT_MARKERS) for file in files]
    known = [] if clauses in files else [read_pack(clauses, options.DEFAULT_MARKERS)]
    problems = [*check(checked, combine([*known, *checked], "check")), *attack(checked)]
    for problem in problems:
        click.echo(f"{problem.where}: {problem.rule}: {problem.message}")
    count = sum(len(pack.rules) for pack in checked)
    examples = sum(len(each) for pack in checked for each in (*pack.examples.values(), *pack.counterexamples.values()))
    verdict = f"{len(problems)} problems" if problems else "all good"
    click.echo(
        f"{len(checked)} packs, {count} rules, {examples} examples: {verdict}.", file=sys.stderr if problems else None
    )
    return ExitCode.FINDINGS if problems else ExitCode.CLEAN
