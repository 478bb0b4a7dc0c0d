"""What earlier runs found clean, and under which rules, so that a scan of git reads only what it must.

The bytes of a git object never change, and only bytes that hash to the object's id are ever scanned as that object (see
`git/objects.py`). So once an *entry*, an object at a path, is clean under some rules, it stays clean under them, and a
run with only those rules does not need to read it. A set of rules that entries are known to be
clean under is a *generation*. A rule is identified by a digest of everything that decides what it matches: a changed
rule is a new rule, and only that one runs again; removing or reordering rules changes nothing.

A commit can also be an entry; it covers everything the commit introduces.

An entry with anything to report, even an allowed match, a notice or a skip, is not recorded. So reports are the same
with and without this memory.

The memory is an SQLite database in the user's cache (see `_SCHEMA`). Its facts never become false, so runs can share
it, crash while writing it, and mix old pages with new ones: facts can be lost, but never wrong. Everything in it that
counts is signed with the cache's key, so nobody without that key can add a fact or move one to other rules. A damaged
or foreign database is deleted; one that is locked or not writable is not used.
"""

from __future__ import annotations

import os
import stat
import time
from array import array
from collections import defaultdict
from contextlib import closing, suppress
from hashlib import blake2b, sha256
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from cavra_boundary import __version__
from cavra_boundary.cache import is_private
from cavra_boundary.rules.files import shipped_folder

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Iterator, Sequence, Set

    from cavra_boundary.cache import Cache
    from cavra_boundary.model import Rule

_Answer = TypeVar("_Answer")

NAME = "clean.sqlite"
"""The database's name in the cache folder."""

MOST_BYTES = 64 * 1024 * 1024
"""The maximum size of the database when adding facts: room for about seven million."""

MOST_GENERATIONS = 16
"""How many generations are kept. Beyond either limit, the least recently used one is deleted."""

_SCHEMA = (
    # id: from a signature of the rules, so every run writes the same one. used: in seconds since 1970.
    "CREATE TABLE generation (id INTEGER PRIMARY KEY, rules BLOB NOT NULL, used INTEGER NOT NULL)",
    # The keys of clean entries, in shards by their last bits. One row per key would take three times the room and time.
    # An entry's key is eight bytes of a digest, which is keyed by a secret, so nobody can craft two entries with the
    # same key. With a million known entries, another one collides with a probability of 1 in 18 trillion.
    "CREATE TABLE clean (generation INTEGER, shard INTEGER, keys BLOB NOT NULL, signature BLOB NOT NULL,"
    " PRIMARY KEY (generation, shard))",
)
_OURS = 0x43425332
"""The database's `application_id`."""

_LAST_BITS = (1 << 12) - 1
_KEY_BYTES = 8
_RULE_BYTES = 16
_SIGNATURE_BYTES = 16
_DAY = 24 * 60 * 60

_MOST_RULES = 8192
"""The maximum number of rules in a generation, for people who edit rules all day."""

_PATIENCE = 0.2
"""Seconds to wait while another run writes; a commit hook without the memory takes no longer."""

_DECIDING = ("scan/pipeline.py", "scan/scanner.py", "decode", "detect", "evidence", "sources", "structure")
"""The modules and folders of this package whose code decides what matches."""


class Batch(NamedTuple):
    """Entries to scan, and the rules to scan them with.

    places: their positions in the entries passed to `sift`. keys: their keys; empty if nothing can be recorded. known:
    digests of the rules they are already known to be clean under.
    """

    places: Sequence[int]
    rules: tuple[Rule, ...]
    keys: Sequence[int] = ()
    known: frozenset[bytes] = frozenset()


