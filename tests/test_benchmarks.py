"""The benchmarks measure what they say: cases are right and the same everywhere, and findings count where they are."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import pytest

from benchmarks import falsealarms, packs, recall
from benchmarks.made import cases, contexts, names, providers, quiet, tokens, values
from benchmarks.tools import Hit
from cavra_boundary.rules.files import shipped_folder
from cavra_boundary.rules.samples import Dice

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

EVERY = (*contexts.TOKENS, *contexts.LOGINS, *tokens.PLACES)


def _strings(table: Any, key: str) -> Iterator[str]:
    """All strings below a key, at any depth."""
    if isinstance(table, dict):
        for name, value in table.items():
            if name == key and isinstance(value, list):
                yield from value
            else:
                yield from _strings(value, key)
    elif isinstance(table, list):
        for each in table:
            yield from _strings(each, key)


def test_no_rule_refers_to_an_owner() -> None:
    """Otherwise the benchmark would measure names that the rules were written for."""
    for file in shipped_folder().glob("*.toml"):
        text = file.read_text()
        listed = {word for key in ("of", "names", "keywords") for word in _strings(tomllib.loads(text), key)}
        words = {re.sub(r"[\W_]", "", word.casefold()) for word in listed} - {""}
        for company in names.COMPANIES:
            assert company.casefold() not in text.casefold(), file.name
        for service in names.SERVICES:
            assert not [word for word in words if word == service or (len(word) > 3 and word in service)], service


def test_a_seed_makes_the_same_cases_everywhere() -> None:
    once = cases.cases("a", 1, shipped_folder())
    assert once == cases.cases("a", 1, shipped_folder())
    assert once != cases.cases("b", 1, shipped_folder())
    assert {case.part for case in once} >= {"unknown", "passwords", "tokens", "records", "near misses", "clean"}


@pytest.mark.parametrize("context", EVERY, ids=lambda context: f"{context.group}: {context.name}")
def test_the_value_stands_where_the_case_says(context: contexts.Context) -> None:
    for turn in range(4):
        dice = Dice(f"{context.name} {turn}")
        name = names.draw(dice, names.SECRETS, ascii_only=not context.any_name)
        _, value = values.draw(dice, values.SHAPES, context.unsafe)
        written = contexts.write(context, name, value, f"{turn}")
        assert "«" not in written.text + written.path
        lines = "\n".join(written.text.split("\n")[written.first - 1 : written.last])
        forms = re.findall(r"«value(?::(\w+))?»", context.text)
        assert forms
        assert any(contexts.FORMS[form](value) in lines for form in forms)
        if written.path.endswith((".json", ".har", ".ipynb")):
            document = json.loads(written.text)
            for _ in range(4):  # what is a string within a string
                if isinstance(document, dict) and isinstance(document.get("payload"), str):
                    document = json.loads(document["payload"])
            assert document
        if written.path.endswith(".xml") and ":" not in context.text.partition("«")[0]:  # no namespaces
            ElementTree.fromstring(written.text)


def test_names_are_spelled_in_the_usual_ways() -> None:
    name = names.Name(("parcel", "sync"), names.Noun(("api", "key"), "key"))
    spellings = names.spelled(name)
    assert spellings["camel"] == "parcelSyncApiKey"
    assert spellings["SCREAM"] == "PARCEL_SYNC_API_KEY"
    assert spellings["Train"] == "Parcel-Sync-Api-Key"
    assert (spellings["owner.kebab"], spellings["noun.snake"]) == ("parcel-sync", "api_key")


def test_what_is_quiet_has_no_value_that_is_secret() -> None:
    """Its texts are complete without one: all marks in them are of names and made-up values."""
    name = names.draw(Dice("x"), names.SECRETS, ascii_only=True)
    for text in (*quiet.EXPRESSIONS, *quiet.FILES, *quiet.CLEAN):
        assert "«value" not in text.text
        assert "«" not in contexts.fill(text.text, name, "x")


def _case(part: str, first: int, last: int) -> cases.Case:
    return cases.Case(part, "code: x", "key", "hex", contexts.Written("a.py", "x\n", first, last))


def test_findings_count_near_the_secret_only() -> None:
    made = [_case("unknown", 10, 10), _case("unknown", 10, 10), _case("clean", 1, 1)]
    made.append(_case("known", 1, 4)._replace(rules=frozenset({"providers.acme"})))
    found = [
        Hit("credentials.any", "n00000/a.py", 8, "warning"),
        Hit("credentials.any", "/tmp/n00001/a.py", 20, "error"),  # too far away
        Hit("credentials.any", "n00002/a.py", 1, "note"),
        Hit("providers.acme", "n00003/a.py", 2, "error"),
        Hit("providers.bolt", "n00000/a.py", 9, "warning"),  # says what it is not
        Hit("credentials.any", "n00003/a.py", 2, "warning"),
        Hit("credentials.any", "elsewhere/a.py", 1, "error"),
    ]
    done = recall.outcome(made, found, frozenset({"credentials.any"}))
    assert done.severity == {0: "warning", 3: "error"}
    assert done.named == {3}
    rows = list(recall.summary(made, {"ours": done}))
    assert "| unknown | 2 | 50.0 % | 0.0 % |" in rows
    assert "| known | 1 | 100.0 % | 100.0 % |" in rows
    assert "| clean | 1 | 0.0 % |  |" in rows


PROVIDERS = """
name = "providers"

