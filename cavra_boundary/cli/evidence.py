"""`cavra-boundary evidence`: checks evidence packets, writes new ones, and explains what each kind requires."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cavra_boundary.cache import Cache
from cavra_boundary.cli.output import context_of
from cavra_boundary.cli.parts import load_rules, make_plan
from cavra_boundary.cli.places import STDIN, locate, start_of
from cavra_boundary.cli.sources import make_source
from cavra_boundary.cli.verdicts import as_json, as_text
from cavra_boundary.errors import EXIT_CODES, ExitCode, UsageError
from cavra_boundary.evidence import kinds
from cavra_boundary.model import Status
from cavra_boundary.policy import options, settings
from cavra_boundary.report import json_report, text
from cavra_boundary.report.json_writing import json_text
from cavra_boundary.report.write import write_atomically
from cavra_boundary.scan import packets

if TYPE_CHECKING:
    from cavra_boundary.evidence.model import Field

_KIND = click.argument("kind")


@click.group("evidence")
def command() -> None:
    """Check evidence packets, write new ones, and explain what each kind requires."""


@command.command("check", epilog=EXIT_CODES.replace("1 findings", "1 findings or a blocked packet"))
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option(
    "--with",
    "given",
    multiple=True,
    metavar="FILE",
    help="Compare packets with a document they refer to: readiness or expiry evidence, or an approval.",
)
@click.option("--pass-over", is_flag=True, help="Skip named files that contain no packet, for use in a hook.")
@click.option("--format", "format_", type=click.Choice(("text", "json")), default="text", show_default=True)
@options.scan_options("config", "packs", "exclude", "fail_on", "max_file_size", "quiet", "verbose", "color")
def check(
    paths: tuple[str, ...],
    given: tuple[str, ...],
    pass_over: bool,
    format_: str,
    config: Path | None,
    **flags: object,
) -> int:
    """Check that packets contain only references, and evaluate their gates.

    Checks the packets in the given files and folders (default: the current folder). A file given by name has to contain
    one, or the run is incomplete. All rules of `scan` run on them, then the gates of each packet's kind. The digest of
    a document given with --with is computed from its bytes.

    \b
    Examples:
      cavra-boundary evidence check
      cavra-boundary evidence check packet.json --with readiness.json --with approval.json
    """  # noqa: D301 - \b is click's mark for a block that keeps its lines
    if STDIN in paths:
        raise UsageError("packets are only read from files", where=STDIN, hint="name the file")
    root, asked = locate(paths or (".",))
    chosen = settings.load(start_of(root, asked), config, flags)
    cache = Cache.of_user(root)
    rules = load_rules(chosen, cache)
    named = {path for path in asked if not (root / path).is_dir()}
    companions = [packets.companion(path) for path in given]
    plan = make_plan(chosen, rules, cache, root)
    report, verdicts = packets.check(make_source(chosen, root, asked), plan, companions, named, pass_over=pass_over)
    context = context_of(report, chosen, rules, root)
    blocked = any(verdict.is_blocked for verdict in verdicts)
    code = ExitCode.FINDINGS if blocked else context.exit_code
    if format_ == "json":
        click.echo(json_text(as_json(verdicts, json_report.document(report, context), json_report.VERDICTS[code])))
        return code
    if context.exit_code is not ExitCode.CLEAN or any(each.status is Status.REPORTED for each in report.findings):
        click.echo(text.render(report, context), color=context.color)
    click.echo(as_text(verdicts, context), nl=False, color=context.color)
    return code


class _New(click.Command):
    """Has a flag for each choice that some kind offers; they are read from the kinds when the command is called."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        *own, help_ = super().get_params(ctx)
        fields = {field.option: field for name in kinds.names() for field in kinds.load(name).fields if field.option}
        return [*own, *map(_choice, fields.values()), help_]


def _choice(field: Field) -> click.Option:
    about = f"{field.about[0].upper()}{field.about[1:]}."
    return click.Option([f"--{field.option}", f"choice_{field.option}"], type=click.Choice(field.of), help=about)


@command.command("new", cls=_New)
@_KIND
@click.option("--output", type=click.Path(path_type=Path), metavar="FILE", help="Write it to this new file.")
def new(kind: str, output: Path | None, **choices: str | None) -> None:
    """Write a sample packet of a kind that passes its own check.

    \b
    Example:
      cavra-boundary evidence new trial-conversion-activation --target production
    """  # noqa: D301 - \b is click's mark for a block that keeps its lines
    from cavra_boundary.evidence.template import template

    found = kinds.resolve(kind)
    chosen = {name.removeprefix("choice_"): label for name, label in choices.items() if label is not None}
    for name in chosen:
        if name not in {field.option for field in found.fields}:
            raise UsageError(f"{found.id} has no such choice", where=f"--{name}", hint=f"see `evidence explain {kind}`")
    packet = template(found, chosen, datetime.now(UTC))
    if output is None:
        click.echo(packet, nl=False)
        return
    write_atomically(output, packet.encode(), new=True)


@command.command("schema")
@_KIND
def show_schema(kind: str) -> None:
    """Print the JSON Schema (draft 2020-12) of a kind's packets.

    It describes their shape; the gates decide whether they are ready.
    """
    from cavra_boundary.evidence.schema import schema

    click.echo(json.dumps(schema(kinds.resolve(kind)), indent=2, ensure_ascii=False))


@command.command("kinds")
def list_kinds() -> None:
    """List the kinds of packets."""
    found = [kinds.load(name) for name in kinds.names()]
    width = max(len(kind.id) for kind in found)
    for kind in found:
        click.echo(f"{kind.id:{width}}  {kind.title}")


@command.command("explain")
@_KIND
def explain(kind: str) -> None:
    """Explain a kind: its fields, its vocabularies, its gates."""
    from cavra_boundary.cli.describe_kind import describe_kind

    click.echo("\n".join(describe_kind(kinds.resolve(kind))))