class Seen:
    """The memory, as used by a run with certain rules.

    Nothing stays open between calls, so a process may fork.
    """

    def __init__(self, cache: Cache, rules: Sequence[Rule], key: str, context: str) -> None:
        """`key` is a digest of the packs that the rules come from; see `Detector`.

        context: whatever decides about matches besides rules and code. Facts only hold in the same context.
        """
        self._cache = cache
        self._rules = tuple(rules)
        self._context = f"{__version__} {_code()} {context}"
        self._digests = _digests(self._rules, f"{key} {self._context}", cache)
        self._secret = b""
        self._used: set[int] = set()
        self._clean: defaultdict[frozenset[bytes], array[int]] = defaultdict(_keys)

    def sift(self, entries: Sequence[str]) -> list[Batch]:
        """Which of these entries must be scanned; those in no batch are known to be clean under all rules.

        An entry always means the same bytes and the same path, in any repository.
        """
        found = _ask(self._cache, lambda database: self._sift(database, entries))
        return [Batch(range(len(entries)), self._rules)] if found is None else found

    def add(self, batch: Batch, clean: Iterable[int]) -> None:
        """Record that the entries at these positions in a batch are clean under the batch's rules."""
        if batch.keys:
            self._clean[batch.known].extend(batch.keys[at] for at in clean)

    def known(self, entries: Sequence[str]) -> Set[int]:
        """The positions of the entries that are known to be clean under all rules."""
        return set(range(len(entries))).difference(*(batch.places for batch in self.sift(entries)))

    def learn(self, entries: Iterable[str]) -> None:
        """Record that these entries are clean under all rules. Call `sift` or `known` with them first."""
        if self._secret:
            self._clean[frozenset()].extend(self._keys_of(entries))

    def save(self) -> None:
        """Write what was recorded: all of it, or nothing if the database cannot be written now."""
        if self._used or any(self._clean.values()):
            _ask(self._cache, self._save)

    def _sift(self, database: sqlite3.Connection, entries: Sequence[str]) -> list[Batch]:
        self._secret = self._cache.sign(b"entries", self._context.encode())
        keys = self._keys_of(entries)
        unknown = set(keys)
        groups = []
        now = time.time()
        for generation, rules, used in self._generations(database):
            held = self._held(database, generation, unknown)
            if not held:
                continue
            unknown -= held
            missing = tuple(
                rule for rule, digest in zip(self._rules, self._digests, strict=True) if digest not in rules
            )
            if missing:
                groups.append((held, missing, rules))
            if not now - _DAY < used <= now:
                self._used.add(generation)
        groups.append((unknown, self._rules, frozenset()))
        return [batch for group in groups if (batch := _batch(keys, *group)).places]

    def _keys_of(self, entries: Iterable[str]) -> array[int]:
        digests = (
            blake2b(self._secret + entry.encode(errors="surrogatepass"), digest_size=_KEY_BYTES).digest()
            for entry in entries
        )
        return _keys(b"".join(digests))

    def _generations(self, database: sqlite3.Connection) -> list[tuple[int, frozenset[bytes], int]]:
        """The generations worth using, best first: id, digests of rules, last use."""
        wanted = frozenset(self._digests)
        found = []
        for generation, rules, used in database.execute("SELECT id, rules, used FROM generation"):
            if generation != self._id(rules):
                raise _NotOursError
            digests = frozenset(rules[at : at + _RULE_BYTES] for at in range(0, len(rules), _RULE_BYTES))
            if 2 * len(wanted - digests) <= len(wanted):
                found.append((generation, digests, used))
        return sorted(found, key=lambda each: (len(wanted - each[1]), each[0]))

    def _save(self, database: sqlite3.Connection) -> None:
        database.execute("BEGIN IMMEDIATE")
        now = int(time.time())
        for known, keys in self._clean.items():
            rules = known.union(self._digests)
            if len(rules) > _MOST_RULES:
                rules = frozenset(self._digests)
            made_of = _joined(rules)
            generation, former = self._id(made_of), self._id(_joined(known))
            database.execute("INSERT OR IGNORE INTO generation VALUES (?, ?, ?)", (generation, made_of, now))
            self._used.add(generation)
            for shard, some in _sharded(keys):
                self._put(database, generation, shard, self._get(database, generation, shard).union(some))
                if known:
                    self._put(database, former, shard, self._get(database, former, shard).difference(some))
        marks = ((now, generation) for generation in self._used)
        database.executemany("UPDATE generation SET used = ? WHERE id = ?", marks)
        while _is_full(database):
            _forget_oldest(database)
        database.execute("COMMIT")

    def _held(self, database: sqlite3.Connection, generation: int, wanted: set[int]) -> set[int]:
        """Which of these keys a generation has."""
        held: set[int] = set()
        for shard in {key & _LAST_BITS for key in wanted}:
            held |= wanted & self._get(database, generation, shard)
        return held

    def _get(self, database: sqlite3.Connection, generation: int, shard: int) -> set[int]:
        chosen = "SELECT keys, signature FROM clean WHERE generation = ? AND shard = ?"
        row = database.execute(chosen, (generation, shard)).fetchone()
        if row is None:
            return set()
        keys, signature = row
        if signature != self._signature(generation, shard, keys):
            raise _NotOursError
        return set(_keys(keys))

    def _put(self, database: sqlite3.Connection, generation: int, shard: int, keys: set[int]) -> None:
        if keys:
            packed = _keys(sorted(keys)).tobytes()
            row = (generation, shard, packed, self._signature(generation, shard, packed))
            database.execute("INSERT OR REPLACE INTO clean VALUES (?, ?, ?, ?)", row)
        else:
            database.execute("DELETE FROM clean WHERE generation = ? AND shard = ?", (generation, shard))

    def _signature(self, generation: int, shard: int, keys: bytes) -> bytes:
        return self._cache.sign(f"clean {generation} {shard}".encode(), keys)[:_SIGNATURE_BYTES]

    def _id(self, rules: bytes) -> int:
        return _keys(self._cache.sign(b"generation", rules)[:_KEY_BYTES])[0]


