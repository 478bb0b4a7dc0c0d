"""The files that a policy is made of: configuration, packs and baseline. Every path to one goes through here.

Whoever names such a file (a flag, an action's input, a key of the configuration, a default), `Settings` only ever holds
what a `Files` returned. A proposal is judged by another revision's policy, so there the files come from that revision's
tree, and what the working tree has under the same name is not looked at. A file outside of the repository is not part
of any proposal and is read where it is.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from cavra_boundary.errors import ConfigError, GitError, UsageError
from cavra_boundary.git.repository import top_of
from cavra_boundary.policy import config as configuration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cavra_boundary.policy.config import Document

_MOST_BYTES = 16 << 20


class Files:
    """The policy files of a folder on disk, as they are.

    folder: where the configuration is. said: what a report should say about files that were named and are not there.
    """

    def __init__(self, folder: Path, *, proposal: bool = False) -> None:
        """proposal: files named by flags may be missing, since a proposal can remove them."""
        self.folder = folder
        self.said: list[str] = []
        self._proposal = proposal

    @classmethod
    def around(cls, start: Path) -> Files:
        """The policy files that govern a file or folder: those at its repository's top, or else in its own folder."""
        return cls(configuration.top(start))

    def configuration(self, named: Path | None) -> Document | None:
        """The configuration: the file that `--config` names, or else the folder's own, if it has one."""
        if named is None:
            return configuration.find(self.folder)
        place = self.named("--config", named)
        return configuration.read(place) if place else None

    def named(self, flag: str, path: Path, *, needed: bool = True) -> Path | None:
        """Where to read a file or folder that a flag names; None if it is treated as missing."""
        return None if self._proposal and not os.path.lexists(path) else path

    def within(self, path: Path) -> Path:
        """Where to read a file or folder that the configuration names or that has a default name."""
        return path


class TreeFiles(Files):
    """The policy files of a commit: copied, when they are asked for, into a folder that the caller removes."""

    def __init__(self, tree: Tree, folder: Path, *, proposal: bool = False) -> None:
        super().__init__(folder, proposal=proposal)
        self._tree = tree

    def configuration(self, named: Path | None) -> Document | None:
        if named is None:
            for name in (configuration.NAME, configuration.PROJECT):
                self.within(self.folder / name)
        return super().configuration(named)

    def named(self, flag: str, path: Path, *, needed: bool = True) -> Path | None:
        inside = self._tree.inside(path)
        if inside is None:
            return path
        if self._take(inside):
            return self.folder / inside
        missing = f"{inside} is not in {self._tree.revision}, whose policy governs"
        if needed and not self._proposal:
            raise UsageError(missing, where=flag, hint="add it there first; a proposal's own is never used")
        self.said.append(f"{flag}: {missing}, so it counts as empty")
        return None

    def within(self, path: Path) -> Path:
        # A configuration outside of the repository names files next to itself.
        whole = Path(os.path.abspath(path))  # noqa: PTH100 - it may be shown relative to the current folder
        if whole.is_relative_to(self.folder):
            self._take(whole.relative_to(self.folder).as_posix())
        return path

    def _take(self, name: str) -> bool:
        """Copy a file, or the packs in a folder, out of the commit. Whether it has any."""
        steps = [] if name == "." else name.split("/")
        for end in range(1, len(steps) + 1):
            self._check("/".join(steps[:end]))
        if name in self._tree.files:
            self._copy(name)
            return True
        folder = "/".join([*steps, ""])
        below = [path for path in (*self._tree.files, *self._tree.links) if path.startswith(folder)]
        for path in below:
            if path.endswith(".toml") and "/" not in path.removeprefix(folder):
                self._check(path)
                self._copy(path)
        return bool(below)

    def _check(self, path: str) -> None:
        if path in self._tree.links:
            where = f"{self._tree.revision}:{path}"
            raise ConfigError("is not a regular file; links are not followed", where=where)

    def _copy(self, path: str) -> None:
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(self._tree.read(path) or b"")


