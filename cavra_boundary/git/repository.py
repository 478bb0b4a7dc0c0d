"""Finds repositories by their folders; starts no process."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


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
            return repository / inside.read_text(errors="surrogateescape").removeprefix("gitdir:").strip()
    return inside if inside.exists() else repository


def _is_git_folder(folder: Path) -> bool:
    return (folder / "HEAD").is_file() and (folder / "objects").is_dir() and (folder / "refs").is_dir()
