"""The walk outside git: it honors `.gitignore` files as git would."""

from __future__ import annotations

import errno
import os
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support import Tool, token

from cavra_boundary.sources.walk import Excludes, walk


def listed(root: Path, *exclude: str, start: str = ".", ignore: bool = True) -> set[str]:
    return set(walk(root, start, Excludes(exclude), ignore=ignore).entries)


def test_nested_gitignores_and_negation(tool: Tool) -> None:
    for path in ("a.log", "keep.log", "sub/b.log", "sub/deep/c.log", "build/d.txt", "sub/build/e.txt"):
        tool.write(path, "text")
    tool.write(".gitignore", "*.log\n!keep.log\n/build/\n")
    tool.write("sub/.gitignore", "!b.log\n")
    own = {".gitignore", "sub/.gitignore"}
    assert listed(tool.folder) == own | {"keep.log", "sub/b.log", "sub/build/e.txt"}
    everything = {"a.log", "keep.log", "sub/b.log", "sub/deep/c.log", "build/d.txt", "sub/build/e.txt"}
    assert listed(tool.folder, ignore=False) == own | everything


def test_what_lies_in_an_ignored_folder_cannot_come_back(tool: Tool) -> None:
    tool.write("build/keep.txt", "text")
    tool.write("build/.gitignore", "!keep.txt\n")
    tool.write(".gitignore", "build/\n!build/keep.txt\n")
    assert listed(tool.folder) == {".gitignore"}


def test_excluded_folders_count_once(tool: Tool) -> None:
    for path in ("vendor/a.txt", "vendor/b.txt", "c.txt", "d.md"):
        tool.write(path, "text")
    found = walk(tool.folder, ".", Excludes(("vendor/", "*.md")), ignore=True)
    assert (found.entries, found.excluded) == (("c.txt",), 2)


def test_the_walk_begins_below_the_root_and_keeps_its_excludes(tool: Tool) -> None:
    for path in ("sub/a.txt", "sub/b.txt", "b.txt"):
        tool.write(path, "text")
    assert listed(tool.folder, "sub/b.txt", start="sub") == {"sub/a.txt"}


def test_git_folders_are_not_content(tool: Tool) -> None:
    tool.write("nested/.git/config", token("a"))
    tool.write("nested/a.txt", "text")
    tool.write("worktree/.git", f"gitdir: {token('b')}")
    assert listed(tool.folder) == {"nested/a.txt"}


def test_links_to_folders_are_entries_not_folders(tool: Tool) -> None:
    tool.write("real/a.txt", "text")
    (tool.folder / "link").symlink_to("real")
    (tool.folder / "real" / "up").symlink_to("..")
    assert listed(tool.folder) == {"link", "real/a.txt", "real/up"}


