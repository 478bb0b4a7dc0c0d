"""The only place that writes a file for the user: completely or not at all, and never through a link of strangers.

What is below a repository's top was named by whoever wrote the repository, so there no folder and no file on the way
may be a symbolic link: it would send what we write anywhere. Only an absolute path leads out of the current repository,
and only outside of any repository are the folders on its way followed.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from cavra_boundary.errors import BoundaryError, OutputError, ReaderGoneError, UsageError
from cavra_boundary.git.repository import repository_of
from cavra_boundary.opening import BINARY, ENTER_FOLDER, NO_FOLLOW
from cavra_boundary.report.escape import printable

if TYPE_CHECKING:
    from collections.abc import Iterable

_STANDARD_STREAMS = {"stdout": 1, "stderr": 2}
# Opened by name, these would be truncated or overwritten if the shell redirects them to a file.
_OPEN_FILE = re.compile(r"/dev/(stdout|stderr)|(?:/dev|/proc/self)/fd/(\d{1,9})")

_NOT_DELIVERED = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF})
"""The user named a place that is fine, and still the file did not get there."""

_BY_DESCRIPTOR = {os.open, os.mkdir, os.stat, os.unlink, os.rename} <= os.supports_dir_fd and hasattr(os, "O_NOFOLLOW")
"""Whether folders can be held open while a name in them is used. On Windows they cannot; links are looked for first."""

_JUNCTION = 0xA0000003  # IO_REPARSE_TAG_MOUNT_POINT: on Windows, a link of folders


def write_atomically(
    path: Path,
    content: bytes | Iterable[bytes],
    *,
    tree: Path | None = None,
    folders: bool = False,
    new: bool = False,
    mode: int | None = None,
) -> None:
    """Write `content` to `path` in one step, so that no reader ever sees half of it.

    A new file gets the umask's permissions; a replaced one keeps its own. A pipe, a terminal or `/dev/stdout` is
    written to directly. UsageError for a place that cannot be written to, OutputError when the disk is full; the old
    file, if any, is then unchanged.

    tree: a folder below which no link is followed, besides repositories. folders: make missing folders. new: there must
    be no such file. mode: the file's permissions.
    """
    pieces = (content,) if isinstance(content, bytes) else content
    shown = printable(os.fspath(path))
    if not _is_usable(path):
        raise UsageError("cannot be written: not a usable path", where=shown, hint="check the path")
    try:
        if opened := _OPEN_FILE.fullmatch(os.fspath(path)):
            _write_all(os.dup(_STANDARD_STREAMS.get(opened[1]) or int(opened[2])), pieces)
            return
        start, names = _split(path, tree)
        with closing(_Folder.open(start)) as top:
            _write(top, names, pieces, folders=folders, new=new, mode=mode)
    except BrokenPipeError:
        raise ReaderGoneError from None
    except OSError as error:
        raise _failure(error, shown) from error


def _is_usable(path: Path) -> bool:
    try:
        return b"\0" not in os.fsencode(path)
    except UnicodeEncodeError:
        return False


def _failure(error: OSError, shown: str) -> BoundaryError:
    if error.errno in _NOT_DELIVERED:
        return OutputError(f"cannot be written: {error.strerror}", where=shown, hint="nothing was changed there")
    return UsageError(f"cannot be written: {error.strerror}", where=shown, hint="the folder must exist and be writable")


def _split(path: Path, tree: Path | None) -> tuple[str, tuple[str, ...]]:
    """A folder that may be reached through links, and the names from there on, which may not be links.

    UsageError for a relative path that leaves the current repository, or outside of any the current folder.
    """
    whole = os.path.abspath(path)  # noqa: PTH100 - Path.absolute() keeps `..`
    if not path.is_absolute():
        here = Path(os.path.realpath(Path.cwd()))
        around = repository_of(here) or here
        whole = os.path.normpath(here / path)
        if not Path(whole).is_relative_to(around):
            raise UsageError(
                f"not written, since it is outside of {printable(os.fspath(around))}",
                where=printable(os.fspath(path)),
                hint="to write there, give an absolute path",
            )
        tree = tree or around
    anchor, *names = Path(whole).parts
    followed = anchor
    while len(names) > 1 and not _is_of_strangers(Path(followed), tree):
        followed = os.path.realpath(os.path.join(followed, names.pop(0)))  # noqa: PTH118 - as text
    return followed, tuple(names)


def _is_of_strangers(folder: Path, tree: Path | None) -> bool:
    return bool(tree and folder.is_relative_to(os.path.realpath(tree))) or repository_of(folder) is not None


class _Folder(NamedTuple):
    """A folder, held open where the system can do that. path: for messages, and for systems that cannot."""

    path: str
    descriptor: int | None

    @classmethod
    def open(cls, path: str) -> _Folder:
        return cls(path, os.open(path, ENTER_FOLDER) if _BY_DESCRIPTOR else None)

    def close(self) -> None:
        if self.descriptor is not None:
            os.close(self.descriptor)

    def place(self, name: str) -> str:
        """The name as the functions of `os` need it, together with the descriptor."""
        return name if self.descriptor is not None else os.path.join(self.path, name)  # noqa: PTH118 - as text

    def status(self, name: str) -> os.stat_result | None:
        """What is there; None if nothing is. UsageError for a link."""
        try:
            found = os.stat(self.place(name), dir_fd=self.descriptor, follow_symlinks=False)
        except FileNotFoundError:
            return None
        if stat.S_ISLNK(found.st_mode) or getattr(found, "st_reparse_tag", 0) == _JUNCTION:
            raise UsageError(
                "a symbolic link, so nothing is written through it",
                where=printable(os.path.join(self.path, name)),  # noqa: PTH118 - as text
                hint="remove it, or write elsewhere",
            )
        return found

    def enter(self, name: str, *, make: bool) -> _Folder:
        if self.status(name) is None and make:
            with suppress(FileExistsError):
                os.mkdir(self.place(name), dir_fd=self.descriptor)
        inner = os.path.join(self.path, name)  # noqa: PTH118 - as text
        if self.descriptor is None:
            return _Folder(inner, None)
        return _Folder(inner, os.open(name, ENTER_FOLDER | NO_FOLLOW, dir_fd=self.descriptor))


def _write(
    top: _Folder, names: tuple[str, ...], pieces: Iterable[bytes], *, folders: bool, new: bool, mode: int | None
) -> None:
    if not names:
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if len(names) > 1:
        with closing(top.enter(names[0], make=folders)) as inner:
            _write(inner, names[1:], pieces, folders=folders, new=new, mode=mode)
        return
    status = top.status(names[0])
    if status and new:
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
    if status is None or stat.S_ISREG(status.st_mode):
        if mode is None and status:
            mode = status.st_mode & 0o777
        _replace(top, names[0], pieces, mode)
    else:
        flags = os.O_WRONLY | NO_FOLLOW | BINARY
        _write_all(os.open(top.place(names[0]), flags, dir_fd=top.descriptor), pieces)


def _replace(folder: _Folder, name: str, pieces: Iterable[bytes], mode: int | None) -> None:
    # Not based on the target's name, which may already be as long as the file system allows.
    temporary = folder.place(f".cavra-boundary-{os.urandom(8).hex()}.tmp")
    at = folder.descriptor
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | BINARY, 0o666, dir_fd=at)
        if mode is not None and hasattr(os, "fchmod"):
            os.fchmod(descriptor, mode)
        _write_all(descriptor, pieces, sync=True)
        os.replace(temporary, folder.place(name), src_dir_fd=at, dst_dir_fd=at)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary, dir_fd=at)
        raise


def _write_all(descriptor: int, pieces: Iterable[bytes], *, sync: bool = False) -> None:
    """Write everything to the descriptor and close it."""
    with open(descriptor, "wb") as stream:
        for piece in pieces:
            stream.write(piece)
        stream.flush()
        if sync:
            os.fsync(descriptor)
