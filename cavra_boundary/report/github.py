"""Workflow commands that GitHub Actions shows as annotations ("Workflow commands for GitHub Actions" in its docs).

GitHub shows ten errors, ten warnings and ten notices per step, and fifty annotations per job: the most severe come
first, and a final line counts the rest. An annotation on a name that is not printable would be lost, so the name is in
the message instead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cavra_boundary.errors import ExitCode
from cavra_boundary.model import Finding, Report, Severity
from cavra_boundary.report import words
from cavra_boundary.report.base import TOOL_NAME, RenderContext, most_severe_first, reported, unscanned
from cavra_boundary.report.escape import commands_broken, printable

if TYPE_CHECKING:
    from collections.abc import Iterator

_SHOWN = 10  # per kind
_MAX_WORDS = 2_000  # characters of a message; GitHub takes 64 KB

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def render(report: Report, context: RenderContext) -> str:
    """The commands themselves are meant; nothing in them, and no other line, may be one."""
    return "".join(f"{line if line.startswith('::') else commands_broken(line)}\n" for line in _lines(report, context))


def _lines(report: Report, context: RenderContext) -> Iterator[str]:
    left = dict.fromkeys(_COMMANDS.values(), _SHOWN)
    missing = unscanned(report.receipt)
    if missing or context.exit_code is ExitCode.INCOMPLETE:
        left["error"] -= 1
        yield _command("error", _incomplete(report, context), title=f"{TOOL_NAME}: incomplete")
    findings = sorted(reported(report), key=most_severe_first)
    unshown = 0
    for finding in findings:
        command = _COMMANDS[finding.severity]
        if left[command]:
            left[command] -= 1
            yield _annotation(command, finding)
        else:
            unshown += 1
    for notice in report.notices:
        if left["warning"]:
            left["warning"] -= 1
            message = f"{notice.path}:{notice.line}: {notice.message}"
            yield _command(
                "warning", printable(message), **_place(notice.path, notice.line), title=f"{TOOL_NAME}: policy"
            )
        else:
            unshown += 1
    if unshown:
        yield f"… and {unshown:,} more that GitHub would not show; other formats list them all."
    for _, sentence in words.verdict(report, context):
        yield sentence


def _incomplete(report: Report, context: RenderContext) -> str:
    missing = unscanned(report.receipt)
    named = [f"{skip.path}: {skip.reason}" for skip in missing[:_SHOWN]]
    more = [f"… and {len(missing) - _SHOWN:,} more"] if len(missing) > _SHOWN else []
    verdict = [sentence for kind, sentence in words.verdict(report, context) if kind is ExitCode.INCOMPLETE]
    return "\n".join([*verdict, *map(printable, named), *more])


def _annotation(command: str, finding: Finding) -> str:
    position = finding.position
    place = _place(finding.path, position.line)
    if place:
        place["endLine"] = str(max(position.end_line, position.line, 1))
        if position.end_line == position.line and finding.snippet:
            place |= {"col": str(max(position.column, 1)), "endColumn": str(max(position.end_column, 1))}
    lines = [finding.message, f"Instead: {finding.remedy}"]
    if finding.reason:
        lines.append(f"Because: {finding.reason}")
    if finding.introduced:
        lines.append(f"In the history {words.introduced(finding)}")
    if not place:
        lines.insert(0, f"In {finding.path}:{position.line}")
    lines.append(f"For details, or to allow a false alarm: {TOOL_NAME} explain {finding.fingerprint}")
    return _command(command, "\n".join(map(printable, lines)), **place, title=f"{finding.clause} [{finding.rule}]")


def _place(path: str, line: int) -> dict[str, str]:
    return {"file": path, "line": str(max(line, 1))} if path and printable(path) == path else {}


def _command(command: str, message: str, **properties: str) -> str:
    """One command, as the runner's toolkit writes it; line breaks in the message are kept."""
    given = ",".join(f"{name}={_value(printable(value))}" for name, value in properties.items())
    if len(message) > _MAX_WORDS:
        message = message[: _MAX_WORDS - 1] + "…"
    return f"::{command} {commands_broken(given)}::{commands_broken(_data(message))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _value(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
