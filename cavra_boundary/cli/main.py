"""The command line's entry point: finds the subcommand, and turns any error into one line and an exit code."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Never

import click

from cavra_boundary import __version__
from cavra_boundary.errors import EXIT_CODES, BoundaryError, ExitCode

COMMANDS = {
    "scan": "Find what the boundary forbids.",
    "rules": "List, show and check rules.",
    "packs": "Import rules from other tools.",
    "explain": "Explain why something is forbidden and what to do.",
    "baseline": "Record existing findings, so that only new ones fail.",
    "policy": "Show the policy in force, and what weakens it.",
    "selftest": "Check whether this configuration would stop a leak.",
    "allows": "List every allow and what it hides today.",
    "evidence": "Check, write and explain evidence packets.",
    "contract": "Describe and check the public contract.",
    "report": "Render a stored report in other formats.",
    "init": "Set up a project: configuration, hook and workflow.",
    "hook": "Install, remove and run git hooks.",
    "ci": "Scan the new commits of a CI run.",
    "cache": "Show or clear the cache that makes the next scan faster.",
}
"""Each subcommand is the module of the same name, imported when it is called."""

_INTERRUPTED = 130
_DEBUG = "CAVRA_BOUNDARY_DEBUG"


class _Commands(click.Group):
    """Imports a subcommand only when it runs, so that none pays for the others."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"cavra_boundary.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def _print_version(ctx: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        from cavra_boundary.cache import Cache
        from cavra_boundary.policy.options import DEFAULT_MARKERS
        from cavra_boundary.rules.load import load_packs

        rules = load_packs([], DEFAULT_MARKERS, Cache.of_user())
        click.echo(f"cavra-boundary {__version__} ({len(rules.rules)} rules, packs {rules.digest[:12]})")
        ctx.exit()


@click.command(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=EXIT_CODES,
)
@click.option(
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=_print_version,
    help="Show version and digest.",
)
def cli() -> None:
    """Keep private things out of public repositories.

    \b
    Examples:
      cavra-boundary scan .                    find what the boundary forbids here
      cavra-boundary rules show RULE           show what a rule looks for
      cavra-boundary explain 3fa1-09bd2c       explain a finding and what to do
      cavra-boundary init                      guard this repository from now on
    """  # noqa: D301 - \b is click's mark for a block that keeps its lines


def main() -> Never:
    """Run, and exit with one of `ExitCode`. An error is one line on standard error, never a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        result = cli.main(prog_name="cavra-boundary", standalone_mode=False)
        sys.exit(result or 0)
    except BoundaryError as error:
        from cavra_boundary.cli.concealing import concealed

        _fail(concealed(str(error)), error.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(ExitCode.USAGE)
    except (KeyboardInterrupt, click.Abort):
        _fail("interrupted", _INTERRUPTED)
    except BrokenPipeError:
        # The reader is gone and output is lost, so this is not a clean end. Python would complain at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(ExitCode.INCOMPLETE)
    except Exception as error:
        if os.environ.get(_DEBUG):
            raise
        _fail(
            f"internal error: {type(error).__name__}; please report it, with the output of {_DEBUG}=1",
            ExitCode.INCOMPLETE,
        )


def _fail(message: str, code: int) -> Never:
    from cavra_boundary.report.escape import printable

    print(f"cavra-boundary: {printable(message)}", file=sys.stderr)
    sys.exit(code)
