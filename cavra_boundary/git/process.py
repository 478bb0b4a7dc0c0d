"""The only module that starts git.

A repository's configuration, attributes and hooks are untrusted. Git is started so that none of them can run a program
or reach the network, and only plumbing output with NUL-separated, unquoted names is used. Content comes from
`cat-file`, which ignores filters and textconv, never from a textual diff, which an attribute can suppress.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import IO, TYPE_CHECKING

from cavra_boundary.errors import GitError
from cavra_boundary.git.repository import git_folder, repository_of

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator, Sequence

    GitProcess = subprocess.Popen[bytes]

_SAFE = (
    "--no-pager",
    "--literal-pathspecs",
    "-c", "core.fsmonitor=false",
    "-c", "core.hooksPath=/dev/null",
    "-c", "core.untrackedCache=false",
    "-c", "core.quotePath=false",
    "-c", "protocol.allow=never",
    # A derived file that could claim other parents and trees than the commits do.
    "-c", "core.commitGraph=false",
    # Larger blobs are streamed, and git uses less memory than by default.
    "-c", "core.bigFileThreshold=8m",
    "-c", "core.deltaBaseCacheLimit=24m",
    "-c", "core.packedGitWindowSize=1m",
    "-c", "core.packedGitLimit=32m",
)  # fmt: skip
_ENVIRONMENT = {
    # Unlike `protocol.allow`, no configuration overrides it.
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_GRAFT_FILE": os.devnull,
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}

_HOOK_VARIABLES = (
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_QUARANTINE_PATH",
)
"""What a hook's environment says about its own repository: the index that `commit --all` will commit, and the objects
of a push that is not accepted yet."""

_ELSEWHERE = (
    *_HOOK_VARIABLES,
    "GIT_DIR",
    "GIT_COMMON_DIR",
    "GIT_WORK_TREE",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
    "GIT_SHALLOW_FILE",
    "GIT_GLOB_PATHSPECS",
    "GIT_NOGLOB_PATHSPECS",
    "GIT_ICASE_PATHSPECS",
)
"""Variables that would point git to another repository, or to another part of this one."""

BLOCK = 64 * 1024


def run_git(folder: Path, arguments: Sequence[str], given: bytes = b"") -> bytes:
    """Git's standard output. GitError when it cannot be started or does not succeed."""
    return run_git_and_listen(folder, arguments, given)[0]


def run_git_and_listen(folder: Path, arguments: Sequence[str], given: bytes = b"") -> tuple[bytes, bytes]:
    """What git writes to its standard output and error. GitError when it cannot be started or does not succeed."""
    import subprocess

    with start_git(folder, arguments, subprocess.PIPE) as process:
        output, said = process.communicate(given)
    if process.returncode:
        raise failure(folder, arguments, process.returncode, said)
    return output, said


def start_git(folder: Path, arguments: Sequence[str], said: int | IO[bytes] | None = None) -> GitProcess:
    """Git with pipes in and out. said: where its error output goes; discarded by default."""
    import subprocess  # a scan of single files starts no process

    try:
        return subprocess.Popen(  # noqa: S603 - the arguments are ours; nothing is split by a shell
            ["git", "-C", str(folder), *_SAFE, *arguments],  # noqa: S607 - git is where PATH says
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL if said is None else said,
            env=_environment(folder),
        )
    except FileNotFoundError:
        raise GitError(
            "git is not installed", where=str(folder), hint="install git, or scan a folder outside git"
        ) from None
    except OSError as error:
        raise GitError(f"git cannot be started: {error.strerror}", where=str(folder)) from None


def failure(folder: Path, arguments: Sequence[str], code: int, said: bytes) -> GitError:
    lines = said.decode(errors="replace").strip().splitlines()
    return GitError(f"git {arguments[0]} failed: {lines[0] if lines else code}", where=str(folder), hint=_advice(lines))


def _environment(repository: Path) -> dict[str, str]:
    """An environment in which git works on all of this repository and on no other."""
    environment = {name: value for name, value in os.environ.items() if name not in _ELSEWHERE} | _ENVIRONMENT
    # In case git skips a `.git` that it does not recognize.
    environment["GIT_CEILING_DIRECTORIES"] = str(repository.parent)
    if (repository / ".git").exists():
        # In case `core.worktree` points elsewhere.
        environment["GIT_WORK_TREE"] = str(repository)
    if repository == _hook_repository():
        environment |= {name: os.environ[name] for name in _HOOK_VARIABLES if name in os.environ}
        _check_index(repository)
    return environment


def _check_index(repository: Path) -> None:
    """GitError if GIT_INDEX_FILE names a missing file, which git would treat as an empty index."""
    named = os.environ.get("GIT_INDEX_FILE")
    if not named:
        return
    # Relative to the top, where git runs its hooks.
    file = repository / named
    if not file.exists() and os.path.realpath(file) != os.path.realpath(git_folder(repository) / "index"):
        raise GitError("no such index", where=f"GIT_INDEX_FILE={named}", hint="unset it")


def _hook_repository() -> Path | None:
    """The repository that a hook's environment is about: git runs the hook in it, and may set GIT_DIR."""
    here = Path(os.path.realpath(Path.cwd()))
    top = repository_of(here)
    named = os.environ.get("GIT_DIR")
    if top is None or named is None or os.path.realpath(named) == os.path.realpath(git_folder(top)):
        return top
    return None


def _advice(said: Sequence[str]) -> str:
    """What to do about git's error: its own suggestion if it makes one."""
    commands = [line.strip() for line in said if line.strip().startswith("git config")]
    if commands:
        return f"run: {commands[0]}"
    if any("promisor" in line or "transport '" in line for line in said):
        return "the clone is partial: run git fetch --refetch --no-filter"
    return "see git's message"


def names_in(output: bytes) -> Iterator[bytes]:
    return (name for name in output.split(b"\0") if name)


def lines_in(output: bytes) -> list[str]:
    return os.fsdecode(output).splitlines() if output.isascii() else os.fsdecode(output).removesuffix("\n").split("\n")
