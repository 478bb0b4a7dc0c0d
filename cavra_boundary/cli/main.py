"""The command line's entry point: finds the subcommand, and turns any error into one line and an exit code."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Never

import click

from cavra_boundary import __version__
from cavra_boundary.cli.interrupts import interruptible
from cavra_boundary.cli.streams import guard_streams
from cavra_boundary.errors import EXIT_CODES, BoundaryError, ExitCode, ReaderGoneError, ScanError, UsageError

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

    def invoke(self, ctx: click.Context) -> object:
        try:
            Path.cwd()
        except FileNotFoundError:
            raise UsageError("the current folder is gone", hint="change to one that exists") from None
        try:
            return super().invoke(ctx)
        except BrokenPipeError:  # not of our own streams, which have errors of their own; `click` would exit with 1
            raise ScanError("a program that the run needs has died", hint="see above, and try again") from None

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
      cavra-boundary scan .                       find what the boundary forbids here
      cavra-boundary rules show RULE              show what a rule looks for
      cavra-boundary explain v2-9f2c04d1a37be658  explain a finding and what to do
      cavra-boundary init                         guard this repository from now on
    """  # noqa: D301 - \b is click's mark for a block that keeps its lines


def main() -> Never:
    """Run, and exit with one of `ExitCode`. An error is one line on standard error, never a traceback."""
    guard_streams()
    with interruptible() as interrupts:
        try:
            code = _run()
        except (KeyboardInterrupt, click.Abort):
            interrupts.over()
            code = _said("interrupted", interrupts.exit_code)
    sys.exit(code)


def _run() -> int:
    try:
        _check_arguments()
        result = cli.main(prog_name="cavra-boundary", standalone_mode=False)
        sys.stdout.flush()
        return result or ExitCode.CLEAN
    except ReaderGoneError as error:
        return error.exit_code
    except BoundaryError as error:
        from cavra_boundary.cli.concealing import concealed

        return _said(concealed(str(error)), error.exit_code)
    except click.ClickException as error:
        return _misused(error)
    except click.Abort as error:
        if isinstance(error.__context__, EOFError):
            return _said("standard input ended where an answer was needed", ExitCode.USAGE)
        raise
    except MemoryError:
        return _said("out of memory (give it more, or scan with --jobs 1)", ExitCode.INCOMPLETE)
    except OSError as error:
        if os.environ.get(_DEBUG):
            raise
        where = f"{os.fsdecode(error.filename)}: " if isinstance(error.filename, str | bytes) else ""
        return _said(f"{where}{error.strerror or type(error).__name__}", ExitCode.INCOMPLETE)
    except Exception as error:
        if os.environ.get(_DEBUG):
            raise
        return _said(
            f"internal error: {type(error).__name__}; please report it, with the output of {_DEBUG}=1",
            ExitCode.INCOMPLETE,
        )


def _check_arguments() -> None:
    """UsageError for an argument that can be no path, revision or text: no system call takes it."""
    for number, argument in enumerate(sys.argv[1:], start=1):
        try:
            unusable = not argument.isascii() and not os.fsencode(argument)
        except UnicodeEncodeError:
            unusable = True
        if unusable or "\0" in argument:
            raise UsageError(f"argument {number} has characters that no file name or text can have", hint="check it")


def _said(message: str, code: int) -> int:
    from cavra_boundary.report.escape import printable

    print(f"cavra-boundary: {printable(message)}", file=sys.stderr)
    return code


def _misused(error: click.ClickException) -> ExitCode:
    """Show what `click` says of a wrong call: some lines that may quote the arguments."""
    from io import StringIO

    from cavra_boundary.cli.concealing import concealed
    from cavra_boundary.report.escape import printable

    shown = StringIO()
    error.show(shown)
    said = concealed(shown.getvalue().removesuffix("\n"))
    sys.stderr.writelines(f"{printable(line)}\n" for line in said.split("\n"))
    return ExitCode.USAGE
