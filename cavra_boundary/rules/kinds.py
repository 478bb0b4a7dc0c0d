"""All kinds of rule, by the names that packs have for them."""

from __future__ import annotations

from cavra_boundary.detect.kinds import ContentRule, PathRule, RecordRule, TextRule
from cavra_boundary.model import Rule


class PolicyRule(Rule):
    """A way in which a policy can be weaker than another; its name is the `kind` of a `weakening.Weakness`."""


class EvidenceRule(Rule):
    """Something that is wrong with an evidence packet: the check that its name is (see `evidence.CHECKS`)."""

    @property
    def check(self) -> str:
        return self.id.rpartition(".")[2]


KINDS: dict[str, type[Rule]] = {
    "text": TextRule,
    "record": RecordRule,
    "path": PathRule,
    "content": ContentRule,
    "policy": PolicyRule,
    "evidence": EvidenceRule,
}

GLOB_FIELDS = ("paths", "skip_paths", "globs")
"""The fields of any kind that hold `Globs`."""
