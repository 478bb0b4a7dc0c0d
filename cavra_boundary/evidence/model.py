"""What a kind of packet is made of: fields, conditions, gates, companions. Frozen types."""

from __future__ import annotations

from typing import NamedTuple

from cavra_boundary.evidence.reference import DIGEST_LENGTHS

DIGESTS = {name: DIGEST_LENGTHS[name] for name in ("sha256", "sha384", "sha512")}
"""The algorithms in which nobody can make two packages with one digest, and how many hexadecimal digits each gives."""


class Condition(NamedTuple):
    """One condition.

    test: a key of `TESTS`. fields: dotted names; those of sections for `complete`. expected: what the test compares
    with. companion: whose fields are asked, by its name; "" for the packet's own.
    """

    test: str
    fields: tuple[str, ...]
    expected: tuple[str | int | bool, ...] = ()
    companion: str = ""

    @property
    def companions(self) -> tuple[str, ...]:
        """The companions without which there is no answer."""
        named = (self.companion, str(self.expected[0]) if self.test == "digest_of" else "")
        return tuple(filter(None, named))


class Field(NamedTuple):
    """One field of a packet, or a section of fields.

    path: its keys from the top. type: a key of `TYPES`. about: what it holds; completes "the field is …".
    of: the labels that it may be; any if empty. optional: it need not be there. when: it has to be there only if
    these hold. option: the flag of `evidence new` that chooses its label; sample: which one it writes otherwise, the
    first if empty.
    """

    path: tuple[str, ...]
    type: str
    about: str
    of: tuple[str, ...] = ()
    optional: bool = False
    when: tuple[Condition, ...] = ()
    option: str = ""
    sample: str = ""

    @property
    def name(self) -> str:
        return ".".join(self.path)

    @property
    def known(self) -> tuple[Condition, ...]:
        """That it holds one of its labels, if it has to."""
        return (Condition("one_of", (self.name,), self.of),) if self.of and self.type == "label" else ()

    @property
    def section(self) -> str:
        """The section that it stands in; "" for the top."""
        return ".".join(self.path[:-1])


class Gate(NamedTuple):
    """A condition that a packet has to meet to be ready.

    warns: not meeting it is a warning only. passed, failed: what to say of it; next_step: what to do then.
    when: the gate is asked only if these hold. conditions: all have to hold.
    """

    name: str
    warns: bool
    passed: str
    failed: str
    next_step: str
    when: tuple[Condition, ...]
    conditions: tuple[Condition, ...]


class Companion(NamedTuple):
    """A document that a packet is about, and that may be checked along with it. kinds: any of these."""

    name: str
    title: str
    kinds: tuple[str, ...]


class Kind(NamedTuple):
    """One kind of packet. Sections stand before their fields."""

    id: str
    title: str
    about: str
    written_in: str
    fields: tuple[Field, ...]
    gates: tuple[Gate, ...]
    companions: tuple[Companion, ...]

    def inside(self, section: str) -> tuple[Field, ...]:
        """The fields of a section; of the top for ""."""
        return tuple(field for field in self.fields if field.section == section)
