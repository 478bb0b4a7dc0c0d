"""Commits and everything they introduce: blobs at their paths, messages, people, tags, notes, ref names."""

from __future__ import annotations

import os
import re
from array import array
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

from cavra_boundary.errors import GitError
from cavra_boundary.git.commits import list_changes, list_commits
from cavra_boundary.git.objects import Objects
from cavra_boundary.git.places import COMMITS, GIT, NOTES, OBJECTS, TAGS
from cavra_boundary.git.refs import NOTES_PREFIX, shallow_commits
from cavra_boundary.git.trees import parsed, read_tree, tree_items
from cavra_boundary.model import Introduced, Skip
from cavra_boundary.sources.base import Listing
from cavra_boundary.sources.objects import (
    ANOTHER_REPOSITORY,
    COMMIT,
    FILE,
    LINK,
    NAME,
    TAG,
    WHOLE,
    ObjectSource,
    make_entry,
    oid_of,
    path_of,
    until_too_many,
)
from cavra_boundary.sources.walk import Excludes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from cavra_boundary.git.listing import Item
    from cavra_boundary.git.refs import Ref
    from cavra_boundary.sources.base import Known

_NO_COMMIT = 2**32 - 1
_MOST_NAMES = 200_000
"""Tree entries kept in memory at a time: some tens of megabytes."""

_HEADER = 64 * 1024
_AUTHORED = re.compile(rb"^author [^\n]*> ([0-9]{1,12}) ([+-])([0-9]{2})([0-9]{2})$", re.MULTILINE)
_ROOT = re.compile(rb"tree ([0-9a-f]{40,64})\n")
_TAGGED = re.compile(rb"object ([0-9a-f]{40,64})\ntype ([a-z]+)\n")


class _Peeled(NamedTuple):
    """The object that tags finally lead to, and the tags on the way."""

    type: str
    oid: str
    tags: tuple[str, ...]


class HistorySource(ObjectSource):
    """The commits reachable from revisions, with what each adds to its parents.

    revisions: ids to scan; `^id` excludes everything reachable from it. refs: their names are scanned if their targets
    are; notes among them are always scanned. allow_shallow: whether commits may be missing because the clone is
    shallow.
    """

    def __init__(
        self,
        repository: Path,
        exclude: Sequence[str],
        max_file_size: int,
        *,
        name: str,
        revisions: Sequence[str],
        refs: Sequence[Ref] = (),
        allow_shallow: bool = False,
    ) -> None:
        super().__init__(repository, exclude, max_file_size, name)
        self._revisions = tuple(revisions)
        self._refs = tuple(refs)
        self._allow_shallow = allow_shallow

    def list(self) -> Listing:
        """Each blob once per path, identical blobs next to each other. GitError when git fails."""
        return self.news(lambda _: frozenset())

    def news(self, known: Known) -> Listing:
        with Objects(self.repository) as objects:
            return _Lister(self.repository, self.exclude, objects, known).list(
                self._revisions, self._refs, allow_shallow=self._allow_shallow
            )


