"""A walk over folders that no git repository describes, honouring `.gitignore` files as git would."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from cavra_boundary.model import Skip
from cavra_boundary.sources.base import Listing

if TYPE_CHECKING:
    from pathlib import Path
    from collections.abc import Sequence
    import pathspec

_MOST_IGNORE_BYTES = 1024 * 1024


class Excludes:
    """The boundary's own exclude list: .gitignore syntax, relative to the scan's root, also for tracked files."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self._spec = _spec(patterns) if patterns else None

    def match(self, path: str) -> bool:
        """Whether a file is excluded; a folder's path ends with a slash."""
        return self._spec is not None and self._spec.match_file(path)


def walk(root: Path, start: str, excludes: Excludes, *, ignore: bool) -> Listing:
    """The files below `start`, a folder below `root`. Excluded and ignored folders are not entered, nor links followed.

    A folder that cannot be read is skipped as incomplete; `.git` folders are not content.
    """
    entries: list[str] = []
    skipped: list[Skip] = []
    excluded = 0
    prefix = "" if start == "." else f"{start}/"
    folders: list[tuple[str, _Ignores]] = [(prefix, _Ignores())]
    while folders:
        prefix, ignores = folders.pop()
        try:
            found = sorted(os.scandir(root / prefix), key=lambda entry: entry.name)
        except FileNotFoundError:
            skipped.append(Skip(prefix, "no longer there"))
            continue
        except OSError as error:
            skipped.append(Skip(prefix, f"unreadable: {error.strerror}", incomplete=True))
            continue
        if ignore and any(entry.name == ".gitignore" and entry.is_file(follow_symlinks=False) for entry in found):
            ignores = ignores.with_file(root, prefix, skipped)
        for entry in found:
            is_folder = entry.is_dir(follow_symlinks=False)
            path = f"{prefix}{entry.name}/" if is_folder else f"{prefix}{entry.name}"
            if entry.name == ".git" or ignores.match(path):
                continue
            if excludes.match(path):
                excluded += 1
            elif is_folder:
                folders.append((path, ignores))
            else:
                entries.append(path)
    return Listing(tuple(entries), tuple(skipped), excluded)


class _Ignores:
    """The `.gitignore` files from the walk's start down to a folder; the deepest that speaks of a path decides."""

    def __init__(self, files: tuple[tuple[str, pathspec.GitIgnoreSpec], ...] = ()) -> None:
        self._files = files

    def with_file(self, root: Path, prefix: str, skipped: list[Skip]) -> _Ignores:
        """With the folder's own file on top. One that cannot be read hides nothing, and makes the run incomplete."""
        try:
            with (root / prefix / ".gitignore").open("rb") as file:
                content = file.read(_MOST_IGNORE_BYTES)
        except OSError as error:
            skipped.append(Skip(f"{prefix}.gitignore", f"unreadable: {error.strerror}", incomplete=True))
            return self
        lines = content.decode(errors="surrogateescape").splitlines()
        return _Ignores(((prefix, _spec(lines)), *self._files))

    def match(self, path: str) -> bool:
        for prefix, spec in self._files:
            verdict = spec.check_file(path[len(prefix) :]).include
            if verdict is not None:
                return verdict
        return False


def _spec(lines: Sequence[str]) -> pathspec.GitIgnoreSpec:
    import pathspec

    return pathspec.GitIgnoreSpec.from_lines(lines)
