"""An organization's packs and a project's: in order, and with overrides that say what they change and why."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from cavra_boundary.cache import Cache
from cavra_boundary.errors import PackError
from cavra_boundary.model import Rule, Severity
from cavra_boundary.policy.options import DEFAULT_MARKERS
from cavra_boundary.rules.load import load_packs

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support import Repo

    from cavra_boundary.rules.model import RuleSet

_HEAD = 'name = "org"\ntitle = "Ours"\n'


def load(*places: Path, cache: Cache | None = None) -> RuleSet:
    return load_packs(places, DEFAULT_MARKERS, cache or Cache(None))


def rule(rules: RuleSet, id_: str) -> Rule:
    return next(each for each in rules.rules if each.id == id_)


def org(folder: Path, override: str) -> Path:
    file = folder / "org.toml"
    file.write_text(f"{_HEAD}\n[[override]]\n{override}\n")
    return file


def test_a_later_pack_changes_what_a_rule_weighs_and_where_it_runs(tmp_path: Path, pack: Path) -> None:
    override = 'rule = "demo.token"\nseverity = "note"\nskip_paths = ["docs/"]\npaths = ["*.md"]\nreason = "noisy"'
    changed = rule(load(pack, org(tmp_path, override)), "demo.token")
    assert changed.severity is Severity.NOTE
    assert [changed.runs_on(path) for path in ("a.md", "docs/a.md", "a.txt")] == [True, False, False]
    assert rule(load(pack), "demo.token").severity is Severity.ERROR


def test_a_shipped_rule_can_be_changed_too_and_the_last_word_counts(tmp_path: Path) -> None:
    first = org(tmp_path, 'rule = "license-keys.pem-private-key"\nseverity = "note"\nreason = "r"')
    second = tmp_path / "project.toml"
    second.write_text(first.read_text().replace('"org"', '"project"').replace('"note"', '"warning"'))
    for places, severity in (((first, second), Severity.WARNING), ((second, first), Severity.NOTE)):
        rules = load(*places)
        assert rule(rules, "license-keys.pem-private-key").severity is severity
        assert [override.where for override in rules.overrides] == [f"{place}:4" for place in places]


def test_the_cache_keeps_what_was_changed(tmp_path: Path, pack: Path) -> None:
    cache = Cache(tmp_path / "cache")
    file = org(tmp_path, 'rule = "demo.token"\noff = true\nskip_paths = ["a/"]\nreason = "r"')
    assert load(pack, file, cache=cache) == load(pack, file, cache=cache) == load(pack, file)


@pytest.mark.parametrize(
    ("override", "line", "words"),
    [
        ('rule = "demo.tokem"\noff = true\nreason = "r"', 4, "did you mean 'demo.token'?"),
        ('rule = "demo.token"\noff = true', 4, "reason is missing"),
        ('rule = "demo.token"\noff = true\nreason = " "', 7, "needs a reason"),
        ('rule = "demo.token"\nreason = "r"', 4, "changes nothing"),
        ('rule = "demo.token"\nseverity = "loud"\nreason = "r"', 6, "unknown severity"),
        ('rule = "demo.token"\nof = true\nreason = "r"', 6, "did you mean 'off'?"),
        ('rule = "demo.token"\nskip_paths = ["!a"]\nreason = "r"', 6, "gitignore"),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, pack: Path, override: str, line: int, words: str) -> None:
    file = org(tmp_path, override)
    with pytest.raises(PackError) as caught:
        load(pack, file)
    assert caught.value.where == f"{file}:{line}"
    assert words in str(caught.value)


def test_a_pack_cannot_change_what_comes_after_it(tmp_path: Path, pack: Path) -> None:
    file = org(tmp_path, 'rule = "demo.token"\noff = true\nreason = "r"')
    with pytest.raises(PackError, match="no pack before this one"):
        load(file, pack)


def test_a_rule_that_is_off_finds_nothing_and_can_still_be_named(repo: Repo, tmp_path: Path) -> None:
    from support import token

    repo.write("demo.toml", repo.pack.read_text())
    org(repo.folder, 'rule = "demo.token"\noff = true\nreason = "not ours"')
    repo.write(
        ".cavra-boundary.toml",
        'packs = ["demo.toml", "org.toml"]\n[[allow]]\nrule = "demo.token"\npath = "a"\nreason = "r"\n',
    )
    repo.write("leak.txt", token("k"))
    assert repo.run("scan").code == 0
    shown = repo.run("policy", "show").out
    assert "demo.token: off (not ours)" in shown
    assert "org.toml:4]" in shown


@pytest.mark.skipif(os.name == "nt", reason="no FIFOs")
@pytest.mark.parametrize("make", [os.mkfifo, lambda file: file.symlink_to("/dev/zero")])
def test_a_folder_of_packs_leads_nowhere_else(tmp_path: Path, pack: Path, make: Callable[[Path], None]) -> None:
    folder = tmp_path / "packs"
    folder.mkdir()
    make(folder / "trap.toml")
    with pytest.raises(PackError, match="links are not followed"):
        load(folder)
