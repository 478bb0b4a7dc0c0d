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

[evidence.md](evidence.md) says what any packet may hold. A packet whose `schema_version` is one of the kinds below is
judged more strictly: it may hold the kind's fields and no other key, each with a value of its type. That is a finding
like any other, in `scan` too. What a packet has to hold so as to be *ready* is what gates say, and only
`cavra-boundary evidence check` asks them:

```sh
cavra-boundary evidence new trial-conversion-activation --target production > activation.evidence.json
cavra-boundary evidence check activation.evidence.json
cavra-boundary evidence check activation.evidence.json --with readiness.json --with approval.json
```

A gate that is not met is a blocker, or a warning where the kind says so. A packet is `blocked` if anything blocks,
`ready_with_warnings` if anything warns, else `ready`. These checks are the same for all kinds:

| check | |
| --- | --- |
| `no_private_material` | blocks or warns as the gravest finding in the file does |
| `required_fields` | blocks where a required field is missing, apart from what a gate of the kind misses already |
| `evidence_mode` | warns of a `sample`, which shows the shape only |
| `sanitized` | blocks where a `live` packet is not sanitized |

Exit codes are those of `scan`: 1 for findings and for a blocked packet, 3 for what could not be read.

**Other documents.** A packet names the evidence and the approval that it rests on by reference and digest. They are
private, so a public check has to take what the packet says of them: such a gate passes, and the report says that it
rests on that (`"basis": "stated"`). Where the documents are at hand, `--with` compares them really (`"compared"`):
their state, their package's reference and digest, and their own digest, which is that of the file's bytes, as
`sha256sum` gives it. A document that no packet is about, or a second one of the same sort, is wrong use.

`cavra-boundary evidence schema KIND` prints a JSON Schema of a kind's shape; they are also in
[schemas/evidence/](schemas/evidence/). `evidence explain KIND` says in a terminal what this page says.
"""

COMMON = """\
## All kinds

`schema_version` is the kind. Fields are required unless it says otherwise; a section's fields are required where the
section is. Any object may have flags such as `"license_key_included": false`.
"""

OUTRO = """\
## Writing a kind

One file `patterns/evidence/NAME.toml`, named after the `schema_version`. `common.toml` adds fields, vocabularies and
gates to every kind. Fields can also name the vocabularies of the [public contract](contracts.md), such as
`readiness_state`, and `result_status`, which is what gates give. A name can be used only below its definition; a
mistake is told with its line.

```toml
title = "Demo"
about = "What it is for."
written_in = "The page that says so"

fields = [
  # `evidence new` writes the first label, or `sample = "dropped"`; `--outcome` chooses another
  { name = "outcome", type = "label", of = ["kept", "dropped"], option = "outcome", about = "what became of it" },
]

[vocabularies]                # lists of labels that fields below can name: of = "states"
states = ["good", "bad"]

[[companion]]                 # a document that --with may give
name = "plan"
title = "plan"
kinds = ["cavra.demo-plan.evidence.v1"]

[[section]]                   # an object of fields; `when` and `optional` also stand in fields
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
| `field = F, equals = V` | the field is that label, count or flag; `fields = [F, …]` asks each of them |
| `field = F, one_of = [V, …]` | the field is one of these |
| `field = F, matches = G` | the field is the same as the packet's field G |
| `field = F, digest_of = C` | the field is the digest of companion C's bytes |
| `present = [F, …]` | each field is there, and neither null nor empty |
| `absent = [F, …]` | none of the fields is |
| `complete = [S, …]` | all required fields of the sections are there |
| `with = C` beside any of them | the same of companion C's fields |

`when` knows `equals` and `one_of` only, as a JSON Schema does. A condition on a companion is not asked without it.
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
        parts.append("".join(["| gate | asks | else |\n| --- | --- | --- |\n", *rows]))
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
    """Plain words as Markdown that shows them as they are, also in a table's cell."""
    return re.sub(r"([\\`*_<>|\[\]])", r"\\\1", words)
