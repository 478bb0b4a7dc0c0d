"""`cavra-boundary evidence`: checks evidence packets, writes new ones, and says what each kind asks for."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cavra_boundary import scan, settings
from cavra_boundary.cache import Cache
from cavra_boundary.cli.output import context_of
from cavra_boundary.cli.packets import Verdict, as_json, as_text
from cavra_boundary.cli.parts import STDIN, load_rules, locate, make_plan, make_source
from cavra_boundary.errors import EXIT_CODES, ExitCode, ScanError, UsageError, nearest
from cavra_boundary.evidence import document, kinds
from cavra_boundary.evidence.fixtures import SUFFIXES, Fixtures, is_packet, seems_packet
from cavra_boundary.evidence.gates import evaluate, unreadable
from cavra_boundary.model import Severity, Skip, Status
from cavra_boundary.report import renderer
from cavra_boundary.report.base import json_text
from cavra_boundary.sources.base import Listing, Source

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from cavra_boundary.evidence.document import Document, Node
    from cavra_boundary.evidence.kinds import Field, Kind
    from cavra_boundary.model import Blob, Report

_VERDICTS = {ExitCode.CLEAN: "clean", ExitCode.FINDINGS: "findings", ExitCode.INCOMPLETE: "incomplete"}
_KIND = click.argument("kind")


@click.group("evidence")
def command() -> None:
    """Check evidence packets, write new ones, and see what each kind asks for."""


@command.command("check", epilog=EXIT_CODES.replace("1 findings", "1 findings or a blocked packet"))
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option(
    "--with",
    "given",
    multiple=True,
    metavar="FILE",
    help="Compare packets with this document that they are about: readiness or expiry evidence, an approval.",
)
@click.option("--format", "format_", type=click.Choice(("text", "json")), default="text", show_default=True)
@settings.scan_options("config", "packs", "exclude", "fail_on", "max_file_size", "quiet", "verbose", "color")
def check(paths: tuple[str, ...], given: tuple[str, ...], format_: str, config: Path | None, **flags: object) -> int:
    """Check that packets hold references only, and what their gates give.

    Looks at the evidence fixtures among the files and folders that are named (default: the current folder); other
    files are passed over. All rules of `scan` run on them, then the gates of each packet's kind. The digest of a
    document that is given --with is that of its bytes.

    \b
    Examples:
      cavra-boundary evidence check
      cavra-boundary evidence check packet.json --with readiness.json --with approval.json
    """  # noqa: D301 - \b is click's mark for a block that keeps its lines
    if STDIN in paths:
        raise UsageError("a packet is checked as a file", where=STDIN, hint="name the file")
    root, asked = locate(paths or (".",))
    chosen = settings.load(root / asked[0], config, flags)
    cache = Cache.of_user()
    rules = load_rules(chosen, cache)
    plan = make_plan(chosen, rules, cache, root)
    source = _EvidenceSource(make_source(chosen, root, asked), Fixtures((), plan.evidence))
    companions = [_companion(path) for path in given]
    report = scan.scan(source, plan, everything=False)
    verdicts = list(_verdicts(source.contents, report, companions))
    _check_all_are_used(companions, verdicts)
    context = context_of(report, chosen, rules, root)
    code = ExitCode.FINDINGS if any(verdict.is_blocked for verdict in verdicts) else context.exit_code
    if format_ == "json":
        found = json.loads(renderer("json")(report, context))
        click.echo(json_text(as_json(verdicts, found, _VERDICTS[code])))
        return code
    if context.exit_code is not ExitCode.CLEAN or any(each.status is Status.REPORTED for each in report.findings):
        click.echo(renderer("text")(report, context), color=context.color)
    click.echo(as_text(verdicts, context), nl=False, color=context.color)
    return code


class _EvidenceSource(Source):
    """The files of another source that may hold packets. contents: their bytes, by path, once they are listed."""

    def __init__(self, inner: Source, fixtures: Fixtures) -> None:
        self.contents: dict[str, bytes] = {}
        self._inner = inner
        self._fixtures = fixtures

    @property
    def name(self) -> str:
        return self._inner.name

    def list(self) -> Listing:
        listing = self._inner.list()
        return listing._replace(entries=tuple(entry for entry in listing.entries if self._concerns(entry)))

    def path_of(self, entry: str) -> str:
        return self._inner.path_of(entry)

    def read(self, entry: str) -> Iterator[Blob | Skip]:
        return self._inner.read(entry)

    def _concerns(self, entry: str) -> bool:
        path = self._inner.path_of(entry)
        if not path.lower().endswith(SUFFIXES):
            return False
        first = next(self._inner.read(entry), None)
        if first is None or isinstance(first, Skip):
            return first is not None  # the scan says why it cannot be read
        if not self._fixtures.concern(path, first.data):
            return False
        self.contents[path] = first.data
        return True


def _verdicts(contents: Mapping[str, bytes], report: Report, companions: Sequence[Document]) -> Iterator[Verdict]:
    """What the gates give for each packet."""
    worst: dict[str, Severity] = {}
    for finding in report.findings:
        if finding.status is Status.REPORTED:
            worst[finding.path] = max(finding.severity, worst.get(finding.path, finding.severity))
    for path, data in contents.items():
        found = document.read(data, path)
        if isinstance(found, document.Refusal):
            if seems_packet(data):
                nothing = document.Node("", "null", None, found.span)
                yield Verdict(document.Document(path, data, nothing), nothing, result=unreadable(found.words))
            continue
        for packet in found.root.items or (found.root,):
            if not is_packet(packet):
                continue
            kind = kinds.of_packet(packet)
            if kind is None:
                yield Verdict(found, packet, hint=_meant(packet))
                continue
            besides = _companions_of(kind, companions)
            yield Verdict(found, packet, kind, evaluate(kind, packet, besides, worst.get(path)), besides)


def _meant(packet: Node) -> str:
    """Which kind may be meant by a `schema_version` that is none."""
    version = packet.get(kinds.VERSION)
    advice = nearest(version.text, kinds.names()) if version and version.text else ""
    return advice if advice.endswith("?") else ""


def _companion(path: str) -> Document:
    """The document in a file. UsageError for one that can be no companion, ScanError for one that cannot be read."""
    try:
        with Path(path).open("rb") as file:
            found = document.read(file.read(document.MAX_BYTES + 1), path)
    except FileNotFoundError:
        raise UsageError("no such file", where=f"--with {path}", hint="check the path") from None
    except OSError as error:
        raise ScanError(f"cannot be read: {error.strerror}", where=f"--with {path}") from None
    if isinstance(found, document.Refusal):
        raise ScanError(f"cannot be read: {found.words}", where=f"--with {path}")
    if kinds.of_packet(found.root) is None:
        raise UsageError("a document of no known kind", where=f"--with {path}", hint="see `evidence kinds`")
    return found


def _companions_of(kind: Kind, given: Sequence[Document]) -> dict[str, Document]:
    """Those of the documents that a packet of this kind is about, by the names that the kind has for them."""
    taken: dict[str, Document] = {}
    for companion in kind.companions:
        for found in given:
            if not _is_of(found, companion.kinds):
                continue
            if companion.name in taken:
                raise UsageError(f"a second {companion.title}", where=f"--with {found.path}", hint="give one")
            taken[companion.name] = found
    return taken


def _is_of(found: Document, names: Sequence[str]) -> bool:
    kind = kinds.of_packet(found.root)
    return kind is not None and kind.id in names


def _check_all_are_used(given: Sequence[Document], verdicts: Sequence[Verdict]) -> None:
    """Raise UsageError for a document that no packet was compared with: it was meant to be, and was not."""
    used = [found.path for verdict in verdicts for found in verdict.companions.values()]
    for found in given:
        if found.path not in used:
            wanted = {name for each in verdicts if each.kind for slot in each.kind.companions for name in slot.kinds}
            hint = f"they are about {', '.join(sorted(wanted))}" if wanted else "they are about no other document"
            raise UsageError("no packet here is about a document of its kind", where=f"--with {found.path}", hint=hint)


class _New(click.Command):
    """Has a flag for each choice that some kind leaves; they are read from the kinds when the command is called."""

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
    """Write a packet of a kind, filled as a sample that passes its own check.

    \b
    Example:
      cavra-boundary evidence new trial-conversion-activation --target production
    """  # noqa: D301 - \b is click's mark for a block that keeps its lines
    from cavra_boundary.evidence.template import template

    found = kinds.resolve(kind)
    chosen = {name.removeprefix("choice_"): label for name, label in choices.items() if label is not None}
    for name in chosen:
        if name not in {field.option for field in found.fields}:
            raise UsageError(
                f"{found.id} leaves no such choice", where=f"--{name}", hint=f"see `evidence explain {kind}`"
            )
    packet = template(found, chosen, datetime.now(UTC))
    if output is None:
        click.echo(packet, nl=False)
        return
    try:
        with output.open("x", encoding="utf-8", newline="\n") as file:
            file.write(packet)
    except OSError as error:
        raise UsageError(
            f"cannot be written: {error.strerror}", where=f"--output {output}", hint="name a new file"
        ) from None


@command.command("schema")
@_KIND
def show_schema(kind: str) -> None:
    """Print the JSON Schema (draft 2020-12) of a kind's packets.

    It describes their shape; what is ready, the gates say.
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
