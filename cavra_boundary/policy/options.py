"""Every option once: its kind, default and help. Flags, configuration keys and docs derive from it.

`OPTIONS` are the options with a flag, a key or both. `TABLES` are the configuration's tables.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from cavra_boundary.evidence import fixtures
from cavra_boundary.policy.config import NAME as CONFIG
from cavra_boundary.policy.option_kinds import (
    CLAUSE,
    COUNT,
    DATE,
    FILE,
    FINGERPRINT,
    FORMAT,
    GLOB,
    HOST,
    INCLUSIVE_GLOB,
    LABEL,
    NAME,
    NUMBER,
    PACK,
    RANGE,
    REMARK,
    REVISION,
    RULE,
    SEVERITY,
    SIZE,
    SWITCH,
    Kind,
    one_of,
)
from cavra_boundary.report import FORMATS
from cavra_boundary.triage.baseline import NAME as BASELINE

_Command = TypeVar("_Command", bound=Callable[..., Any])


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
        f"Read this configuration, a file like {CONFIG} or a pyproject.toml.",
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
    Option("color", one_of("a time", "auto", "always", "never"), "When to use color.", flag="--color", default="auto"),
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
