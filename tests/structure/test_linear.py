"""Every reader takes linear time, whatever it reads.

Work is counted, not timed: calls of functions for the loops, and for the patterns within them the attacks of
`rules check`, which have a deadline of their own.
"""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

import pytest

from cavra_boundary.decode import base64, hexadecimal
from cavra_boundary.detect import fields
from cavra_boundary.rules.attacks import succeeding
from cavra_boundary.structure import FORMATS, csv, literals, prose, sql, toml, xml, yaml

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

HEADS = {
    "literals": b"{",
    "yaml": b"kind: Secret\nx:\n",
    "toml": b"[a]\n",
    "csv": b"aa,bb,cc\n",
    "sql": b"CREATE TABLE t (a int, b int);\nINSERT INTO t VALUES (1, 2);",
    "xml": b"<?xml version='1.0'?>",
    "prose": b"| a | b |\n|---|---|\n",
}
UNITS = (
    *(
        b'"',
        b"'",
        b'""',
        b"''",
        b'"""',
        b"\\",
        b'\\"',
        b"{",
        b"}",
        b"{}",
        b"[",
        b"]",
        b"[]",
        b"(",
        b")",
        b"()",
        b"<",
        b">",
    ),
    *(
        b"<>",
        b"/",
        b":",
        b"=",
        b",",
        b";",
        b"|",
        b"-",
        b"#",
        b"&",
        b"*",
        b"!",
        b" ",
        b"\t",
        b"\n",
        b"\r\n",
        b"a",
        b"\x80",
    ),
    *(
        b"- []\n",
        b"- {}\n",
        b"- [\n",
        b"a: [\n",
        b"a: []\n",
        b'a: "\n',
        b"a: '\n",
        b"a: |\n",
        b"a: >\n",
        b"- - ",
        b"\n \n",
    ),
    *(
        b"a: [\n]\n",
        b" a: []\n\n",
        b"---\n",
        b"? ",
        b"- - - []\n",
        b'"a":',
        b'"a":{',
        b'{"a":"',
        b'{"a":1},',
        b'"{\\"a\\":',
    ),
    *(b"a=>", b"a=", b"a = {\n", b"[a]\n", b"[[a]]\n", b"[a.b]\n", b"'''", b"<a>", b"</a>", b"<a", b"<a b=", b'<a b="'),
    *(b"<a b='c'>", b"<a/>", b"<!--", b"-->", b"<![CDATA[", b"]]>", b"&amp;", b"&#1;", b"a,b\n", b'a,"b\n', b'"a"",'),
    *(b"a|b\n", b"INSERT INTO t VALUES (1,'", b"INSERT INTO t VALUES (1) '", b"INSERT INTO t (a, b) ", b"VALUES ("),
    *(b"COPY t (a, b) FROM stdin;\n", b"1\t2\n", b"\\.\n", b"CREATE TABLE t (", b"CREATE TABLE t (a int);"),
    *(b"| a | b |\n", b"|---|---|\n", b"--|", b"a: b\n", b"* a: b\n", b"a=b ", b"a='", b"[a](", b"[a](b)", b"> > "),
)


def work(name: str, data: bytes) -> int:
    """How many functions are called to read this, those of C included."""
    calls = 0

    def count(frame: object, event: str, argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        for _ in FORMATS[name](data, b""):
            pass
    finally:
        sys.setprofile(None)
    return calls


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("end", [b"", b'"}])</a>'], ids=["open", "closed"])
def test_twice_as_much_takes_twice_the_work(name: str, end: bytes) -> None:
    for unit in UNITS:
        once, twice = (work(name, HEADS[name] + unit * (size // len(unit)) + end) for size in (2048, 4096))
        assert twice <= 2.2 * once + 200, unit


@pytest.mark.parametrize("depth", [3, 40])
def test_indentation_that_grows_and_blank_lines(depth: int) -> None:
    def nested(lines: int) -> bytes:
        return b"".join(b" " * level + b"a: []\n" for level in range(depth)) * (lines // depth) + b"\n" * lines

    once, twice = (work("yaml", nested(lines)) for lines in (400, 800))
    assert twice <= 2.2 * once


MATCHED_ONCE = {"_BETWEEN_STRINGS", "_BLANKS", "_CDATA", "_EMBEDDED", "_TABLE_HEAD"}
"""Patterns that are matched at one place only, so they are not searched for at each byte."""


def patterns(module: ModuleType) -> Iterator[re.Pattern[bytes]]:
    """All patterns of a module over bytes that are searched for, also those in tables."""
    waiting = [each for name, each in vars(module).items() if name not in MATCHED_ONCE]
    while waiting:
        each = waiting.pop()
        if isinstance(each, re.Pattern) and isinstance(each.pattern, bytes):
            yield each
        elif isinstance(each, tuple):
            waiting += each
        elif isinstance(each, dict):
            waiting += each.values()


@pytest.mark.slow
@pytest.mark.parametrize(
    "module",
    [base64, hexadecimal, fields, csv, literals, prose, sql, toml, xml, yaml],
    ids=lambda module: module.__name__.rpartition(".")[2],
)
def test_no_pattern_of_a_reader_backtracks(module: ModuleType) -> None:
    found = list(patterns(module))
    assert found
    for each in found:
        flags = "".join(letter for letter, flag in (("i", re.I), ("m", re.M), ("s", re.S)) if each.flags & flag)
        written = each.pattern.decode("latin-1")
        prefix = f"(?{flags})" if flags and not written.startswith("(?i)") else ""
        assert succeeding(prefix + written) is None, written
