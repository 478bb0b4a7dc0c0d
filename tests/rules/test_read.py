"""Packs: a mistake is reported in one line with its location, and shipped packs find their examples."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support import PACK, Tool, token

from cavra_boundary.cache import Cache
from cavra_boundary.errors import PackError
from cavra_boundary.policy.options import DEFAULT_MARKERS
from cavra_boundary.policy.pack_check import check
from cavra_boundary.rules.combine import combine
from cavra_boundary.rules.files import pack_files, shipped_folder
from cavra_boundary.rules.load import load_packs
from cavra_boundary.rules.read import parse_pack, read_pack
from cavra_boundary.rules.samples import expand

if TYPE_CHECKING:
    from cavra_boundary.rules.model import Pack

ROOT = Path(__file__).parents[2]
SHIPPED = pack_files([shipped_folder()])


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


MISTAKES = {
    "not TOML": ('name = "demo"', "name = ", "not TOML"),
    "unknown key": ('severity = "error"', 'severety = "error"', "unknown key 'severety' (did you mean 'severity'?)"),
    "unknown kind": ('kind = "record"', 'kind = "recrd"', "unknown kind 'recrd' (did you mean 'record'?)"),
    "unknown clause": ('"customer-record"', '"customer-recrd"', "unknown clause 'customer-recrd' (did you mean"),
    "unknown severity": (
        'severity = "warning"',
        'severity = "warn"',
        "unknown severity 'warn' (did you mean 'warning'?)",
    ),
    "unknown value": ('value = "phone"', 'value = "phon"', "unknown kind of value 'phon' (did you mean 'phone'?)"),
    "missing key": ('why = "It opens the demo."\n', "", "why is missing"),
    "wrong type": ("at_least = 3", 'at_least = "3"', "at_least is not a number"),
    "a boolean is no number": ("at_least = 3", "at_least = true", "at_least is not a number"),
    "at_least too high": ("at_least = 3", "at_least = 5", "at_least = 5 can never be met"),
    "no secret group": ("(?P<secret>[0-9]{9})", "([0-9]{9})", "pattern has no group named secret"),
    "bad pattern": ("(?P<secret>[0-9]{9})", "(?P<secret>[0-9{9})", "pattern does not compile"),
    "not ASCII": ("demopin (?P<secret>", "démopin (?P<secret>", "pattern is not ASCII"),
    "PCRE differs": ("[0-9]{9})", "[0-9]{,9})", "pattern has {,n}"),
    "bad glob": ('globs = ["*.demokey"]', 'globs = ["!*.demokey"]', "is not a pattern that includes files"),
    "no string": ('globs = ["*.demokey"]', "globs = [7]", "7 is not a string"),
    "field without value": ('value = "phone"', "required = true", "a field needs either `value` or `pattern`"),
    "bad name": ('name = "pin"', 'name = "My Pin"', "'My Pin' is not a valid name"),
    "same name twice": ('name = "pin"', 'name = "token"', "'demo.token' is defined twice"),
    "unknown marker": ("demopin (?P", "demopin«enterprise.package» (?P", "unknown marker «enterprise.package»"),
    "unknown validator": ("[0-9]{9})'", "[0-9]{9})'\nvalidators = ['luhnn']", "unknown validator 'luhnn'"),
    "bad example": ('"a demopin «digits:9»"', "7", "examples 2 is neither a string nor a table"),
    "bad hex": ('text = "x" }, {', 'hex = "zz" }, {', "examples 1 is broken"),
    "near what": ("[0-9]{9})'", "[0-9]{9})'\nnear = { pattern = 'x' }", "`near` needs either `lines` or `bytes`"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_one_line_with_its_place(tool: Tool, mistake: str) -> None:
    written, instead, said = MISTAKES[mistake]
    assert written in PACK
    pack = tool.write("mine.toml", PACK.replace(written, instead, 1))
    tool.write("a.txt", token("a"))
    for got in (tool.run("scan", "--pack", "mine.toml"), tool.run("rules", "check", str(pack))):
        assert (got.code, got.out, got.err.count("\n")) == (2, "", 1)
        assert said in got.err
        assert "mine.toml" in got.err or "rule demo." in got.err


@pytest.mark.parametrize(
    "mistake", ["unknown key", "unknown kind", "unknown clause", "unknown severity", "bad pattern"]
)
def test_the_line_is_the_mistakes_own(tmp_path: Path, mistake: str) -> None:
    written, instead, _ = MISTAKES[mistake]
    text = PACK.replace(written, instead, 1)
    pack = tmp_path / "mine.toml"
    pack.write_text(text, encoding="utf-8")
    with pytest.raises(PackError) as caught:
        load_packs([pack], DEFAULT_MARKERS, Cache(None))
    file, _, line = caught.value.where.rpartition(":")
    assert file == str(pack)
    rule_starts = line_of(PACK, written) - PACK[: PACK.index(written)].rpartition("[[rule]]")[2].count("\n")
    assert int(line) in (line_of(PACK, written), rule_starts)


@pytest.mark.parametrize(
    "content", [b"\xff\xfe", b"", b"x" * 100, b"name = 'a'", b"[" * 5000, b"a." * 5000 + b"b = 1", b"\0", b"rule = 7"]
)
def test_what_is_no_pack_is_refused(tool: Tool, content: bytes) -> None:
    tool.write("mine.toml", content)
    got = tool.run("scan", "--pack", "mine.toml")
    assert (got.code, got.out, got.err.count("\n")) == (2, "", 1)
    assert "mine.toml" in got.err


@given(st.data())
@example(None)
def test_a_broken_pack_gives_a_pack_error_or_a_pack(data: st.DataObject | None) -> None:
    """Untrusted input: text cut off, doubled or replaced anywhere."""
    text = PACK
    if data:
        start, end = sorted((data.draw(st.integers(0, len(text))), data.draw(st.integers(0, len(text)))))
        piece = data.draw(
            st.sampled_from(["", "[", "]]", '"', "'", "=", "7", "true", "{}", "\n[[rule]]\n", "«", "\\", "(?"])
        )
        text = text[:start] + piece + text[min(end, start + 40) :]
    try:
        got = parse_pack(Path("mine.toml"), text.encode(), DEFAULT_MARKERS)
    except PackError as error:
        assert error.where.startswith("mine.toml")
        assert "\n" not in error.what
    else:
        assert got.source == Path("mine.toml")


def test_two_packs_of_one_name(tool: Tool) -> None:
    tool.write("packs/one.toml", PACK)
    tool.write("packs/two.toml", PACK)
    got = tool.run("scan", "--pack", "packs")
    assert (got.code, got.err.count("\n")) == (2, 1)
    assert "a pack named 'demo' is also at packs/one.toml" in got.err


def test_one_pack_named_twice_is_one_pack(tool: Tool) -> None:
    tool.write("packs/one.toml", PACK)
    tool.write("a.txt", token("a"))
    got = tool.run("scan", "--format", "json", "--pack", "packs", "--pack", "packs/one.toml", "a.txt")
    assert len(got.findings()) == 1


def test_a_pack_may_bring_its_own_clause(tool: Tool) -> None:
    clause = """
