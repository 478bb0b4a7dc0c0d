"""Settings from flags and configuration files, and the errors when one of them is wrong."""

from __future__ import annotations

import json
import os
import re
import sys
import time
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from cavra_boundary.errors import BoundaryError, ConfigError, ExitCode, UsageError
from cavra_boundary.model import FINGERPRINT_PATTERN, Allow, Secret, Severity
from cavra_boundary.policy.config import MAX_BYTES, NAME
from cavra_boundary.policy.option_kinds import Output
from cavra_boundary.policy.options import DEFAULT_MARKERS, OPTIONS, scan_options
from cavra_boundary.policy.settings import Settings, check_names, load
from cavra_boundary.rules.read import read_pack
from cavra_boundary.toml.lines import MAX_DEPTH, key_lines
from cavra_boundary.triage import fingerprints

ROOT = Path(__file__).parents[2]


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(folder: Path, text: str, name: str = NAME) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def refusal(folder: Path, text: str) -> ConfigError:
    write(folder, text)
    with pytest.raises(ConfigError) as caught:
        load(folder, None, {})
    return caught.value


def test_defaults_without_a_configuration(repo: Path) -> None:
    got = load(repo, None, {})
    assert got.source is None
    assert (got.fail_on, got.max_file_size, got.color) == (Severity.WARNING, 1 << 30, "auto")
    assert got.outputs == (Output("text", None),)
    assert 1 <= got.jobs <= (os.cpu_count() or 1)
    assert not (got.packs or got.exclude or got.skip_rules or got.only_rules or got.only_clauses or got.allows)
    assert not (got.no_ignore or got.no_prefilter or got.show_secrets or got.quiet or got.verbose)
    assert got.enterprise["packages"] == ("cavra_enterprise", "cavra-enterprise")
    assert set(got.enterprise) == {"packages", "paths", "headers", "license_ids", "hooks"}
    assert "**/evidence/**" in got.evidence


def test_a_whole_configuration(repo: Path) -> None:
    write(
        repo,
        """
exclude = ["vendor/", "!vendor/ours"]
packs = ["rules/a.toml"]
skip-rules = ["a.b"]
fail-on = "note"
max-file-size = "2 MiB"
severity = { "a.b" = "error", license-key = "note" }
evidence.globs = []

[enterprise]
packages = ["acme"]

[[allow]]
rule = "a.b"
path = "docs/**"
reason = " because "
owner = "me"
expires = 2030-01-02

[[allow]]
rule = "a.c"
value = "3fa1-09bd2c"
expires = "2030-01-03"
""",
    )
    got = load(repo, None, {})
    assert got.source == Path(NAME)
    assert got.exclude == ("vendor/", "!vendor/ours")
    assert got.packs == (Path("rules/a.toml"),)
    assert (got.fail_on, got.max_file_size) == (Severity.NOTE, 2 << 20)
    assert got.severity == {"a.b": Severity.ERROR, "license-key": Severity.NOTE}
    assert got.evidence == ()
    assert (got.enterprise["packages"], got.enterprise["hooks"]) == (("acme",), ("enterprise_hooks.py",))
    assert got.allows == (
        Allow("a.b", "docs/**", "", "because", "me", date(2030, 1, 2), 13),
        Allow("a.c", "", "3fa1-09bd2c", "", "", date(2030, 1, 3), 20),
    )


def test_flags_win_and_lists_add_up(repo: Path) -> None:
    write(repo, 'fail-on = "error"\nmax-file-size = 10\nexclude = ["a"]\nskip-rules = ["p.one"]\npacks = ["in.toml"]\n')
    flags = {"fail_on": "note", "exclude": ("b",), "skip_rules": ("p.two",), "packs": (Path("/x.toml"),), "jobs": 3}
    got = load(repo, None, flags | {"quiet": True, "max_file_size": None, "paths": ("no option",)})
    assert (got.fail_on, got.max_file_size, got.jobs, got.quiet) == (Severity.NOTE, 10, 3, True)
    assert (got.exclude, got.skip_rules) == (("a", "b"), ("p.one", "p.two"))
    assert got.packs == (Path("in.toml"), Path("/x.toml"))


