"""Rules of kind `credential`, and the compact table of providers: what is read, and each mistake with its line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cavra_boundary.detect.gates import WORDS
from cavra_boundary.detect.kinds import CredentialRule
from cavra_boundary.detect.shapes import has_shape
from cavra_boundary.errors import PackError
from cavra_boundary.model import Severity
from cavra_boundary.policy.options import DEFAULT_MARKERS
from cavra_boundary.policy.pack_check import check
from cavra_boundary.rules.combine import combine
from cavra_boundary.rules.files import CLAUSES, shipped_folder
from cavra_boundary.rules.read import parse_pack, read_pack

if TYPE_CHECKING:
    from support import Tool

    from cavra_boundary.rules.model import Pack

PACK = """\
name = "services"
title = "Services"

[[rule]]
name = "door"
kind = "credential"
clause = "tenant-secret"
severity = "error"
title = "Door key"
why = "It opens the door."
names = ["doorkey"]
of = ["kestrelmoor"]
value = ["hex:32", "generated"]
validators = ["not-placeholder"]
lines = 2
source = "https://kestrelmoor.example/keys"
examples = ['kestrelmoor_door_key = "«hex:32»"', 'kestrelmoor: {doorKey: «base62:30»}']
counterexamples = ['kestrelmoor_door_key = "changeme"', 'door_key = "«hex:32»"']

