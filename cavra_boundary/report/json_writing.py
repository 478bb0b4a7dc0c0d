r"""JSON in ASCII, as `json.dumps` writes it, but piece by piece, so that a report need not be in memory as a whole.

JSON's own escapes also break up anything that a CI system would take for a command.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from json.encoder import encode_basestring_ascii as _string

from cavra_boundary.report.escape import commands_broken


def json_text(value: object, indent: int | None = 2) -> str:
    """The whole document. indent: 2, or None for a single line, which cannot have iterators in it."""
    return _broken(json.dumps(value)) if indent is None else "".join(json_pieces(value))


def json_pieces(value: object) -> Iterator[str]:
    """An indented document, a piece at a time. An iterator in its dictionaries is written like a list."""
    return map(_broken, _pieces(value, "\n"))


def _broken(text: str) -> str:
    return commands_broken(text, r"\u0023")


def _pieces(value: object, line: str) -> Iterator[str]:
    """line: a line feed and the indentation of the value."""
    inner = f"{line}  "
    before = inner
    if isinstance(value, dict) and value:
        yield "{"
        for key, each in value.items():
            yield f"{before}{_string(key)}: "
            yield from _pieces(each, inner)
            before = f",{inner}"
        yield f"{line}}}"
    elif isinstance(value, Iterator):
        yield "["
        for each in value:
            yield f"{before}{_encoded(each, inner)}"
            before = f",{inner}"
        yield "]" if before is inner else f"{line}]"
    else:
        yield _encoded(value, line)


def _encoded(value: object, line: str) -> str:
    # Three times as fast as `json.dumps`, which does without its C code when it indents.
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return int.__repr__(value)
    inner = f"{line}  "
    if isinstance(value, dict) and value:
        members = f",{inner}".join([f"{_string(key)}: {_encoded(each, inner)}" for key, each in value.items()])
        return f"{{{inner}{members}{line}}}"
    if isinstance(value, list | tuple) and value:
        return f"[{inner}{f',{inner}'.join([_encoded(each, inner) for each in value])}{line}]"
    return json.dumps(value)
