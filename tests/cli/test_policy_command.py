"""A pull request is judged by the policy that was in force before it."""

from __future__ import annotations

import pytest
from support import Repo, token


@pytest.fixture
def base(repo: Repo) -> Repo:
    """A repository whose first commit, tagged `base`, has a policy with a pack of its own."""
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


def test_an_unknown_revision_is_no_clean_run(base: Repo) -> None:
    result = base.run("scan", "--policy-from", "nowhere")
    assert result.code == 3
    assert "nowhere" in result.err


def test_options_that_contradict_each_other(base: Repo) -> None:
    assert base.run("scan", "--policy-from", "base", "--config", ".cavra-boundary.toml").code == 2


def test_policy_diff_says_the_same_for_people(base: Repo) -> None:
    assert base.run("policy", "diff", "base").out == "Nothing is weaker.\n"
    base.write(".cavra-boundary.toml", 'packs = ["rules/"]\nexclude = ["vendor/"]\nfail-on = "error"\n')
    base.commit()
    for arguments in (("base",), ("base", "HEAD")):
        result = base.run("policy", "diff", *arguments)
        assert (result.code, result.out.count("\n")) == (1, 1)
        assert ".cavra-boundary.toml:3: Only heavier findings fail" in result.out
    assert base.run("policy", "diff", "HEAD", "base").code == 0


def test_policy_show_says_where_each_line_comes_from(base: Repo) -> None:
    base.write(".cavra-boundary.toml", 'packs = ["rules/"]\n[severity]\ntenant-secret = "note"\n')
    shown = base.run("policy", "show").out
    assert "severity.tenant-secret = note  [.cavra-boundary.toml:3]" in shown
    assert "fail-on = warning  [default]" in shown
    assert "pack demo: 5 rules" in shown
    assert "demo.pin = note instead of warning  [.cavra-boundary.toml:3]" in shown
