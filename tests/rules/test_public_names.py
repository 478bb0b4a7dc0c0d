"""Every shipped rule, each of its examples with other values: the same fingerprint, unless the values are random."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cavra_boundary.cache import Cache
from cavra_boundary.model import PERSONAL
from cavra_boundary.policy import options
from cavra_boundary.policy.pack_check import made
from cavra_boundary.rules.combine import combine
from cavra_boundary.rules.files import pack_files, shipped_folder
from cavra_boundary.rules.kinds import PolicyRule
from cavra_boundary.rules.read import read_pack
from cavra_boundary.scan.scanner import Plan, Scanner

if TYPE_CHECKING:
    from cavra_boundary.rules.model import Pack

PACKS = [read_pack(file, options.DEFAULT_MARKERS, lint=False) for file in pack_files([shipped_folder()])]


@pytest.fixture(scope="module")
def scanner() -> Scanner:
    rules = combine(PACKS, "of this test")
    return Scanner(Plan.of_rules(rules.rules, rules.digest, Cache.of_user()))


@pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack.name)
def test_other_guessable_values_give_the_same_fingerprints(pack: Pack, scanner: Scanner) -> None:
    different, compared = [], 0
    for rule in pack.rules:
        if isinstance(rule, PolicyRule):
            continue
        for number, example in enumerate(pack.examples[rule.id]):
            versions = [
                [
                    finding.fingerprint
                    for finding in scanner.blob(made(example, f"{rule.id} {number} {seed}")).triaged.findings
                    if finding.rule == rule.id
                ]
                for seed in range(2)
            ]
            compared += all(versions)
            for one, other in zip(*versions, strict=False):
                if one[0] == other[0] == "p" and one != other:
                    different.append((rule.id, number))
                if rule.clause in PERSONAL and "v" in (one[0], other[0]):
                    different.append((rule.id, number))
    assert different == []
    assert compared or all(isinstance(rule, PolicyRule) for rule in pack.rules)
