"""What the sources inside a git repository share: entries that identify objects, and their content read from git.

An entry is `<kind><object id> <path>`, short enough for hundreds of thousands. Anything that is not a file has a path
in `.git`, where no tracked file can be.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final, TypeVar

from cavra_boundary.errors import GitError
from cavra_boundary.git.objects import Objects
from cavra_boundary.git.places import OBJECTS
from cavra_boundary.git.trees import TooManyPathsError
from cavra_boundary.model import Blob, Skip
from cavra_boundary.sources.base import Listing, Source
from cavra_boundary.sources.walk import Excludes
from cavra_boundary.sources.windows import WINDOW, windows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from cavra_boundary.git.listing import Item

_Any = TypeVar("_Any")

FILE: Final = "f"
LINK: Final = "l"
COMMIT: Final = "c"
TAG: Final = "t"
WHOLE: Final = "w"
"""A commit with everything it introduces: never read, but can be known to be clean."""
NAME: Final = "n"
"""A ref name: it takes the place of the id and is its own content."""

_TYPES = {FILE: "blob", LINK: "blob", COMMIT: "commit", TAG: "tag"}
ANOTHER_REPOSITORY = "another repository"


def make_entry(kind: str, oid: str, path: str) -> str:
    return f"{kind}{oid} {path}"


def path_of(entry: str) -> str:
    return entry[entry.index(" ") + 1 :]


def oid_of(entry: str) -> str:
    """The id of an entry's object, or the name of its ref."""
    return entry[1 : entry.index(" ")]


class ObjectSource(Source):
    """A source whose content is in git's object store. repository: its folder. max_file_size: in bytes."""

    def __init__(self, repository: Path, exclude: Sequence[str], max_file_size: int, name: str) -> None:
        self.repository = repository
        self.exclude = tuple(exclude)
        self.max_file_size = max_file_size
        self._name = name
        self._objects = Objects(repository)
        self._last: tuple[str, bytes] = ("", b"")

    @property
    def name(self) -> str:
        return self._name

    @property
    def lasting(self) -> str:
        return f"max-file-size {self.max_file_size}"

    def path_of(self, entry: str) -> str:
        return path_of(entry)

    def expect(self, entries: Sequence[str]) -> None:
        before, _ = self._last
        asked = []
        for entry in entries:
            if entry[0] != NAME and (oid := oid_of(entry)) != before:
                asked.append(oid)
                before = oid
        self._objects.ask(asked)

    def read(self, entry: str) -> Iterator[Blob | Skip]:
        """An object's content. One that is missing or unreadable makes the run incomplete."""
        kind, oid, path = entry[0], oid_of(entry), path_of(entry)
        origin = "symlink" if kind == LINK else self.name
        if kind == NAME:
            yield Blob.whole(path, os.fsencode(oid), origin)
        elif oid == self._last[0]:
            yield Blob.whole(path, self._last[1], origin)
        else:
            try:
                yield from self._content(kind, oid, path, origin)
            except GitError as error:
                yield Skip(path, error.what, incomplete=True)

    def _content(self, kind: str, oid: str, path: str, origin: str) -> Iterator[Blob | Skip]:
        found = self._objects.begin(oid)
        if found is None:
            yield Skip(path, "git object is missing or corrupt", incomplete=True)
            return
        type_, size = found
        if type_ != _TYPES[kind]:
            yield Skip(path, f"git object is a {type_}, not a {_TYPES[kind]}", incomplete=True)
        elif size > self.max_file_size:
            yield Skip(path, "larger than --max-file-size", incomplete=True)
        elif size < WINDOW:
            # Identical blobs are next to each other, and are read once.
            self._last = oid, self._objects.read(size)
            yield Blob.whole(path, self._last[1], origin)
        else:
            yield from windows(path, self._objects.read, origin)

    def close(self) -> None:
        self._objects.close()
        self._last = ("", b"")


def listing(items: Iterable[Item], exclude: Sequence[str]) -> Listing:
    """The files and links among the items, sorted by name, without excluded ones; incomplete if there are too many."""
    excludes = Excludes(exclude)
    entries: dict[str, str] = {}
    skipped: dict[Skip, None] = {}
    excluded: set[str] = set()
    for item in until_too_many(items, skipped):
        if excludes.match(item.path):
            excluded.add(item.path)
        elif item.kind == "module":
            skipped[Skip(item.path, ANOTHER_REPOSITORY)] = None
        else:
            entries[make_entry(LINK if item.kind == "link" else FILE, item.oid, item.path)] = item.path
    return Listing(tuple(sorted(entries, key=entries.__getitem__)), tuple(skipped), len(excluded))


def until_too_many(items: Iterable[_Any], skipped: dict[Skip, None]) -> Iterator[_Any]:
    """The items, until they are too many for a listing; `skipped` then says so."""
    try:
        yield from items
    except TooManyPathsError as error:
        skipped[Skip(OBJECTS, error.what, incomplete=True)] = None
