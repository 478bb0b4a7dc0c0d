"""`cavra-boundary policy`: the policy that is in force, and how it differs between two revisions."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cavra_boundary.cache import Cache
from cavra_boundary.cli.governing import compared
from cavra_boundary.cli.judge import concealed
from cavra_boundary.cli.parts import load_rules
from cavra_boundary.cli.places import ALL, locate, repository
from cavra_boundary.cli.terminal import say
from cavra_boundary.errors import ExitCode
from cavra_boundary.model import Severity
from cavra_boundary.policy import config as configuration
from cavra_boundary.policy import options, settings
from cavra_boundary.policy.files import Files

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cavra_boundary.policy.config import Document
    from cavra_boundary.policy.settings import Settings
    from cavra_boundary.rules.model import RuleSet


@click.group("policy")
def command() -> None:
    """Show the policy in force, and how it differs between two revisions."""


@command.command("show")
@options.scan_options("config", "packs")
def show(config: Path | None, **flags: object) -> int:
    """Print every setting in force and where it is set, the packs, and every rule that is off or changes severity."""
    root, _ = locate([ALL])
    files = Files.around(root)
    document = files.configuration(config)
    chosen = settings.load(root, config, flags, files=files)
    cache = Cache.of_user(root)
    rules = load_rules(chosen, cache)
    written = document or configuration.Document(Path(), {}, {})
    lines = [*_options(chosen, written), *_tables(chosen, written), "", *_packs(rules), *_rules(chosen, rules, written)]
    say(concealed(lines, chosen, root, rules, cache))
    return ExitCode.CLEAN


def _options(chosen: Settings, written: Document) -> Iterator[str]:
    """The options that a configuration can have, each with where its value comes from."""
    for option in options.OPTIONS:
        if option.key:
            value = getattr(chosen, option.field)
            shown = ", ".join(map(_word, value)) if isinstance(value, tuple) else _word(value)
            yield _line(option.key, shown, written, option.key)


def _tables(chosen: Settings, written: Document) -> Iterator[str]:
    """The tables of names, and the exceptions."""
    for table, values in (
        ("enterprise", chosen.enterprise),
        ("evidence", {"globs": chosen.evidence, **chosen.vocabulary}),
    ):
        for key, names in values.items():
            yield _line(f"{table}.{key}", ", ".join(names), written, table, key)
    for name, severity in chosen.severity.items():
        yield _line(f"severity.{name}", severity.label, written, "severity", name)
    for kind, outcome in chosen.weakening.items():
        yield _line(f"weakening.{kind}", outcome, written, "weakening", kind)
    for index, allow in enumerate(chosen.allows):
        until = f"until {allow.expires}" if allow.expires else "forever"
        named = " ".join(filter(None, (allow.rule, allow.path and f"in {allow.path}", allow.value, until)))
        yield _line("allow", named, written, "allow", index)


def _packs(rules: RuleSet) -> Iterator[str]:
    """Each pack with the number of its rules, and what packs change in others."""
    for pack, count in Counter(rule.id.partition(".")[0] for rule in rules.rules).items():
        yield f"pack {pack}: {count} rules"
    for override in rules.overrides:
        changes = [f"severity {override.severity}"] if override.severity else []
        changes += ["off"] if override.off else []
        changes += [f"only in {', '.join(override.paths)}"] if override.paths else []
        changes += [f"never in {', '.join(override.skip_paths)}"] if override.skip_paths else []
        yield f"{override.rule}: {', '.join(changes)} ({override.reason})  [{override.where}]"


def _rules(chosen: Settings, rules: RuleSet, written: Document) -> Iterator[str]:
    """Rules that are off, or whose severity is not what their pack says."""
    for rule in rules.rules:
        if rule.id in chosen.skip_rules:
            yield _line(rule.id, "off", written, "skip-rules")
            continue
        key = next((key for key in (rule.id, rule.clause) if key in chosen.severity), None)
        if key and chosen.severity[key] != rule.severity:
            now = f"{chosen.severity[key].label} instead of {rule.severity.label}"
            yield _line(rule.id, now, written, "severity", key)


def _line(name: str, value: str, written: Document, *key: str | int) -> str:
    place = written.where(*key) if written.root + key in written.lines else "default"
    return f"{name} = {value or '(none)'}  [{place}]"


def _word(value: object) -> str:
    return value.label if isinstance(value, Severity) else "" if value is None else str(value)


@command.command("diff")
@click.argument("base", metavar="A")
@click.argument("now", metavar="[B]", required=False)
def diff(base: str, now: str | None) -> int:
    """List how the policy of B (default: the working tree) is weaker than that of revision A.

    Exits 1 if it is.
    """
    from cavra_boundary.policy.files import Tree

    root = repository()
    cache = Cache.of_user(root)
    with Tree(root, base) as tree, compared(root, tree, {}, cache, now=now or "") as found:
        before = found.base
        lines = [
            f"{each.path}:{each.line}: {before.by_id[each.rule].title}: {each.what} [{each.rule}]"
            for each in found.weaker
        ]
        if lines:
            say(concealed(lines, before.settings, root, before.rules, cache))
    if not found.weaker:
        click.echo("Nothing is weaker.")
    return ExitCode.FINDINGS if found.weaker else ExitCode.CLEAN
