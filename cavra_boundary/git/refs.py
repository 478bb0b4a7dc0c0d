"""Branches, tags and revisions: what names stand for, and how much of the history is there."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from cavra_boundary.errors import GitError
from cavra_boundary.git.process import failure, lines_in, run_git, run_git_and_listen

NOTES_PREFIX = "refs/notes/"


class Ref(NamedTuple):
    """A full name such as `refs/heads/main`. oid: what it names directly; type: "commit", "tag", "tree" or "blob"."""

    name: str
    oid: str
    type: str


def resolve_revision(folder: Path, text: str, *, type_: str = "") -> str:
    """The id of what the user calls so: of a tag itself, not of its commit, unless a `type_` is asked for.

    GitError when there is no such thing.
    """
    oid, *more = _parsed(folder, f"{text}^{{{type_}}}" if type_ else text, text)
    if more or oid.startswith("^"):
        raise GitError(f"{text!r} is a range and no single revision", where=str(folder))
    return oid


def resolve_range(folder: Path, text: str) -> tuple[str, ...]:
    """What a revision or range in git's spelling (`A..B`, `A...B`, `B`, `B^!`) comes to: ids, and `^id` to leave out.

    GitError when a part of it is unknown.
    """
    return _parsed(folder, text, text)


def full_ref_name(folder: Path, text: str) -> str:
    """The full name of the branch or tag that the user calls so; "" for what is none."""
    _check(folder, text)
    name, *_ = lines_in(run_git(folder, ["rev-parse", "--symbolic-full-name", text, "--"]))
    return name if name.startswith("refs/") else ""


def list_refs(folder: Path, prefix: str = "refs/") -> tuple[Ref, ...]:
    """The refs whose name begins so, whole components only, in the order of their names. GitError for a broken one."""
    listed, said = run_git_and_listen(
        folder, ["for-each-ref", "--format=%(objectname) %(objecttype) %(refname)", prefix.rstrip("/")]
    )
    if b"ignoring" in said:
        raise failure(folder, ["for-each-ref"], 0, said)
    return tuple(Ref(name, oid, type_) for oid, type_, name in (line.split(" ", 2) for line in lines_in(listed)))


def head_commit(folder: Path) -> str:
    """The id of the commit that HEAD names, whether or not it is there; "" on a branch that is not born yet."""
    try:
        return os.fsdecode(run_git(folder, ["rev-parse", "--verify", "--quiet", "HEAD"])).strip()
    except GitError:
        return ""


def is_shallow(folder: Path) -> bool:
    """Whether a part of the history was left out when the repository was cloned or fetched."""
    return run_git(folder, ["rev-parse", "--is-shallow-repository"]).strip() == b"true"


def shallow_commits(folder: Path) -> frozenset[str]:
    """The commits whose parents are not there because the clone is shallow. GitError when git does not say."""
    if not is_shallow(folder):
        return frozenset()
    file = Path(os.fsdecode(run_git(folder, ["rev-parse", "--git-path", "shallow"]).rstrip(b"\n")))
    try:
        return frozenset((folder / file).read_text(encoding="ascii", errors="replace").split())
    except OSError as error:
        raise GitError(f"unreadable: {error.strerror}", where=str(folder / file)) from None


def _check(folder: Path, text: str) -> None:
    """GitError for what can be no revision, and could be taken for an option of git's."""
    if not text or text.startswith("-") or not text.isprintable():
        raise GitError(f"no revision: {text!r}", where=str(folder), hint="name a branch, a tag, a commit or A..B")


def _parsed(folder: Path, expression: str, text: str) -> tuple[str, ...]:
    """The ids that a revision comes to; `text` is what the user wrote."""
    _check(folder, text)
    try:
        *oids, _ = lines_in(run_git(folder, ["rev-parse", expression, "--"]))
    except GitError as error:
        shallow = is_shallow(folder)
        hint = "the clone is shallow: fetch what is missing" if shallow else "is it spelled right, and fetched?"
        said = "" if "bad revision" in error.what else f": {error.what}"
        raise GitError(f"unknown revision {text!r}{said}", where=str(folder), hint=hint) from None
    return tuple(oids)
