"""What is scanned in a git working tree, and what is reported about the rest."""

from __future__ import annotations

import errno
import os
import signal
import socket
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from support import Repo, Tool, token

from cavra_boundary.sources.worktree import WorkTreeSource

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextmanager
def within(seconds: int) -> Iterator[None]:
    """Fail instead of hanging, as opening a FIFO without a writer would."""

    def fail(*_: object) -> None:
        raise AssertionError(f"took longer than {seconds} s")

    before = signal.signal(signal.SIGALRM, fail)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def paths(repo: Tool, *arguments: str) -> set[str]:
    """The files in which a token is found."""
    return {path for path, _, _ in repo.scan(*arguments).places()}


def test_tracked_files_are_scanned_even_if_ignored(repo: Repo) -> None:
    repo.write("a.txt", token("a"))
    repo.write("kept.log", token("b"))
    repo.write(".gitignore", "*.log\n")
    repo.git("add", "--force", "a.txt", "kept.log", ".gitignore")
    repo.write("lost.log", token("c"))
    repo.write("new.txt", token("d"))
    assert paths(repo) == {"a.txt", "kept.log", "new.txt"}
    assert paths(repo, "--no-ignore") == {"a.txt", "kept.log", "new.txt", "lost.log"}


def test_only_the_boundarys_excludes_exclude_a_tracked_file_and_the_receipt_counts_it(repo: Repo) -> None:
    for path in ("a.txt", "vendor/b.txt", "vendor/ours/c.txt"):
        repo.write(path, token(path))
    repo.commit()
    repo.write("vendor/untracked.txt", token("d"))
    got = repo.scan("--exclude", "vendor/*", "--exclude", "!vendor/ours")
    assert {path for path, _, _ in got.places()} == {"a.txt", "vendor/ours/c.txt"}
    assert got.report["receipt"]["excluded"] == 1, "of the tracked files; the untracked one was never listed"


def test_an_excluded_file_is_excluded_also_when_it_is_named(repo: Repo) -> None:
    repo.write("a.txt", token("a"))
    got = repo.scan("--exclude", "*.txt", "a.txt")
    assert (got.code, got.places(), got.report["receipt"]["excluded"]) == (0, [], 1)


def test_excluded_untracked_folders_are_pruned(tool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    tool.write("vendor/deep/a.txt", token("a"))
    tool.write("b.txt", token("b"))
    entered = []
    scandir = os.scandir

    def note(handle: int) -> Iterator[os.DirEntry[str]]:
        entered.append(os.path.relpath(Path(f"/proc/self/fd/{handle}").readlink(), tool.folder))
        return scandir(handle)

    monkeypatch.setattr(os, "scandir", note)
    source = WorkTreeSource(tool.folder, (".",), ("vendor/",), True, 1000)
    assert source.list().entries == ("b.txt",)
    assert entered == ["."]


def test_a_part_of_a_repository_is_scanned_under_its_top(repo: Repo) -> None:
    repo.write("a.txt", token("a"))
    repo.write("sub/b.txt", token("b"))
    repo.write(".gitignore", "sub/hidden.txt\n")
    repo.write("sub/hidden.txt", token("c"))
    below = Tool(repo.folder / "sub", repo.pack)
    assert paths(below) == {"sub/b.txt"}
    assert paths(below, "../a.txt") == {"a.txt"}
    assert paths(below, "hidden.txt") == {"sub/hidden.txt"}, "it was asked for by its name"


def test_a_deleted_tracked_file_is_noted(repo: Repo) -> None:
    repo.write("a.txt", token("a"))
    repo.write("b.txt", "text")
    repo.commit()
    (repo.folder / "a.txt").unlink()
    got = repo.scan()
    assert (got.code, got.skipped()) == (0, {"a.txt": "no longer there"})


def test_a_submodule_and_a_nested_repository_are_named_not_read(repo: Repo, tmp_path: Path) -> None:
    outer = Repo(tmp_path / "other", repo.pack)
    outer.folder.mkdir()
    outer.git("init", "--quiet")
    outer.write("secret.txt", token("a"))
    outer.commit()
    repo.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(outer.folder), "module")
    repo.commit()
    nested = Repo(repo.folder / "nested", repo.pack)
    nested.folder.mkdir()
    nested.git("init", "--quiet")
    nested.write("secret.txt", token("b"))
    nested.commit()
    got = repo.scan()
    assert got.places() == []
    assert got.skipped() == {"module": "another repository", "nested": "another repository"}
    assert paths(repo, "nested") == {"secret.txt"}, "a repository of its own when it is named"


