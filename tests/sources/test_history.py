"""Commits and everything they introduce: content removed later, merges, messages, tags, notes, ref names."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from support import Repo, Result, pin, token

from cavra_boundary.git.refs import list_refs
from cavra_boundary.sources.history import HistorySource
from cavra_boundary.sources.objects import path_of

if TYPE_CHECKING:
    from pathlib import Path


def commit(repo: Repo, message: str = "test", date: str = "2024-05-06T07:08:09+02:00") -> str:
    """Commit everything; the commit's id."""
    repo.git("add", "--all")
    environment = os.environ | {"GIT_AUTHOR_DATE": date}
    command = ["git", "-C", os.fspath(repo.folder), "commit", "--quiet", "--allow-empty", "--message", message]
    subprocess.run(command, check=True, env=environment)
    return repo.git("rev-parse", "HEAD").strip()


def found(got: Result) -> dict[str, dict[str, Any]]:
    """The findings by path, one for each."""
    findings = {each["path"]: each for each in got.findings()}
    assert len(findings) == len(got.findings())
    return findings


def test_what_a_later_commit_removes_is_found_with_its_first_commit(repo: Repo) -> None:
    repo.write("a.txt", "text")
    commit(repo)
    repo.write("sub/leak.txt", f"\n{token('a')}")
    first = commit(repo)
    (repo.folder / "sub" / "leak.txt").unlink()
    commit(repo)
    got = repo.scan("--history")
    assert got.code == 1
    assert got.places() == [("sub/leak.txt", 2, 1)]
    assert got.findings()[0]["introduced"] == {"commit": first, "date": "2024-05-06T07:08:09+02:00", "at_tip": False}
    assert got.report["receipt"]["commits"] == 3
    assert got.report["receipt"]["files"] == 2
    assert got.report["receipt"]["sources"] == ["history"]


def test_a_value_that_many_versions_hold_is_told_once_of_the_first(repo: Repo) -> None:
    repo.write("a.txt", token("a"))
    first = commit(repo)
    for count in range(3):
        repo.write("a.txt", "\n" * count + token("a") + "\nmore\n")
        commit(repo)
    repo.write("b.txt", token("a"))
    second = commit(repo)
    got = found(repo.scan("--history"))
    assert {path: each["introduced"]["commit"] for path, each in got.items()} == {"a.txt": first, "b.txt": second}
    assert all(each["introduced"]["at_tip"] for each in got.values()), "in another version than the first"
    assert got["a.txt"]["line"] == 1


def test_a_value_that_stands_twice_in_its_first_version_is_told_twice(repo: Repo) -> None:
    repo.write("a.txt", f"{token('a')}\n{token('a')}\n")
    commit(repo)
    repo.write("a.txt", f"{token('a')}\n\n{token('a')}\n")
    commit(repo)
    assert repo.scan("--history").places() == [("a.txt", 1, 1), ("a.txt", 2, 1)]


def test_a_tip_is_any_branch_or_tag(repo: Repo) -> None:
    names = {"branch.txt", "tag.txt", "gone.txt"}
    for name in names:
        repo.write(name, token(name))
    commit(repo)
    for name, make in (("branch.txt", "branch"), ("tag.txt", "tag")):
        repo.git("checkout", "--quiet", "--detach", "main")
        repo.git("rm", "--quiet", *(names - {name}))
        commit(repo)
        repo.git(make, "side")
    repo.git("checkout", "--quiet", "main")
    repo.git("rm", "--quiet", *names)
    commit(repo)
    at_tip = {path: each["introduced"]["at_tip"] for path, each in found(repo.scan("--history")).items()}
    assert at_tip == {"branch.txt": True, "tag.txt": True, "gone.txt": False}
    at_tip = {path: each["introduced"]["at_tip"] for path, each in found(repo.scan("--range", "main")).items()}
    assert at_tip == dict.fromkeys(names, False), "a range has its own end only"


