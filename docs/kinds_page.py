"""The page on evidence kinds, from patterns/evidence/*.toml."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cavra_boundary.cli.describe_kind import needed
from cavra_boundary.evidence import kinds
from cavra_boundary.evidence.conditions import in_words
from cavra_boundary.evidence.fieldtypes import TYPES, expectation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cavra_boundary.evidence.model import Field, Gate

INTRO = """\
# Evidence kinds and their gates

<!-- Written by docs/generate.py from patterns/evidence/*.toml. Do not edit. -->

[evidence.md](evidence.md) says what any packet may hold. If its `schema_version` is one of the kinds below, a packet is
checked more strictly: it may hold only the kind's fields, each with a value of its type. Anything else is a finding
like any other, in `scan` too. Gates say what a packet must hold to be *ready*, and only `cavra-boundary evidence check`
checks them:

```sh
cavra-boundary evidence new trial-conversion-activation --target production > activation.evidence.json
cavra-boundary evidence check activation.evidence.json
cavra-boundary evidence check activation.evidence.json --with readiness.json --with approval.json
```

A failed gate is a blocker, or a warning if the kind says so. A packet is `blocked` if it has blockers,
`ready_with_warnings` if it has only warnings, otherwise `ready`. These checks are the same for all kinds:

| check | |
| --- | --- |
| `no_private_material` | blocks or warns like the most severe finding in the file |
| `required_fields` | blocks if a required field is missing that no gate of the kind has already reported |
| `evidence_mode` | warns about a `sample`, which only shows the shape |
| `sanitized` | blocks if a `live` packet is not sanitized |

Exit codes are those of `scan`: 1 for findings or a blocked packet, 3 if something could not be read.

**Other documents.** A packet names the evidence and the approval it is based on by reference and digest. These
documents are private, so a public check relies on what the packet says about them: such a gate passes, marked in the
report with `"basis": "stated"`. If you have the documents, `--with` compares them (`"compared"`): their state, their
package's reference and digest, and their own digest, which is that of the file's bytes, as printed by `sha256sum`. A
document that no packet is about, or a second one of the same kind, is a usage error.

`cavra-boundary evidence schema KIND` prints a JSON Schema of a kind's shape; they are also in
[schemas/evidence/](schemas/evidence/). `evidence explain KIND` prints in a terminal what this page says.
"""

COMMON = """\
## All kinds

`schema_version` is the kind. Fields are required unless marked otherwise; a section's fields are required if the
section is. Any object may have flags such as `"license_key_included": false`.
"""

OUTRO = """\
## Writing a kind

One file `patterns/evidence/NAME.toml`, named after the `schema_version`. `common.toml` adds fields, vocabularies and
gates to every kind. Fields can also name the vocabularies of the [public contract](contracts.md), such as
`readiness_state`, and `result_status`, the result of gates. A name must be defined before it is used; errors give the
line.

```toml
title = "Demo"
about = "What it is for."
written_in = "The page that says so"

fields = [
  # `evidence new` writes the first label, or `sample = "dropped"`; `--outcome` chooses another
  { name = "outcome", type = "label", of = ["kept", "dropped"], option = "outcome", about = "what happened to it" },
]

[vocabularies]                # lists of labels that fields below can use: of = "states"
states = ["good", "bad"]

[[companion]]                 # a document that --with may supply
name = "plan"
title = "plan"
kinds = ["cavra.demo-plan.evidence.v1"]

[[section]]                   # an object of fields; fields also accept `when` and `optional`
name = "closing"
about = "how it was closed"
when = [{ field = "outcome", equals = "dropped" }]
fields = [{ name = "closing_ref", type = "reference", about = "what closed it" }]

[[gate]]
name = "closed"
level = "blocker"             # or "warn"
when = [{ field = "outcome", equals = "dropped" }]
pass = "It is closed."
fail = "It is not closed."
next_step = "Close it."
all = [{ present = ["closing.closing_ref"] }, { with = "plan", field = "outcome", matches = "outcome" }]
```

"""

CONDITIONS = """\
| condition | holds if |
| --- | --- |
| `field = F, equals = V` | the field is that label, count or flag; `fields = [F, …]` tests each of them |
| `field = F, one_of = [V, …]` | the field is one of these |
| `field = F, matches = G` | the field is the same as the packet's field G |
| `field = F, digest_of = C` | the field is the digest of companion C's bytes |
| `present = [F, …]` | each field is present, and neither null nor empty |
| `absent = [F, …]` | each field is absent, null or empty |
| `complete = [S, …]` | all required fields of the sections are present |
| `with = C` next to any but `digest_of` and `complete` | the same for companion C's fields |

`when` accepts only `equals` and `one_of`, as a JSON Schema does. A condition on a companion is skipped
if the companion is not given.
"""


def kinds_page() -> str:
    """Return docs/evidence-kinds.md."""
    types = "".join(f"| `{name}` | {each.expects} |\n" for name, each in TYPES.items() if name != "section")
    found = [kinds.load(name) for name in kinds.names()]
    fields = [field for field in found[0].fields if all(field in kind.fields for kind in found)]
    gates = [gate for gate in found[0].gates if all(gate in kind.gates for kind in found)]
    parts = [INTRO, COMMON, _fields(fields)]
    for kind in found:
        parts.append(f"## {kind.title}\n")
        parts.append(f"`{kind.id}`: {_text(kind.about)} Written in: {_text(kind.written_in)}.\n")
        parts += (
            f"With its {each.title}: {', '.join(f'`{name}`' for name in each.kinds)}.\n" for each in kind.companions
        )
        parts.append(_fields([field for field in kind.fields[1:] if field not in fields]))
        rows = [_gate(gate) for gate in kind.gates if gate not in gates]
        parts.append("".join(["| gate | requires | if not met |\n| --- | --- | --- |\n", *rows]))
    return "\n".join([*parts, f"{OUTRO}| type | a value is |\n| --- | --- |\n{types}\n{CONDITIONS}"])


def _fields(fields: Sequence[Field]) -> str:
    rows = [
        f"| `{field.name}` | {_text(expectation(field))}{_text(needed(field))} | {_text(field.about)} |\n"
        for field in fields
    ]
    return "".join(["| field | value | |\n| --- | --- | --- |\n", *rows])


def _gate(gate: Gate) -> str:
    asks = "; ".join(map(in_words, gate.conditions))
    when = f"if {' and '.join(map(in_words, gate.when))}: " if gate.when else ""
    level = "warning" if gate.warns else "blocker"
    return f"| `{gate.name}` | {_text(when + asks)} | {level}: {_text(gate.failed)} {_text(gate.next_step)} |\n"


def _text(words: str) -> str:
    """Plain words as Markdown that shows them unchanged, in table cells too."""
    return re.sub(r"([\\`*_<>|\[\]])", r"\\\1", words)
