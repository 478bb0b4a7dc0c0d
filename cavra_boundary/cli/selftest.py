"""`cavra-boundary selftest`: check whether this configuration would stop a leak."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING

import click

from cavra_boundary.cache import Cache
from cavra_boundary.cli.parts import make_plan
from cavra_boundary.cli.places import ALL, locate
from cavra_boundary.cli.terminal import say
from cavra_boundary.errors import ExitCode
from cavra_boundary.policy import effective, options
from cavra_boundary.policy.selftest import blind_places, selftest
from cavra_boundary.rules.files import pack_files, shipped_folder
from cavra_boundary.rules.read import read_pack

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cavra_boundary.policy.selftest import Outcome

_MOST_SHOWN = 4


@click.command("selftest")
@options.scan_options("packs", "only_rules", "skip_rules", "only_clauses", "exclude", "fail_on", "baseline")
@click.option("--format", "format", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(format: str, **flags: object) -> int:
    """Run a made-up leak of every clause through this repository's configuration and packs.

    Nothing is written to the repository. Exits 1 if a clause would not stop anything.
    """
    root, _ = locate([ALL])
    cache = Cache.of_user(root)
    own = effective.of_work_tree(root, flags, cache)
    plan = make_plan(own.settings, own.rules, cache, root)
    files = pack_files([shipped_folder(), *own.settings.packs])
    read = [read_pack(file, own.settings.enterprise, lint=False) for file in files]
    outcomes = list(selftest(read, own, plan, secrets.token_hex(8)))
    blind = blind_places(own.settings.exclude)
    if format == "json":
        clauses = [outcome._asdict() | {"fires": outcome.fires} for outcome in outcomes]
        click.echo(json.dumps({"clauses": clauses, "blind": blind}, indent=2))
    else:
        say(_lines(outcomes, blind))
    return ExitCode.CLEAN if all(outcome.fires for outcome in outcomes) else ExitCode.FINDINGS


def _lines(outcomes: Sequence[Outcome], blind: Sequence[str]) -> Iterator[str]:
    width = max(len(outcome.clause) for outcome in outcomes)
    for outcome in outcomes:
        if outcome.fires:
            yield f"{outcome.clause:{width}}  fires   {outcome.rule}"
            continue
        yield f"{outcome.clause:{width}}  SILENT"
        shown = outcome.why_not[:_MOST_SHOWN]
        yield from (f"{'':{width}}          {reason}" for reason in shown)
        if len(shown) < len(outcome.why_not):
            yield f"{'':{width}}          and {len(outcome.why_not) - len(shown)} more"
    if blind:
        yield f"Excluded, so nothing is found there: {', '.join(place or 'the root' for place in blind)}."
    silent = sum(not outcome.fires for outcome in outcomes)
    verdict = f"{silent} of them would let everything through" if silent else "each would stop a leak"
    yield f"{len(outcomes)} clauses: {verdict}."
