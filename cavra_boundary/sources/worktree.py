"""The working tree: files as they are on disk.

Inside a git repository, git lists them (tracked files, even ignored ones, and untracked files that are not ignored);
outside one, a walk that honors `.gitignore` files does. The boundary's own excludes apply to both, and to files named
one by one.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field, replace
from functools import cached_property
from time import time
from typing import TYPE_CHECKING

from cavra_boundary.errors import GitError
from cavra_boundary.git.listing import IGNORE_FILE, ignoring, sparse_items, work_tree
from cavra_boundary.git.objects import Objects
from cavra_boundary.git.repository import top_of
from cavra_boundary.model import Blob, Skip
from cavra_boundary.opening import READ_FILE
from cavra_boundary.sources.base import Listing, Source, excluded
from cavra_boundary.sources.folders import Folders, LinkedFolderError, MovedFolderError
from cavra_boundary.sources.walk import Excludes, walk
from cavra_boundary.sources.windows import WINDOW, windows

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from cavra_boundary.git.listing import Item

_NEVER_OPENED = {
    stat.S_IFIFO: "a FIFO",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


_CHANGED = "changed during the scan"


@dataclass(frozen=True)
class WorkTreeSource(Source):
    """Files and folders below a root.

    root: absolute. paths: what to scan, relative to the root; "." is all of it. exclude: patterns in .gitignore
    syntax, relative to the root. ignore: whether `.gitignore` files hide untracked files. max_file_size: in bytes.
    may_be_empty: whether a folder without a file to scan is fine.
    """

    root: Path
    paths: tuple[str, ...]
    exclude: tuple[str, ...]
    ignore: bool
    max_file_size: int
    may_be_empty: bool = False
    name: str = "worktree"
    _began: list[float] = field(default_factory=list, compare=False, repr=False)

    @cached_property
    def _folders(self) -> Folders:
        return Folders(self.root)

    def list(self) -> Listing:
        """Every requested file, sorted by name. GitError when git fails."""
        # A walk lists only what is there.
        self._began[:] = [time() if top_of(self.root) else 0.0]
        excludes = Excludes(self.exclude)
        entries: set[str] = set()
        skipped: list[Skip] = []
        left_out = 0
        for path in self.paths:
            listing = self._below(path, excludes) if (self.root / path).is_dir() else _one(path, excludes)
            entries.update(listing.entries)
            skipped += listing.skipped
            left_out += listing.excluded
        return Listing(tuple(sorted(entries)), tuple(sorted(set(skipped))), left_out)

    def _below(self, path: str, excludes: Excludes) -> Listing:
        listing = (self._walked if top_of(self.root) is None else self._in_git)(path, excludes)
        if listing.entries:
            return listing
        nothing = Skip(path, f"no file to scan: {self._hiding(path, listing)}", incomplete=not self.may_be_empty)
        return Listing((), (*listing.skipped, nothing), listing.excluded)

    def _hiding(self, path: str, listing: Listing) -> str:
        """Why a folder has no file to scan."""
        in_git = top_of(self.root) is not None
        everything = replace(self, exclude=(), ignore=False)
        excludes = Excludes(self.exclude)
        there = (everything._in_git if in_git else everything._walked)(path, Excludes(())).entries
        kept = [name for name in there if not excludes.match(name)]
        if there and not kept:
            return f"the boundary's own exclude list has {len(there):,}"
        if kept:
            return f"{ignoring(self.root / path) if in_git else IGNORE_FILE} hides {len(kept):,}"
        return "there are only other repositories and unreadable folders" if listing.skipped else "it is empty"

    def _walked(self, path: str, excludes: Excludes) -> Listing:
        return walk(self.root, path, excludes, ignore=self.ignore)

    def _in_git(self, path: str, excludes: Excludes) -> Listing:
        tree = work_tree(self.root / path, ignore=self.ignore, exclude=self.exclude)
        prefix = "" if path == "." else f"{path}/"
        files = [prefix + name for name in tree.files]
        kept = [name for name in files if not excludes.match(name)] if self.exclude else files
        foreign = (Skip(prefix + name, "another repository") for name in tree.foreign)
        # Without a file to scan, the reason for that says it.
        hiding = tree.hidden if kept else ()
        hidden = (Skip(path, f"untracked files hidden by {by}: {number:,}") for by, number in hiding)
        return Listing(tuple(kept), (*foreign, *hidden), len(files) - len(kept))

    def read(self, entry: str) -> Iterator[Blob | Skip]:
        """A file's content, a symbolic link's target as text, or why there is neither."""
        folder, _, name = entry.rpartition("/")
        try:
            handle = self._folders.enter(folder)
            where = name if handle is not None else f"{self.root}/{entry}"
            status = os.stat(where, dir_fd=handle, follow_symlinks=False)
            kind = stat.S_IFMT(status.st_mode)
            if kind == stat.S_IFLNK:
                yield Blob.whole(entry, os.fsencode(os.readlink(where, dir_fd=handle)), "symlink")
            elif kind != stat.S_IFREG:
                yield Skip(entry, _NEVER_OPENED.get(kind, "not a file"))
            elif status.st_size > self.max_file_size:
                yield Skip(entry, "larger than --max-file-size", incomplete=True)
            else:
                yield from self._content(entry, where, handle)
        except MovedFolderError:
            yield Skip(entry, _CHANGED, incomplete=True)
        except LinkedFolderError:
            yield self._gone(entry, "behind a symbolic link")
        except (FileNotFoundError, NotADirectoryError):
            yield from self._missing(entry)
        except OSError as error:
            yield Skip(entry, f"unreadable: {error.strerror}", incomplete=True)

    def _missing(self, entry: str) -> Iterator[Blob | Skip]:
        """A file that is not on disk: its content in the index, if a sparse checkout leaves it out."""
        gone = self._gone(entry, "no longer there")
        top = top_of(self.root)
        if gone.incomplete or top is None:
            yield gone
            return
        try:
            item = self._sparse.get((self.root / entry).relative_to(top).as_posix())
            if item is None:
                yield gone
            elif (found := self._objects.begin(item.oid)) is None or found[0] != "blob":
                yield Skip(entry, "left out of a sparse checkout, and missing from git", incomplete=True)
            elif found[1] > self.max_file_size:
                yield Skip(entry, "larger than --max-file-size", incomplete=True)
            else:
                yield from windows(entry, self._objects.read, "symlink" if item.kind == "link" else self.name)
        except GitError as error:
            yield Skip(entry, f"left out of a sparse checkout, and unreadable: {error.what}", incomplete=True)

    @cached_property
    def _sparse(self) -> Mapping[str, Item]:
        return sparse_items(top_of(self.root) or self.root)

    @cached_property
    def _objects(self) -> Objects:
        return Objects(top_of(self.root) or self.root)

    def _content(self, entry: str, where: str, folder: int | None) -> Iterator[Blob | Skip]:
        handle = os.open(where, READ_FILE, dir_fd=folder)
        try:
            status = os.fstat(handle)
            # The file may have been replaced since it was looked at.
            if not stat.S_ISREG(status.st_mode):
                yield Skip(entry, _CHANGED, incomplete=True)
            elif status.st_size > self.max_file_size:
                yield Skip(entry, "larger than --max-file-size", incomplete=True)
            elif status.st_size < WINDOW:
                # Nine files in ten are small: one call reads them, without a file object.
                yield Blob.whole(entry, os.read(handle, WINDOW), self.name)
            else:
                with os.fdopen(handle, "rb", buffering=0, closefd=False) as file:
                    yield from windows(entry, file.read, self.name)
        finally:
            os.close(handle)

    def close(self) -> None:
        self._folders.close()
        if "_objects" in self.__dict__:
            self._objects.close()

    def _gone(self, entry: str, reason: str) -> Skip:
        """The skip for a file that is not where it was listed: incomplete unless that was so before the listing.

        Git lists tracked files that are not on disk. What happens to a folder's names changes the folder, and a link
        that took a folder's place has changed itself; no program can set the time of that (`st_ctime`).
        """
        began = self._began[0] if self._began else 0.0
        path = os.fspath(self.root)
        changed = os.lstat(path).st_ctime
        for step in entry.split("/"):
            path = f"{path}/{step}"
            try:
                status = os.lstat(path)
            except OSError:
                break
            changed = status.st_ctime
            if not stat.S_ISDIR(status.st_mode):
                break
        return Skip(entry, _CHANGED, incomplete=True) if changed >= began else Skip(entry, reason)


def _one(path: str, excludes: Excludes) -> Listing:
    return excluded(path) if excludes.match(path) else Listing((path,))
