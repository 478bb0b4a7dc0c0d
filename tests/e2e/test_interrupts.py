"""Real processes that are interrupted: all of them end, with a code that says so, and leave nothing behind."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support import Tool

pytestmark = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="looks processes up in /proc")

_PATIENCE = 60  # seconds, on a machine that does much else
_METHODS = ["fork", "spawn"]


def _command(method: str, *arguments: str) -> list[str]:
    chosen = f"from cavra_boundary.scan import workers; workers._METHOD = '{method}'"
    return [sys.executable, "-P", "-c", f"{chosen}; from cavra_boundary.cli.main import main; main()", *arguments]


@pytest.fixture(scope="module")
def long_work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that takes workers long: many files that nearly hold something."""
    folder = tmp_path_factory.mktemp("long")
    content = "demo_guest demo_email demo_phone demo_room customer email amount total invoice password=\n" * 3000
    for number in range(4):
        (folder / f"first{number}.txt").write_text(content)
    for number in range(1200):
        os.link(folder / f"first{number % 4}.txt", folder / f"f{number}.txt")
    return folder


def _children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        return []


def _descendants(pid: int) -> list[int]:
    return [each for child in _children(pid) for each in (child, *_descendants(child))]


def _is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def _until(condition: object) -> None:
    assert callable(condition)
    deadline = time.monotonic() + _PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "nothing happened"
        time.sleep(0.02)


def _cpu(pid: int) -> int:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return int(fields[11]) + int(fields[12])


@pytest.fixture
def started(long_work: Path, tool: Tool) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Collects processes, which end with the test."""
    running: list[subprocess.Popen[bytes]] = []
    yield running
    for process in running:
        for pid in (*_descendants(process.pid), process.pid):
            if _is_running(pid):
                os.kill(pid, signal.SIGKILL)
        process.wait()


def _start(
    long_work: Path, tool: Tool, started: list[subprocess.Popen[bytes]], method: str, jobs: int
) -> tuple[subprocess.Popen[bytes], list[int]]:
    """A scan whose workers are at work, and they."""
    report = tool.folder / "report.json"
    process = subprocess.Popen(
        _command(method, "scan", "--pack", os.fspath(tool.pack), "--jobs", str(jobs), f"--format=json={report}", "."),
        cwd=long_work,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    started.append(process)
    family = jobs + (method == "spawn")  # which has one more process, to keep track
    _until(lambda: len(_children(process.pid)) >= family and sum(map(_cpu, _children(process.pid))) > 4 * jobs)
    return process, _descendants(process.pid)


@pytest.mark.parametrize(
    ("method", "number", "to_all", "code"),
    [
        ("fork", signal.SIGINT, True, 130),
        ("fork", signal.SIGINT, False, 130),
        ("fork", signal.SIGTERM, True, 143),
        ("fork", signal.SIGTERM, False, 143),
        ("fork", signal.SIGHUP, True, 129),
        ("spawn", signal.SIGINT, True, 130),
        ("spawn", signal.SIGTERM, False, 143),
    ],
)
def test_an_interrupt_ends_all_processes(
    long_work: Path,
    tool: Tool,
    started: list[subprocess.Popen[bytes]],
    method: str,
    number: signal.Signals,
    to_all: bool,
    code: int,
) -> None:
    process, family = _start(long_work, tool, started, method, 3)
    (os.killpg if to_all else os.kill)(process.pid, number)
    _, said = process.communicate(timeout=_PATIENCE)
    assert process.returncode == code
    assert said.decode().strip() == "cavra-boundary: interrupted"
    _until(lambda: not any(map(_is_running, family)))
    assert not list(tool.folder.iterdir())


@pytest.mark.parametrize("method", _METHODS)
def test_workers_end_with_a_parent_that_is_killed(
    long_work: Path, tool: Tool, started: list[subprocess.Popen[bytes]], method: str
) -> None:
    process, family = _start(long_work, tool, started, method, 3)
    process.kill()
    process.wait()
    _until(lambda: not any(map(_is_running, family)))
    assert not list(tool.folder.iterdir())


def test_workers_end_without_the_help_of_linux(
    long_work: Path, tool: Tool, started: list[subprocess.Popen[bytes]]
) -> None:
    # prctl does not know 0.
    process, family = _start(long_work, tool, started, "fork'; workers._PR_SET_PDEATHSIG = 0; '", 2)
    process.kill()
    process.wait()
    _until(lambda: not any(map(_is_running, family)))


@pytest.mark.parametrize("method", _METHODS)
def test_a_worker_that_is_killed_makes_the_run_incomplete(
    long_work: Path, tool: Tool, started: list[subprocess.Popen[bytes]], method: str
) -> None:
    process, family = _start(long_work, tool, started, method, 2)
    os.kill(_children(process.pid)[-1], signal.SIGKILL)
    _, said = process.communicate(timeout=_PATIENCE)
    assert process.returncode == 3
    assert re.fullmatch(r"cavra-boundary: a worker process died \(.*\)\n", said.decode())
    _until(lambda: not any(map(_is_running, family)))


def test_ctrl_c_again_and_again_never_hangs(
    long_work: Path, tool: Tool, started: list[subprocess.Popen[bytes]]
) -> None:
    for _ in range(3):
        process, family = _start(long_work, tool, started, "fork", 8)
        for _ in range(3):
            os.killpg(process.pid, signal.SIGINT)
            time.sleep(0.01)
        process.communicate(timeout=_PATIENCE)
        assert process.returncode == 130
        _until(lambda family=family: not any(map(_is_running, family)))


def test_a_run_without_workers_ends_too(long_work: Path, tool: Tool, started: list[subprocess.Popen[bytes]]) -> None:
    process = subprocess.Popen(
        _command("fork", "scan", "--pack", os.fspath(tool.pack), "--jobs", "1", "."),
        cwd=long_work,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    started.append(process)
    _until(lambda: _cpu(process.pid) > 40)
    process.terminate()
    _, said = process.communicate(timeout=_PATIENCE)
    assert (process.returncode, said.strip()) == (143, b"cavra-boundary: interrupted")


def test_what_is_ignored_stays_ignored(tool: Tool) -> None:
    tool.write("a.txt", "nothing")
    script = (
        "import os, signal; signal.signal(signal.SIGHUP, signal.SIG_IGN);"
        "from cavra_boundary.cli import interrupts\n"
        "with interrupts.interruptible():\n"
        "    os.kill(os.getpid(), signal.SIGHUP)\n"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False, timeout=_PATIENCE).returncode == 0
