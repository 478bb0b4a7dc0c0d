"""The user's cache: things that are slow to make and cheap to keep (parsed packs, the prefilter's database).

An entry is named by a digest of its inputs and signed with a key that only this user has, so what somebody else put
there, in a commit or in a cache that a CI service restores, is never used: the rules in it could match nothing, and a
crafted database can crash the process. An entry that is missing, foreign or damaged is rebuilt; a cache that cannot be
written is not an error.

The key is a random file in the user's state folder, away from the cache, so that a copy of the cache is worth nothing
elsewhere. A CI service that restores the cache needs the same key in each run: CAVRA_BOUNDARY_CACHE_KEY, from a secret
that proposals cannot read. Without either, or where somebody else could replace the folders, there is no cache; see
`Cache.of_user`.
"""

from __future__ import annotations

import os
import stat
import sys
from hashlib import blake2b, sha256
from pathlib import Path

from cavra_boundary.opening import READ_FILE

_MAGIC = b"cavra-boundary cache 2\n"
_DIGEST_BYTES = 32
_KEY_BYTES = 32
_SHORTEST_SECRET = 16
_MOST_BYTES = 64 * 1024 * 1024

NAMED_KEY = "CAVRA_BOUNDARY_CACHE_KEY"
_KEY_FILE = "cache.key"


class Cache:
    """A folder of entries, private to the user. If the folder is None, nothing is kept.

    refused: why there is no folder, for people.
    """

    def __init__(self, folder: Path | None, *, refused: str = "") -> None:
        self.folder = folder
        self.refused = refused
        self._key: bytes | None = None

    @classmethod
    def of_user(cls, tree: Path | None = None) -> Cache:
        """The cache in $CAVRA_BOUNDARY_CACHE (if empty, none), or in the platform's usual place.

        There is none where it, or its key, could be committed or written by others: below `tree`, the folder that is
        scanned, below the repository or folder that the process works in, or below a folder that others can write.
        With CAVRA_BOUNDARY_CACHE_KEY, the cache may be inside the tree: GitLab restores no other.
        """
        named = os.environ.get("CAVRA_BOUNDARY_CACHE")
        if named == "":
            return cls(None, refused="CAVRA_BOUNDARY_CACHE is set but empty")
        folder = _user_cache() if named is None else Path(named)
        if folder is None:
            return cls(None, refused="this user has no home folder")
        refused = _refusal(folder, tree, may_be_inside=bool(os.environ.get(NAMED_KEY)))
        if not refused:
            refused = _key_refusal(tree)
        return cls(None, refused=refused) if refused else cls(folder)

    def read(self, name: str) -> bytes | None:
        """The entry's content; None if there is no entry that can be trusted."""
        if self.folder is None:
            return None
        content = _content(self.folder / name, _MOST_BYTES)
        if content is None or not content.startswith(_MAGIC):
            return None
        payload = content[len(_MAGIC) + _DIGEST_BYTES :]
        signature = self.sign(name.encode(), payload)
        return payload if signature and content[len(_MAGIC) :][:_DIGEST_BYTES] == signature else None

    def write(self, name: str, payload: bytes) -> None:
        """Store an entry atomically: readers see the old one or the whole new one."""
        if self.folder is None:
            return
        signature = self.sign(name.encode(), payload, create=True)
        if signature and _make_folder(self.folder):
            _replace(self.folder / name, _MAGIC + signature + payload)

    def sign(self, purpose: bytes, content: bytes, *, create: bool = False) -> bytes:
        """A signature of some content for one purpose: 32 bytes; empty when there is no key. create: make a key."""
        if self._key is None:
            self._key = _key(create=create)
        if self._key is None:
            return b""
        # BLAKE2's keyed mode is a MAC (RFC 7693); SHA-256 reads the content at twice its speed.
        mac = blake2b(sha256(content).digest(), key=self._key, digest_size=_DIGEST_BYTES)
        mac.update(purpose)
        return mac.digest()


def is_private(status: os.stat_result) -> bool:
    """Whether only this user could have written the file; assumed on Windows, which has access lists."""
    return os.name == "nt" or (status.st_uid == os.getuid() and not status.st_mode & 0o022)


def key_place() -> str:
    """Where the key of the cache comes from, for people."""
    return NAMED_KEY if os.environ.get(NAMED_KEY) else str(_key_file() or "none: this user has no home folder")


def _refusal(folder: Path, tree: Path | None, *, may_be_inside: bool = False) -> str:
    """Why a folder must not hold the cache or its key; "" if it may."""
    if not folder.is_absolute():
        return f"{folder} is not an absolute path"
    real = Path(os.path.realpath(folder))
    for inside in _trees(tree):
        way = _is_below(inside, folder)
        if not may_be_inside and (way or _is_below(inside, real)):
            return f"{folder} is inside the tree, {inside}"
        if any(each.is_symlink() for each in way):
            return f"{folder} is behind a symbolic link in the tree, {inside}"
    shared = _open_to_others(real)
    return f"others can write {shared}" if shared else ""


