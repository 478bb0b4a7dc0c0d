"""Finds repositories by their folders, and what git must not open in them; starts no process."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from cavra_boundary.errors import GitError

if TYPE_CHECKING:
    from collections.abc import Iterator

_OPENED = (
    "HEAD",
    "FETCH_HEAD",
    "ORIG_HEAD",
    "config",
    "config.worktree",
    "index",
    "packed-refs",
    "shallow",
    "commondir",
    "gitdir",
    "info/attributes",
    "info/exclude",
    "info/grafts",
    "info/sparse-checkout",
    "objects/info/alternates",
    "objects/info/commit-graph",
    "objects/pack/multi-pack-index",
)
"""Files that git opens under fixed names, whatever they are (gitrepository-layout)."""

_ENDLESS = {
    stat.S_IFIFO: "a FIFO",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}
_READ_IN_FOLDERS = (".gitignore", ".gitattributes")
"""Files that git opens in the folders that it walks."""

_LONGEST_POINTER = 64 * 1024
_MOST_REFS_LOOKED_AT = 100_000
_MOST_LOOKED_AT = 1_000_000


def top_of(folder: Path) -> Path | None:
    """The nearest folder, from this one upward, that has a `.git`; None outside a repository."""
    for each in (folder, *folder.parents):
        if (each / ".git").exists():
            return each
    return None


def repository_of(folder: Path) -> Path | None:
    """Like `top_of`, but also finds bare repositories."""
    for each in (folder, *folder.parents):
        if (each / ".git").exists() or _is_git_folder(each):
            return each
    return None


def git_folder(repository: Path) -> Path:
    """The git folder of a repository found by `repository_of`; a linked work tree has its own."""
    inside = repository / ".git"
    if inside.is_file():
        with suppress(OSError, ValueError):
            return repository / _pointer(inside).removeprefix("gitdir:").strip()
    return inside if inside.exists() else repository


def check_files(repository: Path) -> None:
    """GitError if git would open something in the repository that has no end: a FIFO, a socket or a device."""
    own = git_folder(repository)
    folders = [own]
    with suppress(OSError, ValueError):
        _check(own / "commondir")
        folders.append(own / _pointer(own / "commondir").strip())
    for folder in folders:
        for name in _OPENED:
            _check(folder / name)
        _check_below(folder / "refs")
        _check_below(folder / "objects" / "pack")


def endless_below(top: Path) -> str:
    """A file without an end that git may read while it walks the working tree; "" if there is none, or none is near.

    A walk takes as long as git's own, so this is for a git that stands still.
    """
    left = _MOST_LOOKED_AT
    for entry in _entries_below(top):
        left -= 1
        if not left:
            break
        if entry.name in _READ_IN_FOLDERS and not entry.is_file(follow_symlinks=False):
            with suppress(OSError):
                if stat.S_IFMT(entry.stat().st_mode) in _ENDLESS:
                    return os.path.relpath(entry.path, top)
    return ""


def _check(file: Path) -> None:
    """GitError if there is something without an end under this name, or where a link under it leads."""
    try:
        status = os.stat(file)  # noqa: PTH116 - a third faster, for each start of git
    except (OSError, ValueError):
        return
    kind = _ENDLESS.get(stat.S_IFMT(status.st_mode))
    if kind and not os.path.samestat(status, os.stat(os.devnull)):  # noqa: PTH116
        raise GitError(f"{file.name} is {kind}, which git would read without end", where=str(file), hint="remove it")


@lru_cache(maxsize=64)
def _check_below(folder: Path) -> None:
    """`_check` for everything below a folder; once, as there can be many."""
    left = _MOST_REFS_LOOKED_AT
    for entry in _entries_below(folder):
        if not entry.is_file(follow_symlinks=False):
            _check(Path(entry.path))
        left -= 1
        if not left:
            return


def _entries_below(folder: Path | str) -> Iterator[os.DirEntry[str]]:
    folders: list[Path | str] = [folder]
    while folders:
        with suppress(OSError), os.scandir(folders.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
                else:
                    yield entry


def _pointer(file: Path) -> str:
    """A file that only names a folder, as text."""
    with file.open("rb") as opened:
        return os.fsdecode(opened.read(_LONGEST_POINTER))


def _is_git_folder(folder: Path) -> bool:
    return (folder / "HEAD").is_file() and (folder / "objects").is_dir() and (folder / "refs").is_dir()
