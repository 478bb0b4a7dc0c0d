"""The JSON Schema of packs agrees with the packs, and with the code that reads them."""

from __future__ import annotations

import copy
import json
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from cavra_boundary.errors import PackError
from cavra_boundary.policy.options import DEFAULT_MARKERS
from cavra_boundary.rules.files import pack_files, shipped_folder
from cavra_boundary.rules.kinds import KINDS
from cavra_boundary.rules.read import _COMMON, _OF_KIND, _REQUIRED, _REQUIRED_OF_KIND, parse_pack

if TYPE_CHECKING:
    from collections.abc import Callable

    from cavra_boundary.rules.model import Pack

ROOT = Path(__file__).parents[1]
SCHEMA = json.loads((ROOT / "docs/schemas/pack.schema.json").read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)

PACK = """
name = "demo"
title = "Demo"

[[clause]]
id = "demo-clause"
title = "Demo"
covers = "What the demo covers."
instead = "Something else."
written_in = "The demo's page"

[[rule]]
name = "text"
kind = "text"
clause = "demo-clause"
severity = "error"
title = "Demo"
why = "It is one."
remedy = "Something else."
generic = true
paths = ["*.txt"]
skip_paths = ["b.txt"]
keywords = ["demo"]
pattern = 'demo (?P<secret>[0-9]+)'
validators = ["not-placeholder"]
near = { pattern = 'x', lines = 2 }
allow = ['0+']
examples = ["demo 12", { path = "a.txt", text = "demo 34", severity = "note" }]
counterexamples = ["demo", { path = "k.bin", hex = "fe ed" }]

[[rule]]
name = "record"
kind = "record"
clause = "demo-clause"
severity = "warning"
title = "Demo"
why = "It is one."
at_least = 2
kinds = 1
keywords = ["demo"]
fields = [{ keys = ["a", "b"], value = "email", required = true }, { keys = ["c"], pattern = 'x+' }]
examples = ["a", "b"]
counterexamples = ["c", "d"]

[[rule]]
name = "path"
kind = "path"
clause = "demo-clause"
severity = "note"
title = "Demo"
why = "It is one."
globs = ["*.demo"]
contains = 'a'
unless = 'b'
min_bytes = 4
examples = ["a", "b"]
counterexamples = ["c", "d"]

[[rule]]
name = "content"
kind = "content"
clause = "demo-clause"
severity = "error"
title = "Demo"
why = "It is one."
types = ["jks"]
globs = ["*.jks"]
examples = ["a", "b"]
counterexamples = ["c", "d"]

[[rule]]
name = "credential"
kind = "credential"
clause = "demo-clause"
severity = "error"
title = "Demo"
why = "It is one."
value = ["hex:32", "base62:20-40", "uuid", "re:x[0-9]{20}", "generated"]
of = ["demo"]
names = ["secret"]
validators = ["not-placeholder"]
lines = 1
source = "https://demo.example"
examples = ["a", "b"]
counterexamples = ["c", "d"]

[[providers]]
severity = "error"
why = "It is one."
remedy = "Revoke it."
rows = [
  { name = "row", title = "Row", of = ["demo"], value = ["hex:32"], clause = "demo-clause", source = "demo.example" },
]
"""


def rule(kind: str, /, **changes: object) -> Callable[[dict[str, Any]], None]:
    """A change to the rule of this kind; None removes a key."""

    def change(pack: dict[str, Any]) -> None:
        found = next(each for each in pack["rule"] if each["kind"] == kind)
        found.update(changes)
        for key in [key for key, value in found.items() if value is None]:
            del found[key]

    return change


def top(**changes: object) -> Callable[[dict[str, Any]], None]:
    return lambda pack: pack.update(changes)


def row(**changes: object) -> Callable[[dict[str, Any]], None]:
    """A change to the row of the table of providers; None removes a key."""

    def change(pack: dict[str, Any]) -> None:
        ((found,),) = (group["rows"] for group in pack["providers"])
        found.update(changes)
        for key in [key for key, value in found.items() if value is None]:
            del found[key]

    return change


