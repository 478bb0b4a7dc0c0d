"""Trees, read object by object: what they contain, and what a commit adds to its parents'.

`git ls-tree` and `git diff-tree` would say the same, but they do not compare trees with their ids (see
`git/objects.py`), and they list without end what a few trees that contain one another can name.
"""

from __future__ import annotations

import os
import re
from functools import lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from cavra_boundary.errors import GitError
from cavra_boundary.git.listing import Item
from cavra_boundary.git.objects import Objects

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from pathlib import Path

_Any = TypeVar("_Any")

LARGEST_TREE = 64 * 1024 * 1024
"""Bytes of a tree object: a folder of a million files."""

_AT_A_TIME = 64
"""How many trees, each with its predecessors, are asked for before the first is read."""

_MOST_KEPT = 100_000
"""Entries of trees in memory: some tens of megabytes."""

_PATHS_FOR_FREE = 50_000
_PATHS_PER_ENTRY = 8
"""How many paths trees may name: some, and several times what the trees read for them contain. A folder that is in
many places counts once as read, and each time as named; a kilobyte of such trees names more than fits in memory."""

_LONG = 256
"""Bytes of a path that count as another one."""

_HEADER = 64 * 1024
_COMMIT = re.compile(rb"tree ([0-9a-f]+)\n((?:parent [0-9a-f]+\n)*)")

# Mode in octal, name, id in binary (git, gitformat-pack). No file system has longer names.
_ENTRY = {width: re.compile(rb"[0-7]+ [^\0]{1,4096}\0.{%d}" % width, re.DOTALL) for width in (20, 32)}


class TooManyPathsError(GitError):
    """Trees that contain one another name too many paths. What was listed until then can be used."""


class _Step(NamedTuple):
    """A tree to list, where it is, and the trees that were there before. rank: what the caller counts by."""

    rank: int
    prefix: bytes
    tree: str
    before: tuple[str, ...]


def tree_items(folder: Path, oid: str) -> Iterator[Item]:
    """Everything in a tree or a commit's tree. GitError when any part cannot be read, TooManyPathsError for a bomb."""
    with Objects(folder) as objects:
        yield from Trees(objects).items(oid)


