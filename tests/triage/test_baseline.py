"""The baseline file: its contents, that it merges cleanly, and that entries of version 1 are replaced."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cavra_boundary.errors import ConfigError
from cavra_boundary.triage import baseline
from cavra_boundary.triage.baseline import Entry, Judgment

if TYPE_CHECKING:
    from pathlib import Path

fingerprints = st.one_of(
    st.builds("{}2-{:016x}".format, st.sampled_from("pv"), st.integers(0, 2**64 - 1)),
    st.integers(0, 2**40 - 1).map(lambda number: "{:04x}-{:06x}".format(*divmod(number, 2**24))),
)
rules = st.sampled_from(["a.b", "registry-tokens.npm-access-token", "b.a", "a.b-c", "zz.z"])
entries = st.lists(st.builds(Entry, fingerprints, rules, st.sampled_from(Judgment)), max_size=20).map(
    lambda found: {entry.fingerprint: entry for entry in found}
)


@given(entries)
def test_what_is_written_is_read_again(known: dict[str, Entry]) -> None:
    assert baseline.parse(baseline.render(known).encode(), "b") == known


@given(entries)
def test_the_file_is_the_same_for_the_same_entries(known: dict[str, Entry]) -> None:
    assert baseline.render(dict(reversed(known.items()))) == baseline.render(known)


@given(entries, entries)
def test_an_update_keeps_judgments_and_drops_what_is_gone(known: dict[str, Entry], now: dict[str, Entry]) -> None:
    grown = baseline.updated(known, now.values(), grow=True)
    assert grown.keys() == now.keys()
    assert all(grown[name] == known.get(name, now[name]) for name in grown)
    assert baseline.updated(known, now.values(), grow=False).keys() == known.keys() & now.keys()


def test_two_branches_that_add_entries_merge(tmp_path: Path) -> None:
    """Fingerprints are far apart in a sorted file, so these touch different lines."""
    old = {name: Entry(name, "a.b") for name in (f"v2-{n:04x}{0:012x}" for n in range(0, 1000, 50))}
    ours, theirs = (old | {name: Entry(name, "a.b")} for name in ("v2-0001111111111111", "v2-0300222222222222"))
    for name, known in (("old", old), ("ours", ours), ("theirs", theirs)):
        (tmp_path / name).write_text(baseline.render(known))
    merged = subprocess.run(
        ["git", "merge-file", "-p", "ours", "old", "theirs"], cwd=tmp_path, capture_output=True, check=True
    ).stdout
    assert baseline.parse(merged, "merged") == ours | theirs


@pytest.mark.parametrize("order", [("leak", ""), ("", "leak")])
def test_an_entry_that_a_merge_doubled_keeps_its_judgment(order: tuple[str, str]) -> None:
    text = "".join(f"aaaa-bbbbbb a.b {judgment}\n" for judgment in order)
    assert baseline.parse(text.encode(), "b")["aaaa-bbbbbb"].judgment is Judgment.LEAK


@pytest.mark.parametrize(
    "line",
    [
        "nonsense",
        "v3-aaaaaaaaaaaaaaaa a.b",
        "v2-aaaaaa a.b",
        "aaaa-bbbbbb",
        "aaaa-bbbbbb a.b perhaps",
        "<<<<<<< HEAD",
        "aaaa-bbbbbb a.b leak more",
    ],
)
def test_what_is_no_entry_is_refused_with_its_line(tmp_path: Path, line: str) -> None:
    file = tmp_path / baseline.NAME
    file.write_text(f"# head\n{line}\n")
    with pytest.raises(ConfigError) as caught:
        baseline.read(file)
    assert caught.value.where == f"{file}:2"