[[clause]]
id = "demo-clause"
title = "Demo"
covers = "Demos."
instead = "Do not."
written_in = "Here."
"""
    tool.write("mine.toml", PACK.replace('"registry-token"', '"demo-clause"') + clause)
    tool.write("a.txt", token("a"))
    got = tool.run("scan", "--format", "json", "--pack", "mine.toml", "a.txt")
    assert [(finding["clause"], finding["remedy"]) for finding in got.findings()] == [("demo-clause", "Do not.")]


def test_a_rule_without_a_value_for_its_marker_is_off() -> None:
    text = PACK.replace("demopin (?P<secret>", "«enterprise.packages» (?P<secret>").replace('["demopin"]', "[]")
    on, off = (
        parse_pack(Path("mine.toml"), text.encode(), DEFAULT_MARKERS | {"packages": names})
        for names in (("a+", "b"), ())
    )
    assert {rule.id for rule in on.rules} - {rule.id for rule in off.rules} == {"demo.pin"}
    (rule,) = (rule for rule in on.rules if rule.id == "demo.pin")
    assert "(?:a\\+|b) " in rule.pattern


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_shipped_packs_keep_to_the_schema(file: Path) -> None:
    schema = ROOT / "docs/schemas/pack.schema.json"
    if not schema.exists():
        pytest.skip("docs/schemas/pack.schema.json is not written yet")
    from jsonschema import Draft202012Validator

    Draft202012Validator(json.loads(schema.read_text(encoding="utf-8"))).validate(
        tomllib.loads(file.read_text("utf-8"))
    )


@pytest.mark.parametrize("name", [file.stem for file in SHIPPED])
def test_a_shipped_pack_holds_what_it_promises(name: str) -> None:
    """Every example and counterexample of every rule, with the prefilter and without."""
    shipped = [read_pack(file, DEFAULT_MARKERS) for file in SHIPPED]
    (checked,) = (pack for pack in shipped if pack.name == name)
    assert list(check([checked], combine(shipped, "check"))) == []


TOKENS = """
name = "demo"
title = "Rules of the tests"

