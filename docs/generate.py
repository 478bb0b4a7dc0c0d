"""Writes the pages of docs/ that are generated from code: `python docs/generate.py`.

With `--check` it writes nothing and exits with 1 if a page is stale.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kinds_page import kinds_page
from pack_schema import pack_schema

from cavra_boundary.contracts.publish import schema as contract_schema
from cavra_boundary.detect.kinds import CredentialRule
from cavra_boundary.evidence import kinds
from cavra_boundary.evidence.schema import schema as kind_schema
from cavra_boundary.policy.config import MAX_BYTES, NAME
from cavra_boundary.policy.option_kinds import SWITCH, Kind
from cavra_boundary.policy.options import ALLOW, DEFAULT_MARKERS, OPTIONS, TABLES, Option, Table
from cavra_boundary.rules.combine import combine
from cavra_boundary.rules.files import pack_files
from cavra_boundary.rules.read import read_pack
from cavra_boundary.toml.lines import MAX_DEPTH

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

DOCS = Path(__file__).parent
PACKS = DOCS.parent / "patterns"
SCHEMA_URL = "https://json-schema.org/draft/2020-12/schema"

EXAMPLE = """\
exclude = ["third_party/", "*.min.js"]
packs = ["boundary/our-tenants.toml"]
skip-rules = ["registry-tokens.npmrc-auth"]
fail-on = "error"
baseline = "boundary/known-findings"
max-file-size = "200MB"

[severity]
billing-record = "error"                          # every rule of a clause
"billing-records.stripe-webhook-secret" = "note"  # one rule

[weakening]
allow-added = "warn"                              # see docs/policy.md

[enterprise]
packages = ["acme_enterprise"]
paths = ["acme_enterprise/"]

[evidence]
globs = ["fixtures/evidence/**"]

[[allow]]
rule = "registry-tokens.npm-access-token"
path = "tests/publish/*.npmrc"
value = "v2-9f2c04d1a37be658"
reason = "made up for the publishing tests; opens nothing"
owner = "release team"
expires = 2027-06-30
"""

OPTIONS_INTRO = """\
# Options

<!-- Written by docs/generate.py from cavra_boundary/policy/options.py. Do not edit. -->

## Flags of `scan`

A flag overrides the configuration; lists are combined. A flag marked * can be given several times.
"""

CONFIG_INTRO = f"""\
## Configuration

A file `{NAME}`, or the table `[tool.cavra-boundary]` in a pyproject.toml. The one at the top of the
repository (the folder with `.git`) governs all of it, whatever path is scanned; others are not read, and a notice names
those that are met. `{NAME}` wins over pyproject.toml; a pyproject.toml without the table is skipped. Outside a
repository it is the scanned folder's own. `--config FILE` uses that file instead; one named pyproject.toml is read as
such.

A configuration is a regular file (links are not followed) of at most {MAX_BYTES >> 20} MiB, nested at most {MAX_DEPTH}
deep. An unknown key, rule or clause, a wrong type, a bad pattern or a bad date is an error that names the line, and
nothing is scanned. `packs` are relative to the configuration's folder and cannot point outside it.
"""


RULES_INTRO = """\
# Rules

