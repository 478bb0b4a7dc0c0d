"""The cache is only trusted when it is whole, ours, and nobody else could have written it."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

import pytest
from platformdirs import user_cache_path
from support import Repo, Tool, token

from cavra_boundary.cache import NAMED_KEY, Cache

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the key is kept, for this test alone."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state" / "cavra-boundary" / "cache.key"


def test_what_is_kept_can_be_read(cache: Cache) -> None:
    assert cache.read("a") is None
    for payload in (b"", b"one", b"x" * 100_000, b"two"):
        cache.write("a", payload)
        assert cache.read("a") == payload
    assert cache.read("b") is None


def test_the_folder_is_private(cache: Cache, tmp_path: Path) -> None:
    cache.write("a", b"one")
    assert (tmp_path / "cache").stat().st_mode & 0o077 == 0
    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["a"]


@pytest.mark.parametrize("cut", [0, 1, 10, 23, 40, 55, 60])
def test_a_cut_off_entry_is_not_believed(cache: Cache, tmp_path: Path, cut: int) -> None:
    cache.write("a", b"payload")
    entry = tmp_path / "cache" / "a"
    whole = entry.read_bytes()
    assert len(whole) == 62
    assert cache.read("a") == b"payload"
    entry.write_bytes(whole[:cut])
    assert cache.read("a") is None


def test_no_changed_byte_is_believed(cache: Cache, tmp_path: Path) -> None:
    cache.write("a", b"payload")
    entry = tmp_path / "cache" / "a"
    whole = entry.read_bytes()
    for at in range(len(whole)):
        entry.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        assert cache.read("a") is None, at


@pytest.mark.parametrize("mode", [0o666, 0o620, 0o602])
def test_what_others_may_write_is_not_believed(cache: Cache, tmp_path: Path, mode: int) -> None:
    cache.write("a", b"payload")
    (tmp_path / "cache" / "a").chmod(mode)
    assert cache.read("a") is None
    cache.write("a", b"again")
    assert cache.read("a") == b"again"


@pytest.mark.skipif(os.name == "nt" or os.getuid() != 0, reason="only root can give a file away")
def test_what_belongs_to_another_user_is_not_believed(cache: Cache, tmp_path: Path) -> None:
    cache.write("a", b"payload")
    os.chown(tmp_path / "cache" / "a", 12345, 12345)
    assert cache.read("a") is None


def test_what_is_no_file_is_not_read(cache: Cache, tmp_path: Path) -> None:
    (tmp_path / "cache" / "a").mkdir(parents=True)
    assert cache.read("a") is None
    cache.write("a", b"payload")
    assert cache.read("a") is None


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    cache = Cache(tmp_path / "file" / "cache")
    cache.write("a", b"payload")
    assert cache.read("a") is None


def test_without_a_folder_nothing_is_kept() -> None:
    cache = Cache(None)
    cache.write("a", b"payload")
    assert cache.read("a") is None


def test_the_environment_names_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAVRA_BOUNDARY_CACHE", str(tmp_path / "mine"))
    Cache.of_user().write("a", b"payload")
    assert (tmp_path / "mine" / "a").exists()
    monkeypatch.setenv("CAVRA_BOUNDARY_CACHE", "")
    Cache.of_user().write("b", b"payload")
    assert Cache.of_user().read("b") is None


@pytest.mark.parametrize("named", ["", "/srv/caches", "relative"])
def test_without_it_the_folder_is_the_platforms(named: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CAVRA_BOUNDARY_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", named)
    monkeypatch.setattr("cavra_boundary.cache._open_to_others", lambda _: "")  # the home of a test is below /tmp
    assert Cache.of_user().folder == user_cache_path("cavra-boundary", appauthor=False)


def test_a_scan_rebuilds_whatever_it_cannot_trust(tool: Tool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Damaged, foreign, writable by others, of an older kind: the findings stay the same."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("CAVRA_BOUNDARY_CACHE", str(folder))
    tool.write("a.txt", token("a"))
    assert len(tool.scan().places()) == 1
    entries = sorted(folder.iterdir())
    assert entries
    for entry in entries:
        entry.write_bytes(b"cavra-boundary cache 0\n" + os.urandom(100))
    assert len(tool.scan().places()) == 1
    kept = Cache(folder)
    for entry in entries:
        kept.write(entry.name, b"[]\n")  # whole, but not what it should be
    assert len(tool.scan().places()) == 1


def test_an_entry_holds_under_its_own_name_only(cache: Cache, tmp_path: Path) -> None:
    cache.write("a", b"payload")
    (tmp_path / "cache" / "a").rename(tmp_path / "cache" / "b")
    assert cache.read("b") is None


def test_an_entry_that_another_key_signed_is_not_believed(cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.write("a", b"payload")
    monkeypatch.setenv(NAMED_KEY, "the secret of this repository's CI")
    with_key = Cache(cache.folder)
    assert with_key.read("a") is None
    with_key.write("a", b"restored")
    assert Cache(cache.folder).read("a") == b"restored"
    monkeypatch.delenv(NAMED_KEY)
    assert Cache(cache.folder).read("a") is None


def test_the_key_is_private_and_away_from_the_cache(cache: Cache, tmp_path: Path, state: Path) -> None:
    cache.write("a", b"payload")
    assert state.stat().st_mode & 0o077 == 0
    key = state.read_bytes()
    assert len(key) == 32
    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["a"]
    Cache(cache.folder).write("b", b"payload")
    assert state.read_bytes() == key


@pytest.mark.skipif(os.name == "nt", reason="access lists say who may read")
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o606])
def test_a_key_that_others_can_read_is_made_anew(cache: Cache, state: Path, mode: int) -> None:
    cache.write("a", b"payload")
    key = state.read_bytes()
    state.chmod(mode)
    assert Cache(cache.folder).read("a") is None
    Cache(cache.folder).write("a", b"payload")
    assert state.read_bytes() != key
    assert Cache(cache.folder).read("a") == b"payload"


def _fifo(path: Path) -> None:
    os.mkfifo(path)


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as opened, pytest.MonkeyPatch.context() as patch:
        patch.chdir(path.parent)  # the names of sockets are short
        opened.bind(path.name)


def _link(path: Path) -> None:
    target = path.with_name("elsewhere")
    target.write_bytes(b"the user's")
    path.symlink_to(target)


@pytest.mark.skipif(os.name == "nt", reason="there are no FIFOs")
@pytest.mark.parametrize("make", [_fifo, _socket, _link])
@pytest.mark.parametrize("place", ["entry", "key"])
def test_what_is_no_file_is_made_anew(cache: Cache, state: Path, make: Callable[[Path], None], place: str) -> None:
    cache.write("a", b"payload")
    assert cache.folder is not None
    file = state if place == "key" else cache.folder / "a"
    file.unlink()
    make(file)
    assert Cache(cache.folder).read("a") is None
    Cache(cache.folder).write("a", b"again")
    assert Cache(cache.folder).read("a") == b"again"
    assert file.is_file()
    assert not file.is_symlink()


def test_a_cache_inside_the_tree_is_not_used(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    """What GitLab's documentation advises; the pull request commits what it likes there."""
    monkeypatch.setenv("CAVRA_BOUNDARY_CACHE", str(repo.folder / ".cache" / "cavra-boundary"))
    repo.write("a.txt", token("a"))
    repo.commit()
    for arguments in (["."], ["--history"], ["--ref", "HEAD"]):
        said = repo.scan_text("--verbose", *arguments)
        assert said.code == 1
        assert "no cache is used" in said.err
        assert "inside the tree" in said.err
    assert not (repo.folder / ".cache").exists()
    assert "without a cache" in repo.run("ci", "--pack", str(repo.pack)).err
    assert "inside the tree" in repo.run("cache", "info").err


