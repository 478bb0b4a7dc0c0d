"""Structured text into records with byte spans.

`records` chooses the format by content first and by the file's name second, and never fails: unreadable content
yields nothing. `FORMATS` lists the readers; each is one module with one `read`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from cavra_boundary.errors import UnreadError
from cavra_boundary.structure import csv, literals, prose, sql, toml, xml, yaml
from cavra_boundary.structure.base import Leaf, Record

__all__ = ["FORMATS", "Leaf", "Record", "UnreadError", "format_of", "records"]

Reader = Callable[[bytes, bytes], Iterator[Record]]

FORMATS: dict[str, Reader] = {
    "literals": literals.read,
    "yaml": yaml.read,
    "toml": toml.read,
    "csv": csv.read,
    "sql": sql.read,
    "xml": xml.read,
    "prose": prose.read,
}

_EXTENSIONS = {
    "csv": "csv",
    "tsv": "csv",
    "tab": "csv",
    "psv": "csv",
    "sql": "sql",
    "psql": "sql",
    "dump": "sql",
    "toml": "toml",
    "xml": "xml",
    "html": "xml",
    "htm": "xml",
    "xhtml": "xml",
    "plist": "xml",
    "resx": "xml",
    "yaml": "yaml",
    "yml": "yaml",
}
_PROSE_OR_DATA = frozenset(("", "txt", "text", "log", "dat", "data", "bak", "out", "example", "sample", "orig", "old"))
"""Extensions that say nothing about the format."""

_PROSE = frozenset(("md", "markdown", "mdx", "rst", "adoc", "org", "eml", "wiki"))

_HEAD = 4096
_OBJECT = re.compile(rb"[\[\s]*+\{\s*+[\"'}\w]|\[\s*+[\"\d\[\]]")
_MARKUP = re.compile(rb"<(?:\?xml|!--|!DOCTYPE|[A-Za-z_][\w:.-]*+[\s/>])")
_YAML_LINE = re.compile(rb"^[ \t]*+(?:-[ \t]++)*+[\w.\"'/-]++(?: [\w.\"'/-]++){0,3}:(?:[ \t]|\r?$)", re.MULTILINE)
_TOML_LINE = re.compile(
    rb"^[ \t]*+[\w.\"-]++[ \t]*+=[ \t]*+(?:[\"'\d+-]|true|false|\[[ \t]*+[\"'\d\]]|\{[ \t]*+\w)", re.MULTILINE
)
_TEXT_LINE = re.compile(rb"^[ \t]*+[^\s#]", re.MULTILINE)


def records(data: bytes, path: str = "", head: bytes = b"") -> Iterator[Record]:
    """The records of a file or, if `head` (its first bytes) is given, of a later window of it; inner ones first.

    UnreadError, after the last of them, when something is beyond the limits of the reader.
    """
    yield from FORMATS[format_of(data, path, head)](data, head)


def format_of(data: bytes, path: str = "", head: bytes = b"") -> str:
    """The name of the format of `data`: what its beginning shows, else what its extension says, else literals."""
    start = (head or data)[:_HEAD].removeprefix(b"\xef\xbb\xbf").lstrip()
    extension = path.rpartition("/")[2].rpartition(".")[2].lower() if "." in path else ""
    claimed = _EXTENSIONS.get(extension, "")
    if claimed in ("", "toml") and toml.HEADER.match(start):
        return "toml"
    if claimed != "toml" and _OBJECT.match(start):
        return "literals"
    if _MARKUP.match(start):
        return "xml"
    if claimed == "csv" and csv.header(start):
        return claimed
    if claimed in ("yaml", "toml"):
        return claimed
    if sql.STATEMENT.search(data):
        return "sql"
    if claimed != "csv" and extension not in _PROSE_OR_DATA:
        return "prose" if extension in _PROSE else "literals"
    if csv.looks_like(start):
        return "csv"
    lines = len(_TEXT_LINE.findall(start))
    if start.startswith((b"---\n", b"---\r\n")) or len(_YAML_LINE.findall(start)) * 5 > lines * 4:
        return "yaml"
    if (len(_TOML_LINE.findall(start)) + len(toml.HEADER.findall(start))) * 5 > lines * 4:
        return "toml"
    return "literals" if claimed == "csv" else "prose"
