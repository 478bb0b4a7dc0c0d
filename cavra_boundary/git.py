"""The only module that starts git.

A repository's configuration, attributes and hooks are written by strangers. Git is started so that none of them can run
a program or reach the network, and is asked only for plumbing output with NUL-separated, unquoted names.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cavra_boundary.errors import GitError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_SAFE = (
    "--no-pager",
    "--literal-pathspecs",
    "-c", "core.fsmonitor=false",
    "-c", "core.hooksPath=/dev/null",
    "-c", "core.untrackedCache=false",
    "-c", "core.quotePath=false",
    "-c", "protocol.allow=never",
)  # fmt: skip
_ENVIRONMENT = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}

_ELSEWHERE = (
    "GIT_DIR",
    "GIT_COMMON_DIR",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
)
"""What a hook's environment says about its own repository, which need not be the one that is asked about."""

_GITLINK = b"160000"


@dataclass(frozen=True, slots=True)
class WorkTree:
    """What git says is in a working tree, as paths relative to the folder asked about.

    files: tracked files, also ignored ones, and untracked files that are not ignored.
    foreign: submodules and nested repositories, whose content is another repository's.
    """

    files: tuple[str, ...]
    foreign: tuple[str, ...]


def top_of(folder: Path) -> Path | None:
    """The nearest folder upward that holds a `.git`; None outside a repository. Starts no process."""
    for each in (folder, *folder.parents):
        if (each / ".git").exists():
            return each
    return None


def work_tree(folder: Path, *, ignore: bool, exclude: Sequence[str]) -> WorkTree:
    """The files below `folder`, a folder of a repository with a working tree.

    ignore: whether `.gitignore` hides untracked files. exclude: patterns in .gitignore syntax that prune untracked
    folders; tracked files are not affected. GitError when git is missing, refuses or fails.
    """
    tracked = _run(folder, ["ls-files", "-z", "--stage", "--cached"])
    hidden = ["--exclude-standard"] if ignore else []
    pruned = [f"--exclude={pattern}" for pattern in exclude]
    untracked = _run(folder, ["ls-files", "-z", "--others", *hidden, *pruned])
    files: dict[str, None] = {}
    foreign: dict[str, None] = {}
    for entry in _names(tracked):
        mode, _, rest = entry.partition(b" ")
        path = os.fsdecode(rest.partition(b"\t")[2])
        (foreign if mode == _GITLINK else files)[path] = None
    for entry in _names(untracked):
        path = os.fsdecode(entry)
        # Git does not descend into another repository; it names the folder.
        (foreign if path.endswith("/") else files)[path.rstrip("/")] = None
    return WorkTree(tuple(files), tuple(foreign))


def _names(output: bytes) -> Iterator[bytes]:
    return (name for name in output.split(b"\0") if name)


def _run(folder: Path, arguments: Sequence[str]) -> bytes:
    """Git's standard output. GitError when it cannot be started or does not succeed."""
    import subprocess  # a scan of single files starts no process

    try:
        done = subprocess.run(  # noqa: S603 - the arguments are ours; nothing is split by a shell
            ["git", "-C", str(folder), *_SAFE, *arguments],  # noqa: S607 - git is where PATH says
            capture_output=True,
            stdin=subprocess.DEVNULL,
            env=_environment(folder),
            check=False,
        )
    except FileNotFoundError:
        raise GitError(
            "git is not installed", where=str(folder), hint="install git, or scan a folder outside git"
        ) from None
    except OSError as error:
        raise GitError(f"git cannot be started: {error.strerror}", where=str(folder)) from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise GitError(
            f"git {arguments[0]} failed: {said[0] if said else done.returncode}", where=str(folder), hint=_advice(said)
        )
    return done.stdout


def _environment(folder: Path) -> dict[str, str]:
    """One in which git works on the repository whose `.git` is nearest, all of it, and on no other."""
    environment = {name: value for name, value in os.environ.items() if name not in _ELSEWHERE} | _ENVIRONMENT
    top = top_of(folder)
    if top:
        # Against a `core.worktree` that leads elsewhere, and a `.git` that git does not take for one and passes over.
        environment |= {"GIT_WORK_TREE": str(top), "GIT_CEILING_DIRECTORIES": str(top.parent)}
    return environment


def _advice(said: Sequence[str]) -> str:
    """What to do about git's complaint: its own suggestion where it makes one."""
    commands = [line.strip() for line in said if line.strip().startswith("git config")]
    return f"run: {commands[0]}" if commands else "see git's message"
