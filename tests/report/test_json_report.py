from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cavra_boundary.errors import BoundaryError, ExitCode
from cavra_boundary.model import Notice, Report, Skip
from cavra_boundary.report.json_report import load, render

from .make import context, everything, finding, report
from .strategies import hostile_reports

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion

SCHEMA = json.loads((Path(__file__).parents[2] / "docs/schemas/report.schema.json").read_text())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def document(of: Report) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(render(of, context()))
    return parsed


def test_looks(snapshot: SnapshotAssertion) -> None:
    assert render(everything(), context()) == snapshot


def test_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@given(hostile_reports())
@settings(max_examples=40)
def test_any_report_keeps_to_the_schema_and_is_plain(hostile: Report) -> None:
    text = render(hostile, context())
    VALIDATOR.validate(json.loads(text))
    assert text.isascii()
    assert text.replace("\n", "").isprintable()


@given(hostile_reports())
@settings(max_examples=40)
def test_loading_undoes_rendering(hostile: Report) -> None:
    text = render(hostile, context())
    stored = load(text)
    again = context(clauses=stored.clauses, rules=stored.rules, finished=stored.finished, version=stored.version)
    assert render(stored.report, again) == text


def test_a_printable_report_comes_back_as_it_was() -> None:
    report = everything()
    stored = load(render(report, context()))
    assert stored.report == report
    made = context()
    assert (stored.clauses, stored.rules, stored.exit_code) == (made.clauses, made.rules, made.exit_code)
    assert (stored.fail_on, stored.finished, stored.version) == (made.fail_on, made.finished, made.version)


@pytest.mark.parametrize(
    ("exit_code", "verdict"),
    [(ExitCode.CLEAN, "clean"), (ExitCode.FINDINGS, "findings"), (ExitCode.INCOMPLETE, "incomplete")],
)
def test_verdict_is_the_exit_code(exit_code: ExitCode, verdict: str) -> None:
    assert json.loads(render(report(), context(exit_code)))["verdict"] == verdict


def test_findings_and_incomplete_says_both() -> None:
    rendered = document(report(finding(), skipped=(Skip("a", "unreadable", incomplete=True),)))
    assert rendered["verdict"] == "findings"
    assert rendered["receipt"]["complete"] is False


def test_an_undecodable_path_is_escaped() -> None:
    path = b"caf\xe9/\x1b[2J".decode("utf-8", "surrogateescape")
    rendered = document(report(finding(path=path), notices=(Notice(path, 1, ""),), skipped=(Skip(path, "binary"),)))
    listed = (*rendered["findings"], *rendered["notices"], *rendered["receipt"]["skipped"])
    assert {each["uri"] for each in listed} == {"caf%E9/%1B%5B2J"}
    assert load(json.dumps(rendered)).report.findings[0].path == path
    assert {each["path"] for each in listed} == {r"caf\xe9/\x1b[2J"}


@pytest.mark.parametrize(
    "content",
    [
        "",
        "nonsense",
        b"\xff\xfe\xff",
        "[" * 200_000,
        '{"schema_version": ' + "9" * 5000 + "}",
        "[]",
        "{}",
        '{"schema_version": "cavra-boundary.report.v1"}',
        '{"schema_version": "cavra-boundary.report.v2", "findings": [1], "notices": [], "receipt": {}}',
    ],
)
def test_what_is_no_report_is_refused(content: str | bytes) -> None:
    with pytest.raises(BoundaryError) as error:
        load(content, "old.json")
    assert error.value.where == "old.json"
    assert error.value.exit_code is ExitCode.USAGE


@pytest.mark.parametrize(
    ("keys", "value", "complaint"),
    [
        (("findings", 0, "line"), "1", "findings[0].line is not an integer"),
        (("findings", 0, "line"), True, "findings[0].line is not an integer"),
        (("findings", 0, "line"), -1, "findings[0].line is out of range"),
        (("findings", 0, "caret"), [1], "findings[0].caret is not a pair"),
        (("findings", 0, "caret"), [1, "2"], "findings[0].caret[1] is not a number of characters"),
        (("findings", 0, "via"), [None], "findings[0].via[0] is not a string"),
        (("findings", 0, "severity"), "fatal", "findings[0].severity is not one of note, warning, error"),
        (("findings", 0, "status"), "lost", "findings[0].status is not one of reported, suppressed, baselined"),
        (("receipt",), [], "receipt is not an object"),
        (("receipt", "seconds"), float("nan"), "receipt.seconds is out of range"),
        (("findings", 0, "introduced"), 1, "findings[0].introduced is not an object"),
        (("finished",), "2026-02-30T00:00:00Z", "finished is not a time in UTC"),
        (("fail_on",), "never", "fail_on is not one of note, warning, error"),
        (("rules", 0, "severity"), "", "rules[0].severity is not one of note, warning, error"),
        (("receipt", "complete"), False, "receipt.complete contradicts receipt.skipped"),
    ],
)
def test_a_mangled_report_is_refused_by_place(keys: tuple[str | int, ...], value: object, complaint: str) -> None:
    mangled = document(report(finding()))
    *path, last = keys
    target: Any = mangled
    for key in path:
        target = target[key]
    target[last] = value
    with pytest.raises(BoundaryError, match="not a report") as error:
        load(json.dumps(mangled))
    assert error.value.what.endswith(complaint)


def test_a_clean_verdict_on_an_incomplete_run_is_refused() -> None:
    text = render(report(skipped=(Skip("a", "unreadable", incomplete=True),)), context(ExitCode.CLEAN))
    with pytest.raises(BoundaryError, match=r"verdict contradicts receipt\.complete"):
        load(text)


def test_the_scanned_folder_is_not_named() -> None:
    assert "/srv" not in render(everything(), context())


@given(
    st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists, max_leaves=5), st.data()
)
@settings(max_examples=60)
def test_any_value_anywhere_loads_or_is_refused_cleanly(value: object, data: st.DataObject) -> None:
    mangled = document(report(finding(), notices=(Notice("a", 1, "b"),), skipped=(Skip("a", "b"),)))
    target: Any = mangled
    while True:
        key = data.draw(st.sampled_from(list(target) if isinstance(target, dict) else range(len(target))))
        if not isinstance(target[key], dict | list) or not target[key] or data.draw(st.booleans()):
            break
        target = target[key]
    target[key] = value
    try:
        loaded = load(json.dumps(mangled))
    except BoundaryError:
        return
    VALIDATOR.validate(document(loaded.report))
