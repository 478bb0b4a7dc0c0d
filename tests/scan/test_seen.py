"""The memory of clean entries: it may forget, but never calls anything clean that was not found clean."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import PACK, Repo, pin, token

from cavra_boundary.cache import NAMED_KEY, Cache
from cavra_boundary.detect.kinds import TextRule
from cavra_boundary.git.commits import list_changes
from cavra_boundary.model import Rule, Severity
from cavra_boundary.scan import seen
from cavra_boundary.scan.seen import Batch, Seen

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from cavra_boundary.git.listing import Item


def rule(name: str, pattern: str = "(?P<secret>a)", severity: Severity = Severity.ERROR, title: str = "A") -> Rule:
    return TextRule(
        id=f"demo.{name}", clause="c", severity=severity, title=title, why="why", remedy="r", pattern=pattern
    )


ONE, TWO, THREE = (rule(name) for name in ("one", "two", "three"))


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


def memory(cache: Cache, rules: Iterable[Rule] = (ONE, TWO, THREE), context: str = "") -> Seen:
    rules = tuple(rules)
    return Seen(cache, rules, repr(rules), context)


def learn(cache: Cache, entries: Sequence[str], rules: Iterable[Rule] = (ONE, TWO, THREE), context: str = "") -> None:
    """A run that scans what it must and finds everything clean."""
    run = memory(cache, rules, context)
    for batch in run.sift(entries):
        run.add(batch, range(len(batch.places)))
    run.save()


def left(
    cache: Cache, entries: Sequence[str], rules: Iterable[Rule] = (ONE, TWO, THREE), context: str = ""
) -> dict[str, tuple[Rule, ...]]:
    """What a run must scan, and with which rules."""
    return {
        entry: batch.rules
        for batch in memory(cache, rules, context).sift(entries)
        for entry in map(entries.__getitem__, batch.places)
    }


def everything(entries: Sequence[str], rules: Iterable[Rule] = (ONE, TWO, THREE)) -> dict[str, tuple[Rule, ...]]:
    return dict.fromkeys(entries, tuple(rules))


def database(cache: Cache) -> Path:
    assert cache.folder is not None
    return cache.folder / seen.NAME


def test_what_was_clean_is_not_scanned_again(cache: Cache) -> None:
    assert left(cache, ["a", "b"]) == everything(["a", "b"])
    learn(cache, ["a", "b"])
    assert left(cache, ["b", "c", "a", "d"]) == everything(["c", "d"])
    learn(cache, ["c"])
    assert left(cache, ["a", "b", "c"]) == {}
    assert seen.count(cache) == 3


def test_only_what_is_noted_counts_and_only_once_it_is_saved(cache: Cache) -> None:
    run = memory(cache)
    (batch,) = run.sift(["a", "b", "c"])
    run.add(batch, [0, 2])
    assert left(cache, ["a", "b", "c"]) == everything(["a", "b", "c"])
    run.save()
    assert left(cache, ["a", "b", "c"]) == everything(["b"])


def test_removed_and_reordered_rules_scan_nothing_again(cache: Cache) -> None:
    learn(cache, ["a"])
    assert left(cache, ["a"], [THREE, ONE]) == {}
    assert left(cache, ["a"], [TWO]) == {}
    learn(cache, ["a"], [TWO])
    assert left(cache, ["a"]) == {}, "what ran without the others makes nobody forget that they ran"


def test_words_of_a_rule_change_nothing(cache: Cache) -> None:
    learn(cache, ["a"], [ONE, TWO])
    assert left(cache, ["a"], [rule("one", severity=Severity.NOTE, title="B"), TWO]) == {}


def test_only_a_new_or_changed_rule_runs_again(cache: Cache) -> None:
    learn(cache, ["a", "b"])
    changed, new = rule("two", "(?P<secret>b)"), rule("four")
    assert left(cache, ["a", "c"], [ONE, changed, THREE]) == {"a": (changed,), "c": (ONE, changed, THREE)}
    assert left(cache, ["a"], [ONE, TWO, THREE, new]) == {"a": (new,)}
    learn(cache, ["a"], [ONE, changed, THREE, new])
    assert left(cache, ["a", "b"], [ONE, TWO, changed, THREE, new]) == {"b": (changed, new)}, "both states are known"
    assert seen.count(cache) == 2, "what moved to another generation is not kept twice"


def test_the_generation_that_lacks_least_is_taken(cache: Cache) -> None:
    learn(cache, ["a"], [ONE, TWO])
    learn(cache, ["b"], [ONE, TWO, THREE])
    assert left(cache, ["a", "b"]) == {"a": (THREE,)}


def test_where_most_rules_are_new_all_run(cache: Cache) -> None:
    """Rules that only some entries need have their own databases, not worth building for so little."""
    learn(cache, ["a"], [ONE])
    assert left(cache, ["a"]) == everything(["a"])


def test_another_context_knows_nothing(cache: Cache) -> None:
    learn(cache, ["a"], context="one")
    assert left(cache, ["a"], context="two") == everything(["a"])
    learn(cache, ["a"], context="two")
    assert left(cache, ["a"], context="one") == left(cache, ["a"], context="two") == {}


def test_other_code_knows_nothing(cache: Cache, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    package = tmp_path / "package"
    for module in ("decode/a", "detect/a", "evidence/a", "sources/a", "structure/a", "scan/pipeline", "scan/scanner"):
        (package / module).parent.mkdir(parents=True, exist_ok=True)
        (package / f"{module}.py").write_text("x = 1\n")
    monkeypatch.setattr(seen, "__file__", str(package / "scan" / "seen.py"))
    learn(cache, ["a"])
    assert left(cache, ["a"]) == {}
    (package / "detect" / "a.py").write_text("x = 2\n")
    assert left(cache, ["a"]) == everything(["a"])


def test_any_name_can_be_kept(cache: Cache) -> None:
    names = ["", "\udcff\udc80", "\ud800", "a\nb", "\x00", "ä", "x" * 100_000]
    learn(cache, names[:-1])
    assert left(cache, names) == everything(names[-1:])


def test_an_entry_that_is_named_twice(cache: Cache) -> None:
    learn(cache, ["a", "a"])
    assert left(cache, ["a", "a"]) == {}
    assert seen.count(cache) == 1


_RULES = [rule(str(number), f"(?P<secret>{version})") for number in range(4) for version in "ab"]
_RUNS = st.lists(
    st.tuples(
        st.sets(st.sampled_from(_RULES), min_size=1),
        st.sets(st.sampled_from("abcdefgh"), min_size=1),
        st.booleans(),
    ),
    max_size=8,
)


@given(_RUNS, st.sets(st.tuples(st.sampled_from("abcdefgh"), st.sampled_from(_RULES)), max_size=6))
def test_a_run_never_misses_what_its_rules_would_find(
    runs: list[tuple[set[Rule], set[str], bool]], hits: set[tuple[str, Rule]]
) -> None:
    """Any runs over any entries with any rules, some killed early: each finds what it would find alone."""
    with TemporaryDirectory() as folder:
        cache = Cache(Path(folder, "cache"))
        for rules, entries, lives in runs:
            run = memory(cache, sorted(rules, key=repr))
            found = set()
            names = sorted(entries)
            for batch in run.sift(names):
                assert set(batch.rules) <= rules
                places = range(len(batch.places))
                of = {at: {(names[batch.places[at]], each) for each in batch.rules} & hits for at in places}
                found |= set().union(*of.values())
                run.add(batch, [place for place in places if not of[place]])
            assert found == {(entry, each) for entry in entries for each in rules} & hits
            if lives:
                run.save()


def _packs(folder: Path) -> list[Path]:
    """The tests' pack, and one with a rule removed, one added and one changed."""
    rules = PACK.split("[[rule]]")
    changed = [each.replace("{12}", "{10}").replace("12»", "10»") if '"hint"' in each else each for each in rules]
    more = rules[1].replace('"token"', '"other"').replace("demotok_", "othertok_")
    packs = []
    for name, of in (("one", rules), ("two", [*changed[:2], *changed[3:], more])):
        packs.append(folder / name / "demo.toml")
        packs[-1].parent.mkdir()
        packs[-1].write_text("[[rule]]".join(of))
    return packs


