"""`cavra-boundary scan`: parse, build the parts, run, print, exit."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from cavra_boundary import scan, settings
from cavra_boundary.cli import in_git, parts
from cavra_boundary.cli.governing import governing
from cavra_boundary.cli.output import context_of, streaming, write
from cavra_boundary.cli.parts import ALL, STDIN, locate
from cavra_boundary.cli.terminal import width
from cavra_boundary.errors import EXIT_CODES, UsageError
from cavra_boundary.report.progress import Progress, is_welcome

if TYPE_CHECKING:
    from pathlib import Path


@click.command(
    "scan",
    epilog=EXIT_CODES,
)
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@settings.scan_options()
def command(paths: tuple[str, ...], config: Path | None, **flags: object) -> int:
    """Find what the boundary forbids in files and folders (default: the current one); `-` is standard input.

    In a git repository that is every tracked file, also an ignored one, and every untracked file that is not ignored.
    With one of --staged, --range, --history, --ref and --message-file it is what git keeps, or is about to.

    \b
    Examples:
      cavra-boundary scan .
      cavra-boundary scan docs/ examples/customer.json
      git show HEAD:config.yml | cavra-boundary scan - --stdin-name config.yml
      cavra-boundary scan --format text --format sarif=out.sarif .
      cavra-boundary scan --staged
      cavra-boundary scan --range origin/main..HEAD
      cavra-boundary scan --history --expect-commits 1000
    """  # noqa: D301 - \b is click's mark for a block that keeps its lines
    of_git = in_git.is_asked(flags)
    root, asked = in_git.locate(paths, flags) if of_git else locate(paths or (".",))
    start = root if of_git or asked == (STDIN,) else root / asked[0]
    with governing(root, start, config, flags) as governs:
        chosen = governs.settings
        if chosen.show_secrets and (any(output.file for output in chosen.outputs) or not sys.stdout.isatty()):
            raise UsageError("refused: the report does not go to a terminal", where="--show-secrets")
        source = (in_git if of_git else parts).make_source(chosen, root, asked)
        emit = streaming(chosen.outputs)
        welcome = is_welcome(sys.stderr, os.environ) and not chosen.quiet and not (emit and sys.stdout.isatty())
        with Progress(sys.stderr, enabled=welcome, width=width(sys.stderr)) as progress:
            report = scan.scan(
                source,
                governs.plan,
                jobs=chosen.jobs,
                everything=asked == (ALL,) and not of_git,
                progress=progress,
                expected=in_git.expected(chosen),
                choices=in_git.choices(chosen),
                emit=emit,
            )
        report = governs.completed(report, emit)
    context = context_of(report, chosen, governs.rules, root)
    write(report, context, chosen.outputs, streamed=emit is not None)
    return context.exit_code
