"""The tool's own data as TOML: files are read up to a limit, tables checked key by key.

Every mistake is a `PackError` with its line and the nearest valid name.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cavra_boundary.errors import PackError, nearest
from cavra_boundary.toml.lines import KeyPath, key_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

_MAX_BYTES = 4 * 1024 * 1024

_TYPE_NAMES = {
    str: "a string",
    list: "a list",
    dict: "a table",
    bool: "true or false",
    int: "a number",
    float: "a number",
}


def read_bytes(source: Path) -> bytes:
    """The file's content. PackError for one that cannot be read or is too large."""
    try:
        with source.open("rb") as file:
            content = file.read(_MAX_BYTES + 1)
    except OSError as error:
        raise PackError(f"cannot be read: {error.strerror}", where=str(source), hint="check the path") from None
    if len(content) > _MAX_BYTES:
        raise PackError("larger than 4 MiB", where=str(source), hint="split the pack")
    return content


def parse_toml(source: Path, content: bytes, *, trusted: bool = False) -> tuple[str, dict[str, Any]]:
    """The text and its table. PackError if it is not TOML. trusted: the file is ours, so its nesting is not checked."""
    import tomllib

    try:
        text = content.decode()
        if not trusted:
            key_lines(text)  # refuses nesting that would take `tomllib` forever
        return text, tomllib.loads(text)
    except UnicodeDecodeError as error:
        raise PackError("not UTF-8 text", where=str(source), hint=f"byte {error.start} is invalid") from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise PackError(f"not TOML: {error}", where=str(source), hint="fix the syntax") from None
    except ValueError:  # of `int`
        raise PackError("has a number with too many digits", where=str(source), hint="shorten it") from None


class TomlReader:
    """What the readers of such files share. `manual`: the page that documents their format."""

    manual = ""

    def __init__(self, source: Path, text: str) -> None:
        self._source = source
        self._text = text

    def _tables(self, table: dict[str, Any], key: str, at: KeyPath) -> Iterator[tuple[dict[str, Any], KeyPath]]:
        """The tables of an array of tables, with the path of each."""
        for index, entry in enumerate(table.get(key, ())):
            if not isinstance(entry, dict):
                raise self._error(f"{key} {index + 1} is not a table", (*at, key), f"see {self.manual}")
            yield entry, (*at, key, index)

    def _check(self, table: dict[str, Any], known: Mapping[str, type], required: Iterable[str], at: KeyPath) -> None:
        """Raise an error for an unknown key, a value of the wrong type (`object`: any), or a missing required key."""
        for key, value in table.items():
            if key not in known:
                raise self._error(f"unknown key {key!r}", (*at, key), nearest(key, known))
            wanted = (int, float) if known[key] is float else known[key]
            if not isinstance(value, wanted) or (isinstance(value, bool) and known[key] not in (bool, object)):
                raise self._error(f"{key} is not {_TYPE_NAMES[known[key]]}", (*at, key), f"see {self.manual}")
        for key in required:
            if key not in table:
                raise self._error(f"{key} is missing", at, f"see {self.manual}")

    def _error(self, what: str, at: KeyPath, hint: str) -> PackError:
        return PackError(what, where=f"{self._source}:{line_of(self._text, at)}", hint=hint)


# Checking a pack looks up the line of every rule in it.
_lines = lru_cache(maxsize=1)(key_lines)


def line_of(text: str, at: KeyPath) -> int:
    """The line of a place in a document, or of the nearest thing around it."""
    lines = _lines(text)
    return next((lines[at[:end]] for end in range(len(at), 0, -1) if at[:end] in lines), 1)
