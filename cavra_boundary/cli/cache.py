"""`cavra-boundary cache`: show what the user's cache holds, or clear it."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from cavra_boundary.cache import Cache, key_place
from cavra_boundary.errors import UsageError
from cavra_boundary.report.escape import printable
from cavra_boundary.scan import seen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_KINDS = {"rules": "parsed packs", "digests": "digests of rules", "hyperscan": "prefilter databases"}
"""What entries are, by the start of their names."""

_DATABASE = tuple(f"{seen.NAME}{part}" for part in ("", "-journal", "-wal", "-shm"))
# `new-` entries are left by a process that died while writing them.
_OURS = re.compile(rf"(?:{'|'.join(_KINDS)})-[0-9a-f]{{64}}\Z|new-\w{{8}}\Z")


@click.group("cache")
def command() -> None:
    """Show or clear the cache that makes the next scan faster."""


@command.command("info")
def info() -> None:
    """Show where the cache is and what it holds, or why there is none.

    It is signed with a key that is kept elsewhere, so that what somebody else put there is never used. A CI service
    that restores the cache needs CAVRA_BOUNDARY_CACHE_KEY, from a secret that proposals cannot read. Without it, a
    restored cache is rebuilt, and one inside the working tree is not used.
    """
    cache = Cache.of_user()
    folder = _folder(cache)
    files = list(_files(folder))
    click.echo(f"folder: {printable(str(folder))}")
    click.echo(f"key: {printable(key_place())}")
    click.echo(f"size: {_megabytes(size for _, size in files)}")
    for kind, title in _KINDS.items():
        sizes = [size for file, size in files if file.name.startswith(f"{kind}-")]
        click.echo(f"{title}: {len(sizes)} ({_megabytes(sizes)})")
    known = seen.count(cache) if any(file.name == seen.NAME for file, _ in files) else 0
    sizes = [size for file, size in files if file.name in _DATABASE]
    click.echo(f"git entries known to be clean: {known:,} ({_megabytes(sizes)})")


@command.command("clear")
def clear() -> None:
    """Empty the cache. The next scan rebuilds it; other files in its folder stay."""
    folder = _folder(Cache.of_user())
    removed = []
    for file, size in _files(folder):
        try:
            file.unlink(missing_ok=True)
        except OSError as error:
            raise UsageError(f"cannot be removed: {error.strerror}", where=str(file)) from None
        removed.append(size)
    click.echo(f"Removed {len(removed)} files ({_megabytes(removed)}) from {printable(str(folder))}.")


def _folder(cache: Cache) -> Path:
    if cache.folder is None:
        hint = "set CAVRA_BOUNDARY_CACHE to a folder of your own outside the tree"
        raise UsageError(f"there is no cache: {cache.refused}", where="cache", hint=hint)
    return cache.folder


def _files(folder: Path) -> Iterator[tuple[Path, int]]:
    """The cache's own files in a folder, and their sizes."""
    try:
        names = sorted(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror}", where=str(folder)) from None
    for file in names:
        if _OURS.match(file.name) or file.name in _DATABASE:
            with suppress(FileNotFoundError):  # another run may clear it too
                yield file, file.lstat().st_size


def _megabytes(sizes: Iterable[int]) -> str:
    return f"{sum(sizes) / 1e6:.1f} MB"
