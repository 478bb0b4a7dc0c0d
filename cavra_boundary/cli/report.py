"""`cavra-boundary report`: convert stored reports, without scanning again."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from cavra_boundary.cli.output import write
from cavra_boundary.cli.terminal import color_wanted, links_wanted, width
from cavra_boundary.errors import UsageError
from cavra_boundary.policy.settings import read_outputs
from cavra_boundary.report.base import RenderContext
from cavra_boundary.report.json_report import load

_EPILOG = (
    "Exit codes: 0 rendered, whatever the report says; 2 usage error, no such report, or the output cannot be written."
)


@click.group("report")
def command() -> None:
    """Render stored reports in other formats."""


@command.command("convert", epilog=_EPILOG)
@click.argument("file", metavar="FILE")
@click.option("--format", "formats", multiple=True, metavar="FORMAT[=FILE]", help="As in `scan`; can be repeated.")
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the report to this file, if there is only one format.",
)
@click.option("--verbose", "-v", is_flag=True, help="Also print what was skipped and suppressed, and why.")
def convert(file: str, formats: tuple[str, ...], output: Path | None, verbose: bool) -> None:
    """Render a report that `scan --format json` wrote; FILE `-` is standard input.

    Paths are shown as in the report: relative to the scanned folder.

    \b
    Examples:
      cavra-boundary report convert report.json
      cavra-boundary report convert report.json --format sarif=out.sarif --format markdown
    """  # noqa: D301 - \b is click's mark for a block that keeps its lines
    outputs = read_outputs(formats, output)
    stored = load(_content(file), file)
    here = Path.cwd()
    context = RenderContext(
        version=stored.version,
        clauses=stored.clauses,
        rules=stored.rules,
        exit_code=stored.exit_code,
        fail_on=stored.fail_on,
        finished=stored.finished,
        root=here,
        cwd=here,
        width=width(sys.stdout),
        verbosity=int(verbose),
        color=color_wanted("auto", sys.stdout),
        hyperlinks=links_wanted(sys.stdout),
    )
    write(stored.report, context, outputs)


def _content(file: str) -> bytes:
    if file == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read the report: {error.strerror}", where=file, hint="check the path") from error
