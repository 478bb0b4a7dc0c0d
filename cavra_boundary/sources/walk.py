"""Walks folders outside a git repository, honoring `.gitignore` files as git would."""

from __future__ import annotations

import os
import re
import warnings
from typing import TYPE_CHECKING

from cavra_boundary.git.listing import IGNORE_FILE
from cavra_boundary.globs import linear
from cavra_boundary.model import Skip
from cavra_boundary.opening import READ_FILE
from cavra_boundary.sources.base import Listing
from cavra_boundary.sources.folders import Folders, LinkedFolderError, MovedFolderError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

_MOST_IGNORE_BYTES = 1024 * 1024


class Excludes:
    """The boundary's own exclude list: .gitignore syntax, relative to the scan's root; excludes tracked files too."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self._patterns = _Patterns(patterns) if patterns else None
        self._folders: dict[str, bool] = {}

    def match(self, path: str) -> bool:
        """Whether a path, or a folder above it, is excluded; a folder's path ends with a slash."""
        if self._patterns is None:
            return False
        end = path.find("/", 0, -1)
        while end >= 0:
            folder = path[: end + 1]
            if folder not in self._folders:
                self._folders[folder] = bool(self._patterns.verdict(folder))
            if self._folders[folder]:
                return True
            end = path.find("/", end + 1, -1)
        return bool(self._patterns.verdict(path))


def walk(root: Path, start: str, excludes: Excludes, *, ignore: bool) -> Listing:
    """The files below `start`, a folder below `root`. Excluded and ignored folders are not entered; links not followed.

    An unreadable folder is skipped as incomplete; `.git` folders are left out.
    """
    entries: list[str] = []
    skipped: list[Skip] = []
    excluded = hidden = 0
    prefix = "" if start == "." else f"{start}/"
    below = Folders(root)
    folders: list[tuple[str, _Ignores]] = [(prefix, _Ignores())]
    while folders:
        prefix, ignores = folders.pop()
        try:
            handle = below.enter(prefix.removesuffix("/"))
            with os.scandir(root / prefix if handle is None else handle) as listed:
                found = sorted(listed, key=lambda entry: entry.name)
        except (FileNotFoundError, LinkedFolderError, MovedFolderError):
            skipped.append(Skip(prefix or ".", "changed during the scan", incomplete=True))
            continue
        except OSError as error:
            skipped.append(Skip(prefix, f"unreadable: {error.strerror}", incomplete=True))
            continue
        if ignore and any(entry.name == ".gitignore" and entry.is_file(follow_symlinks=False) for entry in found):
            ignores = ignores.with_file(root, prefix, handle, skipped)
        for entry in found:
            is_folder = entry.is_dir(follow_symlinks=False)
            path = f"{prefix}{entry.name}/" if is_folder else f"{prefix}{entry.name}"
            if entry.name == ".git":
                continue
            if ignores.match(path):
                hidden += 1
            elif excludes.match(path):
                excluded += 1
            elif is_folder:
                folders.append((path, ignores))
            else:
                entries.append(path)
    below.close()
    if hidden and entries:  # without a file to scan, the reason for that says it
        skipped.append(Skip(start, f"files and folders hidden by {IGNORE_FILE}: {hidden:,}"))
    return Listing(tuple(entries), tuple(skipped), excluded)


class _Ignores:
    """The `.gitignore` files from the walk's start down to a folder; the deepest one that matches a path decides."""

    def __init__(self, files: tuple[tuple[str, _Patterns], ...] = ()) -> None:
        self._files = files

    def with_file(self, root: Path, prefix: str, folder: int | None, skipped: list[Skip]) -> _Ignores:
        """With the folder's own file added. An unreadable one ignores nothing and makes the run incomplete."""
        where = ".gitignore" if folder is not None else os.fspath(root / prefix / ".gitignore")
        try:
            with os.fdopen(os.open(where, READ_FILE, dir_fd=folder), "rb") as file:
                content = file.read(_MOST_IGNORE_BYTES) or b""
        except OSError as error:
            skipped.append(Skip(f"{prefix}.gitignore", f"unreadable: {error.strerror}", incomplete=True))
            return self
        lines = os.fsdecode(content).split("\n")
        return _Ignores(((prefix, _Patterns(line.removesuffix("\r") for line in lines)), *self._files))

    def match(self, path: str) -> bool:
        for prefix, patterns in self._files:
            verdict = patterns.verdict(path[len(prefix) :])
            if verdict is not None:
                return verdict
        return False


class _Patterns:
    """Lines in .gitignore syntax; the last one that matches a path decides. An invalid line matches nothing.

    `pathspec` tests a file's whole path at once. Git tests every folder on the way to it, and so does a walk, which
    does not enter ignored folders: here a pattern matches the path itself, never what is below it.
    """

    def __init__(self, lines: Iterable[str]) -> None:
        translated = [pattern for line in lines if (pattern := _translated(line))]
        self._last_first = translated[::-1]
        self._any = re.compile("|".join(f"(?:{regex.pattern})" for regex, _ in translated) or r"(?!)", re.DOTALL)

    def verdict(self, path: str) -> bool | None:
        """Whether a path matches (a folder's ends with a slash); None when no pattern is about it."""
        if self._any.search(path):
            for regex, include in self._last_first:
                if regex.search(path):
                    return include
        return None


def _translated(line: str) -> tuple[re.Pattern[str], bool] | None:
    """A line as a regex that matches the path itself, and whether it includes or excepts it."""
    from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

    try:
        expression, include = GitIgnoreSpecPattern.pattern_to_regex(line)
        if expression is None or include is None:
            return None
        itself = linear(str(expression)).replace("(?P<ps_d>/)", r"/\Z").replace("|$)", r"|\Z)")
        if itself.endswith("/"):  # from `folder/**`
            itself += "."
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            return re.compile(itself, re.DOTALL), include
    except (ValueError, re.error):
        return None
