"""`cavra-boundary cache`: what it shows, and that it only removes the cache's own files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support import Repo, Tool, token

from cavra_boundary.cache import Cache
from cavra_boundary.scan import seen

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cache"
    monkeypatch.setenv("CAVRA_BOUNDARY_CACHE", str(folder))
    return folder


def lines(tool: Tool) -> dict[str, str]:
    shown = tool.run("cache", "info")
    assert shown.code == 0, shown.err
    return dict(line.split(": ", 1) for line in shown.out.splitlines())


def test_info_counts_what_scans_left(repo: Repo, folder: Path) -> None:
    repo.write("a.txt", "nothing")
    repo.write("b.txt", token("b"))
    repo.commit()
    assert repo.scan("--ref", "HEAD").code == 1
    shown = lines(repo)
    assert shown["folder"] == str(folder)
    assert shown["parsed packs"].startswith("1 (")
    assert shown["git entries known to be clean"].startswith("1 (")  # the other one has a token
    assert float(shown["size"].removesuffix(" MB")) > 0


def test_info_of_a_cache_that_is_not_there_yet(tool: Tool, folder: Path) -> None:
    shown = lines(tool)
    assert shown["size"] == "0.0 MB"
    assert shown["parsed packs"] == "0 (0.0 MB)"
    assert not folder.exists()


def test_clear_removes_the_caches_own_files_and_no_others(repo: Repo, folder: Path) -> None:
    repo.write("a.txt", "nothing")
    repo.commit()
    assert repo.scan("--ref", "HEAD").code == 0
    (folder / "new-abcdefgh").write_bytes(b"of a run that was killed")
    (folder / f"{seen.NAME}-journal").write_bytes(b"")
    others = {"notes.txt", "rules-1", "hyperscan-" + "0" * 64 + ".old", "keep"}
    for name in others - {"keep"}:
        (folder / name).write_bytes(b"the user's")
    (folder / "keep").mkdir()
    (folder / "keep" / seen.NAME).write_bytes(b"the user's")
    cleared = repo.run("cache", "clear")
    assert cleared.code == 0
    assert {path.name for path in folder.iterdir()} == others
    assert (folder / "keep" / seen.NAME).exists()
    assert lines(repo)["git entries known to be clean"].startswith("0 (")


def test_clear_removes_a_link_and_not_what_it_leads_to(tool: Tool, folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_bytes(b"the user's")
    folder.mkdir()
    (folder / f"rules-{'0' * 64}").symlink_to(target)
    assert tool.run("cache", "clear").code == 0
    assert list(folder.iterdir()) == []
    assert target.read_bytes() == b"the user's"


def test_clear_where_nothing_is(tool: Tool, folder: Path) -> None:
    cleared = tool.run("cache", "clear")
    assert (cleared.code, cleared.out) == (0, f"Removed 0 files (0.0 MB) from {folder}.\n")


@pytest.mark.parametrize("command", ["info", "clear"])
def test_without_a_cache_there_is_nothing_to_say(tool: Tool, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    monkeypatch.setenv("CAVRA_BOUNDARY_CACHE", "")
    said = tool.run("cache", command)
    assert said.code == 2
    assert "CAVRA_BOUNDARY_CACHE" in said.err


def test_a_scan_after_clear_finds_the_same(repo: Repo, folder: Path) -> None:
    repo.write("a.txt", token("a"))
    repo.commit()
    before = repo.scan("--ref", "HEAD").places()
    assert Cache(folder).folder is not None
    repo.run("cache", "clear")
    assert repo.scan("--ref", "HEAD").places() == before == [("a.txt", 1, 1)]
