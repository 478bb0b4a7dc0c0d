"""`cavra-boundary ci`: scan the new commits of a CI run, and report them where the service shows them."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cavra_boundary.cli.governing import Judge, governing
from cavra_boundary.cli.judge import OPTIONS, judge
from cavra_boundary.cli.output import write
from cavra_boundary.cli.places import repository
from cavra_boundary.cli.sources import make_history, make_source
from cavra_boundary.errors import EXIT_CODES, ExitCode, GitError, ScanError, UsageError
from cavra_boundary.git import ci
from cavra_boundary.git.ci import Base
from cavra_boundary.git.refs import (
    Ref,
    full_ref_name,
    head_commit,
    is_shallow,
    list_refs,
    merge_base,
    origin_url,
    resolve_range,
    resolve_revision,
)
from cavra_boundary.policy import options
from cavra_boundary.policy.option_kinds import Output
from cavra_boundary.report import renderer
from cavra_boundary.report.escape import printable
from cavra_boundary.sources.tree import TreeSource

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cavra_boundary.git.ci import Scope
    from cavra_boundary.model import Report
    from cavra_boundary.policy.settings import Settings
    from cavra_boundary.report.base import RenderContext
    from cavra_boundary.sources.base import Source


@click.command("ci", epilog=EXIT_CODES)
@options.scan_options("range", *OPTIONS)
@click.option(
    "--own-policy",
    is_flag=True,
    help="Let the tree's own policy judge if this checkout has no other that could. The receipt says so.",
)
@click.option(
    "--approved-policy",
    metavar="COMMIT",
    default="",
    help="Let the tree's own policy judge although it is weaker, if this is the full id of the proposal's head. Set it "
    "only in a job that nobody but maintainers can start.",
)
def command(own_policy: bool, approved_policy: str, config: Path | None, **flags: object) -> int:
    """Scan the new commits of a CI run, and the tree at HEAD.

    The environment of GitHub, GitLab, Bitbucket, Azure or Jenkins tells which commits are new: those of a push, a pull
    request, a merge queue or a tag. If it does not, the whole history of HEAD is scanned. A scheduled run has no new
    commits. A checkout that lacks commits to scan never passes.

    A pull request is judged by the configuration, packs and baseline of its target branch, whoever names these files,
    and whatever weakens them fails. Other events are judged by the default branch's, see docs/policy.md.

    On GitHub, findings become annotations and the report becomes the job summary.

    \b
    Examples:
      cavra-boundary ci
      cavra-boundary ci --format sarif=out.sarif
      cavra-boundary ci --range origin/main..HEAD
    """  # noqa: D301 - \b is click's mark for a block that keeps its lines
    root = repository()
    # Where git refuses to work at all, its reason must not look like a commit that is missing.
    lacks_history = is_shallow(root)
    scope = _scope(bool(flags.get("range")))
    judge_ = _judge(root, scope, flags, own=own_policy)._replace(**_approval(root, scope, approved_policy))
    with governing(root, root, config, flags, judge_) as governs:
        chosen = governs.settings
        commits, said = _asked(chosen, root, chosen.range) if chosen.range else _new(chosen, root, scope)
        if governs.plan.cache.refused:
            said += f"; without a cache: {governs.plan.cache.refused}"
        click.echo(f"cavra-boundary: {printable(said)}", err=True)
        if not scope.tree and not chosen.range:
            return ExitCode.CLEAN
        tree = TreeSource(root, "HEAD", chosen.exclude, chosen.max_file_size)
        report, context = judge([tree, *commits], governs, root)
    write(report, context, [output for output in chosen.outputs if output.file])
    _show(report, context, [output for output in chosen.outputs if not output.file])
    if not report.receipt.complete and lacks_history:
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


def _scope(is_ranged: bool) -> Scope:
    """What the CI service says. A range that is asked for needs no event, but an event says who judges all the same."""
    try:
        return ci.scope(os.environ)
    except ScanError:
        if not is_ranged:
            raise
        return ci.UNKNOWN_SERVICE


def _judge(root: Path, scope: Scope, flags: Mapping[str, object], *, own: bool) -> Judge:
    """Whose policy judges. GitError when it must be another's, and this checkout does not have it."""
    named = str(flags.get("policy_from") or "")
    if not scope.tree and not flags.get("range"):
        return Judge(named)
    own = own or (scope.review and bool(flags.get("allow_shallow")))
    head = head_commit(root)
    if not head or (not scope.review and scope.ref and scope.ref in (scope.default, _default_branch(root))):
        return Judge(named)
    known = _first(root, _trusted(root, scope, scope.governs if scope.review else _default(scope)))
    # A commit of the default branch has a policy that was in force there.
    is_of_default = known is not None and not scope.review and _contains(root, known[0], head)
    own = own or scope.own or (scope is ci.UNKNOWN_SERVICE and _is_from_nowhere(root))
    if named:
        if not is_of_default and not (known is None and own):
            _check_named(root, scope, named)
        return Judge(named)
    if is_of_default:
        return Judge()
    if known:
        return Judge(known[0], adopts=scope.adopts)
    missing = f"the target of this {scope.event}" if scope.review else "the default branch"
    if own:
        said = f"own policy: nobody else's judged, since this checkout does not have {missing}"
        click.echo(f"cavra-boundary: {said}", err=True)
        return Judge(said=(said,))
    hint = scope.deepen if scope.review else f"{scope.deepen}; or say whose policy judges: --policy-from, --own-policy"
    raise GitError(f"{missing}, whose policy judges, is not in this checkout", where=scope.service, hint=hint)


