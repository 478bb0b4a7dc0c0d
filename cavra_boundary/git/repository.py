"""Finds repositories by the folders they are made of; starts no process."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def top_of(folder: Path) -> Path | None:
    """The nearest folder upward that holds a `.git`; None outside a repository. Starts no process."""
    for each in (folder, *folder.parents):
        if (each / ".git").exists():
            return each
    return None


def repository_of(folder: Path) -> Path | None:
    """As `top_of`, but a bare repository is one too."""
    for each in (folder, *folder.parents):
        if (each / ".git").exists() or _is_git_folder(each):
            return each
    return None


def git_folder(repository: Path) -> Path:
    """Where a repository, found by `repository_of`, keeps what git knows of it; a linked work tree has its own."""
    inside = repository / ".git"
    if inside.is_file():
        with suppress(OSError, ValueError):
            return repository / inside.read_text(errors="surrogateescape").removeprefix("gitdir:").strip()
    return inside if inside.exists() else repository


def _is_git_folder(folder: Path) -> bool:
    return (folder / "HEAD").is_file() and (folder / "objects").is_dir() and (folder / "refs").is_dir()