def read_tree(objects: Objects, oid: str) -> list[bytes]:
    """A tree's entries, for `parsed`. GitError when it cannot be read, is malformed, or is not what its id says."""
    data = objects.whole(oid, "tree", LARGEST_TREE)
    entries: list[bytes] = _ENTRY[len(oid) // 2].findall(data)
    if sum(map(len, entries)) != len(data) or len(data) == LARGEST_TREE:
        raise GitError(f"the tree {oid} is malformed", hint="run: git fsck")
    return entries


def parsed(entry: bytes) -> tuple[bytes, bytes, str]:
    """The mode, name and id of an entry."""
    end = entry.index(b"\0")
    mode, _, name = entry[:end].partition(b" ")
    return mode, name, entry[end + 1 :].hex()


@lru_cache(maxsize=256)
def kind_of(mode: bytes) -> str:
    """What an entry with this mode is: "file", "link", "module" or "tree"."""
    return {0o040000: "tree", 0o120000: "link", 0o160000: "module"}.get(int(mode[:12], 8) & 0o170000, "file")


class Trees:
    """Lists trees and their differences. The trees that were read last are kept for the next comparison."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._trees: dict[str, frozenset[bytes]] = {}
        self._held = 0
        self._roots: dict[str, str] = {}
        self._read = 0
        self._named = 0

    def items(self, oid: str) -> Iterator[Item]:
        """Everything in a tree or a commit's tree. GitError when any of it cannot be read, or names too many paths."""
        found = self._objects.begin(oid)
        tree = self._commit(oid)[0] if found and found[0] == "commit" else oid
        return (item for _, item in self._below([_Step(0, b"", tree, ())]))

    def changes(self, commits: Sequence[str], cut: Collection[str]) -> Iterator[tuple[int, Item]]:
        """What each commit adds or changes: its position in `commits`, and an item; not in the order of positions.

        For a merge: what differs from every parent. cut: commits whose parents are not there. GitError as for `items`.
        """
        for first in range(0, len(commits), _AT_A_TIME):
            yield from self._below(list(self._steps(first, commits[first : first + _AT_A_TIME], cut)))

    def _steps(self, first: int, commits: Sequence[str], cut: Collection[str]) -> Iterator[_Step]:
        self._objects.ask(commits)
        parents = {}
        for commit in commits:
            self._roots[commit], parents[commit] = self._commit(commit)
        unknown = {parent for commit in commits if commit not in cut for parent in parents[commit]} - self._roots.keys()
        for some in _slices(sorted(unknown), _AT_A_TIME):
            self._objects.ask(some)
            self._roots |= {parent: self._commit(parent)[0] for parent in some}
        for at, commit in enumerate(commits):
            before = () if commit in cut else tuple(self._roots[parent] for parent in parents[commit])
            yield _Step(first + at, b"", self._roots[commit], before)
        while len(self._roots) > _MOST_KEPT:
            del self._roots[next(iter(self._roots))]

    def _commit(self, oid: str) -> tuple[str, list[str]]:
        """The tree and the parents of a commit."""
        found = _COMMIT.match(self._objects.whole(oid, "commit", _HEADER))
        if not found or len(found[1]) != len(oid):
            raise GitError(f"the commit {oid} is malformed", hint="run: git fsck")
        return found[1].decode(), [line[7:] for line in found[2].decode().splitlines()]

    def _below(self, steps: list[_Step]) -> Iterator[tuple[int, Item]]:
        """What the trees of these steps contain that none of their predecessors does. Empties the list of steps."""
        while steps:
            # The deepest first, so that a bomb neither grows wide nor ends before any file was met.
            some, steps[-_AT_A_TIME:] = steps[-_AT_A_TIME:], []
            self._ask(oid for step in some for oid in (step.tree, *step.before))
            for step in some:
                now = self._tree(step.tree)
                before = [self._tree(oid) for oid in step.before]
                changed = sorted(map(parsed, now.difference(*before)), key=itemgetter(1))
                self._count(len(changed) * (1 + len(step.prefix) // _LONG))
                former = [_folders(entries - now) for entries in before]
                for mode, name, oid in changed:
                    path = step.prefix + name
                    if (kind := kind_of(mode)) == "tree":
                        were = tuple(found for each in former if (found := each.get(name)))
                        steps.append(_Step(step.rank, path + b"/", oid, were))
                    else:
                        yield step.rank, Item(kind, oid, os.fsdecode(path))

    def _ask(self, oids: Iterable[str]) -> None:
        self._objects.ask([oid for oid in dict.fromkeys(oids) if oid not in self._trees])

    def _tree(self, oid: str) -> frozenset[bytes]:
        found = self._trees.pop(oid, None)
        if found is None:
            found = frozenset(read_tree(self._objects, oid))
            self._read += len(found)
            self._held += len(found)
        self._trees[oid] = found  # the last one used is the last to go
        while self._held > _MOST_KEPT and len(self._trees) > 1:
            oldest = next(iter(self._trees))
            self._held -= len(self._trees.pop(oldest))
        return found

    def _count(self, paths: int) -> None:
        self._named += paths
        if self._named > _PATHS_FOR_FREE + _PATHS_PER_ENTRY * self._read:
            raise TooManyPathsError(
                f"trees of {self._read:,} entries name more than {self._named - paths:,} paths; the rest is not listed"
            )


def _folders(entries: Iterable[bytes]) -> dict[bytes, str]:
    return {name: oid for mode, name, oid in map(parsed, entries) if kind_of(mode) == "tree"}


def _slices(of: Sequence[_Any], size: int) -> Iterator[Sequence[_Any]]:
    return (of[first : first + size] for first in range(0, len(of), size))