def test_rules_that_a_pull_request_commits_as_a_cache_are_not_believed(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a key, a cache in the tree is used, and entries of somebody without that key are not."""
    folder = repo.folder / ".cache"
    monkeypatch.setenv("CAVRA_BOUNDARY_CACHE", str(folder))
    repo.write("a.txt", token("a"))
    monkeypatch.setenv(NAMED_KEY, "a guess of the pull request")
    assert repo.scan("a.txt").code == 1
    forged = Cache(folder)
    for entry in folder.iterdir():
        forged.write(entry.name, b"[[],[],[]]" if entry.name.startswith("rules-") else b"[]\n" + os.urandom(5000))
    repo.commit()
    monkeypatch.setenv(NAMED_KEY, "the secret of this repository's CI")
    assert len(repo.scan("a.txt").places()) == 1


def test_a_cache_behind_a_link_in_the_tree_is_not_used(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "of the user").mkdir()
    (repo.folder / ".cache").symlink_to(tmp_path / "of the user")
    monkeypatch.setenv("CAVRA_BOUNDARY_CACHE", str(repo.folder / ".cache" / "cavra-boundary"))
    for key in ("", "the secret of this repository's CI"):
        monkeypatch.setenv(NAMED_KEY, key)
        repo.write("a.txt", token("a"))
        assert repo.scan_text("a.txt").code == 1
    assert list((tmp_path / "of the user").iterdir()) == []


def test_a_key_inside_the_tree_is_not_used(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("XDG_STATE_HOME", "HOME"):
        monkeypatch.setenv(variable, str(repo.folder / "home"))
    repo.write("a.txt", token("a"))
    said = repo.scan_text("--verbose", "a.txt")
    assert said.code == 1
    assert "no cache is used" in said.err
    assert not (repo.folder / "home").exists()


@pytest.mark.skipif(os.name == "nt", reason="access lists say who may write")
@pytest.mark.parametrize(("mode", "used"), [(0o777, False), (0o775, False), (0o1777, True), (0o755, True)])
def test_a_cache_below_a_folder_that_others_can_write_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: int, used: bool
) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared").chmod(mode)
    monkeypatch.setenv("CAVRA_BOUNDARY_CACHE", str(tmp_path / "shared" / "cache"))
    cache = Cache.of_user()
    assert (cache.folder is not None) == used
    assert ("others can write" in cache.refused) == (not used)


@pytest.mark.parametrize("named", ["~/cache", "cache", "./cache"])
def test_a_relative_folder_is_not_used(named: str, tool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAVRA_BOUNDARY_CACHE", named)
    tool.write("a.txt", token("a"))
    assert tool.scan("a.txt").code == 1
    assert [path.name for path in tool.folder.iterdir()] == ["a.txt"]


def test_without_a_home_there_is_no_cache(tool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Containers that run as a user id without an entry in /etc/passwd."""
    for variable in ("CAVRA_BOUNDARY_CACHE", "HOME", "USERPROFILE", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr("os.path.expanduser", lambda path: path)
    tool.write("a.txt", token("a"))
    assert Cache.of_user().folder is None
    assert tool.scan("a.txt").code == 1
    assert [path.name for path in tool.folder.iterdir()] == ["a.txt"]


def test_a_key_that_can_be_guessed_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAVRA_BOUNDARY_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv(NAMED_KEY, "short")
    assert NAMED_KEY in Cache.of_user().refused


@pytest.mark.skipif(os.name == "nt" or not hasattr(os, "O_NONBLOCK"), reason="a sparse file")
def test_an_entry_without_end_is_not_read(cache: Cache, tmp_path: Path) -> None:
    cache.write("a", b"payload")
    os.truncate(tmp_path / "cache" / "a", 1 << 40)
    assert cache.read("a") is None
