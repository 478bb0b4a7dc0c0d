"""The only module that starts git.

A repository's configuration, attributes and hooks are untrusted. Git is started so that none of them can run a program
or reach the network, and only plumbing output with NUL-separated, unquoted names is used. Content comes from
`cat-file`, which ignores filters and textconv, never from a textual diff, which an attribute can suppress.

Git opens whatever has the right name. So files that it would wait for are looked for before it is started, and a git
that stands still is killed.
"""

from __future__ import annotations

import os
from contextlib import suppress
from io import BufferedReader
from pathlib import Path
from threading import Event, Thread
from typing import IO, TYPE_CHECKING, TypeVar

from cavra_boundary.errors import GitError
from cavra_boundary.git.repository import check_files, endless_below, git_folder, repository_of

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from types import TracebackType

    GitProcess = subprocess.Popen[bytes]

_Answer = TypeVar("_Answer")

_SAFE = (
    "--no-pager",
    "--literal-pathspecs",
    "-c", "core.fsmonitor=false",
    "-c", "core.hooksPath=/dev/null",
    "-c", "core.untrackedCache=false",
    "-c", "core.quotePath=false",
    "-c", "protocol.allow=never",
    "-c", "advice.graftFileDeprecated=false",
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

_TICK = 0.5
"""Seconds from one look at a running git to the next."""

_MOST_BLOCKED = 20
"""Looks that find git neither answering nor computing before it is killed: it waits for something that never comes."""

_MOST_SILENT = 180
"""Looks that find git computing without an answer before it is killed; a million commits take a third of that."""


def run_git(folder: Path, arguments: Sequence[str], given: bytes = b"") -> bytes:
    """Git's standard output. GitError when it cannot be started or does not succeed."""
    return run_git_and_listen(folder, arguments, given)[0]


def run_git_and_listen(folder: Path, arguments: Sequence[str], given: bytes = b"") -> tuple[bytes, bytes]:
    """What git writes to its standard output and error. GitError when it cannot be started or does not succeed."""
    import subprocess

    with start_git(folder, arguments, subprocess.PIPE) as process, Watch(process, folder) as watch:
        output, said = watch.wait_for(lambda: process.communicate(given))
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


def stream_git(
    folder: Path, arguments: Sequence[str], given: Iterable[bytes] = (), *, memory: int | None = None
) -> Iterator[bytes]:
    """Git's standard output in blocks, as it comes, with `given` as its input. GitError as for `run_git`.

    memory: bytes that git may take, where trees can make it take any amount.
    """
    from tempfile import TemporaryFile

    # Error output goes to a file: a full pipe that nobody reads would block git.
    with (
        TemporaryFile() as said,
        start_git(folder, arguments, said) as process,
        Watch(process, folder, memory) as watch,
    ):
        assert process.stdin and process.stdout, "pipes"  # noqa: S101
        # Fed from a thread, since git stops reading while nobody reads its output.
        feeder = Thread(target=_feed, args=(process.stdin, given), daemon=True)
        feeder.start()
        try:
            while block := watch.read(process.stdout, BLOCK):
                yield block
        except BaseException:
            process.kill()
            raise
        finally:
            feeder.join()
        if process.wait():
            said.seek(0)
            raise failure(folder, arguments, process.returncode, said.read(BLOCK))


def _feed(stream: IO[bytes], given: Iterable[bytes]) -> None:
    with suppress(OSError), stream:
        for each in given:
            stream.write(each)


class Watch:
    """Kills a git that keeps its reader waiting: for a FIFO in the repository, or for a pattern that takes forever.

    It counts only while something waits for git; a git that waits for its reader may take its time.
    """

    def __init__(self, process: GitProcess, folder: Path, memory: int | None = None) -> None:
        """`memory`: how many bytes the process may take, as far as the system says how many it takes."""
        self._process = process
        self._folder = folder
        self._memory = memory
        self._waiting = False
        self._answers = 0
        self._hung = ""
        self._ended = Event()
        self._thread = Thread(target=self._look, daemon=True)
        self._thread.start()

    def __enter__(self) -> Watch:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._ended.set()
        self._thread.join()

    def wait_for(self, answer: Callable[[], _Answer]) -> _Answer:
        """What a call that waits for git returns. GitError when git was killed."""
        self._answers += 1
        self._waiting = True
        try:
            found = answer()
        finally:
            self._waiting = False
        if self._hung:
            raise GitError(self._hung, where=str(self._folder), hint="look for FIFOs and for trees without end")
        return found

    def read(self, stream: IO[bytes], most: int) -> bytes:
        """Up to `most` bytes, as soon as there are any; empty at the end. GitError when git was killed."""
        assert isinstance(stream, BufferedReader), "a pipe"  # noqa: S101
        return self.wait_for(lambda: stream.read1(most))

    def _look(self) -> None:
        answers, silent, blocked = 0, 0, 0
        used: float | None = None
        looked = False
        while not self._ended.wait(_TICK):
            if self._memory and _memory_of(self._process.pid) > self._memory:
                self._hung = f"git took more than {self._memory // 1_000_000} MB and was ended"
                self._process.kill()
                return
            if not self._waiting or self._answers != answers:
                answers, silent, blocked = self._answers, 0, 0
                continue
            before, used = used, _processor_time(self._process.pid)
            silent += 1
            blocked = blocked + 1 if used is not None and used == before else 0
            if not looked:
                looked = True
                if fifo := endless_below(self._folder):
                    self._hung = f"{fifo} has no end, so git waits for it"
                    self._process.kill()
                    return
            if silent >= _MOST_SILENT or blocked >= _MOST_BLOCKED:
                self._hung = f"git gave no answer for {max(silent, blocked) * _TICK:.0f} seconds and was ended"
                self._process.kill()
                return


def _processor_time(pid: int) -> float | None:
    """How long a process has computed, in any unit (proc(5), /proc/pid/stat).

    None where the system does not say, and while the process waits for a disk, however slow.
    """
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    state, *rest = status.rpartition(")")[2].split()
    return None if state == "D" else float(rest[10]) + float(rest[11])


def _memory_of(pid: int) -> int:
    """The bytes of memory that a process takes; 0 where the system does not say (proc(5), /proc/pid/statm)."""
    try:
        status = Path(f"/proc/{pid}/statm").read_text(encoding="ascii", errors="replace")
        return int(status.split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError):
        return 0


def failure(folder: Path, arguments: Sequence[str], code: int, said: bytes) -> GitError:
    lines = said.decode(errors="replace").strip().splitlines()
    # Git may give hints about something else first.
    told = next((line for line in lines if line.startswith(("fatal: ", "error: "))), None)
    told = told or next((line for line in lines if not line.startswith("hint: ")), str(code))
    return GitError(f"git {arguments[0]} failed: {told}", where=str(folder), hint=_advice(lines))


def _environment(repository: Path) -> dict[str, str]:
    """An environment in which git works on all of this repository and on no other."""
    check_files(repository)
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


def fields(blocks: Iterable[bytes], end: bytes = b"\0") -> Iterator[bytes]:
    """The fields of a stream, each terminated by `end`. GitError if the stream ends in the middle of one."""
    rest = b""
    for block in blocks:
        *whole, rest = (rest + block).split(end)
        yield from whole
    if rest:
        raise GitError("git's output was cut off")


def lines_in(output: bytes) -> list[str]:
    return os.fsdecode(output).splitlines() if output.isascii() else os.fsdecode(output).removesuffix("\n").split("\n")