_CONTENTS = (
    "nothing\n",
    "something else\n",
    f"{token('a')}\n",
    f"{token('a')}  # cavra-boundary: allow[demo.token] for a test\n",
    "x = 1  # cavra-boundary: allow[demo.token] for nothing\n",
    f"demopin {pin('b')}\n",
    "demohint abcdefghij\n",
    f"{token('c').replace('demotok', 'othertok')}\n",
)
_CHANGES = st.dictionaries(st.sampled_from(["a.txt", "b/c.txt", "d.demokey"]), st.sampled_from(_CONTENTS), min_size=1)
_SOURCES = st.sampled_from([["--history"], ["--ref", "HEAD"], ["--range", "HEAD^!"], ["--staged"]])
_SKIPPED = st.sampled_from([[], ["--skip-rule", "demo.token"], ["--only-rule", "demo.hint"]])


@settings(max_examples=8)
@given(st.lists(st.tuples(_CHANGES, _SOURCES, _SKIPPED, st.booleans()), min_size=1, max_size=4))
def test_a_scan_says_the_same_with_and_without_it(
    steps: list[tuple[dict[str, str], list[str], list[str], bool]],
) -> None:
    """Any commits, after earlier scans with any rules and sources."""
    database(Cache.of_user()).unlink(missing_ok=True)
    with TemporaryDirectory() as folder:
        packs = _packs(Path(folder))
        repo = Repo(Path(folder, "repo"), packs[0])
        repo.folder.mkdir()
        repo.git("init", "--quiet")
        for changes, source, skipped, other in steps:
            for path, content in changes.items():
                repo.write(path, content)
            repo.git("add", "--all")
            if source != ["--staged"]:
                repo.commit()
            command = ["scan", "--pack", str(packs[other]), "--format", "json", *source, *skipped]
            fresh = repo.run(*command, "--no-cache")
            for _ in range(2):
                scanned = repo.run(*command)
                assert scanned.code == fresh.code, scanned.err
                for key in ("findings", "notices"):
                    assert scanned.report[key] == fresh.report[key]
                receipt, whole = scanned.report["receipt"], fresh.report["receipt"]
                assert receipt["skipped"] == whole["skipped"]
                files = receipt["files"] + receipt["reused"]
                # Content of commits that are not listed again is not counted.
                assert files <= whole["files"] if receipt["commits"] else files == whole["files"]


