"""Repositories with malicious objects, configuration, refs and surroundings.

The table in docs/hostile-repositories.md says the same for people; a test here checks that it names every one of these.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support import Repo, token

if TYPE_CHECKING:
    from traps import Trap

SOURCES = (["--history"], ["--range", "HEAD"], ["--ref", "HEAD"], ["--staged", "."])
ROOT = Path(__file__).parents[2]


def store(repo: Repo, type_: str, content: bytes) -> str:
    """Write an object that git itself might refuse to make; returns its id."""
    command = ["git", "-C", os.fspath(repo.folder), "hash-object", "-t", type_, "-w", "--stdin", "--literally"]
    return subprocess.run(command, check=True, capture_output=True, input=content).stdout.decode().strip()


def entry(mode: str, name: bytes, oid: str) -> bytes:
    """An entry of a tree object."""
    return mode.encode() + b" " + name + b"\0" + bytes.fromhex(oid)


def found(repo: Repo, *source: str) -> set[str]:
    got = repo.scan("--no-cache", *source)
    assert "defect" not in got.out + got.err
    return {each["path"] for each in got.findings()}


@pytest.fixture
def leaky(repo: Repo) -> Repo:
    """A repository with one commit that has a leak."""
    repo.write("a.txt", token("a"))
    repo.commit()
    return repo


def test_nothing_runs_and_nothing_is_hidden_by_configuration_and_attributes(leaky: Repo, trap: Trap) -> None:
    missing = store(leaky, "blob", b"missing")
    tree = store(leaky, "tree", entry("100644", b"b.txt", missing))
    commit = leaky.git("commit-tree", tree, "-m", "x", "-p", "HEAD").strip()
    leaky.git("update-ref", "refs/heads/lacking", commit)
    (leaky.folder / ".git" / "objects" / missing[:2] / missing[2:]).unlink()
    trap.set_in(leaky)
    before = {path: path.read_bytes() for path in (leaky.folder / ".git").rglob("*") if path.is_file()}
    for source in SOURCES:
        assert found(leaky, *source) == {"a.txt"}
    got = leaky.scan("--no-cache", "--history")
    assert list(got.skipped()) == ["b.txt"], "git would have fetched it by starting a program"
    assert not trap.sprung
    after = {path: path.read_bytes() for path in (leaky.folder / ".git").rglob("*") if path.is_file()}
    assert after == before, "a scan changes nothing"


def test_no_missing_object_is_fetched(leaky: Repo, trap: Trap) -> None:
    """A `git fetch` of a remote like this one runs a program; a setting of the repository allows it."""
    oid = leaky.git("rev-parse", "HEAD:a.txt").strip()
    (leaky.folder / ".git" / "objects" / oid[:2] / oid[2:]).unlink()
    for name, value in {
        "remote.origin.url": f"ext::{trap.program}",
        "remote.origin.promisor": "true",
        "extensions.partialClone": "origin",
        "protocol.ext.allow": "always",
    }.items():
        leaky.git("config", name, value)
    for source in SOURCES:
        got = leaky.scan("--no-cache", *source)
        assert (got.code, list(got.skipped())) == (3, ["a.txt"])
        assert not trap.sprung
    with pytest.raises(subprocess.CalledProcessError):
        leaky.git("-c", "protocol.allow=never", "cat-file", "-p", oid)
    assert trap.sprung, "or this test says nothing"


def test_replace_refs_hide_nothing(leaky: Repo) -> None:
    harmless = store(leaky, "blob", b"harmless")
    leak = leaky.git("rev-parse", "HEAD:a.txt").strip()
    leaky.git("replace", leak, harmless)
    empty = leaky.git("commit-tree", store(leaky, "tree", b""), "-m", "x").strip()
    leaky.git("replace", "HEAD", empty)
    for source in SOURCES:
        assert found(leaky, *source) == {"a.txt"}


def test_grafts_hide_nothing(leaky: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    leaky.git("rm", "--quiet", "a.txt")
    leaky.commit()
    graft = leaky.git("rev-parse", "HEAD")
    (leaky.folder / ".git" / "info").mkdir(exist_ok=True)
    (leaky.folder / ".git" / "info" / "grafts").write_text(graft)
    assert leaky.git("rev-list", "--count", "HEAD").strip() == "1", "or this test says nothing"
    assert found(leaky, "--history") == {"a.txt"}
    (leaky.folder / ".git" / "info" / "grafts").unlink()
    (tmp_path / "grafts").write_text(graft)
    monkeypatch.setenv("GIT_GRAFT_FILE", str(tmp_path / "grafts"))
    assert found(leaky, "--history") == {"a.txt"}


def test_a_commit_graph_is_not_believed(leaky: Repo) -> None:
    leaky.git("rm", "--quiet", "a.txt")
    leaky.commit()
    leaky.git("commit-graph", "write", "--reachable")
    graph = leaky.folder / ".git" / "objects" / "info" / "commit-graph"
    content = graph.read_bytes()
    graph.chmod(0o644)
    # In the format's words: a commit that has no parent, where it had one, the root.
    none = bytes.fromhex("70000000")
    lie = re.sub(rb"\0\0\0[\0\x01]" + none, none + none, content)
    graph.write_bytes(lie)
    assert leaky.git("rev-list", "--count", "HEAD").strip() == "1", "or this test says nothing"
    for broken in (lie, b"", b"nonsense", content[:-200]):
        graph.write_bytes(broken)
        assert found(leaky, "--history") == {"a.txt"}


def test_an_alternate_is_read_and_one_that_is_gone_is_never_clean(leaky: Repo, tmp_path: Path) -> None:
    clone = Repo(tmp_path / "clone", leaky.pack)
    subprocess.run(["git", "clone", "-q", "--shared", leaky.folder, clone.folder], check=True)
    for source in SOURCES:
        assert found(clone, *source) == {"a.txt"}
    leaky.folder.rename(tmp_path / "elsewhere")
    for source in SOURCES:
        assert clone.scan("--no-cache", *source).code == 3


NAMES = [
    b"\xff\xfe",
    b"new\nline",
    b"esc\x1b[31m",
    b'quo"te',
    b"back\\slash",
    b"tab\t",
    "é".encode(),
    b" ",
    b"-x",
    b":(top)y",
]


def test_names_of_any_bytes(repo: Repo) -> None:
    for name in NAMES:
        repo.write(os.fsdecode(name), token(repr(name)))
    repo.commit()
    for source in SOURCES:
        assert len(found(repo, *source)) == len(NAMES)
        shown = repo.scan_text("--no-cache", *source, "--verbose").out
        assert "\x1b" not in shown
        assert "line:1" in shown
    at_tip = [each["introduced"]["at_tip"] for each in repo.scan("--history").findings()]
    assert at_tip == [True] * len(NAMES)


def test_trees_that_git_would_not_make(repo: Repo) -> None:
    leak = [store(repo, "blob", token(str(count)).encode()) for count in range(6)]
    inner = store(repo, "tree", entry("100644", b"x", leak[0]))
    tree = store(
        repo,
        "tree",
        entry("40000", b".git", store(repo, "tree", entry("40000", b"commits", inner)))
        + entry("40000", b"..", inner)
        + entry("100644", b"/etc/passwd", leak[1])
        + entry("100644", b"same", leak[2])
        + entry("100644", b"same", leak[3])
        + entry("100666", b"mode", leak[4])
        + entry("0120000", b"link", leak[5]),
    )
    repo.git("update-ref", "refs/heads/main", repo.git("commit-tree", tree, "-m", "x").strip())
    for source in SOURCES[:3]:
        got = repo.scan("--no-cache", *source)
        assert got.code == 1
        assert "defect" not in got.out
        assert len(got.findings()) == 7


@pytest.mark.parametrize(
    "author",
    [
        b"",
        b"author\n",
        b"author <> \n",
        b"author A <a@example.com> 99999999999999999999 +0000\n",
        b"author A <a@example.com> 253402300800 +0000\n",
        b"author A <a@example.com> 1 +9999\n",
        b"author \xff\0\x1b <a@example.com> -5 -0000\n",
        b"author A <a@example.com> 5 +0000\nencoding UTF-7\n",
    ],
)
def test_commits_that_git_would_not_make(leaky: Repo, author: bytes) -> None:
    tree = leaky.git("rev-parse", "HEAD^{tree}").strip().encode()
    commit = store(leaky, "commit", b"tree " + tree + b"\n" + author + b"\n\xff" + token("message").encode())
    leaky.git("update-ref", "refs/heads/main", commit)
    got = leaky.scan("--no-cache", "--history")
    assert "defect" not in got.out
    assert got.code == 3 or {each["path"] for each in got.findings()} == {"a.txt", f".git/commits/{commit}"}


def test_deep_trees_and_long_chains_of_tags(repo: Repo) -> None:
    path = "/".join(["d"] * 300)
    repo.git(
        "update-index", "--add", "--cacheinfo", f"100644,{store(repo, 'blob', token('deep').encode())},{path}/a.txt"
    )
    repo.git("commit", "--quiet", "--message", "x")
    oid, type_ = repo.git("rev-parse", "HEAD").strip(), "commit"
    for count in range(200):
        header = f"object {oid}\ntype {type_}\ntag {count}\ntagger T <t@example.com> 1 +0000\n\n"
        message = token("first") if count == 0 else "x"
        oid, type_ = store(repo, "tag", f"{header}{message}\n".encode()), "tag"
    repo.git("update-ref", "refs/tags/last", oid)
    got = repo.scan("--no-cache", "--history")
    assert sorted(each["path"].partition("/")[0] for each in got.findings()) == [".git", "d"]
    assert [each["introduced"]["at_tip"] for each in got.findings() if each["path"][0] == "d"] == [True]


def test_a_sha256_repository_is_read(tmp_path: Path, pack: Path) -> None:
    repo = Repo(tmp_path / "long", pack)
    repo.folder.mkdir()
    repo.git("init", "--quiet", "--object-format=sha256")
    repo.write("a.txt", token("a"))
    repo.git("add", "a.txt")
    assert found(repo, "--staged") == {"a.txt"}
    repo.commit()
    for source in SOURCES:
        assert found(repo, *source) == {"a.txt"}
    introduced = repo.scan("--history").findings()[0]["introduced"]
    assert (len(introduced["commit"]), introduced["at_tip"]) == (64, True)


def test_a_linked_work_tree_has_its_own_index_and_head(leaky: Repo, tmp_path: Path) -> None:
    linked = Repo(tmp_path / "linked", leaky.pack)
    leaky.git("worktree", "add", "--quiet", "-b", "other", str(linked.folder))
    linked.write("b.txt", token("b"))
    linked.git("add", "b.txt")
    assert found(linked, "--staged") == {"b.txt"}
    assert found(leaky, "--staged") == set()
    linked.git("rm", "--quiet", "--force", "a.txt")
    linked.commit()
    assert found(linked, "--ref", "HEAD") == {"b.txt"}
    assert found(linked, "--history") == {"a.txt", "b.txt"}


def test_the_environment_does_not_lead_to_another_repository(
    leaky: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Repo(tmp_path / "other", leaky.pack)
    other.folder.mkdir()
    other.git("init", "--quiet")
    other.write("b.txt", "text")
    other.commit()
    shallow = tmp_path / "shallow"
    shallow.write_text(leaky.git("rev-parse", "HEAD"))
    for name, value in {
        "GIT_DIR": other.folder / ".git",
        "GIT_WORK_TREE": other.folder,
        "GIT_COMMON_DIR": other.folder / ".git",
        "GIT_INDEX_FILE": other.folder / ".git" / "index",
        "GIT_OBJECT_DIRECTORY": other.folder / ".git" / "objects",
        "GIT_NAMESPACE": "none",
        "GIT_SHALLOW_FILE": shallow,
        "GIT_ICASE_PATHSPECS": "1",
        "GIT_TRACE": "1",
    }.items():
        monkeypatch.setenv(name, str(value))
    for source in SOURCES:
        assert found(leaky, *source) == {"a.txt"}


@pytest.mark.parametrize("setting", [("core.bare", "true"), ("core.worktree", "/"), ("core.worktree", "../nowhere")])
def test_a_work_tree_set_elsewhere_changes_nothing(leaky: Repo, setting: tuple[str, str]) -> None:
    leaky.git("config", *setting)
    for source in SOURCES:
        assert found(leaky, *source) == {"a.txt"}


def test_a_repository_of_somebody_else_is_refused_with_gits_advice(
    leaky: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    for source in SOURCES:
        got = leaky.scan("--no-cache", *source)
        assert (got.code, got.out) == (3, "")
        assert "safe.directory" in got.err


def test_a_git_folder_that_is_none_is_not_passed_over(leaky: Repo) -> None:
    """Git would use the repository around it."""
    inner = Repo(leaky.folder / "inner", leaky.pack)
    (inner.folder / ".git").mkdir(parents=True)
    for source in SOURCES:
        got = inner.scan("--no-cache", *source)
        assert (got.code, got.out) == (3, "")


def test_the_table_for_people_names_every_test() -> None:
    table = (ROOT / "docs" / "hostile-repositories.md").read_text(encoding="utf-8")
    tests = re.findall(r"^def (test_\w+)", Path(__file__).read_text(encoding="utf-8"), re.MULTILINE)
    assert [name for name in tests[:-1] if f"`{name}`" not in table] == []
    tested = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "tests").rglob("test_*.py"))
    assert [name for name in re.findall(r"`(test_\w+)`", table) if f"def {name}(" not in tested] == []