def test_a_gitignore_that_cannot_be_read_hides_nothing_and_makes_the_run_incomplete(
    tool: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool.write(".gitignore", "*.txt\n")
    tool.write("a.txt", token("a"))

    open_ = os.open

    def refuse(path: str, *rest: Any, **more: Any) -> int:
        if path == ".gitignore":
            raise PermissionError(errno.EACCES, "Permission denied")
        return open_(path, *rest, **more)

    monkeypatch.setattr("cavra_boundary.sources.walk.os.open", refuse)
    found = walk(tool.folder, ".", Excludes(()), ignore=True)
    assert found.entries == (".gitignore", "a.txt")
    assert [(skip.path, skip.incomplete) for skip in found.skipped] == [(".gitignore", True)]


@pytest.mark.parametrize(
    "content", [b"\xff\xfe\x00", b"[", b"[z-a]\n", b"!\n", b"/\n", b"\\\n", b"a" * 100_000, b"*" * 5000]
)
def test_a_strange_gitignore_is_no_reason_to_stop(tool: Tool, content: bytes) -> None:
    tool.write(".gitignore", content)
    tool.write("text.md", token("a"))
    got = tool.scan()
    assert got.code in (0, 1, 3), "it may hide everything"
    assert got.err == ""


@pytest.mark.parametrize("link", [False, True])
def test_a_folder_that_vanishes_or_becomes_a_link_makes_the_run_incomplete(
    tool: Tool, monkeypatch: pytest.MonkeyPatch, *, link: bool
) -> None:
    tool.write("gone/a.txt", "text")
    tool.write("b.txt", "text")
    folder, open_ = tool.folder / "gone", os.open

    def rename(path: str, *rest: Any, **more: Any) -> int:
        if path == "gone":
            folder.rename(tool.folder.parent / "elsewhere")
            if link:
                folder.symlink_to(tool.folder.parent / "elsewhere")
        return open_(path, *rest, **more)

    monkeypatch.setattr(os, "open", rename)
    found = walk(tool.folder, ".", Excludes(()), ignore=True)
    assert found.entries == ("b.txt",)
    assert [(skip.path, skip.reason, skip.incomplete) for skip in found.skipped] == [
        ("gone/", "changed during the scan", True)
    ]


def test_a_deep_tree_is_no_deep_recursion(tool: Tool) -> None:
    deep = "/".join(["d"] * 1500)
    here = os.open(tool.folder, os.O_RDONLY)
    for _ in range(1500):
        os.mkdir("d", dir_fd=here)
        below = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(os.open("a.txt", os.O_CREAT, dir_fd=here))
    os.close(here)
    try:
        assert listed(tool.folder) == {f"{deep}/a.txt"}
        assert tool.scan().code == 0
    finally:
        subprocess.run(["rm", "-rf", tool.folder], check=True)  # shutil.rmtree recurses


_NAMES = st.sampled_from(["a", "b", "a.log", "b.log", "build"])
_FOLDERS = st.sampled_from(["", "a/", "build/", "a/build/", "build/a/", "b/a/"])
_PATTERNS = st.builds(
    "{}{}{}{}".format,
    st.sampled_from(["", "!", "", "/"]),
    st.sampled_from(["", "**/", "a/", "*/", ""]),
    st.sampled_from(["a", "b", "*.log", "build", "*", "?", "[ab]", "a*"]),
    st.sampled_from(["", "/", "/**", "/*", " "]),
)


@settings(max_examples=40)
@given(
    files=st.sets(st.builds("{}{}".format, _FOLDERS, _NAMES), min_size=1, max_size=8),
    ignores=st.dictionaries(_FOLDERS, st.lists(_PATTERNS, max_size=4), max_size=3),
)
@example(files={"a/b", "b"}, ignores={"": ["*", "!a/"], "a/": ["!b"]})
def test_git_would_list_the_same(files: set[str], ignores: dict[str, list[str]]) -> None:
    with TemporaryDirectory() as name:
        root = Path(name)
        for path in sorted(files, key=lambda path: -path.count("/")):
            file = root / path
            if any(parent.is_file() for parent in file.parents) or file.exists():
                continue
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("text")
        for folder, lines in ignores.items():
            if (root / folder).is_dir():
                (root / folder / ".gitignore").write_text("\n".join(lines))
        got = listed(root)
        subprocess.run(["git", "init", "--quiet", name], check=True)
        shown = subprocess.run(
            ["git", "-C", name, "ls-files", "-z", "--others", "--exclude-standard"], check=True, capture_output=True
        ).stdout
        assert got == {path.decode() for path in shown.split(b"\0") if path}


def test_what_a_gitignore_hides_is_counted(tool: Tool) -> None:
    tool.write(".gitignore", "*.log\nbuild/\n")
    for path in ("a.txt", "a.log", "build/b.txt", "build/c.txt", "sub/d.log"):
        tool.write(path, token(path) if path != "a.txt" else "text")
    got = tool.scan()
    assert (got.code, got.skipped()) == (0, {".": "files and folders hidden by .gitignore: 3"})
    assert "hidden by .gitignore: 3" in " ".join(tool.scan_text(".").out.split())
