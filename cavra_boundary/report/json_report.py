"""The JSON report, for programs, and its way back; `docs/schemas/report.schema.json` describes it.

The output is ASCII: strings are made printable first (see `escape`), then written with JSON's own escapes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from cavra_boundary.errors import ExitCode, UsageError
from cavra_boundary.model import Finding, Notice, Position, Receipt, Report, Severity, Skip, Span, Status
from cavra_boundary.report.base import TOOL_NAME, RenderContext
from cavra_boundary.report.escape import printable, printable_line

if TYPE_CHECKING:
    from collections.abc import Callable

SCHEMA_VERSION = "cavra-boundary.report.v1"

_VERDICTS = {ExitCode.CLEAN: "clean", ExitCode.FINDINGS: "findings", ExitCode.INCOMPLETE: "incomplete"}

T = TypeVar("T")
N = TypeVar("N", int, float)


def render(report: Report, context: RenderContext) -> str:
    import json

    document = {
        "schema_version": SCHEMA_VERSION,
        "tool": {
            "name": TOOL_NAME,
            "version": printable(context.version),
            "packs_digest": printable(report.receipt.packs_digest),
        },
        "verdict": _VERDICTS[context.exit_code],
        "findings": [_finding(finding) for finding in report.findings],
        "notices": [
            {"path": printable(notice.path), "line": notice.line, "message": printable(notice.message)}
            for notice in report.notices
        ],
        "receipt": _receipt(report.receipt),
    }
    return json.dumps(document, indent=2) + "\n"


def _finding(finding: Finding) -> dict[str, object]:
    snippet, caret = printable_line(finding.snippet, finding.caret)
    return {
        "rule": printable(finding.rule),
        "clause": printable(finding.clause),
        "severity": finding.severity.label,
        "path": printable(finding.path),
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
        "origin": printable(finding.origin),
        "via": [printable(layer) for layer in finding.via],
    }


def _receipt(receipt: Receipt) -> dict[str, object]:
    return {
        "complete": receipt.complete,
        "sources": [printable(source) for source in receipt.sources],
        "files": receipt.files,
        "bytes": receipt.bytes,
        "rules": receipt.rules,
        "packs_digest": printable(receipt.packs_digest),
        "excluded": receipt.excluded,
        "skipped": [
            {"path": printable(skip.path), "reason": printable(skip.reason), "incomplete": skip.incomplete}
            for skip in receipt.skipped
        ],
        "seconds": round(receipt.seconds, 3),
    }


def load(content: str | bytes, where: str = "") -> Report:
    """Read back the report that `render` wrote, its strings in their printable form; `where` names the file in errors.

    Raises UsageError when the content is not such a report, whatever it is instead. Unknown keys are ignored.
    """
    import json

    try:
        return _load_report(_Record.of(json.loads(content), ""))
    except _ShapeError as error:
        what = f"this is not a report in the format {SCHEMA_VERSION}: {error}"
    except (ValueError, RecursionError):  # no JSON, no Unicode, a number of 5,000 digits, 5,000 brackets
        what = "this is not JSON"
    raise UsageError(what, where=where, hint="write one with `cavra-boundary scan --format json`")


def _load_report(document: _Record) -> Report:
    document.choice("schema_version", {SCHEMA_VERSION: None})
    return Report(
        findings=document.items("findings", _load_finding),
        notices=document.items("notices", _load_notice),
        receipt=_load_receipt(document.record("receipt")),
    )


def _load_finding(value: object, at: str) -> Finding:
    record = _Record.of(value, at)
    caret = record.items("caret", _load_offset)
    if len(caret) != 2:
        raise _ShapeError(f"{at}.caret is not a pair")
    return Finding(
        rule=record.text("rule"),
        clause=record.text("clause"),
        severity=record.choice("severity", {severity.label: severity for severity in Severity}),
        path=record.text("path"),
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
    )


def _load_notice(value: object, at: str) -> Notice:
    record = _Record.of(value, at)
    return Notice(record.text("path"), record.count("line"), record.text("message"))


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
    )
    if record.flag("complete") is not receipt.complete:
        raise _ShapeError(f"{record.at}.complete contradicts {record.at}.skipped")
    return receipt


def _load_skip(value: object, at: str) -> Skip:
    record = _Record.of(value, at)
    return Skip(record.text("path"), record.text("reason"), record.flag("incomplete"))


def _load_text(value: object, at: str) -> str:
    if not isinstance(value, str):
        raise _ShapeError(f"{at} is not a string")
    return value


def _load_offset(value: object, at: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise _ShapeError(f"{at} is not a number of characters")
    return value


class _ShapeError(Exception):
    """The document differs from the schema. Its text quotes nothing from the document."""


class _Record:
    """A JSON object, read key by key; `at` is where it stands in the document."""

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
        # For Python, true is an integer; for JSON it is not.
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise _ShapeError(f"{self.place(key)} is not {noun}")
        return value

    def text(self, key: str) -> str:
        return self.take(key, str, "a string")

    def count(self, key: str) -> int:
        return self.in_range(key, self.take(key, int, "an integer"))

    def number(self, key: str) -> float:
        if isinstance(self.values.get(key), int):
            return self.count(key)
        return self.in_range(key, self.take(key, float, "a number"))

    def in_range(self, key: str, value: N) -> N:
        if not 0 <= value < 2**63:  # so written that NaN fails, too
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
            raise _ShapeError(f"{self.place(key)} is none of {', '.join(choices)}") from None