def test_an_unmerged_file_is_scanned_once(repo: Repo) -> None:
    repo.write("a.txt", "one\n")
    repo.commit()
    repo.git("checkout", "--quiet", "-b", "other")
    repo.write("a.txt", "two\n")
    repo.commit()
    repo.git("checkout", "--quiet", "main")
    repo.write("a.txt", f"{token('a')}\n")
    repo.commit()
    with pytest.raises(Exception, match="merge"):
        repo.git("merge", "other")
    got = repo.scan()
    assert len(got.places()) == 1
    assert got.report["receipt"]["files"] == 1


def test_links_are_content_and_not_followed(repo: Repo, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.txt").write_text(token("outside"))
    (repo.folder / "folder").symlink_to(outside)
    (repo.folder / "file").symlink_to(outside / "secret.txt")
    (repo.folder / "telling").symlink_to(token("target"))
    (repo.folder / "loop").symlink_to("loop")
    got = repo.scan()
    assert got.places() == [("telling", 1, 1)]
    assert got.findings()[0]["origin"] == "symlink"
    repo.commit()
    assert repo.scan().places() == [("telling", 1, 1)], "tracked links are read like untracked ones"


@pytest.mark.parametrize("named", ["folder", "folder/secret.txt"])
def test_a_link_to_a_folder_is_followed_when_it_is_named(tool: Tool, tmp_path: Path, named: str) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.txt").write_text(token("outside"))
    (tool.folder / "folder").symlink_to(outside)
    assert [path for path, _, _ in tool.scan(named).places()] == ["secret.txt"]


def test_a_tracked_file_behind_a_link_is_not_read(repo: Repo, tmp_path: Path) -> None:
    repo.write("folder/secret.txt", "harmless")
    repo.write("folder/sub/secret.txt", "harmless")
    repo.commit()
    outside = tmp_path / "outside"
    (repo.folder / "folder").rename(outside)
    (outside / "secret.txt").write_text(token("outside"))
    (outside / "sub" / "secret.txt").write_text(token("outside"))
    (repo.folder / "folder").symlink_to(outside)
    got = repo.scan()
    assert got.places() == []
    behind = {"folder/secret.txt", "folder/sub/secret.txt"}
    assert {path for path, why in got.skipped().items() if why == "behind a symbolic link"} == behind


def test_what_is_no_file_is_never_opened(tool: Tool) -> None:
    os.mkfifo(tool.folder / "fifo")
    tool.write("a.txt", token("a"))
    with socket.socket(socket.AF_UNIX) as listening, pytest.MonkeyPatch.context() as patch, within(10):
        patch.chdir(tool.folder)  # a socket's path has to be short
        listening.bind("socket")
        got = tool.scan()
        named = tool.scan("fifo")
    assert got.places() == [("a.txt", 1, 1)]
    assert got.skipped() == {"fifo": "a FIFO", "socket": "a socket"}
    assert named.code == 3
    assert named.skipped() == {"fifo": "a FIFO", "worktree": "none of its files could be scanned"}


class Swaps:
    """Does something to the tree when a file is about to be opened, as somebody else may during a scan."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, at: str, action: Callable[[], object]) -> None:
        real = os.open
        pending = [action]

        def open_(path: str, *rest: Any, **more: Any) -> int:
            if path == at and pending:
                pending.pop()()
            return real(path, *rest, **more)

        monkeypatch.setattr(os, "open", open_)


@pytest.mark.parametrize("place", ["tool", "repo"])
@pytest.mark.parametrize("to", ["link", "folder", "nothing"])
def test_a_folder_that_is_swapped_during_the_scan_is_named_and_nothing_outside_is_read(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, place: str, to: str
) -> None:
    tool: Tool = request.getfixturevalue(place)
    outside = tmp_path / "outside"
    outside.mkdir()
    for name in ("a.txt", "b.txt", "c.txt"):
        tool.write(f"d/sub/{name}", "text")
        (outside / name).write_text(token(name))
    if isinstance(tool, Repo):
        tool.commit()

    def swap() -> None:
        (tool.folder / "d").rename(tmp_path / "moved")
        if to == "link":
            (tool.folder / "d").symlink_to(tmp_path / "other")
            (tmp_path / "other").mkdir()
            (tmp_path / "other" / "sub").symlink_to(outside)
        elif to == "folder":
            tool.write("d/sub/a.txt", "text")

    Swaps(monkeypatch, "b.txt", swap)
    got = tool.scan()
    assert (got.code, got.places()) == (3, [])
    assert got.skipped() == {"d/sub/c.txt": "changed during the scan"}


@pytest.mark.parametrize("place", ["tool", "repo"])
def test_a_file_that_is_renamed_during_the_scan_is_named(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    tool: Tool = request.getfixturevalue(place)
    tool.write("b.txt", "text")
    tool.write("z.txt", token("z"))
    if isinstance(tool, Repo):
        tool.commit()
    Swaps(monkeypatch, "b.txt", lambda: (tool.folder / "z.txt").rename(tool.folder / "a.txt"))
    got = tool.scan()
    assert (got.code, got.skipped()) == (3, {"z.txt": "changed during the scan"})


def test_a_file_that_becomes_a_link_during_the_scan_is_not_followed(
    tool: Tool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    outside = tmp_path / "outside.txt"
    outside.write_text(token("a"))
    file = tool.write("b.txt", "text")

    def swap() -> None:
        file.unlink()
        file.symlink_to(outside)

    Swaps(monkeypatch, "b.txt", swap)
    got = tool.scan()
    assert (got.code, got.places(), list(got.skipped())) == (3, [], ["b.txt"])


def test_a_tracked_file_that_became_a_fifo_is_never_opened(repo: Repo) -> None:
    file = repo.write("a.txt", "text")
    repo.commit()
    file.unlink()
    os.mkfifo(file)
    with within(10):
        got = repo.scan()
    assert got.skipped() == {"a.txt": "a FIFO", "worktree": "none of its files could be scanned"}


def test_a_file_that_becomes_a_fifo_while_it_is_looked_at_makes_the_run_incomplete(
    tool: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool.write("a.txt", "text")
    open_ = os.open

    def swap(path: str, flags: int, *, dir_fd: int | None = None) -> int:
        if path == "a.txt":
            (tool.folder / "a.txt").unlink()
            os.mkfifo(tool.folder / "a.txt")
        return open_(path, flags, dir_fd=dir_fd)

    monkeypatch.setattr("cavra_boundary.sources.worktree.os.open", swap)
    with within(10):
        (skip,) = WorkTreeSource(tool.folder, ("a.txt",), (), True, 1000).read("a.txt")
    assert (skip.reason, skip.incomplete) == ("changed during the scan", True)


@pytest.mark.parametrize("call", ["open", "stat"])
@pytest.mark.parametrize("number", [errno.EACCES, errno.EIO])
def test_an_unreadable_file_makes_the_run_incomplete(
    repo: Repo, monkeypatch: pytest.MonkeyPatch, call: str, number: int
) -> None:
    repo.write("a.txt", "text")
    repo.write("locked.txt", token("a"))
    real = getattr(os, call)

    def refuse(path: str, *rest: object, **more: object) -> object:
        if os.fspath(path).endswith("locked.txt"):
            raise OSError(number, os.strerror(number))
        return real(path, *rest, **more)

    monkeypatch.setattr(f"cavra_boundary.sources.worktree.os.{call}", refuse)
    got = repo.scan()
    assert got.code == 3
    assert got.report["verdict"] == "incomplete"
    assert got.skipped() == {"locked.txt": f"unreadable: {os.strerror(number)}"}


def test_findings_win_over_incomplete_in_the_exit_code_and_the_report_says_both(repo: Repo) -> None:
    repo.write("a.txt", token("a"))
    repo.write("large.txt", "x" * 2000)
    got = repo.scan("--max-file-size", "1000")
    assert got.code == 1
    assert got.report["receipt"]["complete"] is False
    assert got.skipped() == {"large.txt": "larger than --max-file-size"}


def test_a_file_larger_than_asked_for_makes_the_run_incomplete(repo: Repo) -> None:
    repo.write("large.txt", token("a") + "x" * 2000)
    assert repo.scan("--max-file-size", "1000").code == 3
    assert repo.scan("--max-file-size", "1000", "large.txt").code == 3
    repo.write("small.txt", "text")
    assert repo.scan("--max-file-size", "1000", "--exclude", "large.txt").code == 0


def test_an_unreadable_folder_makes_the_run_incomplete(tool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    tool.write("locked/a.txt", token("a"))
    tool.write("b.txt", "text")
    open_ = os.open

    def refuse(path: str, *rest: Any, **more: Any) -> int:
        if path == "locked":
            raise PermissionError(errno.EACCES, "Permission denied")
        return open_(path, *rest, **more)

    monkeypatch.setattr("cavra_boundary.sources.folders.os.open", refuse)
    got = tool.scan()
    assert got.code == 3
    assert got.skipped() == {"locked/": "unreadable: Permission denied"}


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root can read everything")
def test_permissions_that_forbid_reading(tool: Tool) -> None:
    tool.write("locked.txt", token("a")).chmod(0)
    assert tool.scan().code == 3


NAMES = [
    b"latin-\xe9.txt",
    b"new\nline.txt",
    b"escape-\x1b[31m.txt",
    b"tab\t and space .txt",
    b'quote"and\\.txt',
    b"-dash.txt",
    b":(literal)*.txt",
    "\u202ebidi.txt".encode(),
    b"\xff\xfe",
    b"x" * 255,
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("tracked", [True, False])
def test_any_bytes_are_a_file_name(repo: Repo, name: bytes, tracked: bool) -> None:
    (repo.folder / os.fsdecode(name)).write_text(f"x\n {token('a')}\n")
    if tracked:
        repo.commit()
    for got in (repo.scan(), repo.scan("--", os.fsdecode(name))):
        ((path, line, column),) = got.places()
        assert (line, column) == (2, 2)
        assert path.isprintable()
    text = repo.scan_text().out
    assert not any(character in text for character in "\x1b\u202e\t")


def test_any_bytes_are_a_folder_name(tool: Tool) -> None:
    for number, name in enumerate(NAMES):
        tool.write(f"{os.fsdecode(name)}/a.txt", token(str(number)))
    assert len(tool.scan().places()) == len(NAMES)


def test_an_empty_folder_is_not_clean_unless_that_is_expected(tool: Tool) -> None:
    got = tool.scan()
    assert (got.code, got.skipped()) == (3, {".": "no file to scan: it is empty"})
    assert "Boundary holds" not in tool.scan_text().out
    expected = tool.scan("--expect-files", "0")
    assert (expected.code, expected.skipped()) == (0, {".": "no file to scan: it is empty"})
    assert "Nothing to scan." in tool.scan_text("--expect-files", "0").out


@pytest.mark.parametrize("place", ["tool", "repo"])
@pytest.mark.parametrize(
    ("hides", "says"),
    [
        (".gitignore", ".gitignore hides 1"),
        (".git/info/exclude", ".git/info/exclude hides 1"),
        ("core.excludesFile", "core.excludesFile in .git/config hides 1"),
        ("--exclude", "the boundary's own exclude list has 1"),
    ],
)
def test_a_folder_whose_files_are_all_hidden_is_not_clean(
    request: pytest.FixtureRequest, place: str, hides: str, says: str
) -> None:
    tool: Tool = request.getfixturevalue(place)
    tool.write("sub/leak.txt", token("a"))
    arguments = ["--exclude", "*"] if hides == "--exclude" else []
    if hides.startswith(".git"):
        if not isinstance(tool, Repo) and hides != ".gitignore":
            return
        (tool.folder / hides).parent.mkdir(exist_ok=True)
        (tool.folder / hides).write_text("*\n")
    elif hides == "core.excludesFile":
        if not isinstance(tool, Repo):
            return
        (tool.folder / ".git" / "own").write_text("*\n")
        tool.git("config", "core.excludesFile", ".git/own")
    got = tool.scan(*arguments)
    assert got.code == 3
    reason = got.skipped()["."]
    assert reason.startswith("no file to scan: ")
    assert reason.split(": ")[1].rstrip("0123456789") == says.rstrip("0123456789")


def test_what_only_the_git_folder_hides_is_counted(repo: Repo) -> None:
    """An archive brings its `.git` along; a user's own list is not in it."""
    repo.write("a.txt", "text")
    repo.commit()
    (repo.folder / ".git" / "info").mkdir(exist_ok=True)
    (repo.folder / ".git" / "info" / "exclude").write_text("# none\n")
    repo.write("leak.txt", token("a"))
    assert [path for path, _, _ in repo.scan().places()] == ["leak.txt"]
    (repo.folder / ".git" / "info" / "exclude").write_text("leak*\n")
    got = repo.scan()
    assert got.skipped() == {".": "untracked files hidden by .git/info/exclude: 1"}


def test_a_part_whose_files_are_hidden_is_named_among_others(repo: Repo) -> None:
    repo.write("a/a.txt", "text")
    repo.write("b/b.txt", "text")
    repo.write(".gitignore", "b/\n")
    repo.commit()
    got = repo.scan("a", "b")
    assert (got.code, got.skipped()) == (3, {"b": "no file to scan: .gitignore hides 1"})


@pytest.mark.parametrize("name", ["third_party/a", "./third_party/a", "third_party/../third_party/a"])
def test_standard_input_in_place_of_an_excluded_file_is_excluded(repo: Repo, name: str) -> None:
    repo.write("third_party/a", token("a"))
    got = repo.scan("--exclude", "third_party/", "-", "--stdin-name", name, stdin=token("a").encode())
    assert (got.code, got.report["receipt"]["excluded"]) == (0, 1)
    assert list(got.skipped().values()) == ["the boundary excludes it"]
    below = Tool(repo.folder / "third_party", repo.pack)
    assert below.scan("--exclude", "third_party/", "-", "--stdin-name", "a", stdin=token("a").encode()).code == 0
    assert below.scan("--exclude", "other/", "-", "--stdin-name", "a", stdin=token("a").encode()).code == 1


def test_a_bare_repository_is_walked(tool: Tool) -> None:
    tool.write("hooks/a.txt", token("a"))
    tool.write("HEAD", "ref: refs/heads/main\n")
    assert paths(tool) == {"hooks/a.txt"}


def test_git_that_fails_makes_the_run_incomplete_never_clean(repo: Repo) -> None:
    repo.write("a.txt", "text")
    (repo.folder / ".git" / "HEAD").write_text("nonsense")
    got = repo.scan()
    assert got.code == 3
    assert got.err.startswith("cavra-boundary: ")
    assert "git ls-files failed" in got.err
    assert got.err.count("\n") == 1


def test_no_git_makes_the_run_incomplete_never_clean(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.write("a.txt", "text")
    monkeypatch.setenv("PATH", str(repo.folder))
    got = repo.scan()
    assert got.code == 3
    assert "git is not installed" in got.err


def test_what_a_sparse_checkout_leaves_out_is_read_from_the_index(repo: Repo) -> None:
    repo.write("in/a.txt", "text")
    repo.write("out/b.txt", f"key {token('b')}\n")
    repo.commit()
    repo.git("sparse-checkout", "set", "in")
    assert not (repo.folder / "out").exists()
    got = repo.scan(".")
    assert (got.code, [path for path, *_ in got.places()], got.skipped()) == (1, ["out/b.txt"], {})
    oid = repo.git("rev-parse", "HEAD:out/b.txt").strip()
    (repo.folder / ".git" / "objects" / oid[:2] / oid[2:]).unlink()
    got = repo.scan(".")
    assert (got.code, "sparse" in got.skipped()["out/b.txt"]) == (3, True)
