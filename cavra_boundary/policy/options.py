"""Every option, defined once: its kind, default and help. Flags, configuration keys and docs derive from it.

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
    POLICY_FILE,
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

    field: its name in `Settings` (in `Allow`, for a key of [[allow]]). flag, short, key: its spelling on the command
    line and in the configuration; empty if it has none. default: as a user would write it. many: takes a list. shown:
    the default in words, if it is not a plain value.
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
    """One table of the configuration, or an array of them. `names`: the kind of every value, if keys are free-form."""

    key: str
    help: str
    options: tuple[Option, ...] = ()
    names: Kind | None = None
    array: bool = False


OPTIONS = (
    Option(
        "config",
        POLICY_FILE,
        f"Use this configuration file: one like {CONFIG}, or a pyproject.toml.",
        flag="--config",
        shown="the one at the repository's top",
    ),
    Option("staged", SWITCH, "Scan what is staged (the index), not the working tree.", flag="--staged", default=False),
    Option(
        "range",
        RANGE,
        "Scan the commits in this range, including content removed later; A..B is the commits in B that are not in A.",
        flag="--range",
    ),
    Option(
        "history",
        SWITCH,
        "Scan all commits of all branches, tags and notes; with --ref, only the commits of that revision.",
        flag="--history",
        default=False,
    ),
    Option("refs", REVISION, "Scan the tree at this revision; with --history, its commits.", flag="--ref", many=True),
    Option(
        "message_file", FILE, "Scan the commit message in this file, before the commit is made.", flag="--message-file"
    ),
    Option(
        "allow_shallow",
        SWITCH,
        "Accept a shallow clone and scan the commits it has. The receipt says so.",
        flag="--allow-shallow",
        default=False,
    ),
    Option("expect_files", NUMBER, "Exit 3 if fewer files are scanned; with 0, none will do.", flag="--expect-files"),
    Option("expect_commits", NUMBER, "Exit 3 if fewer commits are scanned.", flag="--expect-commits"),
    Option("packs", PACK, "Add a pack, or a folder of packs.", flag="--pack", key="packs", many=True),
    Option("only_rules", RULE, "Run only this rule.", flag="--only-rule", many=True),
    Option("skip_rules", RULE, "Do not run this rule.", flag="--skip-rule", key="skip-rules", many=True),
    Option("only_clauses", CLAUSE, "Run only the rules of this clause.", flag="--only-clause", many=True),
    Option(
        "exclude",
        GLOB,
        "Do not scan files that match this pattern, in .gitignore syntax. The receipt counts them.",
        flag="--exclude",
        key="exclude",
        many=True,
    ),
    Option(
        "formats",
        FORMAT,
        f"Report format: {', '.join(FORMATS)}; add =FILE to write it to a file.",
        flag="--format",
        many=True,
        shown="text",
    ),
    Option(
        "output",
        FILE,
        "Write the report to this file, if there is only one format.",
        flag="--output",
        shown="standard output",
    ),
    Option(
        "fail_on",
        SEVERITY,
        "Exit 1 if a finding has at least this severity.",
        flag="--fail-on",
        key="fail-on",
        default="warning",
    ),
    Option(
        "baseline",
        POLICY_FILE,
        "A file of known findings, which do not fail the run.",
        flag="--baseline",
        key="baseline",
        shown=f"{BASELINE}, if it exists",
    ),
    Option(
        "policy_from",
        REVISION,
        "Use the configuration, packs and baseline of this revision, and report where the current ones are weaker.",
        flag="--policy-from",
        shown="the current ones",
    ),
    Option("as_of", DATE, "Check whether allows have expired as of this date.", flag="--as-of", shown="today"),
    Option("jobs", COUNT, "Use this many processes.", flag="--jobs", shown="the number of CPUs"),
    Option(
        "max_file_size",
        SIZE,
        "Do not read files larger than this; finding one makes the run incomplete.",
        flag="--max-file-size",
        key="max-file-size",
        default="1GiB",
    ),
    Option(
        "no_ignore", SWITCH, "Also scan untracked files that .gitignore ignores.", flag="--no-ignore", default=False
    ),
    Option(
        "no_prefilter",
        SWITCH,
        "Try every rule on every file: slower, same findings.",
        flag="--no-prefilter",
        default=False,
    ),
    Option(
        "no_cache",
        SWITCH,
        "Rescan git content that earlier scans found clean.",
        flag="--no-cache",
        default=False,
    ),
    Option(
        "show_secrets",
        SWITCH,
        "Do not redact secrets; only allowed if standard output is a terminal.",
        flag="--show-secrets",
        default=False,
    ),
    Option("quiet", SWITCH, "Only print findings.", flag="--quiet", short="-q", default=False),
    Option(
        "verbose",
        SWITCH,
        "Also print what was skipped and suppressed, and why.",
        flag="--verbose",
        short="-v",
        default=False,
    ),
    Option(
        "color",
        one_of("auto, always or never", "auto", "always", "never"),
        "When to use color.",
        flag="--color",
        default="auto",
    ),
    Option(
        "stdin_name", NAME, "Treat standard input as a file with this path.", flag="--stdin-name", default="<stdin>"
    ),
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
    Option(
        "headers",
        NAME,
        "Words in the header of a private file.",
        key="headers",
        default=("CAVRA Enterprise",),
        many=True,
    ),
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
"""The Enterprise markers of a project that does not configure its own."""

EVIDENCE = (
    Option(
        "evidence",
        INCLUSIVE_GLOB,
        "Which files are evidence fixtures, in .gitignore syntax.",
        key="globs",
        default=fixtures.GLOBS,
        many=True,
    ),
    Option("schemes", LABEL, "More reference schemes, as in scheme://label.", key="schemes", default=(), many=True),
    Option("kinds", LABEL, "More reference kinds, as in kind:label.", key="kinds", default=(), many=True),
    Option("words", LABEL, "More public words that labels may contain.", key="words", default=(), many=True),
    Option("hosts", HOST, "More hosts that texts may link to.", key="hosts", default=(), many=True),
)

WEAKENING = tuple(
    Option(kind, one_of("fail or warn", "fail", "warn"), f"{text}.", key=kind, default="fail")
    for kind, text in (
        ("exclude-added", "Files are newly excluded"),
        ("rule-weakened", "A rule was turned off or changed"),
        ("severity-lowered", "A rule's severity was lowered"),
        ("fail-on-raised", "Fewer severities fail"),
        ("marker-removed", "Something is no longer treated as private"),
        ("evidence-loosened", "Fewer files count as evidence, or evidence may hold more"),
        ("allow-added", "An allow was added or extended"),
        ("baseline-grown", "The baseline grew"),
        ("attributes-hide", "Attributes hide files from review"),
        ("weakening-loosened", "A kind of weakening that failed only warns"),
    )
)

ALLOW = (
    Option("rule", RULE, "The rule it applies to.", key="rule", required=True),
    Option(
        "path",
        INCLUSIVE_GLOB,
        "The files it applies to, in .gitignore syntax.",
        key="path",
        shown="any, if `value` is given",
    ),
    Option(
        "value",
        FINGERPRINT,
        "The fingerprint of the value it applies to.",
        key="value",
        shown="any, if `path` is given",
    ),
    Option("reason", REMARK, "Why it may be public. Without a reason, the allow has no effect.", key="reason"),
    Option("owner", REMARK, "Who is responsible for it.", key="owner"),
    Option("expires", DATE, "The last day it is in effect.", key="expires", shown="never"),
)

TABLES = (
    Table("severity", "The severity of a rule, or of every rule of a clause, instead of its own.", names=SEVERITY),
    Table(
        "enterprise",
        "The project's own names for private things. A list set here replaces its default.",
        ENTERPRISE,
    ),
    Table(
        "evidence",
        "Where evidence fixtures are, and what they may contain. A list of globs set here replaces its default.",
        EVIDENCE,
    ),
    Table(
        "weakening",
        "Whether a change that weakens the policy in this way fails the run, or only warns and takes effect. What "
        "counts is the table of the policy that judges the change, not the change's own.",
        WEAKENING,
    ),
    Table("allow", "An exception to one rule, by file, by value or both.", ALLOW, array=True),
)


def scan_options(*only: str) -> Callable[[_Command], _Command]:
    """A decorator that gives a click command every option with a flag, in order, as a parameter named `Option.field`.

    only: the fields of the options to add, if not all.

    A flag that was not given is None, an empty tuple or False, so that `load` can tell.
    """
    import click

    def add(command: _Command) -> _Command:
        for option in reversed([each for each in OPTIONS if each.flag and (not only or each.field in only)]):
            decorate = click.option(
                *filter(None, (option.flag, option.short)),
                option.field,
                help=option.help,
                # With is_flag=False, click would take a value that begins with a dash for another option.
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
        POLICY_FILE: click.Path(path_type=Path),
        PACK: click.Path(path_type=Path),
    }.get(kind, click.STRING)
