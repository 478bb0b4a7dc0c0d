"""The baseline file: its contents, that it merges cleanly, and that it gives nothing away."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cavra_boundary.errors import ConfigError
from cavra_boundary.model import Secret, fingerprint
from cavra_boundary.triage import baseline
from cavra_boundary.triage.baseline import Entry, Judgment

if TYPE_CHECKING:
    from pathlib import Path

fingerprints = st.integers(0, 2**40 - 1).map(lambda number: "{:04x}-{:06x}".format(*divmod(number, 2**24)))
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
    old = {f"{n:04x}-000000": Entry(f"{n:04x}-000000", "a.b") for n in range(0, 1000, 50)}
    ours, theirs = (old | {name: Entry(name, "a.b")} for name in ("0001-111111", "0300-222222"))
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
    "line", ["nonsense", "aaaa-bbbbbb", "aaaa-bbbbbb a.b perhaps", "<<<<<<< HEAD", "aaaa-bbbbbb a.b leak more"]
)
def test_what_is_no_entry_is_refused_with_its_line(tmp_path: Path, line: str) -> None:
    file = tmp_path / baseline.NAME
    file.write_text(f"# head\n{line}\n")
    with pytest.raises(ConfigError) as caught:
        baseline.read(file)
    assert caught.value.where == f"{file}:2"


def test_a_reader_cannot_tell_which_card_or_phone_number_it_was() -> None:
    """Of a million possible values, a few dozen share an entry; with more digits, many more do."""
    wanted = fingerprint("a.b", Secret(b"555-000000"))
    same = 0
    # 2^24 fingerprints: one collision is expected in 16.8 million values, so a part of them shows the rate.
    for number in range(50_000):
        same += fingerprint("a.b", Secret(b"%09d" % number))[5:8] == wanted[5:8]
    assert same >= 4, "12 of the 24 bits: one in 4,096"