@contextmanager
def files_at(tree: Tree, *, proposal: bool = False) -> Iterator[TreeFiles]:
    """The policy files of a commit, while the context lasts."""
    from tempfile import TemporaryDirectory

    with TemporaryDirectory(prefix="cavra-boundary-") as folder:
        yield TreeFiles(tree, Path(os.path.realpath(folder)), proposal=proposal)


class Tree:
    """The files of a commit, read without a checkout.

    files: path -> object id. links: the paths of symbolic links.
    """

    def __init__(self, root: Path, revision: str) -> None:
        """GitError when there is no such commit in the repository at `root`, or its tree cannot be read or written."""
        from cavra_boundary.git.objects import Objects
        from cavra_boundary.git.refs import resolve_revision
        from cavra_boundary.git.trees import tree_items

        self.commit = resolve_revision(root, revision, type_="commit")
        self.revision = revision
        items = list(tree_items(root, self.commit))
        self.files = {item.path: item.oid for item in items if item.kind == "file"}
        self.links = frozenset(item.path for item in items if item.kind == "link")
        for path in (*self.files, *self.links):
            # Git checks this when it writes a working tree, not when it fetches.
            if _leads_astray(path):
                raise GitError(f"{path!r} is not a valid path in a tree", where=revision, hint="see git fsck")
        self._root = root
        self._top = top_of(root)
        self._objects = Objects(root)

    def read(self, path: str) -> bytes | None:
        """A file's content; None if the commit does not have the file. GitError when it cannot be read."""
        oid = self.files.get(path)
        if oid is None:
            return None
        found = self._objects.begin(oid)
        if found is None:
            raise GitError("its content is missing", where=f"{self.revision}:{path}", hint="fetch the full history")
        if found[1] > _MOST_BYTES:
            raise GitError(f"is larger than {_MOST_BYTES >> 20} MiB", where=f"{self.revision}:{path}")
        return self._objects.read(found[1])

    def inside(self, path: Path) -> str | None:
        """The path in the tree of something in the working tree; None for what is elsewhere, or in the git folder.

        A path is inside by its name, however the working tree's links bend it, and also if a link leads there. Another
        repository that the workflow cloned into the working tree is elsewhere; a submodule is not, since a proposal
        chooses its commit.
        """
        if self._top is None:
            return None
        whole = Path(os.path.abspath(path))  # noqa: PTH100 - Path.absolute() keeps `..`
        for each in (whole, Path(os.path.realpath(whole.parent)) / whole.name, Path(os.path.realpath(whole))):
            if each.is_relative_to(self._top):
                name = each.relative_to(self._top).as_posix()
                return None if name.split("/")[0] == ".git" or self._is_foreign(each) else name
        return None

    def _is_foreign(self, path: Path) -> bool:
        """Whether a path below the top is in a repository of its own that no commit of this one brings."""
        nested = top_of(path)
        if nested is None or nested == self._top or Path(os.path.realpath(nested)) != nested:
            return False
        from cavra_boundary.git.listing import index_items

        name = nested.relative_to(self._top or nested).as_posix()
        # A submodule's own submodules are a proposal's, too.
        around = [name, *(parent.as_posix() for parent in PurePosixPath(name).parents if parent.name)]
        found = index_items(self._root, around)
        return not any(
            item.path == name or item.path.startswith(f"{name}/") or (item.kind == "module" and item.path in around)
            for item in found
        )

    def __enter__(self) -> Tree:
        return self

    def __exit__(self, *_: object) -> None:
        self._objects.close()


def _leads_astray(path: str) -> bool:
    """Whether a path in a commit could name something outside the folder that the commit's files are written to."""
    steps = path.replace(os.sep, "/").split("/")
    return any(step in ("", ".", "..") for step in steps) or (os.name == "nt" and ":" in path)
