"""Known providers: the rows of `patterns/providers.toml`, a value of each row's shape, and packs without some of them."""

from __future__ import annotations

import shutil
import tomllib
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.made.names import Name, Noun

if TYPE_CHECKING:
    from pathlib import Path

PACK = "providers"
FILE = f"{PACK}.toml"
TENTH = 10


class Row(NamedTuple):
    """One row: its name, the words of its provider, one of which must be near, those of its name, and its shapes."""

    row: str
    of: tuple[str, ...]
    names: tuple[str, ...]
    shapes: tuple[str, ...]

    @property
    def provider(self) -> str:
        return self.of[0]

    def name(self) -> Name:
        """A name that the row asks for; rows that ask for none get `api key`."""
        return Name((self.provider,), Noun(tuple((self.names or ("api key",))[0].split()), "known"))


def rows(packs: Path) -> tuple[Row, ...]:
    """The rows of the packs in a folder; none if they are older than providers.toml."""
    file = packs / FILE
    if not file.exists():
        return ()
    listed = [row for group in tomllib.loads(file.read_text())["providers"] for row in group["rows"]]
    return tuple(Row(row["name"], tuple(row["of"]), tuple(row.get("names", ())), tuple(row["value"])) for row in listed)


def rules_of(row: Row, every: tuple[Row, ...]) -> frozenset[str]:
    """The ids of the rules that name the same provider as a row: those of the rows that share one of its words."""
    return frozenset(f"{PACK}.{other.row}" for other in every if set(other.of) & set(row.of))


def is_left_out(provider: str) -> bool:
    """Whether a provider is among the tenth that the benchmark for unknown ones leaves out: always the same ones."""
    return sha256(provider.encode()).digest()[0] % TENTH == 0


def without_a_tenth(packs: Path, folder: Path) -> Path:
    """Copy packs to a folder, without the rows of the providers that are left out.

    SystemExit when the file's rows are not one a line any more, so that lines cannot be left out.
    """
    target = folder / "packs"
    shutil.copytree(packs, target)
    left_out = {row.row for row in rows(packs) if is_left_out(row.provider)}
    if left_out:
        lines = (packs / FILE).read_text().splitlines(keepends=True)
        (target / FILE).write_text("".join(line for line in lines if _rule_of(line) not in left_out))
        kept = {row.row for row in rows(target)}
        if kept != {row.row for row in rows(packs)} - left_out:
            raise SystemExit(f"{packs / FILE}: a row is more than a line, so none can be left out")
    return target


def _rule_of(line: str) -> str:
    """The name of the row on a line, "" if there is no whole row."""
    text = line.strip().rstrip(",")
    if not text.startswith("{"):
        return ""
    try:
        row = tomllib.loads(f"row = {text}")["row"]
    except tomllib.TOMLDecodeError:
        return ""
    return str(row.get("name", ""))
