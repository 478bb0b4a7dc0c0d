"""The working tree: files as they are on disk.

Inside a git repository, git lists them (tracked files, even ignored ones, and untracked files that are not ignored);
outside one, a walk that honors `.gitignore` files does. The boundary's own excludes apply to both, and to files named
one by one.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from cavra_boundary.git.listing import work_tree
from cavra_boundary.git.repository import top_of
from cavra_boundary.model import Blob, Skip
from cavra_boundary.sources.base import Listing, Source
from cavra_boundary.sources.walk import Excludes, walk
from cavra_boundary.sources.windows import WINDOW, windows

if TYPE_CHECKING:
    from collections.abc import Iterator

_OPEN_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)
_NEVER_OPENED = {
    stat.S_IFIFO: "a FIFO",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


@dataclass(frozen=True, slots=True)
class WorkTreeSource(Source):
    """Files and folders below a root.

    root: absolute. paths: what to scan, relative to the root; "." is all of it. exclude: patterns in .gitignore
    syntax, relative to the root. ignore: whether `.gitignore` files hide untracked files. max_file_size: in bytes.
    """

    root: Path
    paths: tuple[str, ...]
    exclude: tuple[str, ...]
    ignore: bool
    max_file_size: int
    name: str = "worktree"
    _real_folders: dict[str, bool] = field(default_factory=dict, compare=False, repr=False)

    def list(self) -> Listing:
        """Every requested file, sorted by name. GitError when git fails."""
        excludes = Excludes(self.exclude)
        entries: set[str] = set()
        skipped: list[Skip] = []
        excluded = 0
        for path in self.paths:
            listing = self._below(path, excludes) if (self.root / path).is_dir() else _one(path, excludes)
            entries.update(listing.entries)
            skipped += listing.skipped
            excluded += listing.excluded
        return Listing(tuple(sorted(entries)), tuple(sorted(set(skipped), key=lambda skip: skip.path)), excluded)

    def _below(self, path: str, excludes: Excludes) -> Listing:
        if top_of(self.root) is None:
            listing = walk(self.root, path, excludes, ignore=self.ignore)
        else:
            listing = self._in_git(path, excludes)
        if listing.entries or listing.excluded or listing.skipped:
            return listing
        return Listing((), (Skip(path, "nothing to scan"),))

    def _in_git(self, path: str, excludes: Excludes) -> Listing:
        tree = work_tree(self.root / path, ignore=self.ignore, exclude=self.exclude)
        prefix = "" if path == "." else f"{path}/"
        files = [prefix + name for name in tree.files]
        kept = [name for name in files if not excludes.match(name)] if self.exclude else files
        foreign = (Skip(prefix + name, "another repository") for name in tree.foreign)
        return Listing(tuple(kept), tuple(foreign), len(files) - len(kept))

    def read(self, entry: str) -> Iterator[Blob | Skip]:
        """A file's content, a symbolic link's target as text, or why there is neither."""
        full = f"{self.root}/{entry}"
        try:
            if not self._is_real_folder(entry.rpartition("/")[0]):
                yield Skip(entry, "behind a symbolic link")
                return
            status = os.lstat(full)
            kind = stat.S_IFMT(status.st_mode)
            if kind == stat.S_IFLNK:
                yield Blob.whole(entry, os.fsencode(Path(full).readlink()), "symlink")
            elif kind != stat.S_IFREG:
                yield Skip(entry, _NEVER_OPENED.get(kind, "not a file"))
            elif status.st_size > self.max_file_size:
                yield Skip(entry, "larger than --max-file-size", incomplete=True)
            else:
                yield from self._content(entry, full)
        except (FileNotFoundError, NotADirectoryError):
            yield Skip(entry, "no longer there")
        except OSError as error:
            yield Skip(entry, f"unreadable: {error.strerror}", incomplete=True)

    def _content(self, entry: str, full: str) -> Iterator[Blob | Skip]:
        handle = os.open(full, _OPEN_FLAGS)
        try:
            status = os.fstat(handle)
            # The file may have been replaced since lstat.
            if not stat.S_ISREG(status.st_mode):
                yield Skip(entry, "changed during the scan", incomplete=True)
            elif status.st_size < WINDOW:
                # Nine files in ten are small: one call reads them, without a file object.
                yield Blob.whole(entry, os.read(handle, WINDOW), self.name)
            else:
                with os.fdopen(handle, "rb", buffering=0, closefd=False) as file:
                    yield from windows(entry, file.read, self.name)
        finally:
            os.close(handle)

    def _is_real_folder(self, folder: str) -> bool:
        """Whether no folder on the way down is a symbolic link, so that reading stays in the tree."""
        known = self._real_folders
        if folder in known:
            return known[folder]
        real, step = True, ""
        for part in filter(None, folder.split("/")):
            step = f"{step}/{part}" if step else part
            if step not in known:
                known[step] = real and not stat.S_ISLNK(os.lstat(f"{self.root}/{step}").st_mode)
            real = known[step]
        known[folder] = real
        return real


def _one(path: str, excludes: Excludes) -> Listing:
    return Listing((), (), 1) if excludes.match(path) else Listing((path,))
