"""What counts as weaker, one difference at a time, and that no policy is weaker than itself."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cavra_boundary.cache import Cache
from cavra_boundary.model import Severity
from cavra_boundary.policy.config import NAME
from cavra_boundary.policy.effective import Policy, of_folder
from cavra_boundary.policy.options import DEFAULT_MARKERS, WEAKENING
from cavra_boundary.policy.weakening import Weakness, to_findings, weaknesses
from cavra_boundary.rules.kinds import PolicyRule
from cavra_boundary.rules.load import load_packs
from cavra_boundary.triage import Policy as TriagePolicy

if TYPE_CHECKING:
    from pathlib import Path

_BASE = """
exclude = ["vendor/", "!vendor/ours/"]
skip-rules = ["billing-records.invoice"]
fail-on = "warning"
[severity]
license-key = "warning"
[enterprise]
packages = ["acme_enterprise"]
hooks = ["hook.py"]
[evidence]
globs = ["evidence/"]
[[allow]]
rule = "registry-tokens.npm-access-token"
path = "docs/"
reason = "made up"
expires = 2030-06-30
"""


def policy(folder: Path, text: str, base: Policy | None = None, **files: str) -> Policy:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in {NAME: text, **files}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    markers = base.settings.enterprise if base else None
    return of_folder(folder, {}, Cache.of_user(), tracked=[NAME, *files], markers=markers)


def found(tmp_path: Path, before: str, after: str, **files: str) -> list[Weakness]:
    base = policy(tmp_path / "base", before)
    return list(weaknesses(base, policy(tmp_path / "now", after, base, **files)))


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        ('"vendor/", ', '"vendor/", "src/", ', "exclude-added"),
        (', "!vendor/ours/"', "", "exclude-added"),
        ('["vendor/", "!vendor/ours/"]', '["!vendor/ours/", "vendor/"]', "exclude-added"),
        ('["billing-records.invoice"]', '["billing-records.invoice", "registry-tokens.npmrc-auth"]', "rule-weakened"),
        ('fail-on = "warning"', 'fail-on = "error"', "fail-on-raised"),
        ('license-key = "warning"', 'license-key = "note"', "severity-lowered"),
        ('packages = ["acme_enterprise"]', "packages = []", "marker-removed"),
        ('hooks = ["hook.py"]', 'hooks = ["hook.py", "*.py"]', "marker-removed"),
        ('globs = ["evidence/"]', "globs = []", "evidence-loosened"),
        ('globs = ["evidence/"]', 'globs = ["evidence/"]\nhosts = ["acme.test"]', "evidence-loosened"),
        ("expires = 2030-06-30", "expires = 2030-07-01", "allow-added"),
        ("expires = 2030-06-30", "", "allow-added"),
        ('path = "docs/"', 'path = "src/"', "allow-added"),
    ],
)
def test_each_difference_that_lets_more_through(tmp_path: Path, old: str, new: str, kind: str) -> None:
    assert old in _BASE
    weaker = found(tmp_path, _BASE, _BASE.replace(old, new))
    assert {weakness.kind for weakness in weaker} == {kind}
    assert {weakness.path for weakness in weaker} == {NAME}
    backwards = found(tmp_path / "back", _BASE.replace(old, new), _BASE)
    both_ways = {"exclude-added", "allow-added"}  # another order, another path: each lets through what the other stops
    assert not backwards or kind in both_ways


def test_it_points_at_the_line(tmp_path: Path) -> None:
    (weakness,) = found(tmp_path, "", 'fail-on = "note"\nexclude = [\n  "src/",\n]\n')
    assert (weakness.line, "src/ is no longer scanned" in weakness.what) == (3, True)


def test_a_pack_that_is_gone_or_looks_for_something_else(tmp_path: Path, pack: Path) -> None:
    text = pack.read_text()
    with_pack = 'packs = ["demo.toml"]\n'
    base = policy(tmp_path / "base", with_pack, **{"demo.toml": text})
    gone = policy(tmp_path / "gone", "")
    changed = policy(tmp_path / "changed", with_pack, **{"demo.toml": text.replace("{24}", "{25}")})
    lowered = policy(tmp_path / "lowered", with_pack, **{"demo.toml": text.replace('"error"', '"note"')})
    assert {weakness.kind for weakness in weaknesses(base, gone)} == {"rule-weakened"}
    assert len(list(weaknesses(base, gone))) == 5
    assert [weakness.what for weakness in weaknesses(base, changed)] == ["demo.token looks for something else"]
    assert {weakness.kind for weakness in weaknesses(base, lowered)} == {"severity-lowered"}


def test_other_words_make_no_rule_weaker(tmp_path: Path, pack: Path) -> None:
    with_pack = 'packs = ["demo.toml"]\n'
    base = policy(tmp_path / "base", with_pack, **{"demo.toml": pack.read_text()})
    said = pack.read_text().replace('why = "', 'why = "Now clearer: ').replace('title = "', 'title = "Better: ')
    assert list(weaknesses(base, policy(tmp_path / "now", with_pack, **{"demo.toml": said}))) == []


_SHADOW = """\
name = "shadow"
title = "Shadow"
[[rule]]
name = "any"
kind = "text"
clause = "tenant-secret"
severity = "SEVERITY"
title = "Anything"
why = "Generic rules give way to it."
pattern = '(?P<secret>[a-z]{8,80})'
examples = []
counterexamples = []
"""


@pytest.mark.parametrize(
    ("severity", "more", "weaker"),
    [
        ("note", "", True),
        ("error", "", False),
        ("error", '[severity]\n"shadow.any" = "note"', True),
        ("note", 'skip-rules = ["shadow.any"]', False),
    ],
)
def test_a_new_rule_before_which_graver_ones_give_way(tmp_path: Path, severity: str, more: str, weaker: bool) -> None:
    base = policy(tmp_path / "base", "")
    shadow = _SHADOW.replace("SEVERITY", severity)
    now = policy(tmp_path / "now", f'packs = ["shadow.toml"]\n{more}', base, **{"shadow.toml": shadow})
    assert [weakness.kind for weakness in weaknesses(base, now)] == ["rule-weakened"] * weaker


def test_attributes_that_hide_files(tmp_path: Path) -> None:
    weaker = found(
        tmp_path, "", "", **{".gitattributes": "* text=auto\nkeys/* binary\n", "docs/.gitattributes": "*.md -diff"}
    )
    assert [(weakness.kind, weakness.path, weakness.line) for weakness in weaker] == [
        ("attributes-hide", ".gitattributes", 2),
        ("attributes-hide", "docs/.gitattributes", 1),
    ]


def test_attributes_that_no_longer_take_back_what_hides_files(tmp_path: Path) -> None:
    hiding = "* linguist-generated\n"
    before = {".gitattributes": hiding, "src/.gitattributes": "*.py -linguist-generated\n*.md diff\n"}
    base = policy(tmp_path / "base", "", **before)
    assert list(weaknesses(base, base)) == []
    now = policy(tmp_path / "now", "", base, **{".gitattributes": hiding, "src/.gitattributes": "*.md diff\n"})
    (weakness,) = weaknesses(base, now)
    assert (weakness.path, weakness.what.split(",")[0]) == (
        "src/.gitattributes",
        "*.py no longer has -linguist-generated",
    )
    nothing_hidden = policy(tmp_path / "plain", "", base, **{".gitattributes": "* text=auto\n"})
    assert list(weaknesses(base, nothing_hidden)) == []


def test_a_configuration_that_is_deleted(tmp_path: Path) -> None:
    base = policy(tmp_path / "base", '[severity]\ndashboard-url = "error"\n')
    (tmp_path / "now").mkdir()
    now = of_folder(tmp_path / "now", {}, Cache.of_user(), tracked=())
    assert {weakness.kind for weakness in weaknesses(base, now)} == {"severity-lowered"}


_parts = st.lists(
    st.sampled_from(
        [
            'exclude = ["a/"]',
            'skip-rules = ["billing-records.invoice"]',
            'fail-on = "error"',
            'severity = { license-key = "note" }',
            'enterprise = { packages = ["acme"] }',
            "evidence = { globs = [] }",
            'allow = [{ rule = "registry-tokens.npm-access-token", path = "d/", reason = "r" }]',
        ]
    ),
    unique=True,
)


@settings(max_examples=25)
@given(_parts, st.randoms(use_true_random=False))
def test_nothing_is_weaker_than_itself_whatever_the_order(
    tmp_path_factory: pytest.TempPathFactory, parts: list[str], random: object
) -> None:
    tmp_path = tmp_path_factory.mktemp("same")
    shuffled = list(parts)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert found(tmp_path, "\n".join(parts), "\n".join(shuffled)) == []


def test_fingerprints_outlive_other_words(tmp_path: Path) -> None:
    """They name what was weakened: the kind, the file and the subject, not the message."""
    changed = _BASE.replace('"vendor/", ', '"vendor/", "src/", ').replace('path = "docs/"', 'path = "src/"')
    changed = changed.replace('fail-on = "warning"', 'fail-on = "error"')
    triaged = triage_policy()
    weaker = found(tmp_path, _BASE, changed)
    names = [each.fingerprint for each in to_findings(weaker, triaged)]
    reworded = [each._replace(what="said otherwise", line=each.line + 7) for each in weaker]
    assert [each.fingerprint for each in to_findings(reworded, triaged)] == names
    assert len(set(names)) == len(names) == 3
    for field, value in (("subject", "another"), ("path", "elsewhere")):
        others = [each._replace(**{field: value}) for each in weaker]
        assert not set(names) & {each.fingerprint for each in to_findings(others, triaged)}


def test_every_kind_of_weakness_can_be_named_in_the_table() -> None:
    rules = load_packs([], DEFAULT_MARKERS, Cache.of_user()).rules
    kinds = {rule.id.partition(".")[2] for rule in rules if isinstance(rule, PolicyRule)}
    assert {option.key for option in WEAKENING} == kinds


def test_a_table_that_lets_more_pass(tmp_path: Path) -> None:
    table = '[weakening]\nallow-added = "warn"\nexclude-added = "fail"\n'
    (weakness,) = found(tmp_path, "", table)
    assert (weakness.kind, weakness.line, weakness.subject) == ("weakening-loosened", 2, "allow-added")
    assert found(tmp_path / "back", table, "") == []


@pytest.mark.parametrize("fail_on", list(Severity))
def test_what_weakens_fails_unless_it_is_a_note(tmp_path: Path, fail_on: Severity) -> None:
    allow = '[[allow]]\nrule = "registry-tokens.npm-access-token"\npath = "d/"\nreason = "r"\n'
    weaker = found(tmp_path, "", f'exclude = ["a"]\n{allow}')
    triaged = triage_policy()
    assert [each.fails(fail_on) for each in to_findings(weaker, triaged)] == [True, True]
    warned = {each.rule: each.fails(fail_on) for each in to_findings(weaker, triaged, {"allow-added"})}
    assert warned == {"policy.exclude-added": True, "policy.allow-added": False}
    assert not any(each.fails(fail_on) for each in to_findings(weaker, triaged, approved="a" * 40))


def triage_policy() -> TriagePolicy:
    rules = {rule.id: rule for rule in load_packs([], DEFAULT_MARKERS, Cache.of_user()).rules}
    return TriagePolicy(rules=rules, selected=frozenset(rules), severity={}, allows=(), config="", today=date.max)