def _key_refusal(tree: Path | None) -> str:
    """Why there is no key that only this user knows; "" if there may be one."""
    secret = os.environ.get(NAMED_KEY)
    if secret:
        short = len(secret) < _SHORTEST_SECRET
        return f"{NAMED_KEY} has less than {_SHORTEST_SECRET} characters" if short else ""
    file = _key_file()
    return "this user has no home folder" if file is None else _refusal(file.parent, tree)


def _trees(tree: Path | None) -> list[Path]:
    """The folders where content is not this user's own: the tree that is scanned, and the one that is worked in.

    One with the user's home below it counts only when it is scanned: people work in their home, too.
    """
    found = [tree] if tree else []
    home = _home() or os.sep
    try:
        here = Path.cwd()
    except OSError:  # the folder is gone
        return found
    for each in (here, *here.parents):
        if (each == here or (each / ".git").exists()) and not _is_below(each, Path(home)):
            found.append(each)
    return found


def _is_below(tree: Path, path: Path) -> list[Path]:
    """The steps from a tree to a path below it, the path first; empty if it is not below."""
    try:
        top = tree.stat()
    except OSError:
        return []
    way: list[Path] = []
    for each in (path, *path.parents):
        try:
            if os.path.samestat(each.stat(), top):
                return way or [each]
        except OSError:  # not there yet
            pass
        way.append(each)
    return []


def _open_to_others(folder: Path) -> str:
    """The nearest folder from this one upward that others can write or replace; "" if there is none."""
    if os.name == "nt":
        return ""
    for each in (folder, *folder.parents):
        try:
            status = each.lstat()
        except OSError:
            continue
        shared = status.st_mode & 0o022 and not (each != folder and status.st_mode & stat.S_ISVTX)
        if shared or status.st_uid not in (0, os.getuid()):
            return str(each)
    return ""


def _key(*, create: bool) -> bytes | None:
    """The key that signs entries; None without one."""
    if secret := os.environ.get(NAMED_KEY):
        return blake2b(secret.encode(errors="surrogateescape"), person=b"cavra cache key", digest_size=32).digest()
    file = _key_file()
    if file is None:
        return None
    key = _content(file, _KEY_BYTES, private=0o077)
    if (key is None or len(key) != _KEY_BYTES) and create and _make_folder(file.parent):
        # Of two processes that do this at once, one signs what the other will rebuild.
        _replace(file, os.urandom(_KEY_BYTES))
        key = _content(file, _KEY_BYTES, private=0o077)
    return key if key and len(key) == _KEY_BYTES else None


def _content(file: Path, most: int, private: int = 0o022) -> bytes | None:
    """A file's content; None for anything that is not a file of this user only, or is larger than `most` bytes.

    private: the permissions that it must not have.
    """
    try:
        handle = os.open(file, READ_FILE)
    except OSError:
        return None
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode) or not is_private(status) or status.st_size > most:
            return None
        if os.name != "nt" and status.st_mode & private:
            return None
        with os.fdopen(handle, "rb", buffering=0, closefd=False) as opened:
            return opened.read(status.st_size)
    except OSError:
        return None
    finally:
        os.close(handle)


def _make_folder(folder: Path) -> bool:
    """Whether the folder is there, created if missing, and only this user's."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return is_private(folder.stat())
    except OSError:
        return False


def _replace(file: Path, content: bytes) -> None:
    """Write a file anew, whatever was there; not if that is a folder, or the disk is full."""
    import tempfile

    try:
        handle, temporary = tempfile.mkstemp(prefix="new-", dir=file.parent)
        try:
            with os.fdopen(handle, "wb") as opened:
                opened.write(content)
            Path(temporary).replace(file)
        except OSError:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError:
        return


def _home() -> str | None:
    """The user's home folder; None when neither the environment nor the system names one."""
    home = os.path.expanduser("~")  # noqa: PTH111 - as text, and Path.expanduser raises
    return home if os.path.isabs(home) else None  # noqa: PTH117 - as text


def _user_cache() -> Path | None:
    return _platform_folder("XDG_CACHE_HOME", ".cache", "user_cache_path")


def _key_file() -> Path | None:
    folder = _platform_folder("XDG_STATE_HOME", ".local/state", "user_state_path")
    return folder and folder / _KEY_FILE


def _platform_folder(variable: str, usual: str, asked: str) -> Path | None:
    """A folder of the XDG Base Directory Specification, as in `platformdirs`, which takes 5 ms to import."""
    if sys.platform == "linux":
        named = os.environ.get(variable, "")
        if os.path.isabs(named):  # noqa: PTH117 - as text
            return Path(named, "cavra-boundary")
        home = _home()
        return Path(home, usual, "cavra-boundary") if home else None
    import platformdirs

    return Path(getattr(platformdirs, asked)("cavra-boundary", appauthor=False))