<!-- Written by docs/generate.py from patterns/*.toml. Do not edit. -->

{rules:,} rules in {packs} packs, grouped by clause of the boundary. `cavra-boundary rules show RULE` shows one in full,
with its examples; [packs.md](packs.md) explains how to write one.

Each clause names the page of the CAVRA public wiki that defines it.
"""

SERVICES_INTRO = """\
## Services

{rows:,} services whose keys do not speak for themselves: a word of the service near the value, a name that means a
credential, and a value of the listed shape ([packs.md](packs.md#providers-one-line-for-each-service)).

{severity} if nothing else is said: {why}

Instead: {remedy}
"""


def options_page() -> str:
    """Return docs/options.md: every flag, every key, one example."""
    flags = [
        (f"`{option.flag}{_value(option)}`{' *' if option.many else ''}", option.help, _default(option))
        for option in OPTIONS
        if option.flag
    ]
    keys = [(f"`{option.key}`", _type(option), option.help, _default(option)) for option in OPTIONS if option.key]
    parts = [
        OPTIONS_INTRO,
        _table(("flag", "meaning", "default"), flags),
        CONFIG_INTRO,
        f"```toml\n{EXAMPLE}```\n",
        _table(("key", "value", "meaning", "default"), keys),
    ]
    for table in TABLES:
        parts.append(f"### `{_heading(table)}`\n\n{table.help}\n")
        if table.names:
            parts.append(f"Each key is a rule's id or a clause's, each value {_expected(table.names)}.\n")
        else:
            rows = [(f"`{option.key}`", _type(option), option.help, _default(option)) for option in table.options]
            parts.append(_table(("key", "value", "meaning", "default"), rows))
    return "\n".join(parts)


def config_schema() -> str:
    """Return docs/schemas/config.schema.json: the shape of a configuration, for editors and tests."""
    properties = _properties(OPTIONS)
    for table in TABLES:
        body: dict[str, Any] = {"type": "object"}
        if table.names:
            body["additionalProperties"] = table.names.schema
        else:
            body |= {"properties": _properties(table.options), "additionalProperties": False}
        if table.options is ALLOW:
            # A scan accepts an allow without a reason and reports that it is ignored; an editor can say so earlier.
            body["required"] = [*(option.key for option in ALLOW if option.required), "reason"]
            body["anyOf"] = [{"required": ["path"]}, {"required": ["value"]}]
        properties[table.key] = {"description": table.help} | (
            {"type": "array", "items": body} if table.array else body
        )
    schema = {
        "$schema": SCHEMA_URL,
        "title": f"Configuration of cavra-boundary: {NAME} or [tool.cavra-boundary] of a pyproject.toml",
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
    }
    return _json(schema)


def rules_page() -> str:
    """Return docs/rules.md: the clauses and the rules of each, then the services as one compact table."""
    packs = [read_pack(file, DEFAULT_MARKERS, lint=False) for file in pack_files([PACKS])]
    rules = combine(packs, "")
    services = {
        rule.id: rule
        for pack in packs
        for rule in pack.rules
        if isinstance(rule, CredentialRule) and pack.places[rule.id][0] == "providers"
    }
    parts = [RULES_INTRO.format(rules=len(rules.rules), packs=sum(bool(pack.rules) for pack in packs))]
    for clause in rules.clauses.values():
        of_clause = [rule for rule in rules.rules if rule.clause == clause.id]
        rows = [
            (f"`{rule.id}`", rule.severity.label, _text(rule.title), _text(rule.why))
            for rule in of_clause
            if rule.id not in services
        ]
        parts.append(f"## {_text(clause.title)} (`{clause.id}`)\n")
        parts.append(f"{_text(clause.covers)}\n")
        parts.append(f"Instead: {_text(clause.instead)}\n")
        parts.append(f"Written in: {_text(clause.written_in)}.\n")
        parts.append(_table(("rule", "severity", "finds", "why"), rows) if rows else "No rule yet.\n")
        if more := len(of_clause) - len(rows):
            parts.append(f"And the credentials of {more:,} [services](#services).\n")
    parts += _services(list(services.values()))
    return "\n".join(parts)


def _services(rules: Sequence[CredentialRule]) -> Iterator[str]:
    """The rows of providers, without what most of them share."""
    usual = Counter((rule.severity, rule.why, rule.remedy) for rule in rules).most_common(1)
    if not usual:
        return
    severity, why, remedy = usual[0][0]
    yield SERVICES_INTRO.format(
        rows=len(rules), severity=severity.label.capitalize(), why=_sentence(why), remedy=remedy
    )
    rows = []
    for rule in sorted(rules, key=lambda rule: rule.id):
        only = f" ({rule.severity.label})" if rule.severity != severity else ""
        shapes = " ".join(f"`{shape.replace('|', chr(92) + '|')}`" for shape in rule.value)
        rows.append((f"`{rule.id}`{only}", _text(rule.title), rule.clause, shapes))
    yield _table(("rule", "finds", "clause", "value"), rows)


def _sentence(text: str) -> str:
    """A sentence as it stands after a colon."""
    return _text(text[:1].lower() + text[1:])


PAGES: dict[str, Callable[[], str]] = {
    "options.md": options_page,
    "rules.md": rules_page,
    "schemas/config.schema.json": config_schema,
    "schemas/pack.schema.json": lambda: _json(pack_schema()),
    "schemas/contract-request.schema.json": lambda: _json(contract_schema("request")),
    "schemas/contract-response.schema.json": lambda: _json(contract_schema("response")),
    "evidence-kinds.md": kinds_page,
    **{
        f"schemas/evidence/{name}.schema.json": lambda name=name: _json(kind_schema(kinds.load(name)))  # type: ignore[misc]
        for name in kinds.names()
    },
}


def main(arguments: Sequence[str]) -> int:
    """Write every stale page and return 0; with `--check` only compare, and return 1 if one is stale."""
    check = list(arguments) == ["--check"]
    if arguments and not check:
        sys.stderr.write("usage: generate.py [--check]\n")
        return 2
    stale = 0
    for name, render in PAGES.items():
        page = DOCS / name
        content = render()
        if page.exists() and page.read_text(encoding="utf-8") == content:
            continue
        if check:
            stale = 1
            sys.stderr.write(f"docs/{name} is stale: run python docs/generate.py\n")
        else:
            page.parent.mkdir(exist_ok=True)
            page.write_text(content, encoding="utf-8", newline="\n")
    return stale


def _properties(options: Iterable[Option]) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    for option in options:
        if option.key:
            value = {"type": "array", "items": option.kind.schema} if option.many else option.kind.schema
            properties[option.key] = {"description": option.help, **value}
            if option.default:
                properties[option.key]["default"] = option.default
    return properties


def _json(schema: dict[str, Any]) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _text(words: str) -> str:
    """Plain text escaped for Markdown, including table cells."""
    return re.sub(r"([\\`*_<>|\[\]])", r"\\\1", words)


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [heads, ("---",) * len(heads), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def _heading(table: Table) -> str:
    return f"[[{table.key}]]" if table.array else f"[{table.key}]"


def _value(option: Option) -> str:
    return "" if option.kind is SWITCH else " " + option.kind.metavar.replace("|", "\\|")


def _type(option: Option) -> str:
    words = _expected(option.kind)
    return f"a list, each {words}" if option.many else words


def _expected(kind: Kind) -> str:
    return f"one of {', '.join(f'`{choice}`' for choice in kind.choices)}" if kind.choices else kind.expects


def _default(option: Option) -> str:
    if option.many:
        return ", ".join(f"`{each}`" for each in option.default or ()) or option.shown
    if option.required:
        return "required"
    return option.shown or (f"`{option.default}`" if isinstance(option.default, str) else "")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
