"""What a CI run covers: the CI service's environment -> the revisions that are new.

No git and no policy here: callers check whether a `Scope`'s revisions are in the checkout. Variables and the event
file hold untrusted text (a branch name, a pull request's title), so only commit ids and ref names are taken from them,
and only well-formed ones. Dropping the others makes the scope larger.

The rules are the same for every service:

- A push adds the commits that were not there before it. If the previous state is unknown (a new branch) or gone (a
  forced push), the default branch is used instead; if that does not help either, all history is new.
- A pull request, merge request or merge queue adds the commits that its target does not have, and the merge itself.
- A tag adds itself and the commits that the default branch does not have.
- A schedule, a manual run and everything else add no commits.

Whose policy judges is decided here, too, whatever is scanned:

- A merge request, whatever the event that carries it: its target's.
- A push to the default branch: its own, which others have reviewed, or else it would not be there.
- Everything else: the default branch's. What is no proposal, namely a tag, a schedule, or a manual run that is not
  known to be of another branch, may be judged by its own where the checkout does not have the default branch. A push to
  any other branch, an event that a stranger can start, and a service that is not known may not.

The tree at HEAD is always scanned too: canceled runs leave gaps between ranges, and a change to the rules or the
configuration affects files that no commit in the range touches.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from cavra_boundary.errors import ScanError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


_MAX_EVENT = 32 << 20
"""Bytes of an event file; GitHub sends at most 25 MB (docs.github.com, Webhook events and payloads)."""

_OID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
# What git-check-ref-format(1) forbids.
_FORBIDDEN_IN_REF = re.compile(r"[ ~^:?*\[\\]|\.\.|@\{|//|/\.|\.lock(?:/|$)|^[-./]|[./]$")


class Base(NamedTuple):
    """A revision that was already public, and a description of it."""

    revision: str
    meaning: str


class Scope(NamedTuple):
    """What a CI run covers.

    service, event: descriptions, without branch or tag names, since those are content. deepen: how to make this service
    check out all history. heads: the revisions whose commits are new; empty if the event adds no commits. bases:
    candidates for the previous state, best first; the first one in the checkout is used, and without one all history is
    new. ref: the full name that now points to the last head, if known. tree: whether the tree at HEAD is scanned.
    review: whether it is a proposed change, which must not be judged by its own policy. governs: candidates for the
    revision whose policy judges a review, best first. default: the default branch's full name, if known. tip: its
    commit, if the service says that this run is of it. repository: whose branches these are, as owner/name. own:
    whether the tree's own policy may judge if the checkout does not have the default branch. adopts: whether this run
    may be the first that a repository ever has; other events run what the default branch already has.
    """

    service: str
    event: str
    deepen: str
    heads: tuple[str, ...] = ()
    bases: tuple[Base, ...] = ()
    ref: str = ""
    tree: bool = True
    review: bool = False
    governs: tuple[Base, ...] = ()
    default: str = ""
    tip: str = ""
    repository: str = ""
    own: bool = False
    adopts: bool = True


UNKNOWN_SERVICE = Scope("unknown CI service", "any state", "clone the whole repository", ("HEAD",))


def scope(environ: Mapping[str, str]) -> Scope:
    """What this run covers according to the CI service. ScanError if it gives an event but no commit."""
    for variable, read in _SERVICES:
        if environ.get(variable):
            found = read(environ)
            if read is not _github:
                return found
            adopts = environ.get("GITHUB_EVENT_NAME") in ("push", "pull_request", "merge_group")
            return found._replace(repository=environ.get("GITHUB_REPOSITORY", ""), adopts=adopts)
    return UNKNOWN_SERVICE


def _github(environ: Mapping[str, str]) -> Scope:
    """GitHub Actions (docs.github.com: Variables reference; Webhook events and payloads), Gitea and Forgejo."""
    deepen = "set fetch-depth: 0 for actions/checkout"
    name = environ.get("GITHUB_EVENT_NAME", "")
    event = _read_event(environ.get("GITHUB_EVENT_PATH", ""))
    default = _branch(_at(event, "repository", "default_branch"))
    if name == "push":
        ref = _ref(event.get("ref")) or _ref(environ.get("GITHUB_REF"))
        if event.get("deleted") is True:
            return Scope("GitHub", "deletion of a branch or tag", deepen, tree=False)
        return _push("GitHub", ref, _oid(event.get("after")), _oid(event.get("before")), default, deepen)
    if name.startswith("pull_request") or _oid(_at(event, "pull_request", "base", "sha")):
        if name == "pull_request_target":
            deepen = "use the event pull_request: pull_request_target checks out the target, not the pull request"
        base, head = (_at(event, "pull_request", side, "sha") for side in ("base", "head"))
        target = _branch(_at(event, "pull_request", "base", "ref"))
        return _merge("GitHub", "pull request", _oid(head), _oid(base), target, deepen, default)
    if name == "merge_group":
        base, head = (_at(event, "merge_group", f"{side}_sha") for side in ("base", "head"))
        target = _branch(_at(event, "merge_group", "base_ref"))
        return _merge("GitHub", "merge queue", _oid(head), _oid(base), target, deepen, default)
    tip = _oid(environ.get("GITHUB_SHA")) if default and environ.get("GITHUB_REF") == default else ""
    # Anybody can start the others: workflow_run, issue_comment and the like.
    started_here = name in ("schedule", "workflow_dispatch")
    own = started_here and not _is_other_branch(_ref(environ.get("GITHUB_REF")), default)
    return _no_commits("GitHub", name, deepen, default, tip, own=own)


def _gitlab(environ: Mapping[str, str]) -> Scope:
    """GitLab CI/CD (docs.gitlab.com: Predefined CI/CD variables reference)."""
    deepen = "set the variable GIT_DEPTH: 0 for the job"
    source = environ.get("CI_PIPELINE_SOURCE", "")
    head = _oid(environ.get("CI_COMMIT_SHA"))
    default = _branch(environ.get("CI_DEFAULT_BRANCH"))
    if environ.get("CI_MERGE_REQUEST_IID"):
        base = _oid(environ.get("CI_MERGE_REQUEST_DIFF_BASE_SHA"))
        target = _branch(environ.get("CI_MERGE_REQUEST_TARGET_BRANCH_NAME"))
        found = _merge("GitLab", "merge request", head, base, target, deepen, default)
        # Its base is where the source branch starts. The author chose that, and may choose one with a weak policy.
        tip = _oid(environ.get("CI_MERGE_REQUEST_TARGET_BRANCH_SHA"))
        governs = [Base(tip, "its target")] if tip else []
        governs += [each for each in found.bases if each.meaning == "its target"]
        return found._replace(governs=tuple(governs) or found.bases)
    if environ.get("CI_EXTERNAL_PULL_REQUEST_IID"):
        base = _oid(environ.get("CI_EXTERNAL_PULL_REQUEST_TARGET_BRANCH_SHA"))
        target = _branch(environ.get("CI_EXTERNAL_PULL_REQUEST_TARGET_BRANCH_NAME"))
        return _merge("GitLab", "external pull request", head, base, target, deepen, default)
    if source == "push":
        ref = _tag(environ.get("CI_COMMIT_TAG")) or _branch(environ.get("CI_COMMIT_BRANCH"))
        return _push("GitLab", ref, head, _oid(environ.get("CI_COMMIT_BEFORE_SHA")), default, deepen)
    branch = _branch(environ.get("CI_COMMIT_BRANCH"))
    tip = head if default and branch == default else ""
    own = source in ("schedule", "web") and not _is_other_branch(branch, default)
    return _no_commits("GitLab", source, deepen, default, tip, own=own)


def _bitbucket(environ: Mapping[str, str]) -> Scope:
    """Bitbucket Pipelines (support.atlassian.com: Variables and secrets). It does not give the previous state."""
    deepen = "set clone: depth: full"
    head = _oid(environ.get("BITBUCKET_COMMIT"))
    if environ.get("BITBUCKET_PR_ID"):
        base = _oid(environ.get("BITBUCKET_PR_DESTINATION_COMMIT"))
        target = _branch(environ.get("BITBUCKET_PR_DESTINATION_BRANCH"))
        return _merge("Bitbucket", "pull request", head, base, target, deepen)
    ref = _tag(environ.get("BITBUCKET_TAG")) or _branch(environ.get("BITBUCKET_BRANCH"))
    if ref:
        return _push("Bitbucket", ref, head, "", "", deepen)
    return _no_commits("Bitbucket", "custom pipeline", deepen, own=True)


def _azure(environ: Mapping[str, str]) -> Scope:
    """Azure Pipelines (learn.microsoft.com: Use predefined variables). It does not give the previous state."""
    deepen = "set fetchDepth: 0 for the checkout step"
    reason = environ.get("BUILD_REASON", "")
    if reason == "PullRequest":
        head = _oid(environ.get("SYSTEM_PULLREQUEST_SOURCECOMMITID"))
        target = _branch(environ.get("SYSTEM_PULLREQUEST_TARGETBRANCH"))
        return _merge("Azure", "pull request", head, "", target, deepen)
    if reason in ("IndividualCI", "BatchedCI"):
        ref, head = _ref(environ.get("BUILD_SOURCEBRANCH")), _oid(environ.get("BUILD_SOURCEVERSION"))
        return _push("Azure", ref, head, "", "", deepen)
    return _no_commits("Azure", reason, deepen, own=reason in ("Schedule", "Manual"))


def _jenkins(environ: Mapping[str, str]) -> Scope:
    """Jenkins (plugins.jenkins.io: Git, Branch API). The last successful build is the previous state."""
    deepen = "turn the shallow clone off, and fetch the target branch"
    head = _oid(environ.get("GIT_COMMIT"))
    if environ.get("CHANGE_ID"):
        return _merge("Jenkins", "change request", head, "", _branch(environ.get("CHANGE_TARGET")), deepen)
    branch = environ.get("BRANCH_NAME") or environ.get("GIT_BRANCH", "").removeprefix("origin/")
    ref = _tag(environ.get("TAG_NAME")) or _branch(branch)
    return _push("Jenkins", ref, head, _oid(environ.get("GIT_PREVIOUS_SUCCESSFUL_COMMIT")), "", deepen)


_SERVICES: tuple[tuple[str, Callable[[Mapping[str, str]], Scope]], ...] = (
    ("GITHUB_ACTIONS", _github),
    ("GITLAB_CI", _gitlab),
    ("BITBUCKET_BUILD_NUMBER", _bitbucket),
    ("TF_BUILD", _azure),
    ("JENKINS_URL", _jenkins),
)
"""A variable that only this service sets -> the function that reads the others."""


def _push(service: str, ref: str, after: str, before: str, default: str, deepen: str) -> Scope:
    """The scope of a push to `ref`, a branch or a tag; `default` is the default branch's full name."""
    bases = []
    if before:
        bases.append(Base(before, "the previous state"))
    if default and default != ref:
        bases.append(Base(tracking(default), "the default branch"))
    is_tag = ref.startswith("refs/tags/")
    # A checkout may have the commit only through the tag, whose message is public too.
    pushed = ref if is_tag else after
    heads = ("HEAD", pushed) if pushed else ("HEAD",)
    event = f"push of a {'tag' if is_tag else 'branch'}"
    return Scope(service, event, deepen, heads, tuple(bases), ref, default=default, own=is_tag)


