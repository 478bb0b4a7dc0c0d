"""The content of objects, through one `git cat-file --batch`.

Git does not compare an object with its id when it reads one: a loose object, or an index of a pack, can give any bytes
under any id. What a scan finds is remembered by ids, so the bytes are hashed here as they are read.
"""

from __future__ import annotations

import os
from collections import deque
from contextlib import suppress
from hashlib import sha1, sha256
from typing import IO, TYPE_CHECKING

from cavra_boundary.errors import GitError
from cavra_boundary.git.process import BLOCK, Watch, start_git

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from hashlib import _Hash as Hash
    from pathlib import Path

    from cavra_boundary.git.process import GitProcess

_WORTH_DRAINING = 8 * 1024 * 1024
_MOST_FAILURES = 50
_SHA1_DIGITS = 40


class Objects:
    """Reads objects by id through one `git cat-file --batch`, started on first use.

    `begin` gives an object's type and size, `read` its bytes; the read that ends an object fails if these are not the
    bytes that the id stands for. It can be passed to another process, which starts its own git.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: GitProcess | None = None
        self._watch: Watch | None = None
        self._owner = 0
        self._ahead: deque[str] = deque()
        self._left = 0
        self._oid = ""
        self._head = b""
        self._hash: Hash | None = None
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
        if self._process and self._owner != os.getpid():
            self.close()  # the parent of this fork still reads from it
            self._ahead.clear()
        self._pass_over()
        if self._ahead and self._ahead[0] != oid:
            self.close()
            self._ahead.clear()
        if not self._ahead:
            self.ask([oid])
        output = self._output()
        self._ahead.popleft()
        ended, self._left = self._left, 0
        self._head, self._hash = b"", None
        answer = self._waited(lambda: _answer(output, ended))
        found, _, rest = answer.rstrip(b"\n").partition(b" ")
        if not answer.endswith(b"\n") or found != oid.encode():
            raise self._broken(oid)
        if rest == b"missing":
            return None
        type_, _, size = rest.partition(b" ")
        self._left = int(size) + 1  # a line feed follows
        self._oid = oid
        self._head = b"%s %s\0" % (type_, size)
        return type_.decode(), int(size)

    def read(self, most: int) -> bytes:
        """The next `most` bytes of the object, fewer only at its end.

        GitError when git dies, or at the end of an object that is not what its id says.
        """
        wanted = min(most, self._left - 1)
        data = b""
        if wanted > 0:
            output = self._output()
            data = self._waited(lambda: output.read(wanted))
        self._left -= len(data)
        if len(data) < wanted:
            raise self._broken("an object")
        self._check(data)
        return data

    def whole(self, oid: str, type_: str, most: int) -> bytes:
        """An object's first `most` bytes, checked; see `read_on`. GitError if there is no such object of this type."""
        found = self.begin(oid)
        if found is None or found[0] != type_:
            raise GitError(f"the {type_} {oid} is missing or corrupt", where=str(self._folder), hint="run: git fsck")
        return self.read(most) if found[1] <= most else self.read_on(most)

    def read_on(self, most: int) -> bytes:
        """The next `most` bytes, after the rest of the object was read too, and all of it compared with its id."""
        data = self.read(most)
        while self.read(BLOCK):
            pass
        return data

    def _check(self, data: bytes) -> None:
        """Hash what was read. GitError at the end of an object if its id is another."""
        if self._head:
            self._hash = (sha1 if len(self._oid) == _SHA1_DIGITS else sha256)(self._head, usedforsecurity=False)
            self._head = b""
        if self._hash is None:
            return
        self._hash.update(data)
        if self._left > 1:
            return
        digest, self._hash = self._hash.hexdigest(), None
        if digest != self._oid:
            raise GitError(
                f"object {self._oid} does not have the bytes that its id says",
                where=str(self._folder),
                hint="run: git fsck",
            )

    def close(self) -> None:
        """Stop git, if it is running. Objects announced but not begun are requested again on the next read."""
        process, self._process, self._left = self._process, None, 0
        watch, self._watch = self._watch, None
        if process and watch and self._owner == os.getpid():
            watch.close()
            with suppress(BrokenPipeError), process:
                process.kill()

    def _output(self) -> IO[bytes]:
        if self._process is None:
            if self._failures >= _MOST_FAILURES:
                raise GitError("git failed too often", where=str(self._folder), hint="run: git fsck")
            self._process, self._owner = start_git(self._folder, ["cat-file", "--batch"]), os.getpid()
            self._watch = Watch(self._process, self._folder)
            self._request(self._ahead)
        assert self._process.stdout, "a pipe"  # noqa: S101
        return self._process.stdout

    def _waited(self, answer: Callable[[], bytes]) -> bytes:
        assert self._watch, "git runs"  # noqa: S101
        try:
            return self._watch.wait_for(answer)
        except GitError:
            self.close()
            self._failures = _MOST_FAILURES  # each further object would take as long
            raise

    def _request(self, oids: Iterable[str]) -> None:
        assert self._process and self._process.stdin, "a pipe"  # noqa: S101
        # If git is gone, reading its output fails.
        with suppress(BrokenPipeError):
            self._process.stdin.write("".join(f"{oid}\n" for oid in oids).encode())
            self._process.stdin.flush()

    def _pass_over(self) -> None:
        if self._left > _WORTH_DRAINING:
            self.close()
        elif self._left > 1:  # the line feed is read with the next answer
            output, left = self._output(), self._left
            self._waited(lambda: output.read(left - 1))
            self._left = 1

    def _broken(self, what: str) -> GitError:
        self.close()
        self._failures += 1
        return GitError(f"git died while reading {what}", where=str(self._folder), hint="run: git fsck")


def _answer(output: IO[bytes], ended: int) -> bytes:
    """The next line, after the end of what was read before."""
    if ended:
        output.read(ended)
    return output.readline()