def _check_named(root: Path, scope: Scope, named: str) -> None:
    """UsageError when the author of a proposal can have `--policy-from` name a commit of their own.

    It must be in the history of the target or of the default branch. Where the checkout has neither, only a branch of
    origin can be told from the proposal: not HEAD, a tag, an id or the ref of a pull request.
    """
    with suppress(GitError):  # who asked for a revision that is not there is told so later
        commit = resolve_revision(root, named, type_="commit")
        trusted = _trusted(root, scope, (*scope.governs, *_default(scope)))
        there = [found[0] for base in trusted if (found := _first(root, [base]))]
        if any(_contains(root, tip, commit) for tip in there):
            return
        heads = {found[0] for head in ("HEAD", *scope.heads) if (found := _first(root, [Base(head, "")]))}
        is_of_origin = full_ref_name(root, named).startswith("refs/remotes/origin/") and not _is_of_fork(root, scope)
        if not there and is_of_origin and commit not in heads:
            return
        whose = "the target's or the default branch's history" if there else "a branch of origin besides the proposal's"
        raise UsageError(
            f"{named} is not in {whose}, so a proposal would judge itself",
            where="--policy-from",
            hint="name the target, such as origin/main",
        )


def _is_from_nowhere(root: Path) -> bool:
    """Whether it is somebody's own repository: nothing says that this is CI, and it was cloned from no other."""
    return not os.environ.get("CI") and not origin_url(root) and not list_refs(root, "refs/remotes")


def _contains(root: Path, tip: str, commit: str) -> bool:
    """Whether a commit is in the history that ends with another."""
    return merge_base(root, commit, tip) == commit


def _default(scope: Scope) -> list[Base]:
    """Candidates for the default branch, best first."""
    return [Base(each, "") for each in (scope.tip, ci.tracking(scope.default), _ORIGIN_HEAD) if each]


def _trusted(root: Path, scope: Scope, bases: Sequence[Base]) -> list[Base]:
    """Those of the revisions that the proposal's author does not control.

    A workflow may have cloned the author's fork, whose branches have the same names. Ids are the same everywhere.
    """
    is_fork = _is_of_fork(root, scope)
    return [base for base in bases if not (is_fork and base.revision.startswith("refs/"))]


def _is_of_fork(root: Path, scope: Scope) -> bool:
    """Whether the checkout is a clone of another repository than the one that the run is for."""
    url = origin_url(root)
    return bool(scope.repository and re.match(r"(?:https?|ssh|git)://|[^/]*@", url)) and not re.search(
        rf"[/:]{re.escape(scope.repository)}(?:\.git)?/?$", url, re.IGNORECASE
    )


def _approval(root: Path, scope: Scope, approved: str) -> dict[str, Any]:
    """What `--approved-policy` changes about the judge: it counts for exactly the commit that was looked at."""
    if not approved:
        return {}
    head = head_commit(root)
    wanted = scope.heads[-1] if scope.review else head
    if approved == wanted and wanted in (head, *_parents(root)):
        return {"approved": approved}
    why = f"--approved-policy: {approved[:64]!r} is not the head commit's full id, {wanted}: nothing is approved"
    click.echo(f"cavra-boundary: {printable(why)}", err=True)
    return {"refused": why}


def _parents(root: Path) -> tuple[str, ...]:
    """The parents of HEAD: a service may check out the merge of a proposal into its target."""
    with suppress(GitError):
        return resolve_range(root, "HEAD^@")
    return ()


_ORIGIN_HEAD = "refs/remotes/origin/HEAD"


def _default_branch(root: Path) -> str:
    """The full name of the branch that the clone's origin has as its default; "" if the checkout does not say."""
    with suppress(GitError):
        return full_ref_name(root, _ORIGIN_HEAD).replace("refs/remotes/origin/", "refs/heads/", 1)
    return ""


def _first(root: Path, bases: Sequence[Base]) -> tuple[str, Base] | None:
    """The id of the first of these that the checkout has, and which it is."""
    for base in bases:
        with suppress(GitError):
            return resolve_revision(root, base.revision, type_="commit"), base
    return None


def _base(root: Path, scope: Scope) -> tuple[str, str] | None:
    """The id of the first base that the checkout has, and what it is.

    If the service names none, it is the default branch that the clone knows, unless HEAD is a part of that.
    """
    if known := _first(root, scope.bases):
        return known[0], known[1].meaning
    if scope.default or not (known := _first(root, [Base(_ORIGIN_HEAD, "the default branch")])):
        return None
    return None if _contains(root, known[0], head_commit(root)) else (known[0], known[1].meaning)


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