def test_a_scan_reads_only_what_it_must(repo: Repo) -> None:
    for name in "abc":
        repo.write(f"{name}.txt", f"nothing {name}")
    repo.write("d.txt", token("d"))
    repo.commit()
    repo.write("a.txt", "staged")
    repo.git("add", "a.txt")
    staged = repo.scan("--staged").report["receipt"]
    assert (staged["files"], staged["reused"]) == (1, 0)
    repo.git("commit", "--quiet", "--message", "second")
    history = repo.scan("--history").report["receipt"]
    assert (history["files"], history["reused"]) == (4, 1), "the blob of the index is that of the commit"
    again = repo.scan("--history", "--expect-files", "5")
    assert (again.code, len(again.findings())) == (1, 1)
    assert (again.report["receipt"]["files"], again.report["receipt"]["reused"]) == (1, 4)
    assert repo.scan("--ref", "HEAD").report["receipt"]["reused"] == 3
    assert repo.scan(".").report["receipt"]["reused"] == 0, "files on the disk have no history"
    assert repo.scan("--ref", "HEAD", "--max-file-size", "3").report["receipt"]["reused"] == 0


@pytest.fixture
def listed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The commits whose changes git was asked for."""
    asked: list[str] = []

    def spied(folder: Path, wanted: Sequence[str], cut: Collection[str]) -> Iterator[tuple[int, Item]]:
        asked[:] = wanted
        return list_changes(folder, wanted, cut)

    monkeypatch.setattr("cavra_boundary.sources.history.list_changes", spied)
    return asked


def tip(repo: Repo) -> str:
    return repo.git("rev-parse", "HEAD").strip()


def test_commits_that_bring_in_nothing_but_what_is_clean_are_not_listed_again(repo: Repo, listed: list[str]) -> None:
    commits = []
    for path, content in (("a", "1"), ("b", token("b")), ("c", "3"), ("b", "4"), ("b", token("b")), ("d", "5")):
        repo.write(path, content)
        repo.commit()
        commits.append(tip(repo))
    first = repo.scan("--history")
    assert listed == commits
    again = repo.scan("--history")
    assert listed == [commits[1], commits[4]], "the token comes twice, and each time has to be told of"
    assert again.report["findings"] == first.report["findings"] != []
    assert again.report["receipt"]["commits"] == 6
    assert "6 commits, 1 file," in (told := repo.scan_text("--history").out), told
    assert "4 commits known to be clean" in " ".join(told.split())
    repo.write("e", "6")
    repo.commit()
    repo.scan("--history", "--skip-rule", "demo.pin")
    assert listed == [commits[1], commits[4], tip(repo)]
    repo.scan("--range", "HEAD~2..HEAD", "--expect-files", "2")
    assert len(listed) == 2, "files that are to be counted have to be listed"


def test_a_commit_that_a_shallow_clone_cuts_off_brings_in_more(repo: Repo, tmp_path: Path) -> None:
    repo.write("a", token("a"))
    repo.commit()
    repo.write("b", "nothing")
    repo.commit()
    assert len(repo.scan("--history").findings()) == 1
    assert repo.scan("--range", "HEAD^!").findings() == []
    repo.git("clone", "--quiet", "--depth", "1", f"file://{repo.folder}", str(tmp_path / "clone"))
    clone = Repo(tmp_path / "clone", repo.pack)
    for _ in range(2):
        assert len(clone.scan("--history", "--allow-shallow").findings()) == 1
    repo.write("c", "nothing")
    repo.commit()
    assert len(repo.scan("--history").findings()) == 1


def test_a_commit_is_listed_again_where_more_is_to_be_said_of_it(repo: Repo, listed: list[str]) -> None:
    repo.write("a", "1")
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},module")
    repo.git("add", "a")
    repo.git("commit", "--quiet", "--message", "module")
    repo.write("a", "2")
    repo.git("add", "a")
    repo.git("commit", "--quiet", "--message", "a")
    for _ in range(2):
        assert repo.scan("--history").skipped() == {"module": "another repository"}
    assert len(listed) == 1
    for excluded in (2, 2, 0):
        exclude = ["--exclude", "a"] if excluded else []
        assert repo.scan("--history", *exclude).report["receipt"]["excluded"] == excluded


def test_what_cannot_be_read_is_not_clean(repo: Repo) -> None:
    repo.write("a.txt", "x" * 2000)
    repo.commit()
    for _ in range(2):
        assert repo.scan("--ref", "HEAD", "--max-file-size", "1kB").code == 3
    assert repo.scan("--ref", "HEAD").report["receipt"]["reused"] == 0


def test_two_runs_at_once_both_are_remembered(cache: Cache) -> None:
    first, second = memory(cache), memory(cache)
    for run, entries in ((first, ["a", "b"]), (second, ["b", "c"])):
        for batch in run.sift(entries):
            run.add(batch, range(len(batch.places)))
    first.save()
    second.save()
    assert left(cache, ["a", "b", "c"]) == {}


_WORKER = """
import sys
from pathlib import Path
from cavra_boundary.cache import Cache
from cavra_boundary.model import Severity
from cavra_boundary.detect.kinds import TextRule
from cavra_boundary.scan.seen import Seen
rules = [
    TextRule(
        id="demo.x", clause="c", severity=Severity.ERROR, title="t", why="w", remedy="r", pattern="(?P<secret>x)"
    )
]
for turn in range(10):
    run = Seen(Cache(Path(sys.argv[1])), rules, "key", "")
    entries = [f"{sys.argv[2]} {turn} {number}" for number in range(200)]
    for batch in run.sift(entries):
        run.add(batch, range(len(batch.places)))
    run.save()
