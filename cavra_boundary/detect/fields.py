"""Whether a file may hold a record: it must have enough fields, each a key followed by the beginning of a value.

Parsing is slow, and most files with such keys hold no record: `customer: Customer` in code, a sentence about invoices,
a column in a schema. So a record rule only looks at files in which enough of its fields appear as key and value, or as
the columns of a table. This is part of the rule: the check is the same with and without the prefilter.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING

from cavra_boundary.clock import OutOfTime
from cavra_boundary.detect.patterns import compiled
from cavra_boundary.model import fold_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cavra_boundary.detect.kinds import Field, RecordRule

_BEGINNINGS = {
    "amount": r"[-+]?(?:[A-Z]{3}|[^\w\s\"'\\<{(\[]{1,3})?\s?\d",
    "card": r"\d",
    "country": r"[A-Za-z]",
    "currency": r"[A-Za-z]{3}\b",
    "date": r"\d|[A-Z][a-z]{2}",
    "email": r"[^\s\"'<>@\\]{1,64}@",
    "iban": r"[A-Za-z]{2}\d\d",
    "id": r"\w",
    "integer": r"[-+]?\d",
    "money": r"[-+]?(?:[A-Z]{3}|[^\w\s\"'\\<{(\[]{1,3})?\s?\d",
    "name": r"[A-Z\x80-\xff]",
    "phone": r"[+(]{0,2}\d",
    "secret": r"[^\s\"'\\]",
    "text": r"[^\s\"'\\{}\[\]]",
    "url": r"[A-Za-z]{2,8}:",
    "uuid": r"\{?[0-9A-Fa-f]{8}",
}
"""How a value of each kind begins."""

# What may come between a key and its value: JSON, also within strings; YAML; TOML; object literals; XML; Markdown;
# {"email": {"value": …}}.
_BETWEEN = (
    r"[\\\"'`*_]{0,3}\s?[:=>]>?[\\\"'`*_\s]{0,16}"
    r"(?:\{[\\\"'\s]{0,16}(?:value|text|t|content)[\\\"'\s]{0,6}:[\\\"'\s]{0,6})?"
)
_TABLE_HEAD = re.compile(rb"[\xef\xbb\xbf]{0,3}[\w \"'./-]{1,80}(?:[,;\t|][\w \"'./()-]{1,80}){2,400}[,;\t|]?\r?\n")
_STATEMENT = re.compile(rb"(?i)\b(?:insert\s{1,9}into|copy)\s{1,9}[\w.\"`\[\]]{1,128}\s{0,9}\(([^()]{1,8000})\)")
_MARKDOWN_TABLE = re.compile(
    rb"(?m)^([^\n|]{0,80}+\|[^\n]{1,2000}+)\n[ \t>]{0,8}+\|?[ \t]{0,8}+:?-{2,80}+[-:| \t]{0,2000}+\r?$"
)
_MOST_TABLES = 50

_SECONDS = 1.0
"""How long the search for one field may take."""

MARKDOWN_TABLE_SIGNS = ("| --", "|--", "| :-", "|:-")
SQL_SIGN = r"(?i)insert\s{1,9}into\s|copy\s{1,9}[\w.\"]{1,64}\s{0,9}\("


@cache
def expression(field: Field) -> str:
    """A pattern for the field in text: one of its keys, then the beginning of its value."""
    keys = "|".join("[-_. ]?".join(words) for words in map(words_of, field.keys)).replace("email", "e-?mail")
    # A pattern with flags or anchors of its own cannot be used inside another.
    pattern = r"\S" if re.search(r"\(\?[a-z]|\\[AZbB]|[$^](?![^\[]*\])", field.pattern) else field.pattern
    return f"(?i:{keys}){_BETWEEN}(?:{pattern or _BEGINNINGS[field.value]})"


@cache
def words_of(key: str) -> tuple[str, ...]:
    """The words of a key, lower case: `invoice_no` and `invoiceNo` -> ("invoice", "no")."""
    return tuple(word.lower() for word in re.findall(r"[A-Z]?[a-z0-9]+|[A-Z0-9]+", key))


def columns(data: bytes, head: bytes) -> frozenset[str]:
    """The folded names of the columns of a delimited file (`head`: its beginning) or of SQL statements in `data`."""
    return frozenset(map(fold_key, names_of_columns(data, head)))


def names_of_columns(data: bytes, head: bytes) -> Iterator[str]:
    """The names of such columns as they are written."""
    if has_table_head(head):
        yield from _names(head[: head.find(b"\n")], rb"[,;\t|]")
    for statement in islice(_STATEMENT.finditer(data), _MOST_TABLES):
        yield from _names(statement[1], rb",")
    if any(sign.encode() in data for sign in MARKDOWN_TABLE_SIGNS):
        for table in islice(_MARKDOWN_TABLE.finditer(data), _MOST_TABLES):
            yield from _names(table[1], rb"\|")


def has_table_head(head: bytes) -> bool:
    """Whether a file begins with a line of column names, as a delimited file does."""
    return _TABLE_HEAD.match(head) is not None


def _names(line: bytes, delimiter: bytes) -> Iterator[str]:
    return (name.decode(errors="replace") for name in re.split(delimiter, line))


def holds_enough(rule: RecordRule, holds: Callable[[Field], bool]) -> bool:
    """Whether a file holds enough of the rule's fields."""
    spare = len(rule.fields) - rule.at_least
    for field in rule.fields:
        if not holds(field):
            spare -= 1
            if field.required or spare < 0:
                return False
    return True


def has_columns(rule: RecordRule, names: frozenset[str]) -> bool:
    """Whether enough of the rule's fields are columns of a table, given its `columns`."""
    return bool(names) and holds_enough(rule, lambda field: not names.isdisjoint(map(fold_key, field.keys)))


def has_pairs(rule: RecordRule, data: bytes, begin: Callable[[Field], int | None] = lambda field: 0) -> bool:
    """Whether enough of the rule's fields appear in a file as key and value.

    begin: where to start looking for a field, None if it is not there.
    """

    def is_there(field: Field) -> bool:
        start = begin(field)
        if start is None:
            return False
        pattern = compiled(expression(field))
        try:
            found = pattern.search(data, start, most=_SECONDS) or (start and pattern.search(data, most=_SECONDS))
        except OutOfTime:
            return True  # reading the records decides
        return bool(found)

    return holds_enough(rule, is_there)


def may_hold_record(rule: RecordRule, data: bytes, names: frozenset[str]) -> bool:
    """Whether a file may hold a record of this kind. names: its `columns`."""
    return has_columns(rule, names) or has_pairs(rule, data)