def test_what_a_merge_itself_brings_in_is_found(repo: Repo) -> None:
    repo.write("a.txt", "one\n")
    commit(repo)
    repo.git("checkout", "--quiet", "-b", "side")
    repo.write("a.txt", "two\n")
    commit(repo)
    repo.git("checkout", "--quiet", "main")
    repo.write("a.txt", "three\n")
    commit(repo)
    with pytest.raises(subprocess.CalledProcessError):
        repo.git("merge", "--quiet", "side")
    repo.write("a.txt", token("resolved"))
    repo.write("added.txt", token("added"))
    merge = commit(repo)
    for source in (["--history"], ["--range", "main^1..main"], ["--range", "main^!"]):
        got = found(repo.scan(*source))
        assert set(got) == {"a.txt", "added.txt"}
        assert {each["introduced"]["commit"] for each in got.values()} == {merge}


def test_a_range_is_what_one_end_has_and_the_other_has_not(repo: Repo) -> None:
    repo.write("old.txt", token("old"))
    commit(repo, "old " + token("old message"))
    repo.git("tag", "base")
    repo.write("removed.txt", token("removed"))
    commit(repo)
    repo.git("rm", "--quiet", "removed.txt")
    repo.write("kept.txt", token("kept"))
    last = commit(repo)
    got = repo.scan("--range", "base..main")
    assert set(found(got)) == {"removed.txt", "kept.txt"}
    assert (got.report["receipt"]["commits"], got.report["receipt"]["files"]) == (2, 2)
    assert got.report["receipt"]["sources"] == ["range base..main"]
    assert set(found(repo.scan("--range", "base.."))) == {"removed.txt", "kept.txt"}
    assert set(found(repo.scan("--range", f"{last}^!"))) == {"kept.txt"}
    assert {"old.txt", "removed.txt", "kept.txt"} < set(found(repo.scan("--range", "main")))
    nothing = repo.scan("--range", "main..main")
    assert (nothing.code, nothing.report["receipt"]["commits"]) == (0, 0)


def test_both_sides_of_a_symmetric_range(repo: Repo) -> None:
    commit(repo)
    for branch in ("left", "right"):
        repo.git("checkout", "--quiet", "-b", branch, "main")
        repo.write(f"{branch}.txt", token(branch))
        commit(repo)
    assert set(found(repo.scan("--range", "left...right"))) == {"left.txt", "right.txt"}
    assert set(found(repo.scan("--range", "left..right"))) == {"right.txt"}