def count(cache: Cache) -> int:
    """How many facts are stored."""
    sizes = "SELECT coalesce(sum(length(keys)), 0) FROM clean"
    return (_ask(cache, lambda database: int(database.execute(sizes).fetchone()[0])) or 0) // _KEY_BYTES


def _ask(cache: Cache, question: Callable[[sqlite3.Connection], _Answer]) -> _Answer | None:
    """Run a function on the database, created if missing. None if the database is unavailable or unusable."""
    if cache.folder is None or not cache.sign(b"", b"", create=True):
        return None
    try:
        import sqlite3
    except ImportError:  # a Python built without it
        return None
    file = cache.folder / NAME
    try:
        if not _is_ours(cache.folder, file):
            return None
        with closing(sqlite3.connect(file, timeout=_PATIENCE, isolation_level=None)) as database:
            _prepare(database)
            return question(database)
    except (OSError, sqlite3.OperationalError):  # locked, read-only, disk full
        return None
    except (sqlite3.Error, _NotOursError, ValueError, TypeError):
        _throw_away(file)
        return None


def _is_ours(folder: Path, file: Path) -> bool:
    """Whether nobody else can write the database or the files that SQLite would apply to it; creates an empty one.

    What is no file under their names (SQLite would wait for the writer of a FIFO) is removed.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not is_private(folder.stat()):
        return False
    for each in _files(file):
        with suppress(FileNotFoundError):
            if not stat.S_ISREG(each.lstat().st_mode):
                each.unlink()
    with suppress(FileExistsError):
        os.close(os.open(file, os.O_CREAT | os.O_EXCL, 0o600))
    return is_private(file.lstat())


def _files(file: Path) -> list[Path]:
    """The database and what SQLite keeps next to it."""
    return [file, *(file.with_name(f"{file.name}-{part}") for part in ("journal", "wal", "shm"))]


class _NotOursError(Exception):
    """A database of another program or version."""


def _prepare(database: sqlite3.Connection) -> None:
    """Create our tables in an empty database. _NotOursError if it has others."""
    # Not worth waiting for the disk: the database may be lost in a power failure.
    database.execute("PRAGMA synchronous = OFF")
    database.execute("PRAGMA trusted_schema = OFF")
    database.text_factory = os.fsdecode  # text is not ours; as an error it would look like a lock
    if _tables(database) == (0, ()):
        database.execute("BEGIN IMMEDIATE")
        if _tables(database) == (0, ()):
            for table in _SCHEMA:
                database.execute(table)
            database.execute(f"PRAGMA application_id = {_OURS}")
        database.execute("COMMIT")
    if _tables(database) != (_OURS, _SCHEMA):
        raise _NotOursError


def _tables(database: sqlite3.Connection) -> tuple[int, tuple[str, ...]]:
    """The application id and the schema of a database."""
    owner = database.execute("PRAGMA application_id").fetchone()[0]
    made_of = database.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid")
    return owner, tuple(sql for (sql,) in made_of)


def _throw_away(file: Path) -> None:
    for each in _files(file):
        with suppress(OSError):
            each.unlink(missing_ok=True)


def _keys(of: bytes | Iterable[int] = ()) -> array[int]:
    return array("q", of)


def _sharded(keys: Iterable[int]) -> Iterator[tuple[int, list[int]]]:
    shards: defaultdict[int, list[int]] = defaultdict(list)
    for key in keys:
        shards[key & _LAST_BITS].append(key)
    yield from sorted(shards.items())


def _batch(keys: array[int], chosen: set[int], rules: tuple[Rule, ...], known: frozenset[bytes]) -> Batch:
    places = array("L", (place for place, key in enumerate(keys) if key in chosen))
    return Batch(places, rules, _keys(keys[place] for place in places), known)


def _is_full(database: sqlite3.Connection) -> bool:
    pages, free, size = (
        database.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
    )
    generations = database.execute("SELECT count(*) FROM generation").fetchone()[0]
    return bool((pages - free) * size > MOST_BYTES or generations > MOST_GENERATIONS)


def _forget_oldest(database: sqlite3.Connection) -> None:
    (oldest,) = database.execute("SELECT id FROM generation ORDER BY used LIMIT 1").fetchone()
    database.execute("DELETE FROM generation WHERE id = ?", (oldest,))
    database.execute("DELETE FROM clean WHERE generation = ?", (oldest,))


def _joined(rules: Iterable[bytes]) -> bytes:
    return b"".join(sorted(rules))


def _digests(rules: Sequence[Rule], key: str, cache: Cache) -> list[bytes]:
    """A digest of each rule; cached, since computing them takes longer than scanning a few files."""
    name = f"digests-{sha256(' '.join((key, *(rule.id for rule in rules))).encode()).hexdigest()}"
    kept = cache.read(name)
    if kept is None or len(kept) != _RULE_BYTES * len(rules):
        kept = b"".join(map(_digest, rules))
        cache.write(name, kept)
    return [kept[at : at + _RULE_BYTES] for at in range(0, len(kept), _RULE_BYTES)]


def _digest(rule: Rule) -> bytes:
    return blake2b(repr(rule.sought).encode(), digest_size=_RULE_BYTES).digest()


def _code() -> str:
    """A digest of the code and data, besides rules, that decide what matches; installs change files' times."""
    digest = blake2b(digest_size=16)
    package = Path(__file__).parents[1]
    places = [*(package / name for name in _DECIDING), shipped_folder() / "evidence"]
    for file in (file for place in places for file in (sorted(place.iterdir()) if place.is_dir() else [place])):
        if file.suffix in (".py", ".toml", ".txt"):
            digest.update(f"{file.name}\0".encode() + file.read_bytes())
    return digest.hexdigest()
