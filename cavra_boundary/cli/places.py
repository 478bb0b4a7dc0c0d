"""Locates what a command is asked to read: a root, and paths relative to it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cavra_boundary.errors import UsageError
from cavra_boundary.git.repository import repository_of, top_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

STDIN = "-"
ALL = "."
"""All of a working tree."""


def locate(paths: Sequence[str]) -> tuple[Path, tuple[str, ...]]:
    """The root for files and folders, or for standard input, and the paths relative to it.

    The root is the repository's top, the current folder, or the named folder. UsageError for a path that does not
    exist, for paths without a common root, and for a bare repository, which has only packed content.
    """
    if STDIN in paths:
        if len(paths) > 1:
            raise UsageError("standard input cannot be scanned together with paths", where=STDIN, hint="scan it alone")
        return _root_of(Path.cwd()), (STDIN,)
    full = [_existing(path) for path in paths]
    for named, path in zip(paths, full, strict=True):
        if top_of(path) is None and repository_of(path) == path:
            raise UsageError("a bare repository has no files", where=named, hint="use --history, or --ref HEAD")
    root, *others = dict.fromkeys(_root_of(path) for path in full)
    if others:
        raise UsageError(f"{root} and {others[0]} cannot be scanned together", where=paths[0], hint="one scan for each")
    return root, tuple(path.relative_to(root).as_posix() for path in full)


def start_of(root: Path, asked: Sequence[str]) -> Path:
    """Where to look for the configuration of what `locate` found; outside a repository it is the named folder's.

    Of several folders none governs the others, so there it is the root's.
    """
    alone = len(asked) == 1 and asked != (STDIN,)
    return root / asked[0] if alone else root


def _existing(path: str) -> Path:
    """The path made absolute. A link to a folder is followed, since it was named; a link to a file is content."""
    if not os.path.lexists(path):
        raise UsageError("no such file or folder", where=path, hint="check the path")
    here = Path(os.path.abspath(path))  # noqa: PTH100 - Path.absolute() keeps `..`
    return Path(os.path.realpath(here)) if here.is_dir() else Path(os.path.realpath(here.parent)) / here.name


def _root_of(path: Path) -> Path:
    folder = path if path.is_dir() and not path.is_symlink() else path.parent
    top = top_of(folder)
    if top:
        return top
    cwd = Path(os.path.realpath(Path.cwd()))
    return cwd if folder.is_relative_to(cwd) else folder


_OF_GIT = {
    "staged": "--staged",
    "range": "--range",
    "history": "--history",
    "refs": "--ref",
    "message_file": "--message-file",
}
"""The options that ask for git content, and their flags."""


def is_of_git(flags: Mapping[str, Any]) -> bool:
    """Whether flags ask for git content. UsageError when they ask for several sources of it."""
    given = [field for field in _OF_GIT if flags.get(field)]
    if len(given) > 1 and given != ["history", "refs"]:
        first, second, *_ = (_OF_GIT[field] for field in given)
        raise UsageError(f"{first} and {second} cannot be combined", where=first, hint="one scan for each")
    if flags.get("refs") and len(flags["refs"]) > 1 and not flags.get("history"):
        raise UsageError(
            "several trees cannot be scanned together", where="--ref", hint="or add --history to scan their commits"
        )
    for field, owner, helpful in (
        ("allow_shallow", "--allow-shallow", ("range", "history")),
        ("expect_commits", "--expect-commits", ("range", "history")),
    ):
        if flags.get(field) and not any(flags.get(each) for each in helpful):
            raise UsageError("has no effect here", where=owner, hint="use it with --range or --history")
    return bool(given)


def locate_in_git(paths: Sequence[str], flags: Mapping[str, Any]) -> tuple[Path, tuple[str, ...]]:
    """The repository, or for a message outside of any the current folder, and with `--staged` the paths relative to it.

    UsageError for paths that the source cannot use, and outside a repository.
    """
    here = Path(os.path.realpath(Path.cwd()))
    if STDIN in paths:
        raise UsageError("standard input cannot be combined with git content", where=STDIN, hint="drop the other flag")
    if flags.get("staged"):
        return _locate_staged(here, paths)
    if flags.get("message_file"):
        if paths:
            raise UsageError("cannot be combined with paths", where="--message-file", hint="drop the paths")
        return top_of(here) or here, ()
    if len(paths) > 1:
        raise UsageError("commits are scanned in one repository", where=paths[1], hint="give its folder, or no path")
    folder = Path(os.path.realpath(paths[0])) if paths else here
    root = repository(folder)
    if paths and root != folder:
        raise UsageError("commits are scanned whole", where=paths[0], hint=f"give the repository's folder, {root}")
    return root, ()


def _locate_staged(here: Path, paths: Sequence[str]) -> tuple[Path, tuple[str, ...]]:
    found = [_in_index(here, path) for path in paths or (ALL,)]
    top, *others = dict.fromkeys(top for top, _ in found)
    if top is None:
        raise UsageError("not in a git repository with a working tree", where="--staged")
    if others:
        raise UsageError(
            f"{top} and {others[0]} cannot be scanned together", where="--staged", hint="one scan for each"
        )
    return top, tuple(path for _, path in found) if paths else ()


def _in_index(here: Path, path: str) -> tuple[Path | None, str]:
    """The repository of a path's name, and the path in its index.

    What is on disk below the top does not count: where a folder was, there may be a link by now.
    """
    full = Path(os.path.normpath(here / path))
    top = None
    for each in (*reversed(full.parents), full):
        if top is not None and each.is_symlink():
            break
        if (each / ".git").exists():
            top = each
    if top is None:
        return None, ""
    return Path(os.path.realpath(top)), full.relative_to(top).as_posix()


def repository(folder: Path | None = None) -> Path:
    """The repository, possibly a bare one, around a folder (default: the current one). UsageError if there is none."""
    here = Path(os.path.realpath(folder or Path.cwd()))
    found = repository_of(here)
    if found is None:
        raise UsageError("not in a git repository", where=str(here))
    return found