class _Lister:
    """Collects the entries of one listing, with the position of the first commit that has each."""

    def __init__(self, repository: Path, exclude: Sequence[str], objects: Objects, known: Known) -> None:
        self._repository = repository
        self._known = known
        self._exclude = blake2b(repr(tuple(exclude)).encode(errors="surrogatepass"), digest_size=8).hexdigest()
        self._cut = shallow_commits(repository)
        self._excludes = Excludes(exclude)
        self._objects = objects
        self._entries: dict[str, int] = {}
        self._excluded: set[str] = set()
        self._modules: set[str] = set()
        self._left_out: dict[Skip, None] = {}
        self._commits: list[str] = []
        self._tips: dict[str, list[str]] = {}
        self._wholes: dict[int, str] = {}
        self._settled = 0
        self._again: dict[str, list[int]] = {}
        self._peeled: dict[str, _Peeled] = {}

    def list(self, revisions: Sequence[str], refs: Sequence[Ref], *, allow_shallow: bool) -> Listing:
        reached = self._walk(revisions, "")
        for ref in refs:
            if ref.name.startswith(NOTES_PREFIX):
                reached |= self._walk([ref.oid], f"{NOTES}{ref.name.removeprefix(NOTES_PREFIX)}/")
        for ref in refs:
            about = self._peel(ref.oid)
            if about.oid in reached:
                # Paths are not redacted, so the name is not part of it; ref names contain no spaces.
                self._add(NAME, ref.name, GIT + "/".join(ref.name.split("/")[:2]), _NO_COMMIT)
                self._add_tags(about)
        skipped = [Skip(path, ANOTHER_REPOSITORY) for path in sorted(self._modules)]
        skipped += self._left_out
        if cut := self._cut & reached:
            reason = f"the clone is shallow: history before {min(cut)[:12]} is missing"
            skipped.append(Skip(f"{GIT}shallow", reason, incomplete=not allow_shallow))
        entries = _arranged(self._entries)
        ranks = array("L", map(self._entries.__getitem__, entries))
        return Listing(
            entries=entries,
            skipped=tuple(skipped),
            excluded=len(self._excluded),
            commits=len(self._commits),
            settled=self._settled,
            past=_Past(self._repository, entries, ranks, self._commits, self._tips, self._wholes, self._again),
        )

    def _walk(self, revisions: Sequence[str], prefix: str) -> set[str]:
        """Add everything reachable from the revisions, with a path prefix; the ids of commits, trees and blobs met."""
        wanted, met = [], set()
        for revision in revisions:
            if revision.startswith("^"):
                wanted.append(revision)
                continue
            about = self._peel(revision)
            self._add_tags(about)
            type_, oid, _ = about
            if type_ == "commit":
                wanted.append(oid)
            elif type_ == "tree":
                self._items(((_NO_COMMIT, item) for item in tree_items(self._repository, oid)), prefix)
            else:
                self._add(FILE, oid, f"{OBJECTS}{oid}", _NO_COMMIT)
            met.add(oid)
        tips = [oid for oid in wanted if not oid.startswith("^")]
        if not tips:
            return met
        self._tips[prefix] = list(dict.fromkeys(tips))
        commits = list_commits(self._repository, wanted)
        offset = len(self._commits)
        self._commits += commits
        wholes = [make_entry(WHOLE, oid, f"{self._exclude} {prefix}") for oid in commits]
        # What a commit introduces never changes, except where a shallow clone has cut off its parents.
        known = {at for at in self._known(wholes) if commits[at] not in self._cut}
        self._settled += len(known)
        new = [at for at in range(len(commits)) if at not in known]
        self._wholes |= {offset + at: wholes[at] for at in new if commits[at] not in self._cut}
        changes = list_changes(self._repository, [commits[at] for at in new], self._cut)
        self._items(((offset + new[at], item) for at, item in changes), prefix)
        for at in new:
            self._add(COMMIT, commits[at], f"{COMMITS}{commits[at]}", offset + at)
        return met | set(commits)

    def _items(self, items: Iterable[tuple[int, Item]], prefix: str) -> None:
        for rank, item in until_too_many(items, self._left_out):
            if item.kind == "module":
                self._modules.add(prefix + item.path)
                self._wholes.pop(rank, None)
            else:
                self._add(LINK if item.kind == "link" else FILE, item.oid, prefix + item.path, rank)
        if self._left_out:
            self._wholes.clear()

    def _add(self, kind: str, oid: str, path: str, rank: int) -> None:
        if self._excludes.match(path):
            self._excluded.add(make_entry(kind, oid, path))
            self._wholes.pop(rank, None)
        elif (first := self._entries.setdefault(entry := make_entry(kind, oid, path), rank)) != rank:
            self._entries[entry] = min(first, rank)
            self._again.setdefault(entry, []).append(max(first, rank))

    def _add_tags(self, about: _Peeled) -> None:
        for oid in about.tags:
            self._add(TAG, oid, f"{TAGS}{oid}", _NO_COMMIT)

    def _peel(self, oid: str) -> _Peeled:
        """The object that tags finally lead to, and the tags on the way."""
        if oid not in self._peeled:
            tags: list[str] = []
            at = oid
            while (found := self._objects.begin(at)) and found[0] == "tag":
                tags.append(at)
                named = _TAGGED.match(self._objects.read_on(_HEADER))
                at = named[1].decode() if named else ""
            if not found:
                raise GitError(f"{tags[-1] if tags else oid} is corrupt or missing", hint="run: git fsck")
            self._peeled[oid] = _Peeled(found[0], at, tuple(tags))
        return self._peeled[oid]


def _arranged(entries: Mapping[str, int]) -> list[str]:
    """The entries sorted by path and commit, identical blobs next to each other.

    Git stores most versions of a file as deltas, so reading them together is several times faster.
    """
    met: set[str] = set()
    several: set[str] = set()
    for oid in map(oid_of, entries):
        (several if oid in met else met).add(oid)
    homes: dict[str, tuple[str, int]] = {}
    for entry, rank in entries.items():
        if (oid := oid_of(entry)) in several:
            homes[oid] = min(homes.get(oid, (path_of(entry), rank)), (path_of(entry), rank))
    del met, several

    def place(entry: str) -> tuple[str, int, str]:
        return (*homes.get(oid_of(entry), (path_of(entry), entries[entry])), entry)

    return sorted(entries, key=place)


