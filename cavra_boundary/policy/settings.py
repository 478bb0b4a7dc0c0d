"""What a command was asked to do: flags override the configuration, which overrides defaults.

`load` merges a configuration file and flags into `Settings`; any mistake in either is an error that names the line or
the flag. The options themselves are in `options`.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from cavra_boundary.errors import BoundaryError, ConfigError, UsageError, nearest
from cavra_boundary.model import Allow, Severity
from cavra_boundary.policy import config as configuration
from cavra_boundary.policy.files import Files
from cavra_boundary.policy.option_kinds import CLAUSE, FORMAT, MAX_JOBS, RULE, SEVERITY, Kind, Output
from cavra_boundary.policy.options import ALLOW, ENTERPRISE, EVIDENCE, OPTIONS, TABLES, WEAKENING, Option
from cavra_boundary.report import FORMATS
from cavra_boundary.triage.baseline import NAME as BASELINE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import date

_MAX_SHOWN = 60
_BARE_KEY = f"[A-Za-z0-9_-]{{1,{_MAX_SHOWN}}}"


class Mention(NamedTuple):
    """A rule or clause named by a configuration or a flag, to be checked once the rules are known."""

    name: str
    kinds: tuple[Kind, ...]
    where: str
    error: type[BoundaryError]


class Settings(NamedTuple):
    """What `scan` was asked to do: flags override the configuration, which overrides defaults.

    source: the configuration file, relative to the current folder if it is below it; None without one.
    max_file_size: in bytes. severity: rule id or clause -> its severity. enterprise: see `rules.model.Markers`.
    evidence: globs. vocabulary: what else evidence may contain, see `evidence.fixtures.Scope`. weakening: kind ->
    "fail" or "warn". In lists, the configuration's entries come first.
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
    weakening: Mapping[str, str]
    allows: tuple[Allow, ...]
    mentions: tuple[Mention, ...]

    @property
    def warned(self) -> frozenset[str]:
        """The kinds of weakening that only warn."""
        return frozenset(kind for kind, outcome in self.weakening.items() if outcome == "warn")


def load(start: Path, config: Path | None, flags: Mapping[str, object], *, files: Files | None = None) -> Settings:
    """The settings for a scan of `start`, from the file `config` or else the one at its repository's top, and flags.

    flags: by `Option.field`; None or an empty tuple is a flag that was not given. A flag overrides the file, but lists
    are combined. files: where the policy's files come from, if not from around `start`. ConfigError for a mistake in
    the file, UsageError for one in a flag.
    """
    files = files or Files.around(start)
    given: dict[str, Any] = {}
    mentions: list[Mention] = []
    for option in OPTIONS:
        if option.flag and (value := flags.get(option.field)) is not None:
            given[option.field] = _located(option, _read_flag(option, value, mentions), files)
    if given.get("quiet") and given.get("verbose"):
        raise UsageError("--quiet and --verbose cannot be combined", where="--quiet")
    document = files.configuration(config)
    file = _File(document or configuration.Document(Path(), {}, {}), mentions, files)
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
    if "baseline" not in given:
        folder = document.path.parent if document else files.folder
        values["baseline"] = values["baseline"] or _present(files.within(folder / BASELINE))
    return Settings(
        source=document.path if document else None,
        severity=file.severity(),
        enterprise=file.table("enterprise", ENTERPRISE),
        evidence=(of_evidence := file.table("evidence", EVIDENCE))["evidence"],
        vocabulary={name: of_evidence[name] for name in ("schemes", "kinds", "words", "hosts")},
        weakening=file.table("weakening", WEAKENING),
        allows=file.allows(),
        mentions=tuple(mentions),
        **values,
    )


def check_names(settings: Settings, rules: Collection[str], clauses: Collection[str]) -> None:
    """Raise an error for the first rule or clause that the settings name and the packs do not have.

    It is a ConfigError or a UsageError, depending on what named it, with the nearest valid name as its hint.
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
    """The outputs that `--format` and `--output` ask for, read as `load` reads them; UsageError likewise."""
    (option,) = (option for option in OPTIONS if option.kind is FORMAT)
    return _outputs(_read_flag(option, formats, []), file)


def _outputs(formats: tuple[Output, ...], file: Path | None) -> tuple[Output, ...]:
    """What `--format` and `--output` ask for together. UsageError when two reports would go to the same place."""
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


def _located(option: Option, value: Any, files: Files) -> Any:
    """Where to read the policy files that a flag names; every other value as it is."""
    if not option.kind.of_policy:
        return value
    # Without a baseline more findings fail, so a missing one weakens nothing.
    needed = option.field != "baseline"
    found = [files.named(option.flag, path, needed=needed) for path in (value if option.many else (value,))]
    return tuple(filter(None, found)) if option.many else found[0]


def _default(option: Option) -> Any:
    return None if option.default is None else option.kind.read(option.default)


def _present(file: Path) -> Path | None:
    return file if os.path.lexists(file) else None


def _cpus() -> int:
    """How many CPUs this process may use: in a container, fewer than the machine has."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return min(usable or 1, MAX_JOBS)


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

    def __init__(self, document: configuration.Document, mentions: list[Mention], files: Files) -> None:
        self._document = document
        self._mentions = mentions
        self._files = files
        keys = [option.key for option in OPTIONS if option.key]
        self._check_keys(document.table, [*keys, *(table.key for table in TABLES)])

    def options(self) -> dict[str, Any]:
        """The values of the options that are set, by field."""
        return self._values(OPTIONS, self._document.table)

    def table(self, key: str, options: tuple[Option, ...]) -> dict[str, Any]:
        """The values of a table's options, by field; the default of those that are not set."""
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
            raise self._error("allow must be an array of tables, each starting with [[allow]]", "allow")
        return tuple(self._allow(index, entry) for index, entry in enumerate(entries))

    def _allow(self, index: int, entry: Mapping[str, object]) -> Allow:
        at = ("allow", index)
        self._check_keys(entry, [option.key for option in ALLOW], *at)
        values = self._values(ALLOW, entry, *at)
        for option in ALLOW:
            if option.required and option.field not in values:
                raise self._error(f"an allow needs a {option.key}", *at)
        if "path" not in values and "value" not in values:
            raise self._error(
                "an allow needs a path, a value or both", *at, hint="to turn off a whole rule, use skip-rules"
            )
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
        """The path from the file, which is untrusted: it must stay below the file's folder, even through links."""
        folder = self._document.path.parent
        whole = folder / path
        try:
            inside = whole.resolve().is_relative_to(folder.resolve())
        except (OSError, RuntimeError, ValueError):
            inside = False
        if not inside:
            raise self._error(f"{_dotted(*at)} is outside the configuration's folder", *at, hint="use --pack")
        return self._files.within(whole)

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
    """An untrusted name made safe to print: on one line, of limited length, nothing invisible."""
    return repr(name) if len(name) <= _MAX_SHOWN else f"{name[:_MAX_SHOWN]!r}…"
