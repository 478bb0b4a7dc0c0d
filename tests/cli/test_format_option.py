"""Several formats at once, each to its own destination, and JSON Lines while the scan runs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from report.readers import READERS, SARIF, read_json, read_jsonl
from support import Repo, Tool, token

from cavra_boundary.report import FORMATS

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_can_be_asked_for(tool: Tool, format: str) -> None:
    tool.write("a.txt", token("a"))
    got = tool.scan_text("--format", format, "a.txt")
    assert (got.code, got.err) == (1, "")
    READERS[format](got.out.replace("\r\n", "\n") if format != "csv" else got.out)


def test_several_formats_come_from_one_scan(tool: Tool) -> None:
    tool.write("a.txt", token("a"))
    got = tool.scan_text("--format", "text", "--format", "sarif=out.sarif", "--format", "junit=out.xml", "a.txt")
    assert got.code == 1
    assert got.out.startswith("error: Demo token")
    (run,) = read_json((tool.folder / "out.sarif").read_text(), SARIF)["runs"]
    assert [each["ruleId"] for each in run["results"]] == ["demo.token"]
    assert "demo.token" in (tool.folder / "out.xml").read_text()


def test_a_file_has_no_color(tool: Tool) -> None:
    tool.write("a.txt", token("a"))
    got = tool.scan_text("--color", "always", "--format", "text", "--format", "text=out.txt", "a.txt")
    assert "\x1b[" in got.out
    assert "\x1b[" not in (tool.folder / "out.txt").read_text()


def test_files_alone_leave_standard_output_empty(tool: Tool) -> None:
    tool.write("a.txt", token("a"))
    got = tool.scan_text("--format", "json=out.json", "a.txt")
    assert (got.code, got.out) == (1, "")
    assert json.loads((tool.folder / "out.json").read_text())["verdict"] == "findings"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--format", "sarfi"], "(did you mean 'sarif'?)"),
        (["--format", "sarfi=x"], "(did you mean 'sarif'?)"),
        (["--format", "json="], "--format: must be a format"),
        (["--format", ""], "--format: must be a format"),
        (
            ["--format", "text", "--format", "json"],
            "--format: two reports cannot go to standard output (give each its own file: --format json=FILE)",
        ),
        (["--format", "text=x", "--format", "json=x"], "--format: two reports cannot go to 'x'"),
        (["--format", "text", "--format", "json=x", "--output", "y"], "--output: --output is for a single format"),
        (["--format", "json=x", "--output", "y"], "--output: --output is for a single format"),
        (["--format", "text", "--format", "json=no/such/x"], "no/such/x: cannot be written"),
        (["--show-secrets", "--format", "json=x"], "--show-secrets: refused"),
    ],
)
def test_a_mistake_is_one_line_that_helps(tool: Tool, arguments: list[str], said: str) -> None:
    tool.write("a.txt", token("a"))
    got = tool.scan_text(*arguments, "a.txt")
    assert (got.code, got.out, got.err.count("\n")) == (2, "", 1)
    assert said in got.err
    assert [each.name for each in tool.folder.iterdir()] == ["a.txt"]


def test_formats_do_not_change_what_is_found_or_returned(tool: Tool) -> None:
    tool.write("a.txt", "nothing")
    assert tool.scan_text("--format", "junit", "--format", "csv=out.csv", "a.txt").code == 0


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_json_lines_are_the_findings_of_the_other_formats(tool: Tool, jobs: str) -> None:
    for number in range(600):
        tool.write(f"{number % 7}/{number}.txt", token(str(number)) if number % 20 == 0 else "text")
    got = tool.scan_text("--format", "jsonl", "--format", "jsonl=out.jsonl", "--jobs", jobs)
    streamed, stored = read_jsonl(got.out), read_jsonl((tool.folder / "out.jsonl").read_text())
    assert len(streamed) == 31
    assert sorted(map(str, streamed)) == sorted(map(str, stored))
    assert streamed[-1] == stored[-1]
    assert streamed[-1]["type"] == "receipt"


def test_json_lines_of_a_history_come_with_their_commits(repo: Repo) -> None:
    repo.write("a.txt", token("a"))
    repo.commit()
    repo.write("a.txt", "nothing")
    repo.commit()
    streamed = read_jsonl(repo.scan_text("--history", "--format", "jsonl").out)
    assert [each["type"] for each in streamed] == ["finding", "receipt"]
    assert streamed[0]["introduced"]["at_tip"] is False


def test_json_lines_appear_while_the_scan_runs(tool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    from cavra_boundary.report import jsonl
    from cavra_boundary.scan.scanner import Scanner
    from cavra_boundary.scan.workers import CHUNK

    order: list[str] = []
    entries, lines = Scanner.entries, jsonl.findings

    def scanning(*arguments: object) -> object:
        order.append("scan")
        return entries(*arguments)  # type: ignore[arg-type]

    def writing(found: list[object]) -> str:
        order.append("write")
        return lines(found)  # type: ignore[arg-type]

    monkeypatch.setattr(Scanner, "entries", scanning)
    monkeypatch.setattr(jsonl, "findings", writing)
    for number in range(3 * CHUNK):
        tool.write(f"{number:03}.txt", token(str(number)))
    tool.scan_text("--format", "jsonl", "--jobs", "1")
    assert order == ["scan", "write"] * 3


def test_a_report_says_nothing_of_where_it_was_made(tool: Tool, tmp_path: Path) -> None:
    tool.write("a.txt", token("a"))
    for format in set(FORMATS) - {"text"}:
        assert str(tmp_path) not in tool.scan_text("--format", format, "a.txt").out
