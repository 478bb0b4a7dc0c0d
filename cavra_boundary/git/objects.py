"""The content of objects, through one `git cat-file --batch`."""

from __future__ import annotations

import os
from collections import deque
from contextlib import suppress
from typing import IO, TYPE_CHECKING

from cavra_boundary.errors import GitError
from cavra_boundary.git.process import start_git

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from cavra_boundary.git.process import GitProcess

_WORTH_DRAINING = 8 * 1024 * 1024
_MOST_FAILURES = 50


class Objects:
    """Reads objects by id through one `git cat-file --batch`, started on first use.

    `begin` gives an object's type and size, `read` its bytes. It can be passed to another process, which starts its
    own git.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: GitProcess | None = None
        self._owner = 0
        self._ahead: deque[str] = deque()
        self._left = 0
        self._failures = 0

    def __reduce__(self) -> tuple[type[Objects], tuple[Path]]:
        return (Objects, (self._folder,))

    def __enter__(self) -> Objects:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def ask(self, oids: Iterable[str]) -> None:
        """Announce the next objects for `begin`, in this order, so that git works ahead. A few hundred at most."""
        more = list(oids)
        self._ahead += more
        if self._process:
            self._request(more)

    def begin(self, oid: str) -> tuple[str, int] | None:
        """The type and the size of an object, to be read from its start; None when the repository does not have it.

        GitError when git dies. The rest of the previous object is skipped.
        """
        self._pass_over()
        if self._ahead and self._ahead[0] != oid:
            self.close()
            self._ahead.clear()
        if not self._ahead:
            self.ask([oid])
        output = self._output()
        self._ahead.popleft()
        answer = output.readline()
        found, _, rest = answer.rstrip(b"\n").partition(b" ")
        if not answer.endswith(b"\n") or found != oid.encode():
            raise self._broken(oid)
        if rest == b"missing":
            return None
        type_, _, size = rest.partition(b" ")
        self._left = int(size) + 1  # a line feed follows
        return type_.decode(), int(size)

    def read(self, most: int) -> bytes:
        """The next `most` bytes of the object, fewer only at its end. GitError when git dies."""
        wanted = min(most, self._left - 1)
        if wanted <= 0:
            return b""
        data = self._output().read(wanted)
        self._left -= len(data)
        if len(data) < wanted:
            raise self._broken("an object")
        return data

    def close(self) -> None:
        """Stop git, if it is running. Objects announced but not begun are requested again on the next read."""
        process, self._process, self._left = self._process, None, 0
        if process and self._owner == os.getpid():
            with suppress(BrokenPipeError), process:
                process.kill()

    def _output(self) -> IO[bytes]:
        if self._process and self._owner != os.getpid():
            self.close()  # the parent of this fork still reads from it
            self._ahead.clear()
        if self._process is None:
            if self._failures >= _MOST_FAILURES:
                raise GitError("git failed too often", where=str(self._folder), hint="run: git fsck")
            self._process, self._owner = start_git(self._folder, ["cat-file", "--batch"]), os.getpid()
            self._request(self._ahead)
        assert self._process.stdout, "a pipe"  # noqa: S101
        return self._process.stdout

    def _request(self, oids: Iterable[str]) -> None:
        assert self._process and self._process.stdin, "a pipe"  # noqa: S101
        # If git is gone, reading its output fails.
        with suppress(BrokenPipeError):
            self._process.stdin.write("".join(f"{oid}\n" for oid in oids).encode())
            self._process.stdin.flush()

    def _pass_over(self) -> None:
        if self._left > _WORTH_DRAINING:
            self.close()
        elif self._left:
            self._output().read(self._left)
            self._left = 0

    def _broken(self, what: str) -> GitError:
        self.close()
        self._failures += 1
        return GitError(f"git died while reading {what}", where=str(self._folder), hint="run: git fsck")
