"""The parts of a kind: fields, conditions, gates, companions. Frozen types."""

from __future__ import annotations

from typing import NamedTuple

from cavra_boundary.evidence.reference import DIGEST_LENGTHS

DIGESTS = {name: DIGEST_LENGTHS[name] for name in ("sha256", "sha384", "sha512")}
"""Digest algorithms without known collisions, and the number of hexadecimal digits of each."""


class Condition(NamedTuple):
    """One condition.

    test: a key of `TESTS`. fields: dotted names; section names for `complete`. expected: what the test compares with.
    companion: the name of the companion that is tested; "" for the packet.
    """

    test: str
    fields: tuple[str, ...]
    expected: tuple[str | int | bool, ...] = ()
    companion: str = ""

    @property
    def companions(self) -> tuple[str, ...]:
        """The companions that the condition cannot be tested without."""
        named = (self.companion, str(self.expected[0]) if self.test == "digest_of" else "")
        return tuple(filter(None, named))


class Field(NamedTuple):
    """One field of a packet, or a section of fields.

    path: its keys from the top. type: a key of `TYPES`. about: what it holds; completes "the field is …".
    of: the allowed labels; any if empty. optional: it may be absent. when: it is required only if these hold.
    option: the flag of `evidence new` that chooses its label; sample: the label it writes by default, the first if
    empty.
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
        """The condition that it holds one of its labels, if it is limited to some."""
        return (Condition("one_of", (self.name,), self.of),) if self.of and self.type == "label" else ()

    @property
    def section(self) -> str:
        """The section that contains it; "" for the top level."""
        return ".".join(self.path[:-1])


class Gate(NamedTuple):
    """A condition that a packet has to meet to be ready.

    warns: failing it is only a warning. passed, failed: the messages; next_step: what to do if it fails.
    when: the gate applies only if these hold. conditions: all have to hold.
    """

    name: str
    warns: bool
    passed: str
    failed: str
    next_step: str
    when: tuple[Condition, ...]
    conditions: tuple[Condition, ...]


class Companion(NamedTuple):
    """A document that a packet is about, and that may be checked along with it. kinds: those it may be of."""

    name: str
    title: str
    kinds: tuple[str, ...]


class Kind(NamedTuple):
    """One kind of packet. Sections come before their fields."""

    id: str
    title: str
    about: str
    written_in: str
    fields: tuple[Field, ...]
    gates: tuple[Gate, ...]
    companions: tuple[Companion, ...]

    def inside(self, section: str) -> tuple[Field, ...]:
        """The fields of a section; "" is the top level."""
        return tuple(field for field in self.fields if field.section == section)
