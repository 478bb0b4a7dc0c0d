"""`cavra-boundary packs`: make packs from the rules of other tools."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from cavra_boundary.cache import Cache
from cavra_boundary.errors import ExitCode, UsageError, nearest
from cavra_boundary.model import Severity
from cavra_boundary.policy import options
from cavra_boundary.report.escape import printable
from cavra_boundary.report.write import write_atomically
from cavra_boundary.rules.load import load_packs
from cavra_boundary.rules.read import parse_pack


@click.group("packs")
def command() -> None:
    """Import rules from other tools."""


@command.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--output", type=click.Path(path_type=Path), metavar="FILE", help="Write the pack to this file.")
@click.option("--name", default="imported", show_default=True, help="The pack's name.")
@click.option("--clause", default="tenant-secret", show_default=True, help="The clause of its rules.")
@click.option(
    "--severity",
    type=click.Choice([severity.label for severity in Severity]),
    default="warning",
    show_default=True,
    help="The severity of its rules.",
)
def import_(file: Path, output: Path | None, name: str, clause: str, severity: str) -> int:
    """Convert the rules and allowlists of a gitleaks configuration to a pack.

    What cannot be converted is listed and written into the pack as comments; the exit code is then 1.

    \b
    Examples:
      cavra-boundary packs import .gitleaks.toml --output boundary/imported.toml
      cavra-boundary rules check boundary/imported.toml
    """  # noqa: D301 - \b is click's mark for a block that keeps its lines
    from cavra_boundary.rules.importing import gitleaks

    known = load_packs([], options.DEFAULT_MARKERS, Cache.of_user()).clauses
    if clause not in known:
        raise UsageError(f"unknown clause {clause!r}", where="--clause", hint=nearest(clause, known))
    imported = gitleaks.convert(file, name=name, clause=clause, severity=severity)
    # The result has to be a valid pack, whatever was in the file.
    parse_pack(output or Path(f"{name}.toml"), imported.text.encode(), options.DEFAULT_MARKERS)
    if output:
        write_atomically(output, imported.text.encode())
    else:
        sys.stdout.write(imported.text)
    for each in imported.left_out:
        named = f"{each.rule}: " if each.rule else ""
        click.echo(printable(f"{file}:{each.line}: left out: {named}{each.what}"), err=True)
    click.echo(f"{imported.rules} rules imported, {len(imported.left_out)} items left out.", err=True)
    return ExitCode.FINDINGS if imported.left_out else ExitCode.CLEAN
