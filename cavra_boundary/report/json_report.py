"""The JSON report, for programs, and the reader for it; `docs/schemas/report.schema.json` describes it.

The output is ASCII: strings are made printable first (see `escape`), then written with JSON's own escapes. It contains
everything any other format shows, so that it can be converted to them later. The scanned folder is not named, since a
report may be published.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeVar

from cavra_boundary.errors import ExitCode, UsageError
from cavra_boundary.model import (
    Clause,
    Finding,
    Introduced,
    Notice,
    Position,
    Receipt,
    Report,
    Severity,
    Skip,
    Span,
    Status,
)
from cavra_boundary.report.base import TOOL_NAME, RenderContext, RuleText
from cavra_boundary.report.escape import path_of, printable, printable_line, relative_uri
from cavra_boundary.report.json_writing import json_pieces

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

SCHEMA_VERSION = "cavra-boundary.report.v2"

VERDICTS = {ExitCode.CLEAN: "clean", ExitCode.FINDINGS: "findings", ExitCode.INCOMPLETE: "incomplete"}

_TIME = "%Y-%m-%dT%H:%M:%SZ"

T = TypeVar("T")
N = TypeVar("N", int, float)


def render(report: Report, context: RenderContext) -> str:
    return "".join(pieces(report, context))


def pieces(report: Report, context: RenderContext) -> Iterator[str]:
    yield from json_pieces(document(report, context))
    yield "\n"


def document(report: Report, context: RenderContext) -> dict[str, object]:
    """The report as a document for `json_writing`; its findings are made as they are written."""
    return {
        **header(report, context),
        "findings": map(finding_object, report.findings),
        "notices": [notice_object(notice) for notice in report.notices],
        "receipt": receipt_object(report.receipt),
        "clauses": [
            {
                "id": printable(clause.id),
                "title": printable(clause.title),
                "covers": printable(clause.covers),
                "instead": printable(clause.instead),
                "written_in": printable(clause.written_in),
            }
            for clause in context.clauses.values()
        ],
        "rules": [
            {
                "id": printable(rule.id),
                "clause": printable(rule.clause),
                "severity": rule.severity.label,
                "title": printable(rule.title),
                "why": printable(rule.why),
                "remedy": printable(rule.remedy),
            }
            for rule in context.rules.values()
        ],
    }


def header(report: Report, context: RenderContext) -> dict[str, object]:
    """What made the report, and the outcome."""
    return {
        "schema_version": SCHEMA_VERSION,
        "tool": {
            "name": TOOL_NAME,
            "version": printable(context.version),
            "packs_digest": printable(report.receipt.packs_digest),
        },
        "verdict": VERDICTS[context.exit_code],
        "fail_on": context.fail_on.label,
        "finished": context.finished.strftime(_TIME),
    }


def finding_object(finding: Finding) -> dict[str, object]:
    snippet, caret = printable_line(finding.snippet, finding.caret)
    return {
        "rule": printable(finding.rule),
        "clause": printable(finding.clause),
        "severity": finding.severity.label,
        "path": printable(finding.path),
        "uri": relative_uri(finding.path),
        "line": finding.position.line,
        "column": finding.position.column,
        "end_line": finding.position.end_line,
        "end_column": finding.position.end_column,
        "message": printable(finding.message),
        "remedy": printable(finding.remedy),
        "snippet": snippet,
        "caret": [caret.start, caret.end],
        "fingerprint": printable(finding.fingerprint),
        "status": finding.status.value,
        "reason": printable(finding.reason),
        "decided_at": printable(finding.decided_at),
        "origin": printable(finding.origin),
        "via": [printable(layer) for layer in finding.via],
        "introduced": finding.introduced
        and {
            "commit": printable(finding.introduced.commit),
            "date": printable(finding.introduced.date),
            "at_tip": finding.introduced.at_tip,
        },
    }


def notice_object(notice: Notice) -> dict[str, object]:
    return {
        "path": printable(notice.path),
        "uri": relative_uri(notice.path),
        "line": notice.line,
        "message": printable(notice.message),
    }


def receipt_object(receipt: Receipt) -> dict[str, object]:
    return {
        "complete": receipt.complete,
        "sources": [printable(source) for source in receipt.sources],
        "files": receipt.files,
        "bytes": receipt.bytes,
        "commits": receipt.commits,
        "reused": receipt.reused,
        "settled": receipt.settled,
        "rules": receipt.rules,
        "packs_digest": printable(receipt.packs_digest),
        "excluded": receipt.excluded,
        "skipped": [
            {
                "path": printable(skip.path),
                "uri": relative_uri(skip.path),
                "reason": printable(skip.reason),
                "incomplete": skip.incomplete,
            }
            for skip in receipt.skipped
        ],
        "choices": [printable(choice) for choice in receipt.choices],
        "seconds": receipt.seconds,
    }


class Stored(NamedTuple):
    """A report read back, and its values for a `RenderContext`."""

    report: Report
    version: str
    clauses: dict[str, Clause]
    rules: dict[str, RuleText]
    exit_code: ExitCode
    fail_on: Severity
    finished: datetime


def load(content: str | bytes, where: str = "") -> Stored:
    """Read back what `render` wrote; `where` names the file in errors.

    Paths are restored exactly, other strings in their printable form. UsageError for any content that is not such a
    report. Unknown keys are ignored.
    """
    import json

    try:
        return _load_stored(_Record.of(json.loads(content), ""))
    except _ShapeError as error:
        what = f"this is not a report in the format {SCHEMA_VERSION}: {error}"
    except (ValueError, RecursionError):  # not JSON, not Unicode, a number of 5,000 digits, 5,000 brackets
        what = "this is not JSON"
    raise UsageError(what, where=where, hint="write one with `cavra-boundary scan --format json`")


def _load_stored(document: _Record) -> Stored:
    document.choice("schema_version", {SCHEMA_VERSION: None})
    report = Report(
        findings=document.items("findings", _load_finding),
        notices=document.items("notices", _load_notice),
        receipt=_load_receipt(document.record("receipt")),
    )
    exit_code = document.choice("verdict", {verdict: code for code, verdict in VERDICTS.items()})
    if exit_code is ExitCode.CLEAN and not report.receipt.complete:
        raise _ShapeError("verdict contradicts receipt.complete")
    return Stored(
        report=report,
        version=document.record("tool").text("version"),
        clauses={clause.id: clause for clause in document.items("clauses", _load_clause)},
        rules={rule.id: rule for rule in document.items("rules", _load_rule)},
        exit_code=exit_code,
        fail_on=document.choice("fail_on", _SEVERITIES),
        finished=document.time("finished"),
    )


def _load_finding(value: object, at: str) -> Finding:
    record = _Record.of(value, at)
    caret = record.items("caret", _load_offset)
    if len(caret) != 2:
        raise _ShapeError(f"{at}.caret is not a pair")
    return Finding(
        rule=record.text("rule"),
        clause=record.text("clause"),
        severity=record.choice("severity", _SEVERITIES),
        path=record.path(),
        position=Position(
            record.count("line"), record.count("column"), record.count("end_line"), record.count("end_column")
        ),
        message=record.text("message"),
        remedy=record.text("remedy"),
        snippet=record.text("snippet"),
        caret=Span(*caret),
        fingerprint=record.text("fingerprint"),
        status=record.choice("status", {status.value: status for status in Status}),
        reason=record.text("reason"),
        origin=record.text("origin"),
        via=record.items("via", _load_text),
        introduced=None if record.values.get("introduced") is None else _load_introduced(record.record("introduced")),
        decided_at=record.text("decided_at"),
    )


def _load_introduced(record: _Record) -> Introduced:
    return Introduced(record.text("commit"), record.text("date"), record.flag("at_tip"))


def _load_notice(value: object, at: str) -> Notice:
    record = _Record.of(value, at)
    return Notice(record.path(), record.count("line"), record.text("message"))


def _load_receipt(record: _Record) -> Receipt:
    receipt = Receipt(
        sources=record.items("sources", _load_text),
        files=record.count("files"),
        bytes=record.count("bytes"),
        rules=record.count("rules"),
        packs_digest=record.text("packs_digest"),
        excluded=record.count("excluded"),
        skipped=record.items("skipped", _load_skip),
        seconds=record.number("seconds"),
        commits=record.count("commits"),
        reused=record.count("reused"),
        settled=record.count("settled"),
        choices=record.items("choices", _load_text),
    )
    if record.flag("complete") is not receipt.complete:
        raise _ShapeError(f"{record.at}.complete contradicts {record.at}.skipped")
    return receipt


def _load_skip(value: object, at: str) -> Skip:
    record = _Record.of(value, at)
    return Skip(record.path(), record.text("reason"), record.flag("incomplete"))


def _load_clause(value: object, at: str) -> Clause:
    record = _Record.of(value, at)
    return Clause(*map(record.text, ("id", "title", "covers", "instead", "written_in")))


def _load_rule(value: object, at: str) -> RuleText:
    record = _Record.of(value, at)
    return RuleText(
        record.text("id"),
        record.text("clause"),
        record.choice("severity", _SEVERITIES),
        record.text("title"),
        record.text("why"),
        record.text("remedy"),
    )


def _load_text(value: object, at: str) -> str:
    if not isinstance(value, str):
        raise _ShapeError(f"{at} is not a string")
    return value


def _load_offset(value: object, at: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise _ShapeError(f"{at} is not a number of characters")
    return value


_SEVERITIES = {severity.label: severity for severity in Severity}


class _ShapeError(Exception):
    """The document differs from the schema. Its text quotes nothing from the document."""


class _Record:
    """A JSON object, read key by key; `at` is its place in the document."""

    __slots__ = ("at", "values")

    def __init__(self, values: dict[str, object], at: str) -> None:
        self.values = values
        self.at = at

    @classmethod
    def of(cls, value: object, at: str) -> _Record:
        if not isinstance(value, dict):
            raise _ShapeError(f"{at or 'the document'} is not an object")
        return cls(value, at)

    def place(self, key: str) -> str:
        return f"{self.at}.{key}" if self.at else key

    def take(self, key: str, kind: type[T], noun: str) -> T:
        value = self.values.get(key)
        # In Python, true is an integer; in JSON it is not.
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise _ShapeError(f"{self.place(key)} is not {noun}")
        return value

    def text(self, key: str) -> str:
        return self.take(key, str, "a string")

    def path(self) -> str:
        """The path with the printable form `path` and the bytes of `uri`."""
        shown = self.text("path")
        exact = path_of(self.text("uri"))
        return exact if printable(exact) == shown else shown

    def time(self, key: str) -> datetime:
        from datetime import UTC, datetime

        try:
            return datetime.strptime(self.text(key), _TIME).replace(tzinfo=UTC)
        except ValueError:
            raise _ShapeError(f"{self.place(key)} is not a time in UTC") from None

    def count(self, key: str) -> int:
        return self.in_range(key, self.take(key, int, "an integer"))

    def number(self, key: str) -> float:
        if isinstance(self.values.get(key), int):
            return self.count(key)
        return self.in_range(key, self.take(key, float, "a number"))

    def in_range(self, key: str, value: N) -> N:
        if not 0 <= value < 2**63:  # written so that NaN fails too
            raise _ShapeError(f"{self.place(key)} is out of range")
        return value

    def flag(self, key: str) -> bool:
        return self.take(key, bool, "true or false")

    def record(self, key: str) -> _Record:
        return _Record.of(self.values.get(key), self.place(key))

    def items(self, key: str, load_item: Callable[[object, str], T]) -> tuple[T, ...]:
        values = self.take(key, list, "a list")
        return tuple(load_item(value, f"{self.place(key)}[{index}]") for index, value in enumerate(values))

    def choice(self, key: str, choices: dict[str, T]) -> T:
        try:
            return choices[self.text(key)]
        except KeyError:
            raise _ShapeError(f"{self.place(key)} is not one of {', '.join(choices)}") from None
