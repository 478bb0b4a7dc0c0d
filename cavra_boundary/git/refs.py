"""Branches, tags and revisions: what names refer to, and how much of the history is there."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from cavra_boundary.errors import GitError
from cavra_boundary.git.process import failure, lines_in, run_git, run_git_and_listen

NOTES_PREFIX = "refs/notes/"


class Ref(NamedTuple):
    """A full name such as `refs/heads/main`. oid: its direct target; type: "commit", "tag", "tree" or "blob"."""

    name: str
    oid: str
    type: str


def resolve_revision(folder: Path, text: str, *, type_: str = "") -> str:
    """The id of a revision; for a tag that of the tag itself, not its commit, unless a `type_` is given.

    GitError when there is none.
    """
    oid, *more = _parsed(folder, f"{text}^{{{type_}}}" if type_ else text, text)
    if more or oid.startswith("^"):
        raise GitError(f"{text!r} is a range, not a single revision", where=str(folder))
    return oid


def resolve_range(folder: Path, text: str) -> tuple[str, ...]:
    """Resolve a revision or range in git's syntax (`A..B`, `A...B`, `B`, `B^!`) to ids, and `^id` to leave out.

    GitError when any part is unknown.
    """
    return _parsed(folder, text, text)


def full_ref_name(folder: Path, text: str) -> str:
    """The full name of a branch or tag; "" for anything else."""
    _check(folder, text)
    name, *_ = lines_in(run_git(folder, ["rev-parse", "--symbolic-full-name", text, "--"]))
    return name if name.startswith("refs/") else ""


def origin_url(folder: Path) -> str:
    """Where the clone's origin is; "" if it has none. It may hold a password."""
    try:
        return lines_in(run_git(folder, ["config", "--get", "remote.origin.url"]))[0]
    except GitError:
        return ""


def merge_base(folder: Path, one: str, other: str) -> str:
    """The id of the best common ancestor of two commits; "" if there is none, or a shallow clone hides it."""
    _check(folder, one)
    _check(folder, other)
    try:
        return lines_in(run_git(folder, ["merge-base", one, other]))[0]
    except GitError:
        return ""


def list_refs(folder: Path, prefix: str = "refs/") -> tuple[Ref, ...]:
    """The refs below a prefix of whole components, sorted by name. GitError for a broken one."""
    listed, said = run_git_and_listen(
        folder, ["for-each-ref", "--format=%(objectname) %(objecttype) %(refname)", prefix.rstrip("/")]
    )
    if b"ignoring" in said:
        raise failure(folder, ["for-each-ref"], 0, said)
    return tuple(Ref(name, oid, type_) for oid, type_, name in (line.split(" ", 2) for line in lines_in(listed)))


def head_commit(folder: Path) -> str:
    """The id of the commit that HEAD points to, even if it is missing; "" on a branch without commits."""
    try:
        return os.fsdecode(run_git(folder, ["rev-parse", "--verify", "--quiet", "HEAD"])).strip()
    except GitError:
        return ""


def is_shallow(folder: Path) -> bool:
    """Whether part of the history was left out by a clone or fetch."""
    return run_git(folder, ["rev-parse", "--is-shallow-repository"]).strip() == b"true"


def shallow_commits(folder: Path) -> frozenset[str]:
    """The commits whose parents are missing because the clone is shallow. GitError when git fails."""
    if not is_shallow(folder):
        return frozenset()
    file = Path(os.fsdecode(run_git(folder, ["rev-parse", "--git-path", "shallow"]).rstrip(b"\n")))
    try:
        return frozenset((folder / file).read_text(encoding="ascii", errors="replace").split())
    except OSError as error:
        raise GitError(f"unreadable: {error.strerror}", where=str(folder / file)) from None


def _check(folder: Path, text: str) -> None:
    """GitError for text that cannot be a revision, or that git could take for an option."""
    if not text or text.startswith("-") or not text.isprintable():
        raise GitError(f"not a revision: {text!r}", where=str(folder), hint="name a branch, a tag, a commit or A..B")


def _parsed(folder: Path, expression: str, text: str) -> tuple[str, ...]:
    """The ids that a revision resolves to; `text` is what the user wrote."""
    _check(folder, text)
    try:
        *oids, _ = lines_in(run_git(folder, ["rev-parse", expression, "--"]))
    except GitError as error:
        shallow = is_shallow(folder)
        hint = "the clone is shallow: fetch the missing history" if shallow else "check the spelling, or fetch it"
        said = "" if "bad revision" in error.what else f": {error.what}"
        raise GitError(f"unknown revision {text!r}{said}", where=str(folder), hint=hint) from None
    return tuple(oids)
