"""The rules of a scan: found where the tool is installed, and the same from the cache."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support import PACK

import cavra_boundary
from cavra_boundary.cache import Cache
from cavra_boundary.policy.options import DEFAULT_MARKERS
from cavra_boundary.rules.files import shipped_folder
from cavra_boundary.rules.load import load_packs

ROOT = Path(__file__).parents[2]


def test_the_cache_gives_the_same_rules(tmp_path: Path, pack: Path) -> None:
    cache = Cache(tmp_path / "cache")
    fresh = load_packs([pack], DEFAULT_MARKERS, Cache(None))
    assert load_packs([pack], DEFAULT_MARKERS, cache) == fresh
    assert [*(tmp_path / "cache").iterdir()]
    assert load_packs([pack], DEFAULT_MARKERS, cache) == fresh


def test_every_byte_of_a_pack_is_in_the_digest(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    digests = set()
    for text in (PACK, PACK + "\n", PACK.replace("Demo pin", "Demo Pin")):
        file.write_text(text, encoding="utf-8")
        digests.add(load_packs([file], DEFAULT_MARKERS, Cache(None)).digest)
    digests.add(load_packs([file], DEFAULT_MARKERS | {"packages": ("acme",)}, Cache(None)).digest)
    assert len(digests) == 4


def test_an_installed_tool_takes_the_packs_beside_its_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The wheel holds them in the package's folder; an editable install uses the repository's."""
    assert shipped_folder() in (ROOT / "patterns", Path(cavra_boundary.__file__).parent / "patterns")
    inside = tmp_path / "site-packages" / "cavra_boundary"
    (inside / "patterns").mkdir(parents=True)
    monkeypatch.setattr(cavra_boundary, "__file__", str(inside / "__init__.py"))
    assert shipped_folder() == inside / "patterns"


@pytest.mark.parametrize("change", [("pattern", "pattrn"), ("keywords", "key_words"), ("title", "name")])
def test_rules_of_another_version_in_the_cache_are_not_believed(
    tmp_path: Path, pack: Path, change: tuple[str, str]
) -> None:
    """A field that this version does not know, or lacks, means that the rules are read again."""
    cache = Cache(tmp_path / "cache")
    fresh = load_packs([pack], DEFAULT_MARKERS, cache)
    (entry,) = (tmp_path / "cache").glob("rules-*")
    kept = cache.read(entry.name)
    assert kept
    cache.write(entry.name, kept.replace(json.dumps(change[0]).encode(), json.dumps(change[1]).encode()))
    assert load_packs([pack], DEFAULT_MARKERS, cache) == fresh


def test_a_rule_cannot_be_made_of_the_wrong_fields() -> None:
    rule = load_packs([], DEFAULT_MARKERS, Cache(None)).rules[0]
    with pytest.raises(TypeError, match="nonsense"):
        rule.replaced(nonsense=1)
    with pytest.raises(TypeError, match="severity"):
        type(rule)(id="a")
    with pytest.raises(AttributeError):
        rule.id = "b"
    with pytest.raises(AttributeError):
        del rule.id
