"""Every option once: its type, default and help. Flags, configuration keys and docs derive from it.

`OPTIONS` are the options with a flag, a key or both. `TABLES` are the configuration's tables. `load` merges a
configuration file and flags into `Settings`; whatever is wrong with either is an error that names the line or the flag.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from cavra_boundary import config as configuration
from cavra_boundary.baseline import NAME as BASELINE
from cavra_boundary.errors import BoundaryError, ConfigError, UsageError, nearest
from cavra_boundary.evidence import fixtures
from cavra_boundary.model import FINGERPRINT_PATTERN, Allow, Severity
from cavra_boundary.report import FORMATS

_Command = TypeVar("_Command", bound=Callable[..., Any])
_Read = Callable[[object], object]

_MAX_JOBS = 256
_MAX_NUMBER = 10**9
# Compiling a pattern for hyperscan takes a second at 3000 characters.
_MAX_GLOB = 1000
_MAX_WILDCARDS = 4
_MAX_SHOWN = 60
_BARE_KEY = f"[A-Za-z0-9_-]{{1,{_MAX_SHOWN}}}"
_SEVERITIES = tuple(severity.label for severity in sorted(Severity, reverse=True))
# Both also stand in the JSON Schema, so they keep to what ECMAScript understands.
_SIZE = "([0-9]{1,15})(?: ?(?:([kKmMgG])([iI]?))?[bB])?"


@dataclass(frozen=True, slots=True, eq=False)
class Kind:
    """What a value may be.

    metavar: its name in `--help`. expects: completes "must be …". read: the value as `Settings` holds it, None if it
    is not of this kind. schema: the kind in JSON Schema, if keys have it.
    """

    metavar: str
    expects: str
    read: _Read
    schema: Mapping[str, object] = field(default_factory=dict)
    choices: tuple[str, ...] = ()


def _read_text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _read_remark(value: object) -> str | None:
    return value.strip() if isinstance(value, str) else None


def _read_switch(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _read_path(value: object) -> Path | None:
    return Path(value) if value and isinstance(value, str | Path) else None


def _read_severity(value: object) -> Severity | None:
    return Severity.of(value) if isinstance(value, str) and value in _SEVERITIES else None


def _read_count(value: object) -> int | None:
    return value if type(value) is int and 1 <= value <= _MAX_JOBS else None


def _read_number(value: object) -> int | None:
    return value if type(value) is int and 1 <= value <= _MAX_NUMBER else None


def _read_size(value: object) -> int | None:
    if isinstance(value, str) and (parts := re.fullmatch(_SIZE, value)):
        number, prefix, binary = parts.groups()
        power = "kmg".index(prefix.lower()) + 1 if prefix else 0
        value = int(number) * (1024 if binary else 1000) ** power
    return value if type(value) is int and value >= 1 else None


def _read_glob(value: object) -> str | None:
    """A pattern that can match something. `pathspec` also takes blanks, comments and sets that `re` reads otherwise."""
    if not isinstance(value, str) or len(value) > _MAX_GLOB:
        return None
    # A match tries every way to share a name among its wildcards, so many of them take seconds on a long name.
    if any(name.replace("**", "").count("*") > _MAX_WILDCARDS for name in value.split("/")):
        return None
    import warnings

    from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            pattern = GitIgnoreSpecPattern(value)
    except (ValueError, re.error, Warning):
        return None
    return value if pattern.include is not None else None


def _read_inclusive(value: object) -> str | None:
    glob = _read_glob(value)
    return None if glob is None or glob.startswith("!") else glob


def _read_fingerprint(value: object) -> str | None:
    return value if isinstance(value, str) and re.fullmatch(FINGERPRINT_PATTERN, value) else None


def _read_date(value: object) -> date | None:
    if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return None
    return value if isinstance(value, date) and not isinstance(value, datetime) else None


def _choice(expects: str, *names: str, read: _Read | None = None) -> Kind:
    def read_name(value: object) -> object:
        return value if value in names else None

    return Kind("|".join(names), expects, read or read_name, {"enum": list(names)}, names)


class Output(NamedTuple):
    """A format to write the report in, and the file to write it to; None is standard output."""

    format: str
    file: Path | None


def _read_output(value: object) -> Output | None:
    if not isinstance(value, str):
        return None
    format, equals, file = value.partition("=")
    return Output(format, Path(file) if equals else None) if format in FORMATS and bool(file) is bool(equals) else None


def _word(metavar: str, expects: str, pattern: str) -> Kind:
    def read(value: object) -> str | None:
        return value if isinstance(value, str) and re.fullmatch(pattern, value) else None

    return Kind(metavar, expects, read, {"type": "string", "pattern": f"^{pattern}$"})


_STRING = {"type": "string", "minLength": 1}
_PATTERN = {"type": "string", "minLength": 1, "maxLength": _MAX_GLOB}

SWITCH = Kind("", "true or false", _read_switch)
COUNT = Kind("N", f"a whole number from 1 to {_MAX_JOBS}", _read_count)
SIZE = Kind(
    "SIZE",
    "a number of bytes, or a size such as 50MB or 1GiB",
    _read_size,
    {"anyOf": [{"type": "integer", "minimum": 1}, {"type": "string", "pattern": f"^{_SIZE}$"}]},
)
NUMBER = Kind("N", f"a whole number from 1 to {_MAX_NUMBER}", _read_number)
REVISION = Kind("REV", "a branch, tag or commit", _read_text)
RANGE = Kind("A..B", "a range of commits", _read_text)
NAME = Kind("NAME", "a string that is not empty", _read_text, _STRING)
REMARK = Kind("TEXT", "a string", _read_remark, {"type": "string"})
LABEL = _word("LABEL", "a word in lower case", "[a-z0-9][a-z0-9+_-]{0,59}")
HOST = _word("HOST", "a host such as docs.example.com or .example", r"\.?[a-z0-9-]+(?:\.[a-z0-9-]+){0,8}")
RULE = Kind("RULE", "a rule's id", _read_text, _STRING)
CLAUSE = Kind("CLAUSE", "a clause's id", _read_text, _STRING)
SEVERITY = _choice("a severity", *_SEVERITIES, read=_read_severity)
FILE = Kind("FILE", "a path", _read_path, _STRING)
FORMAT = Kind("FORMAT[=FILE]", f"a format ({', '.join(FORMATS)}), or one and a file as FORMAT=FILE", _read_output)
PACK = Kind("PATH", "a path", _read_path, _STRING)
GLOB = Kind(
    "GLOB",
    f"a pattern in .gitignore syntax that can match something, with at most {_MAX_WILDCARDS} * in a name",
    _read_glob,
    _PATTERN,
)
INCLUSIVE_GLOB = Kind(
    "GLOB", f"{GLOB.expects} and does not start with !", _read_inclusive, _PATTERN | {"pattern": "^[^!]"}
)
FINGERPRINT = Kind(
    "FINGERPRINT",
    "a fingerprint such as 3fa1-09bd2c",
    _read_fingerprint,
    {"type": "string", "pattern": f"^{FINGERPRINT_PATTERN}$"},
)
DATE = Kind("DATE", "a date such as 2026-12-31", _read_date, {"type": "string", "format": "date"})


class Option(NamedTuple):
    """One option.

    field: its name in `Settings` (in `Allow`, for a key of [[allow]]). flag, short, key: how a command line and a
    configuration spell it; empty where it cannot stand. default: as a user would write it; `many` stands for a list.
    shown: the default in words, where it is not simply written.
    """

    field: str
    kind: Kind
    help: str
    flag: str = ""
    short: str = ""
    key: str = ""
    default: Any = None
    many: bool = False
    required: bool = False
    shown: str = ""


class Table(NamedTuple):
    """One table of the configuration, or an array of them. `names`: the kind of every value, where keys are free."""

    key: str
    help: str
    options: tuple[Option, ...] = ()
    names: Kind | None = None
    array: bool = False


OPTIONS = (
    Option(
        "config",
        FILE,
        f"Read this configuration, a file like {configuration.NAME} or a pyproject.toml.",
        flag="--config",
        shown="the nearest one",
    ),
    Option("staged", SWITCH, "Scan what is staged: the index, not the working tree.", flag="--staged", default=False),
    Option(
        "range",
        RANGE,
        "Scan the commits of this range, and all that they ever brought in; A..B is what B has and A has not.",
        flag="--range",
    ),
    Option(
        "history",
        SWITCH,
        "Scan all commits of all branches, tags and notes; with --ref, of that one.",
        flag="--history",
        default=False,
    ),
    Option("refs", REVISION, "Scan the tree of this revision; with --history, its commits.", flag="--ref", many=True),
    Option("message_file", FILE, "Scan the message of a commit that is being made.", flag="--message-file"),
    Option(
        "allow_shallow",
        SWITCH,
        "Be content with the commits that a shallow clone has. The receipt says so.",
        flag="--allow-shallow",
        default=False,
    ),
    Option("expect_files", NUMBER, "Be incomplete if fewer files are scanned.", flag="--expect-files"),
    Option("expect_commits", NUMBER, "Be incomplete if fewer commits are scanned.", flag="--expect-commits"),
    Option("packs", PACK, "Add a pack, or a folder of packs.", flag="--pack", key="packs", many=True),
    Option("only_rules", RULE, "Run only this rule.", flag="--only-rule", many=True),
    Option("skip_rules", RULE, "Do not run this rule.", flag="--skip-rule", key="skip-rules", many=True),
    Option("only_clauses", CLAUSE, "Run only the rules of this clause.", flag="--only-clause", many=True),
    Option(
        "exclude",
        GLOB,
        "Do not scan what this pattern names, in .gitignore syntax. The receipt counts it.",
        flag="--exclude",
        key="exclude",
        many=True,
    ),
    Option(
        "formats",
        FORMAT,
        f"How to write the report: {', '.join(FORMATS)}; with =FILE to that file.",
        flag="--format",
        many=True,
        shown="text",
    ),
    Option("output", FILE, "Write a single format to this file.", flag="--output", shown="standard output"),
    Option(
        "fail_on",
        SEVERITY,
        "Exit with 1 if a finding weighs at least this much.",
        flag="--fail-on",
        key="fail-on",
        default="warning",
    ),
    Option(
        "baseline",
        FILE,
        "The findings that are known: only others fail.",
        flag="--baseline",
        key="baseline",
        shown=f"{BASELINE}, if it is there",
    ),
    Option(
        "policy_from",
        REVISION,
        "Judge by the configuration, packs and baseline that this revision had; say how those of today are weaker.",
        flag="--policy-from",
        shown="those of today",
    ),
    Option("as_of", DATE, "Judge the ends of allows as on this day.", flag="--as-of", shown="today"),
    Option("jobs", COUNT, "Scan with this many processes.", flag="--jobs", shown="the number of CPUs"),
    Option(
        "max_file_size",
        SIZE,
        "Do not read a larger file; one that is found makes the run incomplete.",
        flag="--max-file-size",
        key="max-file-size",
        default="1GiB",
    ),
    Option("no_ignore", SWITCH, "Scan also untracked files that .gitignore hides.", flag="--no-ignore", default=False),
    Option(
        "no_prefilter",
        SWITCH,
        "Try every rule on every file: slower, with the same findings.",
        flag="--no-prefilter",
        default=False,
    ),
    Option(
        "no_cache",
        SWITCH,
        "Read also what an earlier scan of git found to bear nothing.",
        flag="--no-cache",
        default=False,
    ),
    Option(
        "show_secrets",
        SWITCH,
        "Do not redact; only if standard output is a terminal.",
        flag="--show-secrets",
        default=False,
    ),
    Option("quiet", SWITCH, "Say nothing but findings.", flag="--quiet", short="-q", default=False),
    Option(
        "verbose",
        SWITCH,
        "Say also what was skipped and suppressed, and why.",
        flag="--verbose",
        short="-v",
        default=False,
    ),
    Option("color", _choice("a time", "auto", "always", "never"), "When to use color.", flag="--color", default="auto"),
    Option("stdin_name", NAME, "The path that standard input stands for.", flag="--stdin-name", default="<stdin>"),
)

ENTERPRISE = (
    Option(
        "packages",
        NAME,
        "Names under which private packages are imported or installed.",
        key="packages",
        default=("cavra_enterprise", "cavra-enterprise"),
        many=True,
    ),
    Option("paths", NAME, "Folders of private source.", key="paths", default=("cavra_enterprise/",), many=True),
    Option("headers", NAME, "Words that head a private file.", key="headers", default=("CAVRA Enterprise",), many=True),
    Option(
        "license_ids",
        NAME,
        "SPDX identifiers of private licenses.",
        key="license_ids",
        default=("LicenseRef-CAVRA-Enterprise",),
        many=True,
    ),
    Option(
        "hooks",
        NAME,
        "Public files that may import private packages.",
        key="hooks",
        default=("enterprise_hooks.py",),
        many=True,
    ),
)

DEFAULT_MARKERS: dict[str, tuple[str, ...]] = {option.field: option.default for option in ENTERPRISE}
"""The Enterprise markers of a project that names none."""

EVIDENCE = (
    Option(
        "evidence",
        INCLUSIVE_GLOB,
        "Which files are evidence fixtures, in .gitignore syntax.",
        key="globs",
        default=fixtures.GLOBS,
        many=True,
    ),
    Option("schemes", LABEL, "More schemes of references, as in scheme://label.", key="schemes", default=(), many=True),
    Option("kinds", LABEL, "More kinds of references, as in kind:label.", key="kinds", default=(), many=True),
    Option("words", LABEL, "More public words that labels may be made of.", key="words", default=(), many=True),
    Option("hosts", HOST, "More hosts to which texts may link.", key="hosts", default=(), many=True),
)

ALLOW = (
    Option("rule", RULE, "The rule that is not reported.", key="rule", required=True),
    Option(
        "path", INCLUSIVE_GLOB, "In which files, in .gitignore syntax.", key="path", shown="any, if `value` is given"
    ),
    Option("value", FINGERPRINT, "Which value, by its fingerprint.", key="value", shown="any, if `path` is given"),
    Option("reason", REMARK, "Why it may be public. Without a reason the allow does not count.", key="reason"),
    Option("owner", REMARK, "Who answers for it.", key="owner"),
    Option("expires", DATE, "The last day on which it counts.", key="expires", shown="never"),
)

TABLES = (
    Table("severity", "What a rule, or every rule of a clause, weighs instead of its own severity.", names=SEVERITY),
    Table(
        "enterprise",
        "The project's own names for private things. A list that is given replaces its default.",
        ENTERPRISE,
    ),
    Table(
        "evidence",
        "Where evidence fixtures are, and what they may hold. A list of globs that is given replaces its default.",
        EVIDENCE,
    ),
    Table("allow", "An exception to one rule, by file, by value or by both.", ALLOW, array=True),
)


class Mention(NamedTuple):
    """A rule or clause that a configuration or a flag names, to be checked once the rules are known."""

    name: str
    kinds: tuple[Kind, ...]
    where: str
    error: type[BoundaryError]


class Settings(NamedTuple):
    """What `scan` was asked to do: flags over configuration over defaults.

    source: the configuration file, relative to the current folder where it is below it; None without one.
    max_file_size: in bytes. severity: rule id or clause -> what it weighs. enterprise: see `packs.Markers`.
    evidence: globs. vocabulary: what evidence may hold besides, see `evidence.fixtures.Scope`. Lists keep the
    configuration's entries first.
    """

    source: Path | None
    staged: bool
    range: str | None
    history: bool
    refs: tuple[str, ...]
    message_file: Path | None
    allow_shallow: bool
    expect_files: int | None
    expect_commits: int | None
    packs: tuple[Path, ...]
    only_rules: tuple[str, ...]
    skip_rules: tuple[str, ...]
    only_clauses: tuple[str, ...]
    exclude: tuple[str, ...]
    outputs: tuple[Output, ...]
    fail_on: Severity
    baseline: Path | None
    policy_from: str | None
    as_of: date | None
    jobs: int
    max_file_size: int
    no_ignore: bool
    no_prefilter: bool
    no_cache: bool
    show_secrets: bool
    quiet: bool
    verbose: bool
    color: str
    stdin_name: str
    severity: Mapping[str, Severity]
    enterprise: Mapping[str, tuple[str, ...]]
    evidence: tuple[str, ...]
    vocabulary: Mapping[str, tuple[str, ...]]
    allows: tuple[Allow, ...]
    mentions: tuple[Mention, ...]


def load(start: Path, config: Path | None, flags: Mapping[str, object]) -> Settings:
    """The settings for a scan of `start`, from the file `config` or else the nearest configuration, and flags.

    flags: by `Option.field`; None or an empty tuple is a flag that was not given. A flag wins over the file, but the
    entries of lists add up. ConfigError for a mistake in the file, UsageError for one in a flag.
    """
    given: dict[str, Any] = {}
    mentions: list[Mention] = []
    for option in OPTIONS:
        if option.flag and (value := flags.get(option.field)) is not None:
            given[option.field] = _read_flag(option, value, mentions)
    if given.get("quiet") and given.get("verbose"):
        raise UsageError("--quiet and --verbose contradict each other", where="--quiet")
    document = configuration.read(config) if config else configuration.find(start)
    file = _File(document or configuration.Document(Path(), {}, {}), mentions)
    written = file.options()
    values: dict[str, Any] = {}
    for option in OPTIONS:
        name = option.field
        if option.many:
            values[name] = (*written.get(name, ()), *given.get(name, ()))
        else:
            values[name] = given.get(name, written.get(name, _default(option)))
    del values["config"]
    values["outputs"] = _outputs(values.pop("formats"), values.pop("output"))
    values["jobs"] = values["jobs"] or _cpus()
    values["baseline"] = values["baseline"] or _present(
        (document.path.parent if document else configuration.top(start)) / BASELINE
    )
    return Settings(
        source=document.path if document else None,
        severity=file.severity(),
        enterprise=file.table("enterprise", ENTERPRISE),
        evidence=(of_evidence := file.table("evidence", EVIDENCE))["evidence"],
        vocabulary={name: of_evidence[name] for name in ("schemes", "kinds", "words", "hosts")},
        allows=file.allows(),
        mentions=tuple(mentions),
        **values,
    )


def check_names(settings: Settings, rules: Collection[str], clauses: Collection[str]) -> None:
    """Raise an error for the first rule or clause that the settings name and the packs do not have.

    It is a ConfigError or a UsageError, whichever named it, with the nearest valid name as its hint.
    """
    known = {RULE: frozenset(rules), CLAUSE: frozenset(clauses)}
    for mention in settings.mentions:
        if not any(mention.name in known[kind] for kind in mention.kinds):
            names = [name for kind in mention.kinds for name in known[kind]]
            what = " or ".join(kind.metavar.lower() for kind in mention.kinds)
            raise mention.error(
                f"unknown {what} {_quoted(mention.name)}", where=mention.where, hint=nearest(mention.name, names)
            )


def read_outputs(formats: Sequence[str], file: Path | None) -> tuple[Output, ...]:
    """What values of `--format` and `--output` ask for, as `load` reads them; UsageError likewise."""
    (option,) = (option for option in OPTIONS if option.kind is FORMAT)
    return _outputs(_read_flag(option, formats, []), file)


def _outputs(formats: tuple[Output, ...], file: Path | None) -> tuple[Output, ...]:
    """What `--format` and `--output` ask for together. UsageError when two reports would go to one place."""
    if file and (len(formats) > 1 or any(output.file for output in formats)):
        hint = "give each its own file: --format NAME=FILE"
        raise UsageError("--output is for a single format", where="--output", hint=hint)
    chosen = formats or (Output("text", None),)
    if file:
        return (Output(chosen[0].format, file),)
    met: set[Path | None] = set()
    for output in chosen:
        if output.file in met:
            where = f"to {_quoted(str(output.file))}" if output.file else "to standard output"
            hint = f"give each its own file: --format {output.format}=FILE"
            raise UsageError(f"two reports cannot go {where}", where="--format", hint=hint)
        met.add(output.file)
    return chosen


def scan_options(*only: str) -> Callable[[_Command], _Command]:
    """A decorator that gives a click command every option with a flag, in order, as a parameter named `Option.field`.

    only: the fields of those to give, if not all.

    A flag that is not given is None, an empty tuple or False, so that `load` can tell.
    """
    import click

    def add(command: _Command) -> _Command:
        for option in reversed([each for each in OPTIONS if each.flag and (not only or each.field in only)]):
            decorate = click.option(
                *filter(None, (option.flag, option.short)),
                option.field,
                help=option.help,
                # Told that it is none, click takes a value that begins with a dash for an option of its own.
                is_flag=True if option.kind is SWITCH else None,
                multiple=option.many,
                metavar=option.kind.metavar or None,
                type=_click_type(option.kind),
                show_default=option.shown or (option.default if isinstance(option.default, str) else False),
            )
            command = decorate(command)
        return command

    return add


def _click_type(kind: Kind) -> Any:
    import click

    if kind.choices:
        return click.Choice(kind.choices)
    return {
        SWITCH: click.BOOL,
        COUNT: click.INT,
        NUMBER: click.INT,
        FILE: click.Path(path_type=Path),
        PACK: click.Path(path_type=Path),
    }.get(kind, click.STRING)


def _default(option: Option) -> Any:
    return None if option.default is None else option.kind.read(option.default)


def _present(file: Path) -> Path | None:
    return file if os.path.lexists(file) else None


def _cpus() -> int:
    """How many CPUs this process may use: in a container fewer than there are."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return min(usable or 1, _MAX_JOBS)


