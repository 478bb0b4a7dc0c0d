"""Allows expire, and show what they hide."""

from __future__ import annotations

import json

import pytest
from support import Repo, token


@pytest.fixture
def allowing(repo: Repo) -> Repo:
    """A repository with an allow by path until the end of June 2030, and an inline one."""
    repo.write("demo.toml", repo.pack.read_text())
    repo.write(
        ".cavra-boundary.toml",
        """packs = ["demo.toml"]
[[allow]]
rule = "demo.token"
path = "docs/"
reason = "made up"
owner = "docs team"
expires = 2030-06-30
""",
    )
    repo.write("docs/a.md", f"{token('a')}\n{token('b')}\n")
    repo.write("src/b.py", f"x = '{token('c')}'  # cavra-boundary: " + "allow[demo.token] revoked\n")
    repo.commit()
    return repo


def notices(repo: Repo, day: str) -> list[str]:
    report = repo.run("scan", "--format", "json", "--as-of", day).report
    return [notice["message"] for notice in report["notices"]]


def test_it_lists_every_allow_with_what_it_hides(allowing: Repo) -> None:
    result = allowing.run("allows", "--format", "json", "--as-of", "2030-01-01")
    assert result.code == 0, result.out
    by_config, inline = json.loads(result.out)
    assert by_config["at"].endswith(".cavra-boundary.toml:2")
    assert (by_config["owner"], by_config["expires"]) == ("docs team", "2030-06-30")
    assert by_config["hides"] == ["docs/a.md:1:1", "docs/a.md:2:1"]
    assert (inline["at"], inline["reason"], inline["hides"]) == ("src/b.py:1", "revoked", ["src/b.py:1:6"])


def test_the_text_says_the_same(allowing: Repo) -> None:
    text = allowing.run("allows", "--as-of", "2030-06-20").out
    for words in ("demo.token in docs/", "made up", "docs team", "2030-06-30 (soon)", "docs/a.md:2:1", "revoked"):
        assert words in text


@pytest.mark.parametrize(("day", "soon"), [("2030-06-16", False), ("2030-06-17", True), ("2030-06-30", True)])
def test_the_end_is_announced_two_weeks_before(allowing: Repo, day: str, soon: bool) -> None:
    assert any("expires on 2030-06-30" in notice for notice in notices(allowing, day)) is soon
    assert allowing.run("scan", "--as-of", day).code == 0


def test_past_its_end_it_hides_nothing(allowing: Repo) -> None:
    assert allowing.run("scan", "--as-of", "2030-07-01").code == 1
    result = allowing.run("allows", "--format", "json", "--as-of", "2030-07-01")
    assert (result.code, json.loads(result.out)[0]["flaw"]) == (1, "expired")


def test_one_that_hides_nothing_is_a_flaw(allowing: Repo) -> None:
    allowing.write("docs/a.md", "nothing\n")
    result = allowing.run("allows")
    assert result.code == 1
    assert "hides nothing" in result.out


def test_none_at_all(repo: Repo) -> None:
    assert (repo.run("allows").code, repo.run("allows").out.strip()) == (0, "There are no allows.")
