"""Finds, reads and adds to the configuration file: TOML in, a table that knows the line of every key out.

`settings` knows what the keys mean. The file is untrusted: its size and depth are limited, it must be a regular file
(links are not followed), and any mistake in it is a `ConfigError` that names a line.
"""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from cavra_boundary.errors import ConfigError, UsageError
from cavra_boundary.git.repository import top_of
from cavra_boundary.toml.lines import MAX_DEPTH, KeyPath, key_lines

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cavra_boundary.model import Allow

NAME = ".cavra-boundary.toml"
PROJECT = "pyproject.toml"
TABLE = ("tool", "cavra-boundary")

MAX_BYTES = 1 << 20


class Document(NamedTuple):
    """A configuration file's own table, and the 1-based line of every key path from the file's top.

    root: the key path of `table` in the file, `TABLE` in a pyproject.toml.
    """

    path: Path
    table: Mapping[str, object]
    lines: Mapping[KeyPath, int]
    root: KeyPath = ()

    def line(self, *key: str | int) -> int:
        """The line of this key path below the table, or of its nearest parent."""
        whole = self.root + key
        return next((self.lines[whole[:end]] for end in range(len(whole), 0, -1) if whole[:end] in self.lines), 1)

    def where(self, *key: str | int) -> str:
        return f"{self.path}:{self.line(*key)}"


def find(folder: Path) -> Document | None:
    """The configuration in this folder; None if it has none.

    `.cavra-boundary.toml` wins over pyproject.toml; a pyproject.toml without our table is skipped.
    """
    own = folder / NAME
    data = _bytes(own)
    if data is not None:
        return _parse(shown(own), data)
    project = folder / PROJECT
    data = _bytes(project)
    # Most projects only configure other tools; if our name is absent, their file need not be parsed.
    if data is not None and TABLE[-1].encode() in data:
        return _parse(shown(project), data)
    return None


def read(path: Path) -> Document:
    """The configuration in this file: all of it, or our table if it is named pyproject.toml."""
    data = _bytes(path)
    if data is None:
        raise ConfigError("no such file", where=str(path))
    document = _parse(path, data)
    if document is None:
        raise ConfigError(f"has no [{'.'.join(TABLE)}] table", where=str(path))
    return document


def with_allow(path: Path, allow: Allow) -> str:
    """The text of the configuration at `path`, which need not exist, with one more allow at its end.

    UsageError when nothing can be appended to it.
    """
    import json
    import tomllib

    text = (_bytes(path) or b"").decode("utf-8-sig")
    table = ".".join((*TABLE, "allow") if path.name == PROJECT else ("allow",))
    values = {name: value for name, value in allow._asdict().items() if value and name != "line"}
    # A JSON string is also a TOML string, except for the control character DEL, which no reason contains.
    written = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in values.items() if key != "expires"]
    if allow.expires:
        written.append(f"expires = {allow.expires.isoformat()}")
    separator = "" if not text else "\n" if text.endswith("\n") else "\n\n"
    added = "\n".join((f"[[{table}]]", *written))
    whole = f"{text}{separator}{added}\n"
    try:
        tomllib.loads(whole)
    except tomllib.TOMLDecodeError:
        raise UsageError(
            "an allow cannot be appended", where=str(path), hint="write its allows as [[allow]] tables"
        ) from None
    return whole


def top(start: Path) -> Path:
    """The folder whose configuration governs a file or folder: its repository's top, or else the folder itself.

    A configuration further down is not read: whoever writes a subfolder must not govern it, and what governs a file
    must not depend on which of its folders a command names.
    """
    here = Path(os.path.realpath(start))
    if not here.is_dir():
        here = here.parent
    return top_of(here) or here


def shown(path: Path) -> Path:
    """A path for display: relative to the current folder if it is below it."""
    cwd = Path.cwd()
    return path.relative_to(cwd) if path.is_relative_to(cwd) else path


def _bytes(path: Path) -> bytes | None:
    """The file's content; None if there is no such file."""
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            raise ConfigError(
                "is not a regular file; links are not followed",
                where=str(path),
                hint="name the file itself with --config",
            )
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", where=str(path)) from None
    if len(data) > MAX_BYTES:
        raise ConfigError(f"is larger than {MAX_BYTES >> 20} MiB", where=str(path))
    return data


def _parse(path: Path, data: bytes) -> Document | None:
    """The document; None for a pyproject.toml without our table."""
    import tomllib

    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise ConfigError("is not UTF-8", where=f"{path}:{line}") from None
    try:
        lines = key_lines(text)
        whole = tomllib.loads(text)
    except RecursionError:
        raise ConfigError(f"is nested deeper than {MAX_DEPTH} levels", where=str(path)) from None
    except tomllib.TOMLDecodeError as error:
        raise _syntax_error(path, str(error)) from None
    except ValueError:
        raise ConfigError("has a number with too many digits", where=str(path)) from None
    if path.name != PROJECT:
        return Document(path, whole, lines)
    table: object = whole
    for key in TABLE:
        table = table.get(key) if isinstance(table, dict) else None
    if table is None:
        return None
    if not isinstance(table, dict):
        raise ConfigError(f"{'.'.join(TABLE)} must be a table", where=Document(path, {}, lines, TABLE).where())
    return Document(path, table, lines, TABLE)


def _syntax_error(path: Path, message: str) -> ConfigError:
    """`tomllib` gives the place only in words: "Invalid value (at line 3, column 7)", "… (at end of document)"."""
    what, _, place = message.rpartition(" (at ")
    numbers = re.fullmatch(r"line (\d+), column (\d+)\)", place)
    where = f"{path}:{numbers[1]}:{numbers[2]}" if numbers else str(path)
    ending = "" if numbers else ", at the end of the file"
    return ConfigError(f"is not valid TOML: {(what or message)[:120]}{ending}", where=where)
