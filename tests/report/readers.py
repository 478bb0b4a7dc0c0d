"""Readers for every format, each a real parser: they return what a platform would see."""

from __future__ import annotations

import csv
import io
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import jsonschema
import junitparser
from markdown_it import MarkdownIt

from cavra_boundary.report.csv_report import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Callable

_DATA = Path(__file__).parents[1] / "data"
_DOCS = Path(__file__).parents[2] / "docs"


def _validator(file: Path) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(json.loads(file.read_text(encoding="utf-8")))


SARIF = _validator(_DATA / "sarif-2.1.0.schema.json")
REPORT = _validator(_DOCS / "schemas/report.schema.json")
GITLAB_SECRETS = _validator(_DATA / "gitlab-secret-detection.schema.json")
GITLAB_QUALITY = _validator(_DATA / "gitlab-code-quality.schema.json")


def read_json(text: str, validator: jsonschema.Draft202012Validator | None = None) -> Any:
    value = json.loads(text)
    if validator:
        validator.validate(value)
    return value


def read_jsonl(text: str) -> list[Any]:
    assert text.endswith("\n")
    return [json.loads(line) for line in text.splitlines()]


def read_csv(text: str) -> list[dict[str, str]]:
    assert "\n" not in text.replace("\r\n", "")
    rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    assert all(tuple(row) == COLUMNS and None not in row.values() for row in rows)
    return rows


def read_junit(text: str) -> junitparser.JUnitXml:
    suites = junitparser.JUnitXml.fromstring(text.encode())
    assert isinstance(suites, junitparser.JUnitXml)
    return suites


class Command(NamedTuple):
    name: str
    properties: dict[str, str]
    message: str


def read_github(text: str) -> list[Command]:
    """Workflow commands as the runner reads them: ActionCommand.TryParseV2 of github.com/actions/runner."""
    commands = []
    for line in text.splitlines():
        stripped = line.lstrip()
        if not stripped.startswith("::"):
            assert not re.search(r"##\[|##vso\[", line)
            continue
        head, message = stripped[2:].split("::", 1)
        name, _, given = head.partition(" ")
        properties = dict(each.split("=", 1) for each in given.split(",") if each)
        commands.append(Command(name, {key: _value(value) for key, value in properties.items()}, _data(message)))
    return commands


def _data(text: str) -> str:
    return text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")


def _value(text: str) -> str:
    return _data(text.replace("%3A", ":").replace("%2C", ","))


class Page(HTMLParser):
    """Rendered Markdown: its tags, and its text inside and outside code."""

    _KNOWN = frozenset(
        ["h2", "p", "strong", "b", "br", "code", "table", "tr", "th", "td", "ul", "li", "details", "summary"]
    )
    _VOID = frozenset(["br"])

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.prose = ""
        self.code: list[str] = []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in self._KNOWN, tag
        assert attrs in ([], [("open", None)], [("open", "")]), attrs
        self.tags.append(tag)
        if tag not in self._VOID:
            self._open.append(tag)
        if tag == "code":
            self.code.append("")

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "code" in self._open:
            self.code[-1] += data
        else:
            self.prose += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(f"a declaration: {decl}")

    def unknown_decl(self, data: str) -> None:
        raise AssertionError(f"a declaration: {data}")


def read_markdown(text: str) -> Page:
    return read_html(MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render(text))


def read_html(text: str) -> Page:
    page = Page()
    page.feed(text)
    page.close()
    assert not page._open
    return page


class _Attributes(HTMLParser):
    """Rejects anything that could run."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            assert not name.startswith("on"), name
            assert name not in ("src", "srcset", "style") or (value or "").startswith("data:"), name
            assert name not in ("href", "action") or (value or "").startswith("#"), value


def read_file(text: str) -> list[str]:
    """The tags of a whole HTML file."""
    page = _Attributes()
    page.feed(text)
    page.close()
    return page.tags


READERS: dict[str, Callable[[str], Any]] = {
    "text": str,
    "json": lambda text: read_json(text, REPORT),
    "jsonl": read_jsonl,
    "sarif": lambda text: read_json(text, SARIF),
    "github": read_github,
    "markdown": read_markdown,
    "gitlab-secrets": lambda text: read_json(text, GITLAB_SECRETS),
    "gitlab-quality": lambda text: read_json(text, GITLAB_QUALITY),
    "junit": read_junit,
    "csv": read_csv,
    "html": read_file,
}