MISTAKES = {
    "an unknown shape": rule("credential", value=["hexx:32"]),
    "a word that can never match": rule("credential", of=["Demo"]),
    "a phrase that can never match": row(names=["app_secret"]),
    "a row without a source": row(source=None),
    "a row without words": row(of=None),
    "a row of a whole rule's keys": row(lines=2),
    "a row of an unknown shape": row(value=["hex"]),
    "a misspelt key": rule("text", patern="x"),
    "a key of another kind": rule("text", at_least=1),
    "an unknown kind": rule("path", kind="paths"),
    "an unknown severity": rule("text", severity="critical"),
    "no why": rule("record", why=None),
    "no examples": rule("content", examples=None),
    "an id as name": rule("text", name="demo.text"),
    "a pattern without a secret": rule("text", pattern="demo [0-9]+"),
    "a word for a list": rule("text", keywords="demo"),
    "an empty glob": rule("path", globs=[""]),
    "a number as text": rule("path", min_bytes="4"),
    "a field of no kind and no pattern": rule("record", fields=[{"keys": ["a"]}]),
    "a field of a kind and a pattern": rule("record", fields=[{"keys": ["a"], "value": "id", "pattern": "x"}]),
    "near without a distance": rule("text", near={"pattern": "x"}),
    "an example with a misspelt key": rule("text", examples=["a", {"txt": "b"}]),
    "an example that is no hexadecimal": rule("text", examples=["a", {"hex": "xyz"}]),
    "an unknown key at the top": top(rules=[]),
    "a name in capitals": top(name="Demo"),
    "a clause without a place": top(clause=[{"id": "a", "title": "b", "covers": "c", "instead": "d"}]),
}
ONLY_THE_SCHEMA = {
    "an unknown validator": rule("text", validators=["lun"]),
    "an unknown kind of value": rule("record", fields=[{"keys": ["a"], "value": "e-mail"}], at_least=1),
    "an unknown content type": rule("content", types=["keystore"]),
    "one example": rule("text", examples=["a"]),
}
"""Mistakes that `rules.read` leaves to the detectors, or to `rules check`."""


def changed(change: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    pack = copy.deepcopy(tomllib.loads(PACK))
    change(pack)
    return pack


def parse(pack: dict[str, Any]) -> Pack:
    content = "".join(f"{key} = {inline(value)}\n" for key, value in pack.items())
    return parse_pack(Path("demo.toml"), content.encode(), DEFAULT_MARKERS)


def inline(value: object) -> str:
    """A value in TOML's inline syntax, which is JSON except for the sign between a key and its value."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {inline(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(inline, value)) + "]"
    return json.dumps(value)


def test_it_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("file", pack_files([shipped_folder()]), ids=lambda file: file.stem)
def test_every_shipped_pack_keeps_to_it(file: Path) -> None:
    pack = tomllib.loads(file.read_text(encoding="utf-8"))
    assert [f"{'/'.join(map(str, error.path))}: {error.message}" for error in VALIDATOR.iter_errors(pack)] == []


def test_a_pack_with_every_key_keeps_to_it_and_is_read() -> None:
    pack = changed(lambda pack: None)
    VALIDATOR.validate(pack)
    added = ["demo.credential", "demo.row"]
    assert [each.id for each in parse(pack).rules] == ["demo.text", "demo.record", "demo.path", "demo.content", *added]
    for each in pack["rule"]:
        assert {*_OF_KIND[each["kind"]]} <= each.keys()
    assert _COMMON.keys() <= {key for each in pack["rule"] for key in each}


@pytest.mark.parametrize("change", MISTAKES.values(), ids=MISTAKES.keys())
def test_schema_and_tool_refuse_alike(change: Callable[[dict[str, Any]], None]) -> None:
    pack = changed(change)
    assert not VALIDATOR.is_valid(pack)
    with pytest.raises(PackError):
        parse(pack)


@pytest.mark.parametrize("change", ONLY_THE_SCHEMA.values(), ids=ONLY_THE_SCHEMA.keys())
def test_the_schema_refuses(change: Callable[[dict[str, Any]], None]) -> None:
    assert not VALIDATOR.is_valid(changed(change))


@pytest.mark.parametrize("kind", KINDS)
def test_the_keys_of_a_rule_are_those_that_are_read(kind: str) -> None:
    shape = SCHEMA["$defs"][kind]
    assert shape["properties"].keys() == _COMMON.keys() | _OF_KIND[kind].keys()
    assert {*shape["required"]} == {"kind", *_REQUIRED, *_REQUIRED_OF_KIND[kind]}
    assert shape["additionalProperties"] is False
