"""`cavra-boundary scan`: parse, build the parts, run, print, exit."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cavra_boundary import __version__, scan, settings
from cavra_boundary.cache import Cache
from cavra_boundary.cli.parts import ALL, STDIN, load_rules, locate, make_plan, make_source
from cavra_boundary.cli.terminal import color_wanted, links_wanted, width
from cavra_boundary.errors import EXIT_CODES, UsageError
from cavra_boundary.report import renderer
from cavra_boundary.report.base import RenderContext
from cavra_boundary.report.progress import Progress, is_welcome

if TYPE_CHECKING:
    from cavra_boundary.model import Report
    from cavra_boundary.packs import RuleSet
    from cavra_boundary.settings import Settings


@click.command(
    "scan",
    epilog=EXIT_CODES,
)
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@settings.scan_options()
def command(paths: tuple[str, ...], config: Path | None, **flags: object) -> int:
    """Find what the boundary forbids in files and folders (default: the current one); `-` is standard input.

    In a git repository that is every tracked file, also an ignored one, and every untracked file that is not ignored.

    \b
    Examples:
      cavra-boundary scan .
      cavra-boundary scan docs/ examples/customer.json
      git show HEAD:config.yml | cavra-boundary scan - --stdin-name config.yml
      cavra-boundary scan --format json --output report.json .
    """  # noqa: D301 - \b is click's mark for a block that keeps its lines
    root, asked = locate(paths or (".",))
    chosen = settings.load(root if asked == (STDIN,) else root / asked[0], config, flags)
    if chosen.show_secrets and (chosen.output or not sys.stdout.isatty()):
        raise UsageError("refused: the report does not go to a terminal", where="--show-secrets")
    cache = Cache.of_user()
    rules = load_rules(chosen, cache)
    plan = make_plan(chosen, rules, cache)
    source = make_source(chosen, root, asked)
    welcome = is_welcome(sys.stderr, os.environ) and not chosen.quiet
    with Progress(sys.stderr, enabled=welcome, width=width(sys.stderr)) as progress:
        report = scan.scan(source, plan, jobs=chosen.jobs, everything=asked == (ALL,), progress=progress)
    return _show(report, chosen, rules, root)


def _show(report: Report, chosen: Settings, rules: RuleSet, root: Path) -> int:
    """Write the report where it was asked for; the exit code it stands for."""
    to_terminal = chosen.output is None
    context = RenderContext(
        version=__version__,
        clauses=rules.clauses,
        exit_code=scan.exit_code(report, chosen.fail_on),
        fail_on=chosen.fail_on,
        root=root,
        cwd=Path.cwd(),
        width=width(sys.stdout),
        verbosity=chosen.verbose - chosen.quiet,
        color=to_terminal and color_wanted(chosen.color, sys.stdout),
        hyperlinks=to_terminal and links_wanted(sys.stdout),
    )
    rendered = renderer(chosen.format)(report, context)
    if chosen.output is None:
        sys.stdout.write(rendered)
        sys.stdout.flush()
    else:
        from cavra_boundary.report.write import write_atomically

        write_atomically(chosen.output, rendered.encode())
    return context.exit_code
