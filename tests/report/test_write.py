from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cavra_boundary.errors import BoundaryError, OutputError, UsageError
from cavra_boundary.report.write import write_atomically

if TYPE_CHECKING:
    from collections.abc import Iterator

posix_only = pytest.mark.skipif(os.name == "nt", reason="POSIX permissions, pipes and links")


def test_writes_and_replaces(tmp_path: Path) -> None:
    target = tmp_path / "report.json"
    write_atomically(target, b"one")
    write_atomically(target, b"two")
    assert target.read_bytes() == b"two"
    assert list(tmp_path.iterdir()) == [tmp_path / "report.json"]


@posix_only
@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o077, 0o600)])
def test_a_new_file_honours_the_umask(tmp_path: Path, umask: int, mode: int) -> None:
    before = os.umask(umask)
    try:
        write_atomically(tmp_path / "report", b"")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "report").stat().st_mode) == mode


@posix_only
def test_a_replaced_file_keeps_its_permissions(tmp_path: Path) -> None:
    target = tmp_path / "report"
    target.write_bytes(b"old")
    target.chmod(0o640)
    write_atomically(target, b"new")
    assert target.read_bytes() == b"new"
    assert stat.S_IMODE(target.stat().st_mode) == 0o640


def test_a_failure_leaves_the_old_file_and_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "report"
    target.write_bytes(b"old")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(BoundaryError, match="No space left on device"):
        write_atomically(target, b"new")
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [tmp_path / "report"]


def test_places_that_cannot_hold_a_report_are_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for target in (tmp_path / "none" / "report", tmp_path, tmp_path / "file" / "report", tmp_path / "a\0b"):
        with pytest.raises(BoundaryError, match="cannot be written"):
            write_atomically(target, b"")
    assert list(tmp_path.iterdir()) == [tmp_path / "file"]


def test_the_longest_name_there_may_be_is_no_trouble(tmp_path: Path) -> None:
    write_atomically(tmp_path / ("r" * 255), b"long")
    assert (tmp_path / ("r" * 255)).read_bytes() == b"long"


