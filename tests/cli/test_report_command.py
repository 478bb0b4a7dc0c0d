"""`cavra-boundary report convert`: every format from a stored report, as the scan would have written it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from support import Tool, pin, token

from cavra_boundary.report import FORMATS

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def stored(tool: Tool) -> Tool:
    """A folder with the report of one scan in every format."""
    tool.write("caf\udce9 %.txt", f"{token('a')}\ndemopin {pin('p')}\n")
    tool.write("huge.txt", "x" * 10_000)
    formats = [f"--format={format}=direct.{format}" for format in FORMATS]
    got = tool.scan_text("--max-file-size", "5kB", *formats, "caf\udce9 %.txt", "huge.txt")
    assert (got.code, got.err) == (1, "")
    return tool


def test_a_converted_report_is_the_one_the_scan_wrote(stored: Tool) -> None:
    formats = [f"--format={format}=converted.{format}" for format in FORMATS]
    got = stored.run("report", "convert", "direct.json", *formats)
    assert (got.code, got.out, got.err) == (0, "", "")
    for format in FORMATS:
        direct, converted = ((stored.folder / f"{made}.{format}").read_bytes() for made in ("direct", "converted"))
        assert converted == direct, format


def test_text_is_the_default(stored: Tool) -> None:
    got = stored.run("report", "convert", "direct.json")
    assert got.code == 0
    assert "error: Demo token" in got.out
    assert "INCOMPLETE" in got.out


def test_standard_input_can_be_converted(stored: Tool) -> None:
    content = (stored.folder / "direct.json").read_bytes()
    got = stored.run("report", "convert", "-", "--format", "csv", stdin=content)
    assert got.code == 0
    assert got.out.count("demo.token") == 1


def test_output_takes_a_single_format(stored: Tool) -> None:
    got = stored.run("report", "convert", "direct.json", "--format", "junit", "--output", "out.xml")
    assert (got.code, got.out) == (0, "")
    assert (stored.folder / "out.xml").read_bytes() == (stored.folder / "direct.junit").read_bytes()


def test_verbose_lists_what_is_allowed(tool: Tool) -> None:
    tool.write("a.txt", f"{token('a')} # cavra-boundary: {'allow'}[demo.token] made up\n")
    tool.scan("--output", "report.json", "a.txt")
    assert "made up" not in tool.run("report", "convert", "report.json").out
    assert "made up" in tool.run("report", "convert", "report.json", "--verbose").out


def test_an_odd_name_keeps_its_bytes(stored: Tool) -> None:
    out = json.loads(stored.run("report", "convert", "direct.json", "--format", "sarif").out)
    (location,) = out["runs"][0]["results"][0]["locations"]
    assert location["physicalLocation"]["artifactLocation"]["uri"] == "caf%E9%20%25.txt"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere.json"], "nowhere.json: cannot read the report: No such file or directory (check the path)"),
        (["."], ".: cannot read the report: Is a directory (check the path)"),
        (["a\0b"], "argument 3 has characters that no file name or text can have"),
        (["empty.json"], "empty.json: this is not JSON (write one with `cavra-boundary scan --format json`)"),
        (["direct.sarif"], "direct.sarif: this is not a report in the format cavra-boundary.report.v2"),
        (["direct.json", "--format", "jsn"], "(did you mean 'json'?)"),
        (["direct.json", "--format", "text", "--format", "csv"], "two reports cannot go to standard output"),
        (["direct.json", "--format", "csv=no/such/file"], "no/such/file: cannot be written"),
    ],
)
def test_a_mistake_is_one_line_that_helps(stored: Tool, arguments: list[str], said: str) -> None:
    stored.write("empty.json", "")
    got = stored.run("report", "convert", *arguments)
    assert (got.code, got.out, got.err.count("\n")) == (2, "", 1)
    assert said in got.err


def test_the_report_is_not_changed(stored: Tool, tmp_path: Path) -> None:
    before = (stored.folder / "direct.json").read_bytes()
    stored.run("report", "convert", "direct.json", "--format", f"html={tmp_path / 'out.html'}")
    assert (stored.folder / "direct.json").read_bytes() == before
