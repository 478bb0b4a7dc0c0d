"""Kinds as data: the shipped ones are consistent, and errors in a broken one give its line."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from cavra_boundary.errors import PackError, UsageError
from cavra_boundary.evidence import kinds
from cavra_boundary.evidence.conditions import TESTS
from cavra_boundary.evidence.fieldtypes import TYPES
from cavra_boundary.evidence.gates import ResultStatus
from cavra_boundary.evidence.template import template
from cavra_boundary.evidence.vocabulary import ReadinessState

if TYPE_CHECKING:
    from pathlib import Path

COMMON = """
fields = [{ name = "evidence_mode", type = "label", of = ["sample", "live"], about = "the mode" }]

[vocabularies]
state = ["good", "bad"]
"""

KIND = """
title = "Demo"
about = "What the demo shows."
written_in = "The demo's page"

fields = [
  { name = "choice", type = "label", of = ["one", "two"], option = "choice", about = "the choice" },
  { name = "state", type = "label", of = "state", about = "the state" },
]

[[companion]]
name = "other"
title = "other evidence"
kinds = ["cavra.demo-other.evidence.v1"]

[[section]]
name = "part"
about = "the part"
when = [{ field = "choice", equals = "one" }]
fields = [{ name = "demo_ref", type = "reference", about = "the demo", optional = true }]

