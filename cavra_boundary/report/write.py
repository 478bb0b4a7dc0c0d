"""Writes a report to where the user wants it: a file is written completely or not at all."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from cavra_boundary.errors import UsageError
from cavra_boundary.report.escape import printable

# Opened by name, they would be truncated or overwritten if the shell redirects them to a file.
_STANDARD_STREAMS = {"/dev/stdout": 1, "/dev/stderr": 2}


def write_atomically(path: Path, content: bytes) -> None:
    """Write `content` to `path` in one step, so that no reader ever sees half of it.

    A new file gets the umask's permissions; a replaced one keeps its own, and a symbolic link stays in place. Anything
    but a regular file (a pipe, a terminal, `/dev/stdout`) is written to directly. UsageError on failure; the old file,
    if any, is then unchanged.
    """
    try:
        stream = _STANDARD_STREAMS.get(os.fspath(path))
        mode = _mode(path)
        if stream is not None:
            _write_all(os.dup(stream), content)
        elif mode is None or stat.S_ISREG(mode):
            _replace(Path(os.path.realpath(path)), content, mode)
        else:
            _write_all(os.open(path, os.O_WRONLY), content)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "not a usable path"
        raise UsageError(
            f"cannot write the report: {reason}",
            where=printable(os.fspath(path)),
            hint="the folder must exist and be writable",
        ) from error


def _mode(path: Path) -> int | None:
    """The type and permissions of what is at `path`; None if there is nothing."""
    try:
        return path.stat().st_mode
    except FileNotFoundError:
        return None


def _replace(target: Path, content: bytes, old_mode: int | None) -> None:
    # Not based on the target's name, which may already be as long as the file system allows.
    temporary = target.with_name(f".cavra-boundary-{os.urandom(8).hex()}.tmp")
    binary = getattr(os, "O_BINARY", 0)  # Windows only
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | binary, 0o666)
    try:
        _write_all(descriptor, content, sync=True)
        if old_mode is not None:
            temporary.chmod(stat.S_IMODE(old_mode))
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _write_all(descriptor: int, content: bytes, *, sync: bool = False) -> None:
    """Write everything to the descriptor and close it."""
    with open(descriptor, "wb") as stream:
        stream.write(content)
        stream.flush()
        if sync:
            os.fsync(descriptor)
