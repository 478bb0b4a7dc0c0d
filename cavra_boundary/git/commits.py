"""Commits, and what each of them adds."""

from __future__ import annotations

from contextlib import suppress
from typing import IO, TYPE_CHECKING

from cavra_boundary.errors import GitError
from cavra_boundary.git.listing import RAW, Item, raw_items
from cavra_boundary.git.process import BLOCK, failure, lines_in, run_git, start_git

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

_COMMITS_AT_A_TIME = 10_000


def list_commits(folder: Path, wanted: Iterable[str]) -> list[str]:
    """The ids of the commits reachable from these revisions, parents first. `^id` excludes those reachable from it.

    GitError when any of these commits cannot be read.
    """
    asked = "".join(f"{each}\n" for each in wanted).encode()
    return lines_in(run_git(folder, ["rev-list", "--topo-order", "--reverse", "--stdin"], asked)) if asked else []


def list_changes(folder: Path, wanted: Sequence[str]) -> Iterator[tuple[int, Item]]:
    """What each of these commits adds or changes: the commit's position in `wanted`, and an item.

    For a merge: what differs from every parent. GitError when a commit or a tree cannot be read.
    """
    # Git caches the commits it reads, so one process for all of them would use too much memory.
    for first in range(0, len(wanted), _COMMITS_AT_A_TIME):
        for at, item in _changes_of(folder, wanted[first : first + _COMMITS_AT_A_TIME]):
            yield first + at, item


def _changes_of(folder: Path, wanted: Sequence[str]) -> Iterator[tuple[int, Item]]:
    from tempfile import TemporaryFile
    from threading import Thread

    command = ["diff-tree", "--stdin", "--root", "--always", "-c", *RAW]
    at = -1
    # Error output goes to a file: a full pipe that nobody reads would block git.
    with TemporaryFile() as said, start_git(folder, command, said) as process:
        assert process.stdin and process.stdout, "pipes"  # noqa: S101
        # Fed from a thread, since git stops reading while nobody reads its output.
        feeder = Thread(target=_feed, args=(process.stdin, wanted), daemon=True)
        feeder.start()
        try:
            for found in raw_items(fields(process.stdout)):
                if isinstance(found, Item):
                    yield at, found
                    continue
                at += 1
                if at == len(wanted) or found != wanted[at].encode():
                    raise GitError("unexpected output from git diff-tree", where=str(folder))
        except BaseException:
            process.kill()
            raise
        finally:
            feeder.join()
        if process.wait() or at + 1 < len(wanted):
            said.seek(0)
            raise failure(folder, command, process.returncode, said.read(BLOCK))


def fields(stream: IO[bytes]) -> Iterator[bytes]:
    """The NUL-terminated fields of a stream. GitError if it ends in the middle of one."""
    rest = b""
    while block := stream.read(BLOCK):
        *whole, rest = (rest + block).split(b"\0")
        yield from whole
    if rest:
        raise GitError("git's output was cut off")


def _feed(stream: IO[bytes], oids: Sequence[str]) -> None:
    with suppress(OSError), stream:
        for first in range(0, len(oids), 1000):
            stream.write("".join(f"{oid}\n" for oid in oids[first : first + 1000]).encode())