"""


def test_processes_share_it(cache: Cache) -> None:
    command = [sys.executable, "-c", _WORKER, str(cache.folder)]
    processes = [subprocess.Popen([*command, name], stderr=subprocess.PIPE) for name in "abc"]
    for process in processes:
        _, said = process.communicate(timeout=60)
        assert (process.returncode, said) == (0, b"")
    with sqlite3.connect(database(cache)) as opened:
        assert opened.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    # A run may find the database locked for too long; it then loses its own facts, never those of others.
    assert 2000 <= seen.count(cache) <= 6000


def test_a_killed_writer_leaves_what_was_there(cache: Cache) -> None:
    learn(cache, ["a"])
    killed = f"""
import os, sqlite3
opened = sqlite3.connect({str(database(cache))!r}, isolation_level=None)
opened.execute("PRAGMA cache_size = 1")
opened.execute("BEGIN IMMEDIATE")
for shard in range(500):
    opened.execute("INSERT OR REPLACE INTO clean VALUES (1, ?, zeroblob(4096), zeroblob(16))", (shard,))
opened.execute("DELETE FROM generation")
os._exit(9)
"""
    assert subprocess.run([sys.executable, "-c", killed], check=False).returncode == 9
    assert left(cache, ["a", "b"]) == everything(["b"])


def test_a_locked_database_is_done_without(cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seen, "_PATIENCE", 0.01)
    learn(cache, ["a"])
    run = memory(cache)
    (batch,) = run.sift(["b"])
    run.add(batch, [0])
    with sqlite3.connect(database(cache), isolation_level=None) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert left(cache, ["a"]) == everything(["a"])
        run.save()
        other.execute("ROLLBACK")
    assert left(cache, ["a", "b"]) == everything(["b"])
    run.save()
    assert left(cache, ["a", "b"]) == {}


@pytest.mark.parametrize("at", [0, 1, 18, 100, 4096, 4200, 8192, 12288])
def test_damage_makes_it_forget_at_most(cache: Cache, at: int) -> None:
    learn(cache, ["a", "b", "c"])
    whole = database(cache).read_bytes()
    assert len(whole) > at
    database(cache).write_bytes(whole[:at] + bytes(255 - byte for byte in whole[at : at + 600]) + whole[at + 600 :])
    assert left(cache, ["d"]) == everything(["d"])
    learn(cache, ["a", "d"])
    learn(cache, ["a", "d"])
    assert left(cache, ["a", "d", "e"]) == everything(["e"]), "it mends itself"


@pytest.mark.parametrize("cut", [0, 1, 100, 1000, 4096, 5000, 9000])
def test_a_cut_off_database_is_made_anew(cache: Cache, cut: int) -> None:
    learn(cache, ["a"])
    database(cache).write_bytes(database(cache).read_bytes()[:cut])
    assert left(cache, ["a"]) == everything(["a"])
    learn(cache, ["a"])
    learn(cache, ["a"])
    assert left(cache, ["a"]) == {}


def _foreign_table(opened: sqlite3.Connection) -> None:
    opened.execute("DROP TABLE clean")


def _foreign_program(opened: sqlite3.Connection) -> None:
    opened.execute("PRAGMA application_id = 1")


def _foreign_view(opened: sqlite3.Connection) -> None:
    opened.execute("ALTER TABLE clean RENAME TO hidden")
    opened.execute("CREATE VIEW clean AS SELECT generation, shard, keys FROM hidden")


def _foreign_values(opened: sqlite3.Connection) -> None:
    opened.execute("UPDATE clean SET keys = 'text'")


def _odd_length(opened: sqlite3.Connection) -> None:
    opened.execute("UPDATE clean SET keys = x'0102'")


def _another_signature(opened: sqlite3.Connection) -> None:
    opened.execute("UPDATE clean SET signature = zeroblob(16)")


def _more_rules(opened: sqlite3.Connection) -> None:
    opened.execute("UPDATE generation SET rules = rules || zeroblob(16)")


_CHANGES_OF_DATABASE = [
    _foreign_table,
    _foreign_program,
    _foreign_view,
    _foreign_values,
    _odd_length,
    _another_signature,
    _more_rules,
]


@pytest.mark.parametrize("change", _CHANGES_OF_DATABASE)
def test_what_is_not_ours_is_not_believed(cache: Cache, change: object) -> None:
    learn(cache, ["a"])
    with sqlite3.connect(database(cache)) as opened:
        assert callable(change)
        change(opened)
    opened.close()
    assert left(cache, ["a"]) == everything(["a"])
    learn(cache, ["a"])
    learn(cache, ["a"])
    assert left(cache, ["a"]) == {}


def test_facts_cannot_be_moved_to_other_rules(cache: Cache) -> None:
    """Whoever can write the database but does not have the key can at most delete facts."""
    learn(cache, ["a"], (ONE, TWO))
    learn(cache, ["b"], (ONE, TWO, THREE))
    with sqlite3.connect(database(cache)) as opened:
        more, fewer = opened.execute("SELECT id FROM generation ORDER BY length(rules) DESC").fetchall()
        opened.execute("DELETE FROM clean WHERE generation = ?", more)
        opened.execute("UPDATE clean SET generation = ? WHERE generation = ?", (*more, *fewer))
    opened.close()
    assert left(cache, ["a"], (ONE, TWO, THREE)) == everything(["a"])


def test_a_database_signed_with_another_key_is_not_believed(cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAMED_KEY, "of somebody who writes a pull request")
    learn(cache, ["a"])
    assert cache.folder is not None
    monkeypatch.delenv(NAMED_KEY)
    ours = Cache(cache.folder)
    assert left(ours, ["a"]) == everything(["a"])


@pytest.mark.skipif(os.name == "nt", reason="there are no FIFOs")
@pytest.mark.parametrize("part", ["", "-journal", "-wal"])
def test_a_fifo_under_the_databases_name_is_made_anew(cache: Cache, part: str) -> None:
    learn(cache, ["a"])
    file = database(cache).with_name(database(cache).name + part)
    file.unlink(missing_ok=True)
    os.mkfifo(file)
    learn(cache, ["b"])
    assert left(cache, ["b"]) == {}


def test_facts_outlive_a_database_that_is_replaced(cache: Cache) -> None:
    run = memory(cache)
    (batch,) = run.sift(["a"])
    run.add(batch, [0])
    database(cache).unlink()
    learn(cache, ["b"])
    run.save()
    assert left(cache, ["a", "b"]) == {}
    assert seen.count(cache) == 2


@pytest.mark.skipif(os.name == "nt", reason="access lists say who may write")
@pytest.mark.parametrize(("mode", "on_folder"), [(0o777, True), (0o770, True), (0o666, False), (0o620, False)])
def test_what_others_may_write_is_not_believed(cache: Cache, mode: int, on_folder: bool) -> None:
    learn(cache, ["a"])
    assert left(cache, ["a"]) == {}
    (database(cache).parent if on_folder else database(cache)).chmod(mode)
    assert left(cache, ["a"]) == everything(["a"])


def test_a_link_is_not_followed(cache: Cache, tmp_path: Path) -> None:
    learn(cache, ["a"])
    database(cache).rename(tmp_path / "elsewhere")
    database(cache).symlink_to(tmp_path / "elsewhere")
    assert left(cache, ["a"]) == everything(["a"])
    assert not database(cache).is_symlink()


def test_the_database_is_private(cache: Cache) -> None:
    learn(cache, ["a"])
    assert database(cache).stat().st_mode & 0o077 == 0
    assert database(cache).parent.stat().st_mode & 0o077 == 0


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    for cache in (Cache(tmp_path / "file" / "cache"), Cache(None)):
        learn(cache, ["a"])
        assert left(cache, ["a"]) == everything(["a"])
        assert seen.count(cache) == 0


def test_a_full_disk_keeps_what_was_there(cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    learn(cache, ["a"])
    prepare = seen._prepare

    def full(opened: sqlite3.Connection) -> None:
        prepare(opened)
        opened.execute(f"PRAGMA max_page_count = {opened.execute('PRAGMA page_count').fetchone()[0]}")

    monkeypatch.setattr(seen, "_prepare", full)
    many = [str(number) for number in range(5000)]
    learn(cache, many)
    assert left(cache, ["a", *many]) == everything(many)


def test_a_python_without_sqlite_does_without(cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    learn(cache, ["a"])
    monkeypatch.setitem(sys.modules, "sqlite3", None)
    learn(cache, ["a"])
    assert left(cache, ["a"]) == everything(["a"])


def test_it_is_bounded_and_forgets_the_oldest_first(cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seen, "MOST_GENERATIONS", 3)
    clock = iter(range(0, 10**9, 100_000))
    monkeypatch.setattr(seen.time, "time", lambda: float(next(clock)))
    kinds = [rule(str(number)) for number in range(4)]
    for kind in kinds[:3]:
        learn(cache, ["a"], [kind])
    learn(cache, ["a"], [kinds[0]])  # used again
    learn(cache, ["a"], [kinds[3]])
    assert [bool(left(cache, ["a"], [kind])) for kind in kinds] == [False, True, False, False]
    monkeypatch.setattr(seen, "MOST_BYTES", 0)
    learn(cache, ["b"], [kinds[0]])
    assert seen.count(cache) == 0


def test_what_is_used_daily_writes_once_a_day(cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1_000_000.0]
    monkeypatch.setattr(seen.time, "time", lambda: now[0])
    learn(cache, ["a"])
    written = database(cache).read_bytes()
    now[0] += 3600
    learn(cache, ["a"])
    assert database(cache).read_bytes() == written
    now[0] += 100_000
    learn(cache, ["a"])
    assert database(cache).read_bytes() != written


def test_a_batch_of_a_run_without_memory_is_not_noted(cache: Cache) -> None:
    run = memory(cache)
    run.add(Batch([0], (ONE,)), [0])
    run.save()
    assert left(cache, ["a"]) == everything(["a"])
