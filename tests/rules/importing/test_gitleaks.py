"""A gitleaks configuration becomes a pack that loads and finds secrets, with a list of what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cavra_boundary.errors import PackError
from cavra_boundary.policy.options import DEFAULT_MARKERS
from cavra_boundary.rules.importing.gitleaks import convert
from cavra_boundary.rules.read import parse_pack
from cavra_boundary.rules.samples import expand

if TYPE_CHECKING:
    from pathlib import Path

    from support import Repo

    from cavra_boundary.model import Rule
    from cavra_boundary.rules.importing.gitleaks import Imported

_CONFIG = r"""
title = "Acme's rules"

[extend]
useDefault = true

[[rules]]
id = "acme-token"
description = "Acme token"
regex = '''(?i)acme_token\s*=\s*['"]([a-z0-9]{16})['"]'''
entropy = 3
keywords = ["acme_token"]
tags = ["acme"]

  [[rules.allowlists]]
  stopwords = ["example"]
  regexes = ["^0{16}$"]
  paths = ['''(^|/)fixtures/''', '''\.(?:md|rst)$''']

[[rules]]
id = "Acme Key File"
path = '''\.acmekey$'''

[[rules]]
id = "acme-token"
regex = "two(a)(b)"
secretGroup = 2
path = '''^deploy\.ya?ml$'''

[[rules]]
id = "letters"
regex = '''\pL{3}'''

[[rules.allowlists]]
commits = ["abc"]

[[allowlists]]
regexTarget = "line"
regexes = ["nothing"]
"""


@pytest.fixture
def imported(tmp_path: Path) -> Imported:
    return convert(config(tmp_path, _CONFIG), name="acme", clause="tenant-secret", severity="error")


def config(folder: Path, text: str) -> Path:
    file = folder / ".gitleaks.toml"
    file.write_text(text)
    return file


def rules(text: str, folder: Path) -> dict[str, Rule]:
    return {rule.id: rule for rule in parse_pack(folder / "p.toml", text.encode(), DEFAULT_MARKERS).rules}


def test_rules_are_carried_over(imported: Imported, tmp_path: Path) -> None:
    found = rules(imported.text, tmp_path)
    assert list(found) == ["acme.acme-token", "acme.acme-key-file", "acme.acme-token-2"]
    token = found["acme.acme-token"]
    assert token.title == "Acme token"
    assert token.severity.label == "error"
    assert token.keywords == ("acme_token",)
    assert token.validators == ("generated",)
    assert token.skip_paths.patterns == ("fixtures/", "*.md", "*.rst")
    assert found["acme.acme-key-file"].globs.patterns == ("*.acmekey",)
    assert "(?P<secret>b)" in found["acme.acme-token-2"].pattern


def test_what_is_missing_is_listed_with_its_line_and_written_down(imported: Imported) -> None:
    lines = _CONFIG.splitlines()
    listed = {(lines[each.line - 1].strip().partition(" ")[0], each.rule) for each in imported.left_out}
    assert listed == {
        ("[extend]", ""),
        ("path", "acme-token"),
        ("regex", "letters"),
        ("regexTarget", ""),
    }
    assert all(f"# Left out, line {each.line}: " in imported.text for each in imported.left_out)


def test_the_pack_finds_what_gitleaks_would(repo: Repo, imported: Imported) -> None:
    repo.write("acme.toml", imported.text)
    repo.write(".cavra-boundary.toml", 'packs = ["acme.toml"]\n')
    value = expand("«base36:16»", "acme")
    for path, content in {
        "a.py": f"ACME_TOKEN = '{value}'",
        "b.py": "acme_token = '0000000000000000'",
        "c.py": "acme_token = 'q7example9r0t1y2'",
        "d.py": "acme_token = 'aaaaaaaabbbbbbbb'",
        "docs/e.md": f"acme_token = '{value}'",
        "fixtures/f.py": f"acme_token = '{value}'",
        "g.acmekey": "x",
    }.items():
        repo.write(path, content)
    report = repo.run("scan", "--format", "json", "--exclude", "acme.toml").findings("acme.")
    assert [(each["rule"], each["path"], each["column"]) for each in report] == [
        ("acme.acme-token", "a.py", 15),
        ("acme.acme-key-file", "g.acmekey", 1),
    ]


def test_the_command(repo: Repo) -> None:
    source = config(repo.folder, _CONFIG)
    result = repo.run("packs", "import", str(source), "--output", "acme.toml", "--name", "acme")
    assert result.code == 1, result.err
    line = next(number for number, text in enumerate(_CONFIG.splitlines(), 1) if "deploy" in text)
    assert f".gitleaks.toml:{line}: left out: acme-token: its path filter" in result.err
    assert "3 rules imported" in result.err
    assert repo.run("scan", "--pack", "acme.toml").code == 0
    whole = config(repo.folder, '[[rules]]\nid = "a"\nregex = "abc[0-9]+"\n')
    assert repo.run("packs", "import", str(whole)).code == 0


@pytest.mark.parametrize("text", ["", "rules = 1", "[[rule]]\nid = 'x'", "nonsense"])
def test_what_is_no_configuration_of_gitleaks(tmp_path: Path, text: str) -> None:
    with pytest.raises(PackError):
        convert(config(tmp_path, text), name="a", clause="tenant-secret", severity="error")


def test_hostile_words_stay_words(tmp_path: Path) -> None:
    text = '[[rules]]\nid = "a\\n[[rule]]"\ndescription = "x\\u0007\\"\\nname = 1"\nregex = "abc\'[0-9]"\n'
    imported = convert(config(tmp_path, text), name="a", clause="tenant-secret", severity="error")
    (rule,) = rules(imported.text, tmp_path).values()
    assert rule.id == "a.a-rule"
