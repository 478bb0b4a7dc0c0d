"""Windows: a large file gives the same findings as if read whole, in bounded memory."""

from __future__ import annotations

import io
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import Tool, token

from cavra_boundary.sources import windows as module
from cavra_boundary.sources.stdin import StdinSource
from cavra_boundary.sources.windows import windows

if TYPE_CHECKING:
    from cavra_boundary.model import Blob

WINDOW, MARGIN = 1024, 128


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows so small that a test can try every offset around a seam."""
    monkeypatch.setattr(module, "WINDOW", WINDOW)
    monkeypatch.setattr(module, "MARGIN", MARGIN)
    monkeypatch.setattr("cavra_boundary.sources.worktree.WINDOW", WINDOW)


def cut(data: bytes) -> list[Blob]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "WINDOW", WINDOW)
        patch.setattr(module, "MARGIN", MARGIN)
        return list(windows("a.txt", io.BytesIO(data).read, "test"))


@given(st.binary(max_size=16).flatmap(lambda unit: st.integers(0, 5000).map(lambda size: (unit * size)[:size])))
def test_the_cores_are_the_file(data: bytes) -> None:
    """Every byte is in the core of one window, at the right offset, with margins around it."""
    at = 0
    for blob in cut(data):
        assert blob.offset + blob.core.start == at
        assert blob.data == data[blob.offset : blob.offset + len(blob.data)]
        assert len(blob.data) <= WINDOW + 2 * MARGIN
        assert blob.core.start == MARGIN or blob.offset == 0
        before = data[: blob.offset]
        assert blob.line == before.count(b"\n") + 1
        assert blob.head == (data[: len(blob.head)] if blob.offset else b"")
        at += blob.core.end - blob.core.start
    assert at == len(data)


@pytest.mark.parametrize("size", [WINDOW - 1, WINDOW, WINDOW + 1, 2 * WINDOW, 2 * WINDOW + 1, 3 * WINDOW - MARGIN])
def test_sizes_around_a_window(small: None, tool: Tool, size: int) -> None:
    secret = token("a")
    tool.write("a.txt", "x" * (size - 33) + " " + secret)
    got = tool.scan()
    assert got.places() == [("a.txt", 1, size - 31)]
    assert got.report["receipt"]["bytes"] == size
    assert got.report["receipt"]["files"] == 1


SEAM = WINDOW - MARGIN


@pytest.mark.parametrize("start", range(SEAM - 40, SEAM + 10))
def test_a_match_on_a_seam_is_found_once(small: None, tool: Tool, start: int) -> None:
    secret = token("a")
    text = ("é\n" * start).encode()[: start - 1] + b" " + secret.encode() + b" " + b"y\n" * 1000
    tool.write("a.txt", text)
    before = text[:start].decode(errors="ignore")
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    got = tool.scan()
    ((path, found_line, found_column),) = got.places()
    assert (path, found_line) == ("a.txt", line)
    assert abs(found_column - column) <= 1, "a code point that was cut counts or not"
    assert secret[8:] not in got.out


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("off", range(-40, 10, 7))
def test_a_seam_in_wide_text(small: None, tool: Tool, encoding: str, off: int) -> None:
    start = SEAM // len("x".encode(encoding)) + off
    text = ("x\n" * start)[:start] + f"\n{token('a')}\n" + "y" * 1000
    tool.write("a.txt", text.encode(encoding))
    got = tool.scan()
    assert got.places() == [("a.txt", text[: start + 1].count("\n") + 1, 1)]
    assert token("a")[8:] not in got.out


def test_standard_input_is_windowed_too(small: None, tool: Tool) -> None:
    data = b"x\n" * 3000 + token("a").encode()
    assert tool.scan("-", stdin=data).places() == [("<stdin>", 3001, 1)]


def test_a_stream_that_gives_less_than_asked_for_is_read_to_its_end() -> None:
    """A pipe's writer may pause: what comes later is still part of the file."""

    class Slow(io.RawIOBase):
        def __init__(self) -> None:
            self._left = [b"x" * 600, b"\n", b"y" * 1000]

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: memoryview) -> int:
            piece = self._left.pop(0) if self._left else b""
            buffer[: len(piece)] = piece
            return len(piece)

    source = StdinSource(io.BufferedReader(Slow()), "a.txt")
    assert b"".join(blob.data for blob in source.read("a.txt")) == b"x" * 600 + b"\n" + b"y" * 1000


_LIMIT = 400 * 1024 * 1024
_SCAN = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, ({limit}, {limit}))
from cavra_boundary.cli.main import main
sys.argv = ["cavra-boundary", "scan", "--pack", {pack!r}, "--format", "json", {file!r}]
try:
    main()
finally:
    # Not getrusage(): its maximum includes that of the process that forked this one.
    with open("/proc/self/status") as status:
        print(*(line.split()[1] for line in status if line.startswith("VmHWM:")), file=sys.stderr)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc, and an RLIMIT_AS that binds")
def test_one_huge_line_in_bounded_memory(tool: Tool) -> None:
    """A line of 64 MB with a secret in its middle and one at its end."""
    size, secrets = 64 * 1024 * 1024, [token("a"), token("b")]
    with (tool.folder / "huge.txt").open("wb") as file:
        for secret in secrets:
            for _ in range(size // 2 // 65536):
                file.write(b"lorem ip" * 8192)
            file.write(f" {secret} ".encode())
    tool.scan("--stdin-name", "x", "-", stdin=b"warm the cache")
    code = _SCAN.format(limit=_LIMIT, pack=str(tool.pack), file="huge.txt")
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tool.folder, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 1, done.stderr
    assert done.stdout.count('"rule": "demo.token"') == 2
    assert not any(secret[8:] in done.stdout for secret in secrets)
    assert int(done.stderr) < 200 * 1024, "kB of resident memory"
