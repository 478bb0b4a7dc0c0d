"""Folders below a root, opened step by step so that no link is followed, whatever happens to them in the meantime.

A folder that is open stays the folder that was listed, also when its name has come to mean another.
"""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from cavra_boundary.opening import NO_FOLLOW, READ_FOLDER

if TYPE_CHECKING:
    from pathlib import Path

_BY_HANDLE = os.open in os.supports_dir_fd and os.stat in os.supports_dir_fd


class LinkedFolderError(OSError):
    """A folder on the way is a link, or is no folder."""


class MovedFolderError(OSError):
    """The name of an open folder has come to mean another, or nothing."""


class Folders:
    """The folder of one file at a time. Opened when first asked for, in whichever process asks."""

    def __init__(self, root: Path) -> None:
        self._root = os.fspath(root)
        self._folder = ""
        self._handle = -1
        self._identity = (0, 0)

    def __reduce__(self) -> tuple[type[Folders], tuple[str]]:
        return Folders, (self._root,)

    def enter(self, folder: str) -> int | None:
        """A handle of a folder, "" for the root, to open what is in it; None where the system has no such handles.

        OSError when it cannot be opened, LinkedFolderError when it is behind a link, MovedFolderError when it is not
        what it was when it was opened.
        """
        if not _BY_HANDLE:
            self._check_steps(folder)
            return None
        if self._handle < 0 or folder != self._folder:
            self._open(folder)
        try:
            status = os.stat(f"{self._root}/{folder}" if folder else self._root)  # noqa: PTH116 - half the time
        except (FileNotFoundError, NotADirectoryError):
            status = None
        if status is None or (status.st_dev, status.st_ino) != self._identity:
            self.close()
            raise MovedFolderError
        return self._handle

    def close(self) -> None:
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    def _open(self, folder: str) -> None:
        """From the folder that is open, if it is around this one, else from the root: few handles, however deep."""
        around = f"{self._folder}/" if self._folder else ""
        if self._handle >= 0 and folder.startswith(around):
            rest = folder[len(around) :]
        else:
            self.close()
            self._handle = os.open(self._root, READ_FOLDER & ~NO_FOLLOW)
            rest = folder
        for step in filter(None, rest.split("/")):
            try:
                handle = os.open(step, READ_FOLDER, dir_fd=self._handle)
            except OSError as error:
                is_link = _is_link(step, self._handle)
                self.close()
                raise LinkedFolderError if is_link else error from None
            os.close(self._handle)
            self._handle = handle
        status = os.fstat(self._handle)
        self._folder, self._identity = folder, (status.st_dev, status.st_ino)

    def _check_steps(self, folder: str) -> None:
        path = self._root
        for step in filter(None, folder.split("/")):
            path = f"{path}/{step}"
            if _is_link(path, None):
                raise LinkedFolderError


def _is_link(path: str, folder: int | None) -> bool:
    try:
        return stat.S_ISLNK(os.stat(path, dir_fd=folder, follow_symlinks=False).st_mode)
    except OSError:
        return False