[[providers]]
severity = "error"
rows = [
  { name = "acme-key", of = ["acme"], value = ["hex:32"] },
  { name = "bolt-key", of = ["bolt"], names = ["key"], value = ["uuid"] },
]
"""


def test_a_tenth_of_the_providers_can_be_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(providers, "is_left_out", lambda provider: provider == "bolt")
    source = tmp_path / "source"
    source.mkdir()
    (source / "providers.toml").write_text(PROVIDERS)
    (source / "other.toml").write_text('name = "other"\n')
    fewer = providers.without_a_tenth(source, tmp_path)
    assert [row.row for row in providers.rows(fewer)] == ["acme-key"]
    assert (fewer / "other.toml").exists()


def test_a_row_on_two_lines_is_not_left_in_silently(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(providers, "is_left_out", lambda provider: True)
    source = tmp_path / "source"
    source.mkdir()
    (source / "providers.toml").write_text(PROVIDERS.replace('of = ["acme"]', 'of = [\n"acme"]'))
    with pytest.raises(SystemExit):
        providers.without_a_tenth(source, tmp_path)


def test_about_a_tenth_is_left_out_and_always_the_same() -> None:
    chosen = [provider for provider in map(str, range(1000)) if providers.is_left_out(provider)]
    assert 60 < len(chosen) < 140
    assert chosen == [provider for provider in map(str, range(1000)) if providers.is_left_out(provider)]


def test_earlier_packs_are_read_without_what_is_gone() -> None:
    kept, gone = 'validators = ["not-placeholder", "long-gone"]', 'validators = [\n  "gone-too",\n]'
    pack = f'name = "old"\n{kept}\n\n{gone}\npattern = "x"\n'
    read = packs.readable(pack)
    assert tomllib.loads(read) == {"name": "old", "validators": ["not-placeholder"], "pattern": "x"}


def test_generic_rules_are_those_that_say_so(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text('name = "a"\n[[rule]]\nname = "any"\ngeneric = true\n[[rule]]\nname = "acme"\n')
    assert packs.generic_rules(tmp_path) == {"a.any"}


def test_false_alarms_are_counted_by_severity(tmp_path: Path) -> None:
    found = {
        Hit("p.key", "a.py", 1, "error"),
        Hit("p.key", "b.py", 1, "error"),
        Hit("p.key", "b.py", 2, "error"),
        Hit("p.word", "c.py", 5, "warning"),
        Hit("p.word", "d.py", 6, "warning"),
        Hit("p.note", "d.py", 7, "note"),
    }
    known = {("p.key", "a.py"): "true", ("p.key", "b.py"): "false", ("p.word", "c.py"): "synthetic"}
    lines = falsealarms.judged(found, known, 100e6)
    assert "\nerrors: 2 false, 1 true; 1.00 false or unjudged in 50 MB" in lines
    assert "\nwarnings: 1 synthetic, 1 unjudged; 0.05 false or unjudged in 5 MB" in lines
    assert "| false | p.key | b.py | 2 |" in lines
    assert "\nunjudged: 1" in lines
    assert "  warning p.word d.py:6" in lines
    assert not [line for line in lines if "p.note" in line]
    (tmp_path / "d.py").write_text("\n" * 5 + "  word = 6\n")
    assert "      word = 6" in falsealarms.judged(found, known, 100e6, tmp_path)


@pytest.mark.slow
def test_recall_is_measured_and_clean_files_stay_clean() -> None:
    command = [sys.executable, "-m", "benchmarks.recall", "--each=1", "--missed=1"]
    done = subprocess.run(command, cwd=packs.ROOT, check=True, capture_output=True, text=True)
    rows = re.findall(r"^\| ([a-z ]+) \| [\d,]+ \| ([\d.]+) % \|", done.stdout, re.MULTILINE)
    shares = {part: float(share) for part, share in rows[:8]}
    assert {"unknown", "passwords", "tokens", "records", "near misses", "clean"} <= set(shares)
    assert shares["records"] == 100
    assert shares["clean"] <= 2  # at most, as for what others wrote
    assert shares["near misses"] <= 12
    assert "--- unknown" in done.stdout or shares["unknown"] == 100