def test_messages_and_people_are_content(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    message = commit(repo, f"subject\n\nbody {token('message')}")
    monkeypatch.setenv("GIT_AUTHOR_NAME", token("author"))
    author = commit(repo)
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Test")
    monkeypatch.setenv("GIT_COMMITTER_NAME", token("committer"))
    committer = commit(repo)
    monkeypatch.setenv("GIT_COMMITTER_NAME", token("tagger"))
    repo.git("tag", "--annotate", "v1", "--message", "x", author)
    repo.git("tag", "--annotate", "v2", "--message", token("tag"), "v1")
    tags = [repo.git("rev-parse", tag).strip() for tag in ("v1", "v2")]
    got = repo.scan("--history")
    expected = {f".git/commits/{oid}" for oid in (message, author, committer)} | {f".git/tags/{oid}" for oid in tags}
    assert {each["path"] for each in got.findings()} == expected
    by_path = {each["path"]: each["introduced"] for each in got.findings()}
    assert by_path[f".git/commits/{author}"]["commit"] == author
    assert by_path[f".git/commits/{author}"]["at_tip"] is True
    assert by_path[f".git/tags/{tags[0]}"] is None
    assert got.report["receipt"]["files"] == 0, "messages are no files"


def test_names_of_branches_and_tags_are_content(repo: Repo) -> None:
    commit(repo)
    repo.git("branch", token("branch"))
    repo.git("tag", token("tag"))
    got = repo.scan("--history")
    assert repo.git("for-each-ref").count("demotok") == 2
    assert {each["path"] for each in got.findings()} == {".git/refs/heads", ".git/refs/tags"}
    assert all(secret not in got.out for secret in (token("branch"), token("tag"))), "a path is not redacted"


def test_a_range_has_the_tags_and_the_branch_that_point_into_it(repo: Repo) -> None:
    commit(repo)
    repo.git("tag", "--annotate", "old", "--message", token("old"))
    repo.git("tag", "--annotate", "new", "--message", token("new"), commit(repo))
    new = repo.git("rev-parse", "new").strip()
    assert set(found(repo.scan("--range", "main^..main"))) == {f".git/tags/{new}"}
    repo.git("branch", token("branch"))
    assert len(repo.scan("--range", f"main^..{token('branch')}").findings()) == 2


def test_notes_are_content(repo: Repo) -> None:
    oid = commit(repo)
    repo.git("notes", "add", "--message", token("note"), oid)
    repo.git("notes", "--ref", "review", "add", "--message", "x", oid)
    repo.git("notes", "--ref", "review", "add", "--force", "--message", token("review"), oid)
    repo.git("notes", "--ref", "review", "remove", oid)
    got = found(repo.scan("--history"))
    assert {path: each["introduced"]["at_tip"] for path, each in got.items()} == {
        f".git/notes/commits/{oid}": True,
        f".git/notes/review/{oid}": False,
    }


def test_named_refs_of_the_history(repo: Repo) -> None:
    repo.write("a.txt", token("a"))
    commit(repo)
    for branch in ("one", "two", "three"):
        repo.git("checkout", "--quiet", "-b", branch, "main")
        repo.write(f"{branch}.txt", token(branch))
        commit(repo)
    got = repo.scan("--history", "--ref", "one", "--ref", "two")
    assert set(found(got)) == {"a.txt", "one.txt", "two.txt"}
    assert got.report["receipt"]["sources"] == ["history of one, two"]


def test_what_no_commit_holds_is_found_where_a_tag_names_it(repo: Repo) -> None:
    commit(repo)
    repo.write("tree/leak.txt", token("tree"))
    repo.write("blob.txt", token("blob"))
    repo.git("add", "--all")
    tree, blob = repo.git("write-tree").strip(), repo.git("rev-parse", ":blob.txt").strip()
    repo.git("rm", "--quiet", "-r", "--cached", ".")
    repo.git("tag", "tree", tree)
    repo.git("tag", "blob", "--annotate", "--message", "x", blob)
    got = found(repo.scan("--history"))
    assert set(got) == {"tree/leak.txt", "blob.txt", f".git/objects/{blob}"}
    assert {each["introduced"] for each in got.values()} == {None}


def test_a_detached_head_is_a_part_of_the_history(repo: Repo) -> None:
    commit(repo)
    repo.git("checkout", "--quiet", "--detach")
    repo.write("a.txt", token("a"))
    commit(repo)
    assert set(found(repo.scan("--history"))) == {"a.txt"}


@pytest.mark.parametrize("source", [["--history"], ["--ref", "HEAD"], ["--range", "HEAD"]])
def test_a_repository_without_commits(repo: Repo, source: list[str]) -> None:
    repo.write("a.txt", token("a"))
    repo.git("add", "a.txt")
    got = repo.scan(*source)
    if source == ["--history"]:
        assert (got.code, got.report["receipt"]["commits"]) == (0, 0)
    else:
        assert (got.code, got.out) == (3, "")


def test_inline_allows_count_in_the_version_that_has_them(repo: Repo) -> None:
    repo.write("a.txt", f"{token('a')} # cavra-boundary: allow[demo.token] made up\n")
    commit(repo)
    assert repo.scan("--history").code == 0
    repo.write("a.txt", f"{token('a')}\n")
    second = commit(repo)
    repo.write("a.txt", "# cavra-boundary: allow[demo.token] of no use\n")
    commit(repo)
    got = repo.scan("--history")
    assert {(each["status"], each["introduced"]["commit"] == second) for each in got.findings()} == {
        ("suppressed", False),
        ("reported", True),
    }
    assert got.report["notices"] == [], "old versions cannot be mended"


def test_configured_allows_and_excludes_count(repo: Repo) -> None:
    repo.write("a.txt", token("a"))
    repo.write("vendor/b.txt", token("b"))
    repo.write("kept.txt", token("c"))
    commit(repo)
    allow = '[[allow]]\nrule = "demo.token"\npath = "a.txt"\nreason = "made up"\n'
    repo.write(".cavra-boundary.toml", f'exclude = ["vendor/"]\n{allow}')
    got = repo.scan("--history")
    assert {each["path"]: each["status"] for each in got.findings()} == {"a.txt": "suppressed", "kept.txt": "reported"}
    assert got.report["receipt"]["excluded"] == 1
    assert repo.scan("--history", "--exclude", ".git/commits/").report["receipt"]["excluded"] == 2


def test_links_are_content_and_submodules_another_repository(repo: Repo) -> None:
    (repo.folder / "link").symlink_to(token("target"))
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},module")
    repo.git("add", "link")
    repo.git("commit", "--quiet", "--message", "test")
    for source in (["--history"], ["--ref", "HEAD"], ["--range", "HEAD"]):
        got = repo.scan(*source)
        assert got.places() == [("link", 1, 1)]
        assert got.findings()[0]["origin"] == "symlink"
        assert got.skipped() == {"module": "another repository"}


