"""The prefilter on its own: it names the rules that may match, wherever in a file the match would be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cavra_boundary.cache import Cache
from cavra_boundary.detect import fields
from cavra_boundary.detect.kinds import Field, RecordRule
from cavra_boundary.detect.prefilter import Prefilter
from cavra_boundary.globs import translate
from cavra_boundary.model import Severity

if TYPE_CHECKING:
    from pathlib import Path

FILLING = b"lorem ipsum: dolor sit amet,\n" * 100
LONG = "(?:[a-z]{9}[0-9]){15}" * 4
SEAT = RecordRule(
    id="demo.seat",
    clause="demo",
    severity=Severity.ERROR,
    title="Seat",
    why="",
    remedy="",
    at_least=2,
    fields=(Field(("seat_serial",), pattern="[A-F0-9]{20}x"), Field(("holder_token",), pattern=LONG)),
    paths=translate(["*.json"]),
)
SERIAL = b'"seat_serial": "' + b"A1" * 10 + b'x"\n'
# What the prefilter takes for a serial, since it drops the bounds of long repeats.
NO_SERIAL = b'"seat_serial": "' + b"A1" * 9 + b'x"\n'
TOKEN = b'"holder_token": "' + b"abcdefghi7" * 60 + b'"\n'


def named(data: bytes, folder: Path, head: bytes = b"", path: str = "a.json") -> bool:
    return Prefilter([SEAT], "of the tests", Cache(folder)).candidates(data, head or data, path) == [SEAT]


@pytest.mark.parametrize(
    "data",
    [
        SERIAL + TOKEN,
        FILLING + TOKEN + FILLING + SERIAL,
        NO_SERIAL + FILLING + SERIAL + TOKEN,
        SERIAL + TOKEN + NO_SERIAL,
        FILLING + TOKEN + TOKEN + FILLING + SERIAL + FILLING,
    ],
)
def test_a_pair_is_found_wherever_it_stands_and_however_long_it_is(data: bytes, tmp_path: Path) -> None:
    assert fields.has_pairs(SEAT, data)
    assert named(data, tmp_path)


@pytest.mark.parametrize("data", [NO_SERIAL + FILLING + TOKEN, FILLING + SERIAL, TOKEN])
def test_what_only_looks_like_a_pair_is_none(data: bytes, tmp_path: Path) -> None:
    assert not fields.has_pairs(SEAT, data)
    assert not named(data, tmp_path)


def test_a_table_in_a_later_window_is_seen_there(tmp_path: Path) -> None:
    table = b"| seat serial | holder token |\n| --- | --- |\n| 1 | 2 |\n"
    assert named(FILLING + table, tmp_path, head=FILLING)
    assert not named(FILLING, tmp_path, head=FILLING)


def test_a_rule_is_named_only_where_its_paths_let_it_run(tmp_path: Path) -> None:
    assert not named(SERIAL + TOKEN, tmp_path, path="a.txt")
