"""`cavra-boundary hook`: plain git hooks, and what they and pre-commit's hooks run."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

import cavra_boundary
from cavra_boundary.cli.governing import governing
from cavra_boundary.cli.judge import OPTIONS, judge
from cavra_boundary.cli.output import write
from cavra_boundary.cli.places import locate_in_git, repository
from cavra_boundary.cli.sources import make_history, make_source
from cavra_boundary.errors import EXIT_CODES, ExitCode, GitError, UsageError
from cavra_boundary.git import hooks
from cavra_boundary.git.hooks import configured_hooks, hooks_folder
from cavra_boundary.git.refs import Ref, list_refs, resolve_revision
from cavra_boundary.git.repository import top_of
from cavra_boundary.policy import options
from cavra_boundary.report.write import write_atomically

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cavra_boundary.policy.settings import Settings
    from cavra_boundary.sources.base import Source

_STAGES = click.option(
    "--stage",
    "stages",
    multiple=True,
    type=click.Choice(hooks.STAGES),
    help="Only this stage; can be repeated.",
    show_default="all",
)


@click.group("hook")
def command() -> None:
    """Install, remove and run git hooks."""


@command.command("install")
@_STAGES
def install(stages: tuple[str, ...]) -> int:
    """Install hooks in this repository, for it and all its worktrees.

    They scan what a commit, its message and a push are about to make public. A hook that something else wrote is never
    replaced: nothing is installed, and you are told what to add to it.
    """
    chosen = stages or hooks.STAGES
    folder = _folder(chosen)
    foreign = [folder / stage for stage in chosen if os.path.lexists(folder / stage) and not _is_ours(folder / stage)]
    if foreign:
        raise UsageError(
            "not written by cavra-boundary, so it is kept and nothing is installed",
            where=os.path.relpath(foreign[0]),
            hint=f"{_add(foreign[0].name)}, or install the others with --stage",
        )
    package = Path(cavra_boundary.__file__).parent
    for stage in chosen:
        script = hooks.script(stage, Path(sys.executable), package)
        write_atomically(folder / stage, script.encode(), tree=folder.parent, folders=True, mode=0o755)
        click.echo(f"wrote     {os.path.relpath(folder / stage)}")
    return ExitCode.CLEAN


@command.command("uninstall")
@_STAGES
def uninstall(stages: tuple[str, ...]) -> int:
    """Remove the hooks that `install` wrote, and no others."""
    chosen = stages or hooks.STAGES
    folder = _folder(chosen)
    for path in (folder / stage for stage in chosen):
        if _is_ours(path):
            path.unlink()
            click.echo(f"removed   {os.path.relpath(path)}")
        elif os.path.lexists(path):
            click.echo(f"kept      {os.path.relpath(path)} (not written by cavra-boundary)")
    return ExitCode.CLEAN


@command.command("run", epilog=EXIT_CODES)
@click.argument("stage", type=click.Choice(hooks.STAGES))
@click.argument("arguments", nargs=-1)
@options.scan_options(*OPTIONS)
def run(stage: str, arguments: tuple[str, ...], config: Path | None, **flags: object) -> int:
    """Scan what a git hook stage makes public, with the arguments and input that git gives the hook.

    pre-commit: what is staged. commit-msg: the message. pre-push: every commit that the remote does not have, tags,
    and the names of the pushed refs; without arguments, what pre-commit's environment says, or HEAD.
    """
    if stage == "commit-msg":
        if len(arguments) != 1:
            raise UsageError("needs the path of the message file", where="hook run commit-msg", hint="let git run it")
        asked: dict[str, object] = {"message_file": Path(arguments[0])}
    else:
        asked = {"staged": True} if stage == "pre-commit" else {"history": True}
    root, paths = locate_in_git((), asked)
    with governing(root, root, config, flags | asked) as governs:
        if stage == "pre-push":
            source = _push(governs.settings, root, arguments)
        else:
            source = make_source(governs.settings, root, paths)
        if source is None:
            return ExitCode.CLEAN
        report, context = judge([source], governs, root)
    write(report, context, governs.settings.outputs)
    return context.exit_code


def _push(chosen: Settings, root: Path, arguments: tuple[str, ...]) -> Source | None:
    """What a push makes public, from what git or pre-commit gives its hook; None if that is nothing."""
    if arguments:
        remote, push = arguments[0], hooks.push_of_git(sys.stdin.buffer.read())
    else:
        remote, push = os.environ.get("PRE_COMMIT_REMOTE_NAME", ""), hooks.push_of_pre_commit(os.environ)
    if not push.heads:
        if push.deletes:
            click.echo("cavra-boundary: this push only deletes: nothing to scan", err=True)
        return None
    heads = [resolve_revision(root, head) for head in push.heads]
    refs = [Ref(name, oid, "") for name, oid in zip(push.refs, heads, strict=False)]
    revisions = [*heads, *(f"^{oid}" for oid in _public(root, remote, push))]
    return make_history(chosen, root, name="push", revisions=revisions, refs=refs)


def _public(root: Path, remote: str, push: hooks.Push) -> Iterator[str]:
    """What the remote has, as far as this repository knows. Anything else is scanned again."""
    for base in push.bases:
        with suppress(GitError):
            yield resolve_revision(root, base, type_="commit")
    with suppress(GitError):
        yield from (ref.oid for ref in list_refs(root, f"refs/remotes/{remote}") if ref.type == "commit")


def _folder(stages: tuple[str, ...]) -> Path:
    """Where git looks for this repository's hooks. UsageError if that is not in the repository."""
    root = repository()
    if top_of(root) is None:
        raise UsageError("hooks are of no use in a bare repository, where nobody commits", where=str(root))
    folder, elsewhere = hooks_folder(root), configured_hooks(root)
    if elsewhere and (root / elsewhere).resolve() != folder.resolve():
        # It may be shared by all of a person's repositories, or tracked by the project.
        raise UsageError(
            f"set to {elsewhere!r}, so git does not run this repository's own hooks",
            where="core.hooksPath",
            hint="; ".join(map(_add, stages)),
        )
    return folder


def _add(stage: str) -> str:
    return f'add to your {stage} hook: cavra-boundary hook run {stage} -- "$@"'


def _is_ours(path: Path) -> bool:
    try:
        return not path.is_symlink() and hooks.is_ours(path.read_bytes())
    except OSError:
        return False