[[providers]]
severity = "error"
why = "It opens the service."
remedy = "Revoke it."
rows = [
  { name = "tarnwick-key", title = "Tarnwick key", of = ["tarnwick"], value = ["hex:32"], clause = "crm-credential", source = "tarnwick.example" },
  { name = "wrenfold-secret", title = "Wrenfold secret", of = ["wrenfold", "wrf"], names = ["appsecret"], value = ["uuid", "re:w[0-9a-z]{20}"], severity = "warning", clause = "tenant-secret", source = "wrenfold.example" },
]
"""  # noqa: E501 - a row is one line


def parse(text: str) -> Pack:
    return parse_pack(Path("services.toml"), text.encode(), DEFAULT_MARKERS)


def test_a_row_is_a_rule() -> None:
    pack = parse(PACK)
    door, tarnwick, wrenfold = pack.rules
    assert isinstance(door, CredentialRule)
    assert (door.names, door.of, door.value, door.lines) == (("doorkey",), ("kestrelmoor",), ("hex:32", "generated"), 2)
    assert isinstance(tarnwick, CredentialRule)
    assert (tarnwick.id, tarnwick.clause, tarnwick.severity) == (
        "services.tarnwick-key",
        "crm-credential",
        Severity.ERROR,
    )
    assert (tarnwick.why, tarnwick.remedy, tarnwick.lines) == ("It opens the service.", "Revoke it.", 3)
    assert isinstance(wrenfold, CredentialRule)
    assert (wrenfold.severity, wrenfold.names) == (Severity.WARNING, ("appsecret",))
    assert pack.where("services.wrenfold-secret").endswith(":26")


def test_the_made_examples_hold() -> None:
    """`rules check` tries those of rows as it does those that are written."""
    packs = [read_pack(shipped_folder() / CLAUSES, DEFAULT_MARKERS), parse(PACK)]
    assert list(check(packs[1:], combine(packs, "check"))) == []
    assert {len(packs[1].examples[rule.id]) for rule in packs[1].rules} == {2}


MISTAKES = {
    "no words": ('of = ["tarnwick"], ', "", "of is missing", "tarnwick-key"),
    "no shape": ('value = ["hex:32"], clause = "crm', 'clause = "crm', "value is missing", "tarnwick-key"),
    "no source": (', source = "tarnwick.example"', "", "source is missing", "tarnwick-key"),
    "no clause": ('clause = "crm-credential", ', "", "clause is missing", "tarnwick-key"),
    "a misspelt key": (
        'title = "Tarnwick',
        'titel = "Tarnwick',
        "unknown key 'titel' (did you mean 'title'?)",
        "titel",
    ),
    "a key of a whole rule": (
        'title = "Tarnwick',
        'lines = 3, title = "Tarnwick',
        "unknown key 'lines'",
        "tarnwick-key",
    ),
    "an unknown shape": (
        'value = ["hex:32"], clause',
        'value = ["hexx:32"], clause',
        "unknown shape 'hexx:32'",
        "hexx:32",
    ),
    "a shape without a length": ('["hex:32"], clause', '["hex:0"], clause', "shape 'hex:0' has no length", "hex:0"),
    "a shape that ends before it begins": (
        '["hex:32"], clause',
        '["hex:9-3"], clause',
        "shape 'hex:9-3' has no",
        "hex:9-3",
    ),
    "a broken pattern": ("re:w[0-9a-z]{20}", "re:w[0-9a-z{20}", "pattern does not compile", "wrenfold-secret"),
    "a pattern for re only": ("re:w[0-9a-z]{20}", "re:w[0-9a-z]{,20}", "pattern has {,n}", "wrenfold-secret"),
    "a word in capitals": ('"wrf"', '"WRF"', "'WRF' can never match (write it as 'wrf')", "WRF"),
    "a phrase with a separator": (
        '"appsecret"',
        '"app_secret"',
        "'app_secret' can never match (write it as 'appsecret')",
        "app_secret",
    ),
    "no list": ('of = ["tarnwick"]', 'of = "tarnwick"', "of is not a list", "tarnwick-key"),
    "a number for a word": ('of = ["tarnwick"]', "of = [7]", "7 is not a string", "tarnwick-key"),
    "a bad name": (
        'name = "tarnwick-key"',
        'name = "Tarnwick key"',
        "'Tarnwick key' is not a valid name",
        "Tarnwick key",
    ),
    "the same name twice": (
        'name = "tarnwick-key"',
        'name = "door"',
        "'services.door' is defined twice",
        "Tarnwick key",
    ),
    "an unknown severity": (
        'severity = "warning"',
        'severity = "warn"',
        "unknown severity 'warn' (did you mean",
        "wrenfold-secret",
    ),
    "no why for the rows": ('why = "It opens the service."\n', "", "why is missing", "tarnwick-key"),
    "no rows": ("rows = [", "row = [", "unknown key 'row' (did you mean 'rows'?)", "row = ["),
    "rows that are no tables": ("rows = [", "rows = [7,", "rows", "rows = ["),
    "a rule without a value": ('value = ["hex:32", "generated"]\n', "", "value is missing", "[[rule]]"),
    "lines that are no number": ("lines = 2", 'lines = "2"', "lines is not a number", 'lines = "2"'),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_said_with_its_line(mistake: str) -> None:
    written, instead, said, place = MISTAKES[mistake]
    assert written in PACK
    text = PACK.replace(written, instead, 1)
    with pytest.raises(PackError) as caught:
        parse(text)
    assert said in str(caught.value)
    file, _, line = caught.value.where.rpartition(":")
    assert file == "services.toml"
    assert place in text.splitlines()[int(line) - 1]


def test_an_unknown_validator_is_refused(tool: Tool) -> None:
    tool.write("services.toml", PACK.replace("not-placeholder", "not-placeholders"))
    got = tool.run("scan", "--pack", "services.toml")
    assert (got.code, got.err.count("\n")) == (2, 1)
    assert "unknown validator 'not-placeholders'" in got.err


def test_an_unknown_clause_is_refused(tool: Tool) -> None:
    tool.write("services.toml", PACK.replace("crm-credential", "crm-credentials"))
    got = tool.run("scan", "--pack", "services.toml")
    assert (got.code, got.err.count("\n")) == (2, 1)
    assert "unknown clause 'crm-credentials' (did you mean 'crm-credential'?)" in got.err


def test_a_row_can_be_overridden_like_any_rule(tool: Tool) -> None:
    tool.write("services.toml", PACK)
    override = '[[override]]\nrule = "services.tarnwick-key"\nseverity = "note"\nreason = "a sandbox"\n'
    tool.write("ours.toml", 'name = "ours"\ntitle = "Ours"\n' + override)
    got = tool.run("rules", "show", "services.tarnwick-key", "--pack", "services.toml", "--pack", "ours.toml")
    assert got.out.startswith("Tarnwick key [services.tarnwick-key], note\n")
    for said in (
        "Value:       hex:32",
        "Near:        tarnwick, in a name, the path or 3 lines",
        "Known from:  tarnwick.ex",
    ):
        assert said in got.out


def test_rules_are_listed_by_words(tool: Tool) -> None:
    tool.write("services.toml", PACK)
    listed = tool.run("rules", "list", "--pack", "services.toml", "tarnwick", "KEY")
    assert [line.split() for line in listed.out.splitlines()[1:]] == [
        ["services.tarnwick-key", "error", "Tarnwick", "key"],
    ]
    assert listed.out.startswith("crm-credential: ")
    both = tool.run("rules", "list", "--pack", "services.toml", "--clause", "tenant-secret", "services.")
    assert [line.split()[0] for line in both.out.splitlines()[1:]] == ["services.door", "services.wrenfold-secret"]
    none = tool.run("rules", "list", "tarnwick")
    assert (none.code, none.out, none.err) == (0, "", "No rule has tarnwick in its id or title.\n")


# --- the shipped rows


@pytest.fixture(scope="module")
def shipped() -> Pack:
    return read_pack(shipped_folder() / "providers.toml", DEFAULT_MARKERS, lint=False)


def test_the_shipped_rows_are_sorted_and_have_a_source(shipped: Pack) -> None:
    rows = [rule for rule in shipped.rules if isinstance(rule, CredentialRule)]
    assert len(rows) >= 400
    assert [rule.id for rule in rows] == sorted(rule.id for rule in rows)
    assert [rule.id for rule in rows if not rule.source.startswith(("https://", "http://"))] == []


def test_no_shipped_shape_matches_an_empty_value(shipped: Pack) -> None:
    rows = [rule for rule in shipped.rules if isinstance(rule, CredentialRule)]
    assert [rule.id for rule in rows if has_shape(rule.value).fullmatch(b"")] == []


def test_every_shipped_phrase_can_be_found(shipped: Pack) -> None:
    """A rule's own words need not be among those that are searched for, as its examples have one of these, too."""
    for rule in shipped.rules:
        assert all(WORDS.search(example.data) for example in shipped.examples[rule.id]), rule.id
