"""docs/evidence.md matches what the rules do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cavra_boundary.evidence import CHECKS
from cavra_boundary.evidence.fields import read_name
from cavra_boundary.evidence.reference import SCHEMES
from cavra_boundary.policy.options import DEFAULT_MARKERS, EVIDENCE
from cavra_boundary.rules.files import CLAUSES, shipped_folder
from cavra_boundary.rules.read import read_pack

PAGE = (Path(__file__).parents[2] / "docs/evidence.md").read_text(encoding="utf-8")
FORBIDDEN = [
    line.split("|")[1:-1] for line in PAGE.split("## What a packet must not hold")[1].splitlines() if "|" in line
]
ROWS = FORBIDDEN[2:]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0].strip())
def test_every_line_of_what_is_forbidden_is_enforced(row: list[str]) -> None:
    _, _, names, rules = row
    for name in re.findall(r"`([a-z_]+)`", names):
        assert read_name(name).private, name
    enforced = set(re.findall(r"`evidence\.([a-z-]+)`", rules))
    assert enforced
    assert enforced <= CHECKS
    clauses = {clause.id for clause in read_pack(shipped_folder() / CLAUSES, DEFAULT_MARKERS).clauses}
    for group in re.findall(r"clauses? ([a-z, -]+)", rules):
        assert {name.strip() for name in group.split(",")} <= clauses


def test_the_page_names_every_scheme_and_option() -> None:
    (listed,) = re.findall(r"Usual schemes: ([^.]*)\.", PAGE)
    assert {name.strip() for name in listed.replace("\n", " ").split(",")} == SCHEMES
    table = PAGE.split("[evidence]\n")[1]
    assert set(re.findall(r"^(\w+) = \[", table, re.MULTILINE)) == {option.key for option in EVIDENCE}
