"""A pull request is judged by the policy that was in force before it."""

from __future__ import annotations

import subprocess
import tempfile
from typing import TYPE_CHECKING

import pytest
from support import Repo, Tool, token

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def base(repo: Repo) -> Repo:
    """A repository whose first commit, tagged `base`, has a policy with its own pack."""
    repo.write("rules/demo.toml", repo.pack.read_text())
    repo.write(".cavra-boundary.toml", 'packs = ["rules/"]\nexclude = ["vendor/"]\n')
    repo.write("a.txt", "x")
    repo.commit()
    repo.git("tag", "base")
    return repo


def kinds(repo: Repo, *arguments: str) -> list[str]:
    report = repo.run("scan", "--format", "json", "--policy-from", "base", *arguments).report
    return [finding["rule"] for finding in report["findings"] if finding["rule"].startswith("policy.")]


def test_what_a_change_excludes_is_scanned_all_the_same(base: Repo) -> None:
    base.write(".cavra-boundary.toml", 'packs = ["rules/"]\nexclude = ["vendor/", "keys/"]\n')
    base.write("keys/k.txt", token("k"))
    base.write("vendor/k.txt", token("k"))
    base.commit()
    assert base.run("scan").code == 0, "its own policy lets it through"
    result = base.run("scan", "--format", "json", "--policy-from", "base")
    assert result.code == 1
    assert result.places() == [("keys/k.txt", 1, 1)]
    (weak,) = result.findings("policy.")
    assert (weak["rule"], weak["path"], weak["line"]) == ("policy.exclude-added", ".cavra-boundary.toml", 2)


def test_a_pack_that_a_change_empties_still_counts(base: Repo) -> None:
    base.write("rules/demo.toml", 'name = "demo"\ntitle = "Nothing"\n')
    base.write("leak.txt", token("k"))
    base.commit()
    result = base.run("scan", "--format", "json", "--policy-from", "base")
    assert [finding["path"] for finding in result.findings()] == ["leak.txt"]
    assert kinds(base) == ["policy.rule-weakened"] * 5


def test_an_inline_allow_of_the_change_is_told(base: Repo) -> None:
    allow = "  # cavra-boundary: " + "allow[demo.token] made up"
    base.write("old.py", f"a = '{token('old')}'{allow}\n")
    base.commit()
    base.git("tag", "--force", "base")
    assert kinds(base) == []
    base.write("old.py", f"\n\na = '{token('old')}'{allow}\n")
    assert kinds(base) == [], "a line that moved is no new one"
    base.write("new.py", f"b = '{token('new')}'{allow}\n")
    base.write("old.py", f"a = '{token('other')}'{allow}\n")
    assert kinds(base) == ["policy.allow-added", "policy.allow-added"]


def test_a_baseline_that_grows_is_told_and_does_not_count(base: Repo) -> None:
    base.write("leak.txt", token("k"))
    base.run("baseline", "create")
    assert base.run("scan").code == 0
    result = base.run("scan", "--format", "json", "--policy-from", "base")
    assert {finding["rule"] for finding in result.findings("")} == {"demo.token", "policy.baseline-grown"}


def test_the_baseline_of_the_revision_counts_and_is_named(base: Repo) -> None:
    base.write(".cavra-boundary.toml", 'packs = ["rules/"]\nbaseline = "ci/known"\n')
    base.write("leak.txt", token("k"))
    base.write("ci/known", "")
    base.run("baseline", "update")
    base.commit()
    base.git("tag", "--force", "base")
    base.write("ci/known", "")
    (known,) = base.run("scan", "--format", "json", "--policy-from", "base").findings()
    assert (known["status"], known["decided_at"]) == ("baselined", "base:ci/known")
    base.write("ci/known", "05bd-05edfe demo.token\n")
    report = base.run("scan", "--format", "json", "--policy-from", "base")
    assert [weak["path"] for weak in report.findings("policy.")] == ["ci/known"]


def test_an_unknown_revision_is_no_clean_run(base: Repo) -> None:
    result = base.run("scan", "--policy-from", "nowhere")
    assert result.code == 3
    assert "nowhere" in result.err