def test_each_blob_is_listed_once_for_each_path_and_beside_its_likes(repo: Repo) -> None:
    for name in ("a.txt", "m.txt", "z.txt"):
        repo.write(name, "same" if name != "m.txt" else "different")
    commit(repo)
    (repo.folder / "a.txt").rename(repo.folder / "b.txt")
    commit(repo)
    (repo.folder / "b.txt").rename(repo.folder / "a.txt")
    commit(repo)
    refs = list_refs(repo.folder)
    source = HistorySource(repo.folder, (), 1000, name="history", revisions=[refs[0].oid], refs=refs)
    entries = [entry for entry in source.list().entries if entry.startswith("f")]
    assert [path_of(entry) for entry in entries] == ["a.txt", "b.txt", "z.txt", "m.txt"]


def test_a_shallow_clone_is_incomplete_unless_that_is_chosen(repo: Repo, tmp_path: Path) -> None:
    for name in ("one", "two", "three"):
        repo.write(f"{name}.txt", token(name))
        commit(repo)
    clone = Repo(tmp_path / "clone", repo.pack)
    subprocess.run(["git", "clone", "-q", "--depth=2", f"file://{repo.folder}", clone.folder], check=True)
    clone.write(".cavra-boundary.toml", 'skip-rules = ["demo.token"]')
    for source in (["--history"], ["--range", "HEAD"]):
        got = clone.scan(*source)
        assert got.code == 3
        assert "shallow" in got.skipped()[".git/shallow"]
        allowed = clone.scan(*source, "--allow-shallow")
        assert allowed.code == 0
        assert ".git/shallow" in allowed.skipped()
        assert "--allow-shallow" in allowed.report["receipt"]["choices"][0]
    assert clone.scan("--range", "HEAD^..HEAD").code == 0, "nothing of it is missing"
    unknown = clone.scan("--range", f"{repo.git('rev-parse', 'HEAD~2').strip()}..HEAD")
    assert (unknown.code, unknown.out) == (3, "")


def test_a_partial_clone_is_incomplete(repo: Repo, tmp_path: Path) -> None:
    repo.write("a.txt", token("a"))
    repo.write("b.txt", "text")
    commit(repo)
    repo.git("config", "uploadpack.allowFilter", "true")
    clone = Repo(tmp_path / "clone", repo.pack)
    for filter_ in ("blob:none", "tree:0"):
        folder = clone.folder / filter_
        command = ["git", "clone", "-q", "--no-checkout", f"--filter={filter_}", f"file://{repo.folder}", folder]
        subprocess.run(command, check=True)
        for source in ("--history", "--ref=main", "--range=main"):
            got = Repo(folder, repo.pack).scan(source)
            assert got.code == 3, "and nothing was fetched"
            if got.out:
                assert set(got.skipped()) == {"a.txt", "b.txt"}


