"""A git that would wait for ever is not started, or is ended; what is said of it is its error, not a hint."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from support import Repo

from cavra_boundary.errors import GitError
from cavra_boundary.git import process
from cavra_boundary.git.process import failure, run_git, stream_git

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(os.name == "nt", reason="there are no FIFOs")


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hang is told after four looks."""
    monkeypatch.setattr(process, "_TICK", 0.1)
    monkeypatch.setattr(process, "_MOST_BLOCKED", 4)


@pytest.fixture
def committed(repo: Repo) -> Repo:
    repo.write("a.txt", "nothing")
    repo.commit()
    return repo


_NAMES = [
    "HEAD",
    "config",
    "index",
    "packed-refs",
    "shallow",
    "commondir",
    "info/exclude",
    "info/attributes",
    "objects/info/alternates",
    "refs/heads/other",
    "objects/pack/pack-1.idx",
]


@pytest.mark.parametrize("name", _NAMES)
def test_a_fifo_in_the_git_folder_is_found_before_git_opens_it(committed: Repo, name: str) -> None:
    file = committed.folder / ".git" / name
    file.parent.mkdir(exist_ok=True)
    file.unlink(missing_ok=True)
    os.mkfifo(file)
    for source in (["."], ["--history"], ["--staged"]):
        said = committed.scan(*source)
        assert said.code == 3
        assert f"{file.name} is a FIFO" in said.err


def test_a_link_to_a_device_is_found_and_one_to_nothing_is_fine(committed: Repo) -> None:
    exclude = committed.folder / ".git" / "info" / "exclude"
    exclude.unlink(missing_ok=True)
    exclude.parent.mkdir(exist_ok=True)
    exclude.symlink_to(os.devnull)
    assert committed.scan(".").code == 0
    exclude.unlink()
    exclude.symlink_to("/dev/zero")
    assert "is a device" in committed.scan(".").err


def test_a_fifo_in_the_folder_that_work_trees_share_is_found(committed: Repo, tmp_path: Path) -> None:
    committed.git("worktree", "add", "--quiet", str(tmp_path / "linked"))
    (committed.folder / ".git" / "packed-refs").unlink(missing_ok=True)
    os.mkfifo(committed.folder / ".git" / "packed-refs")
    assert "is a FIFO" in Repo(tmp_path / "linked", committed.pack).scan("--history").err


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("named", [".gitignore", "sub/.gitignore", "core.excludesFile", "include.path"])
def test_a_git_that_waits_for_a_fifo_is_ended(committed: Repo, named: str) -> None:
    fifo = committed.folder / (named if named.endswith("ignore") else "fifo")
    fifo.parent.mkdir(exist_ok=True)
    if not named.endswith("ignore"):
        committed.git("config", named, str(fifo))
    os.mkfifo(fifo)
    said = committed.scan(".")
    assert said.code == 3
    assert (f"{named} has no end" if named.endswith("ignore") else "gave no answer") in said.err


def test_a_fifo_that_git_reads_while_it_walks_is_found_at_once(committed: Repo) -> None:
    os.mkfifo(committed.write("sub/a.txt", "x").with_name(".gitignore"))
    began = time.monotonic()
    assert "sub/.gitignore has no end" in committed.scan(".").err
    assert time.monotonic() - began < 5


@pytest.mark.usefixtures("hasty")
def test_an_object_that_is_a_fifo_is_incomplete(committed: Repo) -> None:
    oid = committed.git("rev-parse", "HEAD:a.txt").strip()
    file = committed.folder / ".git" / "objects" / oid[:2] / oid[2:]
    file.unlink()
    os.mkfifo(file)
    said = committed.scan("--ref", "HEAD")
    assert said.code == 3
    assert "gave no answer" in said.skipped()["a.txt"]


@pytest.fixture
def fake_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program in the place of git."""
    file = tmp_path / "bin" / "git"
    file.parent.mkdir()
    monkeypatch.setenv("PATH", str(file.parent), prepend=os.pathsep)
    return file


def _program(file: Path, code: str) -> None:
    file.write_text(f"#!{sys.executable} -S\n{code}\n")
    file.chmod(0o755)


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("started", ["run", "stream"])
def test_a_git_that_computes_without_end_is_ended(
    tmp_path: Path, fake_git: Path, monkeypatch: pytest.MonkeyPatch, started: str
) -> None:
    monkeypatch.setattr(process, "_MOST_SILENT", 6)
    _program(fake_git, "while True: pass")
    with pytest.raises(GitError, match="gave no answer"):
        run_git(tmp_path, ["status"]) if started == "run" else list(stream_git(tmp_path, ["status"]))


@pytest.mark.usefixtures("hasty")
@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not say how much memory a process takes")
def test_a_git_that_takes_too_much_memory_is_ended(tmp_path: Path, fake_git: Path) -> None:
    _program(fake_git, "import time\nx = b'x' * 60_000_000\nprint(1, flush=True)\ntime.sleep(60)")
    with pytest.raises(GitError, match="took more than 50 MB"):
        list(stream_git(tmp_path, ["status"], memory=50_000_000))


@pytest.mark.usefixtures("hasty")
def test_a_git_that_answers_now_and_then_is_not_ended(tmp_path: Path, fake_git: Path) -> None:
    _program(fake_git, "import time\nfor _ in range(6): time.sleep(0.2); print('x', flush=True)")
    assert b"".join(stream_git(tmp_path, ["status"])) == b"x\n" * 6


@pytest.mark.usefixtures("hasty")
def test_a_git_that_waits_for_its_reader_is_not_ended(tmp_path: Path, fake_git: Path) -> None:
    import time

    _program(fake_git, "print('x' * 1_000_000)")
    output = stream_git(tmp_path, ["status"])
    first = next(output)
    time.sleep(0.8)
    assert len(first + b"".join(output)) == 1_000_001


def test_git_that_gets_more_than_fits_into_a_pipe(repo: Repo) -> None:
    given = [b"x" * 1000 + b"\n"] * 10_000
    assert len(b"".join(stream_git(repo.folder, ["stripspace"], given))) == 10_010_000


def test_a_reader_that_leaves_leaves_no_git_behind(tmp_path: Path, fake_git: Path) -> None:
    _program(
        fake_git,
        f"import os, time\nopen({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid()))\nwhile True: print('x' * 1000)",
    )
    output = stream_git(tmp_path, ["status"])
    next(output)
    output.close()  # type: ignore[attr-defined]
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (b"hint: Support for grafts is old\nhint: more\nfatal: bad object x\n", "fatal: bad object x"),
        (b"warning: x\nerror: Could not read y\nfatal: failed\n", "error: Could not read y"),
        (b"hint: x\nusage: git y\n", "usage: git y"),
        (b"", "128"),
        (b"hint: only\n", "128"),
    ],
)
def test_what_is_told_is_gits_error(tmp_path: Path, said: bytes, told: str) -> None:
    assert failure(tmp_path, ["log"], 128, said).what == f"git log failed: {told}"


def test_a_failure_at_the_end_of_a_stream_is_an_error(repo: Repo) -> None:
    with pytest.raises(GitError, match=r"git rev-list failed: fatal: bad object"):
        list(stream_git(repo.folder, ["rev-list", "1" * 40]))
    assert subprocess.run(["true"], check=False).returncode == 0
