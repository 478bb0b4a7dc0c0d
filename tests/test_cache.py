"""The cache is only trusted when it is whole, ours, and nobody else could have written it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from platformdirs import user_cache_path
from support import Tool, token

from cavra_boundary.cache import Cache

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


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