def test_missing_objects_are_named_and_never_clean(repo: Repo) -> None:
    repo.write("a.txt", token("a"))
    repo.write("b.txt", "text")
    repo.write("sub/c.txt", token("c"))
    commit(repo)
    objects = repo.folder / ".git" / "objects"

    def without(revision: str) -> Result:
        oid = repo.git("rev-parse", revision).strip()
        file = objects / oid[:2] / oid[2:]
        content = file.read_bytes()
        file.unlink()
        try:
            return repo.scan("--history")
        finally:
            file.write_bytes(content)

    got = without("HEAD:b.txt")
    assert {path for path, _, _ in got.places()} == {"a.txt", "sub/c.txt"}
    assert list(got.skipped()) == ["b.txt"]
    assert got.report["receipt"]["complete"] is False
    for revision in ("HEAD:sub", "HEAD^{tree}", "HEAD"):
        got = without(revision)
        assert (got.code, got.out) == (3, "")
    assert repo.scan("--history").code == 1


def test_a_broken_object_is_named_and_the_others_are_read(repo: Repo) -> None:
    for name in ("a", "b", "c"):
        repo.write(f"{name}.txt", token(name))
    commit(repo)
    oid = repo.git("rev-parse", "HEAD:b.txt").strip()
    file = repo.folder / ".git" / "objects" / oid[:2] / oid[2:]
    content = file.read_bytes()
    for broken in (b"", b"nonsense", content[: len(content) // 2], content[:-3] + b"xyz"):
        file.chmod(0o644)
        file.write_bytes(broken)
        got = repo.scan("--history")
        assert {"a.txt", "c.txt"} <= {path for path, _, _ in got.places()}
        assert list(got.skipped()) == ["b.txt"]


def test_a_broken_ref_is_never_clean(repo: Repo) -> None:
    commit(repo)
    for content in ("nonsense\n", f"{'1' * 40}\n", ""):
        (repo.folder / ".git" / "refs" / "heads" / "broken").write_text(content)
        got = repo.scan("--history")
        assert (got.code, got.out) == (3, "")
        assert "git for-each-ref failed" in got.err or "broken" in got.err


def test_many_commits_are_scanned_by_several_processes_with_the_same_result(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cavra_boundary.git.trees._AT_A_TIME", 7)
    stream = []
    for count in range(700):
        value = token(str(count)) if count % 100 == 0 else "text"
        text = f"{count} {value}\n"
        stream.append(
            f"commit refs/heads/main\ncommitter T <t@example.com> {1_500_000_000 + count} +0000\ndata 1\nx\n"
            f"M 644 inline {count % 7}.txt\ndata {len(text)}\n{text}\n"
        )
    command = ["git", "-C", os.fspath(repo.folder), "fast-import", "--quiet"]
    subprocess.run(command, check=True, input="".join(stream).encode())
    alone, together = (repo.scan("--history", "--jobs", jobs) for jobs in ("1", "2"))
    assert alone.findings() == together.findings()
    assert len(alone.findings()) == 7
    assert alone.report["receipt"]["commits"] == 700
    assert len({each["introduced"]["commit"] for each in alone.findings()}) == 7


def test_a_record_and_a_path_rule_work_as_elsewhere(repo: Repo) -> None:
    repo.write("a.demokey", "x")
    repo.write("pin.txt", f"demopin {pin('a')}")
    commit(repo)
    repo.git("rm", "--quiet", "a.demokey", "pin.txt")
    commit(repo)
    assert {each["rule"] for each in repo.scan("--history").findings()} == {"demo.key-file", "demo.pin"}
