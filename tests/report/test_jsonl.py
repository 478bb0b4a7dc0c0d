from __future__ import annotations

import json
from typing import TYPE_CHECKING

from cavra_boundary.errors import ExitCode
from cavra_boundary.report import json_report
from cavra_boundary.report.jsonl import ending, findings, render

from .make import context, everything, report
from .readers import read_jsonl

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion


def test_looks(snapshot: SnapshotAssertion) -> None:
    assert render(everything(), context()) == snapshot


def test_it_holds_what_the_json_report_holds() -> None:
    whole = json.loads(json_report.render(everything(), context()))
    lines = read_jsonl(render(everything(), context()))
    by_type: dict[str, list[object]] = {"finding": [], "notice": [], "receipt": []}
    for line in lines:
        by_type[line.pop("type")].append(line)
    assert by_type["finding"] == whole["findings"]
    assert by_type["notice"] == whole["notices"]
    assert by_type["receipt"] == [
        {key: whole[key] for key in ("schema_version", "tool", "verdict", "fail_on", "finished")} | whole["receipt"]
    ]


def test_the_receipt_is_the_last_line() -> None:
    assert read_jsonl(render(everything(), context()))[-1]["type"] == "receipt"
    assert read_jsonl(render(report(), context(ExitCode.CLEAN)))[-1]["verdict"] == "clean"


def test_a_stream_in_pieces_is_the_same() -> None:
    every = everything()
    pieces = "".join(findings([each]) for each in every.findings) + ending(every, context())
    assert pieces == render(every, context())