@posix_only
def test_a_pipe_is_written_to_directly(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    received: list[bytes] = []
    reader = threading.Thread(target=lambda: received.append(pipe.read_bytes()))
    reader.start()
    write_atomically(pipe, b"streamed")
    reader.join(timeout=5)
    assert received == [b"streamed"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


@posix_only
def test_standard_output_is_appended_to_where_the_shell_sent_it(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"before\n")
    script = (
        "from pathlib import Path; from cavra_boundary.report.write import write_atomically;"
        "write_atomically(Path('/dev/stdout'), b'report\\n')"
    )
    with log.open("ab") as stream:
        subprocess.run([sys.executable, "-c", script], stdout=stream, check=True)
    assert log.read_bytes() == b"before\nreport\n"


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder: `repo`, a repository with a folder `sub` and links out of it to `outside`, beside it."""
    for name in ("repo/.git", "repo/sub", "outside/inner", "plain"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "outside/victim").write_bytes(b"precious")
    for folder in ("repo", "plain"):
        (tmp_path / folder / "out").symlink_to(tmp_path / "outside/victim")
        (tmp_path / folder / "dangling").symlink_to(tmp_path / "outside/born")
        (tmp_path / folder / "folder").symlink_to("../outside")
    (tmp_path / "repo/sub/up").symlink_to("../../outside/inner")
    (tmp_path / "way").symlink_to("outside")
    (tmp_path / "alias").symlink_to("repo")
    monkeypatch.chdir(tmp_path / "repo")
    return tmp_path


def _all_below(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


@posix_only
@pytest.mark.parametrize("absolute", [False, True])
@pytest.mark.parametrize("name", ["out", "dangling", "folder/new", "folder/victim", "folder/inner/x", "sub/up/x"])
def test_nothing_is_written_through_a_link_in_a_repository(places: Path, name: str, absolute: bool) -> None:
    before = _all_below(places)
    with pytest.raises(UsageError, match="a symbolic link, so nothing is written through it"):
        write_atomically((places / "repo" / name) if absolute else Path(name), b"report")
    assert _all_below(places) == before
    assert (places / "outside/victim").read_bytes() == b"precious"


@posix_only
def test_another_name_of_the_repository_does_not_help(places: Path) -> None:
    for name in ("alias/out", "alias/folder/new", "repo/sub/../out"):
        with pytest.raises(UsageError, match="a symbolic link"):
            write_atomically(places / name, b"report")
    write_atomically(places / "alias/sub/report", b"report")
    assert (places / "repo/sub/report").read_bytes() == b"report"


@posix_only
def test_a_link_and_two_dots_lead_nowhere_else(places: Path) -> None:
    # The kernel would go to outside/, and up from there.
    write_atomically(Path("sub/up/../report"), b"report")
    assert (places / "repo/sub/report").read_bytes() == b"report"


@posix_only
def test_a_relative_path_does_not_leave_the_repository(places: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(places / "repo/sub")
    write_atomically(Path("../report"), b"report")
    assert (places / "repo/report").exists()
    for name in ("../../report", "../../outside/report", "../../way/report"):
        with pytest.raises(UsageError, match="to write there, give an absolute path"):
            write_atomically(Path(name), b"report")
    write_atomically(places / "report", b"report")
    assert (places / "report").exists()


@posix_only
def test_outside_of_repositories_an_absolute_path_may_lead_through_linked_folders(places: Path) -> None:
    write_atomically(places / "way/report", b"report")
    assert (places / "outside/report").read_bytes() == b"report"
    (places / "last").symlink_to("outside/victim")
    with pytest.raises(UsageError, match="a symbolic link"):
        write_atomically(places / "last", b"report")


@posix_only
@pytest.mark.parametrize("name", ["out", "dangling", "folder/new"])
def test_an_unpacked_folder_is_like_a_repository(places: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(places / "plain")
    with pytest.raises(UsageError, match="a symbolic link"):
        write_atomically(Path(name), b"report")
    with pytest.raises(UsageError, match="a symbolic link"):
        write_atomically(places / "plain" / name, b"report", tree=places / "plain")
    with pytest.raises(UsageError, match="outside of"):
        write_atomically(Path("../report"), b"report")
    assert (places / "outside/victim").read_bytes() == b"precious"
    assert not (places / "outside/new").exists()


@posix_only
def test_folders_are_made_but_not_through_links(places: Path) -> None:
    write_atomically(Path("a/b/report"), b"report", folders=True)
    assert (places / "repo/a/b/report").exists()
    with pytest.raises(UsageError, match="a symbolic link"):
        write_atomically(Path("folder/b/report"), b"report", folders=True)
    assert not (places / "outside/b").exists()


def test_a_new_file_replaces_none(tmp_path: Path) -> None:
    write_atomically(tmp_path / "packet", b"one", new=True)
    with pytest.raises(UsageError, match="cannot be written: File exists"):
        write_atomically(tmp_path / "packet", b"two", new=True)
    assert (tmp_path / "packet").read_bytes() == b"one"


@posix_only
def test_process_substitution_is_written_to(tmp_path: Path) -> None:
    receiving, sending = os.pipe()
    write_atomically(Path(f"/dev/fd/{sending}"), b"report")
    os.close(sending)
    assert os.read(receiving, 99) == b"report"
    os.close(receiving)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="Linux")  # noqa: PTH110
def test_a_full_disk_is_an_incomplete_run() -> None:
    with pytest.raises(OutputError, match="/dev/full: cannot be written: No space left on device"):
        write_atomically(Path("/dev/full"), b"report")


def test_what_fails_while_it_is_made_leaves_nothing(tmp_path: Path) -> None:
    def pieces() -> Iterator[bytes]:
        yield b"half"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_atomically(tmp_path / "report", pieces())
    assert not list(tmp_path.iterdir())
