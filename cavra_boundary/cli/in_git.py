"""The parts of a scan of what git keeps, and is about to make public: the index, commits, a tree, a message."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cavra_boundary import git
from cavra_boundary.cli.parts import STDIN
from cavra_boundary.errors import UsageError
from cavra_boundary.scan import Expected

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cavra_boundary.settings import Settings
    from cavra_boundary.sources.base import Source
    from cavra_boundary.sources.history import HistorySource

_SOURCES = {
    "staged": "--staged",
    "range": "--range",
    "history": "--history",
    "refs": "--ref",
    "message_file": "--message-file",
}
"""The options that ask for something else than files on the disk, and their flags."""


def is_asked(flags: Mapping[str, Any]) -> bool:
    """Whether flags ask for something else than files on the disk. UsageError when they ask for several things."""
    given = [field for field in _SOURCES if flags.get(field)]
    if len(given) > 1 and given != ["history", "refs"]:
        first, second, *_ = (_SOURCES[field] for field in given)
        raise UsageError(f"{first} and {second} are scanned apart", where=first, hint="one scan for each")
    if flags.get("refs") and len(flags["refs"]) > 1 and not flags.get("history"):
        raise UsageError(
            "several trees are scanned apart", where="--ref", hint="or add --history to scan their commits"
        )
    for field, owner, helpful in (
        ("allow_shallow", "--allow-shallow", ("range", "history")),
        ("expect_commits", "--expect-commits", ("range", "history")),
    ):
        if flags.get(field) and not any(flags.get(each) for each in helpful):
            raise UsageError("means nothing here", where=owner, hint="use it with --range or --history")
    return bool(given)


def locate(paths: Sequence[str], flags: Mapping[str, Any]) -> tuple[Path, tuple[str, ...]]:
    """The repository, or the folder of a message outside one, and with `--staged` the paths relative to it.

    UsageError for paths that the source has no use for, and outside a repository.
    """
    here = Path(os.path.realpath(Path.cwd()))
    if STDIN in paths:
        raise UsageError("standard input is scanned alone", where=STDIN, hint="leave the other flag out")
    if flags.get("staged"):
        return _locate_staged(here, paths)
    if flags.get("message_file"):
        if paths:
            raise UsageError("it is scanned alone", where="--message-file", hint="leave the paths out")
        return git.top_of(here) or here, ()
    if len(paths) > 1:
        raise UsageError("commits are scanned of one repository", where=paths[1], hint="name no path, or its folder")
    folder = Path(os.path.realpath(paths[0])) if paths else here
    repository = git.repository_of(folder)
    if repository is None:
        raise UsageError("not in a git repository", where=str(folder))
    if paths and repository != folder:
        raise UsageError(
            "commits are scanned whole", where=paths[0], hint=f"name the repository's folder, {repository}"
        )
    return repository, ()


def _locate_staged(here: Path, paths: Sequence[str]) -> tuple[Path, tuple[str, ...]]:
    # What is staged need not be on the disk, so only the folder of a path is looked at.
    full = [Path(os.path.realpath(Path(path).parent)) / Path(path).name if Path(path).name else here for path in paths]
    full = [Path(os.path.normpath(path)) for path in full]
    tops = dict.fromkeys(git.top_of(path if path.is_dir() else path.parent) for path in full or [here])
    top, *others = tops
    if top is None:
        raise UsageError("not in a git repository with a working tree", where="--staged")
    if others:
        raise UsageError(f"{top} and {others[0]} are scanned apart", where="--staged", hint="one scan for each")
    return top, tuple(path.relative_to(top).as_posix() for path in full)


def make_source(chosen: Settings, root: Path, asked: Sequence[str]) -> Source:
    """What the settings ask for, in the repository that `locate` found. GitError for an unknown revision."""
    if chosen.staged:
        from cavra_boundary.sources.index import IndexSource

        return IndexSource(root, asked, chosen.exclude, chosen.max_file_size)
    if chosen.message_file:
        return _message(chosen, root, chosen.message_file)
    if chosen.range:
        return _range(chosen, root, chosen.range)
    if chosen.history:
        return _history(chosen, root)
    from cavra_boundary.sources.tree import TreeSource

    return TreeSource(root, chosen.refs[0], chosen.exclude, chosen.max_file_size)


def make_history(
    chosen: Settings, root: Path, *, name: str, revisions: Sequence[str], refs: Sequence[git.Ref] = ()
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


def expected(chosen: Settings) -> Expected:
    return Expected(chosen.expect_files or 0, chosen.expect_commits or 0)


def choices(chosen: Settings) -> tuple[str, ...]:
    """What the settings choose that makes the scan cover less."""
    return ("--allow-shallow: commits that a shallow clone lacks are not missed",) if chosen.allow_shallow else ()


def _range(chosen: Settings, root: Path, text: str) -> HistorySource:
    revisions = git.revisions(root, text)
    if all(revision.startswith("^") for revision in revisions):
        raise UsageError("it names no commit to scan", where="--range", hint="write A..B: what B has and A has not")
    # The name of a branch becomes public with it.
    name = git.full_name(root, text.rpartition("..")[2] or "HEAD")
    refs = [ref for ref in git.refs(root) if ref.name == name or ref.name.startswith("refs/tags/")]
    return make_history(chosen, root, name=f"range {text}", revisions=revisions, refs=refs)


def _history(chosen: Settings, root: Path) -> HistorySource:
    refs = git.refs(root)
    if chosen.refs:
        names = {git.full_name(root, text) for text in chosen.refs}
        revisions = [git.revision(root, text) for text in chosen.refs]
        refs = tuple(ref for ref in refs if ref.name in names)
        return make_history(chosen, root, name=f"history of {', '.join(chosen.refs)}", revisions=revisions, refs=refs)
    revisions = [ref.oid for ref in refs if not ref.name.startswith(git.NOTES)]
    if head := git.head(root):
        revisions.append(head)
    return make_history(chosen, root, name="history", revisions=revisions, refs=refs)


def _message(chosen: Settings, root: Path, file: Path) -> Source:
    from cavra_boundary.sources.message import MessageSource

    full = Path(os.path.realpath(file))
    if not full.is_file():
        raise UsageError("no such file", where=f"--message-file {file}")
    path = full.relative_to(root).as_posix() if full.is_relative_to(root) else ".git/COMMIT_EDITMSG"
    comments = not git.drops_comments(root) if git.top_of(root) else True
    return MessageSource(full, path, chosen.max_file_size, comments)
