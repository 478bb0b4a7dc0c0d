"""`cavra-boundary scan`: parse, build the parts, run, print, exit."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from cavra_boundary.cli.governing import governing
from cavra_boundary.cli.judge import judge
from cavra_boundary.cli.output import streaming, write
from cavra_boundary.cli.places import ALL, is_of_git, locate, locate_in_git, start_of
from cavra_boundary.cli.sources import make_source
from cavra_boundary.errors import EXIT_CODES, UsageError
from cavra_boundary.policy import options

if TYPE_CHECKING:
    from pathlib import Path


@click.command("scan", epilog=EXIT_CODES)
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@options.scan_options()
def command(paths: tuple[str, ...], config: Path | None, **flags: object) -> int:
    """Find what the boundary forbids in files and folders (default: the current one); `-` is standard input.

    In a git repository, it scans every tracked file, even if ignored, and every untracked file that is not ignored.
    With one of --staged, --range, --history, --ref and --message-file, it scans that instead.

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
    of_git = is_of_git(flags)
    root, asked = locate_in_git(paths, flags) if of_git else locate(paths or (ALL,))
    with governing(root, root if of_git else start_of(root, asked), config, flags) as governs:
        chosen = governs.settings
        if chosen.show_secrets and (any(output.file for output in chosen.outputs) or not sys.stdout.isatty()):
            raise UsageError("refused: the report does not go to a terminal", where="--show-secrets")
        emit = streaming(chosen.outputs)
        everything = asked == (ALL,) and not of_git
        report, context = judge([make_source(chosen, root, asked)], governs, root, everything=everything, emit=emit)
    write(report, context, chosen.outputs, streamed=emit is not None)
    return context.exit_code