def test_policy_diff_says_the_same_for_people(base: Repo) -> None:
    assert base.run("policy", "diff", "base").out == "Nothing is weaker.\n"
    base.write(".cavra-boundary.toml", 'packs = ["rules/"]\nexclude = ["vendor/"]\nfail-on = "error"\n')
    base.commit()
    for arguments in (("base",), ("base", "HEAD")):
        result = base.run("policy", "diff", *arguments)
        assert (result.code, result.out.count("\n")) == (1, 1)
        assert ".cavra-boundary.toml:3: Fewer severities fail" in result.out
    assert base.run("policy", "diff", "HEAD", "base").code == 0


def test_policy_show_says_where_each_line_comes_from(base: Repo) -> None:
    base.write(".cavra-boundary.toml", 'packs = ["rules/"]\n[severity]\ntenant-secret = "note"\n')
    shown = base.run("policy", "show").out
    assert "severity.tenant-secret = note  [.cavra-boundary.toml:3]" in shown
    assert "fail-on = warning  [default]" in shown
    assert "pack demo: 5 rules" in shown
    assert "demo.pin = note instead of warning  [.cavra-boundary.toml:3]" in shown


def test_what_is_wrong_in_the_revision_is_told_as_its_own(base: Repo) -> None:
    base.write(".cavra-boundary.toml", 'packs = ["rules/"]\nexclude = "vendor/"\n')
    base.commit()
    base.git("tag", "broken")
    base.write(".cavra-boundary.toml", 'packs = ["rules/"]\n')
    result = base.run("scan", "--policy-from", "broken")
    assert (result.code, result.err.count("\n")) == (2, 1)
    assert result.err.startswith("cavra-boundary: broken:.cavra-boundary.toml:2: exclude must be a list")


@pytest.mark.parametrize("name", [".gitattributes", "pack.toml"])
def test_a_tree_with_names_that_lead_out_of_it_writes_nothing_there(
    base: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    outside = tmp_path / "temporary"
    outside.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(outside))
    blob = base.git("hash-object", "-w", base.write("outside", "* -diff\n").as_posix()).strip()
    config = base.git("rev-parse", "base:.cavra-boundary.toml").strip()
    tree = make_tree(base, f"100644 blob {blob}\t{name}")
    for _ in range(2):
        tree = make_tree(base, f"040000 tree {tree}\t..")
    tree = make_tree(base, f"040000 tree {tree}\trules", f"100644 blob {config}\t.cavra-boundary.toml")
    commit = base.git("commit-tree", "-m", "hostile", tree).strip()
    result = base.run("policy", "diff", commit)
    assert list(outside.iterdir()) == []
    assert (result.code, result.err.count("\n")) == (3, 1)
    assert "is not a valid path" in result.err


def make_tree(repo: Repo, *entries: str) -> str:
    lines = "".join(f"{entry}\n" for entry in entries)
    command = ["git", "-C", str(repo.folder), "mktree"]
    return subprocess.run(command, input=lines, check=True, capture_output=True, text=True).stdout.strip()


def test_a_bare_repository_has_policies_too(base: Repo, tmp_path: Path) -> None:
    base.write(".cavra-boundary.toml", 'packs = ["rules/"]\nexclude = ["vendor/", "keys/"]\n')
    base.write("keys/k.txt", token("k"))
    base.commit()
    bare = Repo(tmp_path / "bare.git", base.pack)
    base.git("clone", "--quiet", "--bare", ".", str(bare.folder))
    assert "keys/ is no longer scanned" in bare.run("policy", "diff", "base", "HEAD").out
    result = bare.run("scan", "--format", "json", "--history", "--policy-from", "base")
    assert {finding["rule"] for finding in result.findings("")} == {"demo.token", "policy.exclude-added"}


def test_outside_a_repository_there_is_no_revision(tool: Tool) -> None:
    for command in (["scan", "--policy-from", "HEAD"], ["policy", "diff", "HEAD"]):
        result = tool.run(*command)
        assert (result.code, "not in a git repository" in result.err) == (2, True)