class _Past:
    """Which commit of a listing introduced what, and which tips still have it."""

    def __init__(
        self,
        repository: Path,
        entries: Sequence[str],
        ranks: array[int],
        commits: Sequence[str],
        tips: Mapping[str, Sequence[str]],
        wholes: Mapping[int, str],
        again: Mapping[str, Sequence[int]],
    ) -> None:
        """`ranks` are the positions in `commits` of the entries' first commits; `tips` is keyed by path prefix.

        wholes: the whole-commit entries of fully listed commits, by rank. again: the ranks of any further commits that
        introduce an entry.
        """
        self._repository = repository
        self._entries = entries
        self._ranks = ranks
        self._commits = commits
        self._tips = tips
        self._wholes = wholes
        self._again = again

    def whole(self, unclean: Iterable[int]) -> Iterator[str]:
        ranks = {rank for at in unclean for rank in (self._ranks[at], *self._again.get(self._entries[at], ()))}
        return (whole for rank, whole in self._wholes.items() if rank not in ranks)

    def rank(self, place: int) -> int:
        return self._ranks[place]

    def introduced(self, groups: Sequence[Sequence[int]]) -> list[Introduced | None]:
        with Objects(self._repository) as objects:
            held = self._held(groups, _Trees(objects))
            return [
                self._introduced(objects, min(map(self.rank, group)), at in held) for at, group in enumerate(groups)
            ]

    def _introduced(self, objects: Objects, rank: int, at_tip: bool) -> Introduced | None:
        if rank == _NO_COMMIT:
            return None
        commit = self._commits[rank]
        return Introduced(commit, _authored(_head_of(objects, commit)), at_tip)

    def _held(self, groups: Sequence[Sequence[int]], trees: _Trees) -> set[int]:
        """Which of the groups a tip still has. Messages and names count as there while there are tips."""
        held = set()
        for prefix, tips in self._tips.items():
            wanted: dict[int, tuple[str, set[str]]] = {}
            for at, group in enumerate(groups):
                path = path_of(self._entries[group[0]])
                if not path.startswith(GIT):
                    belongs = not prefix
                elif path.startswith(NOTES):
                    belongs = bool(prefix) and path.startswith(prefix)
                else:
                    held.add(at)
                    continue
                if belongs:
                    wanted[at] = path.removeprefix(prefix), {oid_of(self._entries[place]) for place in group}
            # One tip after another, so that each tip's trees are read once for all groups.
            for tip in tips:
                found = {at for at, (path, oids) in wanted.items() if trees.find(tip, path) in oids}
                held |= found
                for at in found:
                    del wanted[at]
        return held


class _Trees:
    """Finds paths in the trees of commits, and caches trees."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._roots: dict[str, str] = {}
        self._trees: dict[str, dict[bytes, str]] = {}
        self._names = 0

    def find(self, commit: str, path: str) -> str:
        """The id of the object at a path in a commit; "" if there is none or git cannot read it."""
        at = self._tree_of(commit)
        for name in os.fsencode(path).split(b"/"):
            at = self._tree(at).get(name, "") if at else ""
        return at

    def _tree_of(self, commit: str) -> str:
        if commit not in self._roots:
            match = _ROOT.match(_head_of(self._objects, commit))
            self._roots[commit] = match[1].decode() if match else ""
        return self._roots[commit]

    def _tree(self, oid: str) -> dict[bytes, str]:
        if oid not in self._trees:
            if self._names > _MOST_NAMES:
                self._trees.clear()
                self._names = 0
            self._trees[oid] = {}
            with suppress(GitError):
                self._trees[oid] = {name: found for _, name, found in map(parsed, read_tree(self._objects, oid))}
            self._names += len(self._trees[oid])
        return self._trees[oid]


def _head_of(objects: Objects, oid: str) -> bytes:
    """The first lines of a commit; empty if git cannot read it."""
    with suppress(GitError):
        return objects.whole(oid, "commit", _HEADER)
    return b""


def _authored(commit: bytes) -> str:
    """The author's date in ISO 8601, "" if a commit object has no valid one."""
    found = _AUTHORED.search(commit)
    if not found:
        return ""
    seconds, sign, hours, minutes = found.groups()
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    try:
        zone = timezone(-offset if sign == b"-" else offset)
        return datetime.fromtimestamp(int(seconds), UTC).astimezone(zone).isoformat()
    except (ValueError, OverflowError, OSError):
        return ""
