"""The sources that settings ask for: files on disk, standard input, or what git stores or is about to publish."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from cavra_boundary.cli.places import STDIN
from cavra_boundary.errors import UsageError
from cavra_boundary.git.messages import drops_comments, is_edited
from cavra_boundary.git.refs import (
    NOTES_PREFIX,
    Ref,
    full_ref_name,
    head_commit,
    list_refs,
    resolve_range,
    resolve_revision,
)
from cavra_boundary.git.repository import top_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cavra_boundary.policy.settings import Settings
    from cavra_boundary.sources.base import Source
    from cavra_boundary.sources.history import HistorySource


def make_source(chosen: Settings, root: Path, asked: Sequence[str]) -> Source:
    """The source that the settings ask for, in what `places` found. GitError for an unknown revision."""
    if chosen.staged:
        from cavra_boundary.sources.index import IndexSource

        return IndexSource(root, asked, chosen.exclude, chosen.max_file_size)
    if chosen.message_file:
        return _message(chosen, root, chosen.message_file)
    if chosen.range:
        return _range(chosen, root, chosen.range)
    if chosen.history:
        return _history(chosen, root)
    if chosen.refs:
        from cavra_boundary.sources.tree import TreeSource

        return TreeSource(root, chosen.refs[0], chosen.exclude, chosen.max_file_size)
    if tuple(asked) == (STDIN,):
        from cavra_boundary.sources.stdin import StdinSource

        return StdinSource(sys.stdin.buffer, chosen.stdin_name, _place(chosen.stdin_name, root), chosen.exclude)
    from cavra_boundary.sources.worktree import WorkTreeSource

    return WorkTreeSource(
        root,
        tuple(asked),
        chosen.exclude,
        ignore=not chosen.no_ignore,
        max_file_size=chosen.max_file_size,
        may_be_empty=chosen.expect_files == 0,
    )


def _place(name: str, root: Path) -> str:
    """Where a file of this name would be, relative to the root; "" if that is outside."""
    full = Path(os.path.normpath(Path(os.path.realpath(Path.cwd())) / name))
    return full.relative_to(root).as_posix() if full.is_relative_to(root) else ""


def make_history(
    chosen: Settings, root: Path, *, name: str, revisions: Sequence[str], refs: Sequence[Ref] = ()
) -> HistorySource:
    """The commits that revisions reach; the arguments are those of `HistorySource`."""
    from cavra_boundary.sources.history import HistorySource

    return HistorySource(
        root,
        chosen.exclude,
        chosen.max_file_size,
        name=name,
        revisions=revisions,
        refs=refs,
        allow_shallow=chosen.allow_shallow,
    )


def _range(chosen: Settings, root: Path, text: str) -> HistorySource:
    revisions = resolve_range(root, text)
    if all(revision.startswith("^") for revision in revisions):
        raise UsageError(
            "names no commit to scan", where="--range", hint="write A..B: the commits in B that are not in A"
        )
    # A branch's name becomes public with it.
    name = full_ref_name(root, text.rpartition("..")[2] or "HEAD")
    refs = [ref for ref in list_refs(root) if ref.name == name or ref.name.startswith("refs/tags/")]
    return make_history(chosen, root, name=f"range {text}", revisions=revisions, refs=refs)


def _history(chosen: Settings, root: Path) -> HistorySource:
    refs = list_refs(root)
    if chosen.refs:
        revisions = [resolve_revision(root, text) for text in chosen.refs]
        names = {full_ref_name(root, text) for text in chosen.refs}
        refs = tuple(ref for ref in refs if ref.name in names)
        return make_history(chosen, root, name=f"history of {', '.join(chosen.refs)}", revisions=revisions, refs=refs)
    revisions = [ref.oid for ref in refs if not ref.name.startswith(NOTES_PREFIX)]
    if head := head_commit(root):
        revisions.append(head)
    return make_history(chosen, root, name="history", revisions=revisions, refs=refs)


def _message(chosen: Settings, root: Path, file: Path) -> Source:
    from cavra_boundary.sources.message import MessageSource

    full = Path(os.path.realpath(file))
    if not full.is_file():
        raise UsageError("no such file", where=f"--message-file {file}")
    path = full.relative_to(root).as_posix() if full.is_relative_to(root) else ".git/COMMIT_EDITMSG"
    edited = is_edited() if top_of(root) else False
    comments = not (edited and drops_comments(root))
    return MessageSource(full, path, chosen.max_file_size, comments, edited)
