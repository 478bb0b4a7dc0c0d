"""Configuration mistakes that switch off everything, or one clause, are noticed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from cavra_boundary.cache import Cache
from cavra_boundary.policy.options import DEFAULT_MARKERS
from cavra_boundary.rules.load import load_packs

if TYPE_CHECKING:
    from support import Repo

    from cavra_boundary.rules.model import RuleSet


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    return load_packs([], DEFAULT_MARKERS, Cache.of_user())


def silent(repo: Repo, configuration: str) -> dict[str, list[str]]:
    """The clauses that would let everything through, and why."""
    repo.write(".cavra-boundary.toml", configuration)
    result = repo.run("selftest", "--format", "json")
    assert result.out, result.err
    quiet = {each["clause"]: each["why_not"] for each in json.loads(result.out)["clauses"] if not each["fires"]}
    assert result.code == (1 if quiet else 0)
    return quiet


def test_every_clause_fires_by_default(repo: Repo, rules: RuleSet) -> None:
    result = repo.run("selftest")
    assert result.code == 0, result.out
    assert all(f"\n{clause} " in f"\n{result.out}" for clause in rules.clauses)
    assert repo.git("status", "--porcelain") == "", "nothing is written"


@pytest.mark.parametrize("configuration", ['exclude = ["*"]', 'exclude = ["**"]', 'exclude = ["/*"]'])
def test_all_is_excluded(repo: Repo, rules: RuleSet, configuration: str) -> None:
    quiet = silent(repo, configuration)
    assert set(quiet) == set(rules.clauses) - {"policy"}
    assert any("is excluded" in reason for reason in quiet["license-key"])


def test_what_is_lowered_below_what_fails(repo: Repo) -> None:
    quiet = silent(repo, 'fail-on = "error"\n[severity]\nlicense-key = "warning"\n')
    assert "has severity warning, below fail-on error" in quiet["license-key"][0]
    assert "signing-material" not in quiet


def test_a_clause_whose_rules_are_all_off(repo: Repo, rules: RuleSet) -> None:
    off = [rule.id for rule in rules.rules if rule.clause == "policy-pack"]
    quiet = silent(repo, f"skip-rules = {json.dumps(off)}")
    assert set(quiet) == {"policy-pack"}
    assert "is turned off" in quiet["policy-pack"][0]


def test_a_clause_whose_rules_are_allowed_everywhere(repo: Repo, rules: RuleSet) -> None:
    allows = (
        f'[[allow]]\nrule = "{rule.id}"\npath = "**"\nreason = "noisy"\n'
        for rule in rules.rules
        if rule.clause == "contract"
    )
    quiet = silent(repo, "".join(allows))
    assert set(quiet) == {"contract"}
    assert "is suppressed, see .cavra-boundary.toml:" in quiet["contract"][0]


def test_a_pack_with_a_clause_of_its_own(repo: Repo) -> None:
    clause = '\n[[clause]]\nid = "ours"\ntitle = "T"\ncovers = "C"\ninstead = "I"\nwritten_in = "W"\n'
    repo.write("demo.toml", repo.pack.read_text().replace('clause = "dashboard-url"', 'clause = "ours"') + clause)
    assert "ours" in silent(repo, 'packs = ["demo.toml"]'), "its only rule is a note"
    assert silent(repo, 'packs = ["demo.toml"]\nfail-on = "note"') == {}


def test_places_that_are_blind_are_named(repo: Repo) -> None:
    repo.write(".cavra-boundary.toml", 'exclude = ["tests/", "docs/"]')
    result = repo.run("selftest")
    assert result.code == 0
    assert "Excluded, so nothing is found there: docs/, tests/." in result.out