def _read_flag(option: Option, value: Any, mentions: list[Mention]) -> Any:
    read = []
    for each in value if option.many else (value,):
        kept = option.kind.read(each)
        if kept is None:
            raise UsageError(f"must be {option.kind.expects}", where=option.flag, hint=_advice(option.kind, each))
        read.append(kept)
        if option.kind in (RULE, CLAUSE):
            mentions.append(Mention(each, (option.kind,), option.flag, UsageError))
    return tuple(read) if option.many else read[0]


class _File:
    """Reads a configuration's tables, and adds to `mentions` every rule and clause it names."""

    def __init__(self, document: configuration.Document, mentions: list[Mention]) -> None:
        self._document = document
        self._mentions = mentions
        keys = [option.key for option in OPTIONS if option.key]
        self._check_keys(document.table, [*keys, *(table.key for table in TABLES)])

    def options(self) -> dict[str, Any]:
        """The values of the options that are written, by field."""
        return self._values(OPTIONS, self._document.table)

    def table(self, key: str, options: tuple[Option, ...]) -> dict[str, Any]:
        """The values of a table's options, by field; the default of those that are not written."""
        table = self._table(key)
        self._check_keys(table, [option.key for option in options], key)
        return {option.field: option.default for option in options} | self._values(options, table, key)

    def severity(self) -> dict[str, Severity]:
        read = {}
        for name, value in self._table("severity").items():
            read[name] = self._value(SEVERITY, value, "severity", name)
            self._mention(name, (RULE, CLAUSE), "severity", name)
        return read

    def allows(self) -> tuple[Allow, ...]:
        entries = self._document.table.get("allow", [])
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            raise self._error("allow must be an array of tables, each headed [[allow]]", "allow")
        return tuple(self._allow(index, entry) for index, entry in enumerate(entries))

    def _allow(self, index: int, entry: Mapping[str, object]) -> Allow:
        at = ("allow", index)
        self._check_keys(entry, [option.key for option in ALLOW], *at)
        values = self._values(ALLOW, entry, *at)
        for option in ALLOW:
            if option.required and option.field not in values:
                raise self._error(f"an allow needs a {option.key}", *at)
        if "path" not in values and "value" not in values:
            raise self._error("an allow needs a path, a value or both", *at, hint="skip-rules turns a whole rule off")
        texts = {name: values.get(name, "") for name in ("path", "value", "reason", "owner")}
        line = self._document.line(*at)
        return Allow(rule=values["rule"], **texts, expires=values.get("expires"), line=line)

    def _table(self, key: str) -> Mapping[str, object]:
        table = self._document.table.get(key, {})
        if not isinstance(table, dict):
            raise self._error(f"{key} must be a table", key)
        return table

    def _values(self, options: Iterable[Option], table: Mapping[str, object], *at: str | int) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for option in options:
            if not option.key or option.key not in table:
                continue
            value = table[option.key]
            if not option.many:
                values[option.field] = self._value(option.kind, value, *at, option.key)
            elif isinstance(value, list):
                values[option.field] = tuple(
                    self._value(option.kind, each, *at, option.key, index) for index, each in enumerate(value)
                )
            else:
                raise self._error(f"{_dotted(*at, option.key)} must be a list", *at, option.key)
        return values

    def _value(self, kind: Kind, value: object, *at: str | int) -> Any:
        read = kind.read(value)
        if read is None:
            entry = "every entry of " if isinstance(at[-1], int) else ""
            raise self._error(f"{entry}{_dotted(*at)} must be {kind.expects}", *at, hint=_advice(kind, value))
        if isinstance(read, Path):
            return self._below(read, *at)
        if kind is RULE:
            self._mention(str(read), (kind,), *at)
        return read

    def _below(self, path: Path, *at: str | int) -> Path:
        """A path in a stranger's file means something below that file's folder, through links too, or nothing."""
        folder = self._document.path.parent
        whole = folder / path
        try:
            inside = whole.resolve().is_relative_to(folder.resolve())
        except (OSError, RuntimeError, ValueError):
            inside = False
        if not inside:
            raise self._error(f"{_dotted(*at)} leads out of the configuration's folder", *at, hint="use --pack")
        return whole

    def _mention(self, name: str, kinds: tuple[Kind, ...], *at: str | int) -> None:
        self._mentions.append(Mention(name, kinds, self._document.where(*at), ConfigError))

    def _check_keys(self, table: Mapping[str, object], known: Collection[str], *at: str | int) -> None:
        for key in table:
            if key not in known:
                inside = f" in {_dotted(*at)}" if at else ""
                raise self._error(f"unknown key {_quoted(key)}{inside}", *at, key, hint=nearest(key, known))

    def _error(self, what: str, *at: str | int, hint: str = "") -> ConfigError:
        return ConfigError(what, where=self._document.where(*at), hint=hint)


def _advice(kind: Kind, value: object) -> str:
    if kind is FORMAT:
        return nearest(str(value).partition("=")[0], FORMATS)
    return nearest(value if isinstance(value, str) else "", kind.choices) if kind.choices else ""


def _dotted(*at: str | int) -> str:
    """A key path as TOML would write it, without indexes."""
    return ".".join(step if re.fullmatch(_BARE_KEY, step) else _quoted(step) for step in at if isinstance(step, str))


def _quoted(name: str) -> str:
    """A stranger's word as it may be printed: nothing invisible, on one line, not endless."""
    return repr(name) if len(name) <= _MAX_SHOWN else f"{name[:_MAX_SHOWN]!r}…"
