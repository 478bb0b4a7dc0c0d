"""The standard streams as everything in the package uses them: safe to print anything to, and never silently lost.

They may be closed, full, or read by somebody who has left; whoever wrote the repository has a say in what we print, and
a CI service obeys certain lines. All of that is dealt with here, so that no command needs to think of it.
"""

from __future__ import annotations

import errno
import os
import sys
from contextlib import suppress
from io import BufferedIOBase
from typing import TYPE_CHECKING, Any, BinaryIO, Never, TextIO, cast

from cavra_boundary.errors import OutputError, ReaderGoneError, UsageError
from cavra_boundary.report.escape import commands_broken

if TYPE_CHECKING:
    from collections.abc import Iterable

_LONGEST_START = 64  # characters: more than what marks a command, and what may be before it


def guard_streams() -> None:
    """Replace `sys.stdin`, `sys.stdout` and `sys.stderr` by ones that cannot do harm."""
    _occupy_closed()
    if sys.stdin is None:
        sys.stdin = cast("TextIO", _ClosedInput())
    sys.stdout = cast("TextIO", Stream(sys.stdout or _reopened(1), "standard output"))
    sys.stderr = cast("TextIO", Stream(sys.stderr or _reopened(2), ""))


def print_commands(text: str) -> None:
    """Print text in which lines that a CI service obeys are meant."""
    stream = sys.stdout
    (stream.write_unchanged if isinstance(stream, Stream) else stream.write)(text)
    stream.flush()


class Stream:
    """Standard output or error. What a CI service would take for a command is broken up, wherever it comes from.

    name: what to call it when writing fails, as an OutputError; if empty, a failure is ignored: nobody is listening.
    """

    def __init__(self, stream: TextIO, name: str) -> None:
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
        self._stream = stream
        self._name = name
        self._is_lost = False
        self._line = ""  # the end of what is already on the current line, in as far as it can be a command's beginning

    def write(self, text: str) -> int:
        safe = commands_broken(self._line + text)
        if not text:
            return 0
        if safe.startswith(self._line):
            safe = safe[len(self._line) :]
        else:  # a command that began in an earlier call
            safe = commands_broken(f"\\x{ord(text[0]):02x}{text[1:]}")
        self.write_unchanged(safe)
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def write_unchanged(self, text: str) -> None:
        self._do(self._stream.write, text)
        *_, last = f"{self._line}{text[-2 * _LONGEST_START :]}".split("\n")
        # What is cut off makes a difference if it was more than blanks: only after those, `::` is a command.
        mark = "-" if len(last) > _LONGEST_START and last.strip() else ""
        self._line = mark + last[-_LONGEST_START:]

    def flush(self) -> None:
        self._do(self._stream.flush)

    def _do(self, action: Any, *arguments: str) -> None:
        if self._is_lost:
            return
        try:
            action(*arguments)
        except OSError as error:
            self._is_lost = True  # what is left in buffers would fail again when Python ends
            if not self._name:
                return
            if error.errno == errno.EPIPE:
                raise ReaderGoneError from None
            if error.errno == errno.EBADF:
                raise OutputError("is closed, so the output is lost", where=self._name) from None
            raise OutputError(f"cannot be written: {error.strerror}", where=self._name) from None

    @property
    def buffer(self) -> BinaryIO:
        """For bytes, which `click` also prints; there is no way around `write`."""
        return cast("BinaryIO", _Bytes(self))

    def __getattr__(self, name: str) -> Any:
        if name in ("detach", "reconfigure"):
            raise AttributeError(name)
        return getattr(self._stream, name)


class _Bytes(BufferedIOBase):
    """A stream as one of bytes."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._stream.write(bytes(data).decode(errors="surrogateescape"))
        return len(data)

    def flush(self) -> None:
        self._stream.flush()


class _ClosedInput:
    """Stands for a standard input that is closed. Any use of it is a UsageError."""

    def __getattr__(self, name: str) -> Never:
        raise UsageError(
            "is closed, so there is nothing to read", where="standard input", hint="redirect it from a file"
        )


def _occupy_closed() -> None:
    """Open what is closed, lest the next file that is opened gets its number, and what is printed goes into that file.

    Standard output is made so that writing to it fails. A pipe that another program has made non-blocking blocks again:
    otherwise what does not fit would be lost.
    """
    for number, flags in enumerate((os.O_RDONLY, os.O_RDONLY, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            with suppress(OSError):
                os.open(os.devnull, flags)  # takes the lowest number that is free
        if number and os.name == "posix" and not os.get_blocking(number):
            os.set_blocking(number, True)


def _reopened(number: int) -> TextIO:
    return open(number, "w", encoding="utf-8", closefd=False)