[[tokens]]
clause = "tenant-secret"
severity = "error"
why = "It opens the demo."
rows = [
  { name = "plain", title = "Plain token", form = "demotok_(live|test)_«base62:24-30»" },
  { name = "padded", title = "Padded token", form = ["dmo_«base64:40»(=|)", "dmx_«uuid»"], severity = "warning" },
  { name = "near", title = "Token beside its name", form = "dq-«hex:20»", near = ["demonear"] },
]
"""


def tokens_pack(text: str) -> Pack:
    return parse_pack(Path("pack.toml"), text.encode(), DEFAULT_MARKERS)


def test_rows_of_tokens_are_rules_that_find_their_own_examples() -> None:
    pack = tokens_pack(TOKENS)
    rules = combine([read_pack(shipped_folder() / "boundary.toml", DEFAULT_MARKERS), pack], "tokens")
    assert [(rule.id, rule.severity.label) for rule in pack.rules] == [
        ("demo.plain", "error"),
        ("demo.padded", "warning"),
        ("demo.near", "error"),
    ]
    assert [problem.message for problem in check([pack], rules)] == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("demotok_live_{b62:24}", ["demo.plain"]),
        ("-demotok_live_{b62:30}.", ["demo.plain"]),
        ("demotok_live_{b62:31}", []),
        ("xdemotok_live_{b62:24}", ["demo.plain"]),  # proves itself
        ("xdemotok_live_aaaaaaaabbbbbbbbccccccccd", []),
        ("demotok_live_{b62:24}-more", []),
        ("demotok_live_xxxxxxxxxxxxxxxxxxxxxxxx", []),
        ("dmo_{b62:40}=", ["demo.padded"]),
        ("other-dmo_{b62:40}=", ["demo.padded"]),
        ("key=dq-{hex:20}", []),
        ("demonear key=dq-{hex:20}", ["demo.near"]),
    ],
)
def test_a_form_has_borders(tool: Tool, text: str, found: list[str]) -> None:
    made = expand(text.replace("{b62:", "«base62:").replace("{hex:", "«hex:").replace("}", "»"), "borders")
    tool.pack.write_text(TOKENS)
    tool.write("notes.txt", made + "\n")
    assert [finding["rule"] for finding in tool.scan("notes.txt").findings()] == found


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ("demotok_«base99:24»", "no such mark"),
        ("demotok_«base62»", "no such mark"),
        ("«base62:24»", "has no text to look for"),
        ("demotok_«base62:24", "is broken at"),
        ("x(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)_«hex:20»", "more than 64 alternatives"),
    ],
)
def test_a_broken_form_is_reported_with_its_line(form: str, message: str) -> None:
    text = TOKENS.replace("dq-«hex:20»", form).replace(', near = ["demonear"]', "")
    with pytest.raises(PackError, match=message) as raised:
        tokens_pack(text)
    assert f":{line_of(TOKENS, 'dq-')}" in str(raised.value)