@pytest.mark.parametrize(
    "value",
    [
        fingerprints.of_value("a.b", Secret(b"x")),
        fingerprints.of_place("a.b", "x"),
        fingerprints.first_version("a.b", Secret(b"x")),
    ],
)
def test_an_allow_takes_every_kind_of_fingerprint(repo: Path, value: str) -> None:
    write(repo, f'[[allow]]\nrule = "a.b"\nvalue = "{value}"\n')
    assert load(repo, None, {}).allows[0].value == value


@pytest.mark.parametrize(
    ("written", "size"),
    [("1", 1), ("50MB", 50_000_000), ("1GiB", 1 << 30), ("3 kib", 3072), ("7b", 7), ("2KB", 2000), ("1gb", 10**9)],
)
def test_sizes(repo: Path, written: str, size: int) -> None:
    assert load(repo, None, {"max_file_size": written}).max_file_size == size


@pytest.mark.parametrize("written", ["", "0", "-1", "1.5MB", "MB", "1TBs", "1ib", "9" * 5000, "１", "1MB\n"])
def test_no_sizes(repo: Path, written: str) -> None:
    with pytest.raises(UsageError, match="--max-file-size"):
        load(repo, None, {"max_file_size": written})


class TestDiscovery:
    def test_the_repositorys_top_governs_all_of_it(self, repo: Path) -> None:
        """A subfolder's files would otherwise be judged by whoever writes there."""
        write(repo / "a" / "b", 'exclude = ["near"]\n')
        (repo / "a" / "b" / "file.py").write_text("")
        assert load(repo / "a" / "b", None, {}).source is None
        write(repo, '[tool.cavra-boundary]\nexclude = ["top"]\n', "pyproject.toml")
        for start in (repo, repo / "a", repo / "a" / "b", repo / "a" / "b" / "file.py"):
            assert load(start, None, {}).exclude == ("top",)

    def test_our_own_file_wins_in_one_folder(self, repo: Path) -> None:
        write(repo, 'exclude = ["own"]\n')
        write(repo, '[tool.cavra-boundary]\nexclude = ["project"]\n', "pyproject.toml")
        assert load(repo, None, {}).exclude == ("own",)

    def test_stops_at_the_top_of_the_repository(self, repo: Path) -> None:
        write(repo, 'exclude = ["outer"]\n')
        inner = repo / "inner"
        inner.mkdir()
        (inner / ".git").write_text("gitdir: elsewhere\n")
        assert load(inner, None, {}).source is None

    def test_outside_a_repository_only_the_root_counts(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        write(tmp_path, 'exclude = ["up"]\n')
        (tmp_path / "down").mkdir()
        assert load(tmp_path / "down", None, {}).source is None
        assert load(tmp_path, None, {}).exclude == ("up",)

    def test_a_broken_project_file_of_others_is_passed_over(self, repo: Path) -> None:
        write(repo, "this is = = not TOML", "pyproject.toml")
        assert load(repo, None, {}).source is None

    def test_a_given_file_is_taken_alone(self, repo: Path, tmp_path: Path) -> None:
        write(repo, 'exclude = ["found"]\n')
        other = write(repo / "etc", 'skip-rules = ["a.b"]\n', "policy.toml")
        got = load(repo, other, {})
        assert (got.source, got.exclude, got.skip_rules) == (other, (), ("a.b",))
        project = write(repo / "etc", '[tool.cavra-boundary]\nexclude = ["given"]\n', "pyproject.toml")
        assert load(repo, project, {}).exclude == ("given",)

    def test_a_given_file_must_be_there_and_be_ours(self, repo: Path) -> None:
        with pytest.raises(ConfigError, match="no such file"):
            load(repo, repo / "missing.toml", {})
        project = write(repo, "[tool.other]\n", "pyproject.toml")
        with pytest.raises(ConfigError, match=r"no \[tool.cavra-boundary\] table"):
            load(repo, project, {})

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs POSIX")
    @pytest.mark.parametrize("name", [NAME, "pyproject.toml"])
    def test_only_regular_files(self, repo: Path, name: str) -> None:
        target = write(repo, 'exclude = ["x"]\n', "elsewhere")
        (repo / name).symlink_to(target)
        with pytest.raises(ConfigError, match="not a regular file"):
            load(repo, None, {})
        (repo / name).unlink()
        os.mkfifo(repo / name)
        with pytest.raises(ConfigError, match="not a regular file"):
            load(repo, None, {})
        with pytest.raises(ConfigError, match="not a regular file"):
            load(repo, repo / name, {})


class TestMistakes:
    @pytest.mark.parametrize(
        ("text", "line", "what", "hint"),
        [
            ('\nexlude = ["a"]', 2, "unknown key 'exlude'", "did you mean 'exclude'?"),
            ("\n[sevrity]\n", 2, "unknown key 'sevrity'", "did you mean 'severity'?"),
            ("skip_rules = []", 1, "unknown key 'skip_rules'", "did you mean 'skip-rules'?"),
            ("jobs = 3", 1, "unknown key 'jobs'", ""),
            ('exclude = "a"', 1, "exclude must be a list", ""),
            ('exclude = [\n  "a",\n  # why\n  3,\n]', 4, "every entry of exclude must be a pattern", ""),
            ('exclude = ["ok",\n "a[z-a]"]', 2, "every entry of exclude must be a pattern", ""),
            ('exclude = ["!"]', 1, "every entry of exclude must be a pattern", ""),
            ('exclude = ["[[:alpha:]]"]', 1, "every entry of exclude must be a pattern", ""),
            ('exclude = [""]', 1, "every entry of exclude must be a pattern", ""),
            ('exclude = ["# note"]', 1, "every entry of exclude must be a pattern", ""),
            ('\n\nfail-on = "warn"', 3, "fail-on must be a severity", "did you mean 'warning'?"),
            ("fail-on = 3", 1, "fail-on must be a severity", "one of error, note, warning"),
            ("max-file-size = true", 1, "max-file-size must be a number of bytes", ""),
            ("severity = 3", 1, "severity must be a table", ""),
            ('[severity]\n"a.b" = "fatal"', 2, "severity.'a.b' must be a severity", ""),
            ('[severity]\n"\u202e" = 1', 2, "severity.'\\u202e' must be a severity", ""),
            ('[severity]\na.b = "note"', 2, "severity.a must be a severity", ""),
            ('[enterprise]\n\npackage = ["a"]', 3, "unknown key 'package' in enterprise", "did you mean 'packages'?"),
            ('enterprise.hooks = ["a", ""]', 1, "every entry of enterprise.hooks must be a non-empty string", ""),
            ('[evidence]\nglobs = ["!a"]', 2, "every entry of evidence.globs must be a pattern", ""),
            ('[allow]\nrule = "a.b"', 1, "allow must be an array of tables", ""),
            ("allow = [3]", 1, "allow must be an array of tables", ""),
            ('[[allow]]\nreason = "a"\npath = "b"', 1, "an allow needs a rule", ""),
            ('\n[[allow]]\nrule = "a.b"', 2, "an allow needs a path, a value or both", "skip-rules"),
            ('[[allow]]\nrule = "a.b"\nvalue = "3FA1"', 3, "allow.value must be a fingerprint", ""),
            ('[[allow]]\nrule = "a.b"\npath = "!a"', 3, "allow.path must be a pattern", ""),
            ('[[allow]]\nrule = "a.b"\npath = "a"\n[[allow]]\nrule = "a.b"\nreson = "x"', 6, "unknown key", "reason"),
            (
                'allow = [\n{ rule = "a.b", path = "a" },\n{ rule = "a.b",path="a", expires = "2026-02-30" },\n]',
                3,
                "a date",
                "",
            ),
            (
                '[[allow]]\nrule = "a.b"\npath = "b"\nexpires = 2026-01-01T00:00:00',
                4,
                "allow.expires must be a date",
                "",
            ),
            ('[[allow]]\nrule = "a.b"\npath = "b"\nexpires = "20260101"', 4, "allow.expires must be a date", ""),
            ('[[allow]]\nrule = "a.b"\npath = "b"\nreason = 3', 4, "allow.reason must be a string", ""),
        ],
    )
    def test_names_the_line(self, repo: Path, text: str, line: int, what: str, hint: str) -> None:
        error = refusal(repo, text)
        assert error.where == f"{NAME}:{line}"
        assert what in error.what
        assert hint in error.hint
        assert error.exit_code is ExitCode.USAGE

    def test_names_the_line_in_a_project_file(self, repo: Path) -> None:
        text = "[project]\nexclude = 1\n\n[tool.cavra-boundary.enterprise]\n\n[tool.cavra-boundary]\nexclude = 3\n"
        write(repo, text, "pyproject.toml")
        with pytest.raises(ConfigError) as caught:
            load(repo, None, {})
        assert caught.value.where == "pyproject.toml:7"
        write(repo, "[tool]\nx = 1\ncavra-boundary = 3\n", "pyproject.toml")
        with pytest.raises(ConfigError, match="must be a table") as caught:
            load(repo, None, {})
        assert caught.value.where == "pyproject.toml:3"

    def test_syntax_errors_name_line_and_column(self, repo: Path) -> None:
        assert refusal(repo, "exclude = []\nfail-on = = 3\n").where == f"{NAME}:2:11"
        assert "end of the file" in refusal(repo, "exclude = [").what

    def test_bytes_that_are_not_utf_8(self, repo: Path) -> None:
        (repo / NAME).write_bytes(b"# fine\n# \xff\nexclude = []\n")
        with pytest.raises(ConfigError, match="not UTF-8") as caught:
            load(repo, None, {})
        assert caught.value.where == f"{NAME}:2"

    def test_a_byte_order_mark_is_no_mistake(self, repo: Path) -> None:
        (repo / NAME).write_bytes(b'\xef\xbb\xbfexclude = ["a"]\r\n')
        assert load(repo, None, {}).exclude == ("a",)

    @pytest.mark.parametrize("path", ["../up.toml", "/etc/passwd", "a/../../up.toml", "link/x.toml", "a\\u0000b", ""])
    def test_packs_stay_below_the_configuration(self, repo: Path, path: str) -> None:
        inner = repo / "inner"
        (inner / ".git").mkdir(parents=True)
        (inner / "link").symlink_to(repo)
        error = refusal(inner, f'packs = ["ok.toml",\n"{path}"]')
        assert error.where == f"inner/{NAME}:2"

    @pytest.mark.parametrize(
        "text",
        [
            "a = " + "[" * 5000,
            "a = " + "[" * 5000 + "]" * 5000,
            "a = " + "{a=" * 5000,
            "a = 1\n[" + "a." * 50_000 + "a]",
            ".".join("a" * 50_000) + " = 1",
            "a = " + "9" * 100_000,
            '"""' + '\\"""' * 100_000,
            "x = '''" + "''" * 100_000 + "\n",
            '"' + "\\" * 200_001,
            "\u202e = 1",
            "#" * (MAX_BYTES + 1),
        ],
    )
    def test_hostile_files_are_refused_at_once(self, repo: Path, text: str) -> None:
        began = time.perf_counter()
        error = refusal(repo, text)
        assert time.perf_counter() - began < 2
        assert str(error).isprintable()
        assert len(str(error)) < 300

    def test_a_long_or_invisible_name_is_shown_short_and_escaped(self, repo: Path) -> None:
        message = str(refusal(repo, '"' + "\\u202E\\n" + "k" * 10_000 + '" = 1'))
        assert message.isprintable()
        assert len(message) < 400

    @given(st.binary(max_size=200))
    @settings(max_examples=150, deadline=None)
    def test_any_bytes_are_settings_or_a_config_error(
        self, tmp_path_factory: pytest.TempPathFactory, data: bytes
    ) -> None:
        path = tmp_path_factory.getbasetemp() / "any.toml"
        path.write_bytes(data)
        try:
            assert isinstance(load(path, path, {}), Settings)
        except ConfigError as error:
            assert error.where.startswith(str(path))

    def test_flags_are_checked_like_keys(self, repo: Path) -> None:
        for flags, flag in (
            ({"exclude": ["!"]}, "--exclude"),
            ({"fail_on": "fatal"}, "--fail-on"),
            ({"jobs": 0}, "--jobs"),
            ({"quiet": True, "verbose": True}, "--quiet"),
        ):
            with pytest.raises(UsageError) as caught:
                load(repo, None, flags)
            assert caught.value.where == flag


class TestNames:
    RULES = ("keys.private", "keys.public")
    CLAUSES = ("license-key",)

    @pytest.mark.parametrize(
        ("text", "line", "what"),
        [
            ('skip-rules = ["keys.public",\n"keys.privat"]', 2, "unknown rule 'keys.privat'"),
            ('[severity]\n"keys.public" = "note"\n"keys.privat" = "note"', 3, "unknown rule or clause 'keys.privat'"),
            (
                '[[allow]]\nrule = "keys.public"\npath = "a"\n[[allow]]\npath = "a"\nrule = "keys.privat"',
                6,
                "unknown rule",
            ),
            ('[[allow]]\nrule = "license-key"\npath = "a"', 2, "unknown rule 'license-key'"),
        ],
    )
    def test_an_unknown_name_in_the_file(self, repo: Path, text: str, line: int, what: str) -> None:
        write(repo, text)
        with pytest.raises(ConfigError) as caught:
            check_names(load(repo, None, {}), self.RULES, self.CLAUSES)
        assert caught.value.where == f"{NAME}:{line}"
        assert what in caught.value.what
        assert caught.value.hint == (
            "did you mean 'keys.private'?" if "privat" in text else "one of keys.private, keys.public"
        )

    @pytest.mark.parametrize(
        ("field", "flag"),
        [("only_rules", "--only-rule"), ("skip_rules", "--skip-rule"), ("only_clauses", "--only-clause")],
    )
    def test_an_unknown_name_in_a_flag(self, repo: Path, field: str, flag: str) -> None:
        write(repo, 'skip-rules = ["keys.public"]')
        with pytest.raises(UsageError, match="nothing-like-it") as caught:
            check_names(load(repo, None, {field: ("nothing-like-it",)}), self.RULES, self.CLAUSES)
        assert caught.value.where == flag

    def test_known_names_pass(self, repo: Path) -> None:
        write(repo, 'skip-rules = ["keys.public"]\n[severity]\nlicense-key = "note"\n"keys.private" = "error"\n')
        got = load(repo, None, {"only_rules": ("keys.private",), "only_clauses": ("license-key",)})
        check_names(got, self.RULES, self.CLAUSES)
        assert {mention.name for mention in got.mentions} == {*self.RULES, *self.CLAUSES}


KEYS = st.sampled_from(["a", "b", "c-d", '"e.f"', "'g'", '"\\u0068"', '"]"', "'#'", '"="'])
SCALARS = st.sampled_from(
    ["1", "true", "1.5", "1979-05-27T07:32:00Z", '"x"', '"""\ny"""""', "'''\n['''", '"#"', "'\"'", '"\\""', '""', "''"]
)
SPACES = st.sampled_from(["", " ", "\t"])
BREAKS = st.sampled_from(["\n", "\r\n", " # ] comment = {\n", "\n\n", "\n\t "])


@st.composite
def dotted(draw: st.DrawFn) -> str:
    return draw(st.sampled_from([".", " . "])).join(draw(st.lists(KEYS, min_size=1, max_size=3)))


@st.composite
def arrays(draw: st.DrawFn, elements: st.SearchStrategy[str]) -> str:
    items = draw(st.lists(elements, max_size=3))
    body = "".join(f"{draw(st.one_of(SPACES, BREAKS))}{item}{draw(st.one_of(SPACES, BREAKS))}," for item in items)
    return f"[{body}{draw(BREAKS)}]"


@st.composite
def inline_tables(draw: st.DrawFn, elements: st.SearchStrategy[str]) -> str:
    items = draw(st.lists(elements, max_size=2))
    return "{" + ", ".join(f"{draw(dotted())} = {item}" for item in items) + "}"


VALUES = st.recursive(SCALARS, lambda each: st.one_of(arrays(each), inline_tables(each)), max_leaves=6)
HEADERS = st.one_of(dotted().map(lambda key: f"[{key}]"), dotted().map(lambda key: f"[[ {key} ]]"))
STATEMENTS = st.one_of(st.tuples(dotted(), VALUES).map(lambda pair: f"{pair[0]} = {pair[1]}"), HEADERS)


@st.composite
def documents(draw: st.DrawFn) -> str:
    """TOML statement by statement, leaving out what would conflict with earlier statements."""
    text = ""
    for statement in draw(st.lists(STATEMENTS, max_size=8)):
        longer = text + draw(SPACES) + statement + draw(BREAKS)
        try:
            tomllib.loads(longer)
        except tomllib.TOMLDecodeError:
            continue
        text = longer
    return text


def key_paths(value: Any, path: tuple[str | int, ...] = ()) -> set[tuple[str | int, ...]]:
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return {path} - {()} | {found for key, child in children for found in key_paths(child, (*path, key))}


class TestKeyLines:
    @given(documents())
    @settings(max_examples=120, deadline=None)
    def test_finds_every_key_and_nothing_else(self, text: str) -> None:
        assert set(key_lines(text)) == key_paths(tomllib.loads(text))

    @given(st.lists(st.tuples(BREAKS, VALUES), min_size=1, max_size=5))
    @settings(max_examples=100, deadline=None)
    def test_counts_the_lines_before_a_key(self, values: list[tuple[str, str]]) -> None:
        text, expected = "", {}
        for index, (space, value) in enumerate(values):
            text += space
            expected[f"key{index}",] = text.count("\n") + 1
            text += f"key{index} = {value}\n"
        lines = key_lines(text)
        assert {path: line for path, line in lines.items() if len(path) == 1} == expected

    @given(st.text(alphabet="ab.=[]{},\"'\\\n# \r", max_size=60))
    @settings(max_examples=300, deadline=None)
    def test_takes_any_text(self, text: str) -> None:
        lines = key_lines(text)
        assert all(1 <= line <= text.count("\n") + 1 for line in lines.values())
        try:
            table = tomllib.loads(text)
        except tomllib.TOMLDecodeError:
            return
        assert set(lines) == key_paths(table)

    def test_depth_is_bounded(self) -> None:
        assert len(key_lines("a = " + "[" * MAX_DEPTH + "]" * MAX_DEPTH)) == MAX_DEPTH
        with pytest.raises(RecursionError):
            key_lines("a = " + "[" * (MAX_DEPTH + 1))


def run_scan(*arguments: str) -> dict[str, Any]:
    seen: dict[str, Any] = {}

    @click.command()
    @scan_options()
    def scan(**flags: Any) -> None:
        seen.update(flags)

    result = CliRunner().invoke(scan, arguments)
    assert result.exit_code == 0, result.output
    return seen


class TestFlags:
    def test_flags_not_given_leave_the_configuration_alone(self, repo: Path) -> None:
        text = 'fail-on = "error"\nmax-file-size = 7\nexclude = ["a"]\n'
        write(repo, text)
        flags = run_scan()
        assert set(flags) == {option.field for option in OPTIONS if option.flag}
        assert load(repo, flags.pop("config"), flags) == load(repo, None, {})

    def test_every_flag_arrives(self, repo: Path) -> None:
        config = write(repo, "", "other.toml")
        line = (
            "--config other.toml --pack p.toml --pack q --only-rule a.b --skip-rule a.c --skip-rule a.d "
            "--only-clause k --exclude *.x --format json --output out --fail-on note --jobs 2 --max-file-size 5kB "
            "--no-ignore --no-prefilter --show-secrets --verbose --color never --stdin-name in.py "
            "--staged --range A..B --history --ref main --ref v1 --message-file m --allow-shallow --expect-files 3 "
            "--expect-commits 4 --baseline known --policy-from base --as-of 2030-01-31 --no-cache"
        )
        assert {option.flag for option in OPTIONS} - {"--quiet", ""} <= set(line.split())
        flags = run_scan(*line.split())
        got = load(repo, flags["config"], flags)
        assert got._replace(mentions=()) == Settings(
            source=Path(config.name),
            staged=True,
            range="A..B",
            history=True,
            refs=("main", "v1"),
            message_file=Path("m"),
            allow_shallow=True,
            expect_files=3,
            expect_commits=4,
            packs=(Path("p.toml"), Path("q")),
            only_rules=("a.b",),
            skip_rules=("a.c", "a.d"),
            only_clauses=("k",),
            exclude=("*.x",),
            outputs=(Output("json", Path("out")),),
            fail_on=Severity.NOTE,
            baseline=Path("known"),
            policy_from="base",
            as_of=date(2030, 1, 31),
            jobs=2,
            max_file_size=5000,
            no_ignore=True,
            no_prefilter=True,
            no_cache=True,
            show_secrets=True,
            quiet=False,
            verbose=True,
            color="never",
            stdin_name="in.py",
            severity={},
            enterprise=load(repo, None, {}).enterprise,
            evidence=load(repo, None, {}).evidence,
            vocabulary=load(repo, None, {}).vocabulary,
            weakening=load(repo, None, {}).weakening,
            allows=(),
            mentions=(),
        )
        assert run_scan("--quiet")["quiet"] is True

    def test_help_shows_flags_in_order_with_their_defaults(self) -> None:
        @click.command()
        @scan_options()
        def scan(**flags: Any) -> None: ...

        shown = CliRunner().invoke(scan, ["--help"], terminal_width=200).output
        places = [shown.index(f"{option.flag} ") for option in OPTIONS if option.flag]
        assert places == sorted(places)
        for default in ("[default: (1GiB)]", "[default: (warning)]", "[default: (the number of CPUs)]"):
            assert default in shown


class TestDocs:
    SCHEMA = json.loads((ROOT / "docs/schemas/config.schema.json").read_text(encoding="utf-8"))
    EXAMPLE = (ROOT / "docs/options.md").read_text(encoding="utf-8").split("```toml\n")[1].split("```")[0]

    def errors(self, text: str) -> list[str]:
        table = tomllib.loads(text)
        # JSON Schema knows no dates; editors hand TOML's over as strings.
        instance = json.loads(json.dumps(table, default=str))
        return [error.message for error in Draft202012Validator(self.SCHEMA).iter_errors(instance)]

    def test_the_example_loads_and_fits_the_schema(self, repo: Path) -> None:
        Draft202012Validator.check_schema(self.SCHEMA)
        assert self.errors(self.EXAMPLE) == []
        write(repo, self.EXAMPLE)
        got = load(repo, None, {})
        assert got.severity
        assert got.allows
        assert set(tomllib.loads(self.EXAMPLE)) == set(self.SCHEMA["properties"])

    def test_the_example_names_rules_and_clauses_that_there_are(self, repo: Path) -> None:
        packs = [read_pack(file, DEFAULT_MARKERS, lint=False) for file in sorted((ROOT / "patterns").glob("*.toml"))]
        rules = [rule.id for pack in packs for rule in pack.rules]
        clauses = [clause.id for pack in packs for clause in pack.clauses]
        write(repo, self.EXAMPLE)
        got = load(repo, None, {})
        check_names(got, rules, clauses)
        (allow,) = got.allows
        assert re.fullmatch(FINGERPRINT_PATTERN, allow.value)

    @pytest.mark.parametrize(
        "text",
        [
            "exlude = []",
            "exclude = 'a'",
            "fail-on = 'warn'",
            "max-file-size = '1 parsec'",
            "[enterprise]\nx = []",
            "[severity]\na = 'x'",
            "[[allow]]\nrule = 'a'\nreason = 'b'",
            "[[allow]]\nrule = 'a'\npath = 'b'\nvalue = 'c'",
        ],
    )
    def test_schema_and_tool_refuse_alike(self, repo: Path, text: str) -> None:
        assert self.errors(text)
        assert isinstance(refusal(repo, text), BoundaryError)


def test_a_start_without_configuration_imports_no_parser(repo: Path) -> None:
    import subprocess

    code = (
        "import sys; from pathlib import Path; from cavra_boundary.policy.settings import load; load(Path(), None, {});"
        "print([m for m in ('tomllib', 'pathspec', 'difflib', 'click', 'json') if m in sys.modules])"
    )
    command = [sys.executable, "-c", code]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    found = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert found.stdout.strip() == "[]"