[[gate]]
name = "good"
pass = "It is good."
fail = "It is not good."
next_step = "Make it good."
all = [
  { field = "state", equals = "good" },
  { with = "other", field = "state", matches = "state" },
]
"""


def read(folder: Path, text: str = KIND, common: str = COMMON) -> kinds.Kind:
    for name, content in (("cavra.demo.evidence.v1", text), ("common", common)):
        (folder / f"{name}.toml").write_text(content, encoding="utf-8")
    return kinds.read(folder / "cavra.demo.evidence.v1.toml", folder / "common.toml")


def test_a_kind_is_read(tmp_path: Path) -> None:
    kind = read(tmp_path)
    assert kind.id == "cavra.demo.evidence.v1"
    assert [field.name for field in kind.fields] == [
        *("schema_version", "evidence_mode", "choice", "state", "part", "part.demo_ref")
    ]
    assert [field.name for field in kind.inside("part")] == ["part.demo_ref"]
    assert kind.fields[0].of == (kind.id,)
    assert kind.fields[3].of == ("good", "bad")
    (gate,) = kind.gates
    assert not gate.warns
    assert [condition.companions for condition in gate.conditions] == [(), ("other",)]


def test_the_words_of_the_contract_and_of_gates_can_be_named(tmp_path: Path) -> None:
    for name, words in (("readiness_state", ReadinessState), ("result_status", ResultStatus)):
        kind = read(tmp_path, KIND.replace('of = ["one", "two"]', f'of = "{name}"').replace('"one"', '"ready"'))
        assert next(field.of for field in kind.fields if field.name == "choice") == tuple(map(str, words))


def test_a_field_can_say_which_label_a_template_has(tmp_path: Path) -> None:
    kind = read(tmp_path, KIND.replace('of = "state",', 'of = "state", sample = "bad",'))
    assert json.loads(template(kind, {}, datetime(2026, 1, 31, tzinfo=UTC)))["state"] == "bad"


MISTAKES = [
    ('of = "state",', 'of = "state", sample = "ugly",', 8, "unknown label 'ugly'"),
    ('title = "Demo"', 'titel = "Demo"', 2, "unknown key 'titel' (did you mean 'title'?)"),
    ('title = "Demo"', "title = 3", 2, "title is not a string"),
    ('title = "Demo"\n', "", 1, "title is missing"),
    ('of = "state"', 'of = "stat"', 8, "unknown vocabulary 'stat' (did you mean 'state'?)"),
    ('of = "state"', "of = [3]", 8, "of is not a list of strings"),
    ('type = "reference"', 'type = "refrence"', 20, "unknown type 'refrence' (did you mean 'reference'?)"),
    ('name = "state", type', 'name = "choice", type', 8, "'choice' is defined twice"),
    ('name = "demo_ref"', 'name = "demo/ref"', 20, "'demo/ref' is not a valid name"),
    ('name = "demo_ref", ', "", 20, "name is missing"),
    ('field = "choice", equals', 'field = "choise", equals', 19, "unknown field 'choise' (did you mean 'choice'?)"),
    ('equals = "one" }]', 'absent = ["choice"] }]', 19, "a condition needs exactly one test (one of equals, one_of)"),
    ('equals = "good"', 'equals = "good", one_of = ["bad"]', 28, "a condition needs exactly one test"),
    ('field = "state", equals = "good"', 'field = "state"', 28, "a condition needs exactly one test"),
    ('equals = "good"', "equals = 2.5", 28, "equals needs labels, counts or flags"),
    ('equals = "good"', "one_of = []", 28, "one_of needs labels, counts or flags"),
    ('field = "state", equals = "good"', 'equals = "good"', 28, "equals needs a field"),
    ('equals = "good"', 'is = "good"', 28, "unknown key 'is'"),
    ('with = "other"', 'with = "othr"', 29, "unknown companion 'othr' (did you mean 'other'?)"),
    ('matches = "state"', 'matches = "stat"', 29, "unknown field 'stat' (did you mean 'state'?)"),
    ('matches = "state"', 'digest_of = "other"', 29, "digest_of applies only to the packet itself"),
    ('field = "state", matches = "state"', 'complete = ["state"]', 29, "complete applies only to the packet itself"),
    ('field = "state", matches', 'fields = ["state", "choice"], matches', 29, "matches needs a field"),
    ('pass = "It is good."', 'level = "warning"\npass = "It is good."', 24, "unknown level 'warning'"),
    ('next_step = "Make it good."\n', "", 22, "next_step is missing"),
    ('kinds = ["cavra.demo-other.evidence.v1"]', "kinds = [1]", 14, "kinds is not a list of strings"),
    ("[[section]]", "[[section]", 16, "not TOML"),
]


@pytest.mark.parametrize(("written", "instead", "line", "said"), MISTAKES)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, written: str, instead: str, line: int, said: str) -> None:
    assert written in KIND
    with pytest.raises(PackError) as caught:
        read(tmp_path, KIND.replace(written, instead, 1))
    assert said in str(caught.value)
    if said != "not TOML":
        assert caught.value.where == f"{tmp_path}/cavra.demo.evidence.v1.toml:{line}"


def test_a_mistake_in_what_kinds_share_is_told_too(tmp_path: Path) -> None:
    with pytest.raises(PackError) as caught:
        read(tmp_path, common='title = "no place for it"')
    assert caught.value.where == f"{tmp_path}/common.toml:1"


def test_the_kinds_of_the_boundary_are_there() -> None:
    areas = {name.split(".")[1] for name in kinds.names()}
    assert areas >= {
        *("trial-conversion-activation", "trial-expired-followup", "billing-subscription-readiness"),
        *("customer-operating-dashboard", "support-handoff-readiness"),
    }
    assert len(areas) == len(kinds.names()), "an area alone names a kind"


@pytest.mark.parametrize("name", kinds.names())
def test_what_kinds_say_of_companions_is_true(name: str) -> None:
    kind = kinds.load(name)
    by_name = {companion.name: companion for companion in kind.companions}
    for companion in kind.companions:
        assert {*companion.kinds} <= {*kinds.names()}
    for gate in kind.gates:
        for condition in gate.conditions:
            if condition.companion:
                for other in map(kinds.load, by_name[condition.companion].kinds):
                    assert {*condition.fields} <= {field.name for field in other.fields}


@pytest.mark.parametrize("name", kinds.names())
def test_what_kinds_compare_with_is_a_label_of_the_field(name: str) -> None:
    kind = kinds.load(name)
    labels = {field.name: field.of for field in kind.fields}
    conditions = [each for gate in kind.gates for each in (*gate.when, *gate.conditions)]
    for condition in (*conditions, *(each for field in kind.fields for each in field.when)):
        if condition.test in ("equals", "one_of") and not condition.companion:
            for field in condition.fields:
                assert condition.expected in ((True,), (0,)) or {*condition.expected} <= {*labels[field]}


def test_every_test_and_type_is_used() -> None:
    loaded = [kinds.load(name) for name in kinds.names()]
    used = {condition.test for kind in loaded for gate in kind.gates for condition in gate.conditions}
    assert used == {*TESTS}
    assert {field.type for kind in loaded for field in kind.fields} == {*TYPES}


def test_a_kind_is_found_by_its_name_or_the_middle_of_it() -> None:
    assert kinds.resolve("trial-expired-followup") is kinds.resolve("cavra.trial-expired-followup.evidence.v1")
    assert kinds.find("../boundary") is None
    with pytest.raises(UsageError, match="did you mean 'trial-expired-followup'"):
        kinds.resolve("trial-expired-folowup")
