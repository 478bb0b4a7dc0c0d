from __future__ import annotations

import io

import pytest

from cavra_boundary.report.progress import Progress, is_welcome


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def screen(written: str) -> str:
    """What a terminal's only line shows after this was written to it."""
    line: list[str] = []
    for part in written.split("\r"):
        line[: len(part)] = part
    return "".join(line).rstrip()


def drawings(written: str) -> int:
    return written.count("scanning:")


def test_a_quick_scan_shows_nothing() -> None:
    stream, clock = io.StringIO(), Clock()
    with Progress(stream, enabled=True, clock=clock) as progress:
        for _ in range(49):
            clock.now += 0.01
            progress.advance(1, 1_000)
    assert stream.getvalue() == ""


def test_a_long_scan_shows_files_bytes_and_rate() -> None:
    stream, clock = io.StringIO(), Clock()
    with Progress(stream, enabled=True, total=2_000, clock=clock) as progress:
        for _ in range(10):
            clock.now += 0.1
            progress.advance(120, 5_000_000)
        assert screen(stream.getvalue()) == "scanning: 1,200 of 2,000 files, 50.0 MB, 50.0 MB/s"


def test_the_rate_is_the_current_one() -> None:
    stream, clock = io.StringIO(), Clock()
    with Progress(stream, enabled=True, clock=clock) as progress:
        for _ in range(50):
            clock.now += 0.125
            progress.advance(1, 50_000_000)
        for _ in range(50):
            clock.now += 0.125
            progress.advance(1, 125_000)
        assert screen(stream.getvalue()).endswith("100 files, 2,506.2 MB, 1.0 MB/s")


def test_it_draws_ten_times_a_second_at_most() -> None:
    stream, clock = io.StringIO(), Clock()
    with Progress(stream, enabled=True, clock=clock) as progress:
        for _ in range(2_000):
            clock.now += 0.001
            progress.advance(1, 1)
    assert 10 <= drawings(stream.getvalue()) <= 16


@pytest.mark.parametrize("fail", [False, True])
def test_it_cleans_up_after_itself(fail: bool) -> None:
    stream, clock = io.StringIO(), Clock()
    try:
        with Progress(stream, enabled=True, clock=clock) as progress:
            clock.now += 1
            progress.advance(1, 1)
            if fail:
                raise RuntimeError
    except RuntimeError:
        pass
    assert drawings(stream.getvalue()) == 1
    assert screen(stream.getvalue()) == ""
    assert stream.getvalue().endswith("\r")


def test_it_never_wraps() -> None:
    stream, clock = io.StringIO(), Clock()
    with Progress(stream, enabled=True, width=20, clock=clock) as progress:
        clock.now += 1
        progress.advance(1, 1)
    assert max(map(len, stream.getvalue().split("\r"))) == 19


def test_disabled_it_writes_nothing() -> None:
    stream, clock = io.StringIO(), Clock()
    with Progress(stream, enabled=False, clock=clock) as progress:
        clock.now += 10
        progress.advance(1, 1)
    assert stream.getvalue() == ""


def test_it_is_welcome_on_a_persons_terminal_only() -> None:
    assert is_welcome(Terminal(), {"TERM": "xterm-256color"})
    assert not is_welcome(Terminal(), {"CI": "true"})
    assert not is_welcome(Terminal(), {"TERM": "dumb"})
    assert not is_welcome(io.StringIO(), {})
