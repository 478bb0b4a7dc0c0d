from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from cavra_boundary.errors import BoundaryError
from cavra_boundary.report.write import write_atomically

if TYPE_CHECKING:
    from pathlib import Path

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
def test_a_replaced_file_keeps_its_permissions_and_a_link_its_place(tmp_path: Path) -> None:
    target, link = tmp_path / "report", tmp_path / "link"
    target.write_bytes(b"old")
    target.chmod(0o640)
    link.symlink_to(target)
    write_atomically(link, b"new")
    assert link.is_symlink()
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
        with pytest.raises(BoundaryError, match="cannot write the report"):
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
