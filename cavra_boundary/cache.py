"""The user's cache: things that are slow to make and cheap to keep (parsed packs, the prefilter's database).

An entry is named by a digest of its inputs, and carries a digest of its content. An entry that is missing, foreign,
damaged or not ours to trust is rebuilt; a cache that cannot be written is not an error.
"""

from __future__ import annotations

import os
import stat
import sys
from hashlib import sha256
from pathlib import Path

_MAGIC = b"cavra-boundary cache 1\n"


class Cache:
    """A folder of entries, private to the user. If the folder is None, nothing is kept."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder

    @classmethod
    def of_user(cls) -> Cache:
        """The cache in the platform's usual place, or in $CAVRA_BOUNDARY_CACHE (if empty, no cache)."""
        named = os.environ.get("CAVRA_BOUNDARY_CACHE")
        if named is not None:
            return cls(Path(named) if named else None)
        if sys.platform == "linux":
            return cls(_xdg_cache() / "cavra-boundary")
        from platformdirs import user_cache_path

        return cls(user_cache_path("cavra-boundary", appauthor=False))

    def read(self, name: str) -> bytes | None:
        """The entry's content; None if there is no entry that can be trusted."""
        if self.folder is None:
            return None
        try:
            with (self.folder / name).open("rb") as file:
                status = os.fstat(file.fileno())
                if not stat.S_ISREG(status.st_mode) or not is_private(status):
                    return None
                content = file.read()
        except OSError:
            return None
        head, digest, payload = content[: len(_MAGIC)], content[len(_MAGIC) :][:32], content[len(_MAGIC) + 32 :]
        return payload if head == _MAGIC and digest == sha256(payload).digest() else None

    def write(self, name: str, payload: bytes) -> None:
        """Store an entry atomically: readers see the old one or the whole new one."""
        if self.folder is None:
            return
        import tempfile

        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(prefix="new-", dir=self.folder)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(_MAGIC + sha256(payload).digest() + payload)
                Path(temporary).replace(self.folder / name)
            except OSError:
                Path(temporary).unlink(missing_ok=True)
                raise
        except OSError:
            return


def _xdg_cache() -> Path:
    """The cache folder of the XDG Base Directory Specification, as in `platformdirs`, which takes 5 ms to import."""
    named = os.environ.get("XDG_CACHE_HOME", "")
    return Path(named if os.path.isabs(named) else os.path.expanduser("~/.cache"))  # noqa: PTH111, PTH117 - as text


def is_private(status: os.stat_result) -> bool:
    """Whether only this user could have written the file; assumed on Windows, which has access lists."""
    return os.name == "nt" or (status.st_uid == os.getuid() and not status.st_mode & 0o022)