def _merge(service: str, what: str, head: str, base: str, target: str, deepen: str, default: str = "") -> Scope:
    """The scope of a request to merge into `target`. HEAD is the merge, or `head` itself."""
    if not head:
        raise ScanError(f"{service} gives no commit for this {what}", where="environment", hint="use --range")
    bases = []
    if base:
        bases.append(Base(base, "its base"))
    if target:
        bases.append(Base(tracking(target), "its target"))
    heads, known = ("HEAD", head), tuple(bases)
    return Scope(service, what, deepen, heads, known, review=True, governs=known, default=default)


def _no_commits(service: str, event: str, deepen: str, default: str = "", tip: str = "", *, own: bool) -> Scope:
    words = re.sub(r"[^A-Za-z0-9_ -]", "", event)
    return Scope(service, words or "unnamed event", deepen, default=default, tip=tip, own=own)


def _is_other_branch(ref: str, default: str) -> bool:
    """Whether a ref is known to be a branch that is not the default one."""
    return bool(default) and ref.startswith("refs/heads/") and ref != default


def _read_event(path: str) -> Mapping[str, Any]:
    """The event that started a workflow, a JSON object. ScanError if it cannot be read."""
    try:
        with Path(path).open("rb") as file:
            content = file.read(_MAX_EVENT + 1)
        event = json.loads(content) if len(content) <= _MAX_EVENT else None
    except (OSError, ValueError, RecursionError):
        event = None
    if not isinstance(event, dict):
        raise ScanError("cannot read the event", where=f"GITHUB_EVENT_PATH={path}", hint="use --range")
    return event


def _at(event: Mapping[str, Any], *keys: str) -> object:
    """The value at these keys; None if there is none."""
    value: object = event
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _oid(value: object) -> str:
    """A full commit id; empty for anything else, and for the all-zero id."""
    return value if isinstance(value, str) and _OID.fullmatch(value) and value.strip("0") else ""


def _ref(value: object) -> str:
    """A full ref name; empty for anything else."""
    if not isinstance(value, str) or not value.startswith("refs/") or not value.isprintable():
        return ""
    return "" if _FORBIDDEN_IN_REF.search(value) else value


def _branch(value: object) -> str:
    """A branch's full name, from its full or short name."""
    return _ref(f"refs/heads/{value.removeprefix('refs/heads/')}") if isinstance(value, str) and value else ""


def _tag(value: object) -> str:
    """A tag's full name, from its short name."""
    return _ref(f"refs/tags/{value}") if isinstance(value, str) and value else ""


def tracking(branch: str) -> str:
    """The remote-tracking ref of a branch."""
    return branch.replace("refs/heads/", "refs/remotes/origin/", 1)
