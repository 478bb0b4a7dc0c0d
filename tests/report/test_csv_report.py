from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cavra_boundary.errors import ExitCode
from cavra_boundary.model import Skip
from cavra_boundary.report.csv_report import render

from .make import context, everything, finding, report
from .readers import read_csv

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion


def test_looks(snapshot: SnapshotAssertion) -> None:
    assert render(everything(), context()).replace("\r\n", "\n") == snapshot


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "＝", "＋", "－", "＠", " =", "\t=", "\r="])
def test_no_cell_is_a_formula(start: str) -> None:
    (row,) = read_csv(render(report(finding(path=f"{start}1+1", message=f"{start}x", reason=start)), context()))
    assert not any(cell.lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠")) for cell in row.values())


def test_quotes_commas_and_lines_stay_in_their_cell() -> None:
    (row,) = read_csv(render(report(finding(path='a",b;\n"')), context()))
    assert row["path"] == r'a",b;\x0a"'
    assert (row["line"], row["column"]) == ("1", "34")


def test_what_could_not_be_scanned_is_a_row() -> None:
    skips = (Skip("a", "unreadable", incomplete=True), Skip("b", "binary"))
    (row,) = read_csv(render(report(skipped=skips), context(ExitCode.INCOMPLETE)))
    assert (row["status"], row["path"], row["message"]) == ("not scanned", "a", "unreadable")
