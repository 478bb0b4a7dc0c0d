"""What the working tree and the index contain: names, and the objects they refer to."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from cavra_boundary.errors import GitError
from cavra_boundary.git.process import fields, names_in, run_git, stream_git
from cavra_boundary.git.repository import git_folder, top_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

_RAW = (
    "--raw",
    "-r",
    "-z",
    "--no-abbrev",
    "--no-renames",
    "--no-relative",
    "--ignore-submodules=none",
    "--no-ext-diff",
)
_MEMORY = 150_000_000
_MEMORY_PER_BYTE = 8
IGNORE_FILE = ".gitignore"
_MOST_SETTINGS = 1024 * 1024

_MALFORMED = "git's output was cut off or is malformed"
_KINDS = {b"120000": "link", b"160000": "module", b"000000": "absent"}


class WorkTree(NamedTuple):
    """What git says is in a working tree, as paths relative to the folder asked about.

    files: tracked files, even ignored ones, and untracked files that are not ignored.
    foreign: submodules and nested repositories.
    hidden: how many untracked files and repositories are left out, by what ignores them, if that is the repository's
    own but no file in it: its `info/exclude`, and `core.excludesFile` in its configuration.
    """

    files: tuple[str, ...]
    foreign: tuple[str, ...]
    hidden: tuple[tuple[str, int], ...] = ()


class Item(NamedTuple):
    """A name and what it refers to, in a tree, the index or a commit's changes.

    kind: "file", "link" or "module"; in changes of the index also "absent", for removed ones.
    """

    kind: str
    oid: str
    path: str


def work_tree(folder: Path, *, ignore: bool, exclude: Sequence[str]) -> WorkTree:
    """The files below `folder`, a folder of a repository with a working tree.

    ignore: whether `.gitignore` hides untracked files. exclude: patterns in .gitignore syntax that prune untracked
    folders; tracked files are not affected. GitError when git is missing, refuses or fails.
    """
    top = top_of(folder) or folder
    prefix = "" if folder == top else f"{folder.relative_to(top).as_posix()}/"
    below = ["--", prefix] if prefix else []
    hidden = ["--exclude-standard"] if ignore else []
    pruned = [f"--exclude={pattern}" for pattern in exclude]
    others = ["ls-files", "-z", "--others"]
    files: dict[str, None] = {}
    foreign: dict[str, None] = {}
    for item in _staged(top, below):
        (foreign if item.kind == "module" else files)[item.path.removeprefix(prefix)] = None
    for entry in fields(stream_git(top, [*others, *hidden, *pruned, *below])):
        path = os.fsdecode(entry).removeprefix(prefix)
        # Git does not descend into another repository; it lists the folder.
        (foreign if path.endswith("/") else files)[path.rstrip("/")] = None
    lost = 0
    by_own = _own_excludes(top) if ignore else ""
    if by_own:
        by_files = f"--exclude-per-directory={IGNORE_FILE}"
        for entry in fields(stream_git(top, [*others, by_files, *pruned, *below])):
            path = os.fsdecode(entry).removeprefix(prefix).rstrip("/")
            lost += path not in files and path not in foreign
    return WorkTree(tuple(files), tuple(foreign), ((by_own, lost),) if lost else ())


def _own_excludes(top: Path) -> str:
    """What may ignore files by the word of the repository's own `.git`, which an unpacked archive brings along.

    A user's own list, in the user's configuration, is not among it.
    """
    folder = git_folder(top)
    common = folder / _start_of(folder / "commondir").decode(errors="surrogateescape").strip()
    found = []
    lines = _start_of(common / "info" / "exclude").splitlines()
    if any(line.strip() and not line.startswith(b"#") for line in lines):
        found.append(".git/info/exclude")
    settings = (_start_of(common / "config") + _start_of(folder / "config.worktree")).lower()
    if b"excludesfile" in settings or b"include" in settings:
        found.append("core.excludesFile in .git/config")
    return " or ".join(found)


def _start_of(file: Path) -> bytes:
    try:
        if not file.is_file():
            return b""
        with file.open("rb") as opened:
            return opened.read(_MOST_SETTINGS)
    except OSError:
        return b""


def sparse_items(top: Path) -> dict[str, Item]:
    """What a sparse checkout leaves out of the working tree, by path: the index has it. GitError when git fails."""
    found = {}
    for entry in fields(stream_git(top, ["ls-files", "-z", "-t", "--stage"], memory=_memory_for_index(top))):
        if entry.startswith(b"S "):
            item = next(staged([entry[2:]]))
            found[item.path] = item
    return found


def ignoring(folder: Path) -> str:
    """What ignores the untracked files below a folder, of which git lists none. GitError when git fails."""
    top = top_of(folder) or folder
    below = [] if folder == top else ["--", f"{folder.relative_to(top).as_posix()}/"]
    every = run_git(top, ["ls-files", "-z", "--others", *below])
    left = run_git(top, ["ls-files", "-z", "--others", f"--exclude-per-directory={IGNORE_FILE}", *below])
    hiding = [IGNORE_FILE] if len(left) < len(every) else []
    return " and ".join([*hiding, *([_own_excludes(top) or "core.excludesFile"] if left else [])])


def index_items(top: Path, paths: Sequence[str] = ()) -> list[Item]:
    """What the index has at these paths, files or folders relative to the top, or everywhere.

    An unmerged path is listed once for each of its versions. GitError when git is missing, refuses or fails.
    """
    return list(_staged(top, ["--", *paths]))


def staged_items(top: Path) -> list[Item]:
    """What the index has that HEAD does not; everything if there is no commit yet. GitError as for `index_items`."""
    items: list[Item] = []
    unmerged: list[str] = []
    try:
        command = ["diff-index", "--cached", *_RAW, "HEAD", "--"]
        for item in raw_items(fields(stream_git(top, command, memory=_memory_for_index(top)))):
            if item.kind == "unmerged":
                unmerged.append(item.path)
            elif item.kind != "absent":
                items.append(item)
    except GitError:
        # There is nothing to compare with if the branch has no commit yet, or its commit is lost or names too much.
        return index_items(top)
    return items + (index_items(top, unmerged) if unmerged else [])


def deleted_paths(top: Path, paths: Sequence[str]) -> set[str]:
    """Which of these paths, missing from the index, HEAD has as a file or folder; none if it cannot be read."""
    try:
        listed = run_git(top, ["ls-tree", "-z", "--name-only", "--full-tree", "HEAD", "--", *paths])
    except GitError:
        return set()
    return set(map(os.fsdecode, names_in(listed)))


def raw_items(said: Iterator[bytes]) -> Iterator[Item]:
    """What is there now at each change of a raw diff (git's diff-format): both modes, both ids, the status; a path."""
    for field in said:
        meta = field.removeprefix(b":").split(b" ")
        path = next(said, None)
        if path is None or len(meta) != 5:
            raise GitError(_MALFORMED)
        item = _item(meta[1], meta[3], path)
        yield item._replace(kind="unmerged") if meta[-1] == b"U" else item


def _staged(top: Path, below: Sequence[str]) -> Iterator[Item]:
    """The entries of the index."""
    command = ["ls-files", "-z", "--stage", "--cached", *below]
    return staged(fields(stream_git(top, command, memory=_memory_for_index(top))))


def staged(entries: Iterable[bytes]) -> Iterator[Item]:
    """The entries of `ls-files --stage`."""
    for entry in entries:
        meta, _, path = entry.partition(b"\t")
        words = meta.split(b" ")
        if len(words) != 3:
            raise GitError(_MALFORMED)
        yield _item(words[0], words[1], path)


def _memory_for_index(top: Path) -> int:
    """How much memory git may take to compare the index: what its entries take, unless trees name any number more."""
    try:
        size = (git_folder(top) / "index").stat().st_size
    except OSError:
        size = 0
    return _MEMORY + _MEMORY_PER_BYTE * size


def _item(mode: bytes, oid: bytes, path: bytes) -> Item:
    if not oid.isalnum():
        raise GitError(_MALFORMED)
    return Item(_KINDS.get(mode, "file"), oid.decode("ascii"), os.fsdecode(path))
