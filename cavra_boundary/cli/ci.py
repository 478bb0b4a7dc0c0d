"""`cavra-boundary ci`: scan the new commits of a CI run, and report them where the service shows them."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cavra_boundary.cli.governing import governing
from cavra_boundary.cli.judge import OPTIONS, judge
from cavra_boundary.cli.output import write
from cavra_boundary.cli.places import repository
from cavra_boundary.cli.sources import make_history, make_source
from cavra_boundary.errors import EXIT_CODES, ExitCode, GitError, UsageError
from cavra_boundary.git import ci
from cavra_boundary.git.refs import Ref, is_shallow, resolve_revision
from cavra_boundary.policy import options
from cavra_boundary.policy.option_kinds import Output
from cavra_boundary.report import renderer
from cavra_boundary.report.escape import printable
from cavra_boundary.sources.tree import TreeSource

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cavra_boundary.git.ci import Scope
    from cavra_boundary.model import Report
    from cavra_boundary.policy.settings import Settings
    from cavra_boundary.report.base import RenderContext
    from cavra_boundary.sources.base import Source


@click.command("ci", epilog=EXIT_CODES)
@options.scan_options("range", *OPTIONS)
def command(config: Path | None, **flags: object) -> int:
    """Scan the new commits of a CI run, and the tree at HEAD.

    The environment of GitHub, GitLab, Bitbucket, Azure or Jenkins tells which commits are new: those of a push, a pull
    request, a merge queue or a tag. If it does not, the whole history of HEAD is scanned. A scheduled run has no new
    commits. A checkout that lacks commits to scan never passes.

    A pull request is judged by the configuration, packs and baseline of its target branch, and the report says where
    its own are weaker.

    On GitHub, findings become annotations and the report becomes the job summary.

    \b
    Examples:
      cavra-boundary ci
      cavra-boundary ci --format sarif=out.sarif
      cavra-boundary ci --range origin/main..HEAD
    """  # noqa: D301 - \b is click's mark for a block that keeps its lines
    root = repository()
    # With --range, the environment of a CI service is not needed.
    scope = ci.scope({} if flags.get("range") else os.environ)
    if scope.review and not (config or flags.get("policy_from")):
        flags["policy_from"] = _target(root, scope, bool(flags.get("allow_shallow")))
    with governing(root, root, config, flags) as governs:
        chosen = governs.settings
        commits, said = _asked(chosen, root, chosen.range) if chosen.range else _new(chosen, root, scope)
        if governs.plan.cache.refused:
            said += f"; without a cache: {governs.plan.cache.refused}"
        click.echo(f"cavra-boundary: {printable(said)}", err=True)
        if not scope.tree:
            return ExitCode.CLEAN
        tree = TreeSource(root, "HEAD", chosen.exclude, chosen.max_file_size)
        report, context = judge([tree, *commits], governs, root)
    write(report, context, [output for output in chosen.outputs if output.file])
    _show(report, context, [output for output in chosen.outputs if not output.file])
    if not report.receipt.complete and is_shallow(root):
        click.echo(f"cavra-boundary: this checkout lacks history: {scope.deepen}", err=True)
    return context.exit_code


def _asked(chosen: Settings, root: Path, text: str) -> tuple[list[Source], str]:
    """The range that the user asked for, and in words what is scanned."""
    return [make_source(chosen, root, ())], f"{text}, as requested, and the tree at HEAD"


def _new(chosen: Settings, root: Path, scope: Scope) -> tuple[list[Source], str]:
    """The commits that are new in this checkout, and in words what is scanned. GitError for a commit that it lacks."""
    run = f"{scope.service}, {scope.event}"
    if not scope.tree:
        return [], f"{run}: nothing to scan"
    if not scope.heads:
        return [], f"{run}: no new commits, so only the tree at HEAD"
    revisions = list(dict.fromkeys(_head(root, head, scope) for head in scope.heads))
    refs = [Ref(scope.ref, revisions[-1], "")] if scope.ref else []
    known = _base(root, scope)
    if known:
        oid, meaning = known
        revisions.append(f"^{oid}")
        new = f"commits since {meaning}, {oid[:12]}"
    else:
        unknown = " or ".join(base.meaning for base in scope.bases) or "what was there before"
        new = f"all history, since this checkout does not have {unknown}"
    source = make_history(chosen, root, name="new commits", revisions=revisions, refs=refs)
    return [source], f"{run}: {new}, and the tree at HEAD"


def _head(root: Path, head: str, scope: Scope) -> str:
    """The id of a head; for a tag, its own, since its message is scanned too. GitError when the checkout lacks it."""
    try:
        resolve_revision(root, head, type_="commit")
        return resolve_revision(root, head)
    except GitError:
        raise GitError(f"{head} is not in this checkout", where=scope.service, hint=scope.deepen) from None


def _target(root: Path, scope: Scope, allow_shallow: bool) -> str | None:
    """The id of the commit whose policy judges a pull request; None for its own, if `allow_shallow` permits that.

    GitError when the checkout lacks the target.
    """
    if known := _base(root, scope):
        return known[0]
    missing = f"the target of this {scope.event} is not in this checkout"
    if not allow_shallow:
        raise GitError(missing, where=scope.service, hint=scope.deepen)
    click.echo(f"cavra-boundary: {missing}, so it is judged by its own configuration", err=True)
    return None


def _base(root: Path, scope: Scope) -> tuple[str, str] | None:
    """The id of the first base that the checkout has, and what it is."""
    for base in scope.bases:
        with suppress(GitError):
            return resolve_revision(root, base.revision, type_="commit"), base.meaning
    return None


def _show(report: Report, context: RenderContext, outputs: Sequence[Output]) -> None:
    """Write to standard output, and to where GitHub looks. A format for programs is written alone."""
    shown = outputs or [Output("text", None)]
    write(report, context, shown)
    if shown[0].format == "text" and os.environ.get("GITHUB_ACTIONS"):
        write(report, context, [Output("github", None)])
    if summary := os.environ.get("GITHUB_STEP_SUMMARY"):
        try:
            with Path(summary).open("a", encoding="utf-8") as file:
                file.write(renderer("markdown")(report, context))
        except OSError as error:
            raise UsageError(f"cannot be written: {error.strerror}", where="GITHUB_STEP_SUMMARY") from None
